/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netdev/netdev.h"
#include "netdev/netdev_uses.h"

#include "base/cleanup.h"
#include "tests/assert.h"
#include "tests/tree.h"

static void reads_a_recorded_interface(void **state)
{
	struct tree *tree = *state;
	struct netdev net;

	assert_int_equal(netdev_read(tree->host, "eth0", &net, NULL), 0);
	assert_string_equal(net.name, "eth0");
	assert_int_equal(net.index, 2);
	assert_int_equal(net.mtu, 1500);
	assert_true(net.up && net.carrier);
	assert_false(net.promiscuous);
	assert_int_equal(net.vf_count, 0);
	assert_int_equal(net.layer, LAYER_ETHERNET);
	assert_string_equal(net.address, "52:54:00:00:00:02");
	assert_int_equal(net.mac.octet[5], 2);
	assert_int_equal(netdev_read(tree->host, "eth1", &net, NULL), 0);
	assert_false(net.up);
}

/* What is no address is not shown, so that nothing odd reaches a terminal. */
static void reads_an_infiniband_interface(void **state)
{
	struct tree *tree = tree_infiniband(0);
	struct netdev net;

	(void)state;
	assert_int_equal(netdev_read(tree->host, "ib0", &net, NULL), 0);
	assert_int_equal(net.layer, LAYER_INFINIBAND);
	assert_string_equal(net.address, TREE_IB_ADDRESS);
	assert_true(mac_is_zero(net.mac));
	tree_attribute(tree, TREE_PF, "net/ib0/address", "\033[2J\n");
	tree_attribute(tree, TREE_PF, "net/ib0/type", "1\n");
	assert_int_equal(netdev_read(tree->host, "ib0", &net, NULL), 0);
	assert_int_equal(net.layer, LAYER_ETHERNET);
	assert_string_equal(net.address, "");
	tree_free(tree);
}

static void changes_no_recorded_interface(void **state)
{
	struct vf_settings change = { .given = VF_VLAN, .vlan = 10 };
	struct tree *tree = *state;
	struct err err = { 0 };

	assert_int_equal(netdev_set_up(tree->host, "eth0", true, &err), -EOPNOTSUPP);
	assert_says(err.msg, "recorded");
	assert_int_equal(netdev_set_vf(tree->host, "eth0", 0, &change, NULL), -EOPNOTSUPP);
}

static void tells_what_stands_on_an_interface(void **state)
{
	struct tree *tree = *state;
	struct netdev_uses uses;
	struct netdev_use use;
	char upper[16];

	netdev_uses_read(tree->host, &uses);
	assert_int_equal(netdev_uses_of(tree->host, &uses, "eth1", &use, NULL), 0);
	assert_false(use.up);
	assert_int_equal(netdev_uses_of(tree->host, &uses, "eth0", &use, NULL), 0);
	assert_true(use.up);
	assert_int_equal(use.addresses, 0);
	netdev_uses_free(&uses);
	netdev_upper(tree->host, "eth1", upper, sizeof(upper));
	assert_string_equal(upper, "");
	tree_attribute(tree, TREE_VF0, "net/eth1/upper_br0", "");
	netdev_upper(tree->host, "eth1", upper, sizeof(upper));
	assert_string_equal(upper, "br0");
}

static void names_an_interface_that_is_not_there(void **state)
{
	static const char *const names[] = { "eth77", "", "a-name-that-is-far-too-long", "../etc" };
	CLEANUP(cleanup_host) struct host *live = NULL;
	struct tree *tree = *state;
	struct netdev net;

	assert_int_equal(host_open("/", &live, NULL), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct err err = { 0 };

		assert_int_equal(netdev_read(tree->host, names[i], &net, &err), -ENODEV);
		assert_says(err.msg, names[i]);
		assert_int_equal(netdev_read(live, names[i], &net, NULL), -ENODEV);
	}
	assert_int_equal(netdev_set_up(live, "eth-none", true, NULL), -ENODEV);
}

/* Every Linux has the interface lo. */
static void reads_the_running_machine(void **state)
{
	CLEANUP(cleanup_host) struct host *live = NULL;
	struct err err = { 0 };
	struct netdev_uses uses;
	struct netdev_use use;
	struct netdev net;

	(void)state;
	assert_int_equal(host_open("/", &live, NULL), 0);
	if (netdev_read(live, "lo", &net, &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(net.index, 1);
	assert_true(mac_is_zero(net.mac));
	assert_int_equal(net.vf_count, 0);
	netdev_free(&net);
	netdev_uses_read(live, &uses);
	assert_int_equal(netdev_uses_of(live, &uses, "lo", &use, &err), 0);
	assert_int_equal(use.index, 1);
	assert_int_equal(use.up, net.up);
	netdev_uses_free(&uses);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
				reads_a_recorded_interface, tree_setup, tree_teardown),
		cmocka_unit_test(reads_an_infiniband_interface),
		cmocka_unit_test_setup_teardown(
				changes_no_recorded_interface, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(
				tells_what_stands_on_an_interface, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(
				names_an_interface_that_is_not_there, tree_setup, tree_teardown),
		cmocka_unit_test(reads_the_running_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
