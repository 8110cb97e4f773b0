/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/iommu.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "host/interrupts.h"
#include "tests/assert.h"
#include "tests/tree.h"

static const struct bdf vf0 = { 0, 1, 16, 0 };

static void reads_a_fault_from_the_log(void **state)
{
	struct iommu_fault fault;

	(void)state;
	assert_true(iommu_fault_parse("DMAR: [DMA Write NO_PASID] Request device [01:10.2] fault "
				      "addr 0x4a1cf41000 [fault reason 0x05] PTE Write access is "
				      "not set",
			&fault));
	assert_int_equal(fault.requester, 0x0182);
	assert_int_equal(fault.address, 0x4a1cf41000);
	assert_int_equal(fault.reason, 5);
	assert_false(fault.read);
	assert_true(iommu_fault_parse("DMAR: [DMA Read NO_PASID] Request device [ff:1f.7] fault "
				      "addr 0x1234 [fault reason 0x06] PTE Read access is not set",
			&fault));
	assert_int_equal(fault.requester, 0xffff);
	assert_int_equal(fault.address, 0x1000);
	assert_true(fault.read);
}

static void takes_no_other_line_for_a_fault(void **state)
{
	struct iommu_fault fault;

	(void)state;
	assert_false(iommu_fault_parse("DMAR: DRHD: handling fault status reg 2", &fault));
	assert_false(iommu_fault_parse("[DMA Write] Request device [01:10.2] fault", &fault));
	assert_false(iommu_fault_parse("", &fault));
}

/* A unit with two fault records at 0x220, whose registers are at the start of memory. */
static void add_unit(struct tree *tree)
{
	CLEANUP(cleanup_fd) int fd = -1;
	uint64_t records[4] = { 0, 0, 0x5000, 1ull << 62 | 6ull << 32 | 0x0180 };

	tree_link(tree, "sys/bus/pci/devices/" TREE_VF0 "/iommu", "../../virtual/iommu/dmar0");
	tree_file(tree, "sys/class/iommu/dmar0/intel-iommu/cap", "d2018c222f0686\n");
	tree_file(tree, "sys/class/iommu/dmar0/intel-iommu/address", "0\n");
	tree_file(tree, "dev/mem", "");
	fd = host_open_file(tree->host, "dev/mem", O_RDWR);
	assert_int_equal(ftruncate(fd, 4096), 0);
	assert_int_equal(pwrite(fd, records, sizeof(records), 0x220), sizeof(records));
}

static void reads_fault_records(void **state)
{
	struct tree *tree = *state;
	struct iommu_unit unit;
	struct iommu_fault fault;
	struct err err = { 0 };

	add_unit(tree);
	assert_int_equal(iommu_unit_open(tree->host, vf0, &unit, &err), 0);
	assert_string_equal(unit.name, "dmar0");
	assert_int_equal(iommu_unit_records(&unit), 2);
	iommu_unit_record(&unit, 1, &fault);
	assert_int_equal(fault.requester, 0x0180);
	assert_int_equal(fault.address, 0x5000);
	assert_int_equal(fault.reason, 6);
	assert_true(fault.read);
	iommu_unit_close(&unit);
	assert_int_equal(iommu_unit_records(&unit), 0);
}

static void does_without_records_that_cannot_be_read(void **state)
{
	struct tree *tree = *state;
	struct iommu_unit unit;

	add_unit(tree);
	tree_remove(tree, "dev/mem");
	assert_int_equal(iommu_unit_open(tree->host, vf0, &unit, NULL), 0);
	assert_string_equal(unit.name, "dmar0");
	assert_int_equal(iommu_unit_records(&unit), 0);
	iommu_unit_close(&unit);
}

static void tells_no_unit_from_one_that_is_not_known(void **state)
{
	struct tree *tree = *state;
	struct iommu_unit unit;
	struct err err = { 0 };

	assert_int_equal(iommu_unit_open(tree->host, vf0, &unit, &err), 0);
	assert_string_equal(unit.name, "");
	tree_link(tree, "sys/bus/pci/devices/" TREE_VF0 "/iommu", "../../virtual/iommu/ivhd0");
	assert_int_equal(iommu_unit_open(tree->host, vf0, &unit, &err), -EOPNOTSUPP);
	assert_non_null(strstr(err.msg, "ivhd0"));
}

static void sums_interrupts_over_cpus(void **state)
{
	struct tree *tree = *state;
	uint64_t taken;

	tree_file(tree, "proc/interrupts",
			"            CPU0       CPU1\n"
			"  24:          3          4  DMAR-MSI   0-edge      dmar0\n"
			"  25:          1          0  DMAR-MSI   1-edge      dmar1\n"
			"  32:          9          9  IR-PCI-MSIX-0000:01:00.0   0-edge      eth0\n"
			" SPU:          2          5   Spurious interrupts\n"
			" ERR:          0\n");
	assert_int_equal(interrupts_taken(tree->host, "dmar0", &taken, NULL), 0);
	assert_int_equal(taken, 7);
	assert_int_equal(interrupts_taken(tree->host, "dmar*", &taken, NULL), 0);
	assert_int_equal(taken, 8);
	assert_int_equal(interrupts_taken(tree->host, "SPU", &taken, NULL), 0);
	assert_int_equal(taken, 7);
	assert_int_equal(interrupts_taken(tree->host, "eth1", &taken, NULL), 0);
	assert_int_equal(taken, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_fault_from_the_log),
		cmocka_unit_test(takes_no_other_line_for_a_fault),
		cmocka_unit_test_setup_teardown(reads_fault_records, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(does_without_records_that_cannot_be_read,
				tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(tells_no_unit_from_one_that_is_not_known,
				tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(
				sums_interrupts_over_cpus, tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
