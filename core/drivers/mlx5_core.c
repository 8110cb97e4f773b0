/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "drivers/drivers.h"
#include "netdev/vf_settings.h"

/* mlx5_core of Linux 7.1.8. In switchdev mode mlx5_eswitch_set_vport_vlan() takes VLAN 0 only, and
 * mlx5_eswitch_set_vport_spoofchk(), _trust() and _state() return -EOPNOTSUPP. */
const struct card_driver card_driver_mlx5_core = {
	.name = "mlx5_core",
	.switchdev_refuses = VF_VLAN | VF_SPOOFCHK | VF_TRUST | VF_LINK,
};
