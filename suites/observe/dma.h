/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OBSERVE_DMA_H
#define OBSERVE_DMA_H

#include "drivers/registers.h"
#include "host/page.h"
#include "host/vfio_device.h"
#include "observe/dut.h"

/*
 * A VF that can be told to do DMA: its rings are driven from here, past any driver, with the
 * addresses that a hostile guest would give it.
 *
 * There are two ways to a VF. Through VFIO it is as a guest has it: it should reach what is mapped
 * for it and nothing else. Where the kernel confines no VF (there is no IOMMU, or VFs are in
 * identity domains) the VF is bare: its registers are mapped through sysfs, and the addresses it is
 * given are physical ones. The same steps then show what is not confined.
 *
 * Only pages of this process are ever named to the VF.
 */
enum dma_way { DMA_VFIO, DMA_BARE };

struct dma_page {
	uint8_t *memory;   /* PAGE_BYTES of it */
	uint64_t physical; /* its address in the machine */
	uint64_t address;  /* at which the VF reaches it; through VFIO 0 until it is mapped */
};

struct dma {
	struct dut *dut;
	unsigned vf;
	struct bdf bdf;
	enum dma_way way;
	struct vfio_device *vfio;        /* NULL where the VF is bare */
	const struct dma_driver *driver; /* NULL: the VF cannot be told to do DMA */
	struct vf_queues queues;
	struct pages pages;
	unsigned pages_used;
	uint64_t first_iova, iova; /* of the first and of the next page that is mapped */
	bool taken;                /* the VF's driver was taken away */
};

/* Whether VFs of this card can be told; they stand. */
bool dma_is_known(const struct dut *dut, unsigned vf);
enum dma_way dma_way_of(const struct dut *dut, unsigned vf);

/* Takes the VF from its driver; then starts its rings, which are empty. */
int dma_take(struct dut *dut, unsigned vf, struct vfio_wish wish, struct dma *dma, struct err *err);
int dma_start(struct dma *dma, struct err *err);

/* Stops the rings and closes VFIO's descriptors. The VF remains without a driver. */
void dma_let_go(struct dma *dma);

/* Does that too, and brings the VF's driver back. A struct of zeroes is fine. */
void dma_close(struct dma *dma);

/* A fresh page, mapped for the VF with ACCESS, 0: not at all. A PAIR is of two pages of which the
 * second follows the first in memory and in the machine; only the first is mapped. */
int dma_page_take(struct dma *dma, unsigned access, struct dma_page *page, struct err *err);
int dma_pair_take(struct dma *dma, struct dma_page pair[2], struct err *err);

/* Bare VFs reach a page until the machine ends, so this changes nothing for them. */
int dma_page_unmap(struct dma *dma, struct dma_page *page, struct err *err);

int dma_set_master(struct dma *dma, bool on, struct err *err);

/* COUNT more frames are received at ADDRESS, the next ones STRIDE behind it each, and not more than
 * 2 KiB each. */
void dma_receive(struct dma *dma, uint64_t address, unsigned stride, unsigned count);

/* COUNT times the frame of LENGTH bytes at ADDRESS is sent. */
void dma_send(struct dma *dma, uint64_t address, unsigned length, unsigned count);

/* Write descriptors into a page that is to be a ring: COUNT that send the frame at ADDRESS, or a page
 * full of them that receive one there. */
void dma_lay_send_ring(const struct dma *dma, void *ring, uint64_t address, unsigned length,
		unsigned count);
void dma_lay_receive_ring(const struct dma *dma, void *ring, uint64_t address);

/* The VF takes its descriptors from ADDRESS from now on, and the first COUNT are its own to
 * process. Its former ring: the ring.address of dma->queues, and 0. */
void dma_use_send_ring(struct dma *dma, uint64_t address, unsigned count);
void dma_use_receive_ring(struct dma *dma, uint64_t address, unsigned count);

/* Sends one frame, after which the VF writes VALUE (1 to 255, 4 bytes) to ADDRESS. */
void dma_write_back(
		struct dma *dma, uint64_t address, uint8_t value, uint64_t frame, unsigned length);

/* Lets the VF raise each of its vectors once; how many that is. */
unsigned dma_vectors(const struct dma *dma);
void dma_raise(struct dma *dma, unsigned vector);

/* Whether the VF's queues are on. */
bool dma_is_running(const struct dma *dma);

#endif
