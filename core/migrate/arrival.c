/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "migrate/arrival.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "catalog/catalog_store.h"
#include "sriov/refusal.h"
#include "vm/matching.h"
#include "vm/nic_plug.h"
#include "vm/vf_assign.h"

enum { SETTLED_MS = 10000, LOOK_MS = 100, BACK_MS = 10000 };

static struct giving giving_of(const struct arrival *arrival, struct diagnostics *notes)
{
	return (struct giving){ arrival->host, arrival->hypervisor, &arrival->vm, "vm receive",
		arrival->wait_s, notes };
}

/* --- The plan -------------------------------------------------------------------------------- */

static int check_vm(const struct arrival *arrival, struct err *err)
{
	const struct domain_status *vm = &arrival->vm;
	CLEANUP(cleanup_free) struct domain_status *list = NULL;
	size_t count = 0;
	int rc = hypervisor_list(*arrival->hypervisor, &list, &count, err);

	for (size_t i = 0; !rc && i < count; i++) {
		if (!strcmp(list[i].name, vm->name) || !strcmp(list[i].uuid, vm->uuid))
			return refuse(err, REFUSAL_VM_EXISTS,
					"there is a VM %s with the same %s: rename one, or "
					"remove it there (virsh undefine)",
					list[i].name,
					strcmp(list[i].uuid, vm->uuid) ? "name" : "UUID");
	}
	return rc;
}

static int check_network(const struct arrival *arrival, const struct moving_network *wanted,
		const struct network **network, struct err *err)
{
	*network = catalog_network(&arrival->catalog, wanted->name);
	if (!*network)
		return catalog_missing(&network_kind, wanted->name, err);
	if ((*network)->vlan == wanted->vlan && (*network)->mtu == wanted->mtu)
		return 0;
	return refuse(err, REFUSAL_NETWORK_DIFFERS,
			"network %s has VLAN %u and MTU %u here, and VLAN %u and MTU %u where the "
			"machine comes from (0: none)",
			wanted->name, (*network)->vlan, (*network)->mtu, wanted->vlan, wanted->mtu);
}

/* The bridge of the device that is on one. */
static int plan_bridge(const struct arrival *arrival, const struct network *network,
		struct moving_nic *nic, struct err *err)
{
	int rc = 0;

	if (nic->has_standby)
		rc = check_network(arrival, &nic->standby, &network, err);
	if (!rc && (nic->has_standby || nic->is_bridged)) {
		rc = nic_check_bridge(arrival->host, network, err);
		snprintf(nic->bridge, sizeof(nic->bridge), "%s", network->bridge);
	}
	return rc;
}

static void fill_vnic(const struct arrival *arrival, const struct vnic_profile *profile,
		const struct moving_nic *nic, struct vnic *vnic)
{
	CLEANUP(cleanup_free) char *name = vnic_name(arrival->vm.uuid, nic->nic);

	definition_init(&vnic_kind, vnic, name);
	snprintf(vnic->vm, sizeof(vnic->vm), "%.99s", arrival->vm.name);
	snprintf(vnic->nic, sizeof(vnic->nic), "%s", nic->nic);
	snprintf(vnic->profile, sizeof(vnic->profile), "%s", profile->head.name);
	snprintf(vnic->mac, sizeof(vnic->mac), "%s", nic->mac);
	vnic->passthrough = profile->passthrough;
	vnic->linked = true;
}

/* Without a VF a profile with fallback goes on with the standby. */
static int plan_vf(const struct arrival *arrival, const struct vnic *vnic,
		const struct vnic_profile *profile, struct arriving_nic *nic, struct err *err)
{
	const struct domain none = { 0 };
	const struct nic_planning planning = { .host = arrival->host,
		.vm = &arrival->vm,
		.catalog = &arrival->catalog,
		.domain = &none,
		.promises = &arrival->promises,
		.live = true };
	struct err cause = { 0 };
	int rc = nic_plan_resume(&planning, vnic, NULL, &nic->plan, &cause);

	if (!rc || (cause.refusal && profile->fallback && nic->nic.has_standby))
		return 0;
	err_pass(err, &cause, "%s", cause.msg);
	if (err)
		err->refusal = cause.refusal;
	return rc;
}

static int plan_nic(const struct arrival *arrival, struct arriving_nic *nic, struct err *err)
{
	const struct vnic_profile *profile =
			catalog_vnic_profile(&arrival->catalog, nic->nic.profile);
	const struct network *network;
	struct vnic vnic;
	int rc;

	if (!profile)
		return catalog_missing(&vnic_profile_kind, nic->nic.profile, err);
	if (strcmp(profile->network, nic->nic.network.name) != 0)
		return refuse(err, REFUSAL_NETWORK_DIFFERS,
				"profile %s is for network %s here, and for %s where the machine "
				"comes from",
				profile->head.name, profile->network, nic->nic.network.name);
	rc = check_network(arrival, &nic->nic.network, &network, err);
	if (!rc)
		rc = plan_bridge(arrival, network, &nic->nic, err);
	if (rc < 0)
		return rc;
	fill_vnic(arrival, profile, &nic->nic, &vnic);
	if (profile->passthrough && (nic->nic.live || nic->nic.config))
		return plan_vf(arrival, &vnic, profile, nic, err);
	definition_copy(&vnic_kind, &vnic, &nic->plan.vnic);
	return 0;
}

/* --- Who gets which VF ----------------------------------------------------------------------- */

static bool may_go_without(const struct arriving_nic *nic)
{
	return nic->plan.profile && nic->plan.profile->fallback && nic->nic.has_standby;
}

static bool needs_vf(const struct arriving_nic *nic)
{
	return nic->nic.live || nic->nic.config;
}

/* Those that cannot do without a VF come first. */
static size_t list_takers(const struct arrival *arrival, struct arriving_nic **takers)
{
	size_t count = 0;

	for (int without = 0; without <= 1; without++) {
		for (size_t i = 0; i < arrival->count; i++) {
			struct arriving_nic *nic = &arrival->nics[i];

			if (needs_vf(nic) && may_go_without(nic) == without)
				takers[count++] = nic;
		}
	}
	return count;
}

static int give(struct arriving_nic *nic, const struct vf_candidate *vf, struct err *err)
{
	char alias[ALIAS_ROOM], standby[ALIAS_ROOM];

	if (!vf && may_go_without(nic))
		return 0;
	if (!vf)
		return refuse(err, REFUSAL_NO_SUITABLE_VF,
				"no VF is left for NIC %s in network %s: the other NICs of the "
				"machine need those that can carry it",
				nic->nic.nic, nic->plan.network->head.name);
	nic_aliases(nic->nic.nic, alias, standby);
	nic_plan_half(&nic->plan, vf, nic->nic.has_standby ? standby : NULL);
	nic->plan.plugs[0].wanted.boot = nic->nic.boot;
	snprintf(nic->nic.vf, sizeof(nic->nic.vf), "%s", vf->name);
	return 0;
}

static int assign(const struct arrival *arrival, struct err *err)
{
	const struct vf_candidates *lists[MOVING_NICS_MOST] = { NULL };
	struct arriving_nic *takers[MOVING_NICS_MOST] = { NULL };
	ptrdiff_t taken[MOVING_NICS_MOST];
	size_t count = list_takers(arrival, takers);
	int rc = 0;

	for (size_t i = 0; i < count; i++)
		lists[i] = &takers[i]->plan.candidates;
	vf_assign(lists, count, taken);
	for (size_t i = 0; !rc && i < count; i++)
		rc = give(takers[i], taken[i] == MATCHING_NONE ? NULL : &lists[i]->list[taken[i]],
				err);
	return rc;
}

static void forget_plan(struct arrival *arrival)
{
	for (size_t i = 0; i < arrival->count; i++)
		nic_plan_free(&arrival->nics[i].plan);
	free(arrival->nics);
	arrival->nics = NULL;
	arrival->count = 0;
	catalog_free(&arrival->catalog);
	arrival->catalog = (struct catalog){ 0 };
	promises_free(&arrival->promises);
}

static int plan_nics(struct arrival *arrival, const struct moving_nics *nics, struct err *err)
{
	int rc = 0;

	arrival->nics = calloc(nics->count + 1, sizeof(*arrival->nics));
	if (!arrival->nics)
		abort();
	for (size_t i = 0; !rc && i < nics->count; i++) {
		struct arriving_nic *nic = &arrival->nics[arrival->count++];

		nic->nic = nics->list[i];
		rc = plan_nic(arrival, nic, err);
		if (rc < 0)
			err_prefix(err, "NIC %s: ", nic->nic.nic);
	}
	return rc ? rc : assign(arrival, err);
}

int arrival_plan(struct arrival *arrival, const struct domain_status *vm, struct moving_nics *nics,
		struct diagnostics *notes, struct err *err)
{
	int rc;

	forget_plan(arrival);
	arrival->vm = *vm;
	rc = check_vm(arrival, err);
	if (!rc)
		rc = catalog_open(arrival->host, &arrival->catalog, err);
	if (!rc)
		rc = promises_read(*arrival->hypervisor, &arrival->promises, err);
	if (!rc)
		rc = plan_nics(arrival, nics, err);
	for (size_t i = 0; !rc && i < arrival->count; i++) {
		nics->list[i] = arrival->nics[i].nic;
		if (needs_vf(&arrival->nics[i]) && !arrival->nics[i].plan.plug_count)
			diagnostic_add(notes,
					"no VF can be given to NIC %s: it goes on with its standby",
					arrival->nics[i].nic.nic);
	}
	return rc;
}

/* --- What is held ---------------------------------------------------------------------------- */

/* Of a NIC that the running machine has as a VF. */
static struct plug *plug_of(const struct arrival *arrival, size_t index)
{
	struct arriving_nic *nic = &arrival->nics[index];

	return nic->nic.live && nic->plan.plug_count ? &nic->plan.plugs[0] : NULL;
}

static void give_back(struct arrival *arrival, struct diagnostics *notes)
{
	for (size_t i = 0; i < arrival->count; i++) {
		struct plug *plug = plug_of(arrival, i);
		struct err err = { 0 };

		if (!plug || !plug->reserved)
			continue;
		plug->reserved = false;
		if (reservation_give_back(arrival->host, &plug->reservation, deadline_in(BACK_MS),
				    &err) < 0)
			diagnostic_add(notes, "%s: %s", plug->vf.name, err.msg);
	}
}

int arrival_reserve(struct arrival *arrival, struct diagnostics *notes, struct err *err)
{
	const struct giving giving = giving_of(arrival, notes);
	CLEANUP(cleanup_fd) int lock = -1;
	int rc = give_lock(&giving, &lock, err);

	if (rc < 0)
		return rc;
	reservations_settle(arrival->host, notes);
	for (size_t i = 0; !rc && i < arrival->count; i++) {
		struct plug *plug = plug_of(arrival, i);

		if (plug)
			rc = vf_reserve(&giving, plug, ARRIVAL_HOLD_MS, err);
		if (!rc && plug && plug->reserved)
			rc = vf_hold(&giving, plug, ARRIVAL_HOLD_MS, err);
	}
	for (size_t i = 0; !rc && i < arrival->count; i++)
		rc = vnic_store(arrival->host, &arrival->nics[i].plan.vnic, err);
	arrival->reserved = true;
	arrival->renewed_ms = clock_ms();
	if (rc < 0)
		give_back(arrival, notes);
	return rc;
}

void arrival_renew(struct arrival *arrival, struct diagnostics *notes)
{
	struct giving giving = giving_of(arrival, notes);
	CLEANUP(cleanup_fd) int lock = -1;

	if (!arrival->reserved || arrival->plugged ||
			clock_ms() < arrival->renewed_ms + ARRIVAL_RENEW_MS)
		return;
	/* There will be another chance. */
	giving.wait_s = 1;
	if (give_lock(&giving, &lock, NULL) < 0)
		return;
	arrival->renewed_ms = clock_ms();
	for (size_t i = 0; i < arrival->count; i++) {
		struct plug *plug = plug_of(arrival, i);

		if (plug && plug->reserved && plug->reservation.stage == RESERVATION_HELD)
			vf_hold(&giving, plug, ARRIVAL_HOLD_MS, NULL);
	}
}

/* --- The machine is here --------------------------------------------------------------------- */

static int find_vm(const struct arrival *arrival, struct domain_status *now, struct err *err)
{
	return hypervisor_find(*arrival->hypervisor, arrival->vm.uuid, now, err);
}

/* From now on it is the machine's. */
static void keep_vnic(const struct giving *giving, struct vnic *vnic)
{
	CLEANUP(cleanup_fd) int lock = -1;
	struct err err = { 0 };
	int rc = give_lock(giving, &lock, &err);

	vnic->plugged = true;
	if (!rc)
		rc = vnic_store(giving->host, vnic, &err);
	if (rc < 0)
		diagnostic_add(giving->notes, "%s", err.msg);
}

static int plug_nic(const struct giving *giving, struct arriving_nic *nic, struct err *err)
{
	unsigned sides = (nic->nic.live ? DOMAIN_LIVE : 0) |
			(nic->nic.config && giving->vm->persistent ? DOMAIN_CONFIG : 0);

	if (!nic->plan.plug_count || !sides)
		return 0;
	return nic_plug(giving, &nic->plan, sides, err);
}

int arrival_plug(struct arrival *arrival, struct diagnostics *notes, struct err *errs,
		struct err *err)
{
	struct domain_status now;
	int rc = find_vm(arrival, &now, err);

	if (rc < 0)
		return rc;
	if (now.state == DOMAIN_STOPPED)
		return refuse(err, REFUSAL_VM_NOT_RUNNING, "VM %s does not run here", now.name);
	arrival->vm = now;
	for (size_t i = 0; i < arrival->count; i++) {
		struct arriving_nic *nic = &arrival->nics[i];
		const struct giving giving = giving_of(arrival, notes);

		arrival_renew(arrival, notes);
		keep_vnic(&giving, &nic->plan.vnic);
		plug_nic(&giving, nic, &errs[i]);
		snprintf(nic->nic.vf, sizeof(nic->nic.vf), "%s",
				errs[i].code || !nic->plan.plug_count ? ""
								      : nic->plan.plugs[0].vf.name);
	}
	arrival->plugged = true;
	return 0;
}

/* --- The end --------------------------------------------------------------------------------- */

struct look {
	const struct arrival *arrival;
	struct domain_status now;
	int rc;
};

/* While the daemons decide, the machine is here and paused. */
static bool is_decided(void *argument)
{
	struct look *look = argument;

	look->rc = find_vm(look->arrival, &look->now, NULL);
	return look->rc < 0 || look->now.state != DOMAIN_PAUSED;
}

/* A machine of which nobody knows keeps its vNICs, too. */
static bool may_have_come(const struct arrival *arrival, struct diagnostics *notes)
{
	struct look look = { .arrival = arrival };
	const char *vm = arrival->vm.name;

	clock_poll(is_decided, &look, deadline_in(SETTLED_MS), LOOK_MS);
	if (!look.rc && !arrival->plugged)
		diagnostic_add(notes,
				"VM %s is here, and has only the standbys of its NICs: vfctl vm "
				"upgrade %s gives them VFs",
				vm, vm);
	else if (look.rc < 0 && look.rc != -ENODEV)
		diagnostic_add(notes,
				"whether VM %s is here cannot be seen: if it is, vfctl vm upgrade %s "
				"gives its NICs VFs",
				vm, vm);
	return look.rc != -ENODEV;
}

void arrival_end(struct arrival *arrival, struct diagnostics *notes)
{
	bool came = arrival->reserved && may_have_come(arrival, notes);
	const struct giving giving = giving_of(arrival, notes);
	CLEANUP(cleanup_fd) int lock = -1;
	struct err err = { 0 };

	if (arrival->reserved && !arrival->plugged && give_lock(&giving, &lock, &err) < 0)
		diagnostic_add(notes, "%s", err.msg);
	if (lock >= 0)
		give_back(arrival, notes);
	for (size_t i = 0; lock >= 0 && i < arrival->count; i++) {
		const struct vnic *vnic = &arrival->nics[i].plan.vnic;

		/* Another vfctl may have taken the machine for one that does not come. */
		if (came)
			vnic_store(arrival->host, vnic, NULL);
		else
			vnic_forget(arrival->host, vnic->head.name, NULL);
	}
	arrival->reserved = arrival->plugged = false;
	forget_plan(arrival);
}
