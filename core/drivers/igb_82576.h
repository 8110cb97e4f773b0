/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_IGB_82576_H
#define DRIVERS_IGB_82576_H

#include "drivers/registers.h"

/* VF registers of the 82576 (datasheet, 8.28) that both of its files use. */
enum {
	VF_CTRL = 0x0000,
	VF_CTRL_RST = 1 << 26,

	VTEITR0 = 0x1680,
	VTIVAR0 = 0x1700,
	VTIVAR_MISC = 0x1740,

	RDBAL = 0x2800,
	RDBAH = 0x2804,
	RDLEN = 0x2808,
	SRRCTL = 0x280c,
	RXDCTL = 0x2828,

	TDBAL = 0x3800,
	TDBAH = 0x3804,
	TDLEN = 0x3808,
	TXDCTL = 0x3828,
	TDWBAL = 0x3838, /* bit 0: the card writes the head to this address */
	TDWBAH = 0x383c,

	QUEUE_ON = 1 << 25, /* of RXDCTL and TXDCTL */

	/* What igbvf writes to VTIVAR0 and VTIVAR_MISC: vector 0 for sending, 1 for receiving, 2
	 * for the mailbox. QEMU's igb accumulates the vectors of all drivers of a VF, across resets
	 * (10.0.2, hw/net/igb_core.c, igb_set_vtivar()): after other vectors igbvf would get no
	 * more interrupts. */
	VTIVAR0_OF_IGBVF = 0x8081,
	VTIVAR_MISC_OF_IGBVF = 0x82,
};

enum { GREETING_WORDS = 3, MESSAGE_RESET = 1 };

/* Resets the VF and greets the PF, which answers MESSAGE_RESET with a flag, and the VF's MAC. If
 * the VF has no admin MAC the answer is a refusal, which still counts as an answer. -ETIMEDOUT:
 * there is no answer. */
int igb_82576_greet(const struct bar *vf, struct deadline deadline, uint32_t answer[GREETING_WORDS],
		struct err *err);

extern const struct dma_driver igb_82576_dma;

#endif
