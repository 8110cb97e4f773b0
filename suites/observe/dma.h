/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OBSERVE_DMA_H
#define OBSERVE_DMA_H

#include "drivers/registers.h"
#include "host/page.h"
#include "host/vfio_device.h"
#include "observe/dut.h"

/*
 * Drives the DMA engine of a VF, without a driver, with addresses that a hostile guest could use.
 *
 * There are two ways. Through VFIO the VF is as a guest gets it: it should reach the memory that is
 * mapped for it and nothing else. If the kernel does not confine VFs (there is no IOMMU, or VFs are
 * in identity domains), the VF is bare: its registers are mapped through sysfs, and it gets
 * physical addresses. The same checks then show what is not confined.
 *
 * The VF only ever gets addresses of this process's own pages.
 */
enum dma_way { DMA_VFIO, DMA_BARE };

struct dma_page {
	uint8_t *memory;   /* PAGE_BYTES of it */
	uint64_t physical; /* its address in the machine */
	uint64_t address;  /* at which the VF reaches it; through VFIO 0 until mapped */
};

struct dma {
	struct dut *dut;
	unsigned vf;
	struct bdf bdf;
	enum dma_way way;
	struct vfio_device *vfio;        /* NULL if the VF is bare */
	const struct dma_driver *driver; /* NULL: unknown how VFs of this card do DMA */
	struct vf_queues queues;
	struct pages pages;
	unsigned pages_used;
	uint64_t first_iova, iova; /* of the first and of the next page to be mapped */
	bool taken;                /* the VF was unbound from its driver */
};

/* Whether core/drivers knows how VFs of this card do DMA. */
bool dma_is_known(const struct dut *dut, unsigned vf);
enum dma_way dma_way_of(const struct dut *dut, unsigned vf);

/* Takes the VF from its driver, then starts its rings, which are empty. */
int dma_take(struct dut *dut, unsigned vf, struct vfio_options options, struct dma *dma,
		struct err *err);
int dma_start(struct dma *dma, struct err *err);

/* Stops the rings and closes VFIO's descriptors. The VF remains without a driver. */
void dma_let_go(struct dma *dma);

/* Does the same, and binds the VF's driver again. A struct of zeroes is fine. */
void dma_close(struct dma *dma);

/* Take a fresh page and map it for the VF with ACCESS; 0: do not map it. A PAIR is two pages,
 * adjacent in virtual and in physical memory, of which only the first is mapped. */
int dma_page_take(struct dma *dma, unsigned access, struct dma_page *page, struct err *err);
int dma_pair_take(struct dma *dma, struct dma_page pair[2], struct err *err);

/* Has no effect on bare VFs, which reach any page. */
int dma_page_unmap(struct dma *dma, struct dma_page *page, struct err *err);

int dma_set_master(struct dma *dma, bool on, struct err *err);

/* Gives the VF COUNT more receive buffers of at most 2 KiB: the first at ADDRESS, each next one
 * STRIDE further. */
void dma_receive(struct dma *dma, uint64_t address, unsigned stride, unsigned count);

/* Sends the frame of LENGTH bytes at ADDRESS, COUNT times. */
void dma_send(struct dma *dma, uint64_t address, unsigned length, unsigned count);

/* Write descriptors into a page that becomes a ring: COUNT that send the frame at ADDRESS, or a
 * page full of them that receive there. */
void dma_lay_send_ring(const struct dma *dma, void *ring, uint64_t address, unsigned length,
		unsigned count);
void dma_lay_receive_ring(const struct dma *dma, void *ring, uint64_t address);

/* Make ADDRESS the VF's ring, and hand the VF the first COUNT descriptors. Its own ring is the
 * ring.address of dma->queues, with a COUNT of 0. */
void dma_use_send_ring(struct dma *dma, uint64_t address, unsigned count);
void dma_use_receive_ring(struct dma *dma, uint64_t address, unsigned count);

/* Sends one frame, after which the VF writes VALUE (1 to 255, 4 bytes) to ADDRESS. */
void dma_write_back(
		struct dma *dma, uint64_t address, uint8_t value, uint64_t frame, unsigned length);

/* The number of the VF's vectors; raises one of them. */
unsigned dma_vectors(const struct dma *dma);
void dma_raise(struct dma *dma, unsigned vector);

/* Whether the VF's queues are on. */
bool dma_is_running(const struct dma *dma);

#endif
