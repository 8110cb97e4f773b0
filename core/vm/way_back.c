/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vm/way_back.h"

#include "base/cleanup.h"
#include "sriov/refusal.h"
#include "vm/nic_plug.h"
#include "vm/unplug.h"

enum { HOLD_MS = 180000, BACK_MS = 10000, DONE_MS = 5000 };

int way_back_plan(const struct host *host, const struct domain_status *vm,
		const struct domain_nic *of, const struct vnic *vnic, struct way_back *back,
		struct err *err)
{
	struct reservation reservation;
	struct vf_candidate vf;
	int rc = reservation_read(host, of->host, &reservation, err);

	if (rc == -ENOENT)
		return refuse(err, REFUSAL_DEVICE_PASSED_THROUGH,
				"NIC %s of VM %s was plugged in by another program, and only that "
				"knows how its VF was before: vfctl detach, then attach",
				vnic->nic, vm->name);
	if (!rc)
		rc = vf_candidate_of(host, of->host, &vf, err);
	if (rc < 0)
		return rc;
	back->vf = of->host;
	nic_plan_as_is(of, vnic, &back->plan);
	plug_take_vf(&back->plan.plugs[0], &vf);
	back->plan.plugs[0].settings = reservation.plugged;
	return 0;
}

/* --- The machine gives it ---------------------------------------------------------------------- */

static int set_stage(const struct giving *giving, const struct way_back *back,
		enum reservation_stage stage, int for_ms, struct err *err)
{
	CLEANUP(cleanup_fd) int lock = -1;
	struct reservation reservation;
	int rc = give_lock(giving, &lock, err);

	if (!rc)
		rc = reservation_read(giving->host, back->vf, &reservation, err);
	if (rc < 0)
		return rc == -ENOENT ? err_set(err, ENOENT, "%s is reserved no more",
						       back->plan.plugs[0].vf.name)
				     : rc;
	reservation.stage = stage;
	reservation.standby = back->plan.plugs[0].wanted.teaming == TEAMING_TRANSIENT;
	reservation.until_ms = reservation_clock_ms() + for_ms;
	return reservation_save(giving->host, &reservation, err);
}

/* It is the machine's in any case: the way back begins with it. */
static int take_over(const struct giving *giving, struct plug *plug, struct err *err)
{
	plug->reserved = true;
	return reservation_restore(giving->host, &plug->reservation, deadline_in(BACK_MS), err);
}

static int exchange(const struct giving *giving, struct way_back *back, struct err *err)
{
	struct plug *plug = &back->plan.plugs[0];
	CLEANUP(cleanup_fd) int lock = -1;
	int rc = give_lock(giving, &lock, err);

	if (rc < 0)
		return rc;
	/* Another may have been first, if the machine has ended meanwhile. */
	if (reservation_read(giving->host, back->vf, &plug->reservation, NULL) < 0)
		rc = vf_reserve(giving, plug, HOLD_MS, err);
	else
		rc = take_over(giving, plug, err);
	return rc ? rc : vf_hold(giving, plug, HOLD_MS, err);
}

int withdraw(const struct giving *giving, struct way_back *back, struct deadline limit,
		struct err *err)
{
	const struct plug *plug = &back->plan.plugs[0];
	const struct unplug unplug = { giving->host, giving->hypervisor, giving->vm, plug->alias,
		DOMAIN_LIVE };
	struct err cause = { 0 };
	int rc = set_stage(
			giving, back, RESERVATION_UNPLUGGING, deadline_left(limit) + DONE_MS, err);

	if (rc < 0)
		return rc;
	rc = unplug_run(&unplug, limit, giving->notes, &cause);
	back->withdrawn = !rc;
	if (!rc)
		rc = exchange(giving, back, &cause);
	else
		set_stage(giving, back, RESERVATION_PLUGGED, 0, NULL);
	return rc ? err_pass(err, &cause, "%s", cause.msg) : 0;
}

void withdraw_renew(const struct giving *giving, struct way_back *back)
{
	if (back->withdrawn && back->plan.plugs[0].reserved)
		vf_hold(giving, &back->plan.plugs[0], HOLD_MS, NULL);
}

/* --- And gets it again ------------------------------------------------------------------------- */

int withdraw_undo(const struct giving *giving, struct way_back *back, struct err *err)
{
	if (!back->withdrawn)
		return 0;
	back->withdrawn = false;
	return nic_plug(giving, &back->plan, DOMAIN_LIVE, err);
}

void withdraw_end(const struct giving *giving, struct way_back *back)
{
	struct plug *plug = &back->plan.plugs[0];
	struct err err = { 0 };

	if (!back->withdrawn || !plug->reserved)
		return;
	back->withdrawn = plug->reserved = false;
	if (reservation_give_back(giving->host, &plug->reservation, deadline_in(BACK_MS), &err) < 0)
		diagnostic_add(giving->notes, "%s: %s", plug->vf.name, err.msg);
}
