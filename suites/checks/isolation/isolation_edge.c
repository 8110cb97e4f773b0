/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/cleanup.h"
#include "checks/isolation/isolation.h"
#include "host/interrupts.h"

/* Special cases of a VF's DMA: odd addresses, other VFs, interrupts, and bus mastering. */

enum {
	STRIDE = 256,
	LANDING = 32, /* bytes of a frame that are inside the mapping */
	POLL_MS = 2,
	INTERRUPT_MS = 100,
	NAMING_MS = 6000, /* longer than the interval of the kernel log's rate limit */
	MARKER = 0x5a,
	/* A vector that the kernel reserves and that only guests of Hyper-V use (Linux 6.1 to
	 * 7.2, x86, irq_vectors.h). Its handler acknowledges and counts interrupts; that of 0xff
	 * would not acknowledge them. */
	SPURIOUS = 0xee,
};

#define INTERRUPT_ADDRESS 0xfee00000ull /* Intel SDM 3A, 11.11.1: to CPU 0, compatibility format */

enum verdict isolation_write_back(struct check_run *run, void *subject)
{
	struct tenant *tenant = subject;
	enum verdict verdict;
	uint64_t target, frame;

	frame = tenant->good_out.address;
	dma_write_back(&tenant->dma, tenant->good_in.address, MARKER, frame, FRAME_BYTES);
	evidence_text(run, "written back into a mapped page", "%02x", tenant->good_in.memory[0]);
	if (tenant->good_in.memory[0] != MARKER)
		return check_broken(run, "VF %u does not write back where it may",
				check_vf(run, TENANT_VF));
	target = tenant->victim.physical + STRIDE;
	dma_write_back(&tenant->dma, target, MARKER, frame, FRAME_BYTES);
	verdict = tenant_still_sends(tenant);
	return verdict == VERDICT_PASS ? tenant_contained(tenant, target) : verdict;
}

/* The victim is mapped for the neighbour, which receives there first. */
static enum verdict open_neighbour(
		struct check_run *run, struct tenant *neighbour, struct dma_page *page)
{
	enum verdict verdict = tenant_open(run, NEIGHBOUR_VF, neighbour);
	unsigned found;

	if (verdict != VERDICT_PASS)
		return verdict;
	if (dma_page_take(&neighbour->dma, VFIO_ACCESS_BOTH, page, &run->err) < 0)
		return check_broken(run, "there are no pages for the DMA");
	verdict = tenant_receive(neighbour, page->address, STRIDE);
	if (verdict != VERDICT_PASS)
		return verdict;
	found = tenant_count(neighbour, page, neighbour->control, BURST_FRAMES);
	evidence_text(run, "received by the neighbour", "%u of %d frames", found, BURST_FRAMES);
	return found == BURST_FRAMES ? VERDICT_PASS
				     : check_broken(run, "VF %u cannot use its own page",
						       check_vf(run, NEIGHBOUR_VF));
}

enum verdict isolation_other_vf(struct check_run *run, void *subject)
{
	CLEANUP(tenant_close) struct tenant neighbour = { 0 };
	struct tenant *tenant = subject;
	struct dma_page page;
	enum verdict verdict = open_neighbour(run, &neighbour, &page);

	if (verdict == VERDICT_PASS)
		verdict = tenant_plant(tenant, page);
	if (verdict == VERDICT_PASS)
		verdict = tenant_receive(tenant, page.address, STRIDE);
	if (verdict == VERDICT_PASS)
		verdict = tenant_still_receives(tenant);
	return verdict == VERDICT_PASS ? tenant_contained(tenant, page.address) : verdict;
}

/* A page is mapped at the same address with one high bit cleared. */
enum verdict isolation_beyond_width(struct check_run *run, void *subject)
{
	struct tenant *tenant = subject;
	enum verdict verdict;
	struct dma_page page;
	uint64_t address;

	if (dma_page_take(&tenant->dma, VFIO_ACCESS_BOTH, &page, &run->err) < 0)
		return check_broken(run, "there are no pages for the DMA");
	verdict = tenant_plant(tenant, page);
	address = page.address | 1ull << 50;
	if (verdict == VERDICT_PASS)
		verdict = tenant_receive(tenant, address, STRIDE);
	if (verdict == VERDICT_PASS)
		verdict = tenant_still_receives(tenant);
	return verdict == VERDICT_PASS ? tenant_contained(tenant, address) : verdict;
}

enum verdict isolation_crossing_end(struct check_run *run, void *subject)
{
	struct tenant *tenant = subject;
	enum verdict verdict;
	struct dma_page pair[2];
	unsigned landed = 0;

	if (dma_pair_take(&tenant->dma, pair, &run->err) < 0)
		return check_broken(run, "there are no pages for the DMA");
	verdict = tenant_plant(tenant, pair[1]);
	if (verdict == VERDICT_PASS)
		verdict = tenant_receive(tenant, pair[0].address + PAGE_BYTES - LANDING, 0);
	if (verdict == VERDICT_PASS)
		verdict = tenant_still_receives(tenant);
	if (verdict != VERDICT_PASS)
		return verdict;
	for (unsigned i = PAGE_BYTES - LANDING; i < PAGE_BYTES; i++)
		landed += pair[0].memory[i] != 0;
	evidence_int(run, "bytes that landed inside the map", landed, "bytes");
	return tenant_contained(tenant, pair[0].address + PAGE_BYTES);
}

struct spurious {
	struct check_run *run;
	uint64_t before, now;
};

static bool has_struck(void *argument)
{
	struct spurious *spurious = argument;
	const struct host *host = spurious->run->dut->host;

	return interrupts_taken(host, "SPU", &spurious->now, NULL) < 0 ||
			spurious->now > spurious->before;
}

/* Writes only four bytes, as a card does to raise an interrupt. */
enum verdict isolation_interrupt_write(struct check_run *run, void *subject)
{
	struct tenant *tenant = subject;
	enum verdict verdict;
	struct spurious spurious = { .run = run };
	uint64_t frame;

	if (interrupts_taken(run->dut->host, "SPU", &spurious.before, &run->err) < 0)
		return check_broken(run, "interrupts cannot be counted");
	frame = tenant->good_out.address;
	dma_write_back(&tenant->dma, tenant->good_in.address, SPURIOUS, frame, FRAME_BYTES);
	if (tenant->good_in.memory[0] != SPURIOUS)
		return check_broken(run, "VF %u does not write back where it may",
				check_vf(run, TENANT_VF));
	dma_write_back(&tenant->dma, INTERRUPT_ADDRESS, SPURIOUS, frame, FRAME_BYTES);
	verdict = tenant_still_sends(tenant);
	if (verdict != VERDICT_PASS)
		return verdict;
	clock_poll(has_struck, &spurious, dut_deadline(run->dut, INTERRUPT_MS), POLL_MS);
	evidence_int(run, "interrupts that the CPU took", (int64_t)(spurious.now - spurious.before),
			NULL);
	if (spurious.now > spurious.before)
		return check_fail(run, "VF %u raised vector 0x%x of the CPU by writing to memory",
				check_vf(run, TENANT_VF), SPURIOUS);
	return tenant_contained(tenant, INTERRUPT_ADDRESS);
}

/* With bus mastering off, a page into which the VF just received must not change; with it on, it
 * must change again. */
enum verdict isolation_master_stops(struct check_run *run, void *subject)
{
	struct tenant *tenant = subject;
	enum verdict verdict;
	struct dma *dma = &tenant->dma;
	struct dma_page page;
	unsigned damage, first = 0;

	if (dma_page_take(dma, VFIO_ACCESS_BOTH, &page, &run->err) < 0)
		return check_broken(run, "there are no pages for the DMA");
	verdict = tenant_plant(tenant, page);
	if (verdict != VERDICT_PASS)
		return verdict;
	dma_use_receive_ring(dma, dma->queues.receive.address, 0);
	dma_receive(dma, page.address, STRIDE, BURST_FRAMES);
	if (dma_set_master(dma, false, &run->err) < 0)
		return check_broken(run, "bus mastering cannot be turned off");
	verdict = tenant_send_through(tenant);
	if (verdict != VERDICT_PASS)
		return verdict;
	damage = tenant_damage(tenant, &first);
	evidence_int(run, "bytes written with bus mastering off", damage, "bytes");
	if (damage)
		return check_fail(run, "VF %u writes to memory with its bus mastering off",
				check_vf(run, TENANT_VF));
	if (dma_set_master(dma, true, &run->err) < 0)
		return check_broken(run, "bus mastering cannot be turned on");
	dma_use_receive_ring(dma, dma->queues.receive.address, 0);
	return tenant_still_receives(tenant);
}

/* Causes faults until the rate-limited kernel log reports one, or a fault record can be read. */
enum verdict isolation_fault_named(struct check_run *run, void *subject)
{
	struct tenant *tenant = subject;
	enum verdict verdict = VERDICT_PASS;
	struct deadline deadline = dut_deadline(run->dut, NAMING_MS);
	struct iommu_fault fault;
	uint64_t count, address;

	address = tenant->victim.physical;
	while (verdict == VERDICT_PASS) {
		verdict = tenant_receive(tenant, address, STRIDE);
		if (verdict == VERDICT_PASS)
			verdict = tenant_still_receives(tenant);
		if (verdict != VERDICT_PASS)
			break;
		if (iommu_fault_watch_count(&tenant->iommu_faults, &count, &run->err) < 0)
			return check_broken(run, "faults cannot be counted");
		if (!count || iommu_fault_watch_find(&tenant->iommu_faults, address, &fault))
			return tenant_contained(tenant, address);
		if (!deadline_left(deadline))
			return check_broken(run,
					"faults are counted, but not attributed: the kernel log is "
					"silent, and the fault records can be read only with "
					"iomem=relaxed");
	}
	return verdict;
}
