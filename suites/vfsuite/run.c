/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/signals.h"
#include "base/text.h"
#include "netdev/netdev.h"
#include "observe/facts.h"
#include "observe/guest.h"
#include "vfsuite/vfsuite.h"

/*
 * A run: the checks of a request on one card. Checks that make their own VFs come first, on a PF
 * without VFs. Then VFs are set up once for all checks that use them, because making and removing
 * VFs takes the kernel seconds. Then come checks that remove the VFs, then those that boot the
 * machine, and last those that destroy the rig.
 */

enum { CHECKS_LIMIT = 4096 };

/* A step that has run. */
struct step {
	const struct check *check;
	struct check_result result;
};

struct run {
	struct session *session;
	struct dut *dut; /* the session's */
	struct listener listener;
	const struct check *checks[CHECKS_LIMIT];
	size_t count, done;
	struct step steps[CHECKS_LIMIT]; /* a check has at most one */
	size_t step_count;
	unsigned vfs_needed;          /* the most that any check needs */
	double kernel_s;              /* that the checks spent in the kernel's own operations */
	const struct record *actions; /* of the rig */
	const struct record *resume;  /* for the first check if it has crossed a boot, or NULL */
	char vfs_unavailable[300];    /* why the VFs do not come up; "" if they do */
	char too_few_vfs[300];        /* why a check cannot run, for unmet_need() */
	bool rig_destroyed;           /* nothing is left to restore */
	bool peer_gone;               /* the controller no longer reads events */
	struct leftover leftover;     /* of the last check */
};

static int turn_of(const struct check *check)
{
	bool crosses = check->after || (check->step && check->step->after);

	bool has_vfs = check->vfs || check->every_vf;

	return check->destroys_rig ? 4 : crosses ? 3 : check->removes_vfs ? 2 : has_vfs;
}

static int take_checks(struct run *run, const struct record *ids, struct err *err)
{
	const struct suite *suite;

	if (!record_length(ids))
		return err_set(err, EINVAL, "the request names no checks");
	if (record_length(ids) > CHECKS_LIMIT)
		return err_set(err, EINVAL, "more than %d checks", CHECKS_LIMIT);
	for (int turn = 0; turn <= 4; turn++) {
		for (size_t i = 0; i < record_length(ids); i++) {
			const char *id = record_text(record_at(ids, i));
			const struct check *check = id ? listing_find(id, &suite) : NULL;

			if (!check)
				return err_set(err, EINVAL, "there is no check '%.64s'",
						id ? id : "");
			if (turn_of(check) != turn)
				continue;
			run->checks[run->count++] = check;
			if (check->vfs > run->vfs_needed && check->vfs <= dut_vfs_to_list(run->dut))
				run->vfs_needed = check->vfs;
		}
	}
	return 0;
}

/* Why a check cannot run here. */
struct unmet {
	const char *need;   /* as in the result's member of that name, or NULL */
	const char *reason; /* NULL if it can run */
};

#define MET ((struct unmet){ 0 })

/* Whether the rig offers the actions that the check needs. */
static struct unmet unmet_by_rig(const struct run *run, const struct check *check)
{
	if (check->needs & NEED_RIG_LINK &&
			!(record_has_text(run->actions, "link-down") &&
					record_has_text(run->actions, "link-up")))
		return (struct unmet){ "rig-link", "this rig cannot cut the wire" };
	if (check->needs & NEED_RIG_AER && !record_has_text(run->actions, "aer-inject"))
		return (struct unmet){ "rig-aer", "this rig cannot inject PCIe errors" };
	if (check->needs & NEED_RIG_UNPLUG && !record_has_text(run->actions, "unplug-pf"))
		return (struct unmet){ "rig-unplug", "this rig cannot remove the card" };
	if (check->needs & NEED_RIG_BOOT && !record_has_text(run->actions, "power-cut"))
		return (struct unmet){ "rig-boot", "this rig cannot boot the machine under test" };
	if (check->needs & NEED_RIG_SLOT && !record_has_text(run->actions, "reslot"))
		return (struct unmet){ "rig-slot",
			"this rig cannot move the card alone to another slot" };
	return MET;
}

/* Why a check cannot run on this card. Called once the VFs that it needs are set up. */
static struct unmet unmet_by_features(const struct dut *dut, const struct check *check)
{
	char text[64];
	bool has_vf = dut->listed > 0;

	if (check->vfs > dut_vfs_to_list(dut) || (check->every_vf && !dut->total_vfs))
		return (struct unmet){ "vfs", "the card offers fewer VFs than the check needs" };
	if (check->needs & NEED_WIRE && !dut->partner[0])
		return (struct unmet){ "wire", "there is no link partner on this rig" };
	if (check->needs & NEED_CONFIG) {
		struct function_ids ids;

		if (function_ids_read(dut, dut->pf, &ids, NULL) < 0 || ids.readable < 4096)
			return (struct unmet){ "config",
				"the PF's extended config space cannot be read" };
	}
	if (check->needs & NEED_SYSTEMD && !host_exists(dut->host, "run/systemd/system"))
		return (struct unmet){ "systemd", "the machine under test does not run systemd" };
	if (check->needs & NEED_GUESTS && !guests_exist(dut->host))
		return (struct unmet){ "guests",
			"no guests run on the machine under test (--topology guests has some)" };
	if (check->needs & NEED_PEER && !host_exists(dut->host, "run/vfcert-peer"))
		return (struct unmet){ "peer",
			"there is no second machine (--topology two-hosts has one)" };
	if (check->needs & NEED_IOMMU && has_vf && group_of(dut, dut->vfs[0].bdf) < 0)
		return (struct unmet){ "iommu", "the VFs have no IOMMU group" };
	if (check->needs & NEED_VFIO && !host_exists(dut->host, "sys/bus/pci/drivers/vfio-pci"))
		return (struct unmet){ "vfio", "vfio-pci is not loaded" };
	if (check->needs & NEED_FLR && has_vf &&
			(function_read(dut->host, dut->vfs[0].bdf, "reset_method", text,
					 sizeof(text), NULL) < 0 ||
					!strstr(text, "flr")))
		return (struct unmet){ "flr",
			"the kernel offers no function-level reset of the VFs" };
	if (check->needs & NEED_VF_SETTINGS && has_vf && !dut_has_vf_settings(dut))
		return (struct unmet){ "vf-policy", "the PF's driver has no settings per VF" };
	return MET;
}

/* The suite "ready" is about what must be there before any VF can be. */
static struct unmet unmet_by_card(const struct dut *dut, const struct check *check)
{
	if (!dut->total_vfs && strncmp(check->id, "ready.", strlen("ready.")))
		return (struct unmet){ "ready.sriov-capable",
			"needs ready.sriov-capable, which fails: the PF offers no SR-IOV" };
	return unmet_by_features(dut, check);
}

/* Why the VFs do not suffice: the checks that state what they fail say it of each. */
static struct unmet unmet_by_vfs(struct run *run, const struct check *check)
{
	const struct dut *dut = run->dut;
	const struct dut_vf *failing = dut_failing_vf(dut);

	if (check->vfs && dut->none_works) {
		snprintf(run->too_few_vfs, sizeof(run->too_few_vfs),
				"needs %s, which fails: of all VFs", dut->none_works);
		return (struct unmet){ dut->none_works, run->too_few_vfs };
	}
	if (check->vfs <= dut->vf_count || !failing)
		return MET;
	snprintf(run->too_few_vfs, sizeof(run->too_few_vfs),
			"needs %s, which fails: of VF %u, for one; %u VFs work, and %u are needed",
			failing->fails, failing->number, dut->vf_count, check->vfs);
	return (struct unmet){ failing->fails, run->too_few_vfs };
}

static struct unmet unmet_need(struct run *run, const struct check *check)
{
	struct unmet unmet;

	if (run->rig_destroyed)
		return (struct unmet){ NULL, "an earlier check destroyed the rig" };
	if (run->vfs_unavailable[0] && check->vfs)
		return (struct unmet){ NULL, run->vfs_unavailable };
	unmet = unmet_by_card(run->dut, check);
	if (!unmet.reason)
		unmet = unmet_by_rig(run, check);
	return unmet.reason ? unmet : unmet_by_vfs(run, check);
}

static struct check_result not_run(
		const struct check *check, enum verdict verdict, struct unmet unmet)
{
	return (struct check_result){
		.id = check->id, .verdict = verdict, .reason = unmet.reason, .need = unmet.need
	};
}

static void report(struct run *run, struct record *event)
{
	if (!run->listener.event(run->listener.argument, event))
		run->peer_gone = true;
}

static void report_start(struct run *run, const struct check *check)
{
	struct record *event = record_object();

	record_put_str(event, "event", "check-start");
	record_put_str(event, "check", check->id);
	record_put_int(event, "index", (int64_t)run->done);
	record_put_int(event, "total", (int64_t)run->count);
	report(run, event);
}

/* Frees what RESULT owns. */
static void report_end(struct run *run, struct check_result *result)
{
	struct record *event = record_object();

	record_put_str(event, "event", "check-end");
	record_put(event, "result", check_result_to_record(CHECK_RESULT_SENT, result));
	run->kernel_s += result->kernel_s;
	check_result_free(result);
	report(run, event);
	run->done++;
}

/* Sets up VFs for a check that needs some; removes them for one that makes its own. */
static int prepare(struct run *run, const struct check *check, struct err *err)
{
	if (check->every_vf)
		return dut_setup_vfs(run->dut, dut_vfs_to_list(run->dut), err);
	if (!check->vfs)
		return dut_setup_vfs(run->dut, 0, err);
	if (run->dut->none_works)
		return 0;
	if (check->vfs > dut_vfs_to_list(run->dut) || run->dut->vf_count >= run->vfs_needed)
		return 0;
	return dut_setup_vfs(run->dut, run->vfs_needed, err);
}

/* Returns the result of the check's step, or NULL if it has none. Runs the step (*FRESH) if it
 * has not run yet. */
static const struct check_result *take_step(struct run *run, const struct check *check, bool *fresh)
{
	size_t i = 0;

	if (!check->step)
		return NULL;
	while (i < run->step_count && run->steps[i].check != check->step)
		i++;
	*fresh = i == run->step_count;
	if (*fresh) {
		struct step *step = &run->steps[run->step_count++];

		step->check = check->step;
		run_check(run->dut, check->step, NULL, TAKE(run->resume), &run->listener,
				&step->result, &run->leftover);
	}
	return &run->steps[i].result;
}

/* A step also records data for the checks that judge it. That is not evidence of a result: facts
 * have names and scalar values. */
static struct record *facts_of(const struct record *observed)
{
	struct record *facts = record_array();

	for (size_t i = 0; i < record_length(observed); i++) {
		const struct record *item = record_at(observed, i);
		enum record_type type = record_type(record_get(item, "value"));

		if (record_str(item, "name", NULL) && type != RECORD_OBJECT &&
				type != RECORD_ARRAY && type != RECORD_ABSENT)
			record_add(facts, record_copy(item));
	}
	return facts;
}

/* The result of a step that did not pass, for one of its checks. The step's texts outlive it. */
static struct check_result result_of_step(
		const struct check *check, const struct check_result *step)
{
	struct check_result result = *step;

	result.id = check->id;
	result.duration_s = result.kernel_s = 0;
	result.owned = record_object();
	record_put(result.owned, "evidence", facts_of(step->evidence));
	result.evidence = record_get(result.owned, "evidence");
	return result;
}

/* Runs the check on what its step has observed. If the step runs now, its time counts as the
 * check's. If the step did not pass, the check gets its result. */
static struct check_result run_with_step(struct run *run, const struct check *check)
{
	bool fresh = false;
	const struct check_result *step = take_step(run, check, &fresh);
	struct check_result result;

	if (step && (run->leftover.dirty || step->verdict != VERDICT_PASS))
		result = result_of_step(check, step);
	else
		run_check(run->dut, check, step ? step->evidence : NULL, TAKE(run->resume),
				&run->listener, &result, &run->leftover);
	if (fresh) {
		result.kernel_s = step->kernel_s;
		result.duration_s += step->duration_s;
	}
	return result;
}

/* If VFs do not come up, the run goes on without the checks that need them: the first of these
 * is broken, so that the run certifies nothing, and the others are skipped, which saves waiting for
 * each. */
static int do_without_vfs(struct run *run, const struct check *check, struct err *err)
{
	struct err cause = *err;
	struct check_result result;

	if (!check->vfs)
		return -err->code;
	*err = (struct err){ 0 };
	if (dut_setup_vfs(run->dut, 0, err) < 0)
		return -err->code;
	snprintf(run->vfs_unavailable, sizeof(run->vfs_unavailable),
			"the VFs do not come up: %.260s", cause.msg);
	result = not_run(check, VERDICT_BROKEN, (struct unmet){ NULL, run->vfs_unavailable });
	report_start(run, check);
	report_end(run, &result);
	return 0;
}

static bool wants_vfs(const struct run *run, const struct check *check)
{
	return !run->rig_destroyed && !(run->vfs_unavailable[0] && check->vfs);
}

/* Runs the checks; stops once the card's state cannot be restored. */
static int run_all(struct run *run, struct err *err)
{
	while (run->done < run->count && !run->peer_gone && !signals_pending() &&
			!run->leftover.dirty) {
		const struct check *check = run->checks[run->done];
		struct check_result result;
		struct unmet unmet = MET;

		if (!run->resume) {
			if (wants_vfs(run, check) && prepare(run, check, err) < 0) {
				if (do_without_vfs(run, check, err) < 0)
					return -err->code;
				continue;
			}
			report_start(run, check);
			unmet = unmet_need(run, check);
		}
		result = unmet.reason ? not_run(check, VERDICT_SKIP, unmet)
				      : run_with_step(run, check);
		report_end(run, &result);
		run->rig_destroyed = run->rig_destroyed || (check->destroys_rig && !unmet.reason);
	}
	return 0;
}

/* Appends the PF's state to the reason why the run ended early. */
static void append_reason(char **aborted, const char *pf, const char *what)
{
	char *former = TAKE(*aborted);

	*aborted = former ? text_format("%s; %s", former, what) : text_format("%s %s", pf, what);
	free(former);
}

/* Ends the session as the request says. ABORTED: why the run ended early, or NULL. */
static void finish(struct run *run, const char *after, char **aborted)
{
	struct session *session = run->session;
	CLEANUP(cleanup_free) char *pf = text_format("%s", run->dut->pf_netdev);
	CLEANUP(cleanup_free) char *what = NULL;
	struct err err = { 0 };

	if (!*aborted && !run->peer_gone && !run->rig_destroyed && !signals_pending() &&
			!strcmp(after, "keep"))
		return;
	if (run->leftover.stuck) {
		session_abandon(session);
		return;
	}
	if (run->rig_destroyed || !strcmp(after, "leave")) {
		session_drop(session);
		return;
	}
	if (session_end(session, &err) < 0)
		what = text_format("could not be restored at the end of the run: %s", err.msg);
	if (what)
		append_reason(aborted, pf, what);
	else if (*aborted)
		append_reason(aborted, pf, "at the end it is as it was before the run");
}

int run_checks(struct session *session, const struct record *request, struct listener listener,
		char **aborted, int64_t *kernel_us, struct err *err)
{
	const char *after = record_str(request, "after", "restore");
	int64_t before = host_kernel_us(session->host);
	struct run *run = calloc(1, sizeof(*run));
	int rc;

	if (!run)
		return err_set(err, ENOMEM, "no memory for a run");
	*aborted = NULL;
	run->session = session;
	run->dut = &session->dut;
	run->listener = listener;
	run->actions = record_get(request, "actions");
	run->resume = record_get(request, "resume");
	rc = session_begin(session, request, err);
	if (!rc)
		rc = take_checks(run, record_get(request, "checks"), err);
	if (!rc && run->resume && turn_of(run->checks[0]) != 3)
		rc = err_set(err, EINVAL, "the check to be resumed crosses no boot");
	if (!rc)
		rc = break_lasting(run->dut, &run->listener, err);
	if (!rc)
		rc = run_all(run, err);
	*aborted = TAKE(run->leftover.dirty);
	if (!rc && !*aborted && run->done < run->count)
		*aborted = text_format("interrupted");
	if (session->lease)
		finish(run, rc < 0 ? "restore" : after, aborted);
	if (rc < 0 && *aborted)
		err_prefix(err, "%s; ", *aborted);
	*kernel_us = host_kernel_us(session->host) - before + (int64_t)(run->kernel_s * 1e6);
	for (size_t i = 0; i < run->step_count; i++)
		check_result_free(&run->steps[i].result);
	free(run);
	return rc;
}
