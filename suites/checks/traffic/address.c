/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/cleanup.h"
#include "checks/expect.h"
#include "checks/suites.h"
#include "sriov/vfs.h"

/* MAC addresses that collide, move from one VF to another, or are set before or after the VF's
 * driver probes. See mac.c for single addresses. */

static struct vf_settings with_mac(struct mac mac)
{
	return (struct vf_settings){ .given = VF_MAC, .mac = mac };
}

/* The PF must refuse to give VF 1 the address MAC, which another function has. */
static enum verdict refuses_taken(struct check_run *run, struct mac mac, const char *whose)
{
	struct dut *dut = run->dut;
	struct vf_settings taken = with_mac(mac), own = with_mac(dut->vfs[1].mac);
	struct err refusal = { 0 };

	if (dut_set_vf(dut, 1, &taken, &refusal) < 0) {
		evidence_text(run, "refused", "%s", refusal.msg);
		return VERDICT_PASS;
	}
	dut_set_vf(dut, 1, &own, &run->err);
	return check_fail(run, "the PF gave VF 1 the MAC of %s", whose);
}

static enum verdict duplicate(struct check_run *run)
{
	return refuses_taken(run, run->dut->vfs[0].mac, "VF 0");
}

static enum verdict of_pf(struct check_run *run)
{
	struct netdev pf = { 0 };
	struct mac mac;

	if (netdev_read(run->dut->host, run->dut->pf_netdev, &pf, &run->err) < 0)
		return check_broken(run, "cannot read the PF's MAC");
	mac = pf.mac;
	netdev_free(&pf);
	return refuses_taken(run, mac, "the PF");
}

/* Each VF must receive under its new address, which was the other VF's, and not under its old
 * one. */
static enum verdict swapped(struct check_run *run)
{
	struct dut *dut = run->dut;
	struct vf_settings settings[2] = { with_mac(dut->vfs[1].mac), with_mac(dut->vfs[0].mac) };
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (traffic_open(run, settings, 2, &traffic) < 0)
		return check_fail(run, "VF 0 and VF 1 do not come up with each other's MACs");
	for (unsigned i = 0; i < 2; i++) {
		struct burst burst = { .to = settings[i].mac };
		enum verdict verdict = expect_reaches(&traffic, "to the MAC that was the other's",
				traffic.partner, traffic.vf[i], burst, NULL);

		if (verdict == VERDICT_PASS)
			verdict = expect_silent(&traffic, "to the MAC that was its own",
					traffic.partner, traffic.vf[!i], burst);
		if (verdict != VERDICT_PASS)
			return verdict;
	}
	return VERDICT_PASS;
}

static enum verdict before_probe(struct check_run *run)
{
	struct dut *dut = run->dut;
	struct vf_settings settings = with_mac(dut_test_mac(dut, 160));
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (traffic_open(run, NULL, 1, &traffic) < 0)
		return check_broken(run, "cannot listen");
	traffic_mark_changed(&traffic, 0);
	if (function_unbind(dut->host, dut->vfs[0].bdf, &run->err) < 0 ||
			traffic_set_vf(&traffic, 0, &settings) < 0)
		return check_fail(run, "the MAC of a VF without a driver cannot be set");
	if (dut_rebind_vf(dut, 0, &run->err) < 0 || traffic_reopen_vf(&traffic, 0) < 0)
		return check_fail(run, "VF 0 does not come up");
	if (!mac_equal(endpoint_mac(traffic.vf[0]), settings.mac))
		return check_fail(run, "VF 0's driver does not have the MAC that was set before");
	return expect_reaches(&traffic, "wire to the MAC set before the probe", traffic.partner,
			traffic.vf[0], (struct burst){ .to = settings.mac }, NULL);
}

/* The VF's driver does not learn its new address, but the card's filter must have it. */
static enum verdict after_probe(struct check_run *run)
{
	struct vf_settings settings = with_mac(dut_test_mac(run->dut, 161));
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (traffic_open(run, NULL, 1, &traffic) < 0)
		return check_broken(run, "cannot listen");
	if (traffic_set_vf(&traffic, 0, &settings) < 0)
		return check_fail(run, "the MAC of a VF with a driver cannot be set");
	return expect_reaches(&traffic, "wire to the MAC set after the probe", traffic.partner,
			traffic.vf[0], (struct burst){ .to = settings.mac }, NULL);
}

enum { WIRED = NEED_WIRE | NEED_VF_NET | NEED_VF_SETTINGS };

const struct check suite_address[] = {
	{ .id = "address.duplicate",
			.title = "The PF refuses to give two VFs one MAC",
			.why = "Both guests would receive what is for one.",
			.needs = NEED_VF_SETTINGS,
			.vfs = 4,
			.timeout_s = 5,
			.fn = duplicate },
	{ .id = "address.of-pf",
			.title = "The PF refuses to give a VF the PF's own MAC",
			.why = "A guest would receive what is for the host.",
			.needs = NEED_VF_SETTINGS,
			.vfs = 4,
			.timeout_s = 5,
			.fn = of_pf },
	{ .id = "address.swapped",
			.title = "Two VFs that swap their MACs receive under the new ones and not "
				 "under the old",
			.why = "Addresses move with guests from VF to VF.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 15,
			.fn = swapped },
	{ .id = "address.before-probe",
			.title = "A VF's driver comes up with the MAC that was set before it "
				 "probed",
			.why = "Managers set it before they hand the VF to a guest.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 15,
			.fn = before_probe },
	{ .id = "address.after-probe",
			.title = "A MAC that is set under a running VF driver is in the card's "
				 "filter at once",
			.why = "Otherwise report and filter differ until the next reset.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = after_probe },
	{ 0 },
};
