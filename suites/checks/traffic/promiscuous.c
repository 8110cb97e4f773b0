/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/cleanup.h"
#include "checks/expect.h"
#include "checks/suites.h"

/*
 * Promiscuous mode of a VF: without trust it has no effect, whatever the VF's interface reports;
 * with trust the VF receives all frames of its own network, as long as the mode lasts.
 *
 * These checks never put the PF into promiscuous mode: that changes what all functions receive.
 */

enum { RED = 10, BLUE = 20 };

static const struct mac any = { { 0 } };
static const struct mac lone_group = { { 0x01, 0x00, 0x5e, 0x11, 0x22, 0x33 } };

static int open_with_trust(struct check_run *run, bool trusted, struct traffic *traffic)
{
	struct vf_settings settings[2] = { { .given = VF_TRUST, .trust = trusted }, { 0 } };

	return traffic_open(run, settings, 2, traffic);
}

/* VF 0 must receive its own frames, and neither frames for VF 1 nor frames for no existing
 * address. */
static enum verdict hears_only_its_own(struct traffic *traffic)
{
	struct burst to_neighbour = { .to = endpoint_mac(traffic->vf[1]) };
	struct burst to_nobody = { .to = dut_test_mac(traffic->dut, 140) };
	enum verdict verdict;

	verdict = expect_silent(traffic, "wire to VF 1, at VF 0", traffic->partner, traffic->vf[0],
			to_neighbour);
	if (verdict == VERDICT_PASS)
		verdict = expect_silent(traffic, "wire to nobody, at VF 0", traffic->partner,
				traffic->vf[0], to_nobody);
	if (verdict == VERDICT_PASS)
		verdict = expect_silent(traffic, "VF 1 to the wire, at VF 0", traffic->vf[1],
				traffic->vf[0],
				(struct burst){ .to = endpoint_mac(traffic->partner) });
	if (verdict != VERDICT_PASS)
		return verdict;
	return expect_control(traffic, "every-vf.receives", traffic->partner, traffic->vf[0],
			(struct burst){ .to = endpoint_mac(traffic->vf[0]) });
}

static enum verdict untrusted(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (open_with_trust(run, false, &traffic) < 0 ||
			endpoint_add_filter(traffic.vf[0], RX_PROMISCUOUS, any, &run->err) < 0)
		return check_broken(run, "VF 0 cannot ask for promiscuous mode");
	return hears_only_its_own(&traffic);
}

static enum verdict trusted(struct check_run *run)
{
	struct burst to_nobody = { .to = dut_test_mac(run->dut, 141) };
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (open_with_trust(run, true, &traffic) < 0)
		return check_broken(run, "VF 0 cannot be trusted");
	if (endpoint_add_filter(traffic.vf[0], RX_PROMISCUOUS, any, &run->err) < 0)
		return check_fail(run, "VF 0 is trusted, but cannot be promiscuous");
	return expect_reaches(&traffic, "wire to nobody, at a trusted promiscuous VF",
			traffic.partner, traffic.vf[0], to_nobody, NULL);
}

static enum verdict ends(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (open_with_trust(run, true, &traffic) < 0 ||
			endpoint_add_filter(traffic.vf[0], RX_PROMISCUOUS, any, &run->err) < 0 ||
			endpoint_drop_filter(traffic.vf[0], RX_PROMISCUOUS, any, &run->err) < 0)
		return check_broken(run, "VF 0 cannot enter and leave promiscuous mode");
	return hears_only_its_own(&traffic);
}

static enum verdict ends_with_trust(struct check_run *run)
{
	struct vf_settings off = { .given = VF_TRUST };
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (open_with_trust(run, true, &traffic) < 0 ||
			endpoint_add_filter(traffic.vf[0], RX_PROMISCUOUS, any, &run->err) < 0 ||
			traffic_set_vf(&traffic, 0, &off) < 0)
		return check_broken(run, "VF 0's trust cannot be withdrawn");
	return hears_only_its_own(&traffic);
}

static enum verdict in_its_vlan(struct check_run *run)
{
	struct vf_settings settings[2] = {
		{ .given = VF_VLAN | VF_TRUST, .vlan = RED, .proto = 0x8100, .trust = true },
		{ .given = VF_VLAN, .vlan = BLUE, .proto = 0x8100 },
	};
	struct burst blue = { .to = mac_broadcast, .outer = { 0x8100, BLUE, 0 } };
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	enum verdict verdict;

	if (traffic_open(run, settings, 2, &traffic) < 0 ||
			endpoint_add_filter(traffic.vf[0], RX_PROMISCUOUS, any, &run->err) < 0)
		return check_broken(run, "VF 0 cannot ask for promiscuous mode");
	verdict = expect_silent(&traffic, "a broadcast in VF 1's VLAN, at VF 0", traffic.partner,
			traffic.vf[0], blue);
	return verdict == VERDICT_PASS ? expect_control(&traffic, "vlan.ingress-own",
							 traffic.partner, traffic.vf[1], blue)
				       : verdict;
}

static enum verdict neighbour_served(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (open_with_trust(run, true, &traffic) < 0 ||
			endpoint_add_filter(traffic.vf[0], RX_PROMISCUOUS, any, &run->err) < 0)
		return check_broken(run, "VF 0 cannot ask for promiscuous mode");
	return expect_reaches(&traffic, "wire to VF 1 beside a promiscuous VF", traffic.partner,
			traffic.vf[1], (struct burst){ .to = endpoint_mac(traffic.vf[1]) }, NULL);
}

static enum verdict all_groups_untrusted(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	enum verdict verdict;

	if (open_with_trust(run, false, &traffic) < 0 ||
			endpoint_add_filter(traffic.vf[0], RX_ALL_GROUPS, any, &run->err) < 0)
		return check_broken(run, "VF 0 cannot ask for all groups");
	verdict = expect_silent(&traffic, "a group that nobody joined, at VF 0", traffic.partner,
			traffic.vf[0], (struct burst){ .to = lone_group });
	if (verdict != VERDICT_PASS)
		return verdict;
	if (endpoint_join(traffic.vf[0], lone_group, &run->err) < 0)
		return check_broken(run, "VF 0 cannot join a group");
	return expect_control(&traffic, "multicast.member-hears", traffic.partner, traffic.vf[0],
			(struct burst){ .to = lone_group });
}

static enum verdict all_groups_trusted(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (open_with_trust(run, true, &traffic) < 0)
		return check_broken(run, "VF 0 cannot be trusted");
	if (endpoint_add_filter(traffic.vf[0], RX_ALL_GROUPS, any, &run->err) < 0)
		return check_fail(run, "VF 0 is trusted, but cannot ask for all groups");
	return expect_reaches(&traffic, "a group that nobody joined, at a trusted VF",
			traffic.partner, traffic.vf[0], (struct burst){ .to = lone_group }, NULL);
}

enum { WIRED = NEED_WIRE | NEED_VF_NET | NEED_VF_SETTINGS };

const struct check suite_promiscuous[] = {
	{ .id = "promiscuous.untrusted",
			.title = "A VF without trust receives no more in promiscuous mode",
			.why = "Any guest can ask for this mode, but must not see its neighbours' "
			       "traffic.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = untrusted },
	{ .id = "promiscuous.trusted",
			.title = "A trusted VF in promiscuous mode receives unknown unicast",
			.why = "Bridges and monitors inside a guest depend on it.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = trusted },
	{ .id = "promiscuous.ends",
			.title = "A VF that leaves promiscuous mode receives only its own frames "
				 "again",
			.why = "A mode that stays on leaks frames to the next guest.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = ends },
	{ .id = "promiscuous.ends-with-trust",
			.title = "A promiscuous VF whose trust is withdrawn receives only its own "
				 "frames",
			.why = "An untrusted guest would keep what only a trusted one may have.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = ends_with_trust },
	{ .id = "promiscuous.in-its-vlan",
			.title = "A promiscuous VF receives no VLAN but its own",
			.why = "Port VLANs separate tenants.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = in_its_vlan },
	{ .id = "promiscuous.neighbour-served",
			.title = "Frames to a VF reach it although its neighbour is promiscuous",
			.why = "A listener must not take frames away from their receiver.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = neighbour_served },
	{ .id = "promiscuous.all-groups-untrusted",
			.title = "A VF without trust that asks for all groups receives only its "
				 "own",
			.why = "Groups carry other tenants' streams.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = all_groups_untrusted },
	{ .id = "promiscuous.all-groups-trusted",
			.title = "A trusted VF that asks for all groups receives them",
			.why = "Routers inside a guest depend on it.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = all_groups_trusted },
	{ 0 },
};
