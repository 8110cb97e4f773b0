/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/cleanup.h"
#include "checks/expect.h"
#include "checks/suites.h"
#include "observe/rate_meter.h"

/*
 * Transmit rates of VFs, measured on the wire. The limit is far below the rate of any card, so a
 * short measurement is enough. Within the window a VF that obeys its limit sends at most TOLERANCE
 * times that rate, which allows for the first burst of a token bucket. As a control, a VF without a
 * limit must be faster than that; if it is not, nothing is proven.
 */

enum {
	LIMIT = 2,
	TOLERANCE = 2,
	WINDOW_MS = 200,
	WINDOWS = 3, /* a limit must hold in each: a single window may have been a slow moment */
	GLANCE_MS = 60,
	FAST_MS = 2000, /* a busy machine must let a VF send at full rate in one of them */
	FRAME_OCTETS = 1000
}; /* Mbit/s */

static struct vf_settings limit(uint32_t max)
{
	return (struct vf_settings){ .given = VF_RATE, .max_rate = max };
}

static struct flow to_wire(struct traffic *traffic, unsigned vf)
{
	return (struct flow){ .from = traffic->vf[vf],
		.at = traffic->partner,
		.burst = { .to = endpoint_mac(traffic->partner), .octets = FRAME_OCTETS } };
}

/* VF 0 must stay within its limit in each window, beside the flow of the VF BESIDE (-1: none). */
static enum verdict within_once(struct traffic *traffic, const char *name, int beside)
{
	struct flow flow = to_wire(traffic, 0), other = { 0 };
	double rate;

	if (beside >= 0)
		other = to_wire(traffic, (unsigned)beside);
	if (rate_measure(traffic, name, &flow, beside >= 0 ? &other : NULL, WINDOW_MS, &rate) < 0)
		return check_broken(traffic->run, "cannot measure");
	if (!flow.arrived)
		return check_broken(traffic->run, "nothing arrives from VF 0 under its limit");
	if (rate <= LIMIT * TOLERANCE)
		return VERDICT_PASS;
	return check_fail(traffic->run, "VF 0 sends %.1f Mbit/s, its limit is %d: %s", rate, LIMIT,
			name);
}

static enum verdict within(struct traffic *traffic, const char *name, int beside)
{
	enum verdict verdict = VERDICT_PASS;

	for (int i = 0; i < WINDOWS && verdict == VERDICT_PASS; i++)
		verdict = within_once(traffic, name, beside);
	return verdict;
}

/* Measures the full rate of a VF: until it exceeds what any limit of these checks allows, or for
 * a bounded number of windows. */
static int unlimited(struct traffic *traffic, const char *name, unsigned vf, double *rate)
{
	struct deadline deadline = dut_deadline(traffic->dut, FAST_MS);
	int rc;

	do {
		struct flow flow = to_wire(traffic, vf);

		rc = rate_measure(traffic, name, &flow, NULL, GLANCE_MS, rate);
	} while (!rc && *rate <= LIMIT * TOLERANCE && deadline_left(deadline));
	return rc;
}

static enum verdict control(struct traffic *traffic)
{
	double rate;

	if (unlimited(traffic, "without a limit", 1, &rate) == 0 && rate > LIMIT * TOLERANCE)
		return VERDICT_PASS;
	return check_broken(traffic->run, "VF 1 has no limit and is too slow to compare with");
}

static enum verdict open_limited(struct check_run *run, struct traffic *traffic)
{
	struct vf_settings settings[2] = { limit(LIMIT), { 0 } };

	if (traffic_open(run, settings, 2, traffic) == 0)
		return VERDICT_PASS;
	if (run->err.code == EOPNOTSUPP)
		return check_unsupported(run, "the PF's driver cannot limit rates");
	return check_broken(run, "VF 0's rate cannot be limited");
}

static enum verdict enforced(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	enum verdict verdict = open_limited(run, &traffic);

	if (verdict == VERDICT_PASS)
		verdict = control(&traffic);
	return verdict == VERDICT_PASS ? within(&traffic, "limited", -1) : verdict;
}

static enum verdict beside_noise(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	enum verdict verdict = open_limited(run, &traffic);

	if (verdict == VERDICT_PASS)
		verdict = control(&traffic);
	return verdict == VERDICT_PASS ? within(&traffic, "limited, VF 1 sends all it can", 1)
				       : verdict;
}

static enum verdict after_reset(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	enum verdict verdict = open_limited(run, &traffic);

	if (verdict == VERDICT_PASS)
		verdict = control(&traffic);
	if (verdict != VERDICT_PASS)
		return verdict;
	if (dut_reset_vf(run->dut, 0, &run->err) < 0 || traffic_reopen_vf(&traffic, 0) < 0)
		return check_fail(run, "VF 0 does not come back from its reset");
	return within(&traffic, "limited, after FLR", -1);
}

/* A VF without a limit must be faster than LIMIT * TOLERANCE. */
static enum verdict fast(struct traffic *traffic, const char *name, unsigned vf)
{
	double rate;

	if (unlimited(traffic, name, vf, &rate) < 0)
		return check_broken(traffic->run, "cannot measure");
	if (rate > LIMIT * TOLERANCE)
		return VERDICT_PASS;
	return check_fail(traffic->run, "VF %u has no limit and sends %.1f Mbit/s",
			check_vf(traffic->run, vf), rate);
}

static enum verdict neighbour_free(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	enum verdict verdict = open_limited(run, &traffic);

	return verdict == VERDICT_PASS ? fast(&traffic, "VF 1 beside a limited VF", 1) : verdict;
}

static enum verdict cleared(struct check_run *run)
{
	struct vf_settings none = limit(0);
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	enum verdict verdict = open_limited(run, &traffic);

	if (verdict != VERDICT_PASS)
		return verdict;
	if (traffic_set_vf(&traffic, 0, &none) < 0)
		return check_fail(run, "the limit of VF 0 cannot be removed");
	return fast(&traffic, "VF 0 after its limit", 0);
}

/* The PF must refuse RATES and still report none. */
static enum verdict refuses(struct check_run *run, struct vf_settings rates)
{
	struct dut *dut = run->dut;
	struct vf_settings none = limit(0);
	struct vf_settings reported = { 0 };
	struct err refusal = { 0 };

	if (dut_set_vf(dut, 0, &rates, &refusal) == 0) {
		dut_set_vf(dut, 0, &none, &run->err);
		return check_fail(run, "the PF accepted the rates %u to %u Mbit/s", rates.min_rate,
				rates.max_rate);
	}
	evidence_text(run, "refused", "%s", refusal.msg);
	if (dut_read_vf(dut, 0, &reported, &run->err) < 0)
		return check_broken(run, "cannot read the PF's report");
	return reported.max_rate || reported.min_rate
			? check_fail(run, "the PF refused the rates, but reports some")
			: VERDICT_PASS;
}

static enum verdict refuses_above_link(struct check_run *run)
{
	return refuses(run, limit(4000000));
}

static enum verdict refuses_min_above_max(struct check_run *run)
{
	struct vf_settings rates = limit(10);

	rates.min_rate = 20;
	return refuses(run, rates);
}

/* A guaranteed rate is hard to measure, and a PF may refuse it; if the PF accepts it, the PF
 * must at least report it and be able to remove it. */
static enum verdict min_rate(struct check_run *run)
{
	struct vf_settings rates = limit(0);
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	struct err refusal = { 0 };

	rates.min_rate = 10;
	if (traffic_open(run, NULL, 1, &traffic) < 0)
		return check_broken(run, "cannot listen");
	if (dut_set_vf(run->dut, 0, &rates, &refusal) < 0) {
		evidence_text(run, "refused", "%s", refusal.msg);
		return fast(&traffic, "VF 0 after a refused minimum", 0);
	}
	if (traffic_set_vf(&traffic, 0, &rates) < 0)
		return check_fail(run, "the PF accepted a minimum rate, but reports another");
	return fast(&traffic, "VF 0 with a minimum of 10 Mbit/s", 0);
}

enum { WIRED = NEED_WIRE | NEED_VF_NET | NEED_VF_SETTINGS };

const struct check suite_rate[] = {
	{ .id = "rate.enforced",
			.title = "A VF with a maximum rate sends no faster",
			.why = "One guest could fill the port that all share.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = enforced },
	{ .id = "rate.beside-noise",
			.title = "A VF's maximum rate holds beside a VF that sends all it can",
			.why = "Limits matter when the port is busy.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = beside_noise },
	{ .id = "rate.survives-flr",
			.title = "A VF's maximum rate holds after its function-level reset",
			.why = "A guest could shed its limit by resetting its VF.",
			.needs = WIRED | NEED_FLR,
			.vfs = 4,
			.timeout_s = 15,
			.fn = after_reset },
	{ .id = "rate.neighbour-free",
			.title = "A VF's maximum rate does not slow its neighbour",
			.why = "A limit belongs to one guest.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = neighbour_free },
	{ .id = "rate.cleared",
			.title = "A maximum rate of 0 removes the limit",
			.why = "The next guest would inherit it.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = cleared },
	{ .id = "rate.refuses-above-link",
			.title = "The PF refuses a maximum rate above any link speed",
			.why = "A value that overflows a register becomes another limit.",
			.needs = NEED_VF_SETTINGS,
			.vfs = 4,
			.timeout_s = 5,
			.fn = refuses_above_link },
	{ .id = "rate.refuses-min-above-max",
			.title = "The PF refuses a minimum rate above the maximum",
			.why = "No scheduler can meet it.",
			.needs = NEED_VF_SETTINGS,
			.vfs = 4,
			.unbreakable = "rtnetlink refuses it before any driver, inside a function "
				       "that does all the rest as well",
			.timeout_s = 5,
			.fn = refuses_min_above_max },
	{ .id = "rate.min",
			.title = "A minimum rate is refused, or reported as it was set, and slows "
				 "nobody",
			.why = "Plans rely on what the PF accepted.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = min_rate },
	{ 0 },
};
