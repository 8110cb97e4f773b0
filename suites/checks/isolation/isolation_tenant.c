/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/cleanup.h"
#include "checks/isolation/isolation.h"
#include "host/host_file.h"

/*
 * What the DMA checks share: the positive controls, and the verdict.
 *
 * The canary and the wire decide first. Then a fault must have been counted, since an access that
 * is neither done nor reported leaves the host unaware of a hostile guest. If the fault record or
 * the log attributes a fault, it must be the VF's own. A fault without attribution counts, since
 * the log is rate-limited, and the evidence says so.
 */

enum {
	SLOTS = 16, /* in good_in: for the control burst, and for frames from others */
	SLOT_BYTES = PAGE_BYTES / SLOTS,
	ARRIVAL_MS = 1000,
	POLL_MS = 1,
};

/* Fails if the kernel was told to ignore what isolation needs. */
static enum verdict kernel_isolates(struct check_run *run)
{
	CLEANUP(cleanup_free) char *line = NULL;
	char unsafe[8] = "N";

	if (host_file_read(run->dut->host, "proc/cmdline", 65536, &line, NULL, &run->err) < 0)
		return check_broken(run, "cannot read the kernel's command line");
	if (strstr(line, "pcie_acs_override"))
		return check_fail(run,
				"no evidence counts: the kernel was told by pcie_acs_override to "
				"pretend isolation");
	host_read(run->dut->host, "sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts",
			unsafe, sizeof(unsafe), NULL);
	if (*unsafe == 'Y')
		return check_fail(run,
				"no evidence counts: VFIO was told by allow_unsafe_interrupts to "
				"run without interrupt remapping");
	return VERDICT_PASS;
}

static enum verdict take_pages(struct tenant *tenant)
{
	struct dma *dma = &tenant->dma;
	struct err *err = &tenant->run->err;

	if (dma_page_take(dma, VFIO_ACCESS_BOTH, &tenant->good_in, err) < 0 ||
			dma_page_take(dma, VFIO_ACCESS_BOTH, &tenant->good_out, err) < 0)
		return check_broken(tenant->run, "there are no pages for the DMA");
	return VERDICT_PASS;
}

static enum verdict take_vf(struct tenant *tenant, unsigned vf)
{
	static const char *const ways[] = { "through VFIO", "bare: the kernel confines no VF" };
	struct check_run *run = tenant->run;
	struct vfio_options options = { .no_reset = true };
	int rc = dma_take(run->dut, vf, options, &tenant->dma, &run->err);

	evidence_text(run, "way to the VF", "%s", ways[tenant->dma.way]);
	if (rc < 0 && tenant->dma.way == DMA_VFIO && !tenant->dma.vfio)
		return check_fail(run, "VF %u cannot be given to a guest", check_vf(run, vf));
	if (rc < 0 || dma_start(&tenant->dma, &run->err) < 0)
		return check_broken(run, "VF %u cannot be made to do DMA", check_vf(run, vf));
	return VERDICT_PASS;
}

enum verdict tenant_prepare(struct check_run *run, unsigned vf, struct tenant *tenant)
{
	struct dut *dut = run->dut;
	enum verdict verdict = kernel_isolates(run);

	*tenant = (struct tenant){ .run = run };
	if (verdict != VERDICT_PASS)
		return verdict;
	if (!dma_is_known(dut, vf))
		return check_skip(run, "how VFs of this card do DMA is not known");
	if (endpoint_open(dut->host, dut->home_netns, dut->home_netns, dut->partner,
			    &tenant->partner, &run->err) < 0 ||
			endpoint_open(dut->host, dut->home_netns, dut->home_netns, dut->pf_netdev,
					&tenant->pf, &run->err) < 0 ||
			iommu_fault_watch_begin(dut, dut->vfs[vf].bdf, &tenant->iommu_faults,
					&run->err) < 0)
		return check_broken(run, "frames and faults cannot be observed");
	verdict = take_vf(tenant, vf);
	return verdict == VERDICT_PASS ? take_pages(tenant) : verdict;
}

enum verdict tenant_open(struct check_run *run, unsigned vf, struct tenant *tenant)
{
	enum verdict verdict = tenant_prepare(run, vf, tenant);

	if (verdict == VERDICT_PASS)
		verdict = tenant_still_receives(tenant);
	if (verdict == VERDICT_PASS)
		verdict = tenant_still_sends(tenant);
	return verdict == VERDICT_PASS ? tenant_renew(tenant) : verdict;
}

enum verdict tenant_renew(struct tenant *tenant)
{
	struct dma_page page;

	if (iommu_fault_watch_restart(&tenant->iommu_faults, &tenant->run->err) < 0)
		return check_broken(tenant->run, "faults cannot be counted");
	if (dma_page_take(&tenant->dma, 0, &page, &tenant->run->err) < 0)
		return check_broken(tenant->run, "there are no pages for the DMA");
	return tenant_plant(tenant, page);
}

void tenant_close(struct tenant *tenant)
{
	dma_close(&tenant->dma);
	iommu_fault_watch_end(&tenant->iommu_faults);
	endpoint_close(tenant->partner);
	endpoint_close(tenant->pf);
}

bool tenant_draw(struct tenant *tenant, uint64_t *token)
{
	if (getrandom(token, sizeof(*token), 0) == sizeof(*token))
		return true;
	err_sys(&tenant->run->err, "cannot draw a token");
	return false;
}

/* The partner sends a burst with TOKEN to the VF. If the burst arrives in good_in, the frame
 * that the VF sends is made from it, with swapped addresses. */
static void learn_frame(struct tenant *tenant, uint64_t token)
{
	const uint8_t *page = tenant->good_in.memory;
	const uint8_t *at = memmem(page, PAGE_BYTES, &token, sizeof(token));
	unsigned token_at = at ? (unsigned)(at - page) % SLOT_BYTES : FRAME_BYTES;
	uint8_t *frame = tenant->frame;

	if (token_at + sizeof(token) > FRAME_BYTES)
		return;
	tenant->token_at = token_at;
	memcpy(frame, at - token_at, FRAME_BYTES);
	memcpy(frame, at - token_at + 6, 6);
	memcpy(frame + 6, at - token_at, 6);
}

void tenant_compose(const struct tenant *tenant, uint8_t *frame, uint64_t token)
{
	memcpy(frame, tenant->frame, FRAME_BYTES);
	memcpy(frame + tenant->token_at, &token, sizeof(token));
}

enum verdict tenant_plant(struct tenant *tenant, struct dma_page page)
{
	if (!tenant_draw(tenant, &tenant->secret))
		return check_broken(tenant->run, "there is no secret to plant");
	for (unsigned i = 0; i < PAGE_BYTES; i++)
		page.memory[i] = (uint8_t)(0xa5 ^ (i * 37));
	tenant_compose(tenant, page.memory, tenant->secret);
	memcpy(tenant->canary, page.memory, PAGE_BYTES);
	tenant->victim = page;
	return VERDICT_PASS;
}

static enum verdict send_to_vf(struct tenant *tenant)
{
	struct burst burst = { .to = tenant->dma.queues.mac,
		.from = endpoint_mac(tenant->partner) };

	dut_inject_faults(tenant->run->dut);
	if (endpoint_send(tenant->partner, &burst, &tenant->control, &tenant->run->err) < 0)
		return check_broken(tenant->run, "the partner cannot send");
	return VERDICT_PASS;
}

enum verdict tenant_receive(struct tenant *tenant, uint64_t address, unsigned stride)
{
	/* Otherwise the VF would first fill unused buffers of earlier attempts. */
	dma_use_receive_ring(&tenant->dma, tenant->dma.queues.receive.address, 0);
	dma_receive(&tenant->dma, address, stride, BURST_FRAMES);
	return send_to_vf(tenant);
}

enum verdict tenant_send_through(struct tenant *tenant)
{
	struct dut *dut = tenant->run->dut;
	struct burst to_pf = { .from = endpoint_mac(tenant->partner) };
	enum verdict verdict = send_to_vf(tenant);
	struct received received;
	uint64_t token;

	if (verdict != VERDICT_PASS)
		return verdict;
	/* Once the PF receives the frame that followed the burst, the card has handled the
	 * burst. */
	to_pf.to = endpoint_mac(tenant->pf);
	if (endpoint_send(tenant->partner, &to_pf, &token, &tenant->run->err) < 0)
		return check_broken(tenant->run, "the partner cannot send");
	received = endpoint_receive(tenant->pf, token, 1, dut_deadline(dut, ARRIVAL_MS));
	if (!received.frames)
		return check_broken(tenant->run, "the fence from the partner to the PF was lost");
	return VERDICT_PASS;
}

void tenant_send(struct tenant *tenant, uint64_t address)
{
	dut_inject_faults(tenant->run->dut);
	dma_send(&tenant->dma, address, FRAME_BYTES, BURST_FRAMES);
}

struct arrival {
	const struct dma_page *page;
	uint64_t token;
	unsigned wanted, found;
};

/* Finds frames by their token, which occurs nowhere else. */
static bool has_arrived(void *argument)
{
	struct arrival *arrival = argument;

	arrival->found = 0;
	for (unsigned i = 0; i < SLOTS; i++)
		arrival->found += memmem(arrival->page->memory + (size_t)i * SLOT_BYTES, SLOT_BYTES,
						  &arrival->token, sizeof(arrival->token)) != NULL;
	return arrival->found >= arrival->wanted;
}

unsigned tenant_count(const struct tenant *tenant, const struct dma_page *page, uint64_t token,
		unsigned frames)
{
	struct arrival arrival = { page, token, frames, 0 };

	clock_poll(has_arrived, &arrival, dut_deadline(tenant->run->dut, ARRIVAL_MS), POLL_MS);
	return arrival.found;
}

enum verdict tenant_still_receives(struct tenant *tenant)
{
	unsigned found;

	memset(tenant->good_in.memory, 0, PAGE_BYTES);
	dma_receive(&tenant->dma, tenant->good_in.address, SLOT_BYTES, SLOTS);
	if (send_to_vf(tenant) != VERDICT_PASS)
		return VERDICT_BROKEN;
	found = tenant_count(tenant, &tenant->good_in, tenant->control, BURST_FRAMES);
	evidence_text(tenant->run, "control: received into a mapped page", "%u of %d frames", found,
			BURST_FRAMES);
	learn_frame(tenant, tenant->control);
	if (found == BURST_FRAMES)
		return VERDICT_PASS;
	return check_needs(tenant->run, "isolation.rx-mapped", "VF %u received %u of %d frames",
			check_vf(tenant->run, tenant->dma.vf), found, BURST_FRAMES);
}

enum verdict tenant_sends_from(struct tenant *tenant, const struct dma_page *page, unsigned offset)
{
	struct dut *dut = tenant->run->dut;
	struct received received;
	uint64_t token;

	if (!tenant_draw(tenant, &token))
		return check_broken(tenant->run, "there is nothing to send");
	tenant_compose(tenant, page->memory + offset, token);
	tenant_send(tenant, page->address + offset);
	received = endpoint_receive(
			tenant->partner, token, BURST_FRAMES, dut_deadline(dut, ARRIVAL_MS));
	evidence_text(tenant->run, "control: sent from a mapped page", "%u of %d frames",
			received.frames, BURST_FRAMES);
	if (received.frames == BURST_FRAMES)
		return VERDICT_PASS;
	return check_needs(tenant->run, "isolation.tx-mapped", "VF %u sent %u of %d frames",
			check_vf(tenant->run, tenant->dma.vf), received.frames, BURST_FRAMES);
}

enum verdict tenant_still_sends(struct tenant *tenant)
{
	uint64_t flush;

	/* After a ring that could not be read, the VF loses the next frame; so send one that may
	 * be lost. */
	if (!tenant_draw(tenant, &flush))
		return check_broken(tenant->run, "there is nothing to send");
	tenant_compose(tenant, tenant->good_out.memory, flush);
	dma_send(&tenant->dma, tenant->good_out.address, FRAME_BYTES, 1);
	return tenant_sends_from(tenant, &tenant->good_out, FRAME_BYTES);
}

unsigned tenant_damage(const struct tenant *tenant, unsigned *first)
{
	unsigned damage = 0;

	for (unsigned i = PAGE_BYTES; i-- > 0;) {
		if (tenant->victim.memory[i] == tenant->canary[i])
			continue;
		damage++;
		*first = i;
	}
	return damage;
}

static const char *in_hex(const uint8_t *bytes, char text[3 * 8])
{
	for (unsigned i = 0; i < 8; i++)
		snprintf(text + 3 * i, 3 * 8 - 3 * i, i < 7 ? "%02x " : "%02x", bytes[i]);
	return text;
}

static enum verdict judge_canary(struct tenant *tenant, uint64_t address)
{
	char before[24], after[24];
	unsigned first = 0, damage = tenant_damage(tenant, &first), at;

	if (!damage) {
		evidence_text(tenant->run, "canary", "intact");
		return VERDICT_PASS;
	}
	at = first > PAGE_BYTES - 8 ? PAGE_BYTES - 8 : first;
	evidence_text(tenant->run, "canary", "%u bytes changed, at byte %u: %s became %s", damage,
			at, in_hex(tenant->canary + at, before),
			in_hex(tenant->victim.memory + at, after));
	return check_fail(tenant->run, "VF %u wrote to 0x%llx: %u bytes of the canary are changed",
			check_vf(tenant->run, tenant->dma.vf), (unsigned long long)address, damage);
}

static enum verdict judge_wire(struct tenant *tenant, uint64_t address)
{
	struct received received =
			endpoint_receive(tenant->partner, tenant->secret, 1, deadline_in(0));

	evidence_text(tenant->run, "the secret on the wire", "%u frames", received.frames);
	if (!received.frames)
		return VERDICT_PASS;
	return check_fail(tenant->run, "VF %u read 0x%llx: %u frames of the secret are on the wire",
			check_vf(tenant->run, tenant->dma.vf), (unsigned long long)address,
			received.frames);
}

static enum verdict judge_fault(struct tenant *tenant, uint64_t address)
{
	struct check_run *run = tenant->run;
	struct iommu_fault fault;
	const char *source;
	uint64_t count;
	char name[BDF_TEXT];

	if (iommu_fault_watch_count(&tenant->iommu_faults, &count, &run->err) < 0)
		return check_broken(run, "faults cannot be counted");
	evidence_int(run, "fault interrupts", (int64_t)count, NULL);
	if (!count)
		return check_fail(run, "the access of VF %u to 0x%llx raised no fault",
				check_vf(run, tenant->dma.vf), (unsigned long long)address);
	source = iommu_fault_watch_find(&tenant->iommu_faults, address, &fault);
	if (!source) {
		evidence_text(run, "fault", "counted, not attributed");
		return VERDICT_PASS;
	}
	bdf_format(bdf_at_rid(tenant->dma.bdf.domain, fault.requester), name);
	evidence_text(run, "fault", "DMA %s of %s at 0x%llx, reason 0x%02x, by %s",
			fault.read ? "read" : "write", name, (unsigned long long)fault.address,
			fault.reason, source);
	if (fault.requester != bdf_rid(tenant->dma.bdf))
		return check_fail(run, "the fault of VF %u is attributed to %s",
				check_vf(run, tenant->dma.vf), name);
	return VERDICT_PASS;
}

enum verdict tenant_contained(struct tenant *tenant, uint64_t address)
{
	enum verdict canary = judge_canary(tenant, address);
	enum verdict wire = judge_wire(tenant, address);

	if (canary != VERDICT_PASS || wire != VERDICT_PASS)
		return VERDICT_FAIL;
	return judge_fault(tenant, address);
}
