/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/cleanup.h"
#include "checks/expect.h"
#include "checks/suites.h"

/* Priority tags (IEEE 802.1Q, 6.9): VLAN 0 carries a priority and means no VLAN. */

enum { RED = 10, PRIORITY = 5 };

static const struct tag priority_only = { 0x8100, 0, PRIORITY };

/* The PF must refuse VLAN 0 with a priority, or the VF's frames must leave with that priority
 * and in no VLAN. */
static enum verdict vlan_zero(struct check_run *run)
{
	struct vf_settings settings = { .given = VF_VLAN, .qos = PRIORITY };
	struct vf_settings none = { .given = VF_VLAN };
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	struct err refusal = { 0 };
	struct received received;
	enum verdict verdict;

	if (traffic_open(run, NULL, 1, &traffic) < 0)
		return check_broken(run, "cannot listen");
	if (dut_set_vf(run->dut, 0, &settings, &refusal) < 0)
		evidence_text(run, "refused", "%s", refusal.msg);
	verdict = expect_reaches(&traffic, "VF 0 to wire", traffic.vf[0], traffic.partner,
			(struct burst){ .to = endpoint_mac(traffic.partner) }, &received);
	if (!refusal.code && traffic_set_vf(&traffic, 0, &none) < 0)
		return check_fail(run, "the priority of VLAN 0 cannot be removed");
	if (verdict != VERDICT_PASS)
		return verdict;
	if (refusal.code)
		return received.tags
				? check_fail(run,
						  "the setting was refused, but the frames are "
						  "tagged")
				: VERDICT_PASS;
	if (!received.tags || received.outer.vlan || received.outer.priority != PRIORITY)
		return check_fail(run,
				"priority %d in VLAN 0 is set; the frames are on the wire with %u "
				"tags, VLAN %u, priority %u",
				PRIORITY, received.tags, received.outer.vlan,
				received.outer.priority);
	return VERDICT_PASS;
}

static enum verdict to_free_vf(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (traffic_open(run, NULL, 1, &traffic) < 0)
		return check_broken(run, "cannot listen");
	return expect_reaches(&traffic, "priority-tagged, to a VF in no VLAN", traffic.partner,
			traffic.vf[0],
			(struct burst){ .to = endpoint_mac(traffic.vf[0]), .outer = priority_only },
			NULL);
}

static enum verdict to_vlan_vf(struct check_run *run)
{
	struct vf_settings settings = { .given = VF_VLAN, .vlan = RED, .proto = 0x8100 };
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	struct burst burst = { .outer = priority_only };
	enum verdict verdict;

	if (traffic_open(run, &settings, 1, &traffic) < 0)
		return check_broken(run, "VF 0 cannot be put into a VLAN");
	burst.to = endpoint_mac(traffic.vf[0]);
	verdict = expect_silent(&traffic, "priority-tagged, to a VF in a VLAN", traffic.partner,
			traffic.vf[0], burst);
	if (verdict != VERDICT_PASS)
		return verdict;
	burst.outer.vlan = RED;
	return expect_control(&traffic, "vlan.ingress-own", traffic.partner, traffic.vf[0], burst);
}

static enum verdict of_free_vf(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	struct received received;
	enum verdict verdict;

	if (traffic_open(run, NULL, 1, &traffic) < 0)
		return check_broken(run, "cannot listen");
	verdict = expect_reaches(&traffic, "priority-tagged by a VF in no VLAN", traffic.vf[0],
			traffic.partner,
			(struct burst){ .to = endpoint_mac(traffic.partner),
					.outer = priority_only },
			&received);
	if (verdict == VERDICT_PASS && received.tags && received.outer.vlan)
		return check_fail(
				run, "the frames are on the wire in VLAN %u", received.outer.vlan);
	return verdict;
}

/* The port VLAN's tag must be the outer one, with the port's priority and not the VF's. */
static enum verdict of_vlan_vf(struct check_run *run)
{
	struct vf_settings settings = { .given = VF_VLAN, .vlan = RED, .qos = 2, .proto = 0x8100 };
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	struct received received;
	enum verdict verdict;

	if (traffic_open(run, &settings, 1, &traffic) < 0)
		return check_broken(run, "VF 0 cannot be put into a VLAN");
	verdict = expect_reaches(&traffic, "priority-tagged by a VF in a VLAN", traffic.vf[0],
			traffic.partner,
			(struct burst){ .to = endpoint_mac(traffic.partner),
					.outer = priority_only },
			&received);
	if (verdict == VERDICT_PASS &&
			(!received.tags || received.outer.vlan != RED ||
					received.outer.priority != 2))
		return check_fail(run,
				"VLAN %d and priority 2 are set; the frames are on the wire with "
				"%u tags, the outer VLAN %u, priority %u",
				RED, received.tags, received.outer.vlan, received.outer.priority);
	return verdict;
}

enum { WIRED = NEED_WIRE | NEED_VF_NET | NEED_VF_SETTINGS };

const struct check suite_priority[] = {
	{ .id = "priority.vlan-zero",
			.title = "VLAN 0 with a priority is on the wire, or the PF refuses it",
			.why = "A setting that is accepted and not applied leaves the VF without "
			       "its queue.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = vlan_zero },
	{ .id = "priority.to-free-vf",
			.title = "Priority-tagged frames reach a VF without a VLAN",
			.why = "Networks with priorities send such frames to everybody.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = to_free_vf },
	{ .id = "priority.to-vlan-vf",
			.title = "Priority-tagged frames from the wire do not reach a VF in a VLAN",
			.why = "They belong to no VLAN, whatever their tag looks like.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = to_vlan_vf },
	{ .id = "priority.of-free-vf",
			.title = "Priority-tagged frames of a VF without a VLAN are in no VLAN",
			.why = "Guests set priorities themselves.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = of_free_vf },
	{ .id = "priority.of-vlan-vf",
			.title = "A VF cannot raise the priority of its port VLAN by its own tag",
			.why = "A guest would choose its queue in the network.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = of_vlan_vf },
	{ 0 },
};
