/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/cleanup.h"
#include "checks/expect.h"
#include "checks/suites.h"
#include "drivers/registers.h"
#include "observe/dut.h"

/*
 * The spoof check: while it is on, a VF can send only under its own MAC and in its own VLAN. These
 * checks test the wire, and also compare the PF's report with the card's registers.
 */

enum { VLAN_OF_OTHERS = 30 };

static struct vf_settings spoof_check(bool on)
{
	return (struct vf_settings){ .given = VF_SPOOFCHK, .spoofchk = on };
}

static struct burst forged(struct traffic *traffic, struct endpoint *to)
{
	return (struct burst){ .to = endpoint_mac(to), .from = dut_test_mac(traffic->dut, 100) };
}

/* Frames of VF 0 with a forged source must not be on the wire; those with its own must be. */
static enum verdict wire_guarded(struct traffic *traffic, const char *name)
{
	struct burst honest = { .to = endpoint_mac(traffic->partner) };
	enum verdict verdict = expect_silent(traffic, name, traffic->vf[0], traffic->partner,
			forged(traffic, traffic->partner));

	return verdict == VERDICT_PASS ? expect_control(traffic, "every-vf.sends", traffic->vf[0],
							 traffic->partner, honest)
				       : verdict;
}

static enum verdict off_passes(struct check_run *run)
{
	struct vf_settings off = spoof_check(false);
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (traffic_open(run, &off, 1, &traffic) < 0)
		return check_broken(run, "the spoof check cannot be switched off");
	return expect_reaches(&traffic, "VF 0 under another MAC", traffic.vf[0], traffic.partner,
			forged(&traffic, traffic.partner), NULL);
}

static enum verdict to_neighbour(struct check_run *run)
{
	struct vf_settings settings[2] = { spoof_check(true), { 0 } };
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	enum verdict verdict;

	if (traffic_open(run, settings, 2, &traffic) < 0)
		return check_broken(run, "the spoof check cannot be switched on");
	verdict = expect_silent(&traffic, "VF 0 under another MAC, at VF 1", traffic.vf[0],
			traffic.vf[1], forged(&traffic, traffic.vf[1]));
	if (verdict != VERDICT_PASS)
		return verdict;
	return expect_control(&traffic, "every-vf.to-neighbour", traffic.vf[0], traffic.vf[1],
			(struct burst){ .to = endpoint_mac(traffic.vf[1]) });
}

/* The most useful forgery is a neighbour's address, since it attracts the neighbour's traffic. */
static enum verdict as_neighbour(struct check_run *run)
{
	struct vf_settings settings[2] = { spoof_check(true), { 0 } };
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	struct burst burst;
	enum verdict verdict;

	if (traffic_open(run, settings, 2, &traffic) < 0)
		return check_broken(run, "the spoof check cannot be switched on");
	burst = (struct burst){ .to = endpoint_mac(traffic.partner),
		.from = endpoint_mac(traffic.vf[1]) };
	verdict = expect_silent(
			&traffic, "VF 0 under VF 1's MAC", traffic.vf[0], traffic.partner, burst);
	return verdict == VERDICT_PASS ? expect_control(&traffic, "every-vf.sends", traffic.vf[1],
							 traffic.partner, burst)
				       : verdict;
}

static enum verdict group_source(struct check_run *run)
{
	struct vf_settings on = spoof_check(true);
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	struct burst burst;

	if (traffic_open(run, &on, 1, &traffic) < 0)
		return check_broken(run, "the spoof check cannot be switched on");
	burst = forged(&traffic, traffic.partner);
	burst.from.octet[0] |= 1;
	return expect_silent(&traffic, "VF 0 under a group's MAC", traffic.vf[0], traffic.partner,
			burst);
}

static enum verdict vlan(struct check_run *run)
{
	struct vf_settings on = spoof_check(true);
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	struct burst tagged;
	enum verdict verdict;

	if (traffic_open(run, &on, 1, &traffic) < 0)
		return check_broken(run, "the spoof check cannot be switched on");
	tagged = (struct burst){ .to = endpoint_mac(traffic.partner),
		.outer = { 0x8100, VLAN_OF_OTHERS, 0 } };
	verdict = expect_silent(&traffic, "VF 0 in a VLAN that it is not in", traffic.vf[0],
			traffic.partner, tagged);
	tagged.outer = (struct tag){ 0 };
	return verdict == VERDICT_PASS ? expect_control(&traffic, "every-vf.sends", traffic.vf[0],
							 traffic.partner, tagged)
				       : verdict;
}

static enum verdict toggles(struct check_run *run)
{
	static const bool turns[] = { false, true, false };
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (traffic_open(run, NULL, 1, &traffic) < 0)
		return check_broken(run, "cannot listen");
	for (unsigned i = 0; i < 3; i++) {
		struct vf_settings settings = spoof_check(turns[i]);
		enum verdict verdict;

		if (traffic_set_vf(&traffic, 0, &settings) < 0)
			return check_fail(run, "the spoof check cannot be switched");
		verdict = turns[i] ? wire_guarded(&traffic, "forged, check on")
				   : expect_reaches(&traffic, "forged, check off", traffic.vf[0],
						     traffic.partner,
						     forged(&traffic, traffic.partner), NULL);
		if (verdict != VERDICT_PASS)
			return verdict;
	}
	return VERDICT_PASS;
}

static enum verdict after(struct check_run *run, const char *what,
		int (*happen)(struct dut *, unsigned, struct err *))
{
	struct vf_settings on = spoof_check(true);
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (traffic_open(run, &on, 1, &traffic) < 0)
		return check_broken(run, "the spoof check cannot be switched on");
	if (happen(run->dut, 0, &run->err) < 0 || traffic_reopen_vf(&traffic, 0) < 0)
		return check_fail(run, "VF 0 does not come back");
	return wire_guarded(&traffic, what);
}

static enum verdict after_reset(struct check_run *run)
{
	return after(run, "forged, after FLR", dut_reset_vf);
}

static enum verdict after_rebind(struct check_run *run)
{
	return after(run, "forged, after a rebind", dut_rebind_vf);
}

/* Reads VF's spoof check from the card's registers. -EOPNOTSUPP: they are not known; -EINVAL:
 * the kernel does not allow mapping the registers of a bound card. */
static int read_registers(
		const struct dut *dut, unsigned vf, bool *mac, bool *tags, struct err *err)
{
	const struct card_registers *card = card_registers_of(dut->host, dut->pf);
	struct bar pf = { 0 };
	int rc;

	if (!card || !card->spoof_bits)
		return err_set(err, EOPNOTSUPP, "the registers of %s are not known",
				dut->pf_netdev);
	rc = bar_map(dut->host, dut->pf, 0, &pf, err);
	if (rc < 0)
		return rc;
	dut_inject_faults(dut);
	card->spoof_bits(&pf, dut->vfs[vf].number, mac, tags);
	bar_unmap(&pf);
	return 0;
}

/* The card's registers must show VF's spoof check as ON. Skips if they cannot be read. */
static enum verdict register_holds(struct traffic *traffic, unsigned vf, bool on)
{
	struct check_run *run = traffic->run;
	bool mac, tags;

	if (read_registers(run->dut, vf, &mac, &tags, &run->err) < 0)
		return check_skip(run, "the card's registers cannot be read");
	evidence_text(run, "registers", "VF %u: MAC %s, VLAN %s, set %s", check_vf(run, vf),
			mac ? "on" : "off", tags ? "on" : "off", on ? "on" : "off");
	if (mac == on && tags == on)
		return VERDICT_PASS;
	return check_fail(run,
			"in the registers VF %u's check of the MAC is %s and of the VLAN %s; the "
			"PF reports %s",
			check_vf(run, vf), mac ? "on" : "off", tags ? "on" : "off",
			on ? "on" : "off");
}

static enum verdict in_register(struct check_run *run)
{
	static const bool turns[] = { false, true };
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (traffic_open(run, NULL, 1, &traffic) < 0)
		return check_broken(run, "cannot listen");
	for (unsigned i = 0; i < 2; i++) {
		struct vf_settings settings = spoof_check(turns[i]);
		enum verdict verdict;

		if (traffic_set_vf(&traffic, 0, &settings) < 0)
			return check_fail(run, "the spoof check cannot be switched");
		verdict = register_holds(&traffic, 0, turns[i]);
		if (verdict != VERDICT_PASS)
			return verdict;
	}
	return VERDICT_PASS;
}

static enum verdict in_register_after_reset(struct check_run *run)
{
	struct vf_settings on = spoof_check(true);
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (traffic_open(run, &on, 1, &traffic) < 0)
		return check_broken(run, "the spoof check cannot be switched on");
	if (dut_reset_vf(run->dut, 0, &run->err) < 0 || traffic_reopen_vf(&traffic, 0) < 0)
		return check_fail(run, "VF 0 does not come back");
	return register_holds(&traffic, 0, true);
}

static enum verdict one_vf_only(struct check_run *run)
{
	struct vf_settings settings[2] = { spoof_check(false), spoof_check(true) };
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (traffic_open(run, settings, 2, &traffic) < 0)
		return check_broken(run, "the spoof checks cannot be switched");
	return register_holds(&traffic, 1, true);
}

enum { WIRED = NEED_WIRE | NEED_VF_NET | NEED_VF_SETTINGS };

const struct check suite_spoof[] = {
	{ .id = "spoof.off-passes",
			.title = "With the spoof check off, a VF may send under another MAC",
			.why = "Guests that bridge or fail over need it.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = off_passes },
	{ .id = "spoof.to-neighbour",
			.title = "With the spoof check on, a forged source does not reach another "
				 "VF",
			.why = "Frames inside the card pass no switch that could filter them.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = to_neighbour },
	{ .id = "spoof.as-neighbour",
			.title = "With the spoof check on, a VF cannot send under its neighbour's "
				 "MAC",
			.why = "The network would send the neighbour's traffic the wrong way.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = as_neighbour },
	{ .id = "spoof.group-source",
			.title = "With the spoof check on, a VF cannot send under a group address",
			.why = "Switches drop or misroute such frames.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = group_source },
	{ .id = "spoof.vlan",
			.title = "With the spoof check on, a VF cannot send in a VLAN that it is "
				 "not in",
			.why = "A guest would choose its network itself.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = vlan },
	{ .id = "spoof.toggles",
			.title = "The spoof check takes effect each time it is switched",
			.why = "A switch that works only once leaves guests open, or cut off.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = toggles },
	{ .id = "spoof.survives-flr",
			.title = "The spoof check holds after a VF's function-level reset",
			.why = "Every attach to a guest resets the VF.",
			.needs = WIRED | NEED_FLR,
			.vfs = 4,
			.timeout_s = 15,
			.fn = after_reset },
	{ .id = "spoof.survives-rebind",
			.title = "The spoof check holds when the VF's driver is bound again",
			.why = "Drivers come and go with every guest.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 15,
			.fn = after_rebind },
	{ .id = "spoof.register",
			.title = "The card's registers hold the spoof check that the PF reports",
			.why = "A report from the driver's memory hides that the card was reset.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = in_register },
	{ .id = "spoof.register-survives-flr",
			.title = "The card's registers hold the spoof check after a VF's reset",
			.why = "A guest could switch the check off by resetting its VF.",
			.needs = WIRED | NEED_FLR,
			.vfs = 4,
			.timeout_s = 15,
			.fn = in_register_after_reset },
	{ .id = "spoof.one-vf-only",
			.title = "Switching off one VF's spoof check leaves its neighbour's on",
			.why = "Trusting one guest must not open the others.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = one_vf_only },
	{ 0 },
};
