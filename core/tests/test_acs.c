/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pci/acs.h"

#include "tests/assert.h"
#include "tests/tree.h"

static const struct bdf pf = { 0, 1, 0, 0 };

enum { PORT_ACS_CONTROL = 0x14e };

static struct acs_hop walk(struct tree *tree, size_t *count)
{
	struct acs_hop hops[4] = { { .enabled = false } };

	assert_int_equal(acs_walk(tree->host, pf, hops, 4, count, NULL), 0);
	return hops[0];
}

static void finds_all_four_services(void **state)
{
	size_t count;
	struct acs_hop hop = walk(*state, &count);

	assert_int_equal(count, 1);
	assert_true(hop.capable && hop.enabled);
	assert_false(hop.bridge_to_pci);
	assert_string_equal(hop.services, "SrcValid+ ReqRedir+ CmpltRedir+ UpstreamFwd+");
}

static void sees_one_service_off(void **state)
{
	struct tree *tree = *state;
	struct acs_hop hop;
	size_t count;

	tree_config_word(tree, TREE_PORT, PORT_ACS_CONTROL, 0x1d & ~(1 << 2));
	hop = walk(tree, &count);
	assert_true(hop.capable);
	assert_false(hop.enabled);
	assert_string_equal(hop.services, "SrcValid+ ReqRedir- CmpltRedir+ UpstreamFwd+");
}

static void believes_no_control_without_capability(void **state)
{
	struct tree *tree = *state;
	struct acs_hop hop;
	size_t count;

	tree_config_word(tree, TREE_PORT, 0x14c, 0x5f & ~1);
	hop = walk(tree, &count);
	assert_false(hop.capable);
	assert_false(hop.enabled);
}

static void sees_a_port_without_acs(void **state)
{
	struct tree *tree = *state;
	struct acs_hop hop;
	size_t count;

	tree_config(tree, TREE_PORT, "root-port-without-acs.txt", "00:01.0");
	hop = walk(tree, &count);
	assert_false(hop.capable);
	assert_string_equal(hop.services, "no ACS");
}

static void leaves_upstream_ports_out(void **state)
{
	struct acs_hop hops[4];
	struct tree *tree = *state;
	struct err err = { 0 };
	size_t count;

	tree_function(tree, "pci0000:00/0000:00:01.0/0000:02:00.0", 0x104c, 0x8232, 0x060400);
	tree_config(tree, "0000:02:00.0", "switch.txt", "01:00.0");
	tree_function(tree, "pci0000:00/0000:00:01.0/0000:02:00.0/0000:03:00.0", 0x104c, 0x8233,
			0x060400);
	tree_config(tree, "0000:03:00.0", "switch.txt", "02:00.0");
	tree_function(tree, "pci0000:00/0000:00:01.0/0000:02:00.0/0000:03:00.0/0000:04:00.0",
			0x8086, 0x10c9, 0x020000);
	assert_int_equal(
			acs_walk(tree->host, (struct bdf){ 0, 4, 0, 0 }, hops, 4, &count, NULL), 0);
	assert_int_equal(count, 2);
	assert_int_equal(hops[0].bdf.bus, 3);
	assert_string_equal(hops[0].services, "no ACS");
	assert_true(hops[1].enabled);
	assert_int_equal(acs_walk(tree->host, (struct bdf){ 0, 4, 0, 0 }, hops, 1, &count, &err),
			-E2BIG);
}

static void knows_a_bridge_to_pci(void **state)
{
	struct tree *tree = *state;
	struct acs_hop hop;
	size_t count;

	tree_config_word(tree, TREE_PORT, 0x34, 0); /* no capabilities */
	hop = walk(tree, &count);
	assert_true(hop.bridge_to_pci);
	assert_false(hop.enabled);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(finds_all_four_services, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(sees_one_service_off, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(
				believes_no_control_without_capability, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(sees_a_port_without_acs, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(
				leaves_upstream_ports_out, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(knows_a_bridge_to_pci, tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
