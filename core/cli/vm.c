/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "base/cleanup.h"
#include "catalog/catalog_store.h"
#include "cli/cli.h"
#include "domain/domain_print.h"
#include "vm/vm_read.h"

/* The verbs that show virtual machines. */

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

const struct verb verbs_vm[] = {
	{ "vm list", "", "List the virtual machines of this host with their NICs and VFs",
			"The virtual machines of libvirt. A spare port is where a NIC can be plugged into the "
			"running machine.",
			NULL, run_vm_list },
	{ "vm show", "VM", "Show the NICs of a virtual machine, and where they lead",
			"The running machine, or the configuration of a stopped one. Warnings name what will "
			"surprise its owner later.",
			NULL, run_vm_show },
	{ 0 },
};
