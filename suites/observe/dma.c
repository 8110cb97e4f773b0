/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/dma.h"

#include <string.h>
#include <sys/random.h>

#include "base/cleanup.h"
#include "host/config.h"
#include "observe/facts.h"
#include "pci/pcie.h"
#include "sriov/vfs.h"

/*
 * Takes a VF from its driver, in one of the two ways, and gives it pages. Mapped pages are far
 * apart in the VF's address space, so that nothing is mapped next to them.
 */

enum {
	PAGES = 128, /* enough for a session, and enough that some are physically adjacent */
	IOVA_STEP = 16 * PAGE_BYTES,
	IOVA_ROOM = 1 << 24, /* more than all pages take */
};

static const struct dma_driver *driver_of(const struct dut *dut, unsigned vf)
{
	const struct card_registers *card = card_registers_of(dut->host, dut->vfs[vf].bdf);

	return card ? card->dma : NULL;
}

bool dma_is_known(const struct dut *dut, unsigned vf)
{
	return driver_of(dut, vf) != NULL;
}

enum dma_way dma_way_of(const struct dut *dut, unsigned vf)
{
	int group = group_of(dut, dut->vfs[vf].bdf);
	char type[32];

	if (group < 0 || group_type(dut, group, type, sizeof(type), NULL) < 0)
		return DMA_BARE;
	return strncmp(type, "DMA", 3) ? DMA_BARE : DMA_VFIO;
}

/* Below the narrowest address width of VT-d (39 bits), apart from the addresses of other VFs, and a
 * different place each time. */
static int choose_iova(struct dma *dma, struct err *err)
{
	uint32_t number;

	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		return err_sys(err, "cannot draw an address");
	dma->iova = (1ull << 38) + dma->vf * (1ull << 35) + (number & 0x7ffull) * IOVA_ROOM;
	dma->first_iova = dma->iova;
	return 0;
}

static int take_by_vfio(struct dma *dma, struct vfio_options options, struct err *err)
{
	int rc = function_bind(dma->dut->host, dma->bdf, "vfio-pci", err);

	return rc ? rc : vfio_device_open(dma->dut->host, dma->bdf, options, &dma->vfio, err);
}

static int take_bare(struct dma *dma, struct err *err)
{
	int rc = function_unbind(dma->dut->host, dma->bdf, err);

	return rc ? rc : function_write(dma->dut->host, dma->bdf, "enable", "1", err);
}

int dma_take(struct dut *dut, unsigned vf, struct vfio_options options, struct dma *dma,
		struct err *err)
{
	int rc;

	*dma = (struct dma){ .dut = dut, .vf = vf, .bdf = dut->vfs[vf].bdf };
	dma->way = dma_way_of(dut, vf);
	dma->driver = driver_of(dut, vf);
	rc = choose_iova(dma, err);
	if (rc < 0)
		return rc;
	dma->taken = true;
	rc = dma->way == DMA_VFIO ? take_by_vfio(dma, options, err) : take_bare(dma, err);
	return rc ? rc : pages_take(dut->host, PAGES, &dma->pages, err);
}

static int take_ring(struct dma *dma, struct vf_ring *ring, struct err *err)
{
	struct dma_page page;
	int rc = dma_page_take(dma, VFIO_ACCESS_BOTH, &page, err);

	if (!rc)
		*ring = (struct vf_ring){ page.memory, page.address, 0 };
	return rc;
}

int dma_start(struct dma *dma, struct err *err)
{
	struct vf_queues *queues = &dma->queues;
	int rc = dma_set_master(dma, true, err);

	if (!dma->driver)
		return err_set(err, EOPNOTSUPP, "how VFs of this card do DMA is not known");
	*queues = (struct vf_queues){ .vf = dma->bdf, .scale = dma->dut->scale };
	if (!rc)
		rc = dma->vfio ? vfio_device_map_bar(dma->vfio, 0, &queues->bar, err)
			       : bar_map(dma->dut->host, dma->bdf, 0, &queues->bar, err);
	if (!rc)
		rc = take_ring(dma, &queues->send, err);
	if (!rc)
		rc = take_ring(dma, &queues->receive, err);
	return rc ? rc : dma->driver->start(queues, err);
}

void dma_let_go(struct dma *dma)
{
	if (dma->queues.bar.memory)
		dma->driver->stop(&dma->queues);
	bar_unmap(&dma->queues.bar);
	if (dma->way == DMA_BARE) {
		dma_set_master(dma, false, NULL);
		function_write(dma->dut->host, dma->bdf, "enable", "0", NULL);
	}
	vfio_device_close(TAKE(dma->vfio));
}

void dma_close(struct dma *dma)
{
	if (dma->taken) {
		dma_let_go(dma);
		/* vfsuite compares the state after the check, and reports a missing driver. */
		dut_rebind_vf(dma->dut, dma->vf, NULL);
	}
	pages_give(&dma->pages);
	*dma = (struct dma){ 0 };
}

/* Returns an address at which nothing was ever mapped. */
static uint64_t next_iova(struct dma *dma)
{
	uint64_t address = dma->iova;

	dma->iova += IOVA_STEP;
	return address;
}

static int map_page(struct dma *dma, unsigned access, struct dma_page *page, struct err *err)
{
	uint64_t iova = next_iova(dma);
	int rc;

	if (!dma->vfio) {
		page->address = page->physical;
		return 0;
	}
	rc = vfio_device_map(dma->vfio, iova, page->memory, PAGE_BYTES, access, err);
	page->address = rc ? 0 : iova;
	return rc;
}

static struct dma_page page_at(const struct dma *dma, unsigned index)
{
	return (struct dma_page){ .memory = dma->pages.memory + (size_t)index * PAGE_BYTES,
		.physical = dma->pages.physical[index] };
}

int dma_page_take(struct dma *dma, unsigned access, struct dma_page *page, struct err *err)
{
	if (dma->pages_used == dma->pages.count)
		return err_set(err, ENOMEM, "all %u pages for DMA are in use", dma->pages.count);
	*page = page_at(dma, dma->pages_used++);
	if (access)
		return map_page(dma, access, page, err);
	/* Its physical address must not happen to be one that is mapped. */
	if (page->physical - dma->first_iova < IOVA_ROOM)
		return dma_page_take(dma, access, page, err);
	return 0;
}

int dma_pair_take(struct dma *dma, struct dma_page pair[2], struct err *err)
{
	for (unsigned i = dma->pages_used; i + 1 < dma->pages.count; i++) {
		if (dma->pages.physical[i] + PAGE_BYTES != dma->pages.physical[i + 1])
			continue;
		pair[0] = page_at(dma, i);
		pair[1] = page_at(dma, i + 1);
		dma->pages_used = i + 2;
		return map_page(dma, VFIO_ACCESS_BOTH, &pair[0], err);
	}
	return err_set(err, ENOMEM, "no two of %u pages are adjacent in memory", dma->pages.count);
}

int dma_page_unmap(struct dma *dma, struct dma_page *page, struct err *err)
{
	return dma->vfio ? vfio_device_unmap(dma->vfio, page->address, PAGE_BYTES, err) : 0;
}

int dma_set_master(struct dma *dma, bool on, struct err *err)
{
	CLEANUP(cleanup_config) struct config *config = NULL;
	int rc;

	if (dma->way == DMA_VFIO)
		return vfio_device_set_master(dma->vfio, on, err);
	rc = config_open(dma->dut->host, dma->bdf, &config, err);
	if (rc < 0)
		return rc;
	return config_write_word(config, HEADER_COMMAND,
			HEADER_COMMAND_MEMORY | (on ? HEADER_COMMAND_MASTER : 0), err);
}

void dma_receive(struct dma *dma, uint64_t address, unsigned stride, unsigned count)
{
	dma->driver->receive(&dma->queues, address, stride, count);
}

void dma_send(struct dma *dma, uint64_t address, unsigned length, unsigned count)
{
	dma->driver->send(&dma->queues, address, length, count);
}

void dma_lay_send_ring(const struct dma *dma, void *ring, uint64_t address, unsigned length,
		unsigned count)
{
	dma->driver->lay_send_ring(ring, address, length, count);
}

void dma_lay_receive_ring(const struct dma *dma, void *ring, uint64_t address)
{
	dma->driver->lay_receive_ring(ring, address);
}

void dma_use_send_ring(struct dma *dma, uint64_t address, unsigned count)
{
	dma->driver->use_send_ring(&dma->queues, address, count);
}

void dma_use_receive_ring(struct dma *dma, uint64_t address, unsigned count)
{
	dma->driver->use_receive_ring(&dma->queues, address, count);
}

void dma_write_back(
		struct dma *dma, uint64_t address, uint8_t value, uint64_t frame, unsigned length)
{
	dma->driver->write_back(&dma->queues, address, value, frame, length);
}

unsigned dma_vectors(const struct dma *dma)
{
	return dma->driver ? dma->driver->vectors : 0;
}

void dma_raise(struct dma *dma, unsigned vector)
{
	dma->driver->raise(&dma->queues, vector);
}

bool dma_is_running(const struct dma *dma)
{
	return dma->driver->is_running(&dma->queues);
}
