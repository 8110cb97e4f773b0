/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "catalog/catalog_store.h"
#include "sriov/refusal.h"
#include "vm/edit.h"
#include "vm/nic_devices.h"

/* The decisions of an edit. */

struct planning {
	const struct host *host;
	struct hypervisor *hypervisor;
	const struct edit_request *request;
	struct edit *edit;
	char nic[NAME_ROOM];
	bool was_marked;                 /* an edit of it was killed */
	struct nic_devices live, config; /* nothing in it: there is no such NIC */
};

/* --- What there is --------------------------------------------------------------------------- */

static int look_at(struct planning *planning, enum domain_side side, struct domain *domain,
		struct nic_devices *devices, struct err *err)
{
	struct edit *edit = planning->edit;
	int rc = vm_read(planning->hypervisor, &edit->vm, side, domain, err);

	if (!rc)
		rc = nic_devices_find(domain, planning->request->nic, devices, err);
	if (rc < 0)
		return rc;
	snprintf(planning->nic, sizeof(planning->nic), "%.63s", devices->nic);
	edit->sides |= side;
	return 0;
}

/* What a killed process had taken from the machine. */
static int look_for_mark(struct planning *planning, struct err *err)
{
	struct edit *edit = planning->edit;
	const char *nic = *planning->nic ? planning->nic : planning->request->nic;
	int rc = edit_mark_read(planning->host, edit->vm.uuid, nic, &edit->mark, err);

	if (rc < 0)
		return rc == -ENOENT ? 0 : rc;
	if (!edit_mark_is_left(&edit->mark) && edit->mark.process.pid != process_id_self().pid)
		return err_set(err, EBUSY, "NIC %s of VM %s is being changed (pid %d)", nic,
				edit->vm.name, edit->mark.process.pid);
	planning->was_marked = true;
	snprintf(planning->nic, sizeof(planning->nic), "%s", edit->mark.nic);
	if (edit->mark.run == edit->live.id && edit->mark.sides & DOMAIN_LIVE)
		edit->sides |= DOMAIN_LIVE;
	return 0;
}

static int look(struct planning *planning, struct err *err)
{
	struct edit *edit = planning->edit;
	struct err cause = { 0 };
	int rc = 0;

	edit->live.id = -1;
	if (edit->vm.state != DOMAIN_STOPPED)
		rc = look_at(planning, DOMAIN_LIVE, &edit->live, &planning->live, &cause);
	if (edit->vm.persistent && (!rc || rc == -ENOENT))
		rc = look_at(planning, DOMAIN_CONFIG, &edit->config, &planning->config, &cause);
	if (!rc || rc == -ENOENT)
		rc = look_for_mark(planning, err);
	if (!rc && edit->sides)
		return 0;
	return rc && rc != -ENOENT && !cause.code ? rc : err_pass(err, &cause, "%s", cause.msg);
}

/* --- What is asked for ----------------------------------------------------------------------- */

/* A NIC has one vNIC, and so one profile. */
static int check_sides(const struct planning *planning, struct err *err)
{
	const struct edit *edit = planning->edit;
	unsigned sides = planning->request->sides;

	if (sides & DOMAIN_LIVE && edit->vm.state == DOMAIN_STOPPED)
		return refuse(err, REFUSAL_VM_NOT_RUNNING,
				"VM %s does not run: start it, or give --config", edit->vm.name);
	if (sides & DOMAIN_CONFIG && !edit->vm.persistent)
		return refuse(err, REFUSAL_VM_TRANSIENT,
				"VM %s has no configuration that outlives its run: give --live",
				edit->vm.name);
	if (!sides || sides == edit->sides)
		return 0;
	if (sides & ~edit->sides)
		return err_set(err, ENOENT, "the %s of VM %s has no NIC %s",
				sides & ~edit->sides & DOMAIN_LIVE ? "running machine"
								   : "configuration",
				edit->vm.name, planning->nic);
	return err_set(err, EINVAL,
			"the running VM %s and its configuration have the NIC %s, which has one "
			"profile: give both --live and --config, or neither",
			edit->vm.name, planning->nic);
}

static int find_vnic(const struct planning *planning, struct err *err)
{
	struct edit *edit = planning->edit;
	CLEANUP(cleanup_free) char *name = vnic_name(edit->vm.uuid, planning->nic);
	const struct vnic *vnic = definition_find(&edit->catalog.vnics, name);
	const struct domain_nic *now = planning->live.main ? planning->live.main
			: planning->live.standby           ? planning->live.standby
							   : planning->config.main;

	if (!vnic)
		return err_set(err, ENOENT,
				"NIC %s of VM %s has no profile, by which it could be changed: vfctl "
				"detach, then attach",
				planning->nic, edit->vm.name);
	definition_copy(&vnic_kind, vnic, &edit->before);
	if (now && now->has_mac && !planning->was_marked)
		mac_format(now->mac, edit->before.mac);
	return 0;
}

static unsigned boot_of(const struct planning *planning)
{
	const struct nic_devices *sides[] = { &planning->live, &planning->config };
	unsigned boot = planning->was_marked ? planning->edit->mark.boot : 0;

	for (size_t i = 0; i < 2; i++) {
		if (!boot && sides[i]->standby)
			boot = sides[i]->standby->boot;
		if (!boot && sides[i]->main)
			boot = sides[i]->main->boot;
	}
	return boot;
}

static struct nic_planning of_nic(const struct planning *planning)
{
	struct edit *edit = planning->edit;
	bool live = edit->sides & DOMAIN_LIVE;

	return (struct nic_planning){ .host = planning->host,
		.vm = &edit->vm,
		.catalog = &edit->catalog,
		.domain = live ? &edit->live : &edit->config,
		.promises = &edit->promises,
		.live = live };
}

/* The VF of the running machine, else that of the configuration. */
static const struct bdf *own_vf(const struct planning *planning)
{
	const struct domain_nic *live = planning->live.main, *config = planning->config.main;

	if (live && live->kind == NIC_HOSTDEV)
		return &live->host;
	return config && config->kind == NIC_HOSTDEV ? &config->host : NULL;
}

static int plan_nic(const struct planning *planning, struct err *err)
{
	const struct edit_request *request = planning->request;
	struct edit *edit = planning->edit;
	const struct nic_planning planned = of_nic(planning);
	const struct nic_request wanted = { .profile = request->profile,
		.mac = request->mac,
		.vf = request->vf,
		.boot = boot_of(planning) };
	const struct vf_candidates *vfs = &edit->nic.candidates;
	int rc = nic_plan_change(
			&planned, &edit->before, &wanted, own_vf(planning), &edit->nic, err);

	return rc ? rc
		  : nic_plan_devices(&planned, &edit->nic, vfs->count ? &vfs->list[0] : NULL, err);
}

/* --- What differs ---------------------------------------------------------------------------- */

static bool is_text(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

/* Whether NOW becomes WANTED without a plug; a bridge can be another one. */
static bool can_stay(const struct domain_nic *now, const struct nic_wanted *wanted)
{
	struct plug plug;

	if (!now || now->kind != wanted->kind || !now->has_mac)
		return false;
	plug_describe(now, "", &plug);
	return mac_equal(plug.wanted.mac, wanted->mac) && plug.wanted.vlan == wanted->vlan &&
			plug.wanted.teaming == wanted->teaming &&
			plug.wanted.boot == wanted->boot && plug.wanted.mtu == wanted->mtu &&
			is_text(plug.wanted.persistent, wanted->persistent) &&
			(wanted->kind != NIC_HOSTDEV || bdf_equal(now->host, wanted->host));
}

static bool is_same(const struct domain_nic *now, const struct nic_wanted *wanted)
{
	return can_stay(now, wanted) &&
			(wanted->kind != NIC_BRIDGE || is_text(now->bridge, wanted->bridge));
}

static bool is_standby(const struct plug *plug)
{
	return plug->wanted.teaming == TEAMING_PERSISTENT;
}

static const struct domain_nic *device_of(
		const struct nic_devices *devices, const struct plug *plug)
{
	return is_standby(plug) ? devices->standby : devices->main;
}

/* In the place of what had its name before. */
static void place(const struct planning *planning, const struct nic_devices *devices,
		struct plug *plug)
{
	const struct domain_nic *now = device_of(devices, plug);
	const struct edit_mark *mark = &planning->edit->mark;

	plug->wanted.has_guest = now && now->has_guest;
	if (now)
		plug->wanted.guest = now->guest;
	else if (planning->was_marked && devices == &planning->live)
		plug->wanted.has_guest =
				!bdf_parse(is_standby(plug) ? mark->standby_place : mark->place,
						&plug->wanted.guest);
}

/* A VF goes with a standby that goes: what it is paired with is in its description. */
static void choose_what_stays(const struct planning *planning)
{
	struct edit *edit = planning->edit;
	bool stays = true;

	for (size_t i = 0; i < edit->nic.plug_count; i++) {
		struct plug *plug = &edit->nic.plugs[i];
		const struct domain_nic *now = device_of(&planning->live, plug);

		place(planning, &planning->live, plug);
		plug->stays = stays = stays && can_stay(now, &plug->wanted);
		if (!stays)
			continue;
		if (plug->wanted.kind == NIC_HOSTDEV)
			edit->leaves_vf = false;
		else
			edit->leaves_bridge = false;
		edit->moves |= !is_same(now, &plug->wanted);
	}
}

static int describe_now(const struct planning *planning, struct err *err)
{
	struct edit *edit = planning->edit;
	const struct nic_devices *live = &planning->live;
	const struct domain_nic *bridge = live->standby ? live->standby : live->main;

	edit->has_vf = edit->leaves_vf = live->main && live->main->kind == NIC_HOSTDEV;
	edit->has_bridge = edit->leaves_bridge = bridge && bridge->kind == NIC_BRIDGE;
	if (edit->has_bridge)
		plug_describe(bridge, edit->before.nic, &edit->bridge);
	if ((live->main || live->standby) && !edit->has_vf && !edit->has_bridge)
		return err_set(err, EINVAL,
				"NIC %s of VM %s is neither a VF nor on a bridge: vfctl detach, then "
				"attach",
				planning->nic, edit->vm.name);
	return edit->has_vf ? way_back_plan(planning->host, &edit->vm, live->main, &edit->before,
					      &edit->vf, err)
			    : 0;
}

static int decide_live(const struct planning *planning, struct err *err)
{
	struct edit *edit = planning->edit;
	const struct plug *last = &edit->nic.plugs[edit->nic.plug_count - 1];
	const struct vf_settings *have = &edit->vf.plan.plugs[0].settings;
	size_t needed = 0, freed = 0;
	int rc = describe_now(planning, err);

	if (rc < 0)
		return rc;
	choose_what_stays(planning);
	if (last->stays && last->wanted.kind == NIC_HOSTDEV) {
		struct vf_settings want = last->settings;

		want.given &= have->given;
		edit->sets = vf_settings_difference(&want, have) != 0;
	}
	for (size_t i = 0; i < edit->nic.plug_count; i++)
		needed += !edit->nic.plugs[i].stays;
	freed = (size_t)edit->leaves_vf + edit->leaves_bridge;
	return needed > freed ? nic_check_slots(&edit->live, needed - freed, err) : 0;
}

static void decide_config(const struct planning *planning)
{
	struct edit *edit = planning->edit;
	const struct nic_devices *config = &planning->config;
	size_t has = (config->main != NULL) + (size_t)(config->standby != NULL);

	edit->configures = has != edit->nic.plug_count;
	for (size_t i = 0; i < edit->nic.plug_count; i++) {
		const struct plug *plug = &edit->nic.plugs[i];

		edit->configures |= !is_same(device_of(config, plug), &plug->wanted);
	}
}

static void fill_mark(const struct planning *planning)
{
	struct edit *edit = planning->edit;
	struct edit_mark *mark = &edit->mark;
	const struct nic_devices *live = &planning->live;
	struct edit_mark was = *mark;

	*mark = (struct edit_mark){
		.run = edit->live.id, .sides = edit->sides, .boot = edit->nic.boot
	};
	snprintf(mark->vm, sizeof(mark->vm), "%s", edit->vm.name);
	snprintf(mark->uuid, sizeof(mark->uuid), "%s", edit->vm.uuid);
	snprintf(mark->nic, sizeof(mark->nic), "%s", planning->nic);
	snprintf(mark->place, sizeof(mark->place), "%s", was.place);
	snprintf(mark->standby_place, sizeof(mark->standby_place), "%s", was.standby_place);
	if (live->main && live->main->has_guest)
		bdf_format(live->main->guest, mark->place);
	if (live->standby && live->standby->has_guest)
		bdf_format(live->standby->guest, mark->standby_place);
}

/* --- All of it ------------------------------------------------------------------------------- */

int edit_plan(const struct host *host, struct hypervisor *hypervisor,
		const struct edit_request *request, struct edit *edit, struct err *err)
{
	struct planning planning = { host, hypervisor, request, edit };
	int rc = hypervisor_find(hypervisor, request->vm, &edit->vm, err);

	edit->limit_s = request->limit_s;
	edit->wait_s = request->wait_s;
	if (!rc)
		rc = catalog_open(host, &edit->catalog, err);
	if (!rc)
		rc = look(&planning, err);
	if (!rc)
		rc = check_sides(&planning, err);
	if (!rc)
		rc = find_vnic(&planning, err);
	if (!rc)
		rc = promises_read(hypervisor, &edit->promises, err);
	if (!rc)
		rc = plan_nic(&planning, err);
	if (!rc && edit->sides & DOMAIN_LIVE)
		rc = decide_live(&planning, err);
	if (!rc && edit->sides & DOMAIN_CONFIG)
		decide_config(&planning);
	if (!rc)
		fill_mark(&planning);
	return rc;
}

void cleanup_edit(struct edit *edit)
{
	catalog_free(&edit->catalog);
	domain_free(&edit->live);
	domain_free(&edit->config);
	promises_free(&edit->promises);
	nic_plan_free(&edit->nic);
	nic_plan_free(&edit->vf.plan);
	definition_free(&vnic_kind, &edit->before);
}
