/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_PAGE_H
#define HOST_PAGE_H

#include <stddef.h>
#include <stdint.h>

#include "host/host.h"

/*
 * Pages of this process with known physical addresses that do not change: single pages of 4 KiB,
 * zeroed, locked and pinned, so that the kernel cannot move one while a device uses its address.
 */
enum { PAGE_BYTES = 4096 };

struct pages {
	uint8_t *memory; /* NULL: none; the pages in sequence */
	unsigned count;
	uint64_t *physical; /* address of each page */
	int pin[2];
};

/* Needs root: the kernel hides physical addresses from other users. At most 256 pages. */
int pages_take(const struct host *host, unsigned count, struct pages *pages, struct err *err);
void pages_give(struct pages *pages);

#endif
