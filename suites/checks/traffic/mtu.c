/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "base/cleanup.h"
#include "checks/expect.h"
#include "checks/suites.h"
#include "netdev/netns.h"

/*
 * Frame sizes. A VF receives frames up to its own MTU, whatever the MTUs of its neighbours and the
 * PF. The checks raise the link partner's MTU and restore it.
 *
 * Frames that are too large exceed the MTU by little more than two VLAN tags: if a card lets them
 * in, it overflows a buffer, and larger ones would crash the machine before it could report
 * anything.
 */

enum { NORMAL = 1500, JUMBO = 9000, HEADER = 14, TOO_LARGE = 1518, ABSURD = 60000 };

struct sizes {
	struct traffic traffic;
	struct dut *dut;
	uint32_t partner_mtu; /* 0: unchanged */
	bool changed[DUT_VFS];
};

static int set_vf_mtu(struct dut *dut, unsigned vf, uint32_t mtu, struct err *err)
{
	char name[IFNAMSIZ];
	int rc = netns_enter(dut->vf_netns, err);

	if (rc < 0)
		return rc;
	dut_vf_name(dut, vf, name);
	rc = netdev_set_mtu(dut->host, name, mtu, err);
	return netns_enter(dut->home_netns, err) < 0 ? -EIO : rc;
}

static void sizes_end(struct sizes *sizes)
{
	for (unsigned i = 0; i < DUT_VFS && sizes->dut; i++) {
		if (sizes->changed[i])
			set_vf_mtu(sizes->dut, i, NORMAL, NULL);
	}
	if (sizes->partner_mtu)
		netdev_set_mtu(sizes->dut->host, sizes->dut->partner, sizes->partner_mtu, NULL);
	traffic_close(&sizes->traffic);
}

/* Raises the partner's MTU above that of the VFs, and opens 2 VFs. */
static int sizes_begin(struct check_run *run, struct sizes *sizes)
{
	struct dut *dut = run->dut;
	struct netdev partner = { 0 };
	int rc = netdev_read(dut->host, dut->partner, &partner, &run->err);

	sizes->dut = dut;
	if (!rc)
		rc = netdev_set_mtu(dut->host, dut->partner, JUMBO, &run->err);
	if (!rc)
		sizes->partner_mtu = partner.mtu;
	netdev_free(&partner);
	return rc ? rc : traffic_open(run, NULL, 2, &sizes->traffic);
}

/* Sets VF's MTU, and waits for drivers that restart the interface for it. */
static int resize(struct sizes *sizes, unsigned vf, uint32_t mtu)
{
	struct err *err = &sizes->traffic.run->err;
	int rc;

	sizes->changed[vf] = true;
	rc = set_vf_mtu(sizes->dut, vf, mtu, err);
	return rc ? rc : dut_settle_vfs(sizes->dut, err);
}

static struct burst of_size(const struct endpoint *to, unsigned mtu)
{
	return (struct burst){ .to = endpoint_mac(to), .octets = mtu + HEADER };
}

static enum verdict full_size(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	enum verdict verdict;

	if (traffic_open(run, NULL, 1, &traffic) < 0)
		return check_broken(run, "cannot listen");
	verdict = expect_reaches(&traffic, "1500 octets, wire to VF 0", traffic.partner,
			traffic.vf[0], of_size(traffic.vf[0], NORMAL), NULL);
	if (verdict != VERDICT_PASS)
		return verdict;
	return expect_reaches(&traffic, "1500 octets, VF 0 to wire", traffic.vf[0], traffic.partner,
			of_size(traffic.partner, NORMAL), NULL);
}

/* Once the VF's MTU is large it receives the same frame, which proves that it was on the wire
 * before. */
static enum verdict oversized_dropped(struct check_run *run)
{
	CLEANUP(sizes_end) struct sizes sizes = { 0 };
	struct traffic *traffic = &sizes.traffic;
	struct burst burst;
	enum verdict verdict;

	if (sizes_begin(run, &sizes) < 0)
		return check_broken(run, "the partner cannot send large frames");
	burst = of_size(traffic->vf[0], TOO_LARGE);
	verdict = expect_silent(traffic, "1518 octets, wire to VF 0", traffic->partner,
			traffic->vf[0], burst);
	if (verdict != VERDICT_PASS)
		return verdict;
	if (resize(&sizes, 0, JUMBO) < 0)
		return check_broken(run, "VF 0 takes no larger MTU to compare with");
	return expect_control(traffic, "mtu.jumbo-in", traffic->partner, traffic->vf[0], burst);
}

static enum verdict jumbo_in(struct check_run *run)
{
	CLEANUP(sizes_end) struct sizes sizes = { 0 };
	struct traffic *traffic = &sizes.traffic;

	if (sizes_begin(run, &sizes) < 0)
		return check_broken(run, "the partner cannot send large frames");
	if (resize(&sizes, 0, JUMBO) < 0) {
		evidence_text(run, "refused", "%s", run->err.msg);
		return expect_reaches(traffic, "1500 octets, wire to VF 0", traffic->partner,
				traffic->vf[0], of_size(traffic->vf[0], NORMAL), NULL);
	}
	return expect_reaches(traffic, "9000 octets, wire to VF 0", traffic->partner,
			traffic->vf[0], of_size(traffic->vf[0], JUMBO), NULL);
}

static enum verdict jumbo_out(struct check_run *run)
{
	CLEANUP(sizes_end) struct sizes sizes = { 0 };
	struct traffic *traffic = &sizes.traffic;

	if (sizes_begin(run, &sizes) < 0)
		return check_broken(run, "the partner cannot take large frames");
	if (resize(&sizes, 0, JUMBO) < 0)
		return check_unsupported(run, "VF 0 takes no MTU of %d", JUMBO);
	return expect_reaches(traffic, "9000 octets, VF 0 to wire", traffic->vf[0],
			traffic->partner, of_size(traffic->partner, JUMBO), NULL);
}

static enum verdict neighbour_keeps(struct check_run *run)
{
	CLEANUP(sizes_end) struct sizes sizes = { 0 };
	struct traffic *traffic = &sizes.traffic;
	enum verdict verdict;

	if (sizes_begin(run, &sizes) < 0)
		return check_broken(run, "the partner cannot send large frames");
	if (resize(&sizes, 0, JUMBO) < 0)
		return check_unsupported(run, "VF 0 takes no MTU of %d", JUMBO);
	verdict = expect_silent(traffic, "1518 octets, wire to VF 1", traffic->partner,
			traffic->vf[1], of_size(traffic->vf[1], TOO_LARGE));
	return verdict == VERDICT_PASS
			? expect_control(traffic, "mtu.jumbo-in", traffic->partner, traffic->vf[0],
					  of_size(traffic->vf[0], TOO_LARGE))
			: verdict;
}

static enum verdict shrinks_again(struct check_run *run)
{
	CLEANUP(sizes_end) struct sizes sizes = { 0 };
	struct traffic *traffic = &sizes.traffic;
	enum verdict verdict;

	if (sizes_begin(run, &sizes) < 0)
		return check_broken(run, "the partner cannot send large frames");
	if (resize(&sizes, 0, JUMBO) < 0)
		return check_unsupported(run, "VF 0 takes no MTU of %d", JUMBO);
	if (resize(&sizes, 0, NORMAL) < 0)
		return check_fail(run, "VF 0's MTU does not go back to %d", NORMAL);
	verdict = expect_silent(traffic, "1518 octets, wire to VF 0", traffic->partner,
			traffic->vf[0], of_size(traffic->vf[0], TOO_LARGE));
	return verdict == VERDICT_PASS
			? expect_control(traffic, "every-vf.receives-full", traffic->partner,
					  traffic->vf[0], of_size(traffic->vf[0], NORMAL))
			: verdict;
}

/* A card that accepts such an MTU must carry frames of that size. */
static enum verdict carries_absurd(struct check_run *run, struct sizes *sizes)
{
	struct traffic *traffic = &sizes->traffic;
	enum verdict verdict;

	evidence_text(run, "taken", "an MTU of %d", ABSURD);
	if (traffic_open(run, NULL, 2, traffic) < 0)
		return check_broken(run, "cannot listen");
	if (resize(sizes, 1, ABSURD) < 0)
		return check_fail(run, "VF 0 takes an MTU of %d, and VF 1 does not", ABSURD);
	verdict = expect_reaches(traffic, "60000 octets, VF 0 to VF 1", traffic->vf[0],
			traffic->vf[1], of_size(traffic->vf[1], ABSURD), NULL);
	/* An interface that refuses to send them does not have the MTU that it reports. */
	return verdict == VERDICT_BROKEN
			? check_fail(run, "VF 0 takes an MTU of %d, and sends no such frame",
					  ABSURD)
			: verdict;
}

static enum verdict refuses_absurd(struct check_run *run)
{
	CLEANUP(sizes_end) struct sizes sizes = { .dut = run->dut };
	struct err refusal = { 0 };

	if (set_vf_mtu(run->dut, 0, ABSURD, &refusal) < 0) {
		evidence_text(run, "refused", "%s", refusal.msg);
		return VERDICT_PASS;
	}
	sizes.changed[0] = true;
	return carries_absurd(run, &sizes);
}

enum { WIRED = NEED_WIRE | NEED_VF_NET };

const struct check suite_mtu[] = {
	{ .id = "mtu.full-size",
			.title = "Frames as large as the MTU pass both ways",
			.why = "Small test frames hide a filter that is set too low.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = full_size },
	{ .id = "mtu.oversized-dropped",
			.title = "Frames above the VF's MTU do not reach it",
			.why = "They would overflow buffers that are smaller.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = oversized_dropped },
	{ .id = "mtu.jumbo-in",
			.title = "A VF with a large MTU receives large frames, or the MTU is "
				 "refused",
			.why = "Storage networks need large frames.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 15,
			.fn = jumbo_in },
	{ .id = "mtu.jumbo-out",
			.title = "A VF with a large MTU sends large frames, also above the PF's "
				 "MTU",
			.why = "A frame that the interface accepts must not vanish.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 15,
			.fn = jumbo_out },
	{ .id = "mtu.neighbour-keeps",
			.title = "One VF's large MTU does not let large frames into its neighbour",
			.why = "The neighbour's buffers are smaller.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 15,
			.fn = neighbour_keeps },
	{ .id = "mtu.shrinks-again",
			.title = "A VF whose MTU is lowered again no longer receives large frames",
			.why = "Its buffers shrink with it.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 15,
			.fn = shrinks_again },
	{ .id = "mtu.refuses-absurd",
			.title = "A VF refuses an MTU that no frame of the card can have",
			.why = "A value that overflows a register becomes another size.",
			.needs = NEED_VF_NET,
			.vfs = 4,
			.timeout_s = 5,
			.fn = refuses_absurd },
	{ 0 },
};
