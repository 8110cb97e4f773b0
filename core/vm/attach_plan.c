/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "catalog/catalog_store.h"
#include "domain/pool.h"
#include "host/hypervisor_network.h"
#include "sriov/pf.h"
#include "sriov/refusal.h"
#include "sriov/vfs.h"
#include "vm/attach.h"

/* The decisions of an attach. */

/* What is known of the machine while the plan is made. */
struct planning {
	const struct attach_request *request;
	struct attach *attach;
	struct domain domain;
	struct promises promises;
};

static void end_planning(struct planning *planning)
{
	domain_free(&planning->domain);
	promises_free(&planning->promises);
}

static int choose_sides(struct planning *planning, struct err *err)
{
	const struct domain_status *vm = &planning->attach->vm;
	unsigned sides = planning->request->sides;

	if (!sides)
		sides = vm->state == DOMAIN_STOPPED ? DOMAIN_CONFIG : DOMAIN_LIVE;
	if (sides & DOMAIN_LIVE && vm->state == DOMAIN_STOPPED)
		return refuse(err, REFUSAL_VM_NOT_RUNNING,
				"VM %s does not run: start it, or give --config", vm->name);
	if (sides & DOMAIN_CONFIG && !vm->persistent)
		return refuse(err, REFUSAL_VM_TRANSIENT,
				"VM %s has no configuration that outlives its run: give --live",
				vm->name);
	planning->attach->sides = sides;
	if (sides == DOMAIN_LIVE || planning->request->profile)
		return 0;
	return err_set(err, EINVAL,
			"without a profile a later start could not set its VF: a NIC of a pool or "
			"device is for a running machine (start VM %s, and give no --config)",
			vm->name);
}

/* --- Without a profile ----------------------------------------------------------------------- */

static void give_plain(struct attach *attach, const char *name, uint32_t vlan)
{
	definition_init(&vnic_profile_kind, &attach->plain, "");
	attach->plain.passthrough = true;
	definition_init(&network_kind, &attach->network, name);
	attach->network.vlan = vlan;
	attach->given.profile = &attach->plain;
	attach->given.network = &attach->network;
}

static void add_vf(struct attach *attach, struct bdf vf)
{
	size_t count = attach->given.among_count++;

	attach->among = reallocarray(attach->among, count + 1, sizeof(*attach->among));
	if (!attach->among)
		abort();
	attach->among[count] = vf;
	attach->given.among = attach->among;
}

/* The XML lists what the card had when the pool was started. */
static int list_vfs(const struct host *host, const struct pool *pool, struct attach *attach,
		struct err *err)
{
	struct bdf pf, vf;
	int rc = 0;

	for (size_t i = 0; i < pool->vf_count; i++)
		add_vf(attach, pool->vfs[i].vf);
	if (!pool->vf_count && *pool->pf)
		rc = pf_find(host, pool->pf, &pf, err);
	for (unsigned i = 0; !rc && !pool->vf_count && *pool->pf; i++) {
		if (vf_find(host, pf, i, &vf, NULL) < 0)
			break;
		add_vf(attach, vf);
	}
	if (!rc && !attach->given.among_count)
		return refuse(err, REFUSAL_NO_SUITABLE_VF, "the pool %s has no VF", pool->name);
	return rc;
}

static int take_pool(const struct host *host, const struct planning *planning,
		const struct hypervisor_network *network, struct err *err)
{
	CLEANUP(cleanup_pool) struct pool pool = { .is_hostdev = false };
	uint16_t vlan = 0;
	int rc = pool_parse(network->name, network->xml, strlen(network->xml), &pool, err);

	if (rc < 0)
		return rc;
	if (!pool.is_hostdev)
		return refuse(err, REFUSAL_POOL_NOT_HOSTDEV,
				"network %s of libvirt is no pool of VFs: it has no <forward "
				"mode='hostdev'>",
				network->name);
	if (!network->active)
		return refuse(err, REFUSAL_POOL_INACTIVE,
				"the pool %s is not active: virsh net-start %s", network->name,
				network->name);
	rc = pool_vlan(&pool, planning->request->portgroup, &vlan, err);
	if (rc < 0)
		return rc;
	give_plain(planning->attach, network->name, vlan);
	return list_vfs(host, &pool, planning->attach, err);
}

static int find_pool(const struct host *host, struct hypervisor *hypervisor,
		const struct planning *planning, struct err *err)
{
	const char *name = planning->request->pool;
	CLEANUP(cleanup_free) char *names = text_format("%s", "");
	struct hypervisor_network *list = NULL;
	size_t count = 0, i = 0;
	int rc = hypervisor_networks(hypervisor, &list, &count, err);

	for (; i < count && strcmp(list[i].name, name) != 0; i++) {
		char *more = text_format("%s%s%s", names, *names ? ", " : "", list[i].name);

		free(names);
		names = more;
	}
	if (!rc && i < count)
		rc = take_pool(host, planning, &list[i], err);
	else if (!rc)
		rc = refuse(err, REFUSAL_POOL_MISSING,
				"libvirt has no network '%.60s'; there is %.200s", name,
				count ? names : "none");
	hypervisor_networks_free(list, count);
	return rc;
}

static int choose_kind(const struct host *host, struct hypervisor *hypervisor,
		const struct planning *planning, struct err *err)
{
	const struct attach_request *request = planning->request;

	if (request->pool)
		return find_pool(host, hypervisor, planning, err);
	if (request->device)
		give_plain(planning->attach, request->device, request->vlan);
	return 0;
}

/* --- All of it ------------------------------------------------------------------------------- */

static int plan_nic(const struct host *host, const struct planning *planning, struct err *err)
{
	const struct attach_request *request = planning->request;
	struct attach *attach = planning->attach;
	const struct nic_planning of_nic = { .host = host,
		.vm = &attach->vm,
		.catalog = &attach->catalog,
		.domain = &planning->domain,
		.promises = &planning->promises,
		.live = attach->sides & DOMAIN_LIVE };
	const struct nic_request wanted = { request->profile, request->nic, request->mac,
		request->device ? request->device : request->vf, request->boot,
		request->profile ? NULL : &attach->given };
	const struct vf_candidates *vfs = &attach->nic.candidates;
	int rc = nic_plan_begin(&of_nic, &wanted, &attach->nic, err);

	return rc ? rc
		  : nic_plan_devices(&of_nic, &attach->nic, vfs->count ? &vfs->list[0] : NULL, err);
}

int attach_plan(const struct host *host, struct hypervisor *hypervisor,
		const struct attach_request *request, struct attach *attach, struct err *err)
{
	CLEANUP(end_planning) struct planning planning = { .request = request, .attach = attach };
	int rc = hypervisor_find(hypervisor, request->vm, &attach->vm, err);

	attach->wait_s = request->wait_s;
	if (!rc)
		rc = catalog_open(host, &attach->catalog, err);
	if (!rc)
		rc = choose_sides(&planning, err);
	if (!rc)
		rc = vm_read(hypervisor, &attach->vm,
				attach->sides & DOMAIN_LIVE ? DOMAIN_LIVE : DOMAIN_CONFIG,
				&planning.domain, err);
	if (!rc)
		rc = promises_read(hypervisor, &planning.promises, err);
	if (!rc)
		rc = choose_kind(host, hypervisor, &planning, err);
	if (!rc)
		rc = plan_nic(host, &planning, err);
	if (rc < 0 || !(attach->sides & DOMAIN_LIVE))
		return rc;
	return nic_check_slots(&planning.domain, attach->nic.plug_count, err);
}

void attach_steps(const struct attach *attach, struct diagnostics *steps)
{
	const struct nic_plan *nic = &attach->nic;

	nic_plan_steps(nic,
			attach->sides & DOMAIN_LIVE ? "plug into" : "add to the configuration of",
			&attach->vm, steps);
	diagnostic_add(steps, "verify that %s has it%s",
			attach->sides & DOMAIN_LIVE ? "QEMU" : "it",
			nic->profile->passthrough && !nic->fell_back
					? ", and that its settings hold"
					: "");
}

void cleanup_attach(struct attach *attach)
{
	catalog_free(&attach->catalog);
	nic_plan_free(&attach->nic);
	definition_free(&network_kind, &attach->network);
	free(attach->among);
}
