/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "drivers/drivers.h"
#include "netdev/vf_settings.h"

/* ice of Linux 7.1.8: ice_set_vf_trust() returns -EOPNOTSUPP in switchdev mode. */
const struct card_driver card_driver_ice = {
	.name = "ice",
	.switchdev_refuses = VF_TRUST,
};
