/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vm/vf_give.h"

#include <stdio.h>
#include <string.h>

#include "apply/lock.h"
#include "base/cleanup.h"
#include "sriov/holder.h"
#include "sriov/pf.h"
#include "sriov/refusal.h"
#include "sriov/vfs.h"
#include "vm/unplug.h"
#include "vm/vhost.h"

/*
 * libvirt sets MAC and VLAN, and puts these two back by itself if the machine ends while nobody
 * looks. The others are set before the guest has the VF.
 */

enum { SEEN_MS = 5000, UNDO_MS = 20000, BACK_MS = 10000, POLL_MS = 50 };

int give_lock(const struct giving *giving, int *lock, struct err *err)
{
	return lock_take(giving->host, giving->verb, giving->wait_s, lock, err);
}

bool is_unknown_end(int rc)
{
	return rc == -ETIMEDOUT || rc == -ECONNRESET;
}

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
static int fit_settings(const struct plug *plug, const struct vf_settings *now,
		struct vf_settings *settings, struct err *err)
{
	unsigned missing = plug->settings.given & ~now->given;

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

int vf_reserve(const struct giving *giving, struct plug *plug, int for_ms, struct err *err)
{
	struct reservation *reservation = &plug->reservation;
	char text[240];
	struct vf now;
	int rc;

	if (plug->wanted.kind != NIC_HOSTDEV)
		return 0;
	rc = read_vf(giving->host, &plug->vf, &now, err);
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
		.standby = plug->wanted.teaming == TEAMING_TRANSIENT,
		.until_ms = reservation_clock_ms() + for_ms };
	rc = fit_settings(plug, &now.settings, &reservation->plugged, err);
	snprintf(reservation->vm, sizeof(reservation->vm), "%s", giving->vm->name);
	snprintf(reservation->uuid, sizeof(reservation->uuid), "%s", giving->vm->uuid);
	snprintf(reservation->nic, sizeof(reservation->nic), "%s", plug->nic);
	if (!rc)
		rc = reservation_save(giving->host, reservation, err);
	plug->reserved = !rc;
	return rc;
}

int vf_take_over(const struct plug *from, struct plug *plug, struct err *err)
{
	struct reservation *reservation = &plug->reservation;
	int rc;

	*reservation = from->reservation;
	reservation->standby = plug->wanted.teaming == TEAMING_TRANSIENT;
	rc = fit_settings(plug, &reservation->before.settings, &reservation->plugged, err);
	plug->reserved = !rc;
	return rc;
}

int vf_set(const struct giving *giving, struct plug *plug, struct err *err)
{
	struct reservation *reservation = &plug->reservation;
	CLEANUP(cleanup_fd) int lock = -1;
	struct vf_settings change;
	struct vf now;
	int rc = give_lock(giving, &lock, err);

	if (!rc)
		rc = reservation_read(giving->host, plug->vf.vf, reservation, err);
	if (rc == -ENOENT)
		return err_set(err, ENOENT, "%s is reserved no more", plug->vf.name);
	if (!rc)
		rc = read_vf(giving->host, &plug->vf, &now, err);
	if (!rc)
		rc = fit_settings(plug, &now.settings, &reservation->plugged, err);
	if (rc < 0)
		return rc;
	change = reservation->plugged;
	change.given = vf_settings_difference(&change, &now.settings);
	if (change.given)
		rc = vf_change_settings(
				giving->host, reservation->pf, reservation->index, &change, err);
	return rc ? rc : reservation_save(giving->host, reservation, err);
}

int vf_hold(const struct giving *giving, struct plug *plug, int for_ms, struct err *err)
{
	plug->reservation.stage = RESERVATION_HELD;
	plug->reservation.until_ms = reservation_clock_ms() + for_ms;
	return reservation_save(giving->host, &plug->reservation, err);
}

int vf_begin(const struct giving *giving, struct plug *plug, int for_ms, struct err *err)
{
	plug->reservation.stage = RESERVATION_PLUGGING;
	plug->reservation.until_ms = reservation_clock_ms() + for_ms;
	return reservation_save(giving->host, &plug->reservation, err);
}

int vf_prepare(const struct giving *giving, struct plug *plug, struct err *err)
{
	const struct reservation *reservation = &plug->reservation;
	struct vf_settings settings = reservation->plugged;

	if (!plug->reserved)
		return 0;
	settings.given &= ~(unsigned)(VF_MAC | VF_VLAN);
	settings.given = vf_settings_difference(&settings, &reservation->before.settings);
	if (!settings.given)
		return 0;
	return vf_change_settings(
			giving->host, reservation->pf, reservation->index, &settings, err);
}

struct look {
	const struct giving *giving;
	const struct plug *plug;
	struct vf now;
	bool has_vf;
	struct err err;
};

/* Whether QEMU has the VF open. */
static bool is_taken(void *argument)
{
	struct look *look = argument;

	if (read_vf(look->giving->host, &look->plug->vf, &look->now, &look->err) < 0)
		return true;
	look->has_vf = look->now.holder.kind == HOLDER_VM || look->now.holder.kind == HOLDER_VFIO;
	return look->has_vf;
}

/* libvirt sets the VLAN with priority 0, and reports no failure of some settings. */
static int correct(const struct look *look, struct err *err)
{
	const struct reservation *reservation = &look->plug->reservation;
	struct vf_settings settings = reservation->plugged;

	settings.given = vf_settings_difference(&settings, &look->now.settings);
	if (!settings.given)
		return 0;
	diagnostic_add(look->giving->notes,
			"libvirt left settings of VF %u that were not as asked for: "
			"set again",
			reservation->index);
	return vf_change_settings(
			look->giving->host, reservation->pf, reservation->index, &settings, err);
}

int vf_verify(const struct giving *giving, struct plug *plug, struct err *err)
{
	struct look look = { giving, plug };

	if (!plug->reserved)
		return 0;
	clock_poll(is_taken, &look, deadline_in(SEEN_MS), POLL_MS);
	if (look.err.code)
		return err_pass(err, &look.err, "%s", look.err.msg);
	if (!look.has_vf)
		return err_set(err, EREMOTEIO,
				"libvirt reports success, and no machine has %s open",
				plug->vf.name);
	return correct(&look, err);
}

int plug_verify(const struct giving *giving, const struct plug *plug, enum domain_side side,
		struct err *err)
{
	CLEANUP(cleanup_domain) struct domain domain = { 0 };
	int rc = vm_read(*giving->hypervisor, giving->vm, side, &domain, err);

	if (rc < 0 || domain_nic_with_alias(&domain, plug->alias))
		return rc;
	return err_set(err, EREMOTEIO, "libvirt reports success, and VM %s has no NIC %s",
			giving->vm->name, plug->alias);
}

static const char *driver_while_it_runs(const struct giving *giving, const struct plug *plug)
{
	if (plug->wanted.kind != NIC_BRIDGE || plug->wanted.driver ||
			!vhost_is_denied(giving->host, giving->vm))
		return plug->wanted.driver;
	diagnostic_add(giving->notes,
			"AppArmor does not let QEMU of VM %s have vhost-net, since it started without "
			"a virtio NIC: QEMU itself drives %s, slower, until the VM is started again",
			giving->vm->name, plug->alias);
	return "qemu";
}

static int add_as(const struct giving *giving, const struct nic_wanted *wanted, unsigned sides,
		struct err *err)
{
	CLEANUP(cleanup_free) char *xml = NULL;
	int rc = nic_xml(wanted, &xml, err);

	return rc ? rc : hypervisor_attach(*giving->hypervisor, giving->vm->uuid, xml, sides, err);
}

/* The next start has a profile of its own, so the configuration is as wanted. */
int plug_add(const struct giving *giving, const struct plug *plug, unsigned sides, struct err *err)
{
	struct nic_wanted now = plug->wanted;
	bool apart;
	int rc;

	if (sides & DOMAIN_LIVE)
		now.driver = driver_while_it_runs(giving, plug);
	apart = now.driver != plug->wanted.driver;
	rc = add_as(giving, &now, apart ? DOMAIN_LIVE : sides, err);
	if (!rc && apart && sides & DOMAIN_CONFIG)
		rc = add_as(giving, &plug->wanted, DOMAIN_CONFIG, err);
	for (unsigned side = DOMAIN_LIVE; !rc && side <= DOMAIN_CONFIG; side <<= 1) {
		if (sides & side)
			rc = plug_verify(giving, plug, (enum domain_side)side, err);
	}
	return rc;
}

int vf_keep(const struct giving *giving, struct plug *plug, struct err *err)
{
	if (!plug->reserved)
		return 0;
	plug->reservation.stage = RESERVATION_PLUGGED;
	return reservation_save(giving->host, &plug->reservation, err);
}

void plug_take_back(const struct giving *giving, struct plug *plug, unsigned sides)
{
	const struct unplug unplug = { giving->host, giving->hypervisor, giving->vm, plug->alias,
		sides };
	CLEANUP(cleanup_fd) int lock = -1;
	struct err err = { 0 };
	int rc = unplug_run(&unplug, deadline_in(UNDO_MS), giving->notes, &err);

	if (!rc && plug->reserved)
		rc = give_lock(giving, &lock, &err);
	if (!rc && plug->reserved)
		rc = reservation_give_back(
				giving->host, &plug->reservation, deadline_in(BACK_MS), &err);
	plug->reserved = false;
	if (rc < 0)
		diagnostic_add(giving->notes, "%s: not all could be undone: %s", plug->alias,
				err.msg);
}

void give_up_vnic(const struct giving *giving, const struct vnic *vnic)
{
	CLEANUP(cleanup_fd) int lock = -1;
	struct err err = { 0 };
	int rc = give_lock(giving, &lock, &err);

	if (!rc)
		rc = vnic_forget(giving->host, vnic->head.name, &err);
	if (rc < 0)
		diagnostic_add(giving->notes, "%s", err.msg);
}
