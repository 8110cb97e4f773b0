/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "drivers/igb_82576.h"

/*
 * Intel 82576 (driver igb, VFs igbvf). Registers and messages: 82576 Gigabit Ethernet Controller
 * Datasheet, 8.14 (PF) and 8.28 (VF); the messages are those of Linux's igb. igb_82576_dma.c has
 * the queues of a VF.
 *
 * Reading PFSTS clears it: nothing else may read the register at the same time.
 */

enum {
	V2PMAILBOX = 0xc40,
	REQ = 1 << 0,   /* written: there is a message for the PF */
	ACK = 1 << 1,   /* written: its message has been read */
	VFU = 1 << 2,   /* the VF owns the memory */
	PFSTS = 1 << 4, /* the PF has written a message; cleared by reading */
	RSTI = 1 << 6,  /* the PF itself is in a reset */
	VMBMEM = 0x800,
	DTXSWC = 0x3500, /* in the PF: anti-spoof of MACs in bits 0 to 7, of VLANs in 8 to 15 */
};

enum {
	MESSAGE_SET_MAC = 2,
	MESSAGE_SET_GROUPS = 3,
	MESSAGE_SET_VLAN = 4,
	MESSAGE_SET_FRAME = 5,
	MESSAGE_SET_PROMISCUOUS = 6,
	SUBCODE_SHIFT = 16,
	FILTER_CLEAR = 1 << SUBCODE_SHIFT,
	FILTER_ADD = 2 << SUBCODE_SHIFT,
	PROMISCUOUS_GROUPS = 2 << SUBCODE_SHIFT,
};

static const uint32_t answer_ack = 1u << 31, answer_nack = 1u << 30;

/* Reads until one of BITS is set. */
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

/* ANSWER gets the first words of the PF's answer, or zeros if there is none. */
static int exchange(const struct bar *vf, const uint32_t *words, unsigned count,
		uint32_t answer[GREETING_WORDS], struct deadline deadline, struct err *err)
{
	memset(answer, 0, GREETING_WORDS * sizeof(*answer));
	if (!own_memory(vf, deadline))
		return err_set(err, ETIMEDOUT, "the VF does not get its mailbox");
	write_words(vf, words, count);
	bar_write(vf, V2PMAILBOX, REQ);
	if (!await(vf, PFSTS, deadline) || !own_memory(vf, deadline))
		return 0;
	for (unsigned i = 0; i < GREETING_WORDS; i++)
		answer[i] = bar_read(vf, VMBMEM + 4 * i);
	bar_write(vf, V2PMAILBOX, ACK);
	return 0;
}

static int call(const struct bar *vf, const uint32_t *words, unsigned count,
		struct deadline deadline, enum mailbox_answer *answer, struct err *err)
{
	uint32_t read[GREETING_WORDS];
	int rc = exchange(vf, words, count, read, deadline, err);

	*answer = read[0] & answer_nack        ? MAILBOX_REFUSED
			: read[0] & answer_ack ? MAILBOX_DONE
					       : MAILBOX_SILENT;
	return rc;
}

int igb_82576_greet(const struct bar *vf, struct deadline deadline, uint32_t answer[GREETING_WORDS],
		struct err *err)
{
	const uint32_t greeting[GREETING_WORDS] = { MESSAGE_RESET };
	int rc;

	bar_write(vf, VF_CTRL, bar_read(vf, VF_CTRL) | VF_CTRL_RST);
	if (!pf_is_up(vf, deadline))
		return err_set(err, ETIMEDOUT, "the PF stays in its reset");
	rc = exchange(vf, greeting, GREETING_WORDS, answer, deadline, err);
	if (!rc && !(answer[0] & (answer_ack | answer_nack)))
		rc = err_set(err, ETIMEDOUT, "the PF does not answer the VF's greeting");
	return rc;
}

static int reset(const struct bar *vf, struct deadline deadline, struct err *err)
{
	uint32_t answer[GREETING_WORDS];

	return igb_82576_greet(vf, deadline, answer, err);
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

static const struct mailbox_driver mailbox = {
	.reset = reset,
	.encode = encode,
	.call = call,
	.post = post,
	.scratch = VMBMEM + 4 * 8,
};

static const struct vf_registers vf_registers = {
	.rings = (const struct vf_register[]){ { "RDBAL", RDBAL, 0x12345680 },
			{ "RDBAH", RDBAH, 0x0000dead }, { "RDLEN", RDLEN, 0x00000100 },
			{ "TDBAL", TDBAL, 0x76543200 }, { "TDBAH", TDBAH, 0x0000beef },
			{ "TDLEN", TDLEN, 0x00000200 }, { 0 } },
	.write_back = (const struct vf_register[]){ { "TDWBAL", TDWBAL, 0x5a5a5a01 },
			{ "TDWBAH", TDWBAH, 0x0000dead }, { 0 } },
	.buffers = (const struct vf_register[]){ { "SRRCTL", SRRCTL, 0x02000205 }, { 0 } },
	/* The PF itself writes the first words. */
	.mailbox = (const struct vf_register[]){ { "word 8 of the mailbox", VMBMEM + 4 * 8,
								 0x5ec2e7a1 },
			{ "word 9 of the mailbox", VMBMEM + 4 * 9, 0x5ec2e7a2 },
			{ "word 15 of the mailbox", VMBMEM + 4 * 15, 0x5ec2e7a3 }, { 0 } },
	.interrupts = (const struct vf_register[]){ { "VTEITR", VTEITR0, 0x00003ffc },
			{ "VTIVAR", VTIVAR0, VTIVAR0_OF_IGBVF },
			{ "VTIVAR_MISC", VTIVAR_MISC, VTIVAR_MISC_OF_IGBVF }, { 0 } },
	.counters = (const struct vf_register[]){ { "VFGPRC", 0xf10 }, { "VFGPTC", 0xf14 }, { 0 } },
	.queues = (const struct vf_register[]){ { "RXDCTL", RXDCTL, QUEUE_ON },
			{ "TXDCTL", TXDCTL, QUEUE_ON }, { 0 } },
	.status = (const struct vf_register[]){ { "STATUS", 0x0008 }, { 0 } },
	.settled = (const struct vf_register[]){ { "RDBAL", RDBAL }, { "RDBAH", RDBAH },
			{ "RDLEN", RDLEN }, { "SRRCTL", SRRCTL }, { "RXDCTL", RXDCTL },
			{ "TDBAL", TDBAL }, { "TDBAH", TDBAH }, { "TDLEN", TDLEN },
			{ "TXDCTL", TXDCTL }, { "VTIVAR", VTIVAR0 }, { "VTIVAR_MISC", VTIVAR_MISC },
			{ 0 } },
};

static void spoof_bits(const struct bar *pf, unsigned vf, bool *mac, bool *vlan)
{
	uint32_t control = bar_read(pf, DTXSWC);

	*mac = control >> vf & 1;
	*vlan = control >> (8 + vf) & 1;
}

static const uint16_t pf_devices[] = { 0x10c9, 0x10e6, 0x10e7, 0x10e8, 0x150a, 0x150d, 0x1518,
	0x1526, 0 };

const struct card_registers card_registers_igb_82576 = {
	.card = "82576",
	.vendor = 0x8086,
	.pf_devices = pf_devices,
	.vf_device = 0x10ca,
	.vf = &vf_registers,
	.mailbox = &mailbox,
	.dma = &igb_82576_dma,
	.spoof_bits = spoof_bits,
};
