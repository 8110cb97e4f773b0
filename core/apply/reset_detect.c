/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "apply/reset_detect.h"

#include "drivers/drivers.h"
#include "netdev/ethtool.h"

bool pf_was_reset(const struct host *host, const struct pf *pf)
{
	const struct card_driver *driver = card_driver_find(pf->function.driver);
	const struct reset_detect *detect = driver ? driver->reset_detect : NULL;
	uint32_t value;

	return detect && pf->net.up && !netdev_register(host, pf->net.name, detect->word, &value) &&
			!(value & detect->bit);
}
