/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vm/start.h"

#include <string.h>

#include "base/cleanup.h"
#include "vm/vf_give.h"

/*
 * All VFs are reserved under one lock before libvirt is asked for anything, so two starts never
 * wait for each other's VFs with half of their own. libvirt then opens the VFs of the machine
 * together.
 */

/* How long the VFs stay reserved if this process is killed: libvirt's part, and what is before
 * it. */
enum { STARTING_MS = HYPERVISOR_START_MS + 60000 };

struct starting {
	struct giving giving;
	struct start *start;
	bool began, reserved;    /* VFs may be reserved; all of them are */
	bool runs;               /* libvirt has reported the start */
	const struct plug *lost; /* the one whose VF another has */
};

typedef int step_fn(struct starting *starting, struct nic_plan *nic, struct plug *plug,
		struct err *err);

static int for_each_plug(struct starting *starting, step_fn *step, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < starting->start->nic_count; i++) {
		struct nic_plan *nic = &starting->start->nics[i];

		for (size_t k = 0; !rc && k < nic->plug_count; k++)
			rc = step(starting, nic, &nic->plugs[k], err);
	}
	return rc;
}

/* --- The steps ------------------------------------------------------------------------------- */

static int reserve(
		struct starting *starting, struct nic_plan *nic, struct plug *plug, struct err *err)
{
	struct err cause = { 0 };
	int rc = vf_reserve(&starting->giving, plug, STARTING_MS, &cause);

	if (rc == -EBUSY)
		starting->lost = plug;
	if (rc < 0 && nic->is_kept)
		return err_pass(err, &cause,
				"NIC %s of VM %s: %s (to give it another VF: vfctl detach --config, "
				"then attach)",
				plug->nic, starting->start->vm.name, cause.msg);
	return rc ? err_pass(err, &cause, "%s", cause.msg) : 0;
}

/* The vNICs are in the catalog first: what a machine has is never without a profile. */
static int begin(struct starting *starting, struct err *err)
{
	const struct giving *giving = &starting->giving;
	CLEANUP(cleanup_fd) int lock = -1;
	int rc = give_lock(giving, &lock, err);

	if (rc < 0)
		return rc;
	starting->began = true;
	reservations_settle(giving->host, giving->notes);
	for (size_t i = 0; !rc && i < starting->start->nic_count; i++) {
		const struct nic_plan *nic = &starting->start->nics[i];

		rc = nic->is_kept ? 0 : vnic_store(giving->host, &nic->vnic, err);
	}
	if (!rc)
		rc = for_each_plug(starting, reserve, err);
	starting->reserved = !rc;
	return rc;
}

/* Where the NIC is to be added, or has been. */
static unsigned sides_of(const struct starting *starting, const struct nic_plan *nic)
{
	return nic->is_kept || starting->start->xml || !starting->reserved ? 0 : DOMAIN_CONFIG;
}

static int configure(
		struct starting *starting, struct nic_plan *nic, struct plug *plug, struct err *err)
{
	unsigned sides = sides_of(starting, nic);

	return sides ? plug_add(&starting->giving, plug, sides, err) : 0;
}

static int prepare(
		struct starting *starting, struct nic_plan *nic, struct plug *plug, struct err *err)
{
	(void)nic;
	return vf_prepare(&starting->giving, plug, err);
}

/* libvirt names the device that another machine has. */
static int find_lost(
		struct starting *starting, struct nic_plan *nic, struct plug *plug, struct err *err)
{
	char text[BDF_TEXT];

	(void)nic;
	if (plug->reserved && strstr(err->msg, bdf_format(plug->vf.vf, text)))
		starting->lost = plug;
	return 0;
}

static int start_machine(struct starting *starting, struct err *err)
{
	struct hypervisor *hypervisor = *starting->giving.hypervisor;
	struct start *start = starting->start;
	CLEANUP(cleanup_free) char *xml = NULL;
	struct err cause = { 0 };
	int rc = start->xml ? start_xml(start, &xml, err) : 0;

	if (rc < 0)
		return rc;
	rc = xml ? hypervisor_create(hypervisor, xml, &cause)
		 : hypervisor_start(hypervisor, start->vm.uuid, &cause);
	starting->runs = !rc;
	if (rc == -EBUSY)
		for_each_plug(starting, find_lost, &cause);
	return rc ? err_pass(err, &cause, "VM %s: %s", start->vm.name, cause.msg) : 0;
}

static int verify(
		struct starting *starting, struct nic_plan *nic, struct plug *plug, struct err *err)
{
	int rc = plug_verify(&starting->giving, plug, DOMAIN_LIVE, err);

	(void)nic;
	return rc ? rc : vf_verify(&starting->giving, plug, err);
}

static int keep(struct starting *starting, struct nic_plan *nic, struct plug *plug, struct err *err)
{
	(void)nic;
	return vf_keep(&starting->giving, plug, err);
}

static int finish(struct starting *starting, struct err *err)
{
	CLEANUP(cleanup_fd) int lock = -1;
	int rc = give_lock(&starting->giving, &lock, err);

	return rc ? rc : for_each_plug(starting, keep, err);
}

static int go(struct starting *starting, struct err *err)
{
	int rc = begin(starting, err);

	if (!rc)
		rc = for_each_plug(starting, configure, err);
	if (!rc)
		rc = for_each_plug(starting, prepare, err);
	if (!rc)
		rc = start_machine(starting, err);
	if (!rc)
		rc = for_each_plug(starting, verify, err);
	return rc ? rc : finish(starting, err);
}

/* --- Undoing --------------------------------------------------------------------------------- */

static bool has_ended(const struct starting *starting)
{
	struct domain_status now;
	int rc = hypervisor_find(
			*starting->giving.hypervisor, starting->start->vm.uuid, &now, NULL);

	return rc == -ENODEV || (!rc && now.state == DOMAIN_STOPPED);
}

/* A guest that has ended by itself is as good. */
static void end_machine(struct starting *starting)
{
	const struct domain_status *vm = &starting->start->vm;
	struct err err = { 0 };

	if (hypervisor_destroy(*starting->giving.hypervisor, vm->uuid, &err) < 0 &&
			!has_ended(starting))
		diagnostic_add(starting->giving.notes, "VM %s still runs: %s", vm->name, err.msg);
}

static int take_back(
		struct starting *starting, struct nic_plan *nic, struct plug *plug, struct err *err)
{
	(void)err;
	plug_take_back(&starting->giving, plug, sides_of(starting, nic));
	return 0;
}

static void undo(struct starting *starting)
{
	if (starting->runs)
		end_machine(starting);
	starting->runs = false;
	for_each_plug(starting, take_back, NULL);
	for (size_t i = 0; i < starting->start->nic_count; i++) {
		const struct nic_plan *nic = &starting->start->nics[i];

		if (!nic->is_kept)
			give_up_vnic(&starting->giving, &nic->vnic);
	}
}

/* --- Another try ----------------------------------------------------------------------------- */

static void drop_candidate(struct start *start, struct bdf vf)
{
	for (size_t i = 0; i < start->nic_count; i++) {
		struct vf_candidates *vfs = &start->nics[i].candidates;
		size_t left = 0;

		for (size_t k = 0; k < vfs->count; k++) {
			if (!bdf_equal(vfs->list[k].vf, vf))
				vfs->list[left++] = vfs->list[k];
		}
		vfs->count = left;
	}
}

/* Whether the machine can have its NICs without the VF that was lost. A VF of its configuration
 * is not replaced: that is its owner's to change. */
static bool can_do_without(struct starting *starting)
{
	struct start *start = starting->start;
	const struct plug *lost = starting->lost;

	for (size_t i = 0; lost && i < start->nic_count; i++) {
		if (start->nics[i].is_kept && lost == &start->nics[i].plugs[0])
			lost = NULL;
	}
	if (!lost)
		return false;
	drop_candidate(start, lost->vf.vf);
	return !start_assign(starting->giving.host, start, NULL);
}

int start_run(const struct host *host, struct hypervisor **hypervisor, struct start *start,
		struct diagnostics *notes, struct err *err)
{
	struct starting starting = { .giving = { host, hypervisor, &start->vm, "vm start",
						     start->wait_s, notes },
		.start = start };

	for (;;) {
		struct err cause = { 0 };
		int rc = go(&starting, &cause);

		if (!rc)
			return 0;
		if (starting.began && !is_unknown_end(rc))
			undo(&starting);
		if (rc != -EBUSY || !can_do_without(&starting))
			return err_pass(err, &cause, "%s", cause.msg);
		diagnostic_add(notes, "%s; trying without it", cause.msg);
		starting.lost = NULL;
		starting.reserved = false;
	}
}
