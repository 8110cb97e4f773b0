/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/cleanup.h"
#include "catalog/catalog_store.h"
#include "sriov/refusal.h"
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
	return 0;
}

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
		request->vf, request->boot };
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
}
