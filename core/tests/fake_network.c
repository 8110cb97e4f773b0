/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fake_libvirt_internal.h"

/* Networks, of which each has one port at most: its pointer is that of the network. */

int virConnectListAllNetworks(virConnectPtr connection, virNetworkPtr **list, unsigned flags)
{
	struct fake_libvirt *fake = (struct fake_libvirt *)connection;

	(void)flags;
	if (hang(fake))
		return -1;
	if (fake->no_networks)
		return fail(VIR_ERR_NO_SUPPORT, "this function is not supported");
	*list = calloc(fake->network_count + 1, sizeof(**list));
	for (size_t i = 0; *list && i < fake->network_count; i++)
		(*list)[i] = (virNetworkPtr)&fake->networks[i];
	return (int)fake->network_count;
}

int virNetworkFree(virNetworkPtr network)
{
	(void)network;
	return 0;
}

const char *virNetworkGetName(virNetworkPtr network)
{
	return ((struct fake_network *)network)->name;
}

char *virNetworkGetXMLDesc(virNetworkPtr network, unsigned flags)
{
	(void)flags;
	return strdup(((struct fake_network *)network)->xml);
}

int virNetworkIsActive(virNetworkPtr network)
{
	return ((struct fake_network *)network)->active;
}

int virNetworkListAllPorts(virNetworkPtr network, virNetworkPortPtr **ports, unsigned flags)
{
	int count = *((struct fake_network *)network)->port != '\0';

	(void)flags;
	*ports = calloc(2, sizeof(**ports));
	if (*ports)
		(*ports)[0] = (virNetworkPortPtr)network;
	return count;
}

char *virNetworkPortGetXMLDesc(virNetworkPortPtr port, unsigned flags)
{
	(void)flags;
	return strdup(((struct fake_network *)port)->port);
}

int virNetworkPortFree(virNetworkPortPtr port)
{
	(void)port;
	return 0;
}
