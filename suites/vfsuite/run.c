/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/signals.h"
#include "host/netlink.h"
#include "observe/facts.h"
#include "vfsuite/vfsuite.h"

/*
 * A run: the checks of a request on one card. Checks that make their own VFs come first, on a PF
 * without VFs; then VFs stand for all the others together, because making and removing them takes
 * the kernel seconds; then come those that take the standing VFs away, and at the end those that
 * leave no rig to speak of.
 */

enum { CHECKS_LIMIT = 4096 };

/* A step that has run, and what it found. */
struct step {
	const struct check *check;
	struct record *result;
};

struct run {
	struct session *session;
	struct dut *dut; /* the session's */
	struct listener listener;
	const struct check *checks[CHECKS_LIMIT];
	size_t count, done;
	struct step steps[CHECKS_LIMIT]; /* a check has at most one */
	size_t step_count;
	unsigned standing;            /* VFs for the checks that want some */
	double kernel_s;              /* that the checks spent in the kernel's own operations */
	const struct record *actions; /* of the rig */
	const struct record *resume;  /* for the first check, which has crossed a boot, or NULL */
	char lame[300];               /* why the VFs do not come up; "": they do */
	bool spoiled;                 /* there is nothing left to be put back */
	bool deaf;                    /* nobody listens any more */
	struct aftermath after;       /* of the last check */
};

static int turn_of(const struct check *check)
{
	bool crosses = check->after || (check->step && check->step->after);

	return check->destroys_rig ? 4 : crosses ? 3 : check->removes_vfs ? 2 : check->vfs > 0;
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
			if (check->vfs > run->standing && check->vfs <= run->dut->total_vfs)
				run->standing = check->vfs;
		}
	}
	return 0;
}

static bool rig_does(const struct run *run, const char *action)
{
	for (size_t i = 0; i < record_length(run->actions); i++) {
		const char *granted = record_text(record_at(run->actions, i));

		if (granted && !strcmp(granted, action))
			return true;
	}
	return false;
}

/* Why a check cannot run here. */
struct unmet {
	const char *need;   /* as in the result's member of that name, or NULL */
	const char *reason; /* NULL: it can */
};

#define MET ((struct unmet){ 0 })

/* The same for what the rig has to do. */
static struct unmet unmet_by_rig(const struct run *run, const struct check *check)
{
	if (check->needs & NEED_RIG_LINK &&
			!(rig_does(run, "link-down") && rig_does(run, "link-up")))
		return (struct unmet){ "rig-link", "this rig cannot cut the wire" };
	if (check->needs & NEED_RIG_AER && !rig_does(run, "aer-inject"))
		return (struct unmet){ "rig-aer", "this rig cannot inject PCIe errors" };
	if (check->needs & NEED_RIG_UNPLUG && !rig_does(run, "unplug-pf"))
		return (struct unmet){ "rig-unplug", "this rig cannot take the card out" };
	if (check->needs & NEED_RIG_BOOT && !rig_does(run, "power-cut"))
		return (struct unmet){ "rig-boot", "this rig cannot boot the machine under test" };
	if (check->needs & NEED_RIG_SLOT && !rig_does(run, "reslot"))
		return (struct unmet){ "rig-slot",
			"this rig cannot put the card alone into another slot" };
	return MET;
}

/* VFs stand already where the check wants some. */
static struct unmet unmet_by_card(const struct dut *dut, const struct check *check)
{
	char text[64];
	bool has_vf = dut->vf_count > 0;

	if (check->vfs > dut->total_vfs)
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

static struct unmet unmet_need(const struct run *run, const struct check *check)
{
	struct unmet unmet;

	if (run->spoiled)
		return (struct unmet){ NULL, "an earlier check has spoiled the rig" };
	if (run->lame[0] && check->vfs)
		return (struct unmet){ NULL, run->lame };
	unmet = unmet_by_card(run->dut, check);
	return unmet.reason ? unmet : unmet_by_rig(run, check);
}

static struct record *not_run(
		const struct check *check, const char *verdict, const struct unmet *unmet)
{
	struct record *result = record_object();

	record_put_str(result, "id", check->id);
	record_put_str(result, "verdict", verdict);
	record_put_str(result, "reason", unmet->reason);
	if (unmet->need)
		record_put_str(result, "need", unmet->need);
	record_put_real(result, "duration_s", 0);
	record_put_real(result, "kernel_s", 0);
	record_put(result, "evidence", record_array());
	record_put(result, "log", record_array());
	return result;
}

static void tell(struct run *run, struct record *event)
{
	if (!run->listener.event(run->listener.argument, event))
		run->deaf = true;
}

static void tell_start(struct run *run, const struct check *check)
{
	struct record *event = record_object();

	record_put_str(event, "event", "check-start");
	record_put_str(event, "check", check->id);
	record_put_int(event, "index", (int64_t)run->done);
	record_put_int(event, "total", (int64_t)run->count);
	tell(run, event);
}

static void tell_end(struct run *run, struct record *result)
{
	struct record *event = record_object();

	record_put_str(event, "event", "check-end");
	run->kernel_s += record_real(result, "kernel_s", 0);
	record_put(event, "result", result);
	tell(run, event);
	run->done++;
}

/* VFs stand for a check that wants some, and are away for one that makes its own. */
static int prepare(struct run *run, const struct check *check, struct err *err)
{
	if (!check->vfs)
		return dut_setup_vfs(run->dut, 0, err);
	if (check->vfs > run->dut->total_vfs || run->dut->vf_count >= run->standing)
		return 0;
	return dut_setup_vfs(run->dut, run->standing, err);
}

/* The result of the check's step, which runs now if it has not yet; NULL: it has none. */
static const struct record *take_step(struct run *run, const struct check *check, bool *fresh)
{
	size_t i = 0;

	if (!check->step)
		return NULL;
	while (i < run->step_count && run->steps[i].check != check->step)
		i++;
	*fresh = i == run->step_count;
	if (*fresh)
		run->steps[run->step_count++] = (struct step){ check->step,
			run_check(run->dut, check->step, NULL, TAKE(run->resume), &run->listener,
					&run->after) };
	return run->steps[i].result;
}

/* Runs the check on what its step has observed. The time of a step that ran for it is its own. A
 * step that failed speaks for the check. */
static struct record *run_with_step(struct run *run, const struct check *check)
{
	bool fresh = false;
	const struct record *step = take_step(run, check, &fresh);
	struct record *result;

	if (step && (run->after.dirty || strcmp(record_str(step, "verdict", ""), "pass"))) {
		result = record_copy(step);
		record_put_str(result, "id", check->id);
		record_put_real(result, "kernel_s", 0);
		record_put_real(result, "duration_s", 0);
	} else {
		result = run_check(run->dut, check, record_get(step, "evidence"), TAKE(run->resume),
				&run->listener, &run->after);
	}
	if (fresh) {
		record_put_real(result, "kernel_s", record_real(step, "kernel_s", 0));
		record_put_real(result, "duration_s",
				record_real(result, "duration_s", 0) +
						record_real(step, "duration_s", 0));
	}
	return result;
}

/* VFs that do not come up end the checks of VFs, not the run: the first is broken, so that the run
 * stands for nothing, and the others are skipped, which saves the wait for each. */
static int do_without_vfs(struct run *run, const struct check *check, struct err *err)
{
	struct err cause = *err;

	if (!check->vfs)
		return -err->code;
	*err = (struct err){ 0 };
	if (dut_setup_vfs(run->dut, 0, err) < 0)
		return -err->code;
	snprintf(run->lame, sizeof(run->lame), "the VFs do not come up: %.260s", cause.msg);
	tell_start(run, check);
	tell_end(run, not_run(check, "broken", &(struct unmet){ NULL, run->lame }));
	return 0;
}

static bool wants_vfs(const struct run *run, const struct check *check)
{
	return !run->spoiled && !(run->lame[0] && check->vfs);
}

/* Runs what is left, and stops at what cannot be put back. */
static int run_all(struct run *run, struct err *err)
{
	while (run->done < run->count && !run->deaf && !signals_pending() && !run->after.dirty) {
		const struct check *check = run->checks[run->done];
		struct unmet unmet = MET;

		if (!run->resume) {
			if (wants_vfs(run, check) && prepare(run, check, err) < 0) {
				if (do_without_vfs(run, check, err) < 0)
					return -err->code;
				continue;
			}
			tell_start(run, check);
			unmet = unmet_need(run, check);
		}
		tell_end(run,
				unmet.reason ? not_run(check, "skip", &unmet)
					     : run_with_step(run, check));
		run->spoiled = run->spoiled || (check->destroys_rig && !unmet.reason);
	}
	return 0;
}

/* Adds what has become of the PF to why the run ended early. */
static void tell_end_of(char **aborted, const char *pf, const char *what)
{
	char *former = TAKE(*aborted);

	*aborted = former ? file_path("%s; %s", former, what) : file_path("%s %s", pf, what);
	free(former);
}

/* Ends the session as the request says. ABORTED: why the run ended early, or NULL. */
static void finish(struct run *run, const char *after, char **aborted)
{
	struct session *session = run->session;
	CLEANUP(cleanup_free) char *pf = file_path("%s", run->dut->pf_netdev);
	CLEANUP(cleanup_free) char *what = NULL;
	struct err err = { 0 };

	if (!*aborted && !run->deaf && !run->spoiled && !signals_pending() &&
			!strcmp(after, "keep"))
		return;
	if (run->after.stuck) {
		session_abandon(session);
		return;
	}
	if (run->spoiled || !strcmp(after, "leave")) {
		session_drop(session);
		return;
	}
	if (session_end(session, &err) < 0)
		what = file_path("could not be put back at the end of the run: %s", err.msg);
	if (what)
		tell_end_of(aborted, pf, what);
	else if (*aborted)
		tell_end_of(aborted, pf, "at the end it is as it was before the run");
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
	*aborted = TAKE(run->after.dirty);
	if (!rc && !*aborted && run->done < run->count)
		*aborted = file_path("interrupted");
	if (session->lease)
		finish(run, rc < 0 ? "restore" : after, aborted);
	if (rc < 0 && *aborted)
		err_prefix(err, "%s; ", *aborted);
	*kernel_us = host_kernel_us(session->host) - before + (int64_t)(run->kernel_s * 1e6);
	for (size_t i = 0; i < run->step_count; i++)
		record_free(run->steps[i].result);
	free(run);
	return rc;
}
