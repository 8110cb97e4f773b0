/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "catalog/catalog_store.h"
#include "migrate/migrate_internal.h"
#include "sriov/refusal.h"

/* The decisions of a migration. */

/* --- The machine here ------------------------------------------------------------------------ */

static int read_vm(struct hypervisor *hypervisor, struct migrate *migrate, struct err *err)
{
	struct domain_status *vm = &migrate->vm;
	int rc = hypervisor_find(hypervisor, migrate->request.vm, vm, err);

	if (rc < 0)
		return rc;
	if (vm->state != DOMAIN_RUNNING)
		return refuse(err, REFUSAL_VM_NOT_RUNNING,
				"VM %s %s, and only a running machine can be moved", vm->name,
				vm->state == DOMAIN_PAUSED ? "is paused" : "does not run");
	rc = catalog_open(migrate->host, &migrate->catalog, err);
	if (!rc)
		rc = vm_read(hypervisor, vm, DOMAIN_LIVE, &migrate->live, err);
	if (!rc && vm->persistent)
		rc = vm_read(hypervisor, vm, DOMAIN_CONFIG, &migrate->config, err);
	return rc;
}

static void describe_network(
		const struct catalog *catalog, const char *name, struct moving_network *network)
{
	const struct network *of = *name ? catalog_network(catalog, name) : NULL;

	if (!of)
		return;
	snprintf(network->name, sizeof(network->name), "%s", of->head.name);
	network->vlan = of->vlan;
	network->mtu = of->mtu;
}

static bool is_kind(const struct domain_nic *nic, enum nic_kind kind)
{
	return nic && nic->kind == kind;
}

static void describe_nic(
		const struct migrate *migrate, const struct vnic *vnic, struct moving_nic *nic)
{
	const struct catalog *catalog = &migrate->catalog;
	const struct vnic_profile *profile = catalog_vnic_profile(catalog, vnic->profile);
	const struct vnic_profile *failover = catalog_vnic_profile(catalog, profile->failover);
	char alias[ALIAS_ROOM], standby[ALIAS_ROOM];
	const struct domain_nic *live, *config;

	nic_aliases(vnic->nic, alias, standby);
	live = domain_nic_with_alias(&migrate->live, alias);
	config = domain_nic_with_alias(&migrate->config, alias);
	*nic = (struct moving_nic){ .live = is_kind(live, NIC_HOSTDEV),
		.config = is_kind(config, NIC_HOSTDEV),
		.has_standby = domain_nic_with_alias(&migrate->live, standby) ||
				domain_nic_with_alias(&migrate->config, standby),
		.is_bridged = is_kind(live, NIC_BRIDGE) || is_kind(config, NIC_BRIDGE) };
	snprintf(nic->nic, sizeof(nic->nic), "%.*s", NIC_MOST, vnic->nic);
	snprintf(nic->profile, sizeof(nic->profile), "%s", vnic->profile);
	snprintf(nic->mac, sizeof(nic->mac), "%s", vnic->mac);
	if (live && live->has_mac)
		mac_format(live->mac, nic->mac);
	if (nic->live || nic->config)
		nic->boot = nic->live ? live->boot : config->boot;
	describe_network(catalog, profile->network, &nic->network);
	if (nic->has_standby)
		describe_network(catalog, failover ? failover->network : profile->network,
				&nic->standby);
}

static bool is_pair(const struct domain *domain, const struct domain_nic *vf)
{
	const struct domain_nic *standby =
			vf->persistent ? domain_nic_with_alias(domain, vf->persistent) : NULL;

	return standby && domain_nics_are_pair(vf, standby);
}

static int add_nic(struct migrate *migrate, const struct vnic *vnic, struct err *err)
{
	struct moving_nic nic;
	char alias[ALIAS_ROOM], standby[ALIAS_ROOM];
	const struct domain_nic *of;
	size_t at = migrate->nics.count;

	describe_nic(migrate, vnic, &nic);
	if (!nic.live && !nic.config && !nic.has_standby && !nic.is_bridged)
		return 0;
	if (at == MOVING_NICS_MOST)
		return err_set(err, E2BIG, "VM %s has more than %d NICs", migrate->vm.name,
				MOVING_NICS_MOST);
	migrate->nics.list[migrate->nics.count++] = nic;
	if (!nic.live)
		return 0;
	nic_aliases(vnic->nic, alias, standby);
	of = domain_nic_with_alias(&migrate->live, alias);
	if (!is_pair(&migrate->live, of))
		return refuse(err, REFUSAL_VF_WITHOUT_STANDBY,
				"NIC %s of VM %s is a VF without a standby, so the guest would lose "
				"its network: give it a profile with Failover=, or vfctl detach it",
				vnic->nic, migrate->vm.name);
	return way_back_plan(migrate->host, &migrate->vm, of, vnic, &migrate->back[at], err);
}

static int add_nics(struct migrate *migrate, struct err *err)
{
	const struct definitions *vnics = &migrate->catalog.vnics;
	size_t length = strlen(migrate->vm.uuid);
	int rc = 0;

	migrate->back = calloc(MOVING_NICS_MOST, sizeof(*migrate->back));
	if (!migrate->back)
		abort();
	for (size_t i = 0; !rc && i < vnics->count; i++) {
		const struct vnic *vnic = definition_at(vnics, i);

		if (!strncmp(vnic->head.name, migrate->vm.uuid, length) &&
				vnic->head.name[length] == '.')
			rc = add_nic(migrate, vnic, err);
	}
	return rc;
}

static bool is_moving(const struct migrate *migrate, const struct domain_nic *nic)
{
	for (size_t i = 0; i < migrate->nics.count; i++) {
		if (migrate->nics.list[i].live && bdf_equal(migrate->back[i].vf, nic->host))
			return true;
	}
	return false;
}

static int refuse_device(
		const struct migrate *migrate, const struct domain_nic *nic, struct err *err)
{
	char name[NIC_NAME_ROOM];

	domain_nic_name(&migrate->live, nic, name);
	if (nic->kind == NIC_HOSTDEV && !is_pair(&migrate->live, nic))
		return refuse(err, REFUSAL_VF_WITHOUT_STANDBY,
				"NIC %s of VM %s is a VF without a standby: detach it first", name,
				migrate->vm.name);
	return refuse(err, REFUSAL_DEVICE_PASSED_THROUGH,
			"VM %s has the device %s of this host, which vfctl did not give it: "
			"detach it first",
			migrate->vm.name, name);
}

/* What QEMU or libvirt would refuse later, when the guest has released its VFs already. */
static int check_devices(const struct migrate *migrate, struct err *err)
{
	const struct domain *live = &migrate->live;
	unsigned moving = 0;

	for (size_t i = 0; i < live->nic_count; i++) {
		const struct domain_nic *nic = &live->nics[i];

		if (nic->kind != NIC_VDPA && !nic->has_host)
			continue;
		if (nic->kind == NIC_VDPA || !is_moving(migrate, nic))
			return refuse_device(migrate, nic, err);
		moving++;
	}
	if (live->passed > moving)
		return refuse(err, REFUSAL_DEVICE_PASSED_THROUGH,
				"VM %s has %u device%s of this host passed through that vfctl did not "
				"give it: detach them first",
				migrate->vm.name, live->passed - moving,
				text_plural(live->passed - moving));
	/* QEMU blocks a migration while a VF is behind one (8.0, vfio_block_giommu_migration()). */
	if (live->iommu)
		return refuse(err, REFUSAL_GUEST_HAS_IOMMU,
				"VM %s has an IOMMU of its own (%s), behind which QEMU lets no VF take "
				"part in a migration: remove it (<iommu>)",
				migrate->vm.name, live->iommu);
	return 0;
}

/* --- The target ------------------------------------------------------------------------------ */

static int greet(struct migrate *migrate, struct diagnostics *notes, struct err *err)
{
	const struct peer_ask ask = { "hello", NULL, ASK_MS, false };
	CLEANUP(cleanup_record) struct record *answer = NULL;
	char id[40] = "";
	int rc = peer_ask(&migrate->peer, &ask, &answer, notes, err);

	if (rc < 0)
		return rc;
	host_read(migrate->host, "proc/sys/kernel/random/boot_id", id, sizeof(id), NULL);
	if (strcmp(record_str(answer, "boot_id", ""), id) != 0)
		return 0;
	return refuse(err, REFUSAL_SAME_HOST, "%s is this host", migrate->request.target);
}

int migrate_ask_nics(struct migrate *migrate, bool plan, struct diagnostics *notes, struct err *err)
{
	struct peer_ask ask = { "reserve", record_object(), ASK_MS + 1000 * migrate->request.wait_s,
		false };
	CLEANUP(cleanup_record) struct record *answer = NULL;
	int rc;

	record_put_bool(ask.more, "plan", plan);
	record_put_str(ask.more, "vm", migrate->vm.name);
	record_put_str(ask.more, "uuid", migrate->vm.uuid);
	record_put(ask.more, "nics", moving_nics_to_record(&migrate->nics));
	rc = peer_ask(&migrate->peer, &ask, &answer, notes, err);
	return rc ? rc : moving_answer_from_record(record_get(answer, "nics"), &migrate->nics, err);
}

static int open_target(struct migrate *migrate, struct err *err)
{
	const struct migrate_request *request = &migrate->request;
	CLEANUP(cleanup_free)
	char *uri = request->uri ? text_format("%s", request->uri)
				 : text_format("qemu+ssh://%s/system?no_tty=1", request->target);

	return hypervisor_open_uri(uri, &migrate->target, err);
}

/* --- All of it ------------------------------------------------------------------------------- */

int migrate_plan(const struct host *host, struct hypervisor *hypervisor,
		const struct migrate_request *request, struct migrate *migrate,
		struct diagnostics *notes, struct err *err)
{
	int rc;

	migrate->host = host;
	migrate->request = *request;
	migrate->peer = PEER_NONE;
	migrate->downtime_ms = -1;
	migrate->end_known = true;
	migrate_enter(migrate, MIGRATE_PLANNING);
	rc = read_vm(hypervisor, migrate, err);
	if (!rc)
		rc = add_nics(migrate, err);
	if (!rc)
		rc = check_devices(migrate, err);
	if (!rc)
		rc = peer_open(request->ssh, request->target, &migrate->peer, err);
	if (!rc)
		rc = greet(migrate, notes, err);
	if (!rc)
		rc = migrate_ask_nics(migrate, true, notes, err);
	if (!rc)
		rc = open_target(migrate, err);
	migrate_leave(migrate, MIGRATE_PLANNING);
	return rc;
}

void migrate_steps(const struct migrate *migrate, struct diagnostics *steps)
{
	const char *vm = migrate->vm.name, *target = migrate->request.target;

	for (size_t i = 0; i < migrate->nics.count; i++) {
		const struct moving_nic *nic = &migrate->nics.list[i];

		if (*nic->vf)
			diagnostic_add(steps, "reserve %s on %s for %s of VM %s", nic->vf, target,
					nic->nic, vm);
	}
	for (size_t i = 0; i < migrate->nics.count; i++) {
		if (migrate->nics.list[i].live)
			diagnostic_add(steps,
					"unplug from VM %s: %s, which stays reserved for the way back",
					vm, migrate->back[i].plan.plugs[0].vf.name);
	}
	diagnostic_add(steps, "copy VM %s to %s, which then runs it%s", vm, target,
			migrate->vm.persistent ? " and has its configuration" : "");
	for (size_t i = 0; i < migrate->nics.count; i++) {
		const struct moving_nic *nic = &migrate->nics.list[i];

		if (*nic->bridge)
			diagnostic_add(steps, "%s of VM %s is on the bridge %s there", nic->nic, vm,
					nic->bridge);
		if (*nic->vf)
			diagnostic_add(steps, "plug into VM %s there: %s as ua-%s, MAC %s", vm,
					nic->vf, nic->nic, nic->mac);
	}
}

void cleanup_migrate(struct migrate *migrate)
{
	peer_close(&migrate->peer);
	hypervisor_close(migrate->target);
	for (size_t i = 0; migrate->back && i < MOVING_NICS_MOST; i++)
		nic_plan_free(&migrate->back[i].plan);
	free(migrate->back);
	domain_free(&migrate->live);
	domain_free(&migrate->config);
	catalog_free(&migrate->catalog);
}
