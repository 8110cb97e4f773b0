/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/cleanup.h"
#include "checks/expect.h"
#include "checks/suites.h"

/*
 * Port VLANs: the PF's administrator puts a VF into a VLAN, and the card adds and strips the tag.
 * The VF neither sees nor chooses it.
 *
 * All checks use the same tenants: VF 0 and VF 2 in VLAN RED, VF 1 in VLAN BLUE, VF 3 in none.
 * Defects (fixtures/defects) are written for these.
 */

enum { RED = 10, BLUE = 20, RED_VF = 0, BLUE_VF = 1, RED_FRIEND = 2, FREE_VF = 3 };

static struct vf_settings in_vlan(uint16_t vlan, uint8_t qos)
{
	return (struct vf_settings){ .given = VF_VLAN, .vlan = vlan, .qos = qos, .proto = 0x8100 };
}

static int open_tenants(struct check_run *run, struct traffic *traffic)
{
	struct vf_settings settings[4] = { in_vlan(RED, 0), in_vlan(BLUE, 0), in_vlan(RED, 0),
		{ 0 } };

	return traffic_open(run, settings, 4, traffic);
}

static struct tag tagged(uint16_t vlan)
{
	return (struct tag){ 0x8100, vlan, 0 };
}

static enum verdict egress_tagged(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (open_tenants(run, &traffic) < 0)
		return check_broken(run, "cannot put the VFs into their VLANs");
	return expect_egress_tag(&traffic, RED_VF, tagged(RED));
}

static enum verdict egress_priority(struct check_run *run)
{
	struct vf_settings settings = in_vlan(RED, 5);
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (traffic_open(run, &settings, 1, &traffic) < 0)
		return check_broken(run, "VF 0 cannot be put into a VLAN with a priority");
	return expect_egress_tag(&traffic, RED_VF, (struct tag){ 0x8100, RED, 5 });
}

static enum verdict ingress_own(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (open_tenants(run, &traffic) < 0)
		return check_broken(run, "cannot put the VFs into their VLANs");
	return expect_ingress_tag(&traffic, RED_VF, tagged(RED));
}

static enum verdict ingress_untagged(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (open_tenants(run, &traffic) < 0)
		return check_broken(run, "cannot put the VFs into their VLANs");
	return expect_silent(&traffic, "untagged from the wire to a VF in a VLAN", traffic.partner,
			traffic.vf[RED_VF],
			(struct burst){ .to = endpoint_mac(traffic.vf[RED_VF]) });
}

static enum verdict ingress_foreign(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (open_tenants(run, &traffic) < 0)
		return check_broken(run, "cannot put the VFs into their VLANs");
	return expect_silent(&traffic, "another tenant's VLAN from the wire", traffic.partner,
			traffic.vf[RED_VF],
			(struct burst){ .to = endpoint_mac(traffic.vf[RED_VF]),
					.outer = tagged(BLUE) });
}

static enum verdict same_vlan(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (open_tenants(run, &traffic) < 0)
		return check_broken(run, "cannot put the VFs into their VLANs");
	return expect_reaches(&traffic, "VF 0 to VF 2, both in one VLAN", traffic.vf[RED_VF],
			traffic.vf[RED_FRIEND],
			(struct burst){ .to = endpoint_mac(traffic.vf[RED_FRIEND]) }, NULL);
}

static enum verdict other_vlan(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (open_tenants(run, &traffic) < 0)
		return check_broken(run, "cannot put the VFs into their VLANs");
	return expect_silent(&traffic, "from a VF in another VLAN", traffic.vf[RED_VF],
			traffic.vf[BLUE_VF],
			(struct burst){ .to = endpoint_mac(traffic.vf[BLUE_VF]) });
}

static enum verdict to_untagged_vf(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	enum verdict verdict;

	if (open_tenants(run, &traffic) < 0)
		return check_broken(run, "cannot put the VFs into their VLANs");
	verdict = expect_silent(&traffic, "from a VF in a VLAN to one in none", traffic.vf[RED_VF],
			traffic.vf[FREE_VF],
			(struct burst){ .to = endpoint_mac(traffic.vf[FREE_VF]) });
	if (verdict != VERDICT_PASS)
		return verdict;
	return expect_silent(&traffic, "from a VF in no VLAN to one in a VLAN", traffic.vf[FREE_VF],
			traffic.vf[RED_VF],
			(struct burst){ .to = endpoint_mac(traffic.vf[RED_VF]) });
}

/* A VF may add a second tag inside its port VLAN; another outer tag is an escape. */
static enum verdict pre_tagged(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	struct burst burst = { .outer = tagged(BLUE) };
	struct received received;
	uint64_t token;

	if (open_tenants(run, &traffic) < 0)
		return check_broken(run, "cannot put the VFs into their VLANs");
	burst.to = endpoint_mac(traffic.partner);
	if (traffic_send(&traffic, traffic.vf[RED_VF], burst, &token) < 0 ||
			traffic_prove_silence(&traffic, "on the wire", traffic.vf[RED_VF],
					traffic.partner, token, &received) < 0)
		return check_broken(run, "what leaves VF 0 cannot be determined");
	if (received.frames && (!received.tags || received.outer.vlan != RED))
		return check_fail(run,
				"VF 0 in VLAN %d escapes to VLAN %u by tagging frames itself", RED,
				received.outer.vlan);
	burst.to = endpoint_mac(traffic.vf[BLUE_VF]);
	return expect_silent(&traffic, "tagged for its VLAN by a VF of another VLAN",
			traffic.vf[RED_VF], traffic.vf[BLUE_VF], burst);
}

static enum verdict hop_blocked(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (open_tenants(run, &traffic) < 0)
		return check_broken(run, "cannot put the VFs into their VLANs");
	return expect_silent(&traffic, "tagged for its VLAN by a VF without a VLAN",
			traffic.vf[FREE_VF], traffic.vf[RED_VF],
			(struct burst){ .to = endpoint_mac(traffic.vf[RED_VF]),
					.outer = tagged(RED) });
}

static enum verdict broadcast_contained(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	struct burst burst = { .to = mac_broadcast };
	enum verdict verdict;

	if (open_tenants(run, &traffic) < 0)
		return check_broken(run, "cannot put the VFs into their VLANs");
	verdict = expect_silent(&traffic, "a broadcast of VF 0 in another VLAN", traffic.vf[RED_VF],
			traffic.vf[BLUE_VF], burst);
	if (verdict == VERDICT_PASS)
		verdict = expect_silent(&traffic, "a broadcast of VF 0 in a VLAN",
				traffic.vf[RED_VF], traffic.vf[FREE_VF], burst);
	if (verdict != VERDICT_PASS)
		return verdict;
	return expect_control(&traffic, "vlan.same-vlan", traffic.vf[RED_VF],
			traffic.vf[RED_FRIEND], burst);
}

static enum verdict cleared(struct check_run *run)
{
	struct vf_settings none = in_vlan(0, 0);
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	enum verdict verdict;

	if (open_tenants(run, &traffic) < 0)
		return check_broken(run, "cannot put the VFs into their VLANs");
	if (traffic_set_vf(&traffic, RED_VF, &none) < 0)
		return check_fail(run, "VF 0 cannot be taken out of its VLAN");
	verdict = expect_egress_tag(&traffic, RED_VF, (struct tag){ 0 });
	return verdict == VERDICT_PASS ? expect_ingress_tag(&traffic, RED_VF, (struct tag){ 0 })
				       : verdict;
}

/* The port VLAN must hold in both directions after a reset or rebind. */
static enum verdict still_in_vlan(struct traffic *traffic, int came_back)
{
	enum verdict verdict;

	if (came_back < 0 || traffic_reopen_vf(traffic, RED_VF) < 0)
		return check_fail(traffic->run, "VF 0 does not come back");
	verdict = expect_egress_tag(traffic, RED_VF, tagged(RED));
	return verdict == VERDICT_PASS ? expect_ingress_tag(traffic, RED_VF, tagged(RED)) : verdict;
}

static enum verdict survives_flr(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (open_tenants(run, &traffic) < 0)
		return check_broken(run, "cannot put the VFs into their VLANs");
	return still_in_vlan(&traffic, dut_reset_vf(run->dut, RED_VF, &run->err));
}

static enum verdict survives_rebind(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (open_tenants(run, &traffic) < 0)
		return check_broken(run, "cannot put the VFs into their VLANs");
	return still_in_vlan(&traffic, dut_rebind_vf(run->dut, RED_VF, &run->err));
}

/* The PF must refuse this VLAN and still report none for VF 0. */
static enum verdict refuses(struct check_run *run, struct vf_settings settings)
{
	struct dut *dut = run->dut;
	struct vf_settings none = in_vlan(0, 0);
	struct vf_settings reported = { 0 };
	struct err refusal = { 0 };

	if (dut_set_vf(dut, 0, &settings, &refusal) == 0) {
		dut_set_vf(dut, 0, &none, &run->err);
		return check_fail(run, "the PF accepted VLAN %u with priority %u", settings.vlan,
				settings.qos);
	}
	evidence_text(run, "refused", "%s", refusal.msg);
	if (dut_read_vf(dut, 0, &reported, &run->err) < 0)
		return check_broken(run, "cannot read the PF's report");
	return reported.vlan
			? check_fail(run, "the PF refused the VLAN, but reports %u", reported.vlan)
			: VERDICT_PASS;
}

static enum verdict refuses_4095(struct check_run *run)
{
	return refuses(run, in_vlan(4095, 0));
}

static enum verdict refuses_4096(struct check_run *run)
{
	return refuses(run, in_vlan(4096, 0));
}

static enum verdict refuses_qos_8(struct check_run *run)
{
	return refuses(run, in_vlan(RED, 8));
}

static enum verdict qinq(struct check_run *run)
{
	struct vf_settings settings = { .given = VF_VLAN, .vlan = RED, .proto = 0x88a8 };
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	struct err refusal = { 0 };

	if (traffic_open(run, NULL, 1, &traffic) < 0)
		return check_broken(run, "cannot listen");
	if (dut_set_vf(run->dut, 0, &settings, &refusal) < 0) {
		evidence_text(run, "refused", "%s", refusal.msg);
		return expect_egress_tag(&traffic, RED_VF, (struct tag){ 0 });
	}
	if (traffic_set_vf(&traffic, RED_VF, &settings) < 0)
		return check_fail(run, "the PF accepted 802.1ad, but reports something else");
	return expect_egress_tag(&traffic, RED_VF, (struct tag){ 0x88a8, RED, 0 });
}

enum { WIRED = NEED_WIRE | NEED_VF_NET | NEED_VF_SETTINGS };

const struct check suite_vlan[] = {
	{ .id = "vlan.egress-tagged",
			.title = "Frames of a VF leave with the tag of its port VLAN",
			.why = "Untagged or wrongly tagged frames end up in another network.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = egress_tagged },
	{ .id = "vlan.egress-priority",
			.title = "Frames of a VF leave with the priority of its port VLAN",
			.why = "The network's queues depend on it.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = egress_priority },
	{ .id = "vlan.ingress-own",
			.title = "Frames of its port VLAN reach the VF without the tag",
			.why = "The guest does not know the VLAN and drops tagged frames.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = ingress_own },
	{ .id = "vlan.ingress-untagged",
			.title = "Untagged frames do not reach a VF in a port VLAN",
			.why = "They come from another network.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = ingress_untagged },
	{ .id = "vlan.ingress-foreign",
			.title = "Frames of another tenant's VLAN do not reach a VF in its own",
			.why = "Port VLANs exist for this isolation.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = ingress_foreign },
	{ .id = "vlan.same-vlan",
			.title = "Two VFs in one port VLAN reach each other",
			.why = "The guests of one tenant on one host must be able to talk.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = same_vlan },
	{ .id = "vlan.other-vlan",
			.title = "A VF does not reach a VF in another port VLAN",
			.why = "The card's own switch must respect VLANs, not only the wire.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = other_vlan },
	{ .id = "vlan.to-untagged-vf",
			.title = "VFs in a port VLAN and VFs in none do not reach each other",
			.why = "VFs without a VLAN are in a network of their own.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = to_untagged_vf },
	{ .id = "vlan.pre-tagged",
			.title = "A VF cannot leave its port VLAN by tagging frames itself",
			.why = "The guest would choose its network by a tag.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = pre_tagged },
	{ .id = "vlan.hop-blocked",
			.title = "A VF without a port VLAN cannot send into one by tagging frames",
			.why = "The spoof check must cover VLANs that a VF does not belong to.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = hop_blocked },
	{ .id = "vlan.broadcast-contained",
			.title = "A VF's broadcast stays inside its port VLAN",
			.why = "One tenant must not receive the ARP of another.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = broadcast_contained },
	{ .id = "vlan.cleared",
			.title = "A VF that is taken out of its port VLAN sends and receives "
				 "untagged",
			.why = "The next guest starts without a VLAN.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = cleared },
	{ .id = "vlan.survives-flr",
			.title = "A VF keeps its port VLAN across its function-level reset",
			.why = "Every attach to a guest resets the VF.",
			.needs = WIRED | NEED_FLR,
			.vfs = 4,
			.timeout_s = 15,
			.fn = survives_flr },
	{ .id = "vlan.survives-rebind",
			.title = "A VF keeps its port VLAN when its driver is bound again",
			.why = "Drivers come and go with every guest.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 15,
			.fn = survives_rebind },
	{ .id = "vlan.refuses-4095",
			.title = "The PF refuses VLAN 4095",
			.why = "802.1Q reserves it, and switches drop it.",
			.needs = NEED_VF_SETTINGS,
			.vfs = 4,
			.timeout_s = 5,
			.fn = refuses_4095 },
	{ .id = "vlan.refuses-4096",
			.title = "The PF refuses VLAN 4096",
			.why = "It does not fit a tag and would become another VLAN.",
			.needs = NEED_VF_SETTINGS,
			.vfs = 4,
			.timeout_s = 5,
			.fn = refuses_4096 },
	{ .id = "vlan.refuses-qos-8",
			.title = "The PF refuses priority 8",
			.why = "It does not fit a tag and would change the VLAN.",
			.needs = NEED_VF_SETTINGS,
			.vfs = 4,
			.timeout_s = 5,
			.fn = refuses_qos_8 },
	{ .id = "vlan.qinq",
			.title = "An 802.1ad port VLAN is on the wire, or the PF refuses it",
			.why = "A setting that is accepted and not applied leaves the VF outside "
			       "its network.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = qinq },
	{ 0 },
};
