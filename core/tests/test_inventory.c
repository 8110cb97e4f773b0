/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sriov/inventory.h"

#include "base/cleanup.h"
#include "pci/space.h"
#include "tests/assert.h"
#include "tests/tree.h"

static void counts_in_one_pass(void **state)
{
	CLEANUP(cleanup_inventory) struct inventory inventory = { 0 };
	struct tree *tree = *state;
	const struct pf *pf;

	assert_int_equal(inventory_read(tree->host, INVENTORY_COUNTS, &inventory, NULL), 0);
	assert_int_equal(inventory.count, 1);
	pf = &inventory.pfs[0];
	assert_int_equal(pf->function.vendor, 0x8086);
	assert_int_equal(pf->function.device, 0x10c9);
	assert_string_equal(pf->function.driver, "igb");
	assert_string_equal(pf->function.netdev, "eth0");
	assert_int_equal(pf->function.iommu_group, 7);
	assert_int_equal(pf->function.numa_node, -1);
	assert_int_equal(pf->total_vfs, 7);
	assert_int_equal(pf->num_vfs, 4);
	assert_true(pf->autoprobe);
}

static void tells_all_of_a_card(void **state)
{
	CLEANUP(cleanup_pf) struct pf pf = { 0 };
	struct tree *tree = *state;

	assert_int_equal(pf_read(tree->host, "eth0", &pf, NULL), 0);
	assert_int_equal(pf.card_vfs, 8);
	assert_true(pf.ari_capable && pf.ari_enabled);
	assert_true(pf.function.flr);
	assert_int_equal(pf.function.class_code, 0x020000);
	assert_int_equal(pf.group_size, 1);
	assert_int_equal(pf.hop_count, 1);
	assert_true(pf.net.up);
	assert_int_equal(pf.vf_count, 4);
	assert_int_equal(pf.vfs[2].index, 2);
	assert_int_equal(pf.vfs[2].function.bdf.function, 4);
	assert_string_equal(pf.vfs[2].function.driver, "igbvf");
	assert_string_equal(pf.vfs[2].function.netdev, "eth3");
	assert_int_equal(pf.vfs[2].settings.given, 0);
	assert_int_equal(pf.vfs[2].holder.kind, HOLDER_NONE);
}

static void finds_a_card_by_both_names(void **state)
{
	struct tree *tree = *state;
	struct bdf bdf;

	assert_int_equal(pf_find(tree->host, "0000:01:00.0", &bdf, NULL), 0);
	assert_int_equal(pf_find(tree->host, "01:00.0", &bdf, NULL), 0);
	assert_int_equal(pf_find(tree->host, "eth0", &bdf, NULL), 0);
	assert_int_equal(bdf.bus, 1);
}

static void says_what_there_is_instead(void **state)
{
	static const struct {
		const char *name;
		int code;
		const char *says;
	} bad[] = {
		{ "eth9", -ENODEV, "0000:01:00.0 (eth0)" },
		{ "", -ENODEV, "0000:01:00.0 (eth0)" },
		{ "0000:09:00.0", -ENODEV, "0000:01:00.0 (eth0)" },
		{ "eth1", -EINVAL, "virtual function of 0000:01:00.0" },
		{ TREE_VF0, -EINVAL, "virtual function of 0000:01:00.0" },
		{ TREE_PORT, -EINVAL, "no SR-IOV" },
		{ "../../etc", -ENODEV, "there is no card" },
	};
	struct tree *tree = *state;
	struct pf pf = { 0 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct err err = { 0 };

		assert_int_equal(pf_read(tree->host, bad[i].name, &pf, &err), bad[i].code);
		assert_says(err.msg, bad[i].says);
	}
}

static void sees_no_flr_where_the_kernel_offers_none(void **state)
{
	CLEANUP(cleanup_pf) struct pf pf = { 0 };
	struct tree *tree = *state;

	tree_attribute(tree, TREE_VF0, "reset_method", "bus\n");
	tree_remove(tree, "sys/bus/pci/devices/0000:01:10.2/reset_method");
	tree_remove(tree, "sys/bus/pci/devices/0000:01:10.4/reset_method");
	tree_remove(tree, "sys/bus/pci/devices/0000:01:10.4/reset");
	assert_int_equal(pf_read(tree->host, "eth0", &pf, NULL), 0);
	assert_false(pf.vfs[0].function.flr);
	assert_true(pf.vfs[1].function.flr);
	assert_false(pf.vfs[2].function.flr);
}

static void believes_ari_only_when_the_port_forwards_it(void **state)
{
	CLEANUP(cleanup_pf) struct pf pf = { 0 };
	struct tree *tree = *state;

	tree_config_word(tree, TREE_PORT, 0x54 + 0x28, 0);
	assert_int_equal(pf_read(tree->host, "eth0", &pf, NULL), 0);
	assert_true(pf.ari_capable);
	assert_false(pf.ari_enabled);
}

/* Ten switches, of two bridges each, below a root port. */
static void reads_a_card_below_many_switches(void **state)
{
	enum { SWITCHES = 10, ROOM = 512 };
	char place[ROOM] = "pci0000:00/0000:00:01.0", bdf[BDF_TEXT];
	CLEANUP(cleanup_card) struct card card = { 0 };
	CLEANUP(cleanup_pf) struct pf pf = { 0 };
	struct tree *tree = *state;
	struct err err = { 0 };

	for (unsigned bus = 0x20; bus < 0x20 + 2 * SWITCHES; bus++) {
		snprintf(bdf, sizeof(bdf), "0000:%02x:00.0", bus);
		snprintf(place + strlen(place), ROOM - strlen(place), "/%s", bdf);
		tree_function(tree, place, 0x104c, 0x8232 + bus % 2, 0x060400);
		tree_config(tree, bdf, "switch.txt", bus % 2 ? "02:00.0" : "01:00.0");
	}
	snprintf(place + strlen(place), ROOM - strlen(place), "/0000:40:00.0");
	tree_function(tree, place, 0x8086, 0x10c9, 0x020000);
	tree_config(tree, "0000:40:00.0", "igb.txt", "01:00.0");
	tree_attribute(tree, "0000:40:00.0", "sriov_totalvfs", "7\n");
	if (pf_read(tree->host, "0000:40:00.0", &pf, &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(pf.hop_count, SWITCHES + 1);
	assert_int_equal(card_read(tree->host, pf.function.bdf, &card, NULL), 0);
	assert_int_equal(card.port.bdf.bus, 0x20 + 2 * SWITCHES - 1);
}

static void leaves_out_vfs_that_are_not_there(void **state)
{
	CLEANUP(cleanup_pf) struct pf pf = { 0 };
	struct tree *tree = *state;

	tree_remove(tree, "sys/bus/pci/devices/" TREE_PF "/virtfn1");
	assert_int_equal(pf_read(tree->host, "eth0", &pf, NULL), 0);
	assert_int_equal(pf.num_vfs, 4);
	assert_int_equal(pf.vf_count, 3);
	assert_int_equal(pf.vfs[1].index, 2);
}

static void survives_a_machine_without_pci(void **state)
{
	CLEANUP(cleanup_inventory) struct inventory inventory = { 0 };
	struct tree *tree = *state;
	struct err err = { 0 };

	tree_remove(tree, "sys/bus/pci");
	assert_int_equal(inventory_read(tree->host, INVENTORY_FULL, &inventory, &err), -ENOENT);
	assert_says(err.msg, "sys/bus/pci/devices");
}

static void describes_itself(void **state)
{
	CLEANUP(cleanup_pf) struct pf pf = { 0 };
	CLEANUP(cleanup_record) struct record *record = NULL;
	const struct record *vf;
	struct tree *tree = *state;

	assert_int_equal(pf_read(tree->host, "eth0", &pf, NULL), 0);
	record = pf_to_record(&pf);
	assert_string_equal(record_str(record, "bdf", ""), TREE_PF);
	assert_string_equal(record_str(record, "device", ""), "10c9");
	assert_non_null(record_get(record, "numa_node"));
	assert_int_equal(record_int(record, "numa_node", -7), -7);
	assert_int_equal(record_int(record, "num_vfs", 0), 4);
	vf = record_at(record_get(record, "vfs"), 3);
	assert_int_equal(record_int(vf, "index", 0), 3);
	assert_string_equal(record_str(record_get(vf, "holder"), "kind", ""), "none");
}

#define WITH_TREE(test) cmocka_unit_test_setup_teardown(test, tree_setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_TREE(counts_in_one_pass),
		WITH_TREE(tells_all_of_a_card),
		WITH_TREE(finds_a_card_by_both_names),
		WITH_TREE(says_what_there_is_instead),
		WITH_TREE(sees_no_flr_where_the_kernel_offers_none),
		WITH_TREE(believes_ari_only_when_the_port_forwards_it),
		WITH_TREE(reads_a_card_below_many_switches),
		WITH_TREE(leaves_out_vfs_that_are_not_there),
		WITH_TREE(survives_a_machine_without_pci),
		WITH_TREE(describes_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
