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

/* The drivers of Linux 6.12, and out-of-tree drivers of vendors. */
enum { NETWORK = 1 << 0, ONLY_VFS = 1 << 1 };

static const struct {
	const char *name;
	unsigned traits;
} known_drivers[] = {
	{ "be2net", NETWORK },
	{ "bnx2x", NETWORK },
	{ "bnxt_en", NETWORK },
	{ "c3xxxvf", ONLY_VFS },
	{ "c6xxvf", ONLY_VFS },
	{ "cxgb4vf", NETWORK | ONLY_VFS },
	{ "dh895xccvf", ONLY_VFS },
	{ "efx", NETWORK },
	{ "ena", NETWORK },
	{ "enic", NETWORK },
	{ "fm10k", NETWORK },
	{ "fsl_enetc_vf", NETWORK | ONLY_VFS },
	{ "funeth", NETWORK },
	{ "gve", NETWORK },
	{ "hclgevf", NETWORK | ONLY_VFS },
	{ "hinic", NETWORK },
	{ "hinic3", NETWORK },
	{ "hns3", NETWORK },
	{ "i40evf", NETWORK | ONLY_VFS },
	{ "iavf", NETWORK | ONLY_VFS },
	{ "idpf", NETWORK },
	{ "igbvf", NETWORK | ONLY_VFS },
	{ "ionic", NETWORK },
	{ "ixgbevf", NETWORK | ONLY_VFS },
	{ "liquidio_vf", NETWORK | ONLY_VFS },
	{ "mana", NETWORK },
	{ "mlx4_core", NETWORK },
	{ "mlx5_core", NETWORK },
	{ "ngbevf", NETWORK | ONLY_VFS },
	{ "nfp", NETWORK },
	{ "nfp_netvf", NETWORK | ONLY_VFS },
	{ "nicvf", NETWORK | ONLY_VFS },
	{ "octeon_ep_vf", NETWORK | ONLY_VFS },
	{ "qede", NETWORK },
	{ "qlcnic", NETWORK },
	{ "rvu_nicvf", NETWORK | ONLY_VFS },
	{ "sfc", NETWORK },
	{ "txgbevf", NETWORK | ONLY_VFS },
	{ "virtio-pci", NETWORK },
};

static bool has_trait(const char *name, unsigned trait)
{
	for (size_t i = 0; i < sizeof(known_drivers) / sizeof(*known_drivers); i++) {
		if (!strcmp(known_drivers[i].name, name))
			return known_drivers[i].traits & trait;
	}
	return false;
}

bool driver_is_network(const char *name)
{
	return has_trait(name, NETWORK);
}

bool driver_is_for_vfs(const char *name)
{
	return has_trait(name, ONLY_VFS);
}
