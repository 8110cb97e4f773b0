/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "checks/expect.h"
#include "checks/manager.h"
#include "checks/suites.h"
#include "netdev/netns.h"
#include "observe/carrier.h"

/*
 * The link as VFs see it. Only link.losses-apart sets the PF down, which costs seconds; the suite
 * reset tests what VFs lose by that.
 */

static enum verdict both_ways(struct traffic *traffic, unsigned vf)
{
	enum verdict verdict = expect_reaches(traffic, "wire to VF", traffic->partner,
			traffic->vf[vf], (struct burst){ .to = endpoint_mac(traffic->vf[vf]) },
			NULL);

	if (verdict != VERDICT_PASS)
		return verdict;
	return expect_reaches(traffic, "VF to wire", traffic->vf[vf], traffic->partner,
			(struct burst){ .to = endpoint_mac(traffic->partner) }, NULL);
}

/* Sets VF's interface up or down. */
static int set_up(struct dut *dut, unsigned vf, bool up, struct err *err)
{
	char name[IFNAMSIZ];
	int rc = netns_enter(dut->vf_netns, err);

	if (rc < 0)
		return rc;
	dut_vf_name(dut, vf, name);
	rc = netdev_set_up(dut->host, name, up, err);
	return netns_enter(dut->home_netns, err) < 0 ? -EIO : rc;
}

static enum verdict carrier_means_traffic(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	/* dut_settle_vfs() waits for the carrier of each VF. */
	if (dut_settle_vfs(run->dut, &run->err) < 0)
		return check_fail(run, "a VF has no carrier while the PF has its link");
	if (traffic_open(run, NULL, 4, &traffic) < 0)
		return check_broken(run, "cannot listen");
	for (unsigned i = 0; i < traffic.vf_count; i++) {
		enum verdict verdict = both_ways(&traffic, i);

		if (verdict != VERDICT_PASS)
			return verdict;
	}
	return VERDICT_PASS;
}

/* VF 0 must receive nothing while the others do. If this fails, vfsuite sets it up again. */
static enum verdict down_alone(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	struct burst burst;
	enum verdict verdict;
	uint64_t token;

	if (traffic_open(run, NULL, 2, &traffic) < 0)
		return check_broken(run, "cannot listen");
	burst = (struct burst){ .to = endpoint_mac(traffic.vf[0]) };
	if (set_up(run->dut, 0, false, &run->err) < 0)
		return check_fail(run, "VF 0's interface cannot be set down");
	verdict = both_ways(&traffic, 1);
	if (traffic_send(&traffic, traffic.partner, burst, &token) < 0)
		return check_broken(run, "cannot send");
	if (set_up(run->dut, 0, true, &run->err) < 0 || dut_settle_vfs(run->dut, &run->err) < 0 ||
			traffic_reopen_vf(&traffic, 0) < 0)
		return check_fail(run, "VF 0's interface does not come up again");
	return verdict == VERDICT_PASS ? both_ways(&traffic, 0) : verdict;
}

/* The PF must refuse SETTING and change nothing, or accept it, and then the frames of VF 0 must
 * show its effect. */
static enum verdict state(struct check_run *run, enum vf_link_state link)
{
	struct vf_settings settings = { .given = VF_LINK, .link = link };
	struct vf_settings automatic = { .given = VF_LINK, .link = VF_LINK_AUTO };
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	struct err refusal = { 0 };
	enum verdict verdict;

	if (traffic_open(run, NULL, 1, &traffic) < 0)
		return check_broken(run, "cannot listen");
	if (dut_set_vf(run->dut, 0, &settings, &refusal) < 0) {
		evidence_text(run, "refused", "%s", refusal.msg);
		return both_ways(&traffic, 0);
	}
	if (link == VF_LINK_DISABLE)
		verdict = expect_silent(&traffic, "VF 0, its link disabled", traffic.vf[0],
				traffic.partner,
				(struct burst){ .to = endpoint_mac(traffic.partner) });
	else
		verdict = both_ways(&traffic, 0);
	if (dut_set_vf(run->dut, 0, &automatic, &run->err) < 0)
		return check_fail(run, "VF 0's link does not go back to auto");
	return verdict;
}

static enum verdict disable(struct check_run *run)
{
	return state(run, VF_LINK_DISABLE);
}

static enum verdict enable(struct check_run *run)
{
	return state(run, VF_LINK_ENABLE);
}

/* What vfctl status reports about a card that matches its policy and has lost its link. */

enum { LINK_MS = 10000 };

static int await_carrier(struct check_run *run, bool expected)
{
	return carrier_wait(run->dut, run->dut->pf_netdev, expected, LINK_MS, &run->err);
}

static int lose_by_wire(struct check_run *run)
{
	int rc = check_ask_rig(run, "link-down", NULL);

	if (!rc)
		rc = await_carrier(run, false);
	/* Mend the wire even if that failed. */
	if (check_ask_rig(run, "link-up", NULL) < 0)
		return -EIO;
	return rc ? rc : await_carrier(run, true);
}

static int lose_by_driver(struct check_run *run)
{
	struct dut *dut = run->dut;
	int rc = netdev_set_up(dut->host, dut->pf_netdev, false, &run->err);

	if (!rc)
		rc = netdev_set_up(dut->host, dut->pf_netdev, true, &run->err);
	return rc ? rc : await_carrier(run, true);
}

/* Returns the exit status of vfctl status, with its output in CALL; -1 if it cannot be called. */
static int status(struct check_run *run, struct call *call)
{
	static const char *const args[] = { "status", NULL };

	if (manager_call(run, args, call) < 0)
		return -1;
	evidence_text(run, "vfctl status", "%.200s", call->output ? call->output : "");
	return call->status;
}

static enum verdict tell_losses_apart(struct check_run *run, uint32_t mtu)
{
	CLEANUP(call_end) struct call wire = { 0 };
	CLEANUP(call_end) struct call driver = { 0 };
	struct intent intent = intent_of(run->dut, 0);
	enum verdict verdict;

	intent.mtu = mtu;
	if (manager_install(run, &intent) < 0)
		return check_broken(run, "the policy file cannot be written");
	verdict = manager_apply(run);
	if (verdict != VERDICT_PASS)
		return verdict;
	if (await_carrier(run, true) < 0 || lose_by_wire(run) < 0)
		return check_broken(run, "the wire cannot be cut and mended");
	if (status(run, &wire) != 0)
		return check_fail(run, "a cut wire is reported as drift: %.200s", call_last(&wire));
	if (!strstr(wire.output, "the wire had no link"))
		return check_fail(run, "the cut wire is not reported: %.200s", call_last(&wire));
	if (lose_by_driver(run) < 0)
		return check_broken(run, "the PF cannot be set down and up");
	if (status(run, &driver) != 1 || !strstr(driver.output, "link losses since apply"))
		return check_fail(run, "a reset by the driver is not reported as drift: %.200s",
				call_last(&driver));
	return VERDICT_PASS;
}

static enum verdict losses_apart(struct check_run *run)
{
	uint32_t mtu = pf_mtu(run->dut);
	enum verdict verdict = tell_losses_apart(run, mtu);

	if (manager_forget(run, mtu) < 0 && verdict == VERDICT_PASS)
		verdict = check_broken(run, "the card has changed");
	return verdict;
}

enum { WIRED = NEED_WIRE | NEED_VF_NET | NEED_VF_SETTINGS };

const struct check suite_link[] = {
	{ .id = "link.carrier-means-traffic",
			.title = "Every VF has a carrier, and its frames pass both ways",
			.why = "Bonds and routing rely on the carrier.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = carrier_means_traffic },
	{ .id = "link.down-alone",
			.title = "A VF whose interface goes down and up affects no other",
			.why = "A guest's reboot must not disturb its neighbours.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 15,
			.fn = down_alone },
	{ .id = "link.disable",
			.title = "Disabling a VF's link cuts it off, or the PF refuses it",
			.why = "Administrators isolate a guest with it.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 15,
			.fn = disable },
	{ .id = "link.enable",
			.title = "Enabling a VF's link leaves it working, or the PF refuses it",
			.why = "VFs should be able to talk to each other without a cable.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 15,
			.fn = enable },
	{ .id = "link.losses-apart",
			.title = "vfctl status distinguishes a cut wire from a reset by the driver",
			.why = "A cut wire harms no setting; a reset can lose VLANs unnoticed.",
			.needs = WIRED | NEED_RIG_LINK,
			.slow = true,
			.removes_vfs = true,
			.timeout_s = 60,
			.fn = losses_apart },
	{ 0 },
};
