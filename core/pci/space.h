/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PCI_SPACE_H
#define PCI_SPACE_H

#include <stdbool.h>

#include "host/config.h"

/*
 * A snapshot of configuration spaces, from a running machine or from a dump, to which the rules
 * (pci/rules.h) apply. Reads past the end return all ones; walks end on any content.
 */
enum { SPACE_SIZE = 4096, SPACE_BARS = 6 };

struct space {
	struct bdf bdf;
	unsigned length;               /* 0: there is no such function; else 64, 256 or 4096 */
	uint64_t bar_size[SPACE_BARS]; /* bytes; 0: unknown, or no BAR */
	uint8_t bytes[SPACE_SIZE];
};

uint8_t space_byte(const struct space *space, unsigned offset);
uint16_t space_word(const struct space *space, unsigned offset);
uint32_t space_long(const struct space *space, unsigned offset);

/* Returns the offset of the first capability with this id, 0: none. */
unsigned space_capability(const struct space *space, uint8_t id);
unsigned space_extended(const struct space *space, uint16_t id);

/* Reads what can be read of a function of HOST. */
int space_read(const struct host *host, struct bdf bdf, struct space *space, struct err *err);

/* A PF, its VFs, the port above it, and the other functions of its device. */
struct card {
	struct space pf;
	struct space port; /* length 0: none above it, or not in the dump */
	bool complete;     /* false: functions of the card may be missing */
	size_t vf_count;   /* NumVFs while VF Enable is set */
	struct space *vfs; /* VF_COUNT of them, by VF number; length 0: missing */
	size_t sibling_count;
	struct space *siblings; /* without VFs */
};

int card_read(const struct host *host, struct bdf pf, struct card *card, struct err *err);

/* The same without the VFs: VF_COUNT is 0. */
int card_read_device(const struct host *host, struct bdf pf, struct card *card, struct err *err);

int card_read_dump(struct dump *dump, struct bdf pf, struct card *card, struct err *err);
void card_free(struct card *card);
void cleanup_card(struct card *card);

/* Lists the PFs of a dump: functions with an SR-IOV capability. The caller frees LIST. */
int card_list_dump(struct dump *dump, struct bdf **list, size_t *count, struct err *err);

/* Computes the address of VF INDEX from First VF Offset and VF Stride. False: it is beyond the
 * last bus. */
bool card_vf_at(const struct card *card, unsigned index, struct bdf *vf);

/* How many of the card's VFs have a configuration space of at least LENGTH bytes here. */
size_t card_vfs_read(const struct card *card, unsigned length);

#endif
