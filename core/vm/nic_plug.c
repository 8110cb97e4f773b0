/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vm/nic_plug.h"

#include "base/cleanup.h"

/* libvirt's part of a hot plug, with what it may still do after a call was given up. */
enum { PLUG_MS = 40000 };

static int reserve(const struct giving *giving, struct plug *plug, struct err *err)
{
	CLEANUP(cleanup_fd) int lock = -1;
	int rc;

	rc = give_lock(giving, &lock, err);
	if (rc < 0)
		return rc;
	if (plug->reserved)
		return vf_begin(giving, plug, PLUG_MS, err);
	reservations_settle(giving->host, giving->notes);
	return vf_reserve(giving, plug, PLUG_MS, err);
}

static int finish(const struct giving *giving, struct plug *plug, struct err *err)
{
	CLEANUP(cleanup_fd) int lock = -1;
	int rc = plug->reserved ? give_lock(giving, &lock, err) : 0;

	return rc ? rc : vf_keep(giving, plug, err);
}

/* -EBUSY: another has the VF, and everything is as it was. */
static int plug_one(const struct giving *giving, struct plug *plug, unsigned sides, struct err *err)
{
	/* A stopped machine needs no VF yet. */
	int rc = sides & DOMAIN_LIVE ? reserve(giving, plug, err) : 0;
	struct err cause = { 0 };

	if (rc < 0)
		return rc;
	rc = vf_prepare(giving, plug, &cause);
	if (!rc)
		rc = plug_add(giving, plug, sides, &cause);
	if (!rc)
		rc = vf_verify(giving, plug, &cause);
	if (!rc)
		rc = finish(giving, plug, &cause);
	if (!rc)
		return 0;
	if (!is_unknown_end(rc))
		plug_take_back(giving, plug, sides);
	return err_pass(err, &cause, "%s", cause.msg);
}

/* The candidate after the one that the device has; NULL: there is none. */
static const struct vf_candidate *next_of(const struct vf_candidates *vfs, const struct plug *plug)
{
	for (size_t i = 0; i + 1 < vfs->count; i++) {
		if (bdf_equal(vfs->list[i].vf, plug->vf.vf))
			return &vfs->list[i + 1];
	}
	return NULL;
}

static int plug_any(const struct giving *giving, const struct vf_candidates *vfs, struct plug *plug,
		unsigned sides, struct err *err)
{
	bool needs_vf = plug->wanted.kind == NIC_HOSTDEV && sides & DOMAIN_LIVE;

	for (;;) {
		struct err cause = { 0 };
		int rc = plug_one(giving, plug, sides, &cause);
		const struct vf_candidate *next;

		if (!rc)
			return 0;
		next = rc == -EBUSY && needs_vf ? next_of(vfs, plug) : NULL;
		if (!next)
			return err_pass(err, &cause, "%s", cause.msg);
		diagnostic_add(giving->notes, "%s; trying the next", cause.msg);
		plug_take_vf(plug, next);
	}
}

int nic_plug(const struct giving *giving, struct nic_plan *nic, unsigned sides, struct err *err)
{
	size_t done = 0;
	int rc = 0;

	for (; !rc && done < nic->plug_count; done += !rc) {
		if (!nic->plugs[done].stays)
			rc = plug_any(giving, &nic->candidates, &nic->plugs[done], sides, err);
	}
	while (rc && done) {
		if (!nic->plugs[--done].stays)
			plug_take_back(giving, &nic->plugs[done], sides);
	}
	return rc;
}
