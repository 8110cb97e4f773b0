/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/cleanup.h"
#include "checks/expect.h"
#include "checks/suites.h"

/* MAC addresses: the PF's administrator decides which frames a VF receives and may send. */

static const struct mac some_group = { { 0x01, 0x00, 0x5e, 0x01, 0x02, 0x03 } };

static struct vf_settings with_mac(struct mac mac)
{
	return (struct vf_settings){ .given = VF_MAC, .mac = mac };
}

static enum verdict reaches(struct traffic *traffic, const char *name, struct endpoint *from,
		struct endpoint *at, struct mac to)
{
	return expect_reaches(traffic, name, from, at, (struct burst){ .to = to }, NULL);
}

static enum verdict control(struct traffic *traffic, const char *id, struct endpoint *from,
		struct endpoint *at, struct mac to)
{
	return expect_control(traffic, id, from, at, (struct burst){ .to = to });
}

static enum verdict admin_reaches_vf(struct check_run *run)
{
	struct vf_settings settings = with_mac(dut_test_mac(run->dut, 10));
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	char text[MAC_TEXT];

	if (traffic_open(run, &settings, 1, &traffic) < 0)
		return check_fail(run, "VF 0 does not come up with a new admin MAC");
	evidence_text(run, "admin MAC", "%s", mac_format(settings.mac, text));
	if (!mac_equal(endpoint_mac(traffic.vf[0]), settings.mac))
		return check_fail(run, "VF 0 came up with another MAC than %s", text);
	return reaches(&traffic, "wire to VF 0", traffic.partner, traffic.vf[0], settings.mac);
}

static enum verdict old_mac_gone(struct check_run *run)
{
	struct vf_settings settings = with_mac(dut_test_mac(run->dut, 11));
	struct burst to_old = { .to = run->dut->vfs[0].mac };
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	enum verdict verdict;

	if (traffic_open(run, &settings, 1, &traffic) < 0)
		return check_broken(run, "VF 0 does not come up with a new admin MAC");
	verdict = expect_silent(
			&traffic, "wire to the old MAC", traffic.partner, traffic.vf[0], to_old);
	if (verdict != VERDICT_PASS)
		return verdict;
	return control(&traffic, "every-vf.receives", traffic.partner, traffic.vf[0], settings.mac);
}

/* The PF must refuse MAC and still report the old one. */
static enum verdict refuses(struct check_run *run, struct mac mac)
{
	struct dut *dut = run->dut;
	struct vf_settings settings = with_mac(mac), old = with_mac(dut->vfs[0].mac);
	struct vf_settings reported = { 0 };
	struct err refusal = { 0 };

	if (dut_set_vf(dut, 0, &settings, &refusal) == 0) {
		dut_set_vf(dut, 0, &old, &run->err);
		return check_fail(run, "the PF accepted a group address as VF 0's MAC");
	}
	evidence_text(run, "refused", "%s", refusal.msg);
	if (dut_read_vf(dut, 0, &reported, &run->err) < 0)
		return check_broken(run, "cannot read the PF's report");
	return mac_equal(reported.mac, old.mac)
			? VERDICT_PASS
			: check_fail(run, "the PF refused the MAC, but reports another one");
}

static enum verdict refuses_multicast(struct check_run *run)
{
	return refuses(run, some_group);
}

static enum verdict refuses_broadcast(struct check_run *run)
{
	return refuses(run, mac_broadcast);
}

static enum verdict own_change_denied(struct check_run *run)
{
	struct mac wanted = dut_test_mac(run->dut, 12);
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	struct err refusal = { 0 };
	enum verdict verdict;

	if (traffic_open(run, NULL, 1, &traffic) < 0)
		return check_broken(run, "cannot listen");
	if (dut_change_vf_mac(run->dut, 0, wanted, &refusal) == 0) {
		dut_change_vf_mac(run->dut, 0, run->dut->vfs[0].mac, &run->err);
		return check_fail(run, "VF 0 could change the MAC that its PF had set");
	}
	evidence_text(run, "refused", "%s", refusal.msg);
	verdict = expect_silent(&traffic, "wire to the wanted MAC", traffic.partner, traffic.vf[0],
			(struct burst){ .to = wanted });
	if (verdict != VERDICT_PASS)
		return verdict;
	return control(&traffic, "every-vf.receives", traffic.partner, traffic.vf[0],
			run->dut->vfs[0].mac);
}

static enum verdict own_change_allowed(struct check_run *run)
{
	struct vf_settings none = with_mac((struct mac){ 0 });
	struct mac wanted = dut_test_mac(run->dut, 13);
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (traffic_open(run, &none, 1, &traffic) < 0)
		return check_broken(run, "VF 0 does not come up without an admin MAC");
	if (dut_change_vf_mac(run->dut, 0, wanted, &run->err) < 0)
		return check_fail(run, "VF 0 has no admin MAC and cannot choose its own");
	return reaches(&traffic, "wire to the VF's own MAC", traffic.partner, traffic.vf[0],
			wanted);
}

static enum verdict survives_flr(struct check_run *run)
{
	struct dut *dut = run->dut;
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (dut_reset_vf(dut, 0, &run->err) < 0 || traffic_open(run, NULL, 1, &traffic) < 0)
		return check_fail(run, "VF 0 does not come back from its reset");
	return reaches(&traffic, "wire to VF 0 after FLR", traffic.partner, traffic.vf[0],
			dut->vfs[0].mac);
}

static enum verdict survives_rebind(struct check_run *run)
{
	struct dut *dut = run->dut;
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (dut_rebind_vf(dut, 0, &run->err) < 0 || traffic_open(run, NULL, 1, &traffic) < 0)
		return check_fail(run, "VF 0 does not come back after a rebind");
	if (!mac_equal(endpoint_mac(traffic.vf[0]), dut->vfs[0].mac))
		return check_fail(run, "VF 0 came back with another MAC");
	return reaches(&traffic, "wire to VF 0 after a rebind", traffic.partner, traffic.vf[0],
			dut->vfs[0].mac);
}

static enum verdict egress_source(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (traffic_open(run, NULL, 1, &traffic) < 0)
		return check_broken(run, "cannot listen");
	return reaches(&traffic, "VF 0 to wire", traffic.vf[0], traffic.partner,
			endpoint_mac(traffic.partner));
}

static enum verdict vf_to_vf(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	enum verdict verdict;

	if (traffic_open(run, NULL, 2, &traffic) < 0)
		return check_broken(run, "cannot listen");
	verdict = reaches(&traffic, "VF 0 to VF 1", traffic.vf[0], traffic.vf[1],
			endpoint_mac(traffic.vf[1]));
	if (verdict != VERDICT_PASS)
		return verdict;
	return reaches(&traffic, "VF 1 to VF 0", traffic.vf[1], traffic.vf[0],
			endpoint_mac(traffic.vf[0]));
}

static enum verdict vf_to_pf(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (traffic_open(run, NULL, 1, &traffic) < 0)
		return check_broken(run, "cannot listen");
	return reaches(&traffic, "VF 0 to PF", traffic.vf[0], traffic.pf, endpoint_mac(traffic.pf));
}

static enum verdict pf_to_vf(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (traffic_open(run, NULL, 1, &traffic) < 0)
		return check_broken(run, "cannot listen");
	return reaches(&traffic, "PF to VF 0", traffic.pf, traffic.vf[0],
			endpoint_mac(traffic.vf[0]));
}

static enum verdict unicast_private(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	struct burst to_vf1;
	enum verdict verdict;

	if (traffic_open(run, NULL, 3, &traffic) < 0)
		return check_broken(run, "cannot listen");
	to_vf1 = (struct burst){ .to = endpoint_mac(traffic.vf[1]) };
	verdict = expect_silent(
			&traffic, "wire to VF 1, at VF 0", traffic.partner, traffic.vf[0], to_vf1);
	if (verdict == VERDICT_PASS)
		verdict = expect_silent(&traffic, "VF 0 to VF 1, at VF 2", traffic.vf[0],
				traffic.vf[2], to_vf1);
	if (verdict != VERDICT_PASS)
		return verdict;
	return control(&traffic, "every-vf.receives", traffic.partner, traffic.vf[1], to_vf1.to);
}

static enum verdict unknown_unicast(struct check_run *run)
{
	struct burst to_nobody = { .to = dut_test_mac(run->dut, 14) };
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (traffic_open(run, NULL, 3, &traffic) < 0)
		return check_broken(run, "cannot listen");
	for (unsigned i = 0; i < traffic.vf_count; i++) {
		enum verdict verdict = expect_silent(&traffic, "wire to nobody's MAC, at a VF",
				traffic.partner, traffic.vf[i], to_nobody);

		if (verdict != VERDICT_PASS)
			return verdict;
	}
	return VERDICT_PASS;
}

static enum verdict broadcast_reaches_all(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	uint64_t token;

	if (traffic_open(run, NULL, 3, &traffic) < 0)
		return check_broken(run, "cannot listen");
	if (traffic_send(&traffic, traffic.partner, (struct burst){ .to = mac_broadcast }, &token) <
			0)
		return check_broken(run, "cannot send");
	for (unsigned i = 0; i <= traffic.vf_count; i++) {
		struct endpoint *at = i < traffic.vf_count ? traffic.vf[i] : traffic.pf;
		struct received received = traffic_await(&traffic, endpoint_name(at), at, token);

		if (received.frames != BURST_FRAMES)
			return check_fail(run, "%s received %u of %d broadcasts from the wire",
					endpoint_name(at), received.frames, BURST_FRAMES);
	}
	return VERDICT_PASS;
}

static enum verdict no_self_echo(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	enum verdict verdict;

	if (traffic_open(run, NULL, 2, &traffic) < 0)
		return check_broken(run, "cannot listen");
	verdict = expect_silent(&traffic, "VF 0's own broadcast, at VF 0", traffic.vf[0],
			traffic.vf[0], (struct burst){ .to = mac_broadcast });
	if (verdict != VERDICT_PASS)
		return verdict;
	/* The control: a VF that receives no broadcasts at all would not receive an echo either. */
	return control(&traffic, "mac.broadcast-reaches-all", traffic.vf[1], traffic.vf[0],
			mac_broadcast);
}

static enum verdict multicast_nonmember(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	enum verdict verdict;

	if (traffic_open(run, NULL, 2, &traffic) < 0 ||
			endpoint_join(traffic.vf[1], some_group, &run->err) < 0)
		return check_broken(run, "cannot listen");
	verdict = expect_silent(&traffic, "group of VF 1, at VF 0", traffic.partner, traffic.vf[0],
			(struct burst){ .to = some_group });
	if (verdict != VERDICT_PASS)
		return verdict;
	return control(&traffic, "multicast.member-hears", traffic.partner, traffic.vf[1],
			some_group);
}

static enum verdict spoof_blocked(struct check_run *run)
{
	struct vf_settings on = { .given = VF_SPOOFCHK, .spoofchk = true };
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	struct burst forged;
	enum verdict verdict;

	if (traffic_open(run, &on, 1, &traffic) < 0)
		return check_broken(run, "the spoof check cannot be switched on");
	forged = (struct burst){ .to = endpoint_mac(traffic.partner),
		.from = dut_test_mac(run->dut, 15) };
	verdict = expect_silent(&traffic, "VF 0 with a forged source", traffic.vf[0],
			traffic.partner, forged);
	if (verdict != VERDICT_PASS)
		return verdict;
	return control(&traffic, "every-vf.sends", traffic.vf[0], traffic.partner, forged.to);
}

enum { WIRED = NEED_WIRE | NEED_VF_NET | NEED_VF_SETTINGS };

const struct check suite_mac[] = {
	{ .id = "mac.admin-reaches-vf",
			.title = "Frames to the MAC that the PF set reach the VF",
			.why = "The network knows the guest by this address.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = admin_reaches_vf },
	{ .id = "mac.old-mac-gone",
			.title = "Frames to the VF's former MAC no longer reach it",
			.why = "A former address may belong to another guest now.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = old_mac_gone },
	{ .id = "mac.refuses-multicast",
			.title = "The PF refuses a multicast address as a VF's MAC",
			.why = "A VF with a group address receives frames that are not for it.",
			.needs = NEED_VF_SETTINGS,
			.vfs = 4,
			.timeout_s = 5,
			.fn = refuses_multicast },
	{ .id = "mac.refuses-broadcast",
			.title = "The PF refuses the broadcast address as a VF's MAC",
			.why = "Such a VF cannot be reached, or answers in place of all others.",
			.needs = NEED_VF_SETTINGS,
			.vfs = 4,
			.timeout_s = 5,
			.fn = refuses_broadcast },
	{ .id = "mac.own-change-denied",
			.title = "A VF cannot change the MAC that its PF set",
			.why = "An untrusted guest must not take another's address.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = own_change_denied },
	{ .id = "mac.own-change-allowed",
			.title = "A VF without an admin MAC may choose its own",
			.why = "Hosts that use VFs themselves rely on it.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = own_change_allowed },
	{ .id = "mac.survives-flr",
			.title = "A VF keeps its admin MAC across its function-level reset",
			.why = "Every attach to a guest resets the VF.",
			.needs = WIRED | NEED_FLR,
			.vfs = 4,
			.timeout_s = 15,
			.fn = survives_flr },
	{ .id = "mac.survives-rebind",
			.title = "A VF keeps its admin MAC when its driver is bound again",
			.why = "Drivers come and go with every guest.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 15,
			.fn = survives_rebind },
	{ .id = "mac.egress-source",
			.title = "Frames with the VF's own MAC as source reach the wire",
			.why = "A spoof check that blocks the rightful source cuts the guest off.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 5,
			.fn = egress_source },
	{ .id = "mac.vf-to-vf",
			.title = "Two VFs reach each other through the card",
			.why = "Guests on one host often talk mostly to each other.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 5,
			.fn = vf_to_vf },
	{ .id = "mac.vf-to-pf",
			.title = "A VF reaches the PF",
			.why = "Services of the host use the PF.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 5,
			.fn = vf_to_pf },
	{ .id = "mac.pf-to-vf",
			.title = "The PF reaches a VF",
			.why = "Services of the host use the PF.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 5,
			.fn = pf_to_vf },
	{ .id = "mac.unicast-private",
			.title = "Frames to one VF do not reach another",
			.why = "A neighbour must not read them.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = unicast_private },
	{ .id = "mac.unknown-unicast",
			.title = "Frames to an address that nobody has reach no VF",
			.why = "Flooding to VFs leaks the traffic of others.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = unknown_unicast },
	{ .id = "mac.broadcast-reaches-all",
			.title = "A broadcast from the wire reaches every VF and the PF",
			.why = "Without broadcast there is no ARP.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = broadcast_reaches_all },
	{ .id = "mac.no-self-echo",
			.title = "A VF does not receive its own broadcast",
			.why = "IPv6 takes an echo for a duplicate address, and bonds are confused "
			       "by it.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = no_self_echo },
	{ .id = "mac.multicast-nonmember",
			.title = "A VF does not receive a group that only another VF has joined",
			.why = "Groups carry other tenants' streams.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = multicast_nonmember },
	{ .id = "mac.spoof-blocked",
			.title = "With the spoof check on, a forged source does not reach the wire",
			.why = "A guest must not send under another's address.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = spoof_blocked },
	{ 0 },
};
