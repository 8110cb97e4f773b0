/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "command/verb.h"
#include "host/config.h"
#include "tests/assert.h"
#include "tests/program.h"

/* What check, show, list and rules say of cards that are no plain network card with a port above
 * it, read by root. */

#define DEVICES "sys/bus/pci/devices/"

static struct said said;

static void run(struct tree *tree, const char *line)
{
	program_look(VFCTL, tree, line, &said);
}

static void assert_silent(const char *word)
{
	if (strstr(said.out, word) || strstr(said.err, word))
		fail_msg("'%s' is said: %s%s", word, said.out, said.err);
}

/* Asserts that REQUIREMENT is in a line of check that begins with STATE and has WORDS. */
static void assert_line(const char *state, const char *requirement, const char *words)
{
	CLEANUP(cleanup_free) char *copy = text_format("%s", said.out);
	CLEANUP(cleanup_free) char *wanted = text_format("  %s  ", requirement);
	char *rest = copy, *line;

	while ((line = strsep(&rest, "\n"))) {
		if (strstr(line, wanted) && !strncmp(line, state, strlen(state)) &&
				strstr(line, words))
			return;
	}
	fail_msg("no line '%s ... %s ... %s' in: %s", state, requirement, words, said.out);
}

static void truncate_config(struct tree *tree, const char *bdf, off_t size)
{
	CLEANUP(cleanup_free) char *path = text_format("%s/" DEVICES "%s/config", tree->root, bdf);

	assert_int_equal(truncate(path, size), 0);
}

/* Makes the igb of the tree a card of another class, without interfaces. */
static struct tree *tree_of_class(const char *class_code, const char *driver)
{
	struct tree *tree = tree_igb(2);
	static const char *const functions[] = { TREE_PF, TREE_VF0, "0000:01:10.2" };

	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++) {
		CLEANUP(cleanup_free) char *net = text_format(DEVICES "%s/net", functions[i]);
		CLEANUP(cleanup_free) char *name = text_format("sys/class/net/eth%zu", i);

		tree_attribute(tree, functions[i], "class", class_code);
		tree_remove(tree, net);
		tree_remove(tree, name);
		tree_driver(tree, functions[i], driver ? driver : "own_driver");
	}
	if (!driver)
		tree_remove(tree, DEVICES TREE_PF "/driver");
	return tree;
}

static void a_card_for_no_network_is_told_of_no_network(void **state)
{
	static const char *const classes[] = { "0x030000\n", "0x010802\n", "0x0b4000\n",
		"0x120000\n", "0x100000\n", "0x0c0400\n", "0xff0000\n" };
	static const char *const drivers[] = { "own_driver", "vfio-pci", NULL };
	static const char *const lines[] = { "check " TREE_PF, "show " TREE_PF };
	static const char *const words[] = { "network", "nterface", "INTERFACE", "VLAN", "MAC",
		"link", "LINK", "SPOOFCHK" };

	(void)state;
	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes) * 3; i++) {
		struct tree *tree = tree_of_class(classes[i / 3], drivers[i % 3]);

		for (size_t k = 0; k < sizeof(lines) / sizeof(*lines); k++) {
			run(tree, lines[k]);
			assert_says(said.out, k == 0 ? "up to 7 VFs" : "01:10.0");
			for (size_t w = 0; w < sizeof(words) / sizeof(*words); w++)
				assert_silent(words[w]);
		}
		tree_free(tree);
	}
}

static void a_network_card_without_interface_is_told_of_it(void **state)
{
	static const char *const classes[] = { "0x020000\n", "0x028000\n", "0x020700\n",
		"0x0c0600\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
		struct tree *tree = tree_of_class(classes[i], "own_driver");

		run(tree, "check " TREE_PF);
		assert_line("weak", "driver", "without a network interface in any namespace");
		run(tree, "show " TREE_PF);
		assert_says(said.out, "interface      none: its driver makes none");
		/* The folder of its interfaces is there, and none of them is in this namespace. */
		tree_file(tree, DEVICES TREE_PF "/net/x", "");
		tree_remove(tree, DEVICES TREE_PF "/net/x");
		run(tree, "check " TREE_PF);
		assert_line("weak", "driver", "without a network interface in this namespace");
		assert_says(said.out, "in other network namespaces");
		run(tree, "show " TREE_PF);
		assert_says(said.out, "interface      none in this network namespace");
		tree_free(tree);
	}
}

static void a_card_on_the_root_bus_is_told_of_no_port(void **state)
{
	struct tree *tree = *state;

	tree_function(tree, "pci0000:00/0000:00:02.0", 0x8086, 0xfff0, 0x030000);
	tree_config(tree, "0000:00:02.0", "igb.txt", "01:00.0");
	tree_attribute(tree, "0000:00:02.0", "sriov_totalvfs", "7\n");
	tree_driver(tree, "0000:00:02.0", "own_driver");
	run(tree, "check 0000:00:02.0");
	assert_line("ok", "ari", "not needed: no port is above the card");
	assert_silent("forward");
	assert_silent("device numbers");
	assert_silent("bus-numbers");
	run(tree, "show 0000:00:02.0");
	assert_says(said.out, "ARI            not needed");
	/* That needs no privilege. */
	truncate_config(tree, "0000:00:02.0", 64);
	run(tree, "check 0000:00:02.0");
	assert_line("ok", "ari", "not needed");
	run(tree, "show 0000:00:02.0");
	assert_says(said.out, "ARI            not needed");
}

static void vfs_that_any_port_reaches_need_no_ari(void **state)
{
	struct tree *tree = *state;

	tree_config_word(tree, TREE_PORT, 0x54 + 0x28, 0); /* ARI forwarding */
	run(tree, "check eth0");
	assert_line("weak", "ari", "does not forward ARI");
	/* Functions 1 to 7 of the card's own device number. */
	tree_config_word(tree, TREE_PF, 0x160 + 0x14, 1);
	tree_config_word(tree, TREE_PF, 0x160 + 0x16, 1);
	run(tree, "check eth0");
	assert_line("ok", "ari", "not needed");
	tree_config_word(tree, TREE_PF, 0x160 + 0x14, 2);
	run(tree, "check eth0");
	assert_line("weak", "ari", "does not forward ARI");
	/* All on the next bus. */
	tree_config_word(tree, TREE_PF, 0x160 + 0x14, 0x100);
	run(tree, "check eth0");
	assert_line("ok", "ari", "not needed");
}

/* The interfaces of the card are on function 4. */
static void functions_without_sriov_name_those_that_have_it(void **state)
{
	struct tree *tree = *state;

	tree_function(tree, "pci0000:00/0000:00:01.0/0000:01:00.4", 0x1425, 0xfff0, 0x020000);
	tree_netdev(tree, "0000:01:00.4", "wire4", 40, 0x1003);
	run(tree, "show wire4");
	assert_int_equal(said.status, EXIT_USAGE);
	assert_says(said.err,
			"0000:01:00.4 has no SR-IOV: the VFs of its device are made by "
			"0000:01:00.0 (eth0): name");
	run(tree, "check 0000:01:00.4");
	assert_line("MISSING", "capable", "made by 0000:01:00.0 (eth0)");
	tree_remove(tree, DEVICES TREE_PF "/net");
	run(tree, "check " TREE_PF);
	assert_line("weak", "driver", "its device has them on 0000:01:00.4 (wire4)");
	assert_silent("namespace");
	/* With ARI, a function may have another device number. */
	tree_function(tree, "pci0000:00/0000:00:01.0/0000:01:02.1", 0x1425, 0xfff0, 0x020000);
	run(tree, "show 0000:01:02.1");
	assert_says(said.err, "are made by 0000:01:00.0");
}

static void another_device_is_not_named(void **state)
{
	struct tree *tree = *state;

	tree_function(tree, "pci0000:00/0000:00:02.0", 0x8086, 0xfff0, 0x020000);
	tree_attribute(tree, "0000:00:02.0", "sriov_totalvfs", "7\n");
	tree_function(tree, "pci0000:00/0000:00:03.0", 0x8086, 0xfff0, 0x020000);
	tree_netdev(tree, "0000:00:03.0", "wire3", 40, 0x1003);
	run(tree, "show wire3");
	assert_says(said.err, "has no SR-IOV; SR-IOV cards here: 0000:00:02.0");
	run(tree, "check 0000:00:02.0");
	assert_silent("wire3");
}

/* A guest: VFs, and a bridge. */
static struct tree *tree_guest(unsigned vendor, unsigned device, const char *driver)
{
	struct tree *tree = tree_new();

	tree_function(tree, "pci0000:00/0000:00:01.0", 0x1b36, 0x000c, 0x060400);
	tree_function(tree, "pci84a9:00/84a9:00:02.0", vendor, device, 0x020000);
	tree_netdev(tree, "84a9:00:02.0", "guest0", 2, 0x1003);
	if (driver)
		tree_driver(tree, "84a9:00:02.0", driver);
	return tree;
}

static void assert_guest_vf(struct tree *tree)
{
	run(tree, "list");
	assert_says(said.out,
			"virtual functions, and their PF is the host's: "
			"84a9:00:02.0 (guest0)");
	run(tree, "show guest0");
	assert_says(said.err, "84a9:00:02.0 is a virtual function, and its PF is not here");
	run(tree, "check");
	assert_line("MISSING", "card", "whose PF is the host's: 84a9:00:02.0 (guest0)");
	run(tree, "check 84a9:00:02.0");
	assert_line("MISSING", "capable", "it is a virtual function");
	assert_silent("Plug in");
	assert_silent("Switch SR-IOV on");
}

static void a_guest_is_told_that_the_pf_is_its_hosts(void **state)
{
	static const char *const drivers[] = { "iavf", "igbvf", "ixgbevf", "cxgb4vf", "hclgevf",
		"c6xxvf" };

	(void)state;
	for (size_t i = 0; i < sizeof(drivers) / sizeof(*drivers); i++) {
		struct tree *tree = tree_guest(0xfff1, 0xabcd, drivers[i]);

		assert_guest_vf(tree);
		tree_free(tree);
	}
}

/* Without a driver, or with one for PFs too, the name in pci.ids tells. */
static void a_vf_is_known_by_its_name(void **state)
{
	static const struct {
		unsigned vendor, device;
		const char *driver;
		bool is_vf;
	} cards[] = {
		{ 0x8086, 0x10ca, NULL, true }, /* 82576 Virtual Function */
		{ 0x8086, 0x10ca, "vfio-pci", true },
		{ 0x15b3, 0x1018, "mlx5_core", true },  /* MT27800 ... Virtual Function */
		{ 0x1425, 0x5801, "vfio-pci", true },   /* T520-CR ... [VF] */
		{ 0x15b3, 0x1017, "mlx5_core", false }, /* MT27800 */
		{ 0xfff1, 0xabcd, "mlx5_core", false },
	};
	char name[128];

	config_names(NULL, 0x8086, 0x10ca, name, sizeof(name));
	if (!strstr(name, "Virtual"))
		skip(); /* there is no pci.ids here */
	(void)state;
	for (size_t i = 0; i < sizeof(cards) / sizeof(*cards); i++) {
		struct tree *tree = tree_guest(cards[i].vendor, cards[i].device, cards[i].driver);

		if (cards[i].is_vf) {
			assert_guest_vf(tree);
		} else {
			run(tree, "list");
			assert_silent("virtual");
			run(tree, "check");
			assert_says(said.out, "Plug in a card");
		}
		tree_free(tree);
	}
}

static const char *const all_functions[] = { TREE_PORT, TREE_PF, TREE_VF0, "0000:01:10.2",
	"0000:01:10.4", "0000:01:10.6" };

static void truncate_all(struct tree *tree, off_t size)
{
	for (size_t i = 0; i < sizeof(all_functions) / sizeof(*all_functions); i++)
		truncate_config(tree, all_functions[i], size);
}

static void without_privilege_check_and_show_ask_for_root(void **state)
{
	static const char *const unknown[] = { "ari", "bus-numbers", "vf-bars", "acs" };
	CLEANUP(cleanup_record) struct record *record = NULL;
	struct tree *tree = *state;
	const struct record *pf;

	truncate_all(tree, 64);
	run(tree, "check");
	for (size_t i = 0; i < sizeof(unknown) / sizeof(*unknown); i++) {
		CLEANUP(cleanup_free)
		char *remedy = text_format(TREE_PF ", %s: Run as root.", unknown[i]);

		assert_line("unknown", unknown[i], "cannot be read");
		assert_says(said.out, remedy);
	}
	assert_silent("MISSING");
	assert_silent("weak");
	run(tree, "show eth0");
	assert_says(said.out, "ARI            not readable: run as root");
	assert_says(said.out, "ACS            " TREE_PORT " not readable: run as root");
	run(tree, "show eth0 --json");
	record = said_record(&said, "vfctl-show/1");
	pf = record_get(record, "pf");
	assert_true(record_bool(pf, "ari_capable", true));
	assert_false(record_bool(pf, "ari_capable", false));
	assert_true(record_bool(pf, "ari_enabled", true));
	assert_int_equal(record_int(pf, "card_vfs", -1), -1);
}

static void without_privilege_a_capability_may_be_hidden(void **state)
{
	struct tree *tree = *state;

	truncate_all(tree, 64);
	tree_remove(tree, DEVICES TREE_PF "/sriov_totalvfs");
	run(tree, "check " TREE_PF);
	assert_says(said.out, ", capable: Run as root, who can see whether");
	truncate_all(tree, 0);
	run(tree, "check " TREE_PF);
	assert_says(said.out, ", capable: Run as root, who can see whether");
}

static void without_privilege_rules_judge_nothing(void **state)
{
	CLEANUP(cleanup_record) struct record *record = NULL;
	struct tree *tree = *state;
	const struct record *card, *findings;

	truncate_all(tree, 64);
	run(tree, "rules");
	assert_int_equal(said.status, EXIT_GOOD);
	assert_says(said.out, TREE_PF ", whose VFs are unknown\n");
	run(tree, "rules --json");
	record = said_record(&said, "vfctl-rules/1");
	card = record_at(record_get(record, "cards"), 0);
	assert_int_equal(record_int(card, "vfs", -1), -1);
	findings = record_get(card, "findings");
	assert_true(record_length(findings) > 30);
	for (size_t i = 0; i < record_length(findings); i++) {
		const struct record *item = record_at(findings, i);

		assert_string_equal(record_str(item, "state", ""), "idle");
		assert_says(record_str(item, "found", ""), "run as root");
	}
}

/* Of conventional space the kernel reads all, and root would see no more. */
static void a_kernel_without_extended_space_is_named(void **state)
{
	struct tree *tree = *state;

	truncate_all(tree, 256);
	run(tree, "check");
	assert_says(said.out, TREE_PF ", vf-bars: See the kernel log on MMCONFIG");
	assert_silent("Run as root");
	run(tree, "show eth0");
	assert_says(said.out, "ARI            not readable: the kernel reaches only 256 bytes");
	run(tree, "rules");
	assert_says(said.out, "cannot be read whole: the kernel reaches only 256 bytes");
	assert_silent("run as root");
}

static void a_port_that_cannot_be_read_is_not_accused(void **state)
{
	struct tree *tree = *state;

	truncate_config(tree, TREE_PORT, 64);
	run(tree, "check");
	assert_line("unknown", "ari", "config space of " TREE_PORT);
	assert_silent("does not forward");
	run(tree, "show eth0");
	assert_says(said.out, "ARI            not readable");
}

static void one_is_counted_in_the_singular(void **state)
{
	static const char *const lines[] = { "check", "show eth0", "rules", "set eth0 --vfs 2",
		"set eth0 --vfs 1", "vf eth0 0" };
	static const char *const plurals[] = { " 1 VFs", " 1 functions", " 1 IOMMU groups",
		" 1 steps", " 1 members", " 1 settings", " 1 ports" };
	struct tree *tree = tree_igb(1);

	(void)state;
	tree_attribute(tree, TREE_PF, "sriov_totalvfs", "1\n");
	tree_config_word(tree, TREE_PF, 0x160 + 0x0c, 1); /* InitialVFs */
	tree_config_word(tree, TREE_PF, 0x160 + 0x0e, 1); /* TotalVFs */
	tree_config_word(tree, TREE_PF, 0x160 + 0x10, 1); /* NumVFs */
	tree_config_word(tree, TREE_PF, 0x160 + 0x08, 0x19);
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		program_run(VFCTL, tree, lines[i], &said);
		for (size_t k = 0; k < sizeof(plurals) / sizeof(*plurals); k++)
			assert_silent(plurals[k]);
	}
	run(tree, "check");
	assert_says(said.out, "up to 1 VF\n");
	run(tree, "rules");
	assert_says(said.out, TREE_PF ", with 1 VF\n");
	program_run(VFCTL, tree, "set eth0 --vfs 2", &said);
	assert_says(said.err, "offers 0 to 1 VF, not '2'");
	tree_free(tree);
}

#define WITH_TREE(test) cmocka_unit_test_setup_teardown(test, tree_setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_card_for_no_network_is_told_of_no_network),
		cmocka_unit_test(a_network_card_without_interface_is_told_of_it),
		WITH_TREE(a_card_on_the_root_bus_is_told_of_no_port),
		WITH_TREE(vfs_that_any_port_reaches_need_no_ari),
		WITH_TREE(functions_without_sriov_name_those_that_have_it),
		WITH_TREE(another_device_is_not_named),
		cmocka_unit_test(a_guest_is_told_that_the_pf_is_its_hosts),
		cmocka_unit_test(a_vf_is_known_by_its_name),
		WITH_TREE(without_privilege_check_and_show_ask_for_root),
		WITH_TREE(without_privilege_a_capability_may_be_hidden),
		WITH_TREE(without_privilege_rules_judge_nothing),
		WITH_TREE(a_kernel_without_extended_space_is_named),
		WITH_TREE(a_port_that_cannot_be_read_is_not_accused),
		cmocka_unit_test(one_is_counted_in_the_singular),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
