/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/cleanup.h"
#include "checks/every_vf/every_vf_step.h"
#include "checks/suites.h"
#include "observe/endpoint.h"
#include "tests/assert.h"

/* What the checks of every VF make of what was seen, and how a check's texts name its VFs. */

enum { VFS = 7 };

static struct dut dut;
static struct check_run run;
static struct record *observed;

static struct record *item_of(unsigned vf)
{
	return record_edit(record_edit_at(observed, vf), "value");
}

/* A sound card. */
static void see(void)
{
	for (unsigned vf = 0; vf < VFS; vf++) {
		struct record *evidence = record_object(), *item = record_object();
		struct record *frames = record_array(), *after = record_array();

		for (enum vf_path path = 0; path < VF_PATHS; path++)
			record_add_int(frames, vf_path_frames(path));
		record_add_int(after, BURST_FRAMES);
		record_add_int(after, BURST_FRAMES);
		record_put_int(item, "vf", vf);
		record_put_int(item, "tried", (1 << VF_PATHS) - 1);
		record_put(item, "frames", frames);
		record_put_int(item, "foreign", 0);
		record_put_int(item, "wrong_tags", 0);
		record_put_int(item, "vectors", 3);
		record_put_int(item, "raised", 2);
		record_put_null(item, "reset");
		record_put(item, "after_reset", after);
		record_put_str(evidence, "name", "VF");
		record_put(evidence, "value", item);
		record_add(observed, evidence);
	}
}

/* VF got FRAMES on PATH, and nothing was tried that stands on it. */
static void break_path(unsigned vf, enum vf_path broken, unsigned frames)
{
	struct record *counts = record_array();
	unsigned tried = (1 << VF_PATHS) - 1;

	for (enum vf_path path = 0; path < VF_PATHS; path++)
		record_add_int(counts, path == broken ? frames : vf_path_frames(path));
	record_put(item_of(vf), "frames", counts);
	if (broken == VF_RECEIVES)
		tried &= ~(1u << VF_RECEIVES_FULL | 1u << VF_FROM_PF | 1u << VF_OTHER_VLAN |
				1u << VF_VLAN_IN);
	record_put_int(item_of(vf), "tried", tried);
}

static enum verdict judge(const char *id)
{
	for (const struct check *check = suite_every_vf; check->id; check++) {
		if (strcmp(check->id, id))
			continue;
		record_free(run.evidence);
		run = (struct check_run){ .dut = &dut,
			.check = check,
			.observed = observed,
			.evidence = record_array() };
		return check->fn(&run);
	}
	fail();
	return VERDICT_NONE;
}

static int setup(void **state)
{
	(void)state;
	dut = (struct dut){ .total_vfs = VFS, .listed = VFS };
	observed = record_array();
	see();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	record_free(observed);
	record_free(run.evidence);
	run.evidence = NULL;
	return 0;
}

static void passes_a_sound_card(void **state)
{
	(void)state;
	for (const struct check *check = suite_every_vf; check->id; check++)
		assert_int_equal(judge(check->id), VERDICT_PASS);
}

static void passes_nothing_that_was_not_seen(void **state)
{
	(void)state;
	record_free(observed);
	observed = record_array();
	for (const struct check *check = suite_every_vf; check->id; check++)
		assert_int_equal(judge(check->id), VERDICT_BROKEN);
}

/* Each path, broken for each VF, makes its own check fail and names the VF, and no other check. */
static void names_the_vf_that_fails_and_fails_once(void **state)
{
	(void)state;
	for (enum vf_path path = VF_RECEIVES; path < VF_PATHS; path++) {
		for (unsigned vf = 0; vf < VFS; vf++) {
			char name[16];

			record_free(observed);
			observed = record_array();
			see();
			break_path(vf, path, vf_path_frames(path) ? 3 : 8);
			snprintf(name, sizeof(name), "VF %u: ", vf);
			for (const struct check *check = suite_every_vf; check->id; check++) {
				bool own = !strcmp(check->id, vf_path_checks[path]);

				if (own)
					assert_int_equal(judge(check->id), VERDICT_FAIL);
				else
					assert_int_not_equal(judge(check->id), VERDICT_FAIL);
				assert_int_not_equal(judge(check->id), VERDICT_BROKEN);
				if (own)
					assert_says(run.reason, name);
			}
		}
	}
}

static void says_what_it_stands_on(void **state)
{
	(void)state;
	break_path(6, VF_RECEIVES, 0);
	assert_int_equal(judge("every-vf.receives"), VERDICT_FAIL);
	assert_string_equal(run.reason, "VF 6: 0 of 8 frames");
	assert_int_equal(judge("every-vf.receives-full"), VERDICT_SKIP);
	assert_string_equal(run.stands_on, "every-vf.receives");
	assert_string_equal(run.reason, "needs every-vf.receives, which fails: VF 6 fails it");
	assert_int_equal(judge("every-vf.sends"), VERDICT_PASS);
	assert_int_equal(judge("every-vf.reset"), VERDICT_SKIP);
	assert_string_equal(run.stands_on, "every-vf.receives");
}

static void fails_what_others_hear(void **state)
{
	(void)state;
	record_put_int(item_of(3), "foreign", 2);
	assert_int_equal(judge("every-vf.only-own"), VERDICT_FAIL);
	assert_string_equal(run.reason, "VF 3: 2 frames for others");
}

static void fails_a_missing_tag(void **state)
{
	(void)state;
	record_put_int(item_of(5), "wrong_tags", 1);
	assert_int_equal(judge("every-vf.vlan-out"), VERDICT_FAIL);
	assert_says(run.reason, "VF 5: on the wire without the tag");
}

static void fails_a_silent_interrupt(void **state)
{
	(void)state;
	record_put_int(item_of(2), "raised", 1);
	assert_int_equal(judge("every-vf.interrupts"), VERDICT_FAIL);
	assert_string_equal(run.reason, "VF 2: 1 of 3 interrupts were raised");
	for (unsigned vf = 0; vf < VFS; vf++)
		record_put_int(item_of(vf), "raised", 0);
	assert_int_equal(judge("every-vf.interrupts"), VERDICT_FAIL);
}

static void fails_a_vf_that_does_not_come_back(void **state)
{
	struct record *after = record_array();

	(void)state;
	record_add_int(after, 8);
	record_add_int(after, 0);
	record_put(item_of(4), "after_reset", after);
	assert_int_equal(judge("every-vf.reset"), VERDICT_FAIL);
	assert_says(run.reason, "VF 4: after its reset it receives 8 and sends 0 of 8 frames");
}

static void counts_the_vfs_that_it_does_not_name(void **state)
{
	(void)state;
	for (unsigned vf = 0; vf < VFS; vf++)
		break_path(vf, VF_SENDS, 0);
	assert_int_equal(judge("every-vf.sends"), VERDICT_FAIL);
	assert_says(run.reason, "VF 3: 0 of 8 frames; and 3 more");
}

static void named(const char *text, const char *expected)
{
	char name[CHECK_TEXT];

	check_name_vfs(&run, text, name);
	assert_string_equal(name, expected);
}

static void names_vfs_by_their_numbers(void **state)
{
	char name[CHECK_TEXT], text[2 * CHECK_TEXT];

	(void)state;
	judge("every-vf.sends");
	for (unsigned i = 0; i < VFS; i++)
		dut.vfs[i].number = 16 - i;
	named("wire to VF 1, at VF 0", "wire to VF 15, at VF 16");
	named("VF 3's MAC", "VF 13's MAC");
	named("VF %u sends, VF 2 does not", "VF %u sends, VF 14 does not");
	named("a VF without a VLAN, VF ", "a VF without a VLAN, VF ");
	named("VF 77", "VF 77");
	named("", "");
	memset(text, 'x', sizeof(text));
	memcpy(text + CHECK_TEXT - 8, " VF 0 VF 0", 10);
	text[sizeof(text) - 1] = '\0';
	check_name_vfs(&run, text, name);
	assert_true(strlen(name) == CHECK_TEXT - 1);
}

/* "broken" is left for the rig: what a lost fence hides is the fault of the path. */
static void is_not_broken_by_a_lost_path(void **state)
{
	(void)state;
	judge("every-vf.sends");
	assert_int_equal(check_broken(&run, "silence is not proven"), VERDICT_BROKEN);
	run.lost_path = "every-vf.receives";
	assert_int_equal(check_broken(&run, "silence at %s is not proven", "vf2"), VERDICT_SKIP);
	assert_string_equal(run.reason,
			"needs every-vf.receives, which fails: silence at vf2 is not proven");
	assert_string_equal(run.stands_on, "every-vf.receives");
	/* The check that states the path says so itself. */
	assert_int_equal(check_fail(&run, "vf2 receives nothing"), VERDICT_FAIL);
	assert_null(run.stands_on);
	assert_string_equal(run.reason, "vf2 receives nothing");
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(passes_a_sound_card),
		CASE(passes_nothing_that_was_not_seen),
		CASE(names_the_vf_that_fails_and_fails_once),
		CASE(says_what_it_stands_on),
		CASE(fails_what_others_hear),
		CASE(fails_a_missing_tag),
		CASE(fails_a_silent_interrupt),
		CASE(fails_a_vf_that_does_not_come_back),
		CASE(counts_the_vfs_that_it_does_not_name),
		CASE(names_vfs_by_their_numbers),
		CASE(is_not_broken_by_a_lost_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
