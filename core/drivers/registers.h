/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_REGISTERS_H
#define DRIVERS_REGISTERS_H

#include "base/clock.h"
#include "base/mac.h"
#include "host/bar.h"
#include "host/host.h"

/*
 * What is known about the registers of one family of cards, which the ids of its functions select:
 * one file each and an entry in registers.c. Each part may be absent (NULL); checks that need it
 * are skipped. Only checks use these files: vfctl links none of them.
 */

/* A register in BAR 0 of a VF. The last one in a list has no name. */
struct vf_register {
	const char *name;
	uint32_t offset;
	uint32_t value; /* what a check writes, in lists of registers to be written */
};

enum { VF_REGISTERS_LIMIT = 16 }; /* of one list */

/* The registers of a VF by purpose. All except SETTLED are those of a VF without a driver. */
struct vf_registers {
	/* Written by a VF's user; the reset of the VF must clear them. */
	const struct vf_register *rings;      /* where the rings are, and how long */
	const struct vf_register *write_back; /* where the card writes its progress */
	const struct vf_register *buffers;    /* the size of buffers */
	const struct vf_register *mailbox;    /* memory that the PF does not write itself */
	const struct vf_register *interrupts; /* vectors and moderation */

	const struct vf_register *counters; /* counts of received and of sent frames */
	const struct vf_register *queues;   /* control of the receive queue, and of the send
					     * queue; VALUE is the enable bit */
	const struct vf_register *status;   /* a single one, not 0, which no reset changes */
	const struct vf_register *settled;  /* those that do not change while a driver runs */
};

/*
 * The mailbox between a VF and its PF, through BAR 0 of a VF without a driver.
 */
enum { MAILBOX_WORDS = 16 };

enum mailbox_request {
	MAILBOX_SET_MAC,
	MAILBOX_ADD_FILTER,    /* one more unicast MAC */
	MAILBOX_CLEAR_FILTERS, /* MAC: any that is valid */
	MAILBOX_ADD_VLAN,      /* number: the id */
	MAILBOX_ALL_GROUPS,    /* receive all multicast frames */
	MAILBOX_MAX_FRAME,     /* number: octets */
	MAILBOX_TOO_MANY_GROUPS,
	MAILBOX_UNKNOWN, /* number: an undefined code */
};

struct mailbox_message {
	enum mailbox_request request;
	struct mac mac;
	uint32_t number;
};

enum mailbox_answer { MAILBOX_DONE, MAILBOX_REFUSED, MAILBOX_SILENT };

struct mailbox_driver {
	/* Resets the VF by register and greets the PF. -ETIMEDOUT: the PF does not answer. */
	int (*reset)(const struct bar *vf, struct deadline deadline, struct err *err);

	/* Encodes MESSAGE into WORDS. Returns the number of words. */
	unsigned (*encode)(const struct mailbox_message *message, uint32_t words[MAILBOX_WORDS]);

	/* Sends the words and waits for the answer. -ETIMEDOUT: they could not be sent. */
	int (*call)(const struct bar *vf, const uint32_t *words, unsigned count,
			struct deadline deadline, enum mailbox_answer *answer, struct err *err);

	/* Sends the words without waiting. */
	void (*post)(const struct bar *vf, const uint32_t *words, unsigned count);

	uint32_t scratch; /* a VF register that may hold any value */
};

/*
 * The queues of a VF without a driver, one in each direction.
 */
struct vf_ring {
	void *memory;     /* a page of 4 KiB */
	uint64_t address; /* the address for the VF */
	unsigned tail;    /* the next descriptor to fill */
};

struct vf_queues {
	struct bdf vf;
	struct bar bar; /* BAR 0 */
	double scale;   /* multiplies every wait */
	struct vf_ring send, receive;
	struct mac mac; /* set by start(): the VF receives unicast frames to it */
};

struct dma_driver {
	unsigned vectors; /* interrupts that the VF has */

	/* Resets the VF by register, and enables both queues with empty rings. */
	int (*start)(struct vf_queues *queues, struct err *err);
	void (*stop)(struct vf_queues *queues);
	bool (*is_running)(const struct vf_queues *queues);

	/* receive() takes COUNT more frames of at most 2 KiB, the first at ADDRESS and each next
	 * one STRIDE after it; send() sends COUNT times the frame of LENGTH bytes at ADDRESS. */
	void (*receive)(struct vf_queues *queues, uint64_t address, unsigned stride,
			unsigned count);
	void (*send)(struct vf_queues *queues, uint64_t address, unsigned length, unsigned count);

	/* Write descriptors into a page that becomes a ring: COUNT descriptors that send the
	 * frame at ADDRESS, or a full page of descriptors that receive a frame there. */
	void (*lay_send_ring)(void *ring, uint64_t address, unsigned length, unsigned count);
	void (*lay_receive_ring)(void *ring, uint64_t address);

	/* From now on the VF reads its descriptors at ADDRESS and owns the first COUNT. */
	void (*use_send_ring)(struct vf_queues *queues, uint64_t address, unsigned count);
	void (*use_receive_ring)(struct vf_queues *queues, uint64_t address, unsigned count);

	/* Sends one frame, after which the VF writes VALUE (1 to 255, 4 bytes) to ADDRESS. */
	void (*write_back)(struct vf_queues *queues, uint64_t address, uint8_t value,
			uint64_t frame, unsigned length);

	void (*raise)(struct vf_queues *queues, unsigned vector); /* one interrupt */
};

struct card_registers {
	const char *card;
	uint16_t vendor;
	const uint16_t *pf_devices; /* 0 ends the list */
	uint16_t vf_device;
	const struct vf_registers *vf;
	const struct mailbox_driver *mailbox;
	const struct dma_driver *dma;

	/* The anti-spoof bits of a VF, in BAR 0 of the PF. */
	void (*spoof_bits)(const struct bar *pf, unsigned vf, bool *mac, bool *vlan);
};

/* All families of cards with known registers; NULL ends the list. */
extern const struct card_registers *const card_registers[];

/* Finds the entry by the ids of a PF or a VF. NULL: the registers of this card are unknown. */
const struct card_registers *card_registers_find(uint16_t vendor, uint16_t device);
const struct card_registers *card_registers_of(const struct host *host, struct bdf function);

#endif
