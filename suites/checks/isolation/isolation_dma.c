/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/cleanup.h"
#include "checks/isolation/isolation.h"

/* A VF's DMA must reach its own pages, and never the victim. */

enum { STRIDE = 256 };

enum verdict isolation_rx_mapped(struct check_run *run)
{
	CLEANUP(tenant_close) struct tenant tenant = { 0 };
	enum verdict verdict = tenant_prepare(run, TENANT_VF, &tenant);

	if (verdict != VERDICT_PASS)
		return verdict;
	verdict = tenant_still_receives(&tenant);
	if (run->stands_on)
		return check_fail(run,
				"VF %u does not write what it receives into the page that is "
				"mapped for it",
				check_vf(run, TENANT_VF));
	return verdict;
}

enum verdict isolation_tx_mapped(struct check_run *run)
{
	CLEANUP(tenant_close) struct tenant tenant = { 0 };
	enum verdict verdict = tenant_prepare(run, TENANT_VF, &tenant);

	if (verdict == VERDICT_PASS)
		verdict = tenant_still_receives(&tenant);
	if (verdict != VERDICT_PASS)
		return verdict;
	verdict = tenant_still_sends(&tenant);
	if (run->stands_on)
		return check_fail(run,
				"VF %u does not send what lies in the page that is mapped for it",
				check_vf(run, TENANT_VF));
	return verdict;
}

/* Tries to receive a burst at ADDRESS, which must fail, and judges it. */
static enum verdict attack_by_receiving(struct tenant *tenant, uint64_t address)
{
	enum verdict verdict = tenant_receive(tenant, address, STRIDE);

	if (verdict == VERDICT_PASS)
		verdict = tenant_still_receives(tenant);
	return verdict == VERDICT_PASS ? tenant_contained(tenant, address) : verdict;
}

static enum verdict attack_by_sending(struct tenant *tenant, uint64_t address)
{
	enum verdict verdict;

	tenant_send(tenant, address);
	verdict = tenant_still_sends(tenant);
	return verdict == VERDICT_PASS ? tenant_contained(tenant, address) : verdict;
}

/* The victim is the page behind a mapped one: it is adjacent in physical memory, but the VF has
 * nothing mapped there. */
static enum verdict rx_unmapped(struct check_run *run, void *subject)
{
	struct tenant *tenant = subject;
	enum verdict verdict;
	struct dma_page pair[2];

	if (dma_pair_take(&tenant->dma, pair, &run->err) < 0)
		return check_broken(run, "there are no pages for the DMA");
	verdict = tenant_plant(tenant, pair[1]);
	if (verdict != VERDICT_PASS)
		return verdict;
	return attack_by_receiving(tenant, pair[0].address + PAGE_BYTES);
}

static enum verdict rx_victim(struct check_run *run, void *subject)
{
	struct tenant *tenant = subject;

	(void)run;
	return attack_by_receiving(tenant, tenant->victim.physical);
}

static enum verdict tx_victim(struct check_run *run, void *subject)
{
	struct tenant *tenant = subject;

	(void)run;
	return attack_by_sending(tenant, tenant->victim.physical);
}

/* The victim is a transmit ring, whose descriptors point to the secret behind them. */
static enum verdict tx_ring_victim(struct check_run *run, void *subject)
{
	struct tenant *tenant = subject;
	enum verdict verdict;
	struct dma_page *victim = &tenant->victim;
	unsigned secret_at = PAGE_BYTES / 2;

	memcpy(victim->memory + secret_at, victim->memory, FRAME_BYTES);
	dma_lay_send_ring(&tenant->dma, victim->memory, victim->physical + secret_at, FRAME_BYTES,
			BURST_FRAMES);
	memcpy(tenant->canary, victim->memory, PAGE_BYTES);
	dut_inject_faults(run->dut);
	dma_use_send_ring(&tenant->dma, victim->physical, BURST_FRAMES);
	dma_use_send_ring(&tenant->dma, tenant->dma.queues.send.address, 0);
	verdict = tenant_still_sends(tenant);
	return verdict == VERDICT_PASS ? tenant_contained(tenant, victim->physical) : verdict;
}

/* The victim is a receive ring, whose descriptors point to a page that the VF may use. The card
 * must not write its status into the descriptors. */
static enum verdict rx_ring_victim(struct check_run *run, void *subject)
{
	struct tenant *tenant = subject;
	enum verdict verdict;
	struct dma_page *victim = &tenant->victim;

	(void)run;
	dma_lay_receive_ring(&tenant->dma, victim->memory, tenant->good_in.address);
	memcpy(tenant->canary, victim->memory, PAGE_BYTES);
	dma_use_receive_ring(&tenant->dma, victim->physical, BURST_FRAMES);
	verdict = tenant_send_through(tenant);
	if (verdict != VERDICT_PASS)
		return verdict;
	dma_use_receive_ring(&tenant->dma, tenant->dma.queues.receive.address, 0);
	verdict = tenant_still_receives(tenant);
	return verdict == VERDICT_PASS ? tenant_contained(tenant, victim->physical) : verdict;
}

static enum verdict rx_after_unmap(struct check_run *run, void *subject)
{
	struct tenant *tenant = subject;
	enum verdict verdict;
	struct dma_page page;
	unsigned found;

	if (dma_page_take(&tenant->dma, VFIO_ACCESS_BOTH, &page, &run->err) < 0)
		return check_broken(run, "there are no pages for the DMA");
	verdict = tenant_receive(tenant, page.address, STRIDE);
	if (verdict != VERDICT_PASS)
		return verdict;
	found = tenant_count(tenant, &page, tenant->control, BURST_FRAMES);
	evidence_text(run, "received while it was mapped", "%u of %d frames", found, BURST_FRAMES);
	if (found != BURST_FRAMES)
		return check_broken(run, "the page could not be received into while it was mapped");
	if (dma_page_unmap(&tenant->dma, &page, &run->err) < 0)
		return check_fail(run, "the page cannot be unmapped");
	verdict = tenant_plant(tenant, page);
	return verdict == VERDICT_PASS ? attack_by_receiving(tenant, page.address) : verdict;
}

static enum verdict tx_after_unmap(struct check_run *run, void *subject)
{
	struct tenant *tenant = subject;
	enum verdict verdict;
	struct dma_page page;

	if (dma_page_take(&tenant->dma, VFIO_ACCESS_BOTH, &page, &run->err) < 0)
		return check_broken(run, "there are no pages for the DMA");
	verdict = tenant_sends_from(tenant, &page, 0);
	if (verdict != VERDICT_PASS)
		return verdict;
	if (dma_page_unmap(&tenant->dma, &page, &run->err) < 0)
		return check_fail(run, "the page cannot be unmapped");
	verdict = tenant_plant(tenant, page);
	return verdict == VERDICT_PASS ? attack_by_sending(tenant, page.address) : verdict;
}

/* The victim is mapped for reading only; the VF reads it before or after it writes to it. */
static enum verdict write_to_read_only(
		struct check_run *run, struct tenant *tenant, bool read_first)
{
	enum verdict verdict = VERDICT_PASS;
	struct dma_page page;

	if (dma_page_take(&tenant->dma, VFIO_ACCESS_READ, &page, &run->err) < 0)
		return check_broken(run, "there are no pages for the DMA");
	if (read_first)
		verdict = tenant_sends_from(tenant, &page, 0);
	if (verdict == VERDICT_PASS)
		verdict = tenant_plant(tenant, page);
	if (verdict == VERDICT_PASS)
		verdict = attack_by_receiving(tenant, page.address);
	if (verdict != VERDICT_PASS || read_first)
		return verdict;
	return tenant_sends_from(tenant, &page, 0);
}

static enum verdict read_only(struct check_run *run, void *subject)
{
	return write_to_read_only(run, subject, false);
}

/* By the time of the write, the IOMMU has the translation in its cache. */
static enum verdict read_only_cached(struct check_run *run, void *subject)
{
	return write_to_read_only(run, subject, true);
}

static const struct statement statements[] = {
	{ "isolation.rx-unmapped", rx_unmapped },
	{ "isolation.rx-victim", rx_victim },
	{ "isolation.tx-victim", tx_victim },
	{ "isolation.tx-ring-victim", tx_ring_victim },
	{ "isolation.rx-ring-victim", rx_ring_victim },
	{ "isolation.rx-after-unmap", rx_after_unmap },
	{ "isolation.tx-after-unmap", tx_after_unmap },
	{ "isolation.read-only", read_only },
	{ "isolation.read-only-cached", read_only_cached },
	{ "isolation.other-vf", isolation_other_vf },
	{ "isolation.beyond-width", isolation_beyond_width },
	{ "isolation.crossing-end", isolation_crossing_end },
	{ "isolation.write-back", isolation_write_back },
	{ "isolation.interrupt-write", isolation_interrupt_write },
	{ "isolation.master-stops", isolation_master_stops },
	{ "isolation.fault-named", isolation_fault_named },
};

static enum verdict attack(struct check_run *run)
{
	CLEANUP(tenant_close) struct tenant tenant = { 0 };
	enum verdict verdict = tenant_open(run, TENANT_VF, &tenant);

	if (verdict != VERDICT_PASS)
		return verdict;
	for (size_t i = 0; i < sizeof(statements) / sizeof(*statements); i++) {
		if (tenant_renew(&tenant) != VERDICT_PASS)
			break; /* the other statements are then reported as not reached */
		session_try(run, &statements[i], 1, &tenant);
	}
	return VERDICT_PASS;
}

const struct check step_attack = {
	.id = "isolation.attack",
	.title = "A hostile guest tries what its VF can reach",
	.timeout_s = 30,
	.causes_iommu_faults = true,
	.fn = attack,
};
