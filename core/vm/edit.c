/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vm/edit.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "domain/domain_edit.h"
#include "vm/nic_plug.h"
#include "vm/unplug.h"

/*
 * The catalog has the new vNIC from the first step on: what is plugged in is never without a profile, and
 * the one that completes what a killed process began knows what it is to become. The running machine comes before
 * the configuration, since its guest may refuse.
 */

struct editing {
	struct giving giving;
	struct edit *edit;
	struct deadline limit; /* for the guest */
	bool began, bridge_gone, moved, set, plugged;
};

static struct plug *last_of(const struct editing *editing)
{
	struct nic_plan *nic = &editing->edit->nic;

	return &nic->plugs[nic->plug_count - 1];
}

/* --- The record ------------------------------------------------------------------------------ */

static int check_mark(const struct editing *editing, struct err *err)
{
	const struct edit *edit = editing->edit;
	struct edit_mark other;
	int rc = edit_mark_read(editing->giving.host, edit->vm.uuid, edit->mark.nic, &other, err);

	if (rc == -ENOENT ||
			(!rc &&
					(edit_mark_is_left(&other) ||
							other.process.pid ==
									process_id_self().pid)))
		return 0;
	return rc ? rc
		  : err_set(err, EBUSY, "NIC %s of VM %s is being changed (pid %d)", edit->mark.nic,
				    edit->vm.name, other.process.pid);
}

static int begin(struct editing *editing, struct err *err)
{
	struct edit *edit = editing->edit;
	CLEANUP(cleanup_fd) int lock = -1;
	int rc = give_lock(&editing->giving, &lock, err);

	if (!rc)
		rc = check_mark(editing, err);
	if (!rc)
		rc = edit_mark_write(editing->giving.host, &edit->mark, err);
	editing->began = !rc;
	return rc ? rc : vnic_store(editing->giving.host, &edit->nic.vnic, err);
}

/* With the vNIC that the machine has now; NULL: the one of the catalog. */
static int end(struct editing *editing, const struct vnic *vnic, struct err *err)
{
	const struct host *host = editing->giving.host;
	CLEANUP(cleanup_fd) int lock = -1;
	int rc = give_lock(&editing->giving, &lock, err);

	if (!rc && editing->edit->leaves_vf)
		withdraw_end(&editing->giving, &editing->edit->vf);
	if (!rc && vnic)
		rc = vnic_store(host, vnic, err);
	return rc ? rc
		  : edit_mark_remove(host, editing->edit->vm.uuid, editing->edit->mark.nic, err);
}

/* --- The running machine --------------------------------------------------------------------- */

static int remove_devices(struct editing *editing, struct err *err)
{
	struct edit *edit = editing->edit;
	const struct giving *giving = &editing->giving;
	const struct unplug unplug = { giving->host, giving->hypervisor, giving->vm,
		edit->bridge.alias, DOMAIN_LIVE };
	int rc = edit->leaves_vf ? withdraw(giving, &edit->vf, editing->limit, err) : 0;

	if (rc < 0 || !edit->leaves_bridge)
		return rc;
	rc = unplug_run(&unplug, editing->limit, giving->notes, err);
	editing->bridge_gone = !rc;
	return rc;
}

static int update(struct editing *editing, const struct plug *plug, struct err *err)
{
	const struct giving *giving = &editing->giving;
	CLEANUP(cleanup_free) char *xml = NULL;
	int rc = nic_xml(&plug->wanted, &xml, err);

	if (!rc)
		rc = hypervisor_update(*giving->hypervisor, giving->vm->uuid, xml, err);
	return rc ? rc : plug_verify(giving, plug, DOMAIN_LIVE, err);
}

static int change_in_place(struct editing *editing, struct err *err)
{
	struct edit *edit = editing->edit;
	int rc = 0;

	editing->moved = edit->moves;
	if (edit->moves)
		rc = update(editing, &edit->nic.plugs[0], err);
	editing->set = !rc && edit->sets;
	if (editing->set)
		rc = vf_set(&editing->giving, last_of(editing), err);
	return rc;
}

static bool is_former_vf(const struct editing *editing)
{
	const struct plug *last = last_of(editing);

	return editing->edit->vf.withdrawn && last->wanted.kind == NIC_HOSTDEV &&
			bdf_equal(last->wanted.host, editing->edit->vf.vf);
}

/* The VF that the machine had is not free meanwhile. */
static int plug_devices(struct editing *editing, struct err *err)
{
	struct edit *edit = editing->edit;
	struct plug *last = last_of(editing), *was = &edit->vf.plan.plugs[0];
	int rc = is_former_vf(editing) ? vf_take_over(was, last, err) : 0;

	was->reserved &= !last->reserved;
	if (!rc)
		rc = nic_plug(&editing->giving, &edit->nic, DOMAIN_LIVE, err);
	editing->plugged = !rc;
	return rc;
}

static int change_live(struct editing *editing, struct err *err)
{
	int rc = remove_devices(editing, err);

	if (!rc)
		rc = change_in_place(editing, err);
	return rc ? rc : plug_devices(editing, err);
}

static void unplug_new(struct editing *editing)
{
	struct nic_plan *nic = &editing->edit->nic;

	for (size_t i = nic->plug_count; editing->plugged && i > 0; i--) {
		if (!nic->plugs[i - 1].stays)
			plug_take_back(&editing->giving, &nic->plugs[i - 1], DOMAIN_LIVE);
	}
}

static int change_back(struct editing *editing, struct err *err)
{
	struct edit *edit = editing->edit;
	int rc = 0;

	edit->vf.plan.plugs[0].reserved |= is_former_vf(editing) && last_of(editing)->reserved;
	if (editing->set)
		rc = vf_set(&editing->giving, &edit->vf.plan.plugs[0], err);
	if (!rc && editing->moved)
		rc = update(editing, &edit->bridge, err);
	if (!rc && editing->bridge_gone)
		rc = plug_add(&editing->giving, &edit->bridge, DOMAIN_LIVE, err);
	return rc ? rc : withdraw_undo(&editing->giving, &edit->vf, err);
}

/* --- The configuration ----------------------------------------------------------------------- */

/* In the place of what had its name there. */
static char *device_xml(const struct edit *edit, const struct plug *plug, struct err *err)
{
	struct nic_wanted wanted = plug->wanted;
	const struct domain_nic *was = domain_nic_with_alias(&edit->config, plug->alias);
	char *xml = NULL;

	wanted.has_guest = was && was->has_guest;
	if (was)
		wanted.guest = was->guest;
	return nic_xml(&wanted, &xml, err) < 0 ? NULL : xml;
}

static char *devices_xml(const struct edit *edit, struct err *err)
{
	CLEANUP(cleanup_free) char *first = device_xml(edit, &edit->nic.plugs[0], err);
	CLEANUP(cleanup_free) char *second = NULL;

	if (!first || edit->nic.plug_count < 2)
		return TAKE(first);
	second = device_xml(edit, &edit->nic.plugs[1], err);
	return second ? text_format("%s%s", first, second) : NULL;
}

static int configure(struct editing *editing, struct err *err)
{
	struct edit *edit = editing->edit;
	struct hypervisor *hypervisor = *editing->giving.hypervisor;
	CLEANUP(cleanup_free) char *devices = devices_xml(edit, err);
	CLEANUP(cleanup_free) char *whole = NULL;
	CLEANUP(cleanup_free) char *without_vf = NULL;
	CLEANUP(cleanup_free) char *without = NULL;
	CLEANUP(cleanup_free) char *text = NULL;
	char alias[ALIAS_ROOM], standby[ALIAS_ROOM];
	int rc = devices ? hypervisor_config(hypervisor, edit->vm.uuid, &whole, err) : -EINVAL;

	if (rc < 0)
		return rc;
	nic_aliases(edit->mark.nic, alias, standby);
	without_vf = domain_without_nic(whole, alias);
	without = domain_without_nic(without_vf, standby);
	text = domain_insert(without, "", devices);
	rc = hypervisor_define(hypervisor, text, err);
	if (!rc)
		rc = plug_verify(&editing->giving, last_of(editing), DOMAIN_CONFIG, err);
	return rc;
}

/* --- All of it ------------------------------------------------------------------------------- */

static int go(struct editing *editing, struct err *err)
{
	struct edit *edit = editing->edit;
	struct bdf planned = last_of(editing)->wanted.host;
	int rc = begin(editing, err);

	if (!rc && edit->sides & DOMAIN_LIVE)
		rc = change_live(editing, err);
	if (!bdf_equal(planned, last_of(editing)->wanted.host))
		edit->configures = edit->sides & DOMAIN_CONFIG;
	return rc || !edit->configures ? rc : configure(editing, err);
}

static void undo(struct editing *editing)
{
	const struct edit *edit = editing->edit;
	struct err err = { 0 };

	unplug_new(editing);
	if (!change_back(editing, &err) && !end(editing, &edit->before, &err))
		return;
	diagnostic_add(editing->giving.notes,
			"NIC %s of VM %s is not as it was before: %s (vfctl vm edit %s %s --profile "
			"%s tries again)",
			edit->mark.nic, edit->vm.name, err.msg, edit->vm.name, edit->mark.nic,
			edit->before.profile);
}

int edit_run(const struct host *host, struct hypervisor **hypervisor, struct edit *edit,
		struct diagnostics *notes, struct err *err)
{
	struct editing editing = { .giving = { host, hypervisor, &edit->vm, "vm edit", edit->wait_s,
						   notes },
		.edit = edit,
		.limit = deadline_in(1000 * (int64_t)edit->limit_s) };
	struct err cause = { 0 };
	struct domain_status now;
	int rc = go(&editing, &cause);

	if (!rc)
		rc = end(&editing, NULL, &cause);
	else if (editing.began &&
			!is_unknown_end(hypervisor_find(*hypervisor, edit->vm.uuid, &now, NULL)))
		undo(&editing);
	return rc ? err_pass(err, &cause, "%s", cause.msg) : 0;
}

static void complete(const struct host *host, struct hypervisor **hypervisor,
		const struct edit_request *of, const struct edit_mark *mark,
		struct diagnostics *notes)
{
	const struct edit_request request = {
		.vm = mark->uuid, .nic = mark->nic, .limit_s = of->limit_s, .wait_s = of->wait_s
	};
	CLEANUP(cleanup_edit) struct edit edit = { 0 };
	struct err err = { 0 };
	int rc = edit_plan(host, *hypervisor, &request, &edit, &err);

	if (!rc)
		rc = edit_run(host, hypervisor, &edit, notes, &err);
	diagnostic_add(notes, "NIC %s of VM %s: the change that was not completed %s%s", mark->nic,
			mark->vm, rc ? "could not be completed: " : "is complete now",
			rc ? err.msg : "");
}

void edits_complete(const struct host *host, struct hypervisor **hypervisor,
		const struct edit_request *of, struct diagnostics *notes)
{
	CLEANUP(cleanup_free) struct edit_mark *list = NULL;
	size_t count = edit_marks_read(host, &list);

	for (size_t i = 0; i < count; i++) {
		if (edit_mark_is_left(&list[i]) &&
				(!of->vm || !strcmp(of->vm, list[i].vm) ||
						!strcmp(of->vm, list[i].uuid)))
			complete(host, hypervisor, of, &list[i], notes);
	}
}
