/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OBSERVE_FAMILY_H
#define OBSERVE_FAMILY_H

#include "host/bar.h"
#include "observe/dut.h"
#include "observe/mailbox.h"

/*
 * What is known of the registers of one family of cards: a file of its own and a line in family.c
 * each. A card of no known family has checks that skip.
 */
struct family {
	const char *name;
	bool (*knows)(long vendor, long device); /* ids of the PF */

	/* The mailbox, through BAR 0 of a VF without a driver. An answer has MAILBOX_WORDS words;
	 * -ETIMEDOUT: there is none. */
	int (*reset)(const struct bar *vf, struct deadline deadline, struct err *err);
	unsigned (*encode)(const struct mailbox_message *message, uint32_t words[MAILBOX_WORDS]);
	int (*call)(const struct bar *vf, const uint32_t *words, unsigned count,
			struct deadline deadline, enum mailbox_answer *answer, struct err *err);
	void (*post)(const struct bar *vf, const uint32_t *words, unsigned count);
	uint32_t scratch; /* a register of the VF that may hold anything */

	/* The anti-spoof bits of a VF, in BAR 0 of the PF. */
	void (*spoof_bits)(const struct bar *pf, unsigned vf, bool *mac, bool *vlan);
};

extern const struct family family_82576;

/* NULL: unknown. */
const struct family *family_of(const struct dut *dut);

/* What the card's own registers say of VF's spoof check. -EOPNOTSUPP: the family is unknown; -EINVAL
 * where the kernel keeps the registers of a bound card to itself. */
int family_spoof_bits(const struct dut *dut, unsigned vf, bool *mac, bool *vlan, struct err *err);

#endif
