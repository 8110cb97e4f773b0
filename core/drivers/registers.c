/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "drivers/registers.h"

/* Each is defined in the file of the same name. */
extern const struct card_registers card_registers_igb_82576;

const struct card_registers *const card_registers[] = { &card_registers_igb_82576, NULL };

static bool is_of(const struct card_registers *card, uint16_t vendor, uint16_t device)
{
	if (vendor != card->vendor)
		return false;
	for (const uint16_t *pf = card->pf_devices; *pf; pf++) {
		if (device == *pf)
			return true;
	}
	return device == card->vf_device;
}

const struct card_registers *card_registers_find(uint16_t vendor, uint16_t device)
{
	for (size_t i = 0; card_registers[i]; i++) {
		if (is_of(card_registers[i], vendor, device))
			return card_registers[i];
	}
	return NULL;
}

const struct card_registers *card_registers_of(const struct host *host, struct bdf function)
{
	long vendor, device;

	if (function_number(host, function, "vendor", &vendor, NULL) < 0 ||
			function_number(host, function, "device", &device, NULL) < 0)
		return NULL;
	return card_registers_find((uint16_t)vendor, (uint16_t)device);
}
