/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "catalog/catalog_store.h"
#include "domain/domain_edit.h"
#include "domain/nic_place.h"
#include "sriov/refusal.h"
#include "vm/matching.h"
#include "vm/start.h"
#include "vm/vf_assign.h"

/* The decisions of a start. */

static struct nic_planning planning_of(const struct host *host, const struct start *start)
{
	return (struct nic_planning){ .host = host,
		.vm = &start->vm,
		.catalog = &start->catalog,
		.domain = &start->domain,
		.promises = &start->promises,
		.live = true,
		.before = start->nics,
		.before_count = start->nic_count };
}

/* --- The machine ----------------------------------------------------------------------------- */

static int find_defined(struct hypervisor *hypervisor, const char *name, struct start *start,
		struct err *err)
{
	int rc = hypervisor_find(hypervisor, name, &start->vm, err);

	if (rc < 0)
		return rc;
	if (start->vm.state != DOMAIN_STOPPED)
		return err_set(err, EINVAL, "VM %s runs already: vfctl attach plugs a NIC into it",
				start->vm.name);
	return vm_read(hypervisor, &start->vm, DOMAIN_CONFIG, &start->domain, err);
}

/* Of random bits (RFC 9562, version 4). */
static int make_uuid(char uuid[DOMAIN_UUID_ROOM], struct err *err)
{
	static const size_t groups[] = { 4, 6, 8, 10 };
	uint8_t bytes[16];
	size_t group = 0;
	char *at = uuid;

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return err_sys(err, "cannot get random bytes");
	bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40);
	bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
	for (size_t i = 0; i < sizeof(bytes); i++) {
		if (group < 4 && i == groups[group] && ++group)
			*at++ = '-';
		at += sprintf(at, "%02x", bytes[i]);
	}
	return 0;
}

/* A machine of that name or UUID has a configuration of its own. */
static int check_unknown(struct hypervisor *hypervisor, const struct start_request *request,
		const struct start *start, struct err *err)
{
	CLEANUP(cleanup_free) struct domain_status *list = NULL;
	size_t count = 0;
	int rc = hypervisor_list(hypervisor, &list, &count, err);

	for (size_t i = 0; !rc && i < count; i++) {
		if (strcmp(list[i].name, start->vm.name) != 0 &&
				strcmp(list[i].uuid, start->vm.uuid) != 0)
			continue;
		return err_set(err, EINVAL, "%s describes VM %s, which %s: %s", request->file,
				list[i].name,
				list[i].state == DOMAIN_STOPPED ? "libvirt knows" : "runs already",
				list[i].state == DOMAIN_STOPPED
						? "start it by its name"
						: "vfctl attach plugs a NIC into it");
	}
	return rc;
}

/* The UUID has to be known before the machine is: what is kept of its NICs refers to it. */
static int read_file(struct hypervisor *hypervisor, const struct start_request *request,
		struct start *start, struct err *err)
{
	CLEANUP(cleanup_free) char *head = NULL;
	struct domain *domain = &start->domain;
	int rc = domain_parse(request->file, request->text, strlen(request->text), domain, err);

	if (rc < 0)
		return rc;
	if (strlen(domain->name) >= sizeof(start->vm.name))
		return err_set(err, EINVAL, "%s: the name of the machine is too long",
				request->file);
	start->new_uuid = !*domain->uuid;
	if (start->new_uuid)
		rc = make_uuid(domain->uuid, err);
	if (rc < 0)
		return rc;
	snprintf(start->vm.name, sizeof(start->vm.name), "%s", domain->name);
	snprintf(start->vm.uuid, sizeof(start->vm.uuid), "%s", domain->uuid);
	head = start->new_uuid ? text_format("<uuid>%s</uuid>", domain->uuid)
			       : text_format("%s", "");
	start->xml = domain_insert(request->text, head, "");
	return check_unknown(hypervisor, request, start, err);
}

/* --- Its NICs -------------------------------------------------------------------------------- */

/* The VFs that an earlier attach has put into the machine's configuration. */
static int keep_nics(const struct host *host, struct start *start, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < start->domain.nic_count; i++) {
		const struct nic_planning planning = planning_of(host, start);
		const struct domain_nic *of = &start->domain.nics[i];
		char text[NIC_NAME_ROOM];
		CLEANUP(cleanup_free)
		char *name = vnic_name(start->vm.uuid, domain_nic_name(&start->domain, of, text));
		const struct vnic *vnic = definition_find(&start->catalog.vnics, name);

		if (!vnic || of->kind != NIC_HOSTDEV || !of->has_host || !of->alias)
			continue;
		if (start->nic_count == START_NICS_MOST)
			return err_set(err, E2BIG, "VM %s has more than %d NICs", start->vm.name,
					START_NICS_MOST);
		rc = nic_plan_keep(&planning, of, vnic, &start->nics[start->nic_count++], err);
		if (rc < 0)
			err_prefix(err, "NIC %s of VM %s", vnic->nic, start->vm.name);
	}
	return rc;
}

static int begin_nics(const struct host *host, const struct start_request *request,
		struct start *start, struct err *err)
{
	unsigned boot = start->domain.boot_last;

	for (size_t i = 0; i < request->nic_count; i++) {
		const struct nic_planning planning = planning_of(host, start);
		struct nic_request wanted = request->nics[i];
		int rc;

		if (start->nic_count == START_NICS_MOST)
			return err_set(err, E2BIG, "VM %s would have more than %d NICs",
					start->vm.name, START_NICS_MOST);
		/* An order of single devices and one of kinds (<os>) exclude each other. */
		wanted.boot = boot ? ++boot : 0;
		rc = nic_plan_begin(&planning, &wanted, &start->nics[start->nic_count++], err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* --- Who gets which VF ----------------------------------------------------------------------- */

/* Those that cannot do without a VF come first. */
static size_t list_takers(const struct start *start, size_t *takers)
{
	size_t count = 0;

	for (int with_fallback = 0; with_fallback <= 1; with_fallback++) {
		for (size_t i = 0; i < start->nic_count; i++) {
			const struct nic_plan *nic = &start->nics[i];

			if (!nic->is_kept && nic->profile->passthrough &&
					nic->profile->fallback == with_fallback)
				takers[count++] = i;
		}
	}
	return count;
}

/* The candidate that each NIC gets, or NULL. */
static void assign(const struct start *start, const struct vf_candidate *given[])
{
	const struct vf_candidates *lists[START_NICS_MOST] = { NULL };
	size_t takers[START_NICS_MOST], count = list_takers(start, takers);
	ptrdiff_t taken[START_NICS_MOST];

	for (size_t i = 0; i < count; i++)
		lists[i] = &start->nics[takers[i]].candidates;
	vf_assign(lists, count, taken);
	for (size_t i = 0; i < count; i++)
		given[takers[i]] = taken[i] == MATCHING_NONE ? NULL : &lists[i]->list[taken[i]];
}

int start_assign(const struct host *host, struct start *start, struct err *err)
{
	const struct nic_planning planning = planning_of(host, start);
	const struct vf_candidate *given[START_NICS_MOST] = { NULL };
	int rc = 0;

	assign(start, given);
	for (size_t i = 0; !rc && i < start->nic_count; i++) {
		struct nic_plan *nic = &start->nics[i];

		if (nic->is_kept)
			continue;
		if (!given[i] && nic->profile->passthrough && !nic->profile->fallback)
			return refuse(err, REFUSAL_NO_SUITABLE_VF,
					"no VF is left for NIC %s in network %s: the other NICs of "
					"VM %s need those that can carry it",
					nic->vnic.nic, nic->network->head.name, start->vm.name);
		rc = nic_plan_devices(&planning, nic, given[i], err);
	}
	return rc;
}

/* libvirt would go on with the NICs of the saved run, and a failure would end that run for good. */
static int check_saved(const struct start *start, struct err *err)
{
	if (!start->vm.saved || !start->nic_count)
		return 0;
	return err_set(err, EINVAL,
			"VM %s has a saved run, which goes on with the NICs that it had: resume it "
			"(virsh start) and use vfctl attach, or give it up (virsh "
			"managedsave-remove)",
			start->vm.name);
}

/* --- All of it ------------------------------------------------------------------------------- */

int start_plan(const struct host *host, struct hypervisor *hypervisor,
		const struct start_request *request, struct start *start, struct err *err)
{
	CLEANUP(cleanup_free) char *xml = NULL;
	int rc = request->vm ? find_defined(hypervisor, request->vm, start, err)
			     : read_file(hypervisor, request, start, err);

	start->wait_s = request->wait_s;
	start->nics = calloc(START_NICS_MOST, sizeof(*start->nics));
	if (!start->nics)
		abort();
	if (!rc)
		rc = catalog_open(host, &start->catalog, err);
	if (!rc)
		rc = promises_read(hypervisor, &start->promises, err);
	if (rc < 0)
		return rc;
	promises_add(&start->promises, &start->domain);
	rc = keep_nics(host, start, err);
	if (!rc)
		rc = begin_nics(host, request, start, err);
	if (!rc)
		rc = check_saved(start, err);
	if (!rc)
		rc = start_assign(host, start, err);
	return rc || !start->xml ? rc : start_xml(start, &xml, err);
}

void start_steps(const struct start *start, struct diagnostics *steps)
{
	bool has_vf = false;

	if (start->new_uuid)
		diagnostic_add(steps, "give VM %s the UUID %s", start->vm.name, start->vm.uuid);
	if (start->ports)
		diagnostic_add(steps,
				"add %u root port%s to VM %s, so that NICs can be plugged in "
				"while it runs",
				start->ports, text_plural(start->ports), start->vm.name);
	for (size_t i = 0; i < start->nic_count; i++) {
		const struct nic_plan *nic = &start->nics[i];

		nic_plan_steps(nic, start->xml ? "give to" : "add to the configuration of",
				&start->vm, steps);
		has_vf |= nic->profile->passthrough && !nic->fell_back;
	}
	diagnostic_add(steps, "start VM %s", start->vm.name);
	if (start->nic_count)
		diagnostic_add(steps, "verify that QEMU has them%s",
				has_vf ? ", and that the settings of VFs hold" : "");
}

void cleanup_start(struct start *start)
{
	for (size_t i = 0; i < start->nic_count; i++)
		nic_plan_free(&start->nics[i]);
	free(start->nics);
	free(start->xml);
	catalog_free(&start->catalog);
	domain_free(&start->domain);
	promises_free(&start->promises);
}
