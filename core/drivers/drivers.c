/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "drivers/drivers.h"

#include <stddef.h>
#include <string.h>

/* Each is in the file of its name. */
extern const struct card_driver card_driver_igb;

const struct card_driver *const card_drivers[] = { &card_driver_igb, NULL };

const struct card_driver *card_driver_find(const char *name)
{
	for (size_t i = 0; card_drivers[i]; i++) {
		if (!strcmp(card_drivers[i]->name, name))
			return card_drivers[i];
	}
	return NULL;
}
