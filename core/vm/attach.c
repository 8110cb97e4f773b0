/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vm/attach.h"

#include "base/cleanup.h"
#include "vm/vf_give.h"

/* libvirt's part of a hot plug, with what it may still do after a call was given up. */
enum { PLUG_MS = 40000 };

struct attaching {
	struct giving giving;
	struct attach *attach;
};

static int reserve(const struct attaching *attaching, struct plug *plug, struct err *err)
{
	const struct giving *giving = &attaching->giving;
	CLEANUP(cleanup_fd) int lock = -1;
	int rc = give_lock(giving, &lock, err);

	if (rc < 0)
		return rc;
	reservations_settle(giving->host, giving->notes);
	return vf_reserve(giving, plug, PLUG_MS, err);
}

static int finish(const struct attaching *attaching, struct plug *plug, struct err *err)
{
	CLEANUP(cleanup_fd) int lock = -1;
	int rc = plug->reserved ? give_lock(&attaching->giving, &lock, err) : 0;

	return rc ? rc : vf_keep(&attaching->giving, plug, err);
}

/* -EBUSY: another has the VF, and everything is as it was. */
static int attach_plug(const struct attaching *attaching, struct plug *plug, struct err *err)
{
	const struct giving *giving = &attaching->giving;
	unsigned sides = attaching->attach->sides;
	/* A stopped machine needs no VF yet. */
	int rc = sides & DOMAIN_LIVE ? reserve(attaching, plug, err) : 0;
	struct err cause = { 0 };

	if (rc < 0)
		return rc;
	rc = vf_prepare(giving, plug, &cause);
	if (!rc)
		rc = plug_add(giving, plug, sides, &cause);
	if (!rc)
		rc = vf_verify(giving, plug, &cause);
	if (!rc)
		rc = finish(attaching, plug, &cause);
	if (!rc)
		return 0;
	if (!is_unknown_end(rc))
		plug_take_back(giving, plug, sides);
	return err_pass(err, &cause, "%s", cause.msg);
}

static int attach_one(const struct attaching *attaching, struct plug *plug, struct err *err)
{
	const struct vf_candidates *vfs = &attaching->attach->nic.candidates;
	bool needs_vf = plug->wanted.kind == NIC_HOSTDEV && attaching->attach->sides & DOMAIN_LIVE;

	for (size_t next = 1;; next++) {
		struct err cause = { 0 };
		int rc = attach_plug(attaching, plug, &cause);

		if (!rc)
			return 0;
		if (rc != -EBUSY || !needs_vf || next == vfs->count)
			return err_pass(err, &cause, "%s", cause.msg);
		diagnostic_add(attaching->giving.notes, "%s; trying the next", cause.msg);
		plug_take_vf(plug, &vfs->list[next]);
	}
}

static int record_vnic(const struct attaching *attaching, struct err *err)
{
	CLEANUP(cleanup_fd) int lock = -1;
	int rc = give_lock(&attaching->giving, &lock, err);

	return rc ? rc : vnic_store(attaching->giving.host, &attaching->attach->nic.vnic, err);
}

int attach_run(const struct host *host, struct hypervisor **hypervisor, struct attach *attach,
		struct diagnostics *notes, struct err *err)
{
	const struct attaching attaching = {
		{ host, hypervisor, &attach->vm, "attach", attach->wait_s, notes }, attach
	};
	struct nic_plan *nic = &attach->nic;
	size_t done = 0;
	int rc = 0;

	/* The vNIC is in the catalog first: what is plugged in is never without a profile. */
	rc = record_vnic(&attaching, err);
	for (; !rc && done < nic->plug_count; done += !rc)
		rc = attach_one(&attaching, &nic->plugs[done], err);
	if (!rc)
		return 0;
	while (done)
		plug_take_back(&attaching.giving, &nic->plugs[--done], attach->sides);
	give_up_vnic(&attaching.giving, &nic->vnic);
	return rc;
}
