/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netdev/port.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "command/verb.h"
#include "sriov/eswitch.h"
#include "sriov/pf.h"
#include "tests/assert.h"
#include "tests/program.h"
#include "tests/tree.h"

/* Interfaces that are not the one of their card, as drivers name them. */

static const struct bdf card = { 0, 1, 0, 0 };
static struct said said;

static void finds_the_interface(void **state)
{
	struct tree *tree = *state;
	char name[16];

	assert_int_equal(function_netdev(tree->host, card, name, sizeof(name)), 0);
	assert_string_equal(name, "eth0");
	assert_int_equal(
			function_netdev(tree->host, (struct bdf){ 0, 0, 1, 0 }, name, sizeof(name)),
			-ENOENT);
	assert_string_equal(name, "");
}

static void finds_the_interface_of_virtio(void **state)
{
	struct tree *tree = *state;
	char name[16];

	tree_function(tree, "pci0000:00/0000:00:05.0", 0x1af4, 0x1041, 0x020000);
	tree_driver(tree, "0000:00:05.0", "virtio-pci");
	tree_attribute(tree, "0000:00:05.0", "virtio2/net/eth9/dev_port", "0\n");
	assert_int_equal(
			function_netdev(tree->host, (struct bdf){ 0, 0, 5, 0 }, name, sizeof(name)),
			0);
	assert_string_equal(name, "eth9");
	assert_true(function_has_netdev_anywhere(tree->host, (struct bdf){ 0, 0, 5, 0 }));
}

static void tells_representors_by_their_names(void **state)
{
	static const struct {
		const char *name, *text; /* NULL: it may be an uplink */
	} names[] = { { "pf0vf3", "VF 3" }, { "pf1vf127", "VF 127" }, { "pf0sf88", "SF 88" },
		{ "pf0", "PF 0" }, { "c1pf0", "PF 0 of controller 1" },
		{ "c1pf0vf2", "VF 2 of PF 0 of controller 1" },
		{ "c2pf1sf4000000000", "SF 4000000000 of PF 1 of controller 2" }, { "p0", NULL },
		{ "p0s1", NULL }, { "", NULL }, { "0", NULL }, { "17", NULL }, { "pf", NULL },
		{ "pf0vf", NULL }, { "pf0vf3x", NULL }, { "pf0vf99999999999", NULL },
		{ "c1", NULL }, { "c1p0", NULL }, { "npu0", NULL } };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct port port = { .name = "x" };
		char text[48];

		if (port_parse(names[i].name, &port) != (names[i].text != NULL))
			fail_msg("'%s' is %s", names[i].name, names[i].text ? "none" : "one");
		assert_string_equal(port.name, "x");
		if (names[i].text)
			assert_string_equal(port_text(&port, text, sizeof(text)), names[i].text);
	}
}

static void add_port(
		struct tree *tree, const char *name, const char *port_name, const char *dev_port)
{
	char attribute[64];

	tree_netdev(tree, TREE_PF, name, 90, 0x1003);
	snprintf(attribute, sizeof(attribute), "net/%s/phys_port_name", name);
	if (*port_name)
		tree_attribute(tree, TREE_PF, attribute, port_name);
	snprintf(attribute, sizeof(attribute), "net/%s/dev_port", name);
	tree_attribute(tree, TREE_PF, attribute, dev_port);
}

/* Their names sort before that of the uplink, and one of them has a lower port. */
static void add_representors(struct tree *tree)
{
	static const char *const ports[][2] = { { "arep0", "pf0vf0\n" }, { "arep1", "pf0vf1\n" },
		{ "ahost", "c1pf0\n" }, { "ahostvf", "c1pf0vf0\n" }, { "asf", "pf0sf3\n" } };

	tree_attribute(tree, TREE_PF, "net/eth0/phys_port_name", "p0\n");
	tree_attribute(tree, TREE_PF, "net/eth0/dev_port", "1\n");
	for (size_t i = 0; i < sizeof(ports) / sizeof(*ports); i++)
		add_port(tree, ports[i][0], ports[i][1], "0\n");
}

static void takes_no_representor_for_the_card(void **state)
{
	struct tree *tree = *state;
	struct port *ports;
	char name[16];

	add_representors(tree);
	assert_int_equal(function_netdev(tree->host, card, name, sizeof(name)), 0);
	assert_string_equal(name, "eth0");
	assert_int_equal(function_ports(tree->host, card, &ports), 6);
	assert_string_equal(ports[0].name, "eth0");
	assert_string_equal(ports[1].name, "ahost");
	assert_string_equal(ports[5].name, "asf");
	free(ports);
	tree_remove(tree, "sys/bus/pci/devices/" TREE_PF "/net/eth0");
	assert_int_equal(function_netdev(tree->host, card, name, sizeof(name)), -ENOENT);
	assert_string_equal(name, "");
}

/* mlx5 of before Linux 4.19. A number alone does not make a representor: other drivers number
 * their uplinks. */
static void takes_numbers_beside_a_nameless_uplink(void **state)
{
	struct tree *tree = *state;
	char name[16];

	add_port(tree, "arep0", "0\n", "0\n");
	assert_int_equal(function_netdev(tree->host, card, name, sizeof(name)), 0);
	assert_string_equal(name, "eth0");
	tree_attribute(tree, TREE_PF, "net/eth0/phys_port_name", "1\n");
	assert_int_equal(function_netdev(tree->host, card, name, sizeof(name)), 0);
	assert_string_equal(name, "arep0");
}

static void vfctl(struct tree *tree, const char *line, int status, const char *words)
{
	program_run(VFCTL, tree, line, &said);
	if (said.status != status)
		fail_msg("'%s' ended with %d: %s%s", line, said.status, said.out, said.err);
	assert_says(status ? said.err : said.out, words);
}

static void refuses_a_representor_by_name(void **state)
{
	static const char *const lines[] = { "show arep1", "set arep1 --vfs 0 --write-tree",
		"vf arep1 1", "vf arep1 1 --vlan 10 --write-tree", "rules arep1" };
	struct tree *tree = *state;
	char numvfs[8];

	add_representors(tree);
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		vfctl(tree, lines[i], EXIT_USAGE,
				"arep1 represents VF 1 of 0000:01:00.0 (eth0): name the card");
	vfctl(tree, "show ahost", EXIT_USAGE, "ahost represents PF 0 of controller 1 of");
	assert_int_equal(function_read(tree->host, card, "sriov_numvfs", numvfs, sizeof(numvfs),
					 NULL),
			0);
	assert_string_equal(numvfs, "4");
}

static void shows_what_the_others_are(void **state)
{
	struct tree *tree = *state;

	add_representors(tree);
	add_port(tree, "eth77", "", "2\n");
	vfctl(tree, "show eth0", EXIT_GOOD, "  eswitch        switchdev\n");
	assert_says(said.out, "  represents     arep1: VF 1\n");
	assert_says(said.out, "  represents     ahostvf: VF 0 of PF 0 of controller 1\n");
	assert_says(said.out, "  further port   eth77, port 2\n");
	vfctl(tree, "show eth77", EXIT_USAGE,
			"eth77 is port 2 of 0000:01:00.0, whose VFs are set through eth0: name that one");
	vfctl(tree, "show eth0 --json", EXIT_GOOD, "\"represents\": \"VF 1\"");
}

static void names_the_port_that_a_policy_means(void **state)
{
	struct tree *tree = *state;

	add_port(tree, "eth77", "", "1\n");
	tree_file(tree, "etc/vfctl/10-x.conf",
			"[Match]\nName=eth77\n[PF]\nSR-IOVVirtualFunctions=4\n");
	vfctl(tree, "verify", EXIT_FAILED,
			"eth77 is port 1 of 0000:01:00.0, whose VFs are set "
			"through eth0");
	tree_file(tree, "etc/vfctl/10-x.conf",
			"[Match]\nDevice=8086:10c9\nPort=1\n[PF]\nSR-IOVVirtualFunctions=4\n");
	vfctl(tree, "verify", EXIT_FAILED, "eth77 is port 1 of 0000:01:00.0");
}

static struct vf_settings all_settings(void)
{
	return (struct vf_settings){ .given = ~0u,
		.vlan = 5,
		.proto = 0x8100,
		.spoofchk = true,
		.trust = true,
		.max_rate = 100,
		.link = VF_LINK_DISABLE,
		.query_rss = true };
}

static void refuses_what_switchdev_mode_forbids(void **state)
{
	static const struct {
		const char *driver;
		unsigned refused;
	} drivers[] = { { "mlx5_core", VF_VLAN | VF_SPOOFCHK | VF_TRUST | VF_LINK },
		{ "ice", VF_TRUST }, { "igb", 0 }, { "none-such", 0 } };
	struct tree *tree = *state;

	for (int mode = 0; mode < 2; mode++) {
		if (mode)
			add_representors(tree);
		for (size_t i = 0; i < sizeof(drivers) / sizeof(*drivers); i++) {
			CLEANUP(cleanup_pf) struct pf pf = { .function.bdf = card };

			tree_driver(tree, TREE_PF, drivers[i].driver);
			assert_int_equal(pf_fill_state(tree->host, &pf, NULL), 0);
			for (unsigned bit = 1; bit <= VF_QUERY_RSS; bit <<= 1) {
				struct vf_settings settings = all_settings();
				struct err err = { 0 };
				bool refused = mode && drivers[i].refused & bit;

				settings.given = bit;
				assert_int_equal(eswitch_check(tree->host, &pf, 2, &settings, &err),
						refused ? -EINVAL : 0);
				if (refused)
					assert_says(err.msg, "in switchdev mode");
			}
		}
	}
}

/* VLAN 0 and the like are what a VF has anyway; libvirt sets them in any mode. */
static void takes_defaults_in_switchdev_mode(void **state)
{
	struct vf_settings settings = { .given = VF_VLAN };
	CLEANUP(cleanup_pf) struct pf pf = { .function.bdf = card };
	struct tree *tree = *state;

	add_representors(tree);
	tree_driver(tree, TREE_PF, "mlx5_core");
	assert_int_equal(pf_fill_state(tree->host, &pf, NULL), 0);
	assert_int_equal(eswitch_check(tree->host, &pf, 0, &settings, NULL), 0);
}

static void plans_nothing_that_the_mode_forbids(void **state)
{
	struct tree *tree = *state;

	add_representors(tree);
	tree_driver(tree, TREE_PF, "mlx5_core");
	tree_file(tree, "etc/vfctl/10-x.conf",
			"[Match]\nPath=0000:01:00.0\n[PF]\nSR-IOVVirtualFunctions=4\n"
			"[SR-IOV]\nVirtualFunction=3\nVLANId=10\n");
	vfctl(tree, "verify", EXIT_FAILED,
			"VF 3: mlx5_core takes no VLAN in switchdev mode: set it on the VF's "
			"representor, or go back to legacy mode");
	vfctl(tree, "apply --write-tree", EXIT_FAILED, "[eswitch-mode]");
	vfctl(tree, "vf eth0 3 --vlan 10 --write-tree", EXIT_USAGE, "[eswitch-mode]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(finds_the_interface, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(
				finds_the_interface_of_virtio, tree_setup, tree_teardown),
		cmocka_unit_test(tells_representors_by_their_names),
		cmocka_unit_test_setup_teardown(
				takes_no_representor_for_the_card, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(
				takes_numbers_beside_a_nameless_uplink, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(
				refuses_a_representor_by_name, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(
				shows_what_the_others_are, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(
				names_the_port_that_a_policy_means, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(
				refuses_what_switchdev_mode_forbids, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(
				takes_defaults_in_switchdev_mode, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(
				plans_nothing_that_the_mode_forbids, tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
