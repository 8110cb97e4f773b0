/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rig/move_card.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* Gives the topology another array of devices: the port, and the same devices, of which only the
 * PF has its own properties. */

#define PORT "vfcert-slot"

static const struct {
	const char *key, *value;
} port_properties[] = {
	{ "driver", "pcie-root-port" },
	{ "bus", "pcie.0" },
	{ "addr", "0x1a" },
	{ "chassis", "250" },
	{ "slot", "250" },
};

/* Whether each device on the root bus has its own slot. */
bool card_can_move(const struct topology *topology)
{
	const struct topology_item *pf = topology_pf(topology);
	const char *bus = topology_item_get(pf, "bus");

	for (size_t i = 0; bus && strcmp(bus, "pcie.0") && i < topology->device_count; i++) {
		const struct topology_item *item = &topology->devices[i];
		const char *other = topology_item_get(item, "bus");

		if (item != pf && other && !strcmp(other, bus))
			return false;
	}
	return bus && topology_item_get(pf, "mac");
}

/* Returns the PF with the port's bus instead of its own. */
static struct topology_item on_port(const struct topology_item *pf)
{
	struct topology_item moved = { .id = pf->id };

	for (size_t i = 0; i < pf->count; i++) {
		const struct topology_property *property = &pf->properties[i];

		if (strcmp(property->key, "bus") != 0 && strcmp(property->key, "addr") != 0)
			topology_item_set(&moved, property->key, property->value);
	}
	topology_item_set(&moved, "bus", PORT);
	return moved;
}

static struct topology_item make_port(void)
{
	struct topology_item port = { .id = strdup(PORT) };

	if (!port.id)
		abort();
	for (size_t i = 0; i < sizeof(port_properties) / sizeof(*port_properties); i++)
		topology_item_set(&port, port_properties[i].key, port_properties[i].value);
	return port;
}

static void move_away(struct moved_card *card, struct topology *topology)
{
	struct topology_item *devices = calloc(topology->device_count + 1, sizeof(*devices));

	if (!devices)
		abort();
	devices[0] = make_port(); /* a bus comes before what is plugged into it */
	memcpy(&devices[1], topology->devices, topology->device_count * sizeof(*devices));
	*card = (struct moved_card){ topology->devices, topology->device_count };
	topology->devices = devices;
	topology->device_count++;
	*topology_pf(topology) = on_port(topology_pf(topology));
}

void card_move_back(struct moved_card *card, struct topology *topology)
{
	if (!card->devices)
		return;
	topology_item_free_properties(topology_pf(topology));
	topology_item_free_properties(&topology->devices[0]);
	free(topology->devices[0].id);
	free(topology->devices);
	topology->devices = TAKE(card->devices);
	topology->device_count = card->count;
}

void card_move(struct moved_card *card, struct topology *topology)
{
	if (card->devices)
		card_move_back(card, topology);
	else
		move_away(card, topology);
}

const char *card_pf(const struct moved_card *card, const struct topology *topology)
{
	return card->devices ? topology_item_get(topology_pf(topology), "mac")
			     : topology->pf_address;
}
