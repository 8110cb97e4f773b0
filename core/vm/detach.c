/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vm/detach.h"

#include <stdio.h>
#include <string.h>

#include "apply/lock.h"
#include "base/cleanup.h"
#include "sriov/holder.h"
#include "sriov/pf.h"
#include "vm/edit_mark.h"
#include "vm/nic_devices.h"
#include "vm/unplug.h"
#include "vm/vm_read.h"

/*
 * A detach has three parts: the machine releases the device, which only the guest can do; the VF gets back
 * its driver and all of its settings; the manager forgets the vNIC. The reservation says which part was
 * begun, so that the next manager completes it if this one is killed.
 */

enum { BACK_MS = 10000, DONE_MS = 5000, POLL_MS = 50 };

/* --- The plan -------------------------------------------------------------------------------- */

static int add_alias(struct detach *detach, const struct domain_nic *nic, struct err *err)
{
	if (!nic)
		return 0;
	if (!nic->alias)
		return err_set(err, EINVAL,
				"NIC %s of VM %s has no alias, by which libvirt could be asked: "
				"remove it with virsh detach-device",
				detach->nic, detach->vm.name);
	snprintf(detach->aliases[detach->alias_count++], DOMAIN_NAME_ROOM, "%s", nic->alias);
	return 0;
}

static int find_in(struct hypervisor *hypervisor, const struct detach_request *request,
		struct detach *detach, enum domain_side side, struct err *err)
{
	CLEANUP(cleanup_domain) struct domain domain = { 0 };
	struct nic_devices devices;
	int rc = vm_read(hypervisor, &detach->vm, side, &domain, err);

	if (!rc)
		rc = nic_devices_find(&domain, request->nic, &devices, err);
	if (rc < 0)
		return rc;
	detach->sides |= side;
	if (detach->alias_count)
		return 0;
	snprintf(detach->nic, sizeof(detach->nic), "%.63s", devices.nic);
	if (side == DOMAIN_LIVE && devices.main) {
		detach->has_vf = devices.main->has_host;
		detach->vf = devices.main->host;
	}
	rc = add_alias(detach, devices.main, err);
	return rc ? rc : add_alias(detach, devices.standby, err);
}

/* Looks at the sides that are wanted, the running machine first. */
static int find_nic(struct hypervisor *hypervisor, const struct detach_request *request,
		struct detach *detach, struct err *err)
{
	unsigned wanted = request->sides ? request->sides : DOMAIN_LIVE | DOMAIN_CONFIG;
	struct err first = { 0 };
	int rc = 0;

	if (detach->vm.state == DOMAIN_STOPPED)
		wanted &= ~(unsigned)DOMAIN_LIVE;
	if (!detach->vm.persistent)
		wanted &= ~(unsigned)DOMAIN_CONFIG;
	for (unsigned side = DOMAIN_LIVE; side <= DOMAIN_CONFIG; side <<= 1) {
		if (!(wanted & side))
			continue;
		rc = find_in(hypervisor, request, detach, (enum domain_side)side, &first);
		if (rc < 0 && rc != -ENOENT)
			break;
	}
	if (detach->alias_count && (!rc || rc == -ENOENT))
		return 0;
	if (!first.code)
		return err_set(err, ENOENT, "VM %s does not run: give --config", detach->vm.name);
	return err_pass(err, &first, "%s", first.msg);
}

/* Another program may have taken the VF from the machine, and nothing has put that back yet. */
static int find_reservation(const struct host *host, struct detach *detach, struct err *err)
{
	CLEANUP(cleanup_free) struct reservation *list = NULL;
	struct diagnostics notes = { 0 };
	size_t count = 0;
	int rc = reservations_read(host, &list, &count, &notes, err);

	diagnostics_free(&notes);
	for (size_t i = 0; !rc && i < count; i++) {
		if (strcmp(list[i].uuid, detach->vm.uuid) != 0 ||
				strcmp(list[i].nic, detach->nic) != 0)
			continue;
		detach->reservation = list[i];
		detach->reserved = detach->has_vf = true;
		detach->vf = list[i].vf;
	}
	return rc;
}

int detach_plan(const struct host *host, struct hypervisor *hypervisor,
		const struct detach_request *request, struct detach *detach, struct err *err)
{
	int rc = hypervisor_find(hypervisor, request->vm, &detach->vm, err);

	detach->limit_s = request->limit_s;
	detach->wait_s = request->wait_s;
	if (!rc)
		rc = find_nic(hypervisor, request, detach, err);
	if (rc < 0)
		return rc;
	if (!detach->has_vf)
		return detach->sides & DOMAIN_LIVE ? find_reservation(host, detach, err) : 0;
	rc = reservation_read(host, detach->vf, &detach->reservation, err);
	detach->reserved = !rc;
	return rc == -ENOENT ? 0 : rc;
}

void detach_steps(const struct detach *detach, struct diagnostics *steps)
{
	char text[BDF_TEXT];

	for (size_t i = 0; i < detach->alias_count; i++)
		diagnostic_add(steps, "%s VM %s: %s",
				detach->sides & DOMAIN_LIVE ? "unplug from"
							    : "remove from the configuration of",
				detach->vm.name, detach->aliases[i]);
	if (!detach->has_vf)
		return;
	diagnostic_add(steps, "wait until %s is free", bdf_format(detach->vf, text));
	if (detach->reserved)
		diagnostic_add(steps, "%s: put back driver and settings, and verify them", text);
	else
		diagnostic_add(steps,
				"%s: another program plugged it in, and only libvirt knows how it "
				"was before",
				text);
}

/* --- The run --------------------------------------------------------------------------------- */

static int set_stage(const struct host *host, struct detach *detach, enum reservation_stage stage,
		struct err *err)
{
	CLEANUP(cleanup_fd) int lock = -1;
	int rc;

	if (!detach->reserved)
		return 0;
	rc = lock_take(host, "detach", detach->wait_s, &lock, err);
	detach->reservation.stage = stage;
	detach->reservation.until_ms =
			reservation_clock_ms() + 1000 * (int64_t)detach->limit_s + DONE_MS;
	return rc ? rc : reservation_save(host, &detach->reservation, err);
}

struct freeing {
	const struct host *host;
	struct vf vf;
};

static bool is_free(void *argument)
{
	struct freeing *freeing = argument;
	char pf[BDF_TEXT];
	struct bdf of;

	if (function_fill(freeing->host, freeing->vf.function.bdf, &freeing->vf.function, NULL) < 0)
		return true;
	if (function_link(freeing->host, freeing->vf.function.bdf, "physfn", pf, sizeof(pf)) < 0 ||
			bdf_parse(pf, &of) < 0)
		of = freeing->vf.function.bdf;
	holders_find(freeing->host, of, &freeing->vf, 1);
	return freeing->vf.holder.kind < HOLDER_VFIO;
}

/* Nothing is known of the state before: that it is free must do. */
static int wait_until_free(const struct host *host, const struct detach *detach, struct err *err)
{
	struct freeing freeing = { .host = host, .vf.function.bdf = detach->vf };
	char text[BDF_TEXT], why[240];

	if (clock_poll(is_free, &freeing, deadline_in(BACK_MS), POLL_MS))
		return 0;
	return err_set(err, EBUSY, "%s is still held: %s", bdf_format(detach->vf, text),
			holder_text(&freeing.vf.holder, why, sizeof(why)));
}

static int give_back(const struct host *host, const struct detach *detach, struct err *err)
{
	CLEANUP(cleanup_fd) int lock = -1;
	struct reservation now;
	int rc;

	if (!detach->has_vf)
		return 0;
	if (!detach->reserved)
		return wait_until_free(host, detach, err);
	rc = lock_take(host, "detach", detach->wait_s, &lock, err);
	if (rc < 0)
		return rc;
	/* Another may have been first, after the machine had ended. */
	if (reservation_read(host, detach->vf, &now, NULL) < 0 ||
			strcmp(now.uuid, detach->reservation.uuid) != 0)
		return 0;
	return reservation_give_back(host, &detach->reservation, deadline_in(BACK_MS), err);
}

static int forget(const struct host *host, const struct detach *detach, struct err *err)
{
	CLEANUP(cleanup_free) char *name = vnic_name(detach->vm.uuid, detach->nic);
	CLEANUP(cleanup_fd) int lock = -1;
	int rc = lock_take(host, "detach", detach->wait_s, &lock, err);

	if (!rc)
		rc = vnic_forget(host, name, err);
	return rc ? rc : edit_mark_remove(host, detach->vm.uuid, detach->nic, err);
}

int detach_run(const struct host *host, struct hypervisor **hypervisor, struct detach *detach,
		struct diagnostics *notes, struct err *err)
{
	struct deadline limit = deadline_in(1000 * (int64_t)detach->limit_s);
	int rc = set_stage(host, detach, RESERVATION_UNPLUGGING, err);

	for (size_t i = 0; !rc && i < detach->alias_count; i++) {
		const struct unplug unplug = { host, hypervisor, &detach->vm, detach->aliases[i],
			detach->sides };

		rc = unplug_run(&unplug, limit, notes, err);
		/* The standby stays with a VF that stays. */
		if (!rc && !i && detach->sides & DOMAIN_LIVE)
			rc = give_back(host, detach, err);
	}
	if (rc == -ETIMEDOUT || rc == -EPERM)
		set_stage(host, detach, RESERVATION_PLUGGED, NULL);
	return rc ? rc : forget(host, detach, err);
}
