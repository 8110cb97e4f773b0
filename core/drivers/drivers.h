/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_DRIVERS_H
#define DRIVERS_DRIVERS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * What is known of one PF driver, whatever card it drives: one file each and an entry in drivers.c.
 * Each kind of knowledge may be absent (NULL), and the manager does without it. What is known of
 * the registers of a card is in registers.h. README.md says how a new driver is added.
 */
struct card_driver {
	const char *name; /* of the PF's driver, as sysfs has it */
	const struct reset_detect *reset_detect;
	const struct link_loss_words *link_loss_words;
};

/* The word of the driver's register dump (ethtool -d) that has BIT set as long as the PF's interface
 * is up, and that a reset of the card clears. */
struct reset_detect {
	unsigned word;
	uint32_t bit;
};

/* What the driver writes into the kernel log, in a line that begins with its name and the PF's
 * BDF, when the wire loses the link, and when the driver resets the card. */
struct link_loss_words {
	const char *wire, *reset;
};

/* Drivers of no card of their own: they hand any function over to a process, or keep it from all
 * other drivers. */
enum handover {
	HANDOVER_NONE, /* any other driver */
	HANDOVER_VFIO, /* to a process that has the function open through VFIO */
	HANDOVER_UIO,  /* to a process that cannot be seen */
	HANDOVER_STUB, /* to nobody */
};

enum handover driver_handover(const char *name);

/* Whether all that the driver makes of a VF is a network interface, and an RDMA device beside it. */
bool driver_is_network(const char *name);

/* All drivers of which something is known; NULL ends the list. */
extern const struct card_driver *const card_drivers[];

/* NULL: nothing is known of it. */
const struct card_driver *card_driver_find(const char *name);

#endif
