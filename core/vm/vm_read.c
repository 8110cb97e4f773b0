/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vm/vm_read.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "catalog/catalog_store.h"
#include "domain/pool.h"
#include "host/hypervisor_network.h"

int vm_read(struct hypervisor *hypervisor, const struct domain_status *vm, enum domain_side side,
		struct domain *domain, struct err *err)
{
	CLEANUP(cleanup_free) char *xml = NULL;
	CLEANUP(cleanup_free) char *place = text_format("VM %s", vm->name);
	int rc = hypervisor_xml(hypervisor, vm->uuid, side, &xml, err);

	return rc ? rc : domain_parse(place, xml, strlen(xml), domain, err);
}

static void add(struct promises *promises, struct bdf vf, const char *format, ...)
		__attribute__((format(printf, 3, 4)));

static void add(struct promises *promises, struct bdf vf, const char *format, ...)
{
	struct vf_promise *fresh;
	va_list args;

	promises->list = realloc(promises->list, (promises->count + 1) * sizeof(*promises->list));
	if (!promises->list)
		abort();
	fresh = &promises->list[promises->count++];
	fresh->vf = vf;
	va_start(args, format);
	vsnprintf(fresh->what, sizeof(fresh->what), format, args);
	va_end(args);
}

void promises_add(struct promises *promises, const struct domain *domain)
{
	for (size_t i = 0; i < domain->nic_count; i++) {
		if (domain->nics[i].has_host)
			add(promises, domain->nics[i].host, "in the configuration of VM %.80s",
					domain->name);
	}
}

static void add_network(struct promises *promises, const struct hypervisor_network *network)
{
	CLEANUP(cleanup_pool) struct pool pool = { .is_hostdev = false };
	char owner[NAME_ROOM];
	struct bdf vf;

	for (size_t i = 0; i < network->port_count; i++) {
		const char *port = network->ports[i];

		if (!pool_port_parse(port, strlen(port), &vf, owner, NULL))
			add(promises, vf, "given to VM %s by libvirt's pool %.40s", owner,
					network->name);
	}
	if (pool_parse(network->name, network->xml, strlen(network->xml), &pool, NULL) < 0)
		return;
	for (size_t i = 0; i < pool.vf_count; i++) {
		if (pool.vfs[i].is_given)
			add(promises, pool.vfs[i].vf, "given to a VM by libvirt's pool %.40s",
					network->name);
	}
}

/* libvirt may have no networks. */
static void add_networks(struct promises *promises, struct hypervisor *hypervisor)
{
	struct hypervisor_network *list = NULL;
	size_t count = 0;

	if (hypervisor_networks(hypervisor, &list, &count, NULL) < 0)
		return;
	for (size_t i = 0; i < count; i++)
		add_network(promises, &list[i]);
	hypervisor_networks_free(list, count);
}

int promises_read(struct hypervisor *hypervisor, struct promises *promises, struct err *err)
{
	CLEANUP(cleanup_free) struct domain_status *list = NULL;
	size_t count = 0;
	int rc = hypervisor_list(hypervisor, &list, &count, err);

	for (size_t i = 0; i < count; i++) {
		CLEANUP(cleanup_domain) struct domain domain = { 0 };

		if (!list[i].persistent ||
				vm_read(hypervisor, &list[i], DOMAIN_CONFIG, &domain, NULL) < 0)
			continue;
		promises_add(promises, &domain);
	}
	if (!rc)
		add_networks(promises, hypervisor);
	return rc;
}

void promises_free(struct promises *promises)
{
	free(promises->list);
	*promises = (struct promises){ 0 };
}

int vnic_store(const struct host *host, const struct vnic *vnic, struct err *err)
{
	CLEANUP(cleanup_catalog) struct catalog catalog = { 0 };
	int rc = catalog_open(host, &catalog, err);

	if (rc < 0)
		return rc;
	definition_drop(&catalog.vnics, vnic->head.name);
	return catalog_change(host, &catalog, &vnic_kind, vnic, err);
}

int vnic_forget(const struct host *host, const char *name, struct err *err)
{
	CLEANUP(cleanup_catalog) struct catalog catalog = { 0 };
	int rc = catalog_open(host, &catalog, err);

	if (rc < 0 || !definition_find(&catalog.vnics, name))
		return rc;
	return catalog_remove(host, &catalog, &vnic_kind, name, err);
}

static bool is_known(const struct domain_status *list, size_t count, const struct vnic *vnic)
{
	for (size_t i = 0; i < count; i++) {
		if (!strncmp(vnic->head.name, list[i].uuid, strlen(list[i].uuid)))
			return true;
	}
	return false;
}

void vnics_settle(const struct host *host, struct hypervisor *hypervisor)
{
	CLEANUP(cleanup_catalog) struct catalog catalog = { 0 };
	CLEANUP(cleanup_free) struct domain_status *list = NULL;
	size_t count = 0;

	if (catalog_open(host, &catalog, NULL) < 0 ||
			hypervisor_list(hypervisor, &list, &count, NULL) < 0)
		return;
	for (size_t i = 0; i < catalog.vnics.count; i++) {
		const struct vnic *vnic = definition_at(&catalog.vnics, i);

		if (!vnic->plugged && !is_known(list, count, vnic))
			vnic_forget(host, vnic->head.name, NULL);
	}
}

char *vnic_name(const char *uuid, const char *nic)
{
	return text_format("%s.%s", uuid, nic);
}
