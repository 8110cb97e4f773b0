/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/define.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apply/lock.h"
#include "base/cleanup.h"
#include "data/record.h"
#include "tests/assert.h"
#include "tests/program.h"

/* The verbs for networks, profiles and allowlists, as their users run them. */

static struct said said;

static void vfctl(struct tree *tree, const char *line, int status)
{
	program_run(VFCTL, tree, line, &said);
	if (said.status != status)
		fail_msg("'%s' ended with %d: %s", line, said.status, said.err);
}

static void defines_networks(void **state)
{
	CLEANUP(cleanup_record) struct record *record = NULL;
	struct tree *tree = *state;
	const struct record *network;

	vfctl(tree, "network list", EXIT_GOOD);
	assert_says(said.out, "vfctl network add");
	vfctl(tree, "network add red --vlan 10 --label fast --label far --mtu 1500", EXIT_GOOD);
	assert_says(said.out, "VLANId         10");
	vfctl(tree, "network add blue", EXIT_GOOD);
	vfctl(tree, "network change red --vlan 11 --label near", EXIT_GOOD);
	assert_says(said.out, "Labels         near\n");
	vfctl(tree, "network remove blue", EXIT_GOOD);
	vfctl(tree, "network list --json", EXIT_GOOD);
	record = said_record(&said, "vfctl-network-list/1");
	assert_int_equal(record_length(record_get(record, "networks")), 1);
	network = record_at(record_get(record, "networks"), 0);
	assert_string_equal(record_str(network, "name", ""), "red");
	assert_int_equal(record_int(network, "vlan", 0), 11);
	assert_int_equal(record_int(network, "mtu", 0), 1500);
	assert_int_equal(record_type(record_get(network, "bridge")), RECORD_NULL);
	vfctl(tree, "network list", EXIT_GOOD);
	assert_says(said.out, "NAME  VM   REQUIRED  VLAN  MTU   LABEL");
}

static void one_at_a_time(void **state)
{
	static const char *const lines[] = { "network add red --wait 0",
		"network change red --wait 0", "network remove red --wait 0",
		"profile add fast --network red --wait 0", "allow add eth0 --network red --wait 0",
		"allow change eth0 --all no --wait 0" };
	struct tree *tree = *state;
	char holder[40];
	int lock;

	assert_int_equal(lock_take(tree->host, "apply", 0, &lock, NULL), 0);
	snprintf(holder, sizeof(holder), "vfctl apply (pid %d) is changing", (int)getpid());
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		vfctl(tree, lines[i], EXIT_UNUSABLE);
		assert_says(said.err, holder);
	}
	close(lock);
	vfctl(tree, lines[0], EXIT_GOOD);
}

static void shows_how_cards_carry_a_network(void **state)
{
	CLEANUP(cleanup_record) struct record *record = NULL;
	struct tree *tree = *state;
	const struct record *card;

	vfctl(tree, "network add red --bridge br0 --mtu 9000", EXIT_GOOD);
	vfctl(tree, "network show red", EXIT_GOOD);
	assert_says(said.out, "0000:01:00.0 (eth0)  yes      4 of 4    1500, too small  -");
	assert_says(said.out, "Required, but its bridge br0 is not on this host");
	tree_file(tree, "sys/class/net/br0/bridge/stp_state", "0\n");
	tree_file(tree, "sys/class/net/br0/lower_eth0/x", "");
	vfctl(tree, "allow change eth0 --all no", EXIT_GOOD);
	vfctl(tree, "network show red --json", EXIT_GOOD);
	record = said_record(&said, "vfctl-network/1");
	card = record_at(record_get(record_get(record, "network"), "cards"), 0);
	assert_string_equal(record_str(card, "bridged_through", ""), "eth0");
	assert_false(record_bool(card, "allowed", true));
	assert_int_equal(record_int(card, "free_vfs", 0), 4);
	assert_true(record_bool(record_get(record, "network"), "bridge_here", false));
}

static void defines_profiles(void **state)
{
	CLEANUP(cleanup_record) struct record *record = NULL;
	struct tree *tree = *state;
	const struct record *vnic;

	vfctl(tree, "network add red --bridge br0", EXIT_GOOD);
	vfctl(tree, "profile add plain --network red --qos gold", EXIT_GOOD);
	vfctl(tree,
			"profile add fast --network red --passthrough yes --migratable yes --failover "
			"plain --fallback yes --max-rate 1000",
			EXIT_GOOD);
	vfctl(tree, "profile show fast", EXIT_GOOD);
	assert_says(said.out, "used by        nobody");
	tree_file(tree, "var/lib/vfctl/vnics/ua-1.vnic",
			"[vNIC]\nVM=web 1\nNIC=nic1\nProfile=fast\nPassthrough=yes\n");
	vfctl(tree, "profile show fast --json", EXIT_GOOD);
	record = said_record(&said, "vfctl-profile/1");
	vnic = record_at(record_get(record_get(record, "profile"), "used_by"), 0);
	assert_string_equal(record_str(vnic, "vm", ""), "web 1");
	assert_int_equal(record_int(record_get(record, "profile"), "max_rate", 0), 1000);
	vfctl(tree, "profile list", EXIT_GOOD);
	assert_says(said.out, "fast   red      yes          yes         plain     yes");
	vfctl(tree, "profile remove plain", EXIT_UNUSABLE);
}

static void chooses_networks_for_a_card(void **state)
{
	CLEANUP(cleanup_record) struct record *record = NULL;
	struct tree *tree = *state;
	const struct record *card;

	vfctl(tree, "network add red", EXIT_GOOD);
	vfctl(tree, "allow list", EXIT_GOOD);
	assert_says(said.out, "0000:01:00.0 (eth0)  all       -       -");
	vfctl(tree, "allow change eth0 --all no", EXIT_GOOD);
	vfctl(tree, "allow add 01:00.0 --network red --label fast --label far", EXIT_GOOD);
	vfctl(tree, "allow remove eth0 --label far", EXIT_GOOD);
	vfctl(tree, "allow show eth0 --json", EXIT_GOOD);
	record = said_record(&said, "vfctl-allow/1");
	card = record_get(record, "card");
	assert_false(record_bool(card, "all", true));
	assert_string_equal(record_text(record_at(record_get(card, "networks"), 0)), "red");
	assert_int_equal(record_length(record_get(card, "labels")), 1);
	vfctl(tree, "allow change eth0 --all yes", EXIT_GOOD);
	vfctl(tree, "allow change eth0 --all no", EXIT_GOOD);
	vfctl(tree, "allow show eth0", EXIT_GOOD); /* both lists are empty */
	assert_says(said.out, "0000:01:00.0 (eth0)  -         -       52-54-00-00-00-02.allow");
	tree_file(tree, "etc/vfctl/allow/gone.allow",
			"[Match]\nPath=0000:77:00.0\n[Allow]\nAll=yes\n");
	vfctl(tree, "allow list", EXIT_GOOD);
	assert_says(said.out, "gone.allow: its card is not here");
}

static void understands_before_it_writes(void **state)
{
	static const struct {
		const char *line, *says;
	} bad[] = {
		{ "network add", "needs NAME" },
		{ "network add a/b", "a network has a name" },
		{ "network add ..", "a network has a name" },
		{ "network add red --vlan 4095", "--vlan takes a number from 1 to 4094" },
		{ "network add red --mtu x", "--mtu takes a number" },
		{ "network add red --vm maybe", "--vm takes yes or no" },
		{ "network add red --label a/b", "--label takes a name" },
		{ "network add red --label a --label a", "--label names a twice" },
		{ "network add red --bridge much-too-long-for-it", "--bridge takes at most 15" },
		{ "network add red --passthrough yes", "--passthrough" },
		{ "profile add x --network a/b", "--network takes a name" },
		{ "allow add eth0", "give --network NAME" },
		{ "allow add eth0 --label a/b", "cannot" },
		{ "allow change eth0", "--all yes or --all no" },
		{ "allow change eth0 --all maybe", "--all takes yes or no" },
	};
	struct tree *tree = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		vfctl(tree, bad[i].line, EXIT_USAGE);
		assert_says(said.err, bad[i].says);
		assert_string_equal(said.out, "");
	}
	vfctl(tree, "network list --json", EXIT_GOOD);
	assert_says(said.out, "\"networks\": []");
}

static void lists_the_good_and_tells_the_bad(void **state)
{
	struct tree *tree = *state;

	tree_file(tree, "etc/vfctl/networks/bad.network", "[Network]\nVLANId=x\nMTUBytes=y\n");
	tree_file(tree, "etc/vfctl/networks/good.network", "[Network]\n");
	vfctl(tree, "network list", EXIT_USAGE);
	assert_says(said.out, "good");
	assert_says(said.err, "bad.network:2:8: VLANId=");
	assert_says(said.err, "bad.network:3:10: MTUBytes=");
	vfctl(tree, "network add red", EXIT_USAGE);
	assert_says(said.err, "nothing is changed while a file is wrong");
}

#define WITH_TREE(test) cmocka_unit_test_setup_teardown(test, tree_setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_TREE(defines_networks),
		WITH_TREE(one_at_a_time),
		WITH_TREE(shows_how_cards_carry_a_network),
		WITH_TREE(defines_profiles),
		WITH_TREE(chooses_networks_for_a_card),
		WITH_TREE(understands_before_it_writes),
		WITH_TREE(lists_the_good_and_tells_the_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
