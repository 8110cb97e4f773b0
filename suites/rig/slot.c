/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rig/slot.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* The devices of the other slot are an array of their own; what they say is shared with the topology's,
 * but for the list of the PF's properties. */

#define PORT "vfcert-slot"

static struct topology_property port_properties[] = {
	{ (char *)"driver", (char *)"pcie-root-port" },
	{ (char *)"bus", (char *)"pcie.0" },
	{ (char *)"addr", (char *)"0x1a" },
	{ (char *)"chassis", (char *)"250" },
	{ (char *)"slot", (char *)"250" },
};

enum { PORT_PROPERTIES = sizeof(port_properties) / sizeof(*port_properties) };

static const char *value_of(const struct topology_item *item, const char *key)
{
	for (size_t i = 0; i < item->count; i++) {
		if (!strcmp(item->properties[i].key, key))
			return item->properties[i].value;
	}
	return NULL;
}

static struct topology_item *pf_of(const struct topology *topology)
{
	struct topology_item *item = topology->devices;

	while (strcmp(item->id, topology->pf) != 0)
		item++;
	return item;
}

/* What shares a slot with others does not move alone; on the root bus each has its own. */
bool slot_is_free(const struct topology *topology)
{
	const struct topology_item *pf = pf_of(topology);
	const char *bus = value_of(pf, "bus");

	for (size_t i = 0; bus && strcmp(bus, "pcie.0") && i < topology->device_count; i++) {
		const struct topology_item *item = &topology->devices[i];
		const char *other = value_of(item, "bus");

		if (item != pf && other && !strcmp(other, bus))
			return false;
	}
	return bus && value_of(pf, "mac");
}

/* The same card without a place, and then with the new one. */
static void plug(struct topology_item *pf)
{
	struct topology_property *properties = calloc(pf->count + 1, sizeof(*properties));
	size_t count = 0;

	if (!properties)
		abort();
	for (size_t i = 0; i < pf->count; i++) {
		if (strcmp(pf->properties[i].key, "bus") != 0 &&
				strcmp(pf->properties[i].key, "addr") != 0)
			properties[count++] = pf->properties[i];
	}
	properties[count++] = (struct topology_property){ (char *)"bus", (char *)PORT };
	pf->properties = properties;
	pf->count = count;
}

static void move_away(struct slot *slot, struct topology *topology)
{
	struct topology_item *devices = calloc(topology->device_count + 1, sizeof(*devices));

	if (!devices)
		abort();
	/* A bus comes before what is plugged into it. */
	devices[0] = (struct topology_item){ (char *)PORT, port_properties, PORT_PROPERTIES };
	memcpy(&devices[1], topology->devices, topology->device_count * sizeof(*devices));
	*slot = (struct slot){ topology->devices, topology->device_count };
	topology->devices = devices;
	topology->device_count++;
	plug(pf_of(topology));
}

static void move_back(struct slot *slot, struct topology *topology)
{
	free(pf_of(topology)->properties);
	free(topology->devices);
	topology->devices = TAKE(slot->own);
	topology->device_count = slot->own_count;
}

void slot_change(struct slot *slot, struct topology *topology)
{
	if (slot->own)
		move_back(slot, topology);
	else
		move_away(slot, topology);
}

const char *slot_pf(const struct slot *slot, const struct topology *topology)
{
	return slot->own ? value_of(pf_of(topology), "mac") : topology->pf_address;
}

void slot_free(struct slot *slot, struct topology *topology)
{
	if (slot->own)
		move_back(slot, topology);
}
