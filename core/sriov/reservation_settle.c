/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "drivers/drivers.h"
#include "netdev/bridge_table.h"
#include "sriov/holder.h"
#include "sriov/pf.h"
#include "sriov/reservation.h"
#include "sriov/vfs.h"

/*
 * Gives VFs back. Whether a machine has a VF is seen by who has it open, and not by what anybody says of
 * it. libvirt puts back the MAC and the VLAN id on its own, from a file that it removes when that is done
 * (libvirt 11.3, src/util/virnetdev.c, virNetDevReadNetConfig()), and then binds the driver; what it writes
 * after the manager has put everything back would undo a part of that.
 */

enum { CONFIG_MS = 5000, DRIVER_MS = 2000, POLL_MS = 20, SETTLE_MS = 5000 };

struct wait {
	const struct host *host;
	const struct reservation *reservation;
	struct vf vf;
	bool is_gone;
};

/* Reads the VF again. */
static bool is_released(void *argument)
{
	struct wait *wait = argument;
	const struct reservation *reservation = wait->reservation;
	struct bdf vf;

	wait->vf = (struct vf){ .index = reservation->index };
	wait->is_gone = vf_find(wait->host, reservation->pf, reservation->index, &vf, NULL) < 0 ||
			bdf_compare(vf, reservation->vf) != 0 ||
			function_fill(wait->host, vf, &wait->vf.function, NULL) < 0;
	if (wait->is_gone)
		return true;
	holders_find(wait->host, reservation->pf, &wait->vf, 1);
	return wait->vf.holder.kind != HOLDER_VFIO && wait->vf.holder.kind != HOLDER_VM;
}

static bool is_configured_back(void *argument)
{
	struct wait *wait = argument;
	char name[IFNAMSIZ];
	CLEANUP(cleanup_free) char *path = NULL;

	if (function_netdev(wait->host, wait->reservation->pf, name, sizeof(name)) < 0)
		return true;
	path = text_format("run/libvirt/hostdevmgr/%s_vf%u", name, wait->reservation->index);
	return !host_exists(wait->host, path);
}

static bool is_rebound(void *argument)
{
	struct wait *wait = argument;

	return is_released(wait) && driver_handover(wait->vf.function.driver) != HANDOVER_VFIO;
}

/* It may also be that its daemon has ended, and does nothing. */
static void wait_for_libvirt(struct wait *wait)
{
	clock_poll(is_configured_back, wait, deadline_in(CONFIG_MS), POLL_MS);
	clock_poll(is_rebound, wait, deadline_in(DRIVER_MS), POLL_MS);
}

static int read_vf(const struct host *host, const struct reservation *reservation, struct vf *vf,
		struct err *err)
{
	CLEANUP(cleanup_pf) struct pf pf = { .function.bdf = reservation->pf };
	char text[BDF_TEXT];
	int rc = pf_fill_state(host, &pf, err);

	if (!rc)
		rc = pf_require_settings(&pf, err);
	for (size_t i = 0; !rc && i < pf.vf_count; i++) {
		if (pf.vfs[i].index == reservation->index) {
			*vf = pf.vfs[i];
			return 0;
		}
	}
	return rc ? rc
		  : err_set(err, ENODEV, "%s has no VF %u", bdf_format(reservation->pf, text),
				    reservation->index);
}

static int compare(const struct host *host, const struct reservation *reservation, struct err *err)
{
	CLEANUP(cleanup_free) char *text = NULL;
	struct vf_state state;
	char name[BDF_TEXT];
	struct vf now;
	int rc = read_vf(host, reservation, &now, err);

	if (rc < 0)
		return rc;
	state = vf_state_of(&now);
	text = vf_state_differences(&reservation->before, &state);
	if (*text)
		return err_set(err, EREMOTEIO, "VF %u of %s is not as it was: %.300s",
				reservation->index, bdf_format(reservation->pf, name), text);
	return 0;
}

/* It costs the guest frames until it sends, and nothing else. */
static void forget_its_place(const struct host *host, const struct reservation *reservation)
{
	char pf[IFNAMSIZ];

	if (reservation->plugged.given & VF_MAC &&
			!function_netdev(host, reservation->pf, pf, sizeof(pf)))
		bridges_forget(host, pf, reservation->plugged.mac, NULL);
}

int reservation_restore(const struct host *host, const struct reservation *reservation,
		struct deadline limit, struct err *err)
{
	struct wait wait = { host, reservation };
	char text[240], name[BDF_TEXT];
	struct vf now;
	int rc;

	if (!clock_poll(is_released, &wait, limit, POLL_MS))
		return err_set(err, EBUSY, "VF %u of %s is still held: %s", reservation->index,
				bdf_format(reservation->pf, name),
				holder_text(&wait.vf.holder, text, sizeof(text)));
	forget_its_place(host, reservation);
	if (wait.is_gone)
		return 0;
	wait_for_libvirt(&wait);
	rc = read_vf(host, reservation, &now, err);
	if (!rc)
		rc = vf_state_restore(host, reservation->pf, &now, &reservation->before, err);
	if (!rc)
		rc = compare(host, reservation, err);
	return rc;
}

int reservation_give_back(const struct host *host, const struct reservation *reservation,
		struct deadline limit, struct err *err)
{
	int rc = reservation_restore(host, reservation, limit, err);

	return rc ? rc : reservation_remove(host, reservation->vf, err);
}

/* What a manager that was killed after the machine had got the VF did not come to. */
static int complete(const struct host *host, struct reservation *reservation, struct err *err)
{
	struct vf_settings missing = reservation->plugged;
	struct vf now;
	int rc = read_vf(host, reservation, &now, err);

	if (rc < 0)
		return rc;
	missing.given = vf_settings_difference(&missing, &now.settings);
	if (missing.given)
		rc = vf_change_settings(host, reservation->pf, reservation->index, &missing, err);
	reservation->stage = RESERVATION_PLUGGED;
	return rc ? rc : reservation_save(host, reservation, err);
}

static void settle(
		const struct host *host, struct reservation *reservation, struct diagnostics *notes)
{
	struct wait wait = { host, reservation };
	struct err err = { 0 };
	char name[BDF_TEXT];
	bool released;
	int rc = 0;

	if (reservation_is_pending(reservation))
		return;
	released = is_released(&wait);
	if (!released && reservation->stage == RESERVATION_PLUGGED)
		return;
	rc = released ? reservation_give_back(host, reservation, deadline_in(SETTLE_MS), &err)
		      : complete(host, reservation, &err);
	if (released && reservation->standby && reservation->stage != RESERVATION_PLUGGED)
		diagnostic_add(notes,
				"VM %s, if it runs here, has only the standby of its NIC %s: vfctl "
				"vm upgrade %s gives it a VF",
				reservation->vm, reservation->nic, reservation->vm);
	bdf_format(reservation->pf, name);
	if (rc < 0)
		diagnostic_add(notes, "NIC %s of VM %s: %s", reservation->nic, reservation->vm,
				err.msg);
	else if (released)
		diagnostic_add(notes, "VM %s no longer has VF %u of %s, its NIC %s: %s",
				reservation->vm, reservation->index, name, reservation->nic,
				wait.is_gone ? "the VF is gone" : "the VF is as it was before");
	else
		diagnostic_add(notes, "VM %s has VF %u of %s, as its NIC %s", reservation->vm,
				reservation->index, name, reservation->nic);
}

void reservations_settle(const struct host *host, struct diagnostics *notes)
{
	CLEANUP(cleanup_free) struct reservation *list = NULL;
	struct err err = { 0 };
	size_t count = 0;

	if (reservations_read(host, &list, &count, notes, &err) < 0) {
		diagnostic_add(notes, "%s", err.msg);
		return;
	}
	for (size_t i = 0; i < count; i++)
		settle(host, &list[i], notes);
}
