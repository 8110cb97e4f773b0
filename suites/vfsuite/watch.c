/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "host/interrupts.h"
#include "host/kernel_log.h"
#include "observe/facts.h"
#include "vfsuite/task.h"

/*
 * Runs a check and watches what happens around it: the kernel log, the IOMMU's faults, and the
 * state of PF and VFs.
 */

enum { LOG_LINES = 20 };

static void set_verdict(struct check_result *result, enum verdict verdict, const char *reason)
{
	result->verdict = verdict;
	result->reason = check_result_own(result, "reason", "%s", reason);
}

static void add_reason(struct check_result *result, enum verdict verdict, const char *addition)
{
	result->verdict = verdict;
	result->reason = check_result_own(result, "reason", "%s%s%s",
			result->reason ? result->reason : "", result->reason ? "; " : "", addition);
}

void task_trouble(struct check_result *result, const char *trouble)
{
	bool fails = result->verdict == VERDICT_FAIL;

	add_reason(result, fails ? VERDICT_FAIL : VERDICT_BROKEN, trouble);
}

/* If the kernel complains, the check fails, whatever its verdict. */
static void judge_log(struct check_result *result, int log)
{
	struct record *lines = record_array();
	char line[512], complaint[512] = "";

	while (kernel_log_next(log, line, sizeof(line))) {
		if (record_length(lines) < LOG_LINES)
			record_add_str(lines, line);
		if (!complaint[0] && log_complains(line))
			memcpy(complaint, line, sizeof(complaint));
	}
	if (complaint[0]) {
		CLEANUP(cleanup_free)
		char *why = text_format("the kernel complained: %s", complaint);

		set_verdict(result, VERDICT_FAIL, why);
	}
	if (!result->owned)
		result->owned = record_object();
	record_put(result->owned, "log", lines);
	result->log = record_get(result->owned, "log");
}

/* Counts the IOMMU's fault interrupts so far. The kernel log is rate-limited; this count is not. */
static uint64_t count_faults(const struct dut *dut)
{
	uint64_t count = 0;

	interrupts_taken(dut->host, "dmar*", &count, NULL);
	return count;
}

/* A fault that the check does not cause on purpose is a stray access by some function. */
static void judge_faults(struct check_result *result, const struct check *check, uint64_t count)
{
	CLEANUP(cleanup_free)
	char *why = text_format("the IOMMU raised %llu faults", (unsigned long long)count);

	if (count && !check->causes_iommu_faults)
		add_reason(result, VERDICT_FAIL, why);
}

/* Asks the rig for ACTION on the kernel functions that a defect names, if it names any. */
static int act_on_functions(const struct dut *dut, bool lasting, const char *action,
		const struct listener *listener, struct err *err)
{
	CLEANUP(cleanup_record)
	struct record *arguments = fault_injection_functions(&dut->injection, lasting);
	CLEANUP(cleanup_record) struct record *answer = NULL;
	struct record *event;

	if (!arguments)
		return 0;
	event = record_object();
	record_put_str(event, "event", "rig");
	record_put_str(event, "action", action);
	record_put(event, "arguments", TAKE(arguments));
	answer = listener->ask(listener->argument, event);
	if (record_bool(answer, "ok", false))
		return 0;
	return err_set(err, EREMOTEIO, "the rig cannot do %s: %s", action,
			record_str(answer, "error", "it does not answer"));
}

int break_lasting(const struct dut *dut, const struct listener *listener, struct err *err)
{
	return act_on_functions(dut, true, "break-functions", listener, err);
}

/* Runs the check while the kernel functions that a defect names are broken, and restores them
 * afterwards. */
static void in_broken_kernel(struct task *task, struct check_result *result, char **stuck)
{
	struct err err = { 0 };

	*stuck = NULL;
	*result = CHECK_RESULT_NONE;
	if (act_on_functions(task->dut, false, "break-functions", task->listener, &err) == 0)
		task_run(task, result, stuck);
	act_on_functions(task->dut, false, "mend-functions", task->listener, &err);
	if (err.code)
		set_verdict(result, VERDICT_BROKEN, err.msg);
}

/* Takes a lease on the PF's state before the check. A check that removes the VFs need not
 * restore it. */
static int take_lease(struct task *task, struct err *err)
{
	const struct record *kept_lease = record_get(record_get(task->resume, "kept"), "lease");

	if (task->check->removes_vfs || task->check->destroys_rig)
		return 0;
	if (task->resume)
		return lease_adopt(task->dut->host, kept_lease, task->dut->pf, &task->lease, err);
	return lease_begin(task->dut->host, task->dut->pf, &task->lease, err);
}

void run_check(struct dut *dut, const struct check *check, const struct record *observed,
		const struct record *resume, const struct listener *listener,
		struct check_result *result, struct leftover *leftover)
{
	struct task task = { dut, check, observed, resume, listener, NULL, clock_us() };
	CLEANUP(cleanup_free) char *stuck = NULL;
	CLEANUP(cleanup_fd) int log = -1;
	uint64_t faults;
	struct err err = { 0 };

	if (take_lease(&task, &err) < 0 || kernel_log_open(dut->host, false, &log, &err) < 0) {
		lease_drop(task.lease);
		*result = (struct check_result){ .id = check->id };
		set_verdict(result, VERDICT_BROKEN, err.msg);
		return;
	}
	state_note(&task);
	faults = count_faults(dut);
	in_broken_kernel(&task, result, &stuck);
	result->id = check->id;
	if (stuck)
		task_trouble(result, stuck);
	judge_log(result, log);
	state_judge(&task, stuck != NULL, result, leftover);
	judge_faults(result, check, count_faults(dut) - faults);
	result->duration_s = task_spent_before(&task) + task_seconds(&task);
}
