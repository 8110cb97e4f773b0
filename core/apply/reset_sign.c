/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "apply/reset_sign.h"

#include <string.h>

#include "host/ethtool.h"

/* Which word of a driver's dump has a bit that is set as long as its interface is up. */
static const struct sign {
	const char *driver;
	unsigned word;
	uint32_t bit;
} signs[] = {
	/* igb_get_regs() of Linux 6.12: RCTL; bit 1 is Receiver Enable (82576 datasheet, 8.10.1). */
	{ "igb", 32, 1 << 1 },
};

bool pf_was_reset(const struct host *host, const struct pf *pf)
{
	uint32_t value;

	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++) {
		if (!strcmp(pf->function.driver, signs[i].driver) && pf->net.up)
			return !netdev_register(host, pf->net.name, signs[i].word, &value) &&
					!(value & signs[i].bit);
	}
	return false;
}
