/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checks/guest/tenants.h"

#include "base/random.h"

/*
 * Frames between guest and wire. As in observe/traffic.h, silence is proven: after what must not arrive, a
 * frame follows on the same path that does.
 */

enum { FENCE_MS = 1500, HEARD_MS = 1500 };

static uint64_t new_mark(const struct tenants *tenants)
{
	static uint64_t state;

	if (!state)
		state = tenants->dut->seed ^ (uint64_t)clock_us();
	return random_next(&state) | 1;
}

struct guest_frames frames_to_wire(const struct tenants *tenants)
{
	return (struct guest_frames){ .to = endpoint_mac(tenants->traffic.partner) };
}

struct burst burst_to(const struct tenant *tenant)
{
	return (struct burst){ .to = tenant->mac, .outer = { 0x8100, tenant->vlan, 0 } };
}

int tenant_sends(struct tenants *tenants, const struct tenant *tenant, const char *name,
		struct guest_frames frames, struct received *received)
{
	struct guest_frames fence = frames_to_wire(tenants);
	struct endpoint *wire = tenants->traffic.partner;
	struct err *err = &tenants->run->err;
	int rc;

	frames.mark = new_mark(tenants);
	frames.frames = frames.frames ? frames.frames : BURST_FRAMES;
	fence.mark = new_mark(tenants);
	fence.frames = 1;
	dut_inject_faults(tenants->dut);
	rc = guest_send(tenant->guest, tenant->nic.name, &frames, err);
	if (!rc)
		rc = guest_send(tenant->guest, tenant->nic.name, &fence, err);
	if (rc < 0)
		return rc;
	rc = endpoint_receive(wire, fence.mark, 1, dut_deadline(tenants->dut, FENCE_MS)).frames
			? 0
			: err_set(err, ETIMEDOUT,
					  "a frame from %s that must reach the wire was lost, so "
					  "silence proves nothing",
					  tenant->vm);
	*received = endpoint_receive(wire, frames.mark, frames.frames, deadline_in(0));
	evidence_text(tenants->run, name, "%u of %u frames", received->frames, frames.frames);
	if (received->tags)
		evidence_text(tenants->run, name, "tagged %04x vlan %u priority %u%s",
				received->outer.proto, received->outer.vlan,
				received->outer.priority,
				received->tags > 1 ? ", with a second tag" : "");
	return rc < 0 && !received->frames ? rc : 0;
}

/* Waits until the job has heard a frame. */
static int await_heard(struct tenants *tenants, const struct tenant *tenant, unsigned job,
		uint64_t frames, struct guest_heard *heard)
{
	struct deadline deadline = dut_deadline(tenants->dut, HEARD_MS);
	int rc;

	do {
		rc = guest_heard(tenant->guest, job, heard, &tenants->run->err);
	} while (!rc && heard->frames < frames && deadline_left(deadline));
	return rc;
}

static int hear(struct tenants *tenants, const struct tenant *tenant, struct burst burst,
		uint64_t mark, unsigned job, unsigned fence_job, struct guest_heard *heard)
{
	struct endpoint *wire = tenants->traffic.partner;
	struct burst fence = burst_to(tenant);
	struct err *err = &tenants->run->err;
	struct guest_heard last = { 0 };
	uint64_t fence_mark = mark + 1;
	int rc;

	if (mac_is_zero(burst.from))
		burst.from = endpoint_mac(wire);
	fence.from = endpoint_mac(wire);
	dut_inject_faults(tenants->dut);
	rc = endpoint_flood(wire, &burst, burst.frames, &mark, err);
	if (rc >= 0)
		rc = endpoint_flood(wire, &fence, 1, &fence_mark, err);
	if (rc >= 0)
		rc = await_heard(tenants, tenant, fence_job, 1, &last);
	if (rc >= 0)
		rc = guest_heard(tenant->guest, job, heard, err);
	if (rc < 0)
		return rc;
	if (last.frames || heard->frames)
		return 0;
	return err_set(err, ETIMEDOUT,
			"a frame that must reach %s was lost, so silence proves nothing",
			tenant->vm);
}

int tenant_hears(struct tenants *tenants, const struct tenant *tenant, const char *name,
		struct burst burst, struct guest_heard *heard)
{
	uint64_t mark = new_mark(tenants);
	unsigned job = 0, fence_job = 0;
	struct err *err = &tenants->run->err;
	int rc = guest_listen(tenant->guest, tenant->nic.name, mark, &job, err);

	burst.frames = burst.frames ? burst.frames : BURST_FRAMES;
	*heard = (struct guest_heard){ .vlan = GUEST_UNTAGGED };
	if (!rc)
		rc = guest_listen(tenant->guest, tenant->nic.name, mark + 1, &fence_job, err);
	if (!rc)
		rc = hear(tenants, tenant, burst, mark, job, fence_job, heard);
	if (job)
		guest_stop(tenant->guest, job, NULL);
	if (fence_job)
		guest_stop(tenant->guest, fence_job, NULL);
	evidence_text(tenants->run, name, "%llu of %u frames", (unsigned long long)heard->frames,
			burst.frames);
	evidence_by_guest(tenants->run);
	return rc;
}

enum verdict tenant_is_connected(
		struct tenants *tenants, const struct tenant *tenant, const char *when)
{
	struct check_run *run = tenants->run;
	struct received received;
	struct guest_heard heard;

	if (tenant_sends(tenants, tenant, "guest to wire", frames_to_wire(tenants), &received) < 0)
		return check_fail(run, "%s: nothing of %s reaches the wire", when, tenant->vm);
	if (received.frames != BURST_FRAMES)
		return check_fail(run, "%s: %u of %d frames of %s reach the wire", when,
				received.frames, BURST_FRAMES, tenant->vm);
	if (received.tags != 1 || received.outer.vlan != tenant->vlan)
		return check_fail(run, "%s: frames of %s have VLAN %d on the wire, not %u", when,
				tenant->vm, received.tags ? received.outer.vlan : -1, tenant->vlan);
	if (tenant_hears(tenants, tenant, "wire to guest", burst_to(tenant), &heard) < 0)
		return check_fail(run, "%s: nothing reaches %s", when, tenant->vm);
	if (heard.frames != BURST_FRAMES)
		return check_fail(run, "%s: %llu of %d frames reach %s", when,
				(unsigned long long)heard.frames, BURST_FRAMES, tenant->vm);
	return VERDICT_PASS;
}
