/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_DRIVERS_H
#define DRIVERS_DRIVERS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * What is known about one PF driver, for any card: one file each and an entry in drivers.c. Each
 * part may be absent (NULL); the manager works without it. registers.h has what is known about the
 * registers of a card. README.md says how to add a driver.
 */
struct card_driver {
	const char *name; /* of the driver, as in sysfs */
	const struct reset_detect *reset_detect;
	const struct link_loss_words *link_loss_words;
	unsigned switchdev_refuses; /* enum vf_setting_bit: not taken in switchdev mode */
};

/* The word and bit of the driver's register dump (ethtool -d) that is set while the PF's
 * interface is up and that a reset of the card clears. */
struct reset_detect {
	unsigned word;
	uint32_t bit;
};

/* What the driver writes to the kernel log, in a line that begins with its name and the PF's
 * BDF, when the wire loses the link and when the driver resets the card. */
struct link_loss_words {
	const char *wire, *reset;
};

/* Drivers that are for no particular card: they hand a function over to a process, or keep all
 * other drivers off it. */
enum handover {
	HANDOVER_NONE, /* any other driver */
	HANDOVER_VFIO, /* to a process that has the function open through VFIO */
	HANDOVER_UIO,  /* to a process that cannot be seen */
	HANDOVER_STUB, /* to nobody */
};

enum handover driver_handover(const char *name);

/* Whether the driver creates only a network interface for a VF, and perhaps an RDMA device. */
bool driver_is_network(const char *name);

/* Whether the driver is only for VFs: what it is bound to is one. False for one that drives PFs
 * too, and for an unknown one. */
bool driver_is_for_vfs(const char *name);

/* All drivers about which something is known; NULL ends the list. */
extern const struct card_driver *const card_drivers[];

/* NULL: nothing is known about it. */
const struct card_driver *card_driver_find(const char *name);

#endif
