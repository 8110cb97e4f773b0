/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_BAR_H
#define HOST_BAR_H

#include <stddef.h>
#include <stdint.h>

#include "host/host.h"

/*
 * The memory of a function's BAR, mapped through sysfs: reads and writes its registers without the
 * driver. While a driver is bound to the function the kernel refuses the mapping, unless it was
 * booted with iomem=relaxed.
 */
struct bar {
	void *memory; /* NULL: not mapped */
	size_t size;
};

int bar_map(const struct host *host, struct bdf bdf, unsigned number, struct bar *bar,
		struct err *err);
void bar_unmap(struct bar *bar);

/* OFFSET is a multiple of 4. Outside the BAR reads return all ones and writes do nothing. */
uint32_t bar_read(const struct bar *bar, uint32_t offset);
void bar_write(const struct bar *bar, uint32_t offset, uint32_t value);

#endif
