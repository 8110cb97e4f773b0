/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apply/lock.h"
#include "base/cleanup.h"
#include "base/number.h"
#include "base/table.h"
#include "base/text.h"
#include "catalog/catalog_store.h"
#include "cli/cli.h"
#include "vm/attach.h"
#include "vm/detach.h"
#include "vm/domain_print.h"
#include "vm/vm_read.h"

/* The verbs about virtual machines. */

enum { LIMIT_S = 60 };

static int take_number(const struct verb_call *call, const char *flag, uint64_t min, uint64_t max,
		int *number, struct err *err)
{
	const char *text = call_value(call, flag);
	uint64_t value;

	if (!text)
		return 0;
	if (number_parse(text, min, max, &value) < 0)
		return err_set(err, EINVAL, "--%s takes a number from %llu to %llu, not '%s'", flag,
				(unsigned long long)min, (unsigned long long)max, text);
	*number = (int)value;
	return 0;
}

static unsigned sides_of(const struct verb_call *call)
{
	return (call_has(call, "live") ? DOMAIN_LIVE : 0) |
			(call_has(call, "config") ? DOMAIN_CONFIG : 0);
}

/* Refuses a recorded tree before anything else does. */
static int check_changes(const struct verb_call *call, const struct host *host, struct err *err)
{
	CLEANUP(cleanup_fd) int lock = -1;

	return call_has(call, "plan") ? 0 : call_lock(call, host, &lock, err);
}

static int print_steps(
		const struct verb_call *call, const char *schema, const struct diagnostics *steps)
{
	struct record *list = record_array();

	for (size_t i = 0; i < steps->count; i++) {
		record_add_str(list, steps->lines[i]);
		if (call_has(call, "json"))
			continue;
		text_print_safe(steps->lines[i], stdout);
		putchar('\n');
	}
	if (call_has(call, "json"))
		return call_print(call, schema, "steps", list);
	record_free(list);
	return call_printed(call);
}

/* --- attach ---------------------------------------------------------------------------------- */

static int print_attached(const struct verb_call *call, const struct attach *attach)
{
	struct record *record;

	for (size_t i = 0; i < attach->nic.plug_count && !call_has(call, "json"); i++) {
		const struct plug *plug = &attach->nic.plugs[i];

		printf("%s of VM %s: %s%s, MAC %s\n", attach->nic.vnic.nic, attach->vm.name,
				plug->wanted.kind == NIC_HOSTDEV ? plug->vf.name : "bridge ",
				plug->wanted.kind == NIC_HOSTDEV ? "" : plug->wanted.bridge,
				attach->nic.vnic.mac);
	}
	if (!call_has(call, "json"))
		return call_printed(call);
	record = record_object();
	record_put_str(record, "vm", attach->vm.name);
	record_put_str(record, "uuid", attach->vm.uuid);
	record_put_str(record, "nic", attach->nic.vnic.nic);
	record_put_str(record, "profile", attach->nic.vnic.profile);
	record_put_str(record, "mac", attach->nic.vnic.mac);
	record_put_bool(record, "fell_back", attach->nic.fell_back);
	for (size_t i = 0; i < attach->nic.plug_count; i++) {
		const struct plug *plug = &attach->nic.plugs[i];
		char text[BDF_TEXT];

		if (plug->wanted.kind == NIC_HOSTDEV) {
			record_put_str(record, "pf", bdf_format(plug->vf.pf, text));
			record_put_int(record, "index", plug->vf.index);
			record_put_str(record, "vf", bdf_format(plug->vf.vf, text));
		} else {
			record_put_str(record, "bridge", plug->wanted.bridge);
		}
	}
	return call_print(call, "vfctl-attach/1", "vnic", record);
}

static int run_attach(struct verb_call *call)
{
	CLEANUP(cleanup_host) struct host *host = NULL;
	CLEANUP(cleanup_hypervisor) struct hypervisor *hypervisor = NULL;
	CLEANUP(cleanup_attach) struct attach attach = { 0 };
	CLEANUP(cleanup_diagnostics) struct diagnostics notes = { 0 };
	struct attach_request request = { .vm = call->args[0],
		.profile = call_value(call, "profile"),
		.nic = call_value(call, "nic"),
		.mac = call_value(call, "mac"),
		.vf = call_value(call, "vf"),
		.sides = sides_of(call),
		.wait_s = LOCK_WAIT_S };
	struct err err = { 0 };
	int boot = 0, rc;

	if (!request.profile)
		return call_misused(call, "give --profile: vfctl profile list shows all");
	rc = take_number(call, "boot", 1, 1000, &boot, &err);
	request.boot = (unsigned)boot;
	if (!rc)
		rc = take_number(call, "wait", 0, 86400, &request.wait_s, &err);
	if (!rc)
		rc = call_host(call, &host, &err);
	if (!rc)
		rc = check_changes(call, host, &err);
	if (!rc)
		rc = hypervisor_open(host, &hypervisor, &err);
	if (!rc)
		rc = attach_plan(host, hypervisor, &request, &attach, &err);
	if (!rc && call_has(call, "plan")) {
		attach_steps(&attach, &notes);
		return print_steps(call, "vfctl-attach-plan/1", &notes);
	}
	if (!rc)
		rc = attach_run(host, &hypervisor, &attach, &notes, &err);
	notes_print(&notes, "");
	return rc < 0 ? call_failed(call, &err) : print_attached(call, &attach);
}

/* --- detach ---------------------------------------------------------------------------------- */

static int print_detached(const struct verb_call *call, const struct detach *detach)
{
	struct record *record;
	char text[BDF_TEXT];

	if (!call_has(call, "json")) {
		printf("%s of VM %s is gone%s%s%s\n", detach->nic, detach->vm.name,
				detach->has_vf ? "; " : "",
				detach->has_vf ? bdf_format(detach->vf, text) : "",
				!detach->has_vf                    ? ""
						: detach->reserved ? " is as it was before"
								   : " is free");
		return call_printed(call);
	}
	record = record_object();
	record_put_str(record, "vm", detach->vm.name);
	record_put_str(record, "nic", detach->nic);
	if (detach->has_vf)
		record_put_str(record, "vf", bdf_format(detach->vf, text));
	return call_print(call, "vfctl-detach/1", "vnic", record);
}

static int run_detach(struct verb_call *call)
{
	CLEANUP(cleanup_host) struct host *host = NULL;
	CLEANUP(cleanup_hypervisor) struct hypervisor *hypervisor = NULL;
	CLEANUP(cleanup_diagnostics) struct diagnostics notes = { 0 };
	struct detach_request request = { .vm = call->args[0],
		.nic = call->args[1],
		.sides = sides_of(call),
		.limit_s = LIMIT_S,
		.wait_s = LOCK_WAIT_S };
	struct detach detach = { 0 };
	struct err err = { 0 };
	int rc = take_number(call, "timeout", 1, 86400, &request.limit_s, &err);

	if (!rc)
		rc = take_number(call, "wait", 0, 86400, &request.wait_s, &err);
	if (!rc)
		rc = call_host(call, &host, &err);
	if (!rc)
		rc = check_changes(call, host, &err);
	if (!rc)
		rc = hypervisor_open(host, &hypervisor, &err);
	if (!rc)
		rc = detach_plan(host, hypervisor, &request, &detach, &err);
	if (!rc && call_has(call, "plan")) {
		detach_steps(&detach, &notes);
		return print_steps(call, "vfctl-detach-plan/1", &notes);
	}
	if (!rc)
		rc = detach_run(host, &hypervisor, &detach, &notes, &err);
	notes_print(&notes, "");
	return rc < 0 ? call_failed(call, &err) : print_detached(call, &detach);
}

/* --- list and show --------------------------------------------------------------------------- */

/* What both verbs show machines with. */
struct view {
	struct host *host;
	struct hypervisor *hypervisor;
	struct inventory inventory;
	struct catalog catalog;
	struct diagnostics notes;
};

static void cleanup_view(struct view *view)
{
	hypervisor_close(view->hypervisor);
	inventory_free(&view->inventory);
	catalog_free(&view->catalog);
	diagnostics_free(&view->notes);
	host_close(view->host);
}

/* Files of the catalog with errors cost the names of profiles, and no more. */
static int view_open(const struct verb_call *call, struct view *view, struct err *err)
{
	int rc = call_host(call, &view->host, err);

	if (!rc)
		rc = hypervisor_open(view->host, &view->hypervisor, err);
	if (!rc)
		rc = inventory_read(view->host, INVENTORY_FULL, &view->inventory, err);
	if (!rc)
		rc = catalog_read(view->host, &view->catalog, &view->notes, err);
	return rc;
}

/* The running machine if it runs, else its configuration. */
static int read_vm(const struct view *view, const struct domain_status *status,
		struct domain *domain, struct err *err)
{
	return vm_read(view->hypervisor, status,
			status->state == DOMAIN_STOPPED ? DOMAIN_CONFIG : DOMAIN_LIVE, domain, err);
}

struct domains {
	size_t count;
	struct domain *list;
};

static void cleanup_domains(struct domains *domains)
{
	for (size_t i = 0; i < domains->count; i++)
		domain_free(&domains->list[i]);
	free(domains->list);
}

/* A machine that cannot be read costs one line, and not the list. */
static int read_all(struct view *view, struct domains *domains, struct err *err)
{
	CLEANUP(cleanup_free) struct domain_status *status = NULL;
	size_t count;
	int rc = hypervisor_list(view->hypervisor, &status, &count, err);

	if (rc < 0)
		return rc;
	domains->list = calloc(count + 1, sizeof(*domains->list));
	if (!domains->list)
		abort();
	for (size_t i = 0; i < count; i++) {
		struct err cause = { 0 };

		if (read_vm(view, &status[i], &domains->list[domains->count], &cause) < 0) {
			diagnostic_add(&view->notes, "%s", cause.msg);
			domain_free(&domains->list[domains->count]);
			domains->list[domains->count] = (struct domain){ 0 };
		} else {
			domains->count++;
		}
	}
	return 0;
}

static int run_vm_list(struct verb_call *call)
{
	CLEANUP(cleanup_view) struct view view = { 0 };
	CLEANUP(cleanup_domains) struct domains domains = { 0 };
	struct err err = { 0 };
	struct record *list;
	int status;

	if (view_open(call, &view, &err) < 0 || read_all(&view, &domains, &err) < 0)
		return call_failed(call, &err);
	if (call_has(call, "json")) {
		list = record_array();
		for (size_t i = 0; i < domains.count; i++)
			record_add(list,
					domain_to_record(&domains.list[i], &view.inventory,
							&view.catalog));
		status = call_print(call, "vfctl-vm-list/1", "vms", list);
	} else {
		domains_print(domains.list, domains.count, &view.inventory, stdout);
		status = call_printed(call);
	}
	return diagnostics_print(call, &view.notes, status);
}

static int run_vm_show(struct verb_call *call)
{
	CLEANUP(cleanup_view) struct view view = { 0 };
	CLEANUP(cleanup_domain) struct domain domain = { 0 };
	struct domain_status status;
	struct err err = { 0 };
	int rc;

	if (view_open(call, &view, &err) < 0 ||
			hypervisor_find(view.hypervisor, call->args[0], &status, &err) < 0 ||
			read_vm(&view, &status, &domain, &err) < 0)
		return call_failed(call, &err);
	if (call_has(call, "json")) {
		rc = call_print(call, "vfctl-vm/1", "vm",
				domain_to_record(&domain, &view.inventory, &view.catalog));
	} else {
		domain_print(&domain, &view.inventory, &view.catalog, stdout);
		rc = call_printed(call);
	}
	return diagnostics_print(call, &view.notes, rc);
}

#define FLAGS_SIDES                                                                       \
	{ "live", 0, NULL, "In the running machine" },                                    \
	{                                                                                 \
		"config", 0, NULL, "In the configuration, from which it starts next time" \
	}

#define FLAG_PLAN                                       \
	{                                               \
		"plan", 0, NULL, "Print the steps only" \
	}

static const struct flag flags_attach[] = {
	{ "profile", 0, "NAME", "The vNIC profile (vfctl profile list)" },
	{ "nic", 0, "NAME", "Name of the NIC, the first free one of nic1, nic2, ... if not given" },
	{ "mac", 0, "MAC", "Its MAC, a new one if not given" },
	{ "vf", 0, "VF", "This VF (eth0/3, 0000:01:10.6), or one of this card (eth0)" },
	{ "boot", 0, "N", "Place in the order in which the machine tries to boot, from 1" },
	FLAGS_SIDES,
	FLAG_PLAN,
	FLAG_WAIT,
	{ 0 },
};

static const struct flag flags_detach[] = {
	{ "timeout", 0, "S", "Wait at most S seconds for the guest, 60 if not given" },
	FLAGS_SIDES,
	FLAG_PLAN,
	FLAG_WAIT,
	{ 0 },
};

const struct verb verbs_vm[] = {
	{ "vm list", "", "List the virtual machines of this host with their NICs and VFs",
			"The virtual machines of libvirt. A spare port is where a NIC can be plugged into the "
			"running machine.",
			NULL, run_vm_list },
	{ "vm show", "VM", "Show the NICs of a virtual machine, and where they lead",
			"The running machine, or the configuration of a stopped one. Warnings name what will "
			"surprise its owner later.",
			NULL, run_vm_show },
	{ "attach", "VM", "Plug a NIC into a virtual machine, as a vNIC profile says",
			"A profile with passthrough gives a VF of a card that may carry the profile's network: "
			"one that nobody holds and that is alone in its IOMMU group, of the card with the most "
			"of them. The VF gets the MAC, the network's VLAN, and the profile's rates and trust, "
			"with the spoof check on. Any other profile gives a NIC on the network's bridge; one "
			"with failover gives both.\n\nWithout --live and --config, a running machine gets the "
			"NIC until it ends, and a stopped one in its configuration. It is all or nothing: if a "
			"step fails, vfctl undoes those before.",
			flags_attach, run_attach },
	{ "detach", "VM NIC", "Take a NIC from a virtual machine",
			"The guest has to release it. It is done when the VF is back: bound to the driver that "
			"it had before, with all the settings that it had before, and read back. The NIC is "
			"given by its name, its alias in libvirt, its MAC, or the address of its device.\n\nIf "
			"the guest does not react until the time is over, it keeps the NIC.",
			flags_detach, run_detach },
	{ 0 },
};
