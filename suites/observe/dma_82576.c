/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <endian.h>
#include <string.h>

#include "observe/dma_family.h"

/*
 * VFs of Intel's 82576. Offsets and bits are those of its datasheet (8.27, the VF's register set,
 * and 7.1, 7.2 for descriptors). One queue each way, 256 descriptors of 16 bytes: a page.
 *
 * The PF hands a VF its queues only when asked through the mailbox, and lets frames in by the MAC
 * that it answers with.
 */

enum {
	CTRL = 0x0000,
	CTRL_RST = 1 << 26,
	V2PMAILBOX = 0x0c40,
	MAILBOX_REQ = 1 << 0,
	MAILBOX_ACK = 1 << 1,
	MAILBOX_VFU = 1 << 2,   /* the buffer is the VF's */
	MAILBOX_PFSTS = 1 << 4, /* the PF has written; reading clears it */
	VMBMEM = 0x0800,
	MESSAGE_RESET = 1,
	MESSAGE_KIND = 0xffff,

	VTEICS = 0x1520,
	VTEIMS = 0x1524,
	VTEIMC = 0x1528,
	VTEIAC = 0x152c,
	VTEICR = 0x1580,
	VTEITR0 = 0x1680,
	VTIVAR0 = 0x1700,
	VTIVAR_MISC = 0x1740,
	VECTORS = 3,

	RDBAL = 0x2800,
	RDBAH = 0x2804,
	RDLEN = 0x2808,
	SRRCTL = 0x280c,
	SRRCTL_2K = 0x02000002, /* advanced descriptors, one buffer of 2 KiB */
	RDH = 0x2810,
	RDT = 0x2818,
	RXDCTL = 0x2828,

	TDBAL = 0x3800,
	TDBAH = 0x3804,
	TDLEN = 0x3808,
	TDH = 0x3810,
	TDT = 0x3818,
	TXDCTL = 0x3828,
	TDWBAL = 0x3838, /* bit 0: the head is written back to this address */
	TDWBAH = 0x383c,

	QUEUE_ON = 1 << 25,
	RING = 256,

	SEND_WHOLE = 0x2b300000, /* a data descriptor, advanced, of a whole frame, with status */
	PAYLEN_SHIFT = 46,

	REPLY_MS = 1000,
	QUEUE_MS = 100,
	POLL_MS = 1,
};

struct descriptor {
	uint64_t address, rest;
};

static uint32_t get(const struct dma *dma, uint32_t offset)
{
	return bar_read(&dma->bar, offset);
}

static void set(const struct dma *dma, uint32_t offset, uint32_t value)
{
	bar_write(&dma->bar, offset, value);
}

struct bits {
	const struct dma *dma;
	uint32_t offset, mask, seen, write;
};

/* Bits that reading clears are gathered; where there is something to write, it is tried anew. */
static bool has_bits(void *argument)
{
	struct bits *bits = argument;

	if (bits->write)
		set(bits->dma, bits->offset, bits->write);
	bits->seen |= get(bits->dma, bits->offset);
	return bits->seen & bits->mask;
}

static int await(const struct dma *dma, uint32_t offset, uint32_t mask, uint32_t write, int ms)
{
	struct bits bits = { dma, offset, mask, 0, write };

	return clock_poll(has_bits, &bits, dut_deadline(dma->dut, ms), POLL_MS) ? 0 : -ETIMEDOUT;
}

static int ask_for_queues(struct dma *dma, struct err *err)
{
	uint32_t words[3];
	char name[BDF_TEXT];

	bdf_format(dma->bdf, name);
	set(dma, CTRL, get(dma, CTRL) | CTRL_RST);
	if (await(dma, V2PMAILBOX, MAILBOX_VFU, MAILBOX_VFU, REPLY_MS) < 0)
		return err_set(err, ETIMEDOUT, "%s: the mailbox is not to be had", name);
	set(dma, VMBMEM, MESSAGE_RESET);
	set(dma, V2PMAILBOX, MAILBOX_REQ);
	if (await(dma, V2PMAILBOX, MAILBOX_PFSTS, 0, REPLY_MS) < 0)
		return err_set(err, ETIMEDOUT, "%s: the PF does not answer: is it up?", name);
	for (unsigned i = 0; i < 3; i++)
		words[i] = htole32(get(dma, VMBMEM + 4 * i));
	set(dma, V2PMAILBOX, MAILBOX_ACK);
	if ((le32toh(words[0]) & MESSAGE_KIND) != MESSAGE_RESET)
		return err_set(err, EPROTO, "%s: the PF answers a reset with %08x", name,
				le32toh(words[0]));
	memcpy(dma->mac.octet, &words[1], sizeof(dma->mac.octet));
	return 0;
}

static void point_ring(const struct dma *dma, uint32_t base, uint64_t address)
{
	set(dma, base, (uint32_t)address);
	set(dma, base + 4, (uint32_t)(address >> 32));
	set(dma, base + 8, RING * sizeof(struct descriptor));
}

static int turn_on(const struct dma *dma, uint32_t control)
{
	set(dma, control, QUEUE_ON);
	return await(dma, control, QUEUE_ON, 0, QUEUE_MS);
}

static void send_from(struct dma *dma, uint64_t ring, unsigned head)
{
	set(dma, TXDCTL, 0);
	point_ring(dma, TDBAL, ring);
	set(dma, TDH, head);
	set(dma, TDT, head);
	turn_on(dma, TXDCTL);
	dma->send_tail = head;
}

static void use_send_ring(struct dma *dma, uint64_t address, unsigned count)
{
	send_from(dma, address, 0);
	if (count)
		set(dma, TDT, count);
	dma->send_tail = count;
}

static void use_receive_ring(struct dma *dma, uint64_t address, unsigned count)
{
	set(dma, RXDCTL, 0);
	point_ring(dma, RDBAL, address);
	set(dma, SRRCTL, SRRCTL_2K);
	set(dma, RDH, 0);
	set(dma, RDT, 0);
	turn_on(dma, RXDCTL);
	if (count)
		set(dma, RDT, count);
	dma->receive_tail = count;
}

static bool is_running(const struct dma *dma)
{
	return get(dma, RXDCTL) & QUEUE_ON || get(dma, TXDCTL) & QUEUE_ON;
}

static int start(struct dma *dma, struct err *err)
{
	char name[BDF_TEXT];
	int rc;

	set(dma, VTEIMC, (1 << VECTORS) - 1);
	rc = ask_for_queues(dma, err);
	if (rc < 0)
		return rc;
	set(dma, TDWBAL, 0);
	set(dma, TDWBAH, 0);
	use_send_ring(dma, dma->send_ring.address, 0);
	use_receive_ring(dma, dma->receive_ring.address, 0);
	if (!(get(dma, RXDCTL) & QUEUE_ON) || !(get(dma, TXDCTL) & QUEUE_ON))
		return err_set(err, EIO, "%s: a queue does not turn on",
				bdf_format(dma->bdf, name));
	/* No moderation, which the VF's last driver has left on: it adds interrupts of its own. */
	for (unsigned i = 0; i < VECTORS; i++)
		set(dma, VTEITR0 + 4 * i, 0);
	/* Vector 0 for sending, 1 for receiving, 2 for the mailbox: as igbvf has them. QEMU's igb adds
	 * the vectors of a VF's drivers up, across resets (hw/net/igb_core.c, igb_set_vtivar()), and
	 * after other ones igbvf would hear its interrupts no more. */
	set(dma, VTIVAR0, 0x8081);
	set(dma, VTIVAR_MISC, 0x82);
	return 0;
}

static void stop(struct dma *dma)
{
	set(dma, VTEIMC, (1 << VECTORS) - 1);
	set(dma, RXDCTL, 0);
	set(dma, TXDCTL, 0);
	set(dma, TDWBAL, 0);
	set(dma, TDWBAH, 0);
	set(dma, CTRL, get(dma, CTRL) | CTRL_RST);
}

static void receive(struct dma *dma, uint64_t address, unsigned stride, unsigned count)
{
	struct descriptor *ring = (struct descriptor *)dma->receive_ring.memory;

	for (unsigned i = 0; i < count; i++) {
		ring[dma->receive_tail] = (struct descriptor){ htole64(address + i * stride), 0 };
		dma->receive_tail = (dma->receive_tail + 1) % RING;
	}
	__sync_synchronize();
	set(dma, RDT, dma->receive_tail);
}

static struct descriptor whole_frame(uint64_t address, unsigned length)
{
	return (struct descriptor){ htole64(address),
		htole64((uint64_t)length << PAYLEN_SHIFT | SEND_WHOLE | length) };
}

static void lay_send_ring(void *memory, uint64_t address, unsigned length, unsigned count)
{
	struct descriptor *ring = memory;

	for (unsigned i = 0; i < count; i++)
		ring[i] = whole_frame(address, length);
}

static void lay_receive_ring(void *memory, uint64_t address)
{
	struct descriptor *ring = memory;

	for (unsigned i = 0; i < RING; i++)
		ring[i] = (struct descriptor){ htole64(address), 0 };
}

static void send_frames(struct dma *dma, uint64_t address, unsigned length, unsigned count)
{
	struct descriptor *ring = (struct descriptor *)dma->send_ring.memory;

	for (unsigned i = 0; i < count; i++) {
		ring[dma->send_tail] = whole_frame(address, length);
		dma->send_tail = (dma->send_tail + 1) % RING;
	}
	__sync_synchronize();
	set(dma, TDT, dma->send_tail);
}

static bool head_is_there(void *argument)
{
	const struct dma *dma = argument;

	return get(dma, TDH) == dma->send_tail;
}

/* What the VF writes back is its head, the index behind the last descriptor that it has sent. */
static void write_back(
		struct dma *dma, uint64_t address, uint8_t value, uint64_t frame, unsigned length)
{
	send_from(dma, dma->send_ring.address, value - 1u);
	set(dma, TDWBAH, (uint32_t)(address >> 32));
	set(dma, TDWBAL, (uint32_t)address | 1);
	send_frames(dma, frame, length, 1);
	clock_poll(head_is_there, dma, dut_deadline(dma->dut, QUEUE_MS), POLL_MS);
	set(dma, TDWBAL, 0);
	set(dma, TDWBAH, 0);
}

static void raise_vector(struct dma *dma, unsigned vector)
{
	/* Causes of the past would be sent now; this one clears itself when its vector is sent. */
	set(dma, VTEICR, (1 << VECTORS) - 1);
	set(dma, VTEIAC, (1 << VECTORS) - 1);
	set(dma, VTEIMS, 1u << vector);
	set(dma, VTEICS, 1u << vector);
}

const struct dma_family dma_82576 = {
	.vendor = 0x8086,
	.device = 0x10ca,
	.vectors = VECTORS,
	.start = start,
	.stop = stop,
	.receive = receive,
	.send = send_frames,
	.lay_send_ring = lay_send_ring,
	.lay_receive_ring = lay_receive_ring,
	.use_send_ring = use_send_ring,
	.use_receive_ring = use_receive_ring,
	.write_back = write_back,
	.raise = raise_vector,
	.is_running = is_running,
};
