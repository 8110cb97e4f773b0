/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "checks/persistence/persistence.h"
#include "checks/suites.h"
#include "host/host_file.h"
#include "observe/durable.h"
#include "sriov/vfs.h"

/*
 * A change between two states is interrupted after its first durable step, its second, and so on,
 * by a power cut or by SIGKILL. Each time, the card must afterwards be in exactly one of the two
 * states, and the manager must be able to continue from there.
 *
 * Changes in both directions first run to their end, which shows the largest number of steps. Each
 * change begins in the state that the previous one left.
 */

enum { COLD_EVERY = 8 }; /* one in so many boots is cold; the others start from the snapshot */

/* A change between the states 0 and 1. */
struct change {
	const char *cut, *killed;                           /* ids of its checks */
	int (*prepare)(struct check_run *run, unsigned to); /* prepares the script; or NULL */
	const char *const scripts[2];                       /* to each of the states */
	int (*found)(struct check_run *run);                /* the current state, or -1 */
	enum verdict (*judge)(struct check_run *run, unsigned state); /* or NULL */
};

#define SCRATCH "tmp/vfcert-policy"
#define FRESH   "/" POLICY_FOLDER "/.fresh"

/* Two VFs are enough: each further one only adds steps of the same kinds, and each step costs a
 * boot. */
static struct intent policy_of(const struct check_run *run, unsigned state)
{
	struct intent intent = intent_of(run->dut, state);

	intent.vf_count = 2;
	return intent;
}

static int policy_prepare(struct check_run *run, unsigned to)
{
	struct intent intent = policy_of(run, to);
	CLEANUP(cleanup_free) char *text = intent_text(run, &intent);

	if (!text)
		return -EIO;
	return host_file_write(run->dut->host, SCRATCH, text, strlen(text), &run->err);
}

static int policy_found(struct check_run *run)
{
	CLEANUP(cleanup_free) char *text = NULL;

	if (host_file_read(run->dut->host, POLICY_FILE, 65536, &text, NULL, &run->err) < 0)
		return -1;
	for (unsigned state = 0; state < 2; state++) {
		struct intent intent = policy_of(run, state);
		CLEANUP(cleanup_free) char *expected = intent_text(run, &intent);

		if (expected && !strcmp(text, expected))
			return (int)state;
	}
	err_set(&run->err, EBADMSG, "the policy file is neither the old nor the new one");
	return -1;
}

/* After a kill the card may be in any state until the next apply; after a boot it must match. */
static enum verdict policy_judge(struct check_run *run, unsigned state)
{
	struct intent intent = policy_of(run, state);
	enum verdict verdict =
			run->boot ? manager_holds(run, &intent, "after the boot") : VERDICT_PASS;

	if (verdict == VERDICT_PASS)
		verdict = manager_apply(run);
	if (verdict == VERDICT_PASS)
		verdict = manager_holds(run, &intent, "after vfctl apply");
	return verdict == VERDICT_PASS ? manager_clean(run) : verdict;
}

/* Replaces the policy file atomically and durably, as careful editors do, and applies it. */
#define POLICY_SCRIPT                                                                        \
	"set -e; cat /" SCRATCH " >" FRESH "; sync " FRESH "; mv -T " FRESH " /" POLICY_FILE \
	"; sync /" POLICY_FOLDER "; vfctl apply"

static int network_found(struct check_run *run)
{
	static const char *const args[] = { "network", "list", NULL };
	CLEANUP(call_end) struct call call = { 0 };

	if (manager_call(run, args, &call) < 0)
		return -1;
	if (!call.status)
		return strstr(call.output, "persistent") != NULL;
	err_set(&run->err, EBADMSG, "vfctl network list ends with %d: %.200s", call.status,
			call_last(&call));
	return -1;
}

static const struct change changes[] = {
	{ "persistence.apply-power-cut", "persistence.apply-killed", policy_prepare,
			{ POLICY_SCRIPT, POLICY_SCRIPT }, policy_found, policy_judge },
	{ "persistence.network-power-cut", "persistence.network-killed", NULL,
			{ "vfctl network remove persistent",
					"vfctl network add persistent --vlan 42" },
			network_found, NULL },
};

static const struct change *change_of(const struct check_run *run)
{
	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		if (!strcmp(changes[i].cut, run->check->id) ||
				!strcmp(changes[i].killed, run->check->id))
			return &changes[i];
	}
	return NULL;
}

static int64_t recall(const struct check_run *run, const char *name)
{
	return record_int(run->memory, name, 0);
}

static void add_to(struct check_run *run, const char *name)
{
	record_put_int(run->memory, name, recall(run, name) + 1);
}

/* Starts the change to the other state and stops it after STEPS durable steps, or not at all. */
static int begin(struct check_run *run, const struct change *change, int steps,
		struct durable *durable)
{
	unsigned to = !recall(run, "state");
	const char *const argv[] = { "sh", "-c", change->scripts[to], NULL };
	int rc = change->prepare ? change->prepare(run, to) : 0;

	return rc ? rc
		  : durable_run(run->dut->host, argv, steps, run->dut->injection.pretend, durable,
				    &run->err);
}

/* Runs the whole change, which must succeed, and counts its steps. Both directions are measured,
 * since the direction that is interrupted at a step depends on the state that the previous change
 * left. */
static enum verdict measure(struct check_run *run, const struct change *change)
{
	CLEANUP(durable_end) struct durable durable = DURABLE_NONE;
	unsigned to = !recall(run, "state");

	if (begin(run, change, DURABLE_WHOLE, &durable) < 0)
		return check_broken(run, "the change cannot be watched");
	if (!WIFEXITED(durable.status) || WEXITSTATUS(durable.status))
		return check_fail(run, "the change fails: %.200s", durable.output);
	if (change->found(run) != (int)to)
		return check_fail(run, "the change succeeded, but did not take effect");
	record_put_int(run->memory, "state", to);
	if (durable.steps > recall(run, "steps")) {
		record_put_int(run->memory, "steps", durable.steps);
		record_put(run->memory, "counts", record_copy(durable.counts));
	}
	return change->judge ? change->judge(run, to) : VERDICT_PASS;
}

/* Measures both directions. Neither state of a policy is the initial one, so a first change leads
 * to one of them. */
static enum verdict prepare(struct check_run *run, const struct change *change)
{
	enum verdict verdict = VERDICT_PASS;

	record_put_int(run->memory, "mtu", pf_mtu(run->dut));
	record_put_int(run->memory, "at", DURABLE_WHOLE);
	record_put_int(run->memory, "state", change->judge != NULL);
	for (int way = 0; verdict == VERDICT_PASS && way < (change->judge ? 3 : 2); way++)
		verdict = measure(run, change);
	return verdict;
}

static enum verdict finish(struct check_run *run, enum verdict verdict)
{
	CLEANUP(cleanup_free) char *counts = durable_text(record_get(run->memory, "counts"));

	evidence_int(run, "durable steps", recall(run, "steps"), NULL);
	evidence_text(run, "steps by kind", "%s", counts);
	evidence_int(run, "broken off", recall(run, "old") + recall(run, "new"), "times");
	evidence_int(run, "found in the old state", recall(run, "old"), "times");
	evidence_int(run, "found in the new state", recall(run, "new"), "times");
	if (run->boot) {
		evidence_int(run, "boots", recall(run, "cold"), "cold");
		evidence_int(run, "boots from the snapshot", recall(run, "snapshot"), NULL);
	}
	if (manager_forget(run, (uint32_t)recall(run, "mtu")) < 0 && verdict == VERDICT_PASS)
		return check_broken(run, "the card cannot be restored");
	if (verdict == VERDICT_PASS && !(recall(run, "old") && recall(run, "new")))
		return check_broken(run, "only one of the two states was ever found");
	return verdict;
}

/* Judges what the interrupted change left: it must be one of the two states, in which the next
 * change begins. */
static enum verdict judge_leftover(struct check_run *run, const struct change *change, bool whole)
{
	unsigned old = (unsigned)recall(run, "state");
	int state = change->found(run);
	enum verdict verdict;

	if (state < 0)
		return check_fail(run, "interrupted after step %lld (%s)",
				(long long)recall(run, "at"), record_str(run->memory, "last", ""));
	add_to(run, (unsigned)state == old ? "old" : "new");
	if (whole && (unsigned)state == old)
		return check_fail(run, "the change succeeded, but is lost");
	verdict = change->judge ? change->judge(run, (unsigned)state) : VERDICT_PASS;
	if (verdict != VERDICT_PASS) {
		manager_note_restore(run);
		evidence_text(run, "broken off", "after step %lld of %lld (%s)",
				(long long)recall(run, "at"), (long long)recall(run, "steps"),
				record_str(run->memory, "last", ""));
		return verdict;
	}
	record_put_int(run->memory, "state", state);
	return VERDICT_PASS;
}

/* Interrupts the change after the next step; the first time it does not interrupt it. A change
 * with fewer steps than the longest one runs to its end. */
static int break_off(struct check_run *run, const struct change *change, struct durable *durable)
{
	int rc = begin(run, change, (int)recall(run, "at"), durable);

	record_put_str(run->memory, "last", durable->last);
	record_put_bool(run->memory, "whole",
			!durable->stopped && WIFEXITED(durable->status) &&
					!WEXITSTATUS(durable->status));
	return rc;
}

static enum verdict cut_next(struct check_run *run, const struct change *change)
{
	CLEANUP(durable_end) struct durable durable = DURABLE_NONE;
	struct record *arguments = record_object();

	record_put_str(arguments, "boot", recall(run, "at") % COLD_EVERY ? "snapshot" : "cold");
	if (break_off(run, change, &durable) == 0)
		return check_cross(run, "power-cut", arguments);
	record_free(arguments);
	return finish(run, check_broken(run, "the change cannot be watched"));
}

static enum verdict power_cut(struct check_run *run)
{
	const struct change *change = change_of(run);
	enum verdict verdict = prepare(run, change);

	return verdict == VERDICT_PASS ? cut_next(run, change) : finish(run, verdict);
}

static enum verdict after_power_cut(struct check_run *run)
{
	const struct change *change = change_of(run);
	enum verdict verdict;

	add_to(run, run->boot);
	verdict = judge_leftover(run, change, record_bool(run->memory, "whole", false));
	if (verdict != VERDICT_PASS || recall(run, "at") >= recall(run, "steps"))
		return finish(run, verdict);
	add_to(run, "at");
	return cut_next(run, change);
}

static enum verdict killed(struct check_run *run)
{
	const struct change *change = change_of(run);
	enum verdict verdict = prepare(run, change);

	for (; verdict == VERDICT_PASS && recall(run, "at") <= recall(run, "steps");
			add_to(run, "at")) {
		struct durable durable = DURABLE_NONE;
		int rc = break_off(run, change, &durable);

		durable_end(&durable);
		verdict = rc ? check_broken(run, "the change cannot be watched")
			     : judge_leftover(run, change,
					       record_bool(run->memory, "whole", false));
	}
	return finish(run, verdict);
}

const struct check suite_persistence_changes[] = {
	/* Rigs take checks in this order, and the first two take longest. */
	{ .id = "persistence.apply-power-cut",
			.title = "A power cut at any step of a change of policy leaves the whole "
				 "old policy or the whole new one",
			.why = "Power may fail at any moment, and nobody has chosen half a policy.",
			.needs = BOOTS,
			.slow = true,
			.timeout_s = 30,
			.fn = power_cut,
			.after = after_power_cut },
	{ .id = "persistence.apply-killed",
			.title = "SIGKILL at any step of a change of policy leaves a state that "
				 "the next apply repairs",
			.why = "Administrators and the kernel's OOM killer do this.",
			.needs = BOOTS,
			.slow = true,
			.timeout_s = 120,
			.fn = killed },
	{ .id = "persistence.network-power-cut",
			.title = "A power cut at any step of adding or removing a network leaves "
				 "all of it or nothing",
			.why = "One damaged definition makes all others unusable.",
			.needs = BOOTS,
			.slow = true,
			.timeout_s = 20,
			.fn = power_cut,
			.after = after_power_cut },
	{ .id = "persistence.network-killed",
			.title = "SIGKILL at any step of adding or removing a network leaves all "
				 "of it or nothing",
			.why = "One damaged definition makes all others unusable.",
			.needs = BOOTS,
			.slow = true,
			.timeout_s = 60,
			.fn = killed },
	{ 0 },
};
