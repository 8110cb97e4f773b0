/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ready/readiness.h"

#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "tests/assert.h"
#include "tests/tree.h"

static const struct requirement *look(struct tree *tree, const char *name, const char *id)
{
	static struct readiness readiness;

	readiness_free(&readiness);
	assert_int_equal(readiness_read(tree->host, name, &readiness, NULL), 0);
	for (size_t i = 0; i < readiness.count; i++) {
		if (!strcmp(readiness.items[i].id, id))
			return &readiness.items[i];
	}
	return NULL;
}

/* Asserts that the requirement is in STATE, contains WORDS, and has a remedy unless it is met. */
static void assert_found(
		struct tree *tree, const char *id, enum requirement_state state, const char *words)
{
	const struct requirement *item = look(tree, NULL, id);

	assert_non_null(item);
	if (item->state != state)
		fail_msg("%s is in state %d: %s", id, item->state, item->found);
	assert_says(item->found, words);
	assert_int_equal(item->remedy == NULL, state == REQUIREMENT_MET);
}

static void is_met_on_a_good_machine(void **state)
{
	struct tree *tree = *state;
	CLEANUP(cleanup_readiness) struct readiness readiness = { 0 };

	assert_int_equal(readiness_read(tree->host, NULL, &readiness, NULL), 0);
	assert_true(readiness.count >= 10);
	for (size_t i = 0; i < readiness.count; i++) {
		/* No machine moves with its VFs of an igb. */
		if (readiness.items[i].state != REQUIREMENT_MET &&
				strcmp(readiness.items[i].id, "migration") != 0)
			fail_msg("%s: %s", readiness.items[i].id, readiness.items[i].found);
	}
}

static void tells_an_iommu_off_in_firmware_from_one_off_in_the_kernel(void **state)
{
	struct tree *tree = *state;

	tree_remove(tree, "sys/kernel/iommu_groups");
	assert_found(tree, "iommu", REQUIREMENT_MISSING, "the kernel does not use it");
	assert_found(tree, "interrupt-remapping", REQUIREMENT_MISSING, "needs the IOMMU");
	tree_file(tree, "proc/cmdline", "quiet intel_iommu=off\n");
	assert_found(tree, "iommu", REQUIREMENT_MISSING, "intel_iommu=off switches it off");
	tree_remove(tree, "sys/firmware/acpi/tables/DMAR");
	assert_found(tree, "iommu", REQUIREMENT_MISSING, "the firmware offers none");
	tree_file(tree, "sys/firmware/acpi/tables/IVRS", "");
	assert_found(tree, "iommu", REQUIREMENT_MISSING, "IVRS");
}

static void tells_why_interrupts_are_not_remapped(void **state)
{
	struct tree *tree = *state;

	tree_file(tree, "proc/interrupts", "  0:  325  IO-APIC   2-edge      timer\n");
	assert_found(tree, "interrupt-remapping", REQUIREMENT_MISSING, "does not use it");
	tree_file(tree, "sys/class/iommu/dmar0/intel-iommu/ecap", "f00f46\n");
	assert_found(tree, "interrupt-remapping", REQUIREMENT_MISSING, "cannot remap");
	tree_remove(tree, "proc/interrupts");
	assert_found(tree, "interrupt-remapping", REQUIREMENT_UNKNOWN, "proc/interrupts");
}

static void sees_what_the_kernel_was_started_with(void **state)
{
	struct tree *tree = *state;

	tree_file(tree, "proc/cmdline", "my_pcie_acs_override=1 intel_iommu=on\n");
	assert_null(look(tree, NULL, "acs-override"));
	tree_file(tree, "proc/cmdline", "pcie_acs_override=downstream intel_iommu=on\n");
	assert_found(tree, "acs-override", REQUIREMENT_MISSING, "pcie_acs_override");
	tree_file(tree, "sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	assert_found(tree, "lockdown", REQUIREMENT_WEAK, "integrity");
}

static void sees_passthrough_mode(void **state)
{
	struct tree *tree = *state;

	tree_file(tree, "sys/kernel/iommu_groups/7/type", "identity\n");
	assert_found(tree, "iommu-mode", REQUIREMENT_WEAK, "passthrough");
}

static void sees_drivers_that_do_not_do(void **state)
{
	struct tree *tree = *state;

	tree_driver(tree, TREE_PF, "vfio-pci");
	assert_found(tree, "driver", REQUIREMENT_MISSING, "vfio-pci");
	tree_remove(tree, "sys/bus/pci/devices/" TREE_PF "/driver");
	assert_found(tree, "driver", REQUIREMENT_MISSING, "no driver");
	tree_driver(tree, TREE_PF, "igb");
	tree_remove(tree, "sys/bus/pci/devices/" TREE_PF "/net");
	assert_found(tree, "driver", REQUIREMENT_WEAK, "without a network interface");
}

static void sees_what_the_slot_lacks(void **state)
{
	struct tree *tree = *state;

	tree_config_word(tree, TREE_PORT, 0x54 + 0x28, 0); /* ARI forwarding */
	assert_found(tree, "ari", REQUIREMENT_WEAK, "does not forward ARI");
	tree_config_word(tree, TREE_PF, 0x160 + 0x14, 0x180); /* first VF offset */
	assert_found(tree, "bus-numbers", REQUIREMENT_WEAK, "needs bus 02");
	tree_config_word(tree, TREE_PORT, 0x14e, 0); /* ACS control */
	assert_found(tree, "acs", REQUIREMENT_MISSING, TREE_PORT);
	tree_group(tree, TREE_PORT, 7);
	tree_group(tree, TREE_VF0, 7);
	assert_found(tree, "iommu-group", REQUIREMENT_MISSING,
			"group 7 holds the PF, VF 0, " TREE_PORT);
}

static void sees_vf_bars_without_address(void **state)
{
	struct tree *tree = *state;
	char lines[1024] = "";

	for (int i = 0; i < 10; i++)
		strcat(lines, "0x0000000000000000 0x0000000000000000 0x0000000000000000\n");
	tree_attribute(tree, TREE_PF, "resource", lines);
	assert_found(tree, "vf-bars", REQUIREMENT_MISSING, "no address");
	lines[7 * 57] = '\0';
	strcat(lines, "0x00000000fe844000 0x00000000fe85ffff 0x0000000000140204\n");
	tree_attribute(tree, TREE_PF, "resource", lines);
	/* BAR 3 of the capability has the bits of a 64-bit BAR, and no address. */
	tree_config_word(tree, TREE_PF, 0x160 + 0x24 + 3 * 4, 0x0004);
	assert_found(tree, "vf-bars", REQUIREMENT_MISSING, "1 of 2");
}

static void judges_nothing_that_it_cannot_read(void **state)
{
	struct tree *tree = *state;
	CLEANUP(cleanup_free)
	char *config = text_format("%s/sys/bus/pci/devices/" TREE_PF "/config", tree->root);

	tree_config_word(tree, TREE_PF, 0x160 + 0x14, 0); /* first VF offset */
	assert_found(tree, "bus-numbers", REQUIREMENT_UNKNOWN, "does not say yet");
	tree_config_word(tree, TREE_PF, 0x160 + 0x14, 0x80);
	tree_config_word(tree, TREE_PF, 0x160 + 0x16, 0); /* stride */
	assert_found(tree, "bus-numbers", REQUIREMENT_UNKNOWN, "does not say yet");
	tree_attribute(tree, TREE_PF, "resource", "");
	assert_found(tree, "vf-bars", REQUIREMENT_MISSING, "no address");
	assert_int_equal(truncate(config, 64), 0);
	assert_found(tree, "vf-bars", REQUIREMENT_UNKNOWN, "cannot be read");
	assert_string_equal(look(tree, NULL, "vf-bars")->remedy, "Run as root");
	assert_found(tree, "ari", REQUIREMENT_UNKNOWN, "cannot be read");
	assert_found(tree, "bus-numbers", REQUIREMENT_UNKNOWN, "cannot be read");
}

static void sees_a_card_that_is_down_or_unplugged(void **state)
{
	struct tree *tree = *state;

	tree_attribute(tree, TREE_PF, "net/eth0/carrier", "0\n");
	assert_found(tree, "link", REQUIREMENT_WEAK, "no link");
	tree_attribute(tree, TREE_PF, "net/eth0/flags", "0x1002\n");
	assert_found(tree, "up", REQUIREMENT_WEAK, "eth0 is down");
}

static void says_what_a_function_without_sriov_lacks(void **state)
{
	struct tree *tree = *state;
	const struct requirement *item = look(tree, TREE_PORT, "capable");

	assert_non_null(item);
	assert_int_equal(item->state, REQUIREMENT_MISSING);
	assert_says(item->found, "shows no SR-IOV capability");
	tree_remove(tree, "sys/bus/pci/devices/" TREE_PF "/sriov_totalvfs");
	item = look(tree, TREE_PF, "capable");
	assert_says(item->found, "the kernel does not offer it");
	assert_found(tree, "card", REQUIREMENT_MISSING, "no PCI function");
}

static void refuses_vfs_and_absent_cards(void **state)
{
	struct tree *tree = *state;
	CLEANUP(cleanup_readiness) struct readiness readiness = { 0 };
	struct err err = { 0 };

	assert_int_equal(readiness_read(tree->host, TREE_VF0, &readiness, &err), -EINVAL);
	assert_says(err.msg, "virtual function");
	readiness_free(&readiness);
	assert_int_equal(readiness_read(tree->host, "eth9", &readiness, NULL), -ENODEV);
}

static void has_a_record(void **state)
{
	CLEANUP(cleanup_record) struct record *record = NULL;
	struct tree *tree = *state;
	CLEANUP(cleanup_readiness) struct readiness readiness = { 0 };

	assert_int_equal(readiness_read(tree->host, NULL, &readiness, NULL), 0);
	record = readiness_to_record(&readiness);
	assert_int_equal(record_length(record), readiness.count);
	assert_string_equal(record_str(record_at(record, 0), "id", ""), "iommu");
	assert_string_equal(record_str(record_at(record, 0), "state", ""), "met");
}

static void keeps_any_number_of_requirements(void **state)
{
	CLEANUP(cleanup_readiness) struct readiness readiness = { 0 };

	(void)state;
	for (int i = 0; i < 1000; i++)
		requirement_add(&readiness, "x", "host", REQUIREMENT_WEAK, "y", "number %d", i);
	assert_int_equal(readiness.count, 1000);
	assert_string_equal(readiness.items[999].found, "number 999");
}

#define WITH_TREE(test) cmocka_unit_test_setup_teardown(test, tree_setup, tree_teardown)

#define ALIASES      "lib/modules/6.12.9-test/modules.alias"
#define OF_VFIO      "alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci\n"
#define OF_MLX5      "alias vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5_vfio_pci\n"
#define OF_MLX5_CORE "alias pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5_core\n"

static void make_vfs(struct tree *tree, const char *vendor, const char *device)
{
	tree_attribute(tree, TREE_PF, "vendor", vendor);
	tree_attribute(tree, TREE_VF0, "vendor", vendor);
	tree_attribute(tree, TREE_VF0, "device", device);
	tree_file(tree, "proc/sys/kernel/osrelease", "6.12.9-test\n");
}

/* What Debian has: vfio_pci alone, and no option of a variant driver set. */
static void says_that_vfs_move_by_failover_only(void **state)
{
	struct tree *tree = *state;

	make_vfs(tree, "0x8086", "0x10ca");
	assert_found(tree, "migration", REQUIREMENT_UNKNOWN, "without modules.alias");
	tree_file(tree, ALIASES, OF_MLX5 OF_VFIO);
	assert_found(tree, "migration", REQUIREMENT_WEAK, "no driver of kernel 6.12.9-test");
	assert_says(look(tree, NULL, "migration")->remedy, "Failover=");
	make_vfs(tree, "0x15b3", "0x101e");
	tree_file(tree, ALIASES, OF_MLX5_CORE OF_VFIO);
	assert_found(tree, "migration", REQUIREMENT_WEAK,
			"mlx5_vfio_pci, which moves VFs 15b3:101e from Linux 5.18 on, is not in "
			"kernel 6.12.9-test: by failover only");
	tree_file(tree, "boot/config-6.12.9-test", "# CONFIG_MLX5_VFIO_PCI is not set\n");
	assert_found(tree, "migration", REQUIREMENT_WEAK, "(CONFIG_MLX5_VFIO_PCI is not set)");
}

static void finds_the_driver_that_moves_vfs(void **state)
{
	static const struct {
		const char *vendor, *device, *alias;
		enum requirement_state state;
		const char *words;
	} cases[] = {
		{ "0x15b3", "0x101e", OF_VFIO OF_MLX5, REQUIREMENT_MET, "mlx5_vfio_pci moves" },
		{ "0x1dd8", "0x1003",
				"alias vfio_pci:v00001DD8d00001003sv*sd*bc*sc*i* pds_vfio_pci\n",
				REQUIREMENT_MET, "pds_vfio_pci moves" },
		{ "0x10de", "0x2342",
				"alias vfio_pci:v000010DEd00002342sv*sd*bc*sc*i* nvgrace_gpu_vfio_pci\n",
				REQUIREMENT_WEAK, "does not move them" },
		{ "0x8086", "0x10ca", "alias vfio_pci:v00008086d*sv*sd*bc*sc*i* own_vfio\n",
				REQUIREMENT_WEAK,
				"own_vfio, which takes its VFs (8086:10ca), is not known" },
		{ "0x8086", "0x10ca", "alias vfio_pci:v00008086d000010CBsv*sd*bc*sc*i* own_vfio\n",
				REQUIREMENT_WEAK, "no driver" },
		{ "0x8086", "0x10ca",
				"alias vfio_pci:v00008086d000010CA\nalias vfio_pci:v\nalias\n",
				REQUIREMENT_WEAK, "no driver" },
	};
	struct tree *tree = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		make_vfs(tree, cases[i].vendor, cases[i].device);
		tree_file(tree, ALIASES, cases[i].alias);
		assert_found(tree, "migration", cases[i].state, cases[i].words);
	}
}

/* virtio_vfio_pci is older than what it can do. */
static void knows_since_when_a_driver_moves_vfs(void **state)
{
	static const char alias[] =
			"alias vfio_pci:v00001AF4d00001041sv*sd*bc*sc*i* virtio_vfio_pci\n";
	struct tree *tree = *state;

	make_vfs(tree, "0x1af4", "0x1041");
	tree_file(tree, ALIASES, alias);
	assert_found(tree, "migration", REQUIREMENT_WEAK,
			"from Linux 6.13 on; this is 6.12.9-test");
	tree_file(tree, "proc/sys/kernel/osrelease", "6.13.0\n");
	tree_file(tree, "usr/lib/modules/6.13.0/modules.alias", alias);
	assert_found(tree, "migration", REQUIREMENT_MET, "virtio_vfio_pci moves");
}

/* What is built in has no alias. */
static void finds_a_driver_that_is_built_in(void **state)
{
	struct tree *tree = *state;

	make_vfs(tree, "0x15b3", "0x101e");
	tree_file(tree, "boot/config-6.12.9-test",
			"CONFIG_MLX5_VFIO_PCI_X=m\nCONFIG_MLX5_VFIO_PCI=y\n");
	assert_found(tree, "migration", REQUIREMENT_MET, "mlx5_vfio_pci moves");
	tree_file(tree, "boot/config-6.12.9-test", "CONFIG_MLX5_VFIO_PCI_X=y\n");
	assert_found(tree, "migration", REQUIREMENT_UNKNOWN, "without modules.alias");
}

static void knows_the_id_of_vfs_before_there_are_any(void **state)
{
	struct tree *tree = tree_igb(0);

	(void)state;
	tree_file(tree, "proc/sys/kernel/osrelease", "6.12.9-test\n");
	tree_file(tree, ALIASES, OF_VFIO);
	tree_attribute(tree, TREE_PF, "sriov_vf_device", "10cb");
	assert_found(tree, "migration", REQUIREMENT_WEAK, "8086:10cb");
	tree_free(tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_TREE(is_met_on_a_good_machine),
		WITH_TREE(tells_an_iommu_off_in_firmware_from_one_off_in_the_kernel),
		WITH_TREE(tells_why_interrupts_are_not_remapped),
		WITH_TREE(sees_what_the_kernel_was_started_with),
		WITH_TREE(sees_passthrough_mode),
		WITH_TREE(sees_drivers_that_do_not_do),
		WITH_TREE(sees_what_the_slot_lacks),
		WITH_TREE(sees_vf_bars_without_address),
		WITH_TREE(judges_nothing_that_it_cannot_read),
		WITH_TREE(sees_a_card_that_is_down_or_unplugged),
		WITH_TREE(says_what_a_function_without_sriov_lacks),
		WITH_TREE(refuses_vfs_and_absent_cards),
		WITH_TREE(has_a_record),
		WITH_TREE(says_that_vfs_move_by_failover_only),
		WITH_TREE(finds_the_driver_that_moves_vfs),
		WITH_TREE(knows_since_when_a_driver_moves_vfs),
		WITH_TREE(finds_a_driver_that_is_built_in),
		cmocka_unit_test(knows_the_id_of_vfs_before_there_are_any),
		cmocka_unit_test(keeps_any_number_of_requirements),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
