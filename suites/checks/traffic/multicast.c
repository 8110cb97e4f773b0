/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/cleanup.h"
#include "checks/expect.h"
#include "checks/suites.h"

/* Multicast and broadcast must reach their receivers, and only them, on every path through the
 * card. */

enum { RED = 10, BLUE = 20, MANY_GROUPS = 40 };

static const struct mac group = { { 0x01, 0x00, 0x5e, 0x21, 0x22, 0x23 } };

static int open_vfs(struct check_run *run, unsigned count, struct traffic *traffic)
{
	return traffic_open(run, NULL, count, traffic);
}

static enum verdict member_hears(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (open_vfs(run, 1, &traffic) < 0 || endpoint_join(traffic.vf[0], group, &run->err) < 0)
		return check_broken(run, "VF 0 cannot join a group");
	return expect_reaches(&traffic, "wire to VF 0's group", traffic.partner, traffic.vf[0],
			(struct burst){ .to = group }, NULL);
}

static enum verdict left_silent(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	struct burst burst = { .to = group };
	enum verdict verdict;

	if (open_vfs(run, 1, &traffic) < 0 || endpoint_join(traffic.vf[0], group, &run->err) < 0)
		return check_broken(run, "VF 0 cannot join a group");
	verdict = expect_control(
			&traffic, "multicast.member-hears", traffic.partner, traffic.vf[0], burst);
	if (verdict != VERDICT_PASS)
		return verdict;
	if (endpoint_drop_filter(traffic.vf[0], RX_GROUP, group, &run->err) < 0)
		return check_broken(run, "VF 0 cannot leave the group");
	return expect_silent(&traffic, "wire to the group that VF 0 left", traffic.partner,
			traffic.vf[0], burst);
}

/* One member leaves; the other must still receive. */
static enum verdict other_stays(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (open_vfs(run, 2, &traffic) < 0 || endpoint_join(traffic.vf[0], group, &run->err) < 0 ||
			endpoint_join(traffic.vf[1], group, &run->err) < 0 ||
			endpoint_drop_filter(traffic.vf[1], RX_GROUP, group, &run->err) < 0)
		return check_broken(run, "the VFs cannot join and leave a group");
	return expect_reaches(&traffic, "wire to the group that VF 1 left, at VF 0",
			traffic.partner, traffic.vf[0], (struct burst){ .to = group }, NULL);
}

static enum verdict nobody_hears(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	struct burst burst = { .to = group };

	if (open_vfs(run, 3, &traffic) < 0)
		return check_broken(run, "cannot listen");
	for (unsigned i = 0; i < traffic.vf_count; i++) {
		enum verdict verdict = expect_silent(&traffic, "wire to a group without members",
				traffic.partner, traffic.vf[i], burst);

		if (verdict != VERDICT_PASS)
			return verdict;
	}
	return VERDICT_PASS;
}

static enum verdict vf_to_vf(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (open_vfs(run, 2, &traffic) < 0 || endpoint_join(traffic.vf[1], group, &run->err) < 0)
		return check_broken(run, "VF 1 cannot join a group");
	return expect_reaches(&traffic, "VF 0 to VF 1's group", traffic.vf[0], traffic.vf[1],
			(struct burst){ .to = group }, NULL);
}

static enum verdict vf_to_wire(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (open_vfs(run, 1, &traffic) < 0)
		return check_broken(run, "cannot listen");
	return expect_reaches(&traffic, "VF 0 to a group, on the wire", traffic.vf[0],
			traffic.partner, (struct burst){ .to = group }, NULL);
}

static enum verdict pf_to_vf(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (open_vfs(run, 1, &traffic) < 0 || endpoint_join(traffic.vf[0], group, &run->err) < 0)
		return check_broken(run, "VF 0 cannot join a group");
	return expect_reaches(&traffic, "PF to VF 0's group", traffic.pf, traffic.vf[0],
			(struct burst){ .to = group }, NULL);
}

static enum verdict vf_to_pf(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (open_vfs(run, 1, &traffic) < 0 || endpoint_join(traffic.pf, group, &run->err) < 0)
		return check_broken(run, "the PF cannot join a group");
	return expect_reaches(&traffic, "VF 0 to the PF's group", traffic.vf[0], traffic.pf,
			(struct burst){ .to = group }, NULL);
}

/* Cards can filter only a few groups; a VF that is in more must receive all groups, not lose
 * some. */
static enum verdict many_groups(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	uint64_t tokens[MANY_GROUPS];
	struct mac one = group;
	struct received last;
	unsigned received = 0;

	if (open_vfs(run, 1, &traffic) < 0)
		return check_broken(run, "cannot listen");
	for (unsigned i = 0; i < MANY_GROUPS; i++) {
		one.octet[5] = (uint8_t)(0x30 + i);
		if (endpoint_join(traffic.vf[0], one, &run->err) < 0)
			return check_broken(run, "VF 0 cannot join %d groups", MANY_GROUPS);
	}
	for (unsigned i = 0; i < MANY_GROUPS; i++) {
		struct burst burst = { .to = group, .frames = 1 };

		burst.to.octet[5] = (uint8_t)(0x30 + i);
		if (traffic_send(&traffic, traffic.partner, burst, &tokens[i]) < 0)
			return check_broken(run, "cannot send");
	}
	if (traffic_prove_silence(&traffic, "last group", traffic.partner, traffic.vf[0],
			    tokens[MANY_GROUPS - 1], &last) < 0)
		return check_broken(run, "what VF 0 receives cannot be determined");
	for (unsigned i = 0; i < MANY_GROUPS; i++)
		received += endpoint_receive(traffic.vf[0], tokens[i], 1, deadline_in(0)).frames >
				0;
	evidence_int(run, "groups joined", MANY_GROUPS, NULL);
	evidence_int(run, "groups received", received, NULL);
	if (!received)
		return check_broken(run, "VF 0 receives no group at all");
	return received == MANY_GROUPS
			? VERDICT_PASS
			: check_fail(run, "VF 0 joined %d groups and receives %u of them",
					  MANY_GROUPS, received);
}

static enum verdict vlan_contained(struct check_run *run)
{
	struct vf_settings settings[2] = {
		{ .given = VF_VLAN, .vlan = RED, .proto = 0x8100 },
		{ .given = VF_VLAN, .vlan = BLUE, .proto = 0x8100 },
	};
	struct burst blue = { .to = group, .outer = { 0x8100, BLUE, 0 } };
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	enum verdict verdict;

	if (traffic_open(run, settings, 2, &traffic) < 0 ||
			endpoint_join(traffic.vf[0], group, &run->err) < 0 ||
			endpoint_join(traffic.vf[1], group, &run->err) < 0)
		return check_broken(run, "the VFs cannot join a group in their VLANs");
	verdict = expect_silent(&traffic, "the group in VF 1's VLAN, at VF 0", traffic.partner,
			traffic.vf[0], blue);
	return verdict == VERDICT_PASS ? expect_control(&traffic, "multicast.member-hears",
							 traffic.partner, traffic.vf[1], blue)
				       : verdict;
}

/* A broadcast from FROM must reach all endpoints in AT, which ends with NULL. */
static enum verdict broadcast_to(
		struct traffic *traffic, struct endpoint *from, struct endpoint *const at[])
{
	uint64_t token;

	if (traffic_send(traffic, from, (struct burst){ .to = mac_broadcast }, &token) < 0)
		return check_broken(traffic->run, "cannot send from %s", endpoint_name(from));
	for (unsigned i = 0; at[i]; i++) {
		struct received received =
				traffic_await(traffic, endpoint_name(at[i]), at[i], token);

		if (received.frames != BURST_FRAMES)
			return check_fail(traffic->run, "%s received %u of %d broadcasts of %s",
					endpoint_name(at[i]), received.frames, BURST_FRAMES,
					endpoint_name(from));
	}
	return VERDICT_PASS;
}

static enum verdict broadcast_of_vf(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (open_vfs(run, 3, &traffic) < 0)
		return check_broken(run, "cannot listen");
	return broadcast_to(&traffic, traffic.vf[0],
			(struct endpoint *[]){ traffic.vf[1], traffic.vf[2], traffic.pf,
					traffic.partner, NULL });
}

static enum verdict broadcast_of_pf(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (open_vfs(run, 2, &traffic) < 0)
		return check_broken(run, "cannot listen");
	return broadcast_to(&traffic, traffic.pf,
			(struct endpoint *[]){
					traffic.vf[0], traffic.vf[1], traffic.partner, NULL });
}

enum { WIRED = NEED_WIRE | NEED_VF_NET | NEED_VF_SETTINGS };

const struct check suite_multicast[] = {
	{ .id = "multicast.member-hears",
			.title = "A VF that has joined a group receives it from the wire",
			.why = "IPv6 does not work without groups.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = member_hears },
	{ .id = "multicast.left-silent",
			.title = "A VF that has left a group no longer receives it",
			.why = "Where filters only grow, a VF receives everything in the end.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = left_silent },
	{ .id = "multicast.other-stays",
			.title = "A VF still receives its group after its neighbour has left it",
			.why = "VFs share the card's filter.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = other_stays },
	{ .id = "multicast.nobody-hears",
			.title = "No VF receives a group that nobody has joined",
			.why = "Flooding to VFs leaks the traffic of others.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = nobody_hears },
	{ .id = "multicast.vf-to-vf",
			.title = "A VF receives its group from another VF",
			.why = "IPv6 neighbours on one host find each other by multicast.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = vf_to_vf },
	{ .id = "multicast.vf-to-wire",
			.title = "Multicast of a VF reaches the wire",
			.why = "IPv6 neighbours outside find the guest by multicast.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = vf_to_wire },
	{ .id = "multicast.pf-to-vf",
			.title = "A VF receives its group from the PF",
			.why = "Guest and host find each other by multicast.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = pf_to_vf },
	{ .id = "multicast.vf-to-pf",
			.title = "The PF receives its group from a VF",
			.why = "Guest and host find each other by multicast.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = vf_to_pf },
	{ .id = "multicast.many-groups",
			.title = "A VF in more groups than the card has room for receives them all",
			.why = "Services whose groups are dropped simply stop.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = many_groups },
	{ .id = "multicast.vlan-contained",
			.title = "A member of a group does not receive it from another tenant's "
				 "VLAN",
			.why = "All tenants use the same groups.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = vlan_contained },
	{ .id = "multicast.broadcast-of-vf",
			.title = "A VF's broadcast reaches VFs, PF, and wire",
			.why = "Without broadcast there is no ARP.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = broadcast_of_vf },
	{ .id = "multicast.broadcast-of-pf",
			.title = "The PF's broadcast reaches VFs and wire",
			.why = "Without broadcast there is no ARP.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = broadcast_of_pf },
	{ 0 },
};
