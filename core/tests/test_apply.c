/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <unistd.h>

#include "apply/lock.h"
#include "base/cleanup.h"
#include "command/verb.h"
#include "data/record.h"
#include "tests/assert.h"
#include "tests/program.h"

/*
 * The verbs for policy files, as their users run them. The kernel of a tree accepts every write and
 * creates no VFs: only autoprobe can be changed here; everything else must be detected and undone.
 * suites/tests/desired.sh tests with a real kernel.
 */

#define MATCH   "[Match]\nPath=0000:01:00.0\n"
#define GOOD    MATCH "[PF]\nSR-IOVVirtualFunctions=4\nAutoprobe=no\n"
#define POLICY  "etc/vfctl/10-lan.conf"
#define CARD    "var/lib/vfctl/cards/0000:01:00.0.json"
#define BOOT_ID "proc/sys/kernel/random/boot_id"

static struct said said;

static void vfctl(struct tree *tree, const char *line, int status)
{
	program_run(VFCTL, tree, line, &said);
	if (said.status != status)
		fail_msg("'%s' ended with %d: %s%s", line, said.status, said.out, said.err);
}

static void assert_attribute(struct tree *tree, const char *name, const char *want)
{
	char value[32];

	assert_int_equal(function_read(tree->host, (struct bdf){ 0, 1, 0, 0 }, name, value,
					 sizeof(value), NULL),
			0);
	assert_string_equal(value, want);
}

static void has_nothing_to_do_without_files(void **state)
{
	static const char *const verbs[] = { "verify", "plan", "apply", "status", "restore" };

	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++) {
		vfctl(*state, verbs[i], EXIT_GOOD);
		assert_string_equal(said.out, "No policy files: /etc/vfctl/*.conf.\n");
	}
}

static void shows_plans_and_drift(void **state)
{
	CLEANUP(cleanup_record) struct record *plan = NULL;
	CLEANUP(cleanup_record) struct record *status = NULL;
	struct tree *tree = *state;
	const struct record *card;

	tree_file(tree, POLICY, GOOD);
	vfctl(tree, "verify", EXIT_GOOD);
	assert_says(said.out, "0000:01:00.0 (eth0): good");
	vfctl(tree, "plan", EXIT_GOOD);
	assert_says(said.out, "   1  switch autoprobe off\n");
	assert_attribute(tree, "sriov_drivers_autoprobe", "1");
	vfctl(tree, "plan --json", EXIT_GOOD);
	plan = said_record(&said, "vfctl-plan/1");
	card = record_at(record_get(record_get(plan, "host"), "cards"), 0);
	assert_string_equal(record_str(card, "pf", ""), "0000:01:00.0");
	assert_string_equal(record_str(record_at(record_get(card, "steps"), 0), "step", ""),
			"autoprobe");
	vfctl(tree, "status", EXIT_FAILED);
	assert_says(said.out, "1 of 3 settings drifted");
	vfctl(tree, "status --json", EXIT_FAILED);
	status = said_record(&said, "vfctl-status/1");
	card = record_at(record_get(record_get(status, "host"), "cards"), 0);
	assert_string_equal(record_str(record_at(record_get(card, "drift"), 0), "setting", ""),
			"autoprobe");
}

static void applies_and_remembers(void **state)
{
	struct tree *tree = *state;

	tree_file(tree, POLICY, GOOD);
	vfctl(tree, "apply", EXIT_GOOD);
	assert_says(said.out, "  done    switch autoprobe off\n  verified\n");
	assert_attribute(tree, "sriov_drivers_autoprobe", "0");
	assert_true(host_exists(tree->host, CARD));
	vfctl(tree, "status", EXIT_GOOD);
	assert_says(said.out, "3 settings, all as wanted");
	vfctl(tree, "plan", EXIT_GOOD);
	assert_says(said.out, "nothing to change");
}

static void puts_back_what_does_not_work(void **state)
{
	struct tree *tree = *state;

	tree_file(tree, POLICY, MATCH "[PF]\nSR-IOVVirtualFunctions=7\nAutoprobe=no\n");
	vfctl(tree, "apply", EXIT_FAILED);
	/* This kernel keeps the VFs that it was told to remove. */
	assert_says(said.out, "FAILED  set the number of VFs to 0");
	assert_says(said.err, "VF 0 is still there");
	assert_attribute(tree, "sriov_numvfs", "4");
	assert_attribute(tree, "sriov_drivers_autoprobe", "1");
	assert_false(host_exists(tree->host, CARD));
}

static void changes_nothing_while_a_vf_is_held(void **state)
{
	CLEANUP(cleanup_record) struct record *apply = NULL;
	struct tree *tree = *state;
	const struct record *card;

	tree_file(tree, POLICY, MATCH "[PF]\nSR-IOVVirtualFunctions=7\nAutoprobe=no\n");
	tree_attribute(tree, TREE_VF0, "net/eth1/flags", "0x1003\n");
	vfctl(tree, "apply --json", EXIT_FAILED);
	apply = said_record(&said, "vfctl-apply/1");
	card = record_at(record_get(record_get(apply, "host"), "cards"), 0);
	assert_string_equal(record_str(card, "refusal", ""), "vfs-in-use");
	assert_says(record_str(card, "error", ""), "VF 0 is held: its interface eth1 is up");
	assert_attribute(tree, "sriov_numvfs", "4");
	assert_attribute(tree, "sriov_drivers_autoprobe", "1");
}

static void changes_nothing_with_a_bad_file(void **state)
{
	struct tree *tree = *state;

	tree_file(tree, POLICY, GOOD);
	tree_file(tree, "etc/vfctl/20-bad.conf", "[PF]\nSR-IOVVirtualFunctions=many\nColour=red\n");
	vfctl(tree, "apply", EXIT_USAGE);
	assert_says(said.err, "20-bad.conf:2:24: SR-IOVVirtualFunctions takes");
	assert_says(said.err, "20-bad.conf:3:1: unknown key Colour");
	assert_says(said.err, "nothing is changed");
	assert_attribute(tree, "sriov_drivers_autoprobe", "1");
	vfctl(tree, "verify", EXIT_USAGE);
	vfctl(tree, "status", EXIT_FAILED);
}

static void tells_files_for_one_card_apart(void **state)
{
	struct tree *tree = *state;

	tree_file(tree, POLICY, GOOD);
	tree_file(tree, "etc/vfctl/20-too.conf", "[Match]\nDevice=8086:10c9\n");
	vfctl(tree, "apply", EXIT_FAILED);
	assert_says(said.err, "10-lan.conf and");
	assert_says(said.err, "20-too.conf are both for 0000:01:00.0: make one a drop-in");
	assert_attribute(tree, "sriov_drivers_autoprobe", "1");
}

static void one_at_a_time(void **state)
{
	struct tree *tree = *state;
	char holder[40];
	int lock;

	tree_file(tree, POLICY, GOOD);
	assert_int_equal(lock_take(tree->host, "apply", 0, &lock, NULL), 0);
	snprintf(holder, sizeof(holder), "vfctl apply (pid %d) is changing", (int)getpid());
	vfctl(tree, "apply --wait 0", EXIT_UNUSABLE);
	assert_says(said.err, holder);
	vfctl(tree, "restore --wait 0", EXIT_UNUSABLE);
	vfctl(tree, "set eth0 --autoprobe off --wait 0", EXIT_UNUSABLE);
	vfctl(tree, "vf eth0 0 --trust on --wait 0", EXIT_UNUSABLE);
	assert_says(said.err, holder);
	/* Reading needs no lock. */
	vfctl(tree, "status", EXIT_FAILED);
	vfctl(tree, "vf eth0 0", EXIT_GOOD);
	close(lock);
	vfctl(tree, "apply --wait 0", EXIT_GOOD);
}

/* Two cards, of which the second has a drop-in with errors; one with a file with errors, one
 * that does not exist, and one whose interface has another name. */
static void restores_the_good_ones(void **state)
{
	struct tree *tree = tree_large(2, 4);

	(void)state;
	tree_file(tree, "etc/vfctl/10-missing.conf", "[Match]\nPath=0000:09:00.0\n");
	tree_file(tree, "etc/vfctl/20-lan.conf", GOOD);
	tree_file(tree, "etc/vfctl/20-lan.conf.d/name.conf", "[Match]\nDevice=8086:10c9\n");
	tree_file(tree, "etc/vfctl/30-san.conf",
			"[Match]\nPath=0000:02:00.0\n[PF]\nAutoprobe=no\n");
	tree_file(tree, "etc/vfctl/30-san.conf.d/x.conf", "[PF\n");
	tree_file(tree, "etc/vfctl/40-renamed.conf", "[Match]\nName=lan0\n");
	tree_file(tree, "etc/vfctl/50-bad.conf", "[Match]\nPort=first\n");
	vfctl(tree, "restore --card-wait 0", EXIT_FAILED);
	assert_says(said.out,
			"20-lan.conf: 0000:01:00.0 (ens0f0)\n  done    switch autoprobe off\n"
			"  verified\n");
	assert_says(said.out, "30-san.conf: 0000:02:00.0");
	assert_says(said.err,
			"10-missing.conf: no card here has Path=0000:09:00.0; SR-IOV cards "
			"here: 0000:01:00.0 (ens0f0, igb), 0000:02:00.0 (ens1f0, igb)");
	assert_says(said.err, "30-san.conf.d/x.conf:1:1: a section needs a closing ]");
	assert_says(said.err, "30-san.conf.d/x.conf: this drop-in is left out");
	assert_says(said.err, "40-renamed.conf: no card here has Name=lan0");
	assert_says(said.err, "50-bad.conf:2:6: Port takes");
	assert_attribute(tree, "sriov_drivers_autoprobe", "0");
	/* A drop-in affects only the card of its file. */
	vfctl(tree, "restore 0000:02:00.0", EXIT_FAILED);
	assert_says(said.out, "was restored in this boot already");
	vfctl(tree, "apply", EXIT_USAGE);
	/* Restores once per boot; and one card on its own. */
	tree_attribute(tree, "0000:01:00.0", "sriov_drivers_autoprobe", "1\n");
	vfctl(tree, "restore 0000:01:00.0", EXIT_GOOD);
	assert_says(said.out, "was restored in this boot already");
	assert_attribute(tree, "sriov_drivers_autoprobe", "1");
	vfctl(tree, "restore 0000:01:00.0 --again", EXIT_GOOD);
	assert_attribute(tree, "sriov_drivers_autoprobe", "0");
	tree_attribute(tree, "0000:01:00.0", "sriov_drivers_autoprobe", "1\n");
	tree_file(tree, BOOT_ID, "another\n");
	vfctl(tree, "restore 0000:01:00.0", EXIT_GOOD);
	assert_attribute(tree, "sriov_drivers_autoprobe", "0");
	tree_free(tree);
}

static void restores_no_other_card_in_its_place(void **state)
{
	struct tree *tree = *state;

	tree_file(tree, POLICY, GOOD);
	vfctl(tree, "apply", EXIT_GOOD);
	tree_attribute(tree, TREE_PF, "net/eth0/address", "52:54:00:00:00:99\n");
	tree_attribute(tree, TREE_PF, "sriov_drivers_autoprobe", "1\n");
	tree_file(tree, BOOT_ID, "another\n");
	vfctl(tree, "restore", EXIT_FAILED);
	assert_says(said.err,
			"another card than last time (52:54:00:00:00:02 then, "
			"52:54:00:00:00:99 now)");
	assert_attribute(tree, "sriov_drivers_autoprobe", "1");
	/* An administrator who is present may decide so. */
	vfctl(tree, "apply", EXIT_GOOD);
	assert_says(said.err, "note: 0000:01:00.0 (eth0): is another card than last time");
	tree_file(tree, BOOT_ID, "a third\n");
	vfctl(tree, "restore", EXIT_GOOD);
}

static void says_where_a_card_went(void **state)
{
	struct tree *tree = *state;

	tree_file(tree, POLICY, "[Match]\nPath=0000:01:00.0\nName=eth0\n");
	vfctl(tree, "apply", EXIT_GOOD);
	assert_says(said.err, "warning: interfaces are renamed");
	tree_file(tree, POLICY, "[Match]\nPath=0000:05:00.0\n");
	vfctl(tree, "restore", EXIT_FAILED);
	assert_says(said.err,
			"no card here has Path=0000:05:00.0; SR-IOV cards here: 0000:01:00.0 (eth0, "
			"igb); the card of last time is here as "
			"0000:01:00.0 (eth0)");
}

static void sets_damaged_memory_aside(void **state)
{
	static const char *const bad[] = { "", "{\"schema\": \"vfctl-ca", "{}", "\1\2\3" };
	struct tree *tree = *state;
	char aside[96];

	tree_file(tree, POLICY, GOOD);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		tree_file(tree, CARD, bad[i]);
		vfctl(tree, "status", i ? EXIT_GOOD : EXIT_FAILED);
		assert_says(said.err, "0000:01:00.0.json");
		assert_says(said.err, "counts as absent");
		vfctl(tree, "apply", EXIT_GOOD);
		snprintf(aside, sizeof(aside), "0000:01:00.0.json.damaged-%zu", i + 1);
		assert_says(said.err, aside);
		vfctl(tree, "apply", EXIT_GOOD);
		assert_string_equal(said.err, "");
		snprintf(aside, sizeof(aside), CARD ".damaged-%zu", i + 1);
		assert_true(host_exists(tree->host, aside));
	}
}

static void names_who_else_manages_the_card(void **state)
{
	struct tree *tree = *state;

	tree_file(tree, POLICY, GOOD);
	tree_file(tree, "etc/systemd/network/5.link",
			"[Match]\nDriver=igb\n[Link]\nSR-IOVVirtualFunctions=4\n");
	vfctl(tree, "plan", EXIT_FAILED);
	vfctl(tree, "apply", EXIT_FAILED);
	assert_says(said.err,
			"5.link:4: systemd makes 4 VFs of it: remove the card from it, or "
			"run vfctl apply --despite-owner");
	assert_attribute(tree, "sriov_drivers_autoprobe", "1");
	vfctl(tree, "apply --despite-owner", EXIT_GOOD);
	assert_says(said.err, "and that is overridden");
	/* A decision also holds at the next boot. */
	tree_file(tree, BOOT_ID, "another\n");
	vfctl(tree, "restore", EXIT_GOOD);
}

static void sees_that_the_card_was_reset(void **state)
{
	struct tree *tree = *state;

	tree_file(tree, POLICY, GOOD);
	tree_file(tree, BOOT_ID, "one\n");
	tree_attribute(tree, TREE_PF, "net/eth0/carrier_down_count", "2\n");
	vfctl(tree, "apply", EXIT_GOOD);
	vfctl(tree, "status", EXIT_GOOD);
	tree_attribute(tree, TREE_PF, "net/eth0/carrier_down_count", "5\n");
	vfctl(tree, "status", EXIT_FAILED);
	assert_says(said.out, "-   link losses since apply  0       3\n");
	vfctl(tree, "apply", EXIT_GOOD);
	vfctl(tree, "status", EXIT_GOOD);
	/* After another boot the counters start again. */
	tree_attribute(tree, TREE_PF, "net/eth0/carrier_down_count", "9\n");
	tree_file(tree, BOOT_ID, "two\n");
	vfctl(tree, "status", EXIT_GOOD);
}

static void forgets_cards_without_a_file(void **state)
{
	struct tree *tree = *state;

	tree_file(tree, POLICY, GOOD);
	vfctl(tree, "apply", EXIT_GOOD);
	tree_remove(tree, POLICY);
	vfctl(tree, "apply", EXIT_GOOD);
	assert_says(said.err, "0000:01:00.0: no policy file selects it any longer");
	assert_false(host_exists(tree->host, CARD));
}

static void verifies_files_alone(void **state)
{
	CLEANUP(cleanup_record) struct record *record = NULL;

	vfctl(*state, "verify " POLICIES "/good-whole.conf", EXIT_GOOD);
	assert_says(said.out, "good-whole.conf is good");
	vfctl(*state, "verify " POLICIES "/rates.conf " POLICIES "/good-whole.conf", EXIT_USAGE);
	assert_says(said.err, "rates.conf:5:9: VF 0: MinRate 200 is above MaxRate 100");
	assert_says(said.out, "good-whole.conf is good");
	vfctl(*state, "verify no-such.conf", EXIT_USAGE);
	vfctl(*state, "verify --json " POLICIES "/bad-pf.conf", EXIT_USAGE);
	record = said_record(&said, "vfctl-verify/1");
	assert_int_equal(record_length(record_get(record_get(record, "verified"), "faults")), 3);
}

#define WITH_TREE(test) cmocka_unit_test_setup_teardown(test, tree_setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_TREE(has_nothing_to_do_without_files),
		WITH_TREE(shows_plans_and_drift),
		WITH_TREE(applies_and_remembers),
		WITH_TREE(puts_back_what_does_not_work),
		WITH_TREE(changes_nothing_while_a_vf_is_held),
		WITH_TREE(changes_nothing_with_a_bad_file),
		WITH_TREE(tells_files_for_one_card_apart),
		WITH_TREE(one_at_a_time),
		cmocka_unit_test(restores_the_good_ones),
		WITH_TREE(restores_no_other_card_in_its_place),
		WITH_TREE(says_where_a_card_went),
		WITH_TREE(sets_damaged_memory_aside),
		WITH_TREE(names_who_else_manages_the_card),
		WITH_TREE(sees_that_the_card_was_reset),
		WITH_TREE(forgets_cards_without_a_file),
		WITH_TREE(verifies_files_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
