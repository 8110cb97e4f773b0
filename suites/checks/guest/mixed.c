/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/cleanup.h"
#include "checks/guest/bridges.h"
#include "checks/session.h"
#include "checks/suites.h"

/*
 * Mixed mode: the PF carries networks to bridges, and its VFs the same networks to guests. Each network has one
 * member of each kind, and each guest two NICs:
 *
 *          red (VLAN 10)     blue (VLAN 20)
 *   vm1    VF 0              bridge
 *   vm2    bridge            VF 1
 */
enum { FIRST_BRIDGE_MAC = 64 }; /* a number for dut_test_mac() */

struct mixed {
	struct tenants tenants;                /* red and blue have the VFs */
	struct tenant red_bridge, blue_bridge; /* their guests are those of the others */
};

/* Passes if the guest of TO hears a whole burst that FROM sends it. */
static enum verdict reaches(struct check_run *run, struct tenants *tenants,
		const struct tenant *from, const struct tenant *to, bool broadcast)
{
	struct guest_heard heard;

	if (tenant_tells(tenants, from, to, broadcast, &heard) < 0)
		return check_broken(
				run, "what %s hears of %s cannot be determined", to->vm, from->vm);
	return heard.frames == BURST_FRAMES ? VERDICT_PASS
					    : check_fail(run, "%llu of %d frames of %s reach %s",
							      (unsigned long long)heard.frames,
							      BURST_FRAMES, from->vm, to->vm);
}

/* Passes if neither hears the other, nor the other's broadcasts. */
static enum verdict are_apart(struct check_run *run, struct tenants *tenants,
		const struct tenant *one, const struct tenant *other)
{
	const struct tenant *from[] = { one, other, one, other };
	const struct tenant *to[] = { other, one, other, one };
	struct guest_heard heard;

	for (unsigned i = 0; i < 4; i++) {
		if (tenant_tells(tenants, from[i], to[i], i > 1, &heard) < 0)
			return check_broken(run, "what %s hears of %s cannot be determined",
					to[i]->vm, from[i]->vm);
		if (heard.frames)
			return check_fail(run,
					"%s hears %llu %s of %s, which is in another network",
					to[i]->vm, (unsigned long long)heard.frames,
					i > 1 ? "broadcasts" : "frames", from[i]->vm);
	}
	return VERDICT_PASS;
}

/* --- As the host has set it up ---------------------------------------------------------------- */

static enum verdict vf_meets_wire(struct check_run *run, void *subject)
{
	struct tenants *tenants = &((struct mixed *)subject)->tenants;

	(void)run;
	return tenant_is_connected(tenants, &tenants->red, "with the PF in a bridge");
}

static enum verdict bridge_sends(struct check_run *run, void *subject)
{
	struct mixed *mixed = subject;
	struct tenants *tenants = &mixed->tenants;
	struct received received;

	if (tenant_sends(tenants, &mixed->red_bridge, "on the wire", frames_to_wire(tenants),
			    &received) < 0)
		return check_fail(run, "nothing that vm2 sends by the bridge reaches the wire");
	if (received.frames != BURST_FRAMES || received.tags != 1 ||
			received.outer.vlan != RED_VLAN)
		return check_fail(run, "%u of %d frames of vm2 reach the wire, with VLAN %d",
				received.frames, BURST_FRAMES,
				received.tags ? received.outer.vlan : -1);
	return VERDICT_PASS;
}

static enum verdict bridge_hears(struct check_run *run, void *subject)
{
	struct mixed *mixed = subject;
	struct guest_heard heard;

	if (tenant_hears(&mixed->tenants, &mixed->red_bridge, "by the bridge",
			    burst_to(&mixed->red_bridge), &heard) < 0)
		return check_fail(run, "nothing from the wire reaches vm2");
	return heard.frames == BURST_FRAMES
			? VERDICT_PASS
			: check_fail(run, "%llu of %d frames of the wire reach vm2",
					  (unsigned long long)heard.frames, BURST_FRAMES);
}

static enum verdict vf_reaches_bridge(struct check_run *run, void *subject)
{
	struct mixed *mixed = subject;

	return reaches(run, &mixed->tenants, &mixed->tenants.red, &mixed->red_bridge, false);
}

static enum verdict bridge_reaches_vf(struct check_run *run, void *subject)
{
	struct mixed *mixed = subject;

	return reaches(run, &mixed->tenants, &mixed->red_bridge, &mixed->tenants.red, false);
}

/* Unicast to the member that is on the bridge. */
static enum verdict vf_hears_its_own(struct check_run *run, void *subject)
{
	struct mixed *mixed = subject;
	struct guest_heard heard;

	if (tenant_hears(&mixed->tenants, &mixed->tenants.red, "frames to vm2",
			    burst_to(&mixed->red_bridge), &heard) < 0)
		return check_broken(run, "what vm1 hears cannot be determined");
	return heard.frames ? check_fail(run, "vm1 hears by its VF %llu of %d frames to vm2",
					      (unsigned long long)heard.frames, BURST_FRAMES)
			    : VERDICT_PASS;
}

static const struct statement as_set_up[] = {
	{ "guest.mixed-vf-connected", vf_meets_wire },
	{ "guest.mixed-bridge-sends", bridge_sends },
	{ "guest.mixed-bridge-hears", bridge_hears },
	{ "guest.mixed-bridge-to-vf", bridge_reaches_vf },
	{ "guest.mixed-vf-to-bridge", vf_reaches_bridge },
	{ "guest.mixed-vf-hears-own", vf_hears_its_own },
};

/* --- With the bridge's members in the PF's filter --------------------------------------------- */

static enum verdict members_meet(struct check_run *run, void *subject)
{
	struct mixed *mixed = subject;
	struct tenants *tenants = &mixed->tenants;
	enum verdict verdict = tenant_is_connected(
			tenants, &mixed->red_bridge, "with its MAC in the PF's filter");

	if (verdict == VERDICT_PASS)
		verdict = reaches(run, tenants, &tenants->red, &mixed->red_bridge, false);
	return verdict == VERDICT_PASS
			? reaches(run, tenants, &mixed->red_bridge, &tenants->red, false)
			: verdict;
}

static enum verdict broadcast_meets_all(struct check_run *run, void *subject)
{
	struct mixed *mixed = subject;
	struct tenants *tenants = &mixed->tenants;
	enum verdict verdict = reaches(run, tenants, &tenants->red, &mixed->red_bridge, true);

	return verdict == VERDICT_PASS
			? reaches(run, tenants, &mixed->red_bridge, &tenants->red, true)
			: verdict;
}

static enum verdict vfs_are_apart(struct check_run *run, void *subject)
{
	struct tenants *tenants = &((struct mixed *)subject)->tenants;

	return are_apart(run, tenants, &tenants->red, &tenants->blue);
}

static enum verdict bridges_are_apart(struct check_run *run, void *subject)
{
	struct mixed *mixed = subject;

	return are_apart(run, &mixed->tenants, &mixed->red_bridge, &mixed->blue_bridge);
}

static enum verdict kinds_are_apart(struct check_run *run, void *subject)
{
	struct mixed *mixed = subject;
	struct tenants *tenants = &mixed->tenants;
	enum verdict verdict = are_apart(run, tenants, &tenants->red, &mixed->blue_bridge);

	return verdict == VERDICT_PASS ? are_apart(run, tenants, &tenants->blue, &mixed->red_bridge)
				       : verdict;
}

/* What the wire sends in the VLAN of the other network, to each member. */
static enum verdict foreign_vlan_stays_out(struct check_run *run, void *subject)
{
	struct mixed *mixed = subject;
	struct tenants *tenants = &mixed->tenants;
	const struct tenant *each[] = { &tenants->red, &mixed->red_bridge, &tenants->blue,
		&mixed->blue_bridge };
	enum verdict verdict = VERDICT_PASS;

	(void)run;
	for (unsigned i = 0; verdict == VERDICT_PASS && i < 4; i++) {
		struct burst burst = burst_to(each[i]);

		burst.outer.vlan = each[i]->vlan == RED_VLAN ? BLUE_VLAN : RED_VLAN;
		verdict = tenant_hears_none(
				tenants, each[i], "frames of the VLAN of the other network", burst);
	}
	return verdict;
}

static const struct statement with_filter[] = {
	{ "guest.mixed-members-meet", members_meet },
	{ "guest.mixed-broadcast", broadcast_meets_all },
	{ "guest.mixed-vfs-apart", vfs_are_apart },
	{ "guest.mixed-bridges-apart", bridges_are_apart },
	{ "guest.mixed-kinds-apart", kinds_are_apart },
	{ "guest.mixed-foreign-vlan", foreign_vlan_stays_out },
};

/* --- The course ------------------------------------------------------------------------------- */

static int change_filter(struct mixed *mixed, const char *what)
{
	const struct tenant *each[] = { &mixed->red_bridge, &mixed->blue_bridge };
	struct tenants *tenants = &mixed->tenants;
	char mac[MAC_TEXT];
	int rc = 0;

	for (unsigned i = 0; !rc && i < 2; i++) {
		const char *const argv[] = { "bridge", "fdb", what, mac_format(each[i]->mac, mac),
			"dev", tenants->dut->pf_netdev, "self", NULL };

		rc = tenants_run(tenants, argv);
	}
	return rc;
}

/* A restart takes all NICs of a guest, and gives it another agent. */
static void take_second(struct tenants *tenants, struct tenant *second, struct tenant *first)
{
	struct guest *guest = second->guest;

	tenant_take_nic(tenants, second);
	if (second->guest != guest)
		first->nic = (struct guest_interface){ .mtu = 0 };
	first->guest = second->guest;
}

static void mixed_end(struct mixed *mixed)
{
	struct tenants *tenants = &mixed->tenants;

	if (!tenants->run)
		return;
	take_second(tenants, &mixed->red_bridge, &tenants->blue);
	take_second(tenants, &mixed->blue_bridge, &tenants->red);
	tenants_close(tenants);
	bridges_close(tenants);
}

static int mixed_open(struct check_run *run, struct mixed *mixed)
{
	struct tenants *tenants = &mixed->tenants;
	int rc = tenants_open(run, tenants);

	mixed->red_bridge = (struct tenant){ "vm2", "red-bridge", ANY_VF, RED_VLAN,
		dut_test_mac(run->dut, FIRST_BRIDGE_MAC), "nic2", tenants->blue.guest, { .mtu = 0 },
		true };
	mixed->blue_bridge = (struct tenant){ "vm1", "blue-bridge", ANY_VF, BLUE_VLAN,
		dut_test_mac(run->dut, FIRST_BRIDGE_MAC + 1), "nic2", tenants->red.guest,
		{ .mtu = 0 }, true };
	return rc ? rc : bridges_open(tenants);
}

static enum verdict run_course(struct check_run *run)
{
	CLEANUP(mixed_end) struct mixed mixed = { .tenants = { .run = NULL } };
	struct tenants *tenants = &mixed.tenants;

	if (mixed_open(run, &mixed) < 0)
		return check_broken(run, "the host of the guests cannot be set up");
	if (tenant_attach(tenants, &tenants->red) < 0 ||
			tenant_attach(tenants, &mixed.red_bridge) < 0 ||
			tenant_attach(tenants, &tenants->blue) < 0 ||
			tenant_attach(tenants, &mixed.blue_bridge) < 0)
		return check_fail(run, "the guests do not get their NICs");
	session_try(run, as_set_up, sizeof(as_set_up) / sizeof(*as_set_up), &mixed);
	if (change_filter(&mixed, "add") < 0)
		return check_broken(run, "the PF takes no further MAC into its filter");
	session_try(run, with_filter, sizeof(with_filter) / sizeof(*with_filter), &mixed);
	return change_filter(&mixed, "del") < 0
			? check_broken(run, "the PF's filter cannot be cleared")
			: VERDICT_PASS;
}

static const struct check course_of_mixed = {
	.id = "guest.mixed-course",
	.needs = NEED_GUESTS | NEED_WIRE | NEED_VF_SETTINGS,
	.timeout_s = 120,
	.fn = run_course,
};

#define STATEMENT(name, says, because)                                                         \
	{                                                                                      \
		.id = "guest.mixed-" name, .title = says, .why = because,                      \
		.needs = NEED_GUESTS | NEED_WIRE | NEED_VF_SETTINGS, .step = &course_of_mixed, \
		.timeout_s = 5, .fn = session_verdict                                          \
	}

const struct check suite_guest_mixed[] = {
	STATEMENT("vf-connected", "Beside bridges on the PF a guest's VF reaches the wire",
			"A bridge on the card costs the guests on VFs their network."),
	STATEMENT("bridge-sends", "What a guest on the PF's bridge sends is in its VLAN",
			"The guest is in no network, or in that of others."),
	STATEMENT("bridge-hears", "A guest on the PF's bridge hears the wire beside VFs",
			"VFs cost the guests on the bridge their network."),
	STATEMENT("bridge-to-vf", "A guest on the bridge reaches one with a VF in its network",
			"One network is two."),
	STATEMENT("vf-to-bridge", "A guest with a VF reaches one on the bridge of its network",
			"One network is two: the card drops what is for a guest on the bridge."),
	STATEMENT("vf-hears-own", "A VF hears no unicast to a guest on the PF's bridge",
			"Members of a network read each other's traffic."),
	STATEMENT("members-meet",
			"With its MAC in the PF's filter a guest on the bridge meets wire and VFs",
			"What is documented as the remedy is none."),
	STATEMENT("broadcast", "Broadcasts reach members of their network of both kinds",
			"The guests find no neighbours (ARP)."),
	STATEMENT("vfs-apart", "Beside bridges on the PF, VFs of two networks are apart",
			"A bridge on the card opens the VLANs of the VFs."),
	STATEMENT("bridges-apart", "Guests on bridges of two networks are apart",
			"Tenants read each other's traffic."),
	STATEMENT("kinds-apart", "A VF and a bridge of two networks are apart, in both directions",
			"Tenants read each other's traffic."),
	STATEMENT("foreign-vlan", "No member of a network hears the wire's frames of another",
			"Tenants read each other's traffic."),
	{ 0 },
};
