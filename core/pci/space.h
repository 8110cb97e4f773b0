/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PCI_SPACE_H
#define PCI_SPACE_H

#include <stdbool.h>

#include "host/config.h"

/*
 * Configuration spaces as they were at one moment: what the rules (pci/rules.h) are applied to,
 * whether they come from a running machine or from a dump. Reads past the end give all
 * bits one; walks end on any content.
 */
enum { SPACE_SIZE = 4096, SPACE_BARS = 6 };

struct space {
	struct bdf bdf;
	unsigned length;               /* 0: the function is not there; else 64, 256 or 4096 */
	uint64_t bar_size[SPACE_BARS]; /* bytes; 0: not known, or not there */
	uint8_t bytes[SPACE_SIZE];
};

uint8_t space_byte(const struct space *space, unsigned offset);
uint16_t space_word(const struct space *space, unsigned offset);
uint32_t space_long(const struct space *space, unsigned offset);

/* The offset of the first capability with this id, 0: none. */
unsigned space_capability(const struct space *space, uint8_t id);
unsigned space_extended(const struct space *space, uint16_t id);

/* A PF, its VFs, the port above it, and the other functions of its device. */
struct card {
	struct space pf;
	struct space port; /* length 0: none above it, or not in the dump */
	bool complete;     /* false: functions may be missing that the card has */
	size_t vf_count;   /* NumVFs while VF Enable is set */
	struct space *vfs; /* of these, VF n is vfs[n]; length 0: not there */
	size_t sibling_count;
	struct space *siblings; /* no VFs among them */
};

int card_read(const struct host *host, struct bdf pf, struct card *card, struct err *err);

/* The same without the VFs, whose number is 0 then. */
int card_read_device(const struct host *host, struct bdf pf, struct card *card, struct err *err);

int card_read_dump(struct dump *dump, struct bdf pf, struct card *card, struct err *err);
void card_free(struct card *card);
void cleanup_card(struct card *card);

/* The PFs of a dump: functions with an SR-IOV capability. LIST is for the caller to free. */
int card_list_dump(struct dump *dump, struct bdf **list, size_t *count, struct err *err);

/* Where VF INDEX is, by First VF Offset and VF Stride. False: beyond the last bus. */
bool card_vf_at(const struct card *card, unsigned index, struct bdf *vf);

/* How many of the card's VFs have a configuration space of LENGTH or more here. */
size_t card_vfs_read(const struct card *card, unsigned length);

#endif
