/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "apply/apply.h"

#include <stdio.h>
#include <string.h>

#include "apply/verify.h"
#include "base/cleanup.h"
#include "netdev/port.h"
#include "sriov/count.h"
#include "sriov/lease.h"
#include "sriov/vfs.h"

/*
 * One card. A lease remembers what it was before the first step; ending the lease is the way back.
 */

static int bind_vf(const struct host *host, struct bdf pf, const struct step *step, struct err *err)
{
	struct bdf vf;
	int rc = vf_find(host, pf, step->vf, &vf, err);

	if (rc < 0)
		return rc;
	if (step->kind == STEP_UNBIND)
		return function_unbind(host, vf, err);
	if (step->kind == STEP_PROBE)
		return function_probe(host, vf, err);
	return function_bind(host, vf, step->driver, err);
}

/* Optional settings by themselves: a driver that lacks one refuses the whole request. */
static int write_settings(
		const struct host *host, struct bdf pf, const struct step *step, struct err *err)
{
	struct vf_settings settings = step->settings, none = { 0 };
	unsigned optional = vf_settings_lacking(&settings, &none);
	int rc;

	settings.given &= ~optional;
	rc = settings.given ? vf_write_settings(host, pf, step->vf, &settings, err) : 0;
	for (const struct vf_setting *setting = vf_setting_table; !rc && setting->name; setting++) {
		struct err refusal = { 0 };

		settings.given = optional & setting->bit;
		if (settings.given &&
				vf_write_settings(host, pf, step->vf, &settings, &refusal) < 0 &&
				refusal.code != EOPNOTSUPP)
			rc = err_set(err, refusal.code, "%s", refusal.msg);
	}
	return rc;
}

/* Writes again, one by one, the settings that read as wanted. A driver that reports a setting
 * without being able to change it refuses; then the card cannot have lost it either. */
static int write_again(const struct host *host, struct bdf pf, const struct desired_vf *vf,
		struct err *err)
{
	for (const struct vf_setting *setting = vf_setting_table; setting->name; setting++) {
		struct vf_settings settings = vf->settings;
		struct err refusal = { 0 };

		settings.given &= setting->bit;
		if (settings.given &&
				vf_write_settings(host, pf, vf->index, &settings, &refusal) < 0 &&
				refusal.code != EOPNOTSUPP)
			return err_pass(err, &refusal, "%s", refusal.msg);
	}
	return 0;
}

static int assert_again(const struct host *host, const struct plan *plan, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < plan->desired->vf_count; i++)
		rc = write_again(host, plan->pf, &plan->desired->vfs[i], err);
	return rc;
}

static int restart(const struct host *host, const char *name, struct err *err)
{
	int rc = netdev_set_up(host, name, false, err);

	return rc < 0 ? rc : netdev_set_up(host, name, true, err);
}

static int change_interface(
		const struct host *host, struct bdf pf, const struct step *step, struct err *err)
{
	char name[IFNAMSIZ], text[BDF_TEXT];

	if (function_netdev(host, pf, name, sizeof(name)) < 0)
		return err_set(err, ENODEV, "%s: its interface went away", bdf_format(pf, text));
	if (step->kind == STEP_RESTART)
		return restart(host, name, err);
	if (step->kind == STEP_UP)
		return netdev_set_up(host, name, true, err);
	return netdev_set_mtu(host, name, step->number, err);
}

static int do_step(const struct host *host, const struct plan *plan, const struct step *step,
		struct err *err)
{
	switch (step->kind) {
	case STEP_RESTART:
	case STEP_MTU:
	case STEP_UP:
		return change_interface(host, plan->pf, step, err);
	case STEP_AUTOPROBE:
		return vfs_set_autoprobe(host, plan->pf, step->number, err);
	case STEP_COUNT:
		return count_set_despite(host, plan->pf, step->number, plan->despite_holder, err);
	case STEP_SETTINGS:
		return write_settings(host, plan->pf, step, err);
	case STEP_ASSERT:
		return assert_again(host, plan, err);
	default:
		return bind_vf(host, plan->pf, step, err);
	}
}

static int do_steps(const struct host *host, const struct plan *plan,
		const struct apply_watch *watch, struct err *err)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct step *step = &plan->steps[i];
		int rc;

		if (watch && watch->stopped && watch->stopped(watch->argument))
			return err_set(err, EINTR, "interrupted");
		rc = do_step(host, plan, step, err);
		if (watch && watch->on_step)
			watch->on_step(watch->argument, step, rc);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* Undoes what was done. ERR keeps the cause, and gets the outcome of undoing. */
static int roll_back(const struct plan *plan, struct lease *lease, const struct err *cause,
		struct err *err)
{
	struct err undoing = { 0 };

	if (!lease_end(lease, &undoing))
		return err_pass(err, cause, "%s: %s; everything is as it was before", plan->name,
				cause->msg);
	return err_pass(err, cause, "%s: %.160s; cannot go back: %s", plan->name, cause->msg,
			undoing.msg);
}

int apply_plan(const struct host *host, const struct plan *plan, const struct apply_watch *watch,
		struct err *err)
{
	struct lease *lease = NULL;
	struct err cause = { 0 };
	struct verification before = verify_begin(host, plan->pf);
	int rc = lease_begin(host, plan->pf, &lease, err);

	if (rc < 0)
		return rc;
	rc = do_steps(host, plan, watch, &cause);
	if (!rc)
		rc = verify_card(host, plan, &before, &cause);
	if (rc < 0)
		return roll_back(plan, lease, &cause, err);
	lease_drop(lease);
	return 0;
}
