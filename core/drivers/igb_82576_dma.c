/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <endian.h>
#include <string.h>

#include "drivers/igb_82576.h"

/*
 * The queues of VFs of Intel's 82576. Offsets and bits are from its datasheet (8.28, the VF's
 * register set, and 7.1, 7.2 for descriptors). One queue in each direction, 256 descriptors of 16
 * bytes: a page.
 *
 * The PF enables a VF's queues only on request through the mailbox, and delivers frames to the MAC
 * in its answer.
 */

enum {
	VTEICS = 0x1520,
	VTEIMS = 0x1524,
	VTEIMC = 0x1528,
	VTEIAC = 0x152c,
	VTEICR = 0x1580,
	VECTORS = 3,

	SRRCTL_2K = 0x02000002, /* advanced descriptors, one buffer of 2 KiB */
	RDH = 0x2810,
	RDT = 0x2818,
	TDH = 0x3810,
	TDT = 0x3818,
	RING = 256,

	SEND_WHOLE = 0x2b300000, /* a data descriptor, advanced, of a whole frame, with status */
	PAYLEN_SHIFT = 46,

	MESSAGE_KIND = 0xffff, /* of the first word of a message */
	ANSWER_MS = 1000,
	QUEUE_MS = 100,
	POLL_MS = 1,
};

struct descriptor {
	uint64_t address, rest;
};

static uint32_t get(const struct vf_queues *queues, uint32_t offset)
{
	return bar_read(&queues->bar, offset);
}

static void set(const struct vf_queues *queues, uint32_t offset, uint32_t value)
{
	bar_write(&queues->bar, offset, value);
}

static struct deadline deadline_of(const struct vf_queues *queues, int ms)
{
	return deadline_in((int64_t)(ms * queues->scale));
}

static int ask_for_queues(struct vf_queues *queues, struct err *err)
{
	uint32_t words[GREETING_WORDS];
	char name[BDF_TEXT];
	int rc = igb_82576_greet(&queues->bar, deadline_of(queues, ANSWER_MS), words, err);

	bdf_format(queues->vf, name);
	if (rc < 0) {
		err_prefix(err, "%s: ", name);
		return rc;
	}
	if ((words[0] & MESSAGE_KIND) != MESSAGE_RESET)
		return err_set(err, EPROTO, "%s: the PF answers a reset with %08x", name, words[0]);
	for (unsigned i = 0; i < sizeof(queues->mac.octet); i++)
		queues->mac.octet[i] = (uint8_t)(words[1 + i / 4] >> 8 * (i % 4));
	return 0;
}

static void point_ring(const struct vf_queues *queues, uint32_t base, uint64_t address)
{
	set(queues, base, (uint32_t)address);
	set(queues, base + 4, (uint32_t)(address >> 32));
	set(queues, base + 8, RING * sizeof(struct descriptor));
}

struct queue {
	const struct vf_queues *queues;
	uint32_t control;
};

static bool is_on(void *argument)
{
	const struct queue *queue = argument;

	return get(queue->queues, queue->control) & QUEUE_ON;
}

static void turn_on(const struct vf_queues *queues, uint32_t control)
{
	struct queue queue = { queues, control };

	set(queues, control, QUEUE_ON);
	clock_poll(is_on, &queue, deadline_of(queues, QUEUE_MS), POLL_MS);
}

static void send_from(struct vf_queues *queues, uint64_t ring, unsigned head)
{
	set(queues, TXDCTL, 0);
	point_ring(queues, TDBAL, ring);
	set(queues, TDH, head);
	set(queues, TDT, head);
	turn_on(queues, TXDCTL);
	queues->send.tail = head;
}

static void use_send_ring(struct vf_queues *queues, uint64_t address, unsigned count)
{
	send_from(queues, address, 0);
	if (count)
		set(queues, TDT, count);
	queues->send.tail = count;
}

static void use_receive_ring(struct vf_queues *queues, uint64_t address, unsigned count)
{
	set(queues, RXDCTL, 0);
	point_ring(queues, RDBAL, address);
	set(queues, SRRCTL, SRRCTL_2K);
	set(queues, RDH, 0);
	set(queues, RDT, 0);
	turn_on(queues, RXDCTL);
	if (count)
		set(queues, RDT, count);
	queues->receive.tail = count;
}

static bool is_running(const struct vf_queues *queues)
{
	return get(queues, RXDCTL) & QUEUE_ON || get(queues, TXDCTL) & QUEUE_ON;
}

static int start(struct vf_queues *queues, struct err *err)
{
	char name[BDF_TEXT];
	int rc;

	set(queues, VTEIMC, (1 << VECTORS) - 1);
	rc = ask_for_queues(queues, err);
	if (rc < 0)
		return rc;
	set(queues, TDWBAL, 0);
	set(queues, TDWBAH, 0);
	use_send_ring(queues, queues->send.address, 0);
	use_receive_ring(queues, queues->receive.address, 0);
	if (!(get(queues, RXDCTL) & QUEUE_ON) || !(get(queues, TXDCTL) & QUEUE_ON))
		return err_set(err, EIO, "%s: a queue does not turn on",
				bdf_format(queues->vf, name));
	/* Switches off the moderation that the VF's last driver left on: it adds its own
	 * interrupts. */
	for (unsigned i = 0; i < VECTORS; i++)
		set(queues, VTEITR0 + 4 * i, 0);
	set(queues, VTIVAR0, VTIVAR0_OF_IGBVF);
	set(queues, VTIVAR_MISC, VTIVAR_MISC_OF_IGBVF);
	return 0;
}

static void stop(struct vf_queues *queues)
{
	set(queues, VTEIMC, (1 << VECTORS) - 1);
	set(queues, RXDCTL, 0);
	set(queues, TXDCTL, 0);
	set(queues, TDWBAL, 0);
	set(queues, TDWBAH, 0);
	set(queues, VF_CTRL, get(queues, VF_CTRL) | VF_CTRL_RST);
}

static void receive(struct vf_queues *queues, uint64_t address, unsigned stride, unsigned count)
{
	struct descriptor *ring = queues->receive.memory;

	for (unsigned i = 0; i < count; i++) {
		ring[queues->receive.tail] =
				(struct descriptor){ htole64(address + i * stride), 0 };
		queues->receive.tail = (queues->receive.tail + 1) % RING;
	}
	__sync_synchronize();
	set(queues, RDT, queues->receive.tail);
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

static void send_frames(struct vf_queues *queues, uint64_t address, unsigned length, unsigned count)
{
	struct descriptor *ring = queues->send.memory;

	for (unsigned i = 0; i < count; i++) {
		ring[queues->send.tail] = whole_frame(address, length);
		queues->send.tail = (queues->send.tail + 1) % RING;
	}
	__sync_synchronize();
	set(queues, TDT, queues->send.tail);
}

static bool head_is_there(void *argument)
{
	const struct vf_queues *queues = argument;

	return get(queues, TDH) == queues->send.tail;
}

/* The VF writes back its head, the index after the last descriptor that it has sent. */
static void write_back(struct vf_queues *queues, uint64_t address, uint8_t value, uint64_t frame,
		unsigned length)
{
	send_from(queues, queues->send.address, value - 1u);
	set(queues, TDWBAH, (uint32_t)(address >> 32));
	set(queues, TDWBAL, (uint32_t)address | 1);
	send_frames(queues, frame, length, 1);
	clock_poll(head_is_there, queues, deadline_of(queues, QUEUE_MS), POLL_MS);
	set(queues, TDWBAL, 0);
	set(queues, TDWBAH, 0);
}

static void raise_vector(struct vf_queues *queues, unsigned vector)
{
	/* Clears old causes, which would be sent now; this one clears itself when its vector is
	 * sent. */
	set(queues, VTEICR, (1 << VECTORS) - 1);
	set(queues, VTEIAC, (1 << VECTORS) - 1);
	set(queues, VTEIMS, 1u << vector);
	set(queues, VTEICS, 1u << vector);
}

const struct dma_driver igb_82576_dma = {
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
