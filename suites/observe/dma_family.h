/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OBSERVE_DMA_FAMILY_H
#define OBSERVE_DMA_FAMILY_H

#include "observe/dma.h"

/*
 * What is different from card to card about VFs that are told to do DMA: one file per family, one
 * line in the list of dma.c. Each function does what the one of the same name in dma.h says. Both
 * rings have one page.
 */
struct dma_family {
	uint16_t vendor, device; /* of the VF */
	unsigned vectors;
	int (*start)(struct dma *dma, struct err *err); /* finds dma->mac too */
	void (*stop)(struct dma *dma);
	void (*receive)(struct dma *dma, uint64_t address, unsigned stride, unsigned count);
	void (*send)(struct dma *dma, uint64_t address, unsigned length, unsigned count);
	void (*lay_send_ring)(void *ring, uint64_t address, unsigned length, unsigned count);
	void (*lay_receive_ring)(void *ring, uint64_t address);
	void (*use_send_ring)(struct dma *dma, uint64_t address, unsigned count);
	void (*use_receive_ring)(struct dma *dma, uint64_t address, unsigned count);
	void (*write_back)(struct dma *dma, uint64_t address, uint8_t value, uint64_t frame,
			unsigned length);
	void (*raise)(struct dma *dma, unsigned vector);
	bool (*is_running)(const struct dma *dma);
};

extern const struct dma_family dma_82576;

#endif
