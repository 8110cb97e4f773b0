/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "observe/family.h"

/*
 * Intel 82576 (driver igb, VFs igbvf). Registers and messages: 82576 Gigabit Ethernet Controller
 * Datasheet, 8.14 (PF) and 8.28 (VF); the messages are those of Linux's igb.
 *
 * PFSTS is cleared by reading it: nobody else may read the register meanwhile.
 */

enum {
	CTRL = 0x0,
	CTRL_RST = 1 << 26,
	V2PMAILBOX = 0xc40,
	REQ = 1 << 0,   /* written: there is a message for the PF */
	ACK = 1 << 1,   /* written: its message has been read */
	VFU = 1 << 2,   /* the VF owns the memory */
	PFSTS = 1 << 4, /* the PF has written a message; cleared by reading */
	RSTI = 1 << 6,  /* the PF itself is in a reset */
	VMBMEM = 0x800,
	DTXSWC = 0x3500, /* of the PF: anti-spoof of MACs in bits 0 to 7, of VLANs in 8 to 15 */
};

enum {
	MESSAGE_RESET = 1,
	MESSAGE_SET_MAC = 2,
	MESSAGE_SET_GROUPS = 3,
	MESSAGE_SET_VLAN = 4,
	MESSAGE_SET_FRAME = 5,
	MESSAGE_SET_PROMISCUOUS = 6,
	SUBCODE_SHIFT = 16,
	FILTER_CLEAR = 1 << SUBCODE_SHIFT,
	FILTER_ADD = 2 << SUBCODE_SHIFT,
	PROMISCUOUS_GROUPS = 2 << SUBCODE_SHIFT,
	GROUPS_LIMIT = 30,
};

static const uint32_t answer_ack = 1u << 31, answer_nack = 1u << 30;

static bool knows(long vendor, long device)
{
	static const long devices[] = { 0x10c9, 0x10e6, 0x10e7, 0x10e8, 0x150a, 0x1518, 0x1526 };

	for (size_t i = 0; i < sizeof(devices) / sizeof(*devices); i++) {
		if (vendor == 0x8086 && device == devices[i])
			return true;
	}
	return false;
}

/* Reads until one of BITS was there. */
static bool await(const struct bar *vf, uint32_t bits, struct deadline deadline)
{
	do {
		if (bar_read(vf, V2PMAILBOX) & bits)
			return true;
	} while (deadline_left(deadline));
	return false;
}

static bool pf_is_up(const struct bar *vf, struct deadline deadline)
{
	do {
		if (!(bar_read(vf, V2PMAILBOX) & RSTI))
			return true;
	} while (deadline_left(deadline));
	return false;
}

static bool own_memory(const struct bar *vf, struct deadline deadline)
{
	do {
		bar_write(vf, V2PMAILBOX, VFU);
		if (bar_read(vf, V2PMAILBOX) & VFU)
			return true;
	} while (deadline_left(deadline));
	return false;
}

static void write_words(const struct bar *vf, const uint32_t *words, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		bar_write(vf, VMBMEM + 4 * i, words[i]);
}

static void post(const struct bar *vf, const uint32_t *words, unsigned count)
{
	bar_write(vf, V2PMAILBOX, VFU);
	write_words(vf, words, count);
	bar_write(vf, V2PMAILBOX, REQ);
}

static int call(const struct bar *vf, const uint32_t *words, unsigned count,
		struct deadline deadline, enum mailbox_answer *answer, struct err *err)
{
	uint32_t word;

	*answer = MAILBOX_SILENT;
	if (!own_memory(vf, deadline))
		return err_set(err, ETIMEDOUT, "the VF does not get its mailbox");
	write_words(vf, words, count);
	bar_write(vf, V2PMAILBOX, REQ);
	if (!await(vf, PFSTS, deadline) || !own_memory(vf, deadline))
		return 0;
	word = bar_read(vf, VMBMEM);
	bar_write(vf, V2PMAILBOX, ACK);
	if (word & answer_nack)
		*answer = MAILBOX_REFUSED;
	else if (word & answer_ack)
		*answer = MAILBOX_DONE;
	return 0;
}

/* The answer to a greeting is a refusal where the VF has no admin MAC: it is an answer all the
 * same. */
static int reset(const struct bar *vf, struct deadline deadline, struct err *err)
{
	const uint32_t greeting[3] = { MESSAGE_RESET };
	enum mailbox_answer answer;
	int rc;

	bar_write(vf, CTRL, bar_read(vf, CTRL) | CTRL_RST);
	if (!pf_is_up(vf, deadline))
		return err_set(err, ETIMEDOUT, "the PF stays in its reset");
	rc = call(vf, greeting, 3, deadline, &answer, err);
	if (!rc && answer == MAILBOX_SILENT)
		rc = err_set(err, ETIMEDOUT, "the PF does not answer the VF's greeting");
	return rc;
}

static unsigned encode(const struct mailbox_message *message, uint32_t words[MAILBOX_WORDS])
{
	static const uint32_t codes[] = { [MAILBOX_SET_MAC] = MESSAGE_SET_MAC,
		[MAILBOX_ADD_FILTER] = MESSAGE_SET_MAC | FILTER_ADD,
		[MAILBOX_CLEAR_FILTERS] = MESSAGE_SET_MAC | FILTER_CLEAR,
		[MAILBOX_ADD_VLAN] = MESSAGE_SET_VLAN | 1 << SUBCODE_SHIFT,
		[MAILBOX_ALL_GROUPS] = MESSAGE_SET_PROMISCUOUS | PROMISCUOUS_GROUPS,
		[MAILBOX_MAX_FRAME] = MESSAGE_SET_FRAME,
		[MAILBOX_TOO_MANY_GROUPS] = MESSAGE_SET_GROUPS | 0xff << SUBCODE_SHIFT,
		[MAILBOX_UNKNOWN] = 0 };

	memset(words, 0, MAILBOX_WORDS * sizeof(*words));
	words[0] = codes[message->request];
	switch (message->request) {
	case MAILBOX_UNKNOWN:
		words[0] = message->number;
		return 1;
	case MAILBOX_ADD_VLAN:
	case MAILBOX_MAX_FRAME:
		words[1] = message->number;
		return 2;
	case MAILBOX_TOO_MANY_GROUPS:
		return MAILBOX_WORDS;
	default:
		memcpy(&words[1], message->mac.octet, sizeof(message->mac.octet));
		return 3;
	}
}

static void spoof_bits(const struct bar *pf, unsigned vf, bool *mac, bool *vlan)
{
	uint32_t control = bar_read(pf, DTXSWC);

	*mac = control >> vf & 1;
	*vlan = control >> (8 + vf) & 1;
}

const struct family family_82576 = {
	.name = "82576",
	.knows = knows,
	.reset = reset,
	.encode = encode,
	.call = call,
	.post = post,
	.scratch = VMBMEM + 4 * 8,
	.spoof_bits = spoof_bits,
};
