/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "drivers/drivers.h"

#include <fnmatch.h>
#include <stddef.h>
#include <string.h>

/* Each is defined in the file of the same name. */
extern const struct card_driver card_driver_ice, card_driver_igb, card_driver_mlx5_core;

const struct card_driver *const card_drivers[] = { &card_driver_ice, &card_driver_igb,
	&card_driver_mlx5_core, NULL };

const struct card_driver *card_driver_find(const char *name)
{
	for (size_t i = 0; card_drivers[i]; i++) {
		if (!strcmp(card_drivers[i]->name, name))
			return card_drivers[i];
	}
	return NULL;
}

/* The names of vfio-pci's variants for single cards contain its name (mlx5-vfio-pci). igb_uio is
 * DPDK's, for any card. */
enum handover driver_handover(const char *name)
{
	static const struct {
		const char *pattern;
		enum handover handover;
	} drivers[] = {
		{ "*vfio*", HANDOVER_VFIO },
		{ "uio_*", HANDOVER_UIO },
		{ "igb_uio", HANDOVER_UIO },
		{ "pci-stub", HANDOVER_STUB },
	};

	for (size_t i = 0; i < sizeof(drivers) / sizeof(*drivers); i++) {
		if (!fnmatch(drivers[i].pattern, name, 0))
			return drivers[i].handover;
	}
	return HANDOVER_NONE;
}

/* The drivers of Linux 6.12, and out-of-tree drivers of vendors, for VFs of network cards. */
bool driver_is_network(const char *name)
{
	static const char *const drivers[] = { "be2net", "bnx2x", "bnxt_en", "cxgb4vf", "efx",
		"ena", "enic", "fm10k", "fsl_enetc_vf", "funeth", "gve", "hclgevf", "hinic",
		"hinic3", "hns3", "i40evf", "iavf", "idpf", "igbvf", "ionic", "ixgbevf",
		"liquidio_vf", "mana", "mlx4_core", "mlx5_core", "ngbevf", "nfp", "nfp_netvf",
		"nicvf", "octeon_ep_vf", "qede", "qlcnic", "rvu_nicvf", "sfc", "txgbevf",
		"virtio-pci" };

	for (size_t i = 0; i < sizeof(drivers) / sizeof(*drivers); i++) {
		if (!strcmp(drivers[i], name))
			return true;
	}
	return false;
}
