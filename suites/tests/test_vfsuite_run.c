/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vfsuite/vfsuite.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "tests/assert.h"

/*
 * Tests the run of vfsuite itself, with checks that are made here. The functions below stand in for
 * what a run needs: a session with a card, and a child for each check.
 */

enum { MADE = 40 };

static struct check steps[MADE], made[MADE];
static char ids[2 * MADE][16];
static unsigned ran[2 * MADE]; /* how often each check ran, in the order of ids */
static enum verdict step_verdict;
static struct record *results;
static struct dut card; /* the session's */

const struct check *listing_find(const char *id, const struct suite **suite)
{
	*suite = NULL;
	for (unsigned i = 0; i < MADE; i++) {
		if (made[i].id && !strcmp(made[i].id, id))
			return &made[i];
	}
	return NULL;
}

void run_check(struct dut *dut, const struct check *check, const struct record *observed,
		const struct record *resume, const struct listener *listener,
		struct check_result *result, struct leftover *leftover)
{
	bool is_step = check >= steps && check < steps + MADE;

	(void)dut;
	(void)observed;
	(void)resume;
	(void)listener;
	(void)leftover;
	ran[is_step ? MADE + (check - steps) : check - made]++;
	*result = (struct check_result){ .id = check->id,
		.verdict = is_step ? step_verdict : VERDICT_PASS,
		.duration_s = 1,
		.kernel_s = 1 };
	result->reason = check_result_own(result, "reason", "by %s", check->id);
}

int break_lasting(const struct dut *dut, const struct listener *listener, struct err *err)
{
	(void)dut;
	(void)listener;
	(void)err;
	return 0;
}

int session_begin(struct session *session, const struct record *request, struct err *err)
{
	(void)session;
	(void)request;
	(void)err;
	return 0;
}

int session_end(struct session *session, struct err *err)
{
	(void)session;
	(void)err;
	return 0;
}

void session_drop(struct session *session)
{
	(void)session;
}

void session_abandon(struct session *session)
{
	(void)session;
}

static bool take_event(void *argument, struct record *event)
{
	(void)argument;
	if (record_get(event, "result"))
		record_add(results, record_copy(record_get(event, "result")));
	record_free(event);
	return true;
}

/* Makes COUNT checks, each with its own step, or all with the first one's. */
static void make_checks(unsigned count, bool one_step)
{
	for (unsigned i = 0; i < count; i++) {
		snprintf(ids[i], sizeof(ids[i]), "made.c%u", i);
		snprintf(ids[MADE + i], sizeof(ids[i]), "made.s%u", i);
		steps[i].id = ids[MADE + i];
		made[i].id = ids[i];
		made[i].step = one_step ? &steps[0] : &steps[i];
	}
}

static int run_made(unsigned count, struct err *err)
{
	CLEANUP(cleanup_record) struct record *request = record_object();
	CLEANUP(cleanup_free) char *aborted = NULL;
	struct listener listener = { .event = take_event };
	CLEANUP(cleanup_host) struct host *host = NULL;
	struct session session = { .dut = card };
	int64_t kernel_us;
	struct record *names = record_array();
	int rc;

	for (unsigned i = 0; i < count; i++)
		record_add_str(names, ids[i]);
	record_put(request, "checks", names);
	if (host_open("/", &host, err) < 0)
		return -err->code;
	session.host = host;
	rc = run_checks(&session, request, listener, &aborted, &kernel_us, err);
	assert_null(aborted);
	return rc;
}

static const char *said(unsigned i, const char *member)
{
	return record_str(record_at(results, i), member, "");
}

static int setup(void **state)
{
	(void)state;
	memset(steps, 0, sizeof(steps));
	memset(made, 0, sizeof(made));
	memset(ran, 0, sizeof(ran));
	results = record_array();
	step_verdict = VERDICT_PASS;
	card = (struct dut){ .total_vfs = 7 };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	record_free(results);
	return 0;
}

static void keeps_what_each_of_many_steps_found(void **state)
{
	struct err err = { 0 };
	char reason[40];

	(void)state;
	make_checks(MADE, false);
	step_verdict = VERDICT_FAIL;
	assert_int_equal(run_made(MADE, &err), 0);
	assert_int_equal(record_length(results), MADE);
	for (unsigned i = 0; i < MADE; i++) {
		snprintf(reason, sizeof(reason), "by made.s%u", i);
		assert_string_equal(said(i, "id"), ids[i]);
		assert_string_equal(said(i, "verdict"), "fail");
		assert_string_equal(said(i, "reason"), reason);
		assert_int_equal(ran[i], 0);
		assert_int_equal(ran[MADE + i], 1);
	}
}

static void runs_a_step_once_for_all_its_checks(void **state)
{
	struct err err = { 0 };

	(void)state;
	make_checks(3, true);
	assert_int_equal(run_made(3, &err), 0);
	assert_int_equal(ran[MADE], 1);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(ran[i], 1);
		assert_string_equal(said(i, "verdict"), "pass");
	}
	/* The second that the step takes counts for the first check. */
	assert_true(record_real(record_at(results, 0), "duration_s", 0) > 1.5);
	assert_true(record_real(record_at(results, 1), "duration_s", 0) < 1.5);
}

static void skips_what_comes_after_the_rig_was_destroyed(void **state)
{
	struct err err = { 0 };

	(void)state;
	make_checks(3, false);
	made[0].destroys_rig = made[1].destroys_rig = true;
	assert_int_equal(run_made(3, &err), 0);
	assert_string_equal(said(0, "id"), ids[2]);
	assert_string_equal(said(1, "verdict"), "pass");
	assert_string_equal(said(2, "id"), ids[1]);
	assert_string_equal(said(2, "verdict"), "skip");
}

static void names_the_need_that_the_rig_does_not_meet(void **state)
{
	struct err err = { 0 };

	(void)state;
	make_checks(1, false);
	made[0].needs = NEED_RIG_BOOT;
	assert_int_equal(run_made(1, &err), 0);
	assert_string_equal(said(0, "verdict"), "skip");
	assert_string_equal(said(0, "need"), "rig-boot");
	assert_int_equal(ran[0] + ran[MADE], 0);
}

static void rejects_a_check_that_does_not_exist(void **state)
{
	struct err err = { 0 };

	(void)state;
	make_checks(2, false);
	made[1].id = NULL;
	assert_int_equal(run_made(2, &err), -EINVAL);
	assert_says(err.msg, "there is no check 'made.c1'");
	assert_int_equal(record_length(results), 0);
}

/* All VFs are made, the first WORKING work, and the others have failed. */
static void make_vfs(unsigned working)
{
	card.made = card.listed = card.total_vfs;
	card.vf_count = working;
	for (unsigned i = 0; i < card.listed; i++)
		card.vfs[i] = (struct dut_vf){ .number = 6 - i,
			.set_up = true,
			.fails = i < working ? NULL : "every-vf.sends" };
}

static void takes_the_vfs_that_work(void **state)
{
	struct err err = { 0 };

	(void)state;
	make_checks(2, true);
	make_vfs(4);
	made[0].vfs = 4;
	made[1].every_vf = true;
	made[1].step = &steps[1];
	assert_int_equal(run_made(2, &err), 0);
	assert_string_equal(said(0, "verdict"), "pass");
	assert_string_equal(said(1, "verdict"), "pass");
}

static void names_the_check_that_says_why_too_few_vfs_work(void **state)
{
	struct err err = { 0 };

	(void)state;
	make_checks(2, true);
	make_vfs(3);
	made[0].vfs = 4;
	made[1].vfs = 3;
	assert_int_equal(run_made(2, &err), 0);
	assert_string_equal(said(0, "verdict"), "skip");
	assert_string_equal(said(0, "need"), "every-vf.sends");
	assert_says(said(0, "reason"), "of VF 3, for one; 3 VFs work, and 4 are needed");
	assert_string_equal(said(1, "verdict"), "pass");
}

static void runs_nothing_but_readiness_without_sriov(void **state)
{
	struct err err = { 0 };

	(void)state;
	make_checks(2, true);
	made[1].id = "ready.made";
	snprintf(ids[1], sizeof(ids[1]), "ready.made");
	card.total_vfs = 0;
	assert_int_equal(run_made(2, &err), 0);
	assert_string_equal(said(0, "verdict"), "skip");
	assert_string_equal(said(0, "need"), "ready.sriov-capable");
	assert_string_equal(said(1, "verdict"), "pass");
}

static void waits_for_no_vf_where_none_works(void **state)
{
	struct err err = { 0 };

	(void)state;
	make_checks(2, true);
	card.none_works = "every-vf.carrier";
	made[0].vfs = 1;
	made[1].vfs = 4;
	assert_int_equal(run_made(2, &err), 0);
	for (unsigned i = 0; i < 2; i++) {
		assert_string_equal(said(i, "verdict"), "skip");
		assert_string_equal(said(i, "need"), "every-vf.carrier");
	}
	assert_int_equal(ran[MADE], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
				keeps_what_each_of_many_steps_found, setup, teardown),
		cmocka_unit_test_setup_teardown(
				runs_a_step_once_for_all_its_checks, setup, teardown),
		cmocka_unit_test_setup_teardown(
				skips_what_comes_after_the_rig_was_destroyed, setup, teardown),
		cmocka_unit_test_setup_teardown(
				names_the_need_that_the_rig_does_not_meet, setup, teardown),
		cmocka_unit_test_setup_teardown(takes_the_vfs_that_work, setup, teardown),
		cmocka_unit_test_setup_teardown(
				names_the_check_that_says_why_too_few_vfs_work, setup, teardown),
		cmocka_unit_test_setup_teardown(
				runs_nothing_but_readiness_without_sriov, setup, teardown),
		cmocka_unit_test_setup_teardown(waits_for_no_vf_where_none_works, setup, teardown),
		cmocka_unit_test_setup_teardown(
				rejects_a_check_that_does_not_exist, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
