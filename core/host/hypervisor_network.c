/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/hypervisor_network.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "host/hypervisor_internal.h"

static void read_ports(virNetworkPtr network, struct hypervisor_network *into)
{
	virNetworkPortPtr *ports = NULL;
	int count = libvirt.virNetworkListAllPorts(network, &ports, 0);

	if (count < 0)
		return;
	into->ports = calloc((size_t)count + 1, sizeof(*into->ports));
	if (!into->ports)
		abort();
	for (int i = 0; i < count; i++) {
		char *xml = libvirt.virNetworkPortGetXMLDesc(ports[i], 0);

		if (xml)
			into->ports[into->port_count++] = xml;
		libvirt.virNetworkPortFree(ports[i]);
	}
	free(ports);
}

/* False: it is gone meanwhile. */
static bool read_network(virNetworkPtr network, struct hypervisor_network *into)
{
	*into = (struct hypervisor_network){ .active = libvirt.virNetworkIsActive(network) == 1 };
	into->xml = libvirt.virNetworkGetXMLDesc(network, 0);
	if (!into->xml)
		return false;
	into->name = text_format("%s", libvirt.virNetworkGetName(network));
	if (into->active)
		read_ports(network, into);
	return true;
}

static int run_networks(struct timed_call *timed)
{
	struct call *call = (struct call *)timed;
	virNetworkPtr *networks = NULL;
	int count = libvirt.virConnectListAllNetworks(call->connection, &networks, 0);

	if (count < 0)
		return call_fail(call, "cannot list libvirt's networks");
	call->networks = calloc((size_t)count + 1, sizeof(*call->networks));
	if (!call->networks)
		abort();
	for (int i = 0; i < count; i++) {
		call->count += read_network(networks[i], &call->networks[call->count]);
		libvirt.virNetworkFree(networks[i]);
	}
	free(networks);
	return 0;
}

int hypervisor_networks(struct hypervisor *hypervisor, struct hypervisor_network **list,
		size_t *count, struct err *err)
{
	CLEANUP(cleanup_call) struct call *call = call_new(hypervisor, NULL, run_networks);
	int rc = call_ask(hypervisor, &call, CALL_MS, err);

	if (rc < 0)
		return rc;
	*list = TAKE(call->networks);
	*count = call->count;
	return 0;
}

void hypervisor_networks_free(struct hypervisor_network *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < list[i].port_count; k++)
			free(list[i].ports[k]);
		free(list[i].ports);
		free(list[i].name);
		free(list[i].xml);
	}
	free(list);
}
