/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vm/attach.h"

#include <stdio.h>
#include <string.h>

#include "apply/lock.h"
#include "base/cleanup.h"
#include "catalog/catalog_store.h"
#include "sriov/holder.h"
#include "sriov/pf.h"
#include "sriov/refusal.h"
#include "sriov/reservation.h"
#include "sriov/vfs.h"
#include "vm/unplug.h"
#include "vm/vm_read.h"

/*
 * Before anything changes, the VF is reserved on disk together with the state that it is to have again; from
 * then on whoever comes next can put everything back, however this process ends. The lock is held only
 * while reservations change, so a slow machine does not stop the rest of the host.
 *
 * libvirt sets MAC and VLAN, and puts these two back by itself if the machine ends while nobody looks.
 * The others are set before the guest has the VF.
 */

enum {
	PLUG_MS = 40000, /* libvirt's part, with what it may still do after a call was given up */
	SEEN_MS = 5000,
	UNDO_MS = 20000,
	BACK_MS = 10000,
	POLL_MS = 50,
};

struct attaching {
	const struct host *host;
	struct hypervisor **hypervisor;
	struct attach *attach;
	struct diagnostics *notes;
};

/* Reads the VF with its holder. */
static int read_vf(const struct host *host, const struct vf_candidate *of, struct vf *vf,
		struct err *err)
{
	CLEANUP(cleanup_pf) struct pf pf = { .function.bdf = of->pf };
	int rc = pf_fill_state(host, &pf, err);

	if (!rc)
		rc = pf_require_settings(&pf, err);
	if (rc < 0)
		return rc;
	pf_fill_holders(host, &pf);
	for (size_t i = 0; i < pf.vf_count; i++) {
		if (bdf_equal(pf.vfs[i].function.bdf, of->vf)) {
			*vf = pf.vfs[i];
			return 0;
		}
	}
	return err_set(err, ENODEV, "%s is gone", of->name);
}

/* Settings that the driver does not report are neither set nor compared, unless the profile demands
 * them. */
static int fit_settings(const struct plug *plug, const struct vf *now, struct vf_settings *settings,
		struct err *err)
{
	unsigned missing = plug->settings.given & ~now->settings.given;

	*settings = plug->settings;
	settings->given &= ~missing;
	if (missing & VF_RATE && (settings->min_rate || settings->max_rate))
		return err_set(err, EOPNOTSUPP, "%s: its driver has no rates, and the profile has",
				plug->vf.name);
	if (missing & VF_TRUST && settings->trust)
		return err_set(err, EOPNOTSUPP, "%s: its driver has no trust, and the profile has",
				plug->vf.name);
	if (missing & (VF_MAC | VF_VLAN))
		return err_set(err, EOPNOTSUPP, "%s: its driver does not report MAC and VLAN",
				plug->vf.name);
	return 0;
}

static int take_lock(const struct attaching *attaching, int *lock, struct err *err)
{
	return lock_take(attaching->host, "attach", attaching->attach->wait_s, lock, err);
}

/* -EBUSY: another has the VF by now. */
static int reserve(const struct attaching *attaching, struct plug *plug,
		struct reservation *reservation, struct err *err)
{
	const struct attach *attach = attaching->attach;
	CLEANUP(cleanup_fd) int lock = -1;
	char text[240];
	struct vf now;
	int rc = take_lock(attaching, &lock, err);

	if (rc < 0)
		return rc;
	reservations_settle(attaching->host, attaching->notes);
	rc = read_vf(attaching->host, &plug->vf, &now, err);
	if (rc < 0)
		return rc;
	if (now.holder.kind)
		return err_set(err, EBUSY, "%s is held: %s", plug->vf.name,
				holder_text(&now.holder, text, sizeof(text)));
	*reservation = (struct reservation){ .vf = plug->vf.vf,
		.pf = plug->vf.pf,
		.index = plug->vf.index,
		.stage = RESERVATION_PLUGGING,
		.before = vf_state_of(&now),
		.until_ms = reservation_clock_ms() + PLUG_MS };
	rc = fit_settings(plug, &now, &reservation->plugged, err);
	snprintf(reservation->vm, sizeof(reservation->vm), "%s", attach->vm.name);
	snprintf(reservation->uuid, sizeof(reservation->uuid), "%s", attach->vm.uuid);
	snprintf(reservation->nic, sizeof(reservation->nic), "%s", attach->vnic.nic);
	return rc ? rc : reservation_save(attaching->host, reservation, err);
}

/* What libvirt does not set. */
static int prepare(const struct attaching *attaching, const struct reservation *reservation,
		struct err *err)
{
	struct vf_settings settings = reservation->plugged;

	settings.given &= ~(unsigned)(VF_MAC | VF_VLAN);
	settings.given = vf_settings_difference(&settings, &reservation->before.settings);
	if (!settings.given)
		return 0;
	return vf_change_settings(
			attaching->host, reservation->pf, reservation->index, &settings, err);
}

struct look {
	const struct attaching *attaching;
	const struct plug *plug;
	struct vf now;
	bool has_vf;
	struct err err;
};

/* Whether QEMU has the VF open. */
static bool is_taken(void *argument)
{
	struct look *look = argument;

	if (read_vf(look->attaching->host, &look->plug->vf, &look->now, &look->err) < 0)
		return true;
	look->has_vf = look->now.holder.kind == HOLDER_VM || look->now.holder.kind == HOLDER_VFIO;
	return look->has_vf;
}

/* libvirt sets the VLAN with priority 0, and reports no failure of some settings. */
static int correct(const struct attaching *attaching, const struct reservation *reservation,
		const struct vf *now, struct err *err)
{
	struct vf_settings settings = reservation->plugged;

	settings.given = vf_settings_difference(&settings, &now->settings);
	if (!settings.given)
		return 0;
	diagnostic_add(attaching->notes,
			"libvirt left settings of VF %u that were not as asked for: "
			"set again",
			reservation->index);
	return vf_change_settings(
			attaching->host, reservation->pf, reservation->index, &settings, err);
}

static int verify_vf(const struct attaching *attaching, const struct plug *plug,
		const struct reservation *reservation, struct err *err)
{
	struct look look = { attaching, plug };

	clock_poll(is_taken, &look, deadline_in(SEEN_MS), POLL_MS);
	if (look.err.code)
		return err_pass(err, &look.err, "%s", look.err.msg);
	if (!look.has_vf)
		return err_set(err, EREMOTEIO,
				"libvirt reports success, and no machine has %s open",
				plug->vf.name);
	return correct(attaching, reservation, &look.now, err);
}

static int verify_xml(const struct attaching *attaching, const struct plug *plug,
		enum domain_side side, struct err *err)
{
	CLEANUP(cleanup_domain) struct domain domain = { 0 };
	int rc = vm_read(*attaching->hypervisor, &attaching->attach->vm, side, &domain, err);

	if (rc < 0 || domain_nic_with_alias(&domain, plug->alias))
		return rc;
	return err_set(err, EREMOTEIO, "libvirt reports success, and VM %s has no NIC %s",
			attaching->attach->vm.name, plug->alias);
}

static int plug_in(const struct attaching *attaching, const struct plug *plug, struct err *err)
{
	CLEANUP(cleanup_free) char *xml = NULL;
	const struct attach *attach = attaching->attach;
	int rc = nic_xml(&plug->wanted, &xml, err);

	if (!rc)
		rc = hypervisor_attach(
				*attaching->hypervisor, attach->vm.uuid, xml, attach->sides, err);
	for (unsigned side = DOMAIN_LIVE; !rc && side <= DOMAIN_CONFIG; side <<= 1) {
		if (attach->sides & side)
			rc = verify_xml(attaching, plug, (enum domain_side)side, err);
	}
	return rc;
}

/* After a failure. What remains is named. */
static void take_back(const struct attaching *attaching, struct plug *plug,
		const struct reservation *reservation)
{
	const struct attach *attach = attaching->attach;
	CLEANUP(cleanup_fd) int lock = -1;
	const struct unplug unplug = { attaching->host, attaching->hypervisor, &attach->vm,
		plug->alias, attach->sides };
	struct err err = { 0 };
	int rc = unplug_run(&unplug, deadline_in(UNDO_MS), attaching->notes, &err);

	if (!rc && reservation)
		rc = take_lock(attaching, &lock, &err);
	if (!rc && reservation)
		rc = reservation_give_back(
				attaching->host, reservation, deadline_in(BACK_MS), &err);
	if (rc < 0)
		diagnostic_add(attaching->notes, "%s: not all could be undone: %s", plug->alias,
				err.msg);
}

static int finish(
		const struct attaching *attaching, struct reservation *reservation, struct err *err)
{
	CLEANUP(cleanup_fd) int lock = -1;
	int rc = take_lock(attaching, &lock, err);

	reservation->stage = RESERVATION_PLUGGED;
	return rc ? rc : reservation_save(attaching->host, reservation, err);
}

/* -EBUSY: another has the VF, and everything is as it was. */
static int attach_vf(const struct attaching *attaching, struct plug *plug, struct err *err)
{
	struct reservation reservation;
	struct err cause = { 0 };
	int rc = reserve(attaching, plug, &reservation, err);

	if (rc < 0)
		return rc;
	rc = prepare(attaching, &reservation, &cause);
	if (!rc)
		rc = plug_in(attaching, plug, &cause);
	if (!rc && attaching->attach->sides & DOMAIN_LIVE)
		rc = verify_vf(attaching, plug, &reservation, &cause);
	if (!rc)
		rc = finish(attaching, &reservation, &cause);
	if (!rc)
		return 0;
	/* Whoever does not know what libvirt does must not take the VF from it. */
	if (rc != -ETIMEDOUT && rc != -ECONNRESET)
		take_back(attaching, plug, &reservation);
	return err_pass(err, &cause, "%s", cause.msg);
}

/* A stopped machine needs no VF yet. */
static int attach_one(const struct attaching *attaching, struct plug *plug, struct err *err)
{
	struct attach *attach = attaching->attach;
	size_t next = 1;
	int rc;

	if (plug->wanted.kind != NIC_HOSTDEV || !(attach->sides & DOMAIN_LIVE)) {
		struct err cause = { 0 };

		rc = plug_in(attaching, plug, &cause);
		if (rc < 0 && rc != -ETIMEDOUT && rc != -ECONNRESET)
			take_back(attaching, plug, NULL);
		return rc ? err_pass(err, &cause, "%s", cause.msg) : 0;
	}
	do {
		struct err cause = { 0 };

		rc = attach_vf(attaching, plug, &cause);
		if (rc != -EBUSY || next == attach->candidates.count)
			return rc ? err_pass(err, &cause, "%s", cause.msg) : 0;
		diagnostic_add(attaching->notes, "%s; trying the next", cause.msg);
		plug_take_vf(plug, &attach->candidates.list[next++]);
	} while (true);
}

static int record_vnic(const struct attaching *attaching, struct err *err)
{
	CLEANUP(cleanup_catalog) struct catalog catalog = { 0 };
	const struct vnic *vnic = &attaching->attach->vnic;
	CLEANUP(cleanup_fd) int lock = -1;
	int rc = take_lock(attaching, &lock, err);

	if (!rc)
		rc = catalog_open(attaching->host, &catalog, err);
	if (rc < 0)
		return rc;
	/* Whatever it says: the machine has no such NIC. */
	definition_drop(&catalog.vnics, vnic->head.name);
	return catalog_change(attaching->host, &catalog, &vnic_kind, vnic, err);
}

/* What could not be forgotten is replaced by the next attach of that NIC. */
static void forget_vnic(const struct attaching *attaching)
{
	CLEANUP(cleanup_fd) int lock = -1;
	struct err err = { 0 };
	int rc = take_lock(attaching, &lock, &err);

	if (!rc)
		rc = vnic_forget(attaching->host, attaching->attach->vnic.head.name, &err);
	if (rc < 0)
		diagnostic_add(attaching->notes, "%s", err.msg);
}

int attach_run(const struct host *host, struct hypervisor **hypervisor, struct attach *attach,
		struct diagnostics *notes, struct err *err)
{
	const struct attaching attaching = { host, hypervisor, attach, notes };
	size_t done = 0;
	int rc = 0;

	/* The vNIC is in the catalog first: what is plugged in is never without a profile. */
	rc = record_vnic(&attaching, err);
	for (; !rc && done < attach->plug_count; done += !rc)
		rc = attach_one(&attaching, &attach->plugs[done], err);
	if (!rc)
		return 0;
	while (done)
		take_back(&attaching, &attach->plugs[--done], NULL);
	forget_vnic(&attaching);
	return rc;
}
