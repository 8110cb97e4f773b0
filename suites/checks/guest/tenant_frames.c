/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checks/guest/tenants.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/random.h"
#include "base/text.h"

/*
 * Frames between guest and wire. As in observe/traffic.h, silence is proven: after what must not arrive, a
 * frame follows on the same path that does.
 */

enum { FENCE_MS = 1500, HEARD_MS = 1500 };

uint64_t tenants_mark(const struct tenants *tenants)
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

/* What the guest has sent before this frame has reached the wire, or never will. */
static int fence_to_wire(struct tenants *tenants, const struct tenant *tenant)
{
	struct guest_frames fence = frames_to_wire(tenants);
	struct err *err = &tenants->run->err;
	int rc;

	fence.mark = tenants_mark(tenants);
	fence.frames = 1;
	rc = guest_send(tenant->guest, tenant->nic.name, &fence, err);
	if (rc < 0 ||
			endpoint_receive(tenants->traffic.partner, fence.mark, 1,
					dut_deadline(tenants->dut, FENCE_MS))
					.frames)
		return rc;
	return err_set(err, ETIMEDOUT,
			"a frame from %s that must reach the wire was lost, so silence proves "
			"nothing",
			tenant->vm);
}

int tenant_sends(struct tenants *tenants, const struct tenant *tenant, const char *name,
		struct guest_frames frames, struct received *received)
{
	int rc;

	frames.mark = frames.mark ? frames.mark : tenants_mark(tenants);
	frames.frames = frames.frames ? frames.frames : BURST_FRAMES;
	dut_inject_faults(tenants->dut);
	rc = guest_send(tenant->guest, tenant->nic.name, &frames, &tenants->run->err);
	if (rc < 0)
		return rc;
	rc = fence_to_wire(tenants, tenant);
	*received = endpoint_receive(
			tenants->traffic.partner, frames.mark, frames.frames, deadline_in(0));
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

static struct burst fence_to(const struct tenants *tenants, const struct tenant *tenant)
{
	struct burst fence = burst_to(tenant);

	fence.from = endpoint_mac(tenants->traffic.partner);
	if (tenant->broadcast_only)
		fence.to = mac_broadcast;
	return fence;
}

/* What was sent to the guest before has reached it, or never will: -ETIMEDOUT if that cannot be said. */
static int fence_to_guest(
		struct tenants *tenants, const struct tenant *tenant, uint64_t mark, unsigned job)
{
	struct burst fence = fence_to(tenants, tenant);
	struct err *err = &tenants->run->err;
	struct guest_heard last = { 0 };
	int rc = endpoint_flood(tenants->traffic.partner, &fence, 1, &mark, err);

	if (rc >= 0)
		rc = await_heard(tenants, tenant, job, 1, &last);
	if (rc < 0 || last.frames)
		return rc;
	return err_set(err, ETIMEDOUT,
			"a frame that must reach %s was lost, so silence proves nothing",
			tenant->vm);
}

/* Listens for MARK and for a fence, whose mark follows it. SEND sends to the guest what ARGUMENT describes. */
static int listen_to(struct tenants *tenants, const struct tenant *tenant, uint64_t mark,
		int (*send)(struct tenants *tenants, const void *argument), const void *argument,
		struct guest_heard *heard)
{
	struct guest *guest = tenant->guest;
	struct err *err = &tenants->run->err;
	unsigned job = 0, fence_job = 0;
	int rc = guest_listen(guest, tenant->nic.name, mark, &job, err), fence;

	*heard = (struct guest_heard){ .vlan = GUEST_UNTAGGED };
	if (!rc)
		rc = guest_listen(guest, tenant->nic.name, mark + 1, &fence_job, err);
	dut_inject_faults(tenants->dut);
	if (!rc)
		rc = send(tenants, argument);
	if (!rc) {
		fence = fence_to_guest(tenants, tenant, mark + 1, fence_job);
		rc = guest_heard(guest, job, heard, err);
		if (!rc && !heard->frames)
			rc = fence;
	}
	if (job)
		guest_stop(guest, job, NULL);
	if (fence_job)
		guest_stop(guest, fence_job, NULL);
	return rc;
}

struct from_wire {
	struct burst burst;
	uint64_t mark;
};

static int send_from_wire(struct tenants *tenants, const void *argument)
{
	struct from_wire from = *(const struct from_wire *)argument;
	int rc = endpoint_flood(tenants->traffic.partner, &from.burst, from.burst.frames,
			&from.mark, &tenants->run->err);

	return rc < 0 ? rc : 0;
}

int tenant_hears(struct tenants *tenants, const struct tenant *tenant, const char *name,
		struct burst burst, struct guest_heard *heard)
{
	struct from_wire from = { burst, tenants_mark(tenants) };
	int rc;

	if (mac_is_zero(burst.from))
		from.burst.from = endpoint_mac(tenants->traffic.partner);
	from.burst.frames = burst.frames ? burst.frames : BURST_FRAMES;
	rc = listen_to(tenants, tenant, from.mark, send_from_wire, &from, heard);
	evidence_text(tenants->run, name, "%llu of %u frames", (unsigned long long)heard->frames,
			from.burst.frames);
	evidence_by_guest(tenants->run);
	return rc;
}

struct from_tenant {
	const struct tenant *from;
	struct guest_frames frames;
};

static int send_from_tenant(struct tenants *tenants, const void *argument)
{
	const struct from_tenant *from = argument;
	int rc = guest_send(
			from->from->guest, from->from->nic.name, &from->frames, &tenants->run->err);

	return rc ? rc : fence_to_wire(tenants, from->from);
}

/* What the PF receives of it, the host sees itself. */
int tenant_tells(struct tenants *tenants, const struct tenant *from, const struct tenant *to,
		bool to_all, struct guest_heard *heard)
{
	const struct from_tenant what = { from,
		{ .to = to_all ? mac_broadcast : to->mac,
				.frames = BURST_FRAMES,
				.mark = tenants_mark(tenants) } };
	CLEANUP(cleanup_free)
	char *name = text_format("%s (%s) to %s%s (%s)", from->vm, from->profile,
			to_all ? "all, at " : "", to->vm, to->profile);
	int rc = listen_to(tenants, to, what.frames.mark, send_from_tenant, &what, heard);

	evidence_text(tenants->run, name, "%llu of %d frames", (unsigned long long)heard->frames,
			BURST_FRAMES);
	evidence_by_guest(tenants->run);
	evidence_int(tenants->run, "of them at the PF",
			endpoint_receive(tenants->traffic.pf, what.frames.mark, BURST_FRAMES,
					deadline_in(0))
					.frames,
			"frames");
	return rc;
}

enum verdict tenant_hears_none(struct tenants *tenants, const struct tenant *tenant,
		const char *what, struct burst burst)
{
	struct check_run *run = tenants->run;
	struct guest_heard heard;

	if (tenant_hears(tenants, tenant, what, burst, &heard) < 0)
		return check_broken(run, "what %s hears cannot be determined", tenant->vm);
	return heard.frames ? check_fail(run, "%s hears %llu frames: %s", tenant->vm,
					      (unsigned long long)heard.frames, what)
			    : VERDICT_PASS;
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
