/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/cleanup.h"
#include "checks/guest/bridges.h"
#include "checks/session.h"
#include "checks/suites.h"
#include "sriov/vfs.h"

/* A NIC that takes the bridge where no VF is free: first the host holds all VFs, then it lets one go, then there
 * are none. */

struct fallback {
	struct tenants tenants;
	struct crossing crossing;
	bool held; /* the VFs, by the host */
};

/* While its interface is up, the host uses a VF. A trusted VF that goes down takes the MAC of its driver, so it
 * gets its own again. */
static int hold_vf(struct tenants *tenants, unsigned vf, bool hold)
{
	struct dut *dut = tenants->dut;
	struct err *err = &tenants->run->err;
	char netdev[IFNAMSIZ];
	struct bdf bdf;
	int rc = vf_find(dut->host, dut->pf, vf, &bdf, err);

	if (!rc)
		rc = function_wait_netdev(dut->host, bdf, 5000, netdev, sizeof(netdev), err);
	if (!rc)
		rc = netdev_set_up(dut->host, netdev, hold, err);
	return rc || hold ? rc
			  : vf_change_settings(dut->host, dut->pf, vf, &tenants->before[vf], err);
}

static int hold_all(struct fallback *fallback, bool hold)
{
	int rc = 0;

	fallback->held = hold;

	for (unsigned vf = 0; !rc && vf < TENANT_VFS; vf++)
		rc = hold_vf(&fallback->tenants, vf, hold);
	return rc;
}

/* Passes if all VFs have the settings of before. */
static enum verdict vfs_are_as_before(struct tenants *tenants, const char *when)
{
	struct check_run *run = tenants->run;
	char text[300];

	for (unsigned vf = 0; vf < TENANT_VFS; vf++) {
		if (tenants_compare(tenants, vf, &tenants->before[vf], text, sizeof(text)) < 0)
			return check_broken(run, "VF %u cannot be read", vf);
		if (*text)
			return check_fail(run, "%s: VF %u: %s", when, vf, text);
	}
	return VERDICT_PASS;
}

/* --- No VF is free ---------------------------------------------------------------------------- */

static enum verdict nothing_was_plugged(struct tenants *tenants)
{
	struct check_run *run = tenants->run;
	struct guest_interface list[GUEST_INTERFACES];
	char tap[IFNAMSIZ];
	size_t count;

	if (guest_interfaces(tenants->red.guest, list, &count, &run->err) < 0 ||
			bridge_find_tap(tenants, RED_BRIDGE, tenants->red.mac, tap) < 0)
		return check_broken(run, "what vm1 has cannot be read");
	evidence_int(run, "interfaces", (int64_t)count, NULL);
	evidence_by_guest(run);
	evidence_text(run, "on the bridge", "%s", *tap ? tap : "nothing");
	if (*tap || count)
		return check_fail(run, "the attach was refused, and vm1 has a NIC");
	return vfs_are_as_before(tenants, "after the refused attach");
}

static enum verdict refused_without_fallback(struct check_run *run, void *subject)
{
	struct tenants *tenants = &((struct fallback *)subject)->tenants;
	struct tenant *red = &tenants->red;
	CLEANUP(call_end) struct call call = { 0 };

	red->profile = "red";
	if (tenant_call_attach(tenants, red, &call) < 0)
		return check_broken(run, "vfctl attach cannot be called");
	red->profile = "fallback";
	evidence_text(run, "attach", "status %d: %.200s", call.status, call_last(&call));
	if (!call.status) {
		memcpy(red->nic.name, "?", 2);
		tenant_take_nic(tenants, red);
		return check_fail(run, "a NIC that needs a VF is plugged in without one");
	}
	if (!strstr(call.output, "[no-suitable-vf]"))
		return check_fail(run, "the attach does not say [no-suitable-vf]: %.200s",
				call_last(&call));
	return nothing_was_plugged(tenants);
}

/* Attaches; BY_BRIDGE says what the NIC shall have become. */
static enum verdict attach(struct fallback *fallback, bool by_bridge)
{
	struct tenants *tenants = &fallback->tenants;
	struct check_run *run = tenants->run;
	struct tenant *red = &tenants->red;
	CLEANUP(call_end) struct call call = { 0 };

	if (tenant_call_attach(tenants, red, &call) < 0)
		return check_broken(run, "vfctl attach cannot be called");
	evidence_text(run, "attach", "status %d: %.200s", call.status, call_last(&call));
	if (call.status)
		return check_fail(run, "vfctl attach ends with %d: %.200s", call.status,
				call_last(&call));
	memcpy(red->nic.name, "?", 2); /* to be taken back */
	if (tenant_await_nic(tenants, red) < 0)
		return check_fail(run, "vm1 does not get its NIC");
	evidence_text(run, "driver", "%s", red->nic.driver);
	evidence_by_guest(run);
	if (crossing_open(tenants, RED_BRIDGE, red->mac, &fallback->crossing) < 0)
		return check_broken(run, "the bridge cannot be watched");
	evidence_text(run, "on the bridge", "%s",
			fallback->crossing.tap ? endpoint_name(fallback->crossing.tap) : "nothing");
	if (by_bridge && !fallback->crossing.tap)
		return check_fail(run, "the NIC is not on the bridge of its network");
	if (!by_bridge && fallback->crossing.tap)
		return check_fail(run, "the NIC is on the bridge although a VF is free");
	return VERDICT_PASS;
}

static enum verdict detach(struct fallback *fallback)
{
	struct tenants *tenants = &fallback->tenants;
	char tap[IFNAMSIZ];

	crossing_close(&fallback->crossing);
	if (tenant_detach(tenants, &tenants->red) < 0)
		return check_fail(tenants->run, "vm1 does not give its NIC back");
	if (bridge_find_tap(tenants, RED_BRIDGE, tenants->red.mac, tap) < 0)
		return check_broken(tenants->run, "the bridge cannot be read");
	return *tap ? check_fail(tenants->run, "the NIC is gone, and still a port of the bridge")
		    : VERDICT_PASS;
}

/* Frames get through, in the VLAN of the network, EXPECTED of a burst by the bridge. */
static enum verdict goes_by(struct fallback *fallback, unsigned expected, const char *when)
{
	struct tenants *tenants = &fallback->tenants;
	struct check_run *run = tenants->run;
	struct received received;
	unsigned by_bridge;
	enum verdict verdict = tenant_is_connected(tenants, &tenants->red, when);

	if (verdict != VERDICT_PASS)
		return verdict;
	if (crossing_sends(tenants, &fallback->crossing, &tenants->red, &received, &by_bridge) < 0)
		return check_broken(run, "the way of frames cannot be determined");
	return by_bridge == expected ? VERDICT_PASS
				     : check_fail(run, "%s: %u of %d frames go by the bridge", when,
						       by_bridge, BURST_FRAMES);
}

static enum verdict falls_back(struct check_run *run, void *subject)
{
	enum verdict verdict = attach(subject, true);

	(void)run;
	return verdict == VERDICT_PASS ? vfs_are_as_before(&((struct fallback *)subject)->tenants,
							 "after the NIC took the bridge")
				       : verdict;
}

static enum verdict bridge_is_connected(struct check_run *run, void *subject)
{
	(void)run;
	return goes_by(subject, BURST_FRAMES, "on the bridge");
}

static enum verdict foreign_vlan_stays_out(struct check_run *run, void *subject)
{
	struct tenants *tenants = &((struct fallback *)subject)->tenants;
	struct burst foreign = { .to = tenants->red.mac, .outer = { 0x8100, BLUE_VLAN, 0 } };

	(void)run;
	return tenant_hears_none(tenants, &tenants->red, "frames of another VLAN", foreign);
}

static enum verdict broadcast_arrives(struct check_run *run, void *subject)
{
	struct tenants *tenants = &((struct fallback *)subject)->tenants;
	struct burst burst = { .to = mac_broadcast, .outer = { 0x8100, RED_VLAN, 0 } };
	struct guest_heard heard;

	if (tenant_hears(tenants, &tenants->red, "broadcast in its VLAN", burst, &heard) < 0)
		return check_broken(run, "what vm1 hears cannot be determined");
	return heard.frames == BURST_FRAMES
			? VERDICT_PASS
			: check_fail(run, "%llu of %d broadcasts reach vm1 by the bridge",
					  (unsigned long long)heard.frames, BURST_FRAMES);
}

/* Asks the manager for VFs for NICs that have none. */
static int call_upgrade(struct check_run *run, struct call *call)
{
	static const char *const args[] = { "vm", "upgrade", "vm1", NULL };
	int rc = manager_call(run, args, call);

	if (!rc)
		evidence_text(run, "upgrade", "status %d: %.200s", call->status, call_last(call));
	return rc;
}

static enum verdict stays_on_bridge(struct check_run *run, void *subject)
{
	CLEANUP(call_end) struct call call = { 0 };

	if (call_upgrade(run, &call) < 0)
		return check_broken(run, "vfctl vm upgrade cannot be called");
	if (!call.status || !strstr(call.output, "[no-suitable-vf]"))
		return check_fail(run, "the upgrade does not say [no-suitable-vf]: %.200s",
				call_last(&call));
	return goes_by(subject, BURST_FRAMES, "after the upgrade found no VF");
}

/* --- One is free, and none is there ----------------------------------------------------------- */

/* Frames get through, by VF 0, which is the only one that the host does not use. */
static enum verdict goes_by_vf(struct fallback *fallback, const char *when)
{
	struct tenants *tenants = &fallback->tenants;
	struct check_run *run = tenants->run;
	const struct vf_settings want = tenant_settings(&tenants->red);
	enum verdict verdict = goes_by(fallback, 0, when);
	char text[300];

	if (verdict != VERDICT_PASS)
		return verdict;
	if (tenants_compare(tenants, 0, &want, text, sizeof(text)) < 0)
		return check_broken(run, "the settings of VF 0 cannot be read");
	return *text ? check_fail(run, "%s: VF 0: %s", when, text) : VERDICT_PASS;
}

static enum verdict is_upgraded(struct check_run *run, void *subject)
{
	struct fallback *fallback = subject;
	struct tenants *tenants = &fallback->tenants;
	struct tenant *red = &tenants->red;
	CLEANUP(call_end) struct call call = { 0 };
	int64_t began_us = clock_us();
	char tap[IFNAMSIZ];

	crossing_close(&fallback->crossing);
	if (call_upgrade(run, &call) < 0)
		return check_broken(run, "vfctl vm upgrade cannot be called");
	if (call.status)
		return check_fail(run, "vfctl vm upgrade ends with %d: %.200s", call.status,
				call_last(&call));
	if (tenant_await_nic(tenants, red) < 0)
		return check_fail(run, "after the upgrade vm1 has no NIC with the same MAC");
	evidence_int(run, "upgrade until the guest has a carrier", (clock_us() - began_us) / 1000,
			"ms");
	evidence_text(run, "driver", "%s", red->nic.driver);
	evidence_by_guest(run);
	if (bridge_find_tap(tenants, RED_BRIDGE, red->mac, tap) < 0)
		return check_broken(run, "the bridge cannot be read");
	evidence_text(run, "on the bridge", "%s", *tap ? tap : "nothing");
	if (*tap)
		return check_fail(run, "after the upgrade the NIC is still on the bridge");
	return goes_by_vf(fallback, "after the upgrade");
}

/* Under the name that it had on the bridge. */
static enum verdict gives_vf_back(struct check_run *run, void *subject)
{
	struct fallback *fallback = subject;
	enum verdict verdict = detach(fallback);

	(void)run;
	return verdict == VERDICT_PASS ? tenants_vf_is_back(&fallback->tenants, 0,
							 "after the upgraded NIC is gone")
				       : verdict;
}

static enum verdict prefers_vf(struct check_run *run, void *subject)
{
	struct fallback *fallback = subject;
	enum verdict verdict = attach(fallback, false), end;

	(void)run;
	if (verdict == VERDICT_PASS)
		verdict = goes_by_vf(fallback, "with a VF");
	end = *fallback->tenants.red.nic.name ? detach(fallback) : VERDICT_PASS;
	return verdict == VERDICT_PASS ? end : verdict;
}

static enum verdict without_vfs(struct check_run *run, void *subject)
{
	struct fallback *fallback = subject;
	struct tenants *tenants = &fallback->tenants;
	enum verdict verdict, end;

	if (hold_all(fallback, false) < 0 ||
			vfs_set_count(run->dut->host, run->dut->pf, 0, &run->err) < 0)
		return check_broken(run, "the VFs cannot be removed");
	verdict = attach(fallback, true);
	if (verdict == VERDICT_PASS)
		verdict = goes_by(fallback, BURST_FRAMES, "without VFs");
	end = *tenants->red.nic.name ? detach(fallback) : VERDICT_PASS;
	return verdict == VERDICT_PASS ? end : verdict;
}

static const struct statement on_bridge[] = {
	{ "guest.fallback-refused", refused_without_fallback },
	{ "guest.fallback-on-bridge", falls_back },
	{ "guest.fallback-connected", bridge_is_connected },
	{ "guest.fallback-vlan", foreign_vlan_stays_out },
	{ "guest.fallback-broadcast", broadcast_arrives },
	{ "guest.upgrade-refused", stays_on_bridge },
};

static const struct statement after_release[] = {
	{ "guest.upgrade-gives-vf", is_upgraded },
	{ "guest.upgrade-detached", gives_vf_back },
	{ "guest.fallback-prefers-vf", prefers_vf },
	{ "guest.fallback-without-vfs", without_vfs },
};

static void fallback_end(struct fallback *fallback)
{
	crossing_close(&fallback->crossing);
	if (fallback->held)
		hold_all(fallback, false);
	tenants_close(&fallback->tenants);
	bridges_close(&fallback->tenants);
}

static enum verdict run_course(struct check_run *run)
{
	CLEANUP(fallback_end) struct fallback fallback = { .crossing = { NULL } };
	struct tenants *tenants = &fallback.tenants;

	if (tenants_open(run, tenants) < 0 || bridges_open(tenants) < 0)
		return check_broken(run, "the host of the guests cannot be set up");
	tenants->red.profile = "fallback";
	tenants->red.vf = ANY_VF;
	if (hold_all(&fallback, true) < 0)
		return check_broken(run, "the host cannot use the VFs");
	session_try(run, on_bridge, sizeof(on_bridge) / sizeof(*on_bridge), &fallback);
	if (hold_vf(tenants, 0, false) < 0)
		return check_broken(run, "the host cannot leave VF 0");
	session_try(run, after_release, sizeof(after_release) / sizeof(*after_release), &fallback);
	return VERDICT_PASS;
}

static const struct check course_of_fallback = {
	.id = "guest.fallback-course",
	.needs = NEED_GUESTS | NEED_WIRE | NEED_VF_SETTINGS,
	.timeout_s = 120,
	.fn = run_course,
};

#define STATEMENT(name, says, because)                                                            \
	{                                                                                         \
		.id = "guest." name, .title = says, .why = because,                               \
		.needs = NEED_GUESTS | NEED_WIRE | NEED_VF_SETTINGS, .step = &course_of_fallback, \
		.timeout_s = 5, .fn = session_verdict                                             \
	}

const struct check suite_guest_fallback[] = {
	STATEMENT("fallback-refused",
			"Where no VF is free, a NIC that must have one is refused by name",
			"The guest gets a slow NIC that nobody asked for, or half a NIC."),
	STATEMENT("fallback-on-bridge",
			"Where no VF is free, a NIC that may do without is on the bridge",
			"The guest does not start, or takes what is another's."),
	STATEMENT("fallback-connected", "A NIC that took the bridge reaches the wire in its VLAN",
			"The guest has a NIC, and no network."),
	STATEMENT("fallback-vlan", "A NIC that took the bridge hears nothing of another VLAN",
			"Which network a guest reads depends on how many VFs are free."),
	STATEMENT("fallback-broadcast", "Broadcasts of its VLAN reach a NIC that took the bridge",
			"The guest finds no neighbours (ARP)."),
	STATEMENT("upgrade-refused",
			"Where still no VF is free, an upgrade leaves the NIC as it is",
			"An attempt to get a VF costs the guest its network."),
	STATEMENT("upgrade-gives-vf",
			"Once a VF is free, an upgrade gives it to a NIC on the bridge",
			"The guest stays slow until somebody detaches and attaches by hand."),
	STATEMENT("upgrade-detached", "A NIC that an upgrade gave a VF is detached as any other",
			"The VF is lost until the guest ends."),
	STATEMENT("fallback-prefers-vf", "Where a VF is free, a NIC that may do without gets it",
			"VFs lie idle, and guests are slow."),
	STATEMENT("fallback-without-vfs", "On a card without VFs a NIC takes the bridge",
			"After a change of the card the guest does not start."),
	{ 0 },
};
