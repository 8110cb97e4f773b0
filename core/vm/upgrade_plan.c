/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "catalog/catalog_store.h"
#include "sriov/refusal.h"
#include "vm/matching.h"
#include "vm/upgrade.h"
#include "vm/vf_assign.h"

/* The decisions of an upgrade. */

struct planning {
	const struct host *host;
	struct hypervisor *hypervisor;
	struct upgrade *upgrade;
};

/* --- The machines ---------------------------------------------------------------------------- */

static int add_vm(const struct planning *planning, const struct domain_status *status,
		struct err *err)
{
	struct upgrade_vm *vm = &planning->upgrade->vms[planning->upgrade->vm_count++];
	int rc;

	vm->status = *status;
	rc = vm_read(planning->hypervisor, status, DOMAIN_LIVE, &vm->live, err);
	return rc || !status->persistent
			? rc
			: vm_read(planning->hypervisor, status, DOMAIN_CONFIG, &vm->config, err);
}

static int read_vms(const struct planning *planning, const char *name, struct err *err)
{
	CLEANUP(cleanup_free) struct domain_status *list = NULL;
	struct domain_status one;
	size_t count = 0;
	int rc = name ? hypervisor_find(planning->hypervisor, name, &one, err)
		      : hypervisor_list(planning->hypervisor, &list, &count, err);

	if (rc < 0)
		return rc;
	if (name && one.state == DOMAIN_STOPPED)
		return refuse(err, REFUSAL_VM_NOT_RUNNING,
				"VM %s does not run: its NICs get VFs when vfctl vm start starts it",
				one.name);
	planning->upgrade->vms = calloc(count + 1, sizeof(*planning->upgrade->vms));
	if (!planning->upgrade->vms)
		abort();
	if (name)
		return add_vm(planning, &one, err);
	for (size_t i = 0; !rc && i < count; i++)
		rc = list[i].state == DOMAIN_STOPPED ? 0 : add_vm(planning, &list[i], err);
	return rc;
}

/* --- Their NICs ------------------------------------------------------------------------------ */

enum form { FORM_OTHER, FORM_BRIDGE, FORM_STANDBY };

/* How one side of a machine has the NIC. */
static enum form form_of(const struct domain *domain, const char *nic)
{
	char alias[ALIAS_ROOM], standby[ALIAS_ROOM];
	const struct domain_nic *device;

	nic_aliases(nic, alias, standby);
	device = domain_nic_with_alias(domain, alias);
	if (device)
		return device->kind == NIC_BRIDGE ? FORM_BRIDGE : FORM_OTHER;
	return domain_nic_with_alias(domain, standby) ? FORM_STANDBY : FORM_OTHER;
}

/* The VF that the configuration has for the NIC is promised to nobody else. */
static char *configured_vf(const struct upgrade_vm *vm, const char *nic)
{
	char alias[ALIAS_ROOM], standby[ALIAS_ROOM], text[BDF_TEXT];
	const struct domain_nic *device;

	nic_aliases(nic, alias, standby);
	device = domain_nic_with_alias(&vm->config, alias);
	return device && device->has_host ? text_format("%s", bdf_format(device->host, text))
					  : NULL;
}

static void plan_vf(
		const struct planning *planning, const struct vnic *vnic, struct upgrade_nic *nic)
{
	CLEANUP(cleanup_free) char *own = configured_vf(nic->vm, vnic->nic);
	const struct promises none = { 0 };
	struct nic_planning of_nic = { .host = planning->host,
		.vm = &nic->vm->status,
		.catalog = &planning->upgrade->catalog,
		.domain = &nic->vm->live,
		.promises = own ? &none : &planning->upgrade->promises,
		.live = true };

	if (own && !nic_plan_resume(&of_nic, vnic, own, &nic->plan, NULL))
		return;
	if (own)
		nic_plan_free(&nic->plan);
	nic->plan = (struct nic_plan){ 0 };
	of_nic.promises = &planning->upgrade->promises;
	nic_plan_resume(&of_nic, vnic, NULL, &nic->plan, &nic->err);
}

static void add_nic(const struct planning *planning, struct upgrade_vm *vm, const struct vnic *vnic,
		enum form form)
{
	struct upgrade *upgrade = planning->upgrade;
	struct upgrade_nic *nic = calloc(1, sizeof(*nic));
	char alias[ALIAS_ROOM], standby[ALIAS_ROOM];
	const struct domain_nic *device;

	upgrade->nics = reallocarray(upgrade->nics, upgrade->nic_count + 1, sizeof(*upgrade->nics));
	if (!nic || !upgrade->nics)
		abort();
	upgrade->nics[upgrade->nic_count++] = nic;
	nic->vm = vm;
	nic->is_half = form == FORM_STANDBY;
	nic->sides = DOMAIN_LIVE;
	if (vm->status.persistent && form_of(&vm->config, vnic->nic) == form)
		nic->sides |= DOMAIN_CONFIG;
	plan_vf(planning, vnic, nic);
	nic_aliases(vnic->nic, alias, standby);
	device = domain_nic_with_alias(&vm->live, nic->is_half ? standby : alias);
	if (device->has_mac)
		mac_format(device->mac, nic->plan.vnic.mac);
	nic->plan.boot = nic->is_half ? 0 : device->boot;
	if (!nic->is_half)
		plug_describe(device, nic->plan.vnic.nic, &nic->bridge);
}

static void find_nics(const struct planning *planning, struct upgrade_vm *vm)
{
	const struct catalog *catalog = &planning->upgrade->catalog;
	size_t length = strlen(vm->status.uuid);

	for (size_t i = 0; i < catalog->vnics.count; i++) {
		const struct vnic *vnic = definition_at(&catalog->vnics, i);
		const struct vnic_profile *profile = catalog_vnic_profile(catalog, vnic->profile);
		enum form form;

		if (strncmp(vnic->head.name, vm->status.uuid, length) != 0 ||
				vnic->head.name[length] != '.' || !profile || !profile->passthrough)
			continue;
		form = form_of(&vm->live, vnic->nic);
		if (form != FORM_OTHER)
			add_nic(planning, vm, vnic, form);
	}
}

/* --- Their VFs ------------------------------------------------------------------------------- */

static int describe(const struct planning *planning, struct upgrade_nic *nic,
		const struct vf_candidate *vf, struct err *err)
{
	const struct nic_planning of_nic = { .host = planning->host,
		.vm = &nic->vm->status,
		.catalog = &planning->upgrade->catalog,
		.domain = &nic->vm->live,
		.promises = &planning->upgrade->promises,
		.live = true };
	char alias[ALIAS_ROOM], standby[ALIAS_ROOM];
	size_t more;
	int rc = 0;

	nic_aliases(nic->plan.vnic.nic, alias, standby);
	if (nic->is_half)
		nic_plan_half(&nic->plan, vf, standby);
	else
		rc = nic_plan_devices(&of_nic, &nic->plan, vf, err);
	if (!rc && !nic->is_half)
		plug_take_place(&nic->plan.plugs[nic->plan.plug_count - 1], &nic->bridge.wanted);
	more = nic->is_half ? 1 : nic->plan.plug_count - 1;
	if (!rc && more)
		rc = nic_check_slots(&nic->vm->live, nic->vm->needed + more, err);
	if (!rc)
		nic->vm->needed += more;
	return rc;
}

static void assign(const struct planning *planning)
{
	struct upgrade *upgrade = planning->upgrade;
	size_t room = upgrade->nic_count + 1;
	CLEANUP(cleanup_free)
	const struct vf_candidates **lists = calloc(room, sizeof(*lists));
	CLEANUP(cleanup_free) ptrdiff_t *taken = calloc(room, sizeof(*taken));

	if (!lists || !taken)
		abort();
	for (size_t i = 0; i < upgrade->nic_count; i++)
		lists[i] = &upgrade->nics[i]->plan.candidates;
	vf_assign(lists, upgrade->nic_count, taken);
	for (size_t i = 0; i < upgrade->nic_count; i++) {
		struct upgrade_nic *nic = upgrade->nics[i];

		if (nic->err.code)
			continue;
		if (taken[i] == MATCHING_NONE)
			refuse(&nic->err, REFUSAL_NO_SUITABLE_VF,
					"no VF is left in network %s: the NICs before it get "
					"those that can carry it",
					nic->plan.network->head.name);
		else
			describe(planning, nic, &lists[i]->list[taken[i]], &nic->err);
	}
}

/* --- All of it ------------------------------------------------------------------------------- */

int upgrade_plan(const struct host *host, struct hypervisor *hypervisor,
		const struct upgrade_request *request, struct upgrade *upgrade, struct err *err)
{
	const struct planning planning = { host, hypervisor, upgrade };
	int rc;

	upgrade->limit_s = request->limit_s;
	upgrade->wait_s = request->wait_s;
	rc = read_vms(&planning, request->vm, err);
	if (!rc)
		rc = catalog_open(host, &upgrade->catalog, err);
	if (!rc)
		rc = promises_read(hypervisor, &upgrade->promises, err);
	for (size_t i = 0; !rc && i < upgrade->vm_count; i++)
		find_nics(&planning, &upgrade->vms[i]);
	if (!rc)
		assign(&planning);
	return rc;
}

void upgrade_steps(const struct upgrade *upgrade, struct diagnostics *steps)
{
	for (size_t i = 0; i < upgrade->nic_count; i++) {
		const struct upgrade_nic *nic = upgrade->nics[i];
		const struct domain_status *vm = &nic->vm->status;

		if (nic->err.code) {
			diagnostic_add(steps, "leave %s of VM %s as it is: %s [%s]",
					nic->plan.vnic.nic, vm->name, nic->err.msg,
					nic->err.refusal ? nic->err.refusal : "error");
			continue;
		}
		if (!nic->is_half)
			diagnostic_add(steps, "unplug from VM %s: %s, on %s", vm->name,
					nic->bridge.alias, nic->bridge.wanted.bridge);
		nic_plan_steps(&nic->plan, "plug into", vm, steps);
		diagnostic_add(steps, "verify that QEMU has it, and that its settings hold");
	}
}

void cleanup_upgrade(struct upgrade *upgrade)
{
	for (size_t i = 0; i < upgrade->nic_count; i++) {
		nic_plan_free(&upgrade->nics[i]->plan);
		free(upgrade->nics[i]);
	}
	free(upgrade->nics);
	for (size_t i = 0; i < upgrade->vm_count; i++) {
		domain_free(&upgrade->vms[i].live);
		domain_free(&upgrade->vms[i].config);
	}
	free(upgrade->vms);
	catalog_free(&upgrade->catalog);
	promises_free(&upgrade->promises);
}
