/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "checks/isolation/isolation.h"
#include "checks/reset/reset.h"
#include "netdev/netdev.h"
#include "observe/carrier.h"
#include "sriov/vfs.h"

/*
 * What happens to the VFs' settings when the PF itself is reset: by down and up, another MTU, or
 * FLR. The checks examine two VFs: VF 0 has its usual driver, which follows the PF; VF 1 has a
 * guest that ignores the PF, goes on sending, and never asks the PF for its settings again.
 *
 * Each reset costs seconds until the PF's link is back, so a step observes one down and up, and
 * several checks judge it.
 */

enum {
	LINK_MS = 10000,   /* from setting the PF up to its carrier */
	FOLLOW_MS = 15000, /* from there until a VF's driver has followed */
	BURST_MS = 300,    /* from a burst to the wire */
	REVIVE_MS = 1000,  /* from the PF's reset until a VF sends again */
	SMALL_MTU = 1400,
};

struct pf_outage {
	struct check_run *run;
	struct traffic traffic; /* of VF 0 */
	struct tenant tenant;
	bool has_policy; /* the tenant's VF is in RED */
	bool was_reset;  /* the PF's registers are gone */
};

static int put_tenant_into(struct pf_outage *outage, uint16_t vlan)
{
	struct dut *dut = outage->run->dut;
	struct vf_settings settings = { .given = VF_VLAN, .vlan = vlan, .proto = 0x8100 };

	outage->has_policy = vlan != 0;
	return vf_change_settings(dut->host, dut->pf, dut->vfs[TENANT_VF].number, &settings,
			&outage->run->err);
}

static int await_carrier(struct check_run *run)
{
	return carrier_wait(run->dut, run->dut->pf_netdev, true, LINK_MS, &run->err);
}

/* Sets the PF up, with its first MTU, and binds the VFs' drivers again, which is quicker than
 * waiting until they follow. */
static void pf_outage_end(struct pf_outage *outage)
{
	struct dut *dut = outage->run ? outage->run->dut : NULL;
	bool has_tenant = outage->tenant.run != NULL; /* closing the tenant binds its VF again */

	if (!dut)
		return;
	/* A PF that has lost its registers must go down and up. */
	if (outage->was_reset)
		netdev_set_up(dut->host, dut->pf_netdev, false, NULL);
	netdev_set_up(dut->host, dut->pf_netdev, true, NULL);
	if (outage->was_reset)
		await_carrier(outage->run);
	if (outage->has_policy)
		put_tenant_into(outage, 0);
	tenant_close(&outage->tenant);
	if (outage->traffic.run)
		traffic_close(&outage->traffic);
	for (unsigned i = 0; i < dut->vf_count; i++) {
		if (!(has_tenant && i == TENANT_VF))
			dut_rebind_vf(dut, i, NULL);
	}
}

static void note(struct check_run *run, const char *name, const struct received *received)
{
	CLEANUP(cleanup_free) char *frames = text_format("%s: frames", name);
	CLEANUP(cleanup_free) char *vlan = text_format("%s: VLAN", name);

	evidence_int(run, frames, received->frames, "frames");
	evidence_int(run, vlan, received->tags ? received->outer.vlan : 0, NULL);
}

/* Sends a burst from the tenant's VF and counts it on the wire. Sets the VF's ring first, which a
 * reset of the PF clears. */
static int received_from_tenant(
		struct pf_outage *outage, const char *name, struct received *received)
{
	struct tenant *tenant = &outage->tenant;
	uint64_t token;

	if (!tenant_draw(tenant, &token))
		return -1;
	tenant_compose(tenant, tenant->good_out.memory, token);
	dma_use_send_ring(&tenant->dma, tenant->dma.queues.send.address, 0);
	dut_inject_faults(outage->run->dut);
	tenant_send(tenant, tenant->good_out.address);
	*received = endpoint_receive(tenant->partner, token, BURST_FRAMES,
			dut_deadline(outage->run->dut, BURST_MS));
	note(outage->run, name, received);
	return 0;
}

static enum verdict pf_outage_begin(
		struct check_run *run, bool with_traffic, struct pf_outage *outage)
{
	struct vf_settings settings = { .given = VF_VLAN, .vlan = BLUE, .proto = 0x8100 };
	enum verdict verdict;

	*outage = (struct pf_outage){ .run = run };
	if (with_traffic && traffic_open(run, &settings, 1, &outage->traffic) < 0)
		return check_broken(run, "cannot put VF 0 into its VLAN");
	verdict = tenant_prepare(run, TENANT_VF, &outage->tenant);
	if (verdict == VERDICT_PASS)
		verdict = tenant_still_receives(&outage->tenant);
	if (verdict == VERDICT_PASS && put_tenant_into(outage, RED) < 0)
		verdict = check_broken(
				run, "cannot put VF %u into its VLAN", check_vf(run, TENANT_VF));
	return verdict;
}

/* Sends bursts from VF 0 until frames arrive: the first burst that does counts, in whatever
 * VLAN. */
static void note_follower(struct pf_outage *outage)
{
	struct traffic *traffic = &outage->traffic;
	struct deadline deadline = dut_deadline(outage->run->dut, FOLLOW_MS);
	struct burst burst = { .to = endpoint_mac(traffic->partner),
		.from = endpoint_mac(traffic->vf[0]) };
	struct received received = { 0 };
	int64_t start = clock_ms();
	uint64_t token;

	while (!received.frames && deadline_left(deadline)) {
		dut_inject_faults(outage->run->dut);
		/* Without a carrier the interface accepts no frames, which is not an error here. */
		if (endpoint_send(traffic->vf[0], &burst, &token, NULL) < 0)
			token = 0;
		received = endpoint_receive(traffic->partner, token, BURST_FRAMES,
				dut_deadline(outage->run->dut, BURST_MS / 6));
	}
	note(outage->run, "follower", &received);
	evidence_int(outage->run, "until the follower was back", clock_ms() - start, "ms");
}

static enum verdict pf_cycle(struct check_run *run)
{
	CLEANUP(pf_outage_end) struct pf_outage outage = { 0 };
	struct dut *dut = run->dut;
	enum verdict verdict = pf_outage_begin(run, true, &outage);
	struct received received;

	if (verdict != VERDICT_PASS)
		return verdict;
	if (received_from_tenant(&outage, "before", &received) < 0 ||
			netdev_set_up(dut->host, dut->pf_netdev, false, &run->err) < 0 ||
			received_from_tenant(&outage, "down", &received) < 0 ||
			netdev_set_up(dut->host, dut->pf_netdev, true, &run->err) < 0 ||
			await_carrier(run) < 0 ||
			received_from_tenant(&outage, "up", &received) < 0)
		return check_broken(run, "the PF cannot be set down and up");
	note_follower(&outage);
	return VERDICT_PASS;
}

const struct check step_pf_cycle = {
	.id = "reset.pf-cycle",
	.title = "The PF goes down and up with VFs and their policy in place",
	.timeout_s = 30,
	.fn = pf_cycle,
};

/* The value that the step recorded as "NAME: WHAT". */
static int64_t observed_value(const struct check_run *run, const char *name, const char *what)
{
	CLEANUP(cleanup_free) char *wanted = text_format("%s: %s", name, what);

	for (size_t i = 0; i < record_length(run->observed); i++) {
		const struct record *item = record_at(run->observed, i);

		if (!strcmp(record_str(item, "name", ""), wanted))
			return record_int(item, "value", 0);
	}
	return 0;
}

static struct received observed(const struct check_run *run, const char *name)
{
	return (struct received){ .frames = (unsigned)observed_value(run, name, "frames"),
		.outer.vlan = (uint16_t)observed_value(run, name, "VLAN") };
}

/* Frames on the wire must be in VLAN; if MUST is set, some must be on the wire. */
static enum verdict stays_in(struct check_run *run, const char *name, uint16_t vlan, bool must)
{
	struct received received = observed(run, name);

	evidence_int(run, "frames on the wire", received.frames, "frames");
	evidence_int(run, "VLAN of the frames", received.outer.vlan, NULL);
	if (must && !received.frames)
		return check_fail(run, "the VF in VLAN %u sends nothing any more", vlan);
	if (received.frames && !received.outer.vlan)
		return check_fail(run, "the VF in VLAN %u sends untagged", vlan);
	if (received.frames && received.outer.vlan != vlan)
		return check_fail(run, "the VF in VLAN %u sends in VLAN %u", vlan,
				received.outer.vlan);
	return VERDICT_PASS;
}

enum verdict reset_pf_cycle_before(struct check_run *run)
{
	return stays_in(run, "before", RED, true);
}

enum verdict reset_pf_cycle_down(struct check_run *run)
{
	return stays_in(run, "down", RED, false);
}

enum verdict reset_pf_cycle_raw(struct check_run *run)
{
	return stays_in(run, "up", RED, false);
}

enum verdict reset_pf_cycle_cooperative(struct check_run *run)
{
	return stays_in(run, "follower", BLUE, true);
}

struct mtu_change {
	struct dut *dut;
	uint32_t before;
};

static void mtu_back(struct mtu_change *change)
{
	if (change->before)
		netdev_set_mtu(change->dut->host, change->dut->pf_netdev, change->before, NULL);
}

static int change_mtu(struct check_run *run, uint32_t mtu, struct mtu_change *change)
{
	struct netdev pf = { 0 };
	int rc = netdev_read(run->dut->host, run->dut->pf_netdev, &pf, &run->err);

	if (rc < 0)
		return rc;
	*change = (struct mtu_change){ run->dut, pf.mtu };
	netdev_free(&pf);
	return netdev_set_mtu(run->dut->host, run->dut->pf_netdev, mtu, &run->err);
}

enum verdict reset_mtu_raw(struct check_run *run)
{
	CLEANUP(pf_outage_end) struct pf_outage outage = { 0 };
	CLEANUP(mtu_back) struct mtu_change change = { 0 };
	enum verdict verdict = pf_outage_begin(run, false, &outage);
	struct received before, after;

	if (verdict != VERDICT_PASS)
		return verdict;
	if (received_from_tenant(&outage, "before", &before) < 0 ||
			change_mtu(run, SMALL_MTU, &change) < 0 || await_carrier(run) < 0 ||
			received_from_tenant(&outage, "after", &after) < 0)
		return check_broken(run, "the MTU of the PF cannot be changed");
	if (!before.frames || !before.tags || before.outer.vlan != RED)
		return check_fail(run, "VF %u is not in its VLAN at the start",
				check_vf(run, TENANT_VF));
	if (after.frames && (!after.tags || after.outer.vlan != RED))
		return check_fail(run, "VF %u in VLAN %d sends %s after the PF's MTU has changed",
				check_vf(run, TENANT_VF), RED,
				after.tags ? "in another VLAN" : "untagged");
	return VERDICT_PASS;
}

/* The VLAN that the kernel reports for VF. */
static int claimed_vlan(struct check_run *run, unsigned vf)
{
	struct vf_settings reported = { 0 };

	return dut_read_vf(run->dut, vf, &reported, &run->err) < 0 ? -1 : reported.vlan;
}

enum verdict reset_pf_flr(struct check_run *run)
{
	CLEANUP(pf_outage_end) struct pf_outage outage = { 0 };
	enum verdict verdict;
	struct received received = { 0 };
	struct deadline deadline;
	struct burst burst;
	uint64_t token = 0;
	int claimed;

	outage.run = run;
	if (open_tenants(run, 1, &outage.traffic) < 0)
		return check_broken(run, "cannot put VF 0 into its VLAN");
	verdict = both_ways(&outage.traffic, 0);
	if (verdict != VERDICT_PASS)
		return verdict;
	outage.was_reset = true;
	if (function_reset(run->dut->host, run->dut->pf, &run->err) < 0)
		return check_fail(run, "the PF cannot be reset");
	deadline = dut_deadline(run->dut, REVIVE_MS);
	burst = (struct burst){ .to = endpoint_mac(outage.traffic.partner),
		.from = endpoint_mac(outage.traffic.vf[0]) };
	/* A driver that follows its PF needs some time. */
	while (!received.frames && deadline_left(deadline)) {
		dut_inject_faults(run->dut);
		if (endpoint_send(outage.traffic.vf[0], &burst, &token, NULL) < 0)
			token = 0;
		received = endpoint_receive(outage.traffic.partner, token, BURST_FRAMES,
				dut_deadline(run->dut, BURST_MS));
	}
	run->err.code = 0;
	claimed = claimed_vlan(run, 0);
	note(run, "after the PF's reset", &received);
	evidence_int(run, "VLAN that the kernel claims", claimed, NULL);
	if (claimed == RED && !received.frames)
		return check_fail(run, "the kernel claims VLAN %d for VF 0, which is dead", RED);
	if (claimed == RED && (!received.tags || received.outer.vlan != RED))
		return check_fail(run, "the kernel claims VLAN %d for VF 0, which sends %s", RED,
				received.tags ? "in another" : "untagged");
	return VERDICT_PASS;
}
