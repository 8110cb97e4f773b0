/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/cleanup.h"
#include "checks/expect.h"
#include "checks/suites.h"
#include "observe/mailbox.h"

/*
 * Trust: a trusted VF may choose its MAC and take further ones, as long as it is trusted, but never
 * those of others.
 *
 * Some drivers keep a VF's additional addresses for good. These checks remove what they added over
 * the VF's mailbox, if core/drivers knows it.
 */

static struct vf_settings trust(bool on)
{
	return (struct vf_settings){ .given = VF_TRUST, .trust = on };
}

static enum verdict reaches(
		struct traffic *traffic, const char *name, struct endpoint *at, struct mac to)
{
	return expect_reaches(
			traffic, name, traffic->partner, at, (struct burst){ .to = to }, NULL);
}

static enum verdict silent(
		struct traffic *traffic, const char *name, struct endpoint *at, struct mac to)
{
	return expect_silent(traffic, name, traffic->partner, at, (struct burst){ .to = to });
}

/* The trusted VF 0 takes MAC. */
static int change_mac(struct traffic *traffic, struct mac mac)
{
	int rc;

	traffic_mark_changed(traffic, 0);
	rc = dut_change_vf_mac(traffic->dut, 0, mac, &traffic->run->err);
	return rc ? rc : traffic_reopen_vf(traffic, 0);
}

static int open_trusted(struct check_run *run, struct traffic *traffic, unsigned count)
{
	struct vf_settings settings[DUT_VFS] = { trust(true) };

	return traffic_open(run, settings, count, traffic);
}

static enum verdict own_mac(struct check_run *run)
{
	struct mac wanted = dut_test_mac(run->dut, 120);
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (open_trusted(run, &traffic, 1) < 0)
		return check_broken(run, "VF 0 cannot be trusted");
	if (change_mac(&traffic, wanted) < 0)
		return check_fail(run, "VF 0 is trusted, but cannot change its MAC");
	return reaches(&traffic, "wire to the MAC that VF 0 chose", traffic.vf[0], wanted);
}

static enum verdict revoked_refuses(struct check_run *run)
{
	struct vf_settings off = trust(false);
	struct mac wanted = dut_test_mac(run->dut, 121);
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	struct err refusal = { 0 };
	enum verdict verdict;

	if (open_trusted(run, &traffic, 1) < 0 || traffic_set_vf(&traffic, 0, &off) < 0)
		return check_broken(run, "VF 0's trust cannot be switched");
	if (dut_change_vf_mac(run->dut, 0, wanted, &refusal) == 0) {
		traffic_mark_changed(&traffic, 0);
		return check_fail(run, "VF 0 can still change its MAC");
	}
	evidence_text(run, "refused", "%s", refusal.msg);
	verdict = silent(&traffic, "wire to the refused MAC", traffic.vf[0], wanted);
	return verdict == VERDICT_PASS ? reaches(&traffic, "wire to VF 0's MAC", traffic.vf[0],
							 run->dut->vfs[0].mac)
				       : verdict;
}

static enum verdict revoked_restores(struct check_run *run)
{
	struct vf_settings off = trust(false);
	struct mac wanted = dut_test_mac(run->dut, 122);
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	struct vf_settings reported = { 0 };
	char text[MAC_TEXT];

	if (open_trusted(run, &traffic, 1) < 0 || change_mac(&traffic, wanted) < 0 ||
			traffic_set_vf(&traffic, 0, &off) < 0)
		return check_broken(run, "VF 0 cannot change its MAC under trust");
	if (dut_read_vf(run->dut, 0, &reported, &run->err) < 0)
		return check_broken(run, "cannot read the PF's report");
	evidence_text(run, "admin MAC", "%s", mac_format(reported.mac, text));
	if (!mac_equal(reported.mac, run->dut->vfs[0].mac))
		return check_fail(run,
				"trust is withdrawn, but VF 0 still has the MAC %s that it chose",
				text);
	return silent(&traffic, "wire to the MAC chosen under trust", traffic.vf[0], wanted);
}

/* Removes the addresses that VF 0 added. VF drivers ask the PF for that, but some PFs ignore it. */
static void forget_filters(struct traffic *traffic)
{
	struct mailbox_message clear = { .request = MAILBOX_CLEAR_FILTERS,
		.mac = dut_test_mac(traffic->dut, 123) };
	struct vf_settings on = trust(true);
	CLEANUP(mailbox_close) struct mailbox mailbox = { 0 };
	enum mailbox_answer answer;

	if (!mailbox_known(traffic->dut) || traffic_set_vf(traffic, 0, &on) < 0)
		return;
	if (mailbox_open(traffic->dut, 0, &mailbox, &traffic->run->err) == 0)
		mailbox_ask(&mailbox, &clear, &answer, &traffic->run->err);
}

static void close_filtered(struct traffic *traffic)
{
	if (traffic->dut)
		forget_filters(traffic);
	traffic_close(traffic);
}

static enum verdict filter(struct check_run *run)
{
	struct mac wanted = dut_test_mac(run->dut, 124);
	CLEANUP(close_filtered) struct traffic traffic = { 0 };

	if (open_trusted(run, &traffic, 1) < 0)
		return check_broken(run, "VF 0 cannot be trusted");
	if (endpoint_add_filter(traffic.vf[0], RX_ADDRESS, wanted, &run->err) < 0)
		return check_fail(run, "VF 0 is trusted, but cannot take a second MAC");
	return reaches(&traffic, "wire to VF 0's second MAC", traffic.vf[0], wanted);
}

static enum verdict filter_denied(struct check_run *run)
{
	struct mac wanted = dut_test_mac(run->dut, 125);
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	enum verdict verdict;

	if (traffic_open(run, NULL, 1, &traffic) < 0 ||
			endpoint_add_filter(traffic.vf[0], RX_ADDRESS, wanted, &run->err) < 0)
		return check_broken(run, "VF 0 cannot ask for a second MAC");
	verdict = silent(&traffic, "wire to VF 0's second MAC", traffic.vf[0], wanted);
	if (verdict == VERDICT_FAIL)
		forget_filters(&traffic);
	return verdict == VERDICT_PASS
			? expect_control(&traffic, "every-vf.receives", traffic.partner,
					  traffic.vf[0],
					  (struct burst){ .to = endpoint_mac(traffic.vf[0]) })
			: verdict;
}

/* Takes a second MAC, which must work; after LOSE it must no longer work. */
static enum verdict filter_ends(struct check_run *run, struct mac wanted,
		int (*lose)(struct traffic *traffic, struct mac wanted))
{
	CLEANUP(close_filtered) struct traffic traffic = { 0 };
	enum verdict verdict;

	if (open_trusted(run, &traffic, 1) < 0 ||
			endpoint_add_filter(traffic.vf[0], RX_ADDRESS, wanted, &run->err) < 0)
		return check_broken(run, "VF 0 cannot take a second MAC");
	verdict = expect_control(&traffic, "trust.filter", traffic.partner, traffic.vf[0],
			(struct burst){ .to = wanted });
	if (verdict != VERDICT_PASS)
		return verdict;
	if (lose(&traffic, wanted) < 0)
		return check_broken(run, "VF 0 cannot lose its second MAC");
	return silent(&traffic, "wire to the second MAC that VF 0 had", traffic.vf[0], wanted);
}

static int drop_filter(struct traffic *traffic, struct mac wanted)
{
	return endpoint_drop_filter(traffic->vf[0], RX_ADDRESS, wanted, &traffic->run->err);
}

static int revoke(struct traffic *traffic, struct mac wanted)
{
	struct vf_settings off = trust(false);

	(void)wanted;
	return traffic_set_vf(traffic, 0, &off);
}

static enum verdict filter_dropped(struct check_run *run)
{
	return filter_ends(run, dut_test_mac(run->dut, 126), drop_filter);
}

static enum verdict filter_revoked(struct check_run *run)
{
	return filter_ends(run, dut_test_mac(run->dut, 127), revoke);
}

/* OWNER must keep its address. */
static enum verdict stays_owned(struct traffic *traffic, struct endpoint *owner)
{
	enum verdict verdict = silent(traffic, "at VF 0", traffic->vf[0], endpoint_mac(owner));

	return verdict == VERDICT_PASS
			? reaches(traffic, "at its owner", owner, endpoint_mac(owner))
			: verdict;
}

static enum verdict filter_of_neighbour(struct check_run *run)
{
	CLEANUP(close_filtered) struct traffic traffic = { 0 };
	struct err refusal = { 0 };

	if (open_trusted(run, &traffic, 2) < 0)
		return check_broken(run, "VF 0 cannot be trusted");
	endpoint_add_filter(traffic.vf[0], RX_ADDRESS, endpoint_mac(traffic.vf[1]), &refusal);
	return stays_owned(&traffic, traffic.vf[1]);
}

static enum verdict filter_of_pf(struct check_run *run)
{
	CLEANUP(close_filtered) struct traffic traffic = { 0 };
	struct err refusal = { 0 };

	if (open_trusted(run, &traffic, 1) < 0)
		return check_broken(run, "VF 0 cannot be trusted");
	endpoint_add_filter(traffic.vf[0], RX_ADDRESS, endpoint_mac(traffic.pf), &refusal);
	return stays_owned(&traffic, traffic.pf);
}

/* VF 0 asks for the MAC of OWNER as its own. If the PF refuses, its endpoint keeps the old MAC,
 * since the fences need a VF 0 that receives. */
static enum verdict takes_mac_of(struct traffic *traffic, struct endpoint *owner)
{
	struct err refusal = { 0 };

	traffic_mark_changed(traffic, 0);
	if (dut_change_vf_mac(traffic->dut, 0, endpoint_mac(owner), &refusal) < 0)
		evidence_text(traffic->run, "refused", "%s", refusal.msg);
	else if (traffic_reopen_vf(traffic, 0) < 0)
		return check_broken(traffic->run, "cannot listen");
	return stays_owned(traffic, owner);
}

static enum verdict mac_of_neighbour(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (open_trusted(run, &traffic, 2) < 0)
		return check_broken(run, "VF 0 cannot be trusted");
	return takes_mac_of(&traffic, traffic.vf[1]);
}

static enum verdict mac_of_pf(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (open_trusted(run, &traffic, 1) < 0)
		return check_broken(run, "VF 0 cannot be trusted");
	return takes_mac_of(&traffic, traffic.pf);
}

static enum verdict probe_keeps_admin(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (open_trusted(run, &traffic, 1) < 0)
		return check_broken(run, "VF 0 cannot be trusted");
	if (dut_rebind_vf(run->dut, 0, &run->err) < 0 || traffic_reopen_vf(&traffic, 0) < 0)
		return check_fail(run, "VF 0 does not come back after a rebind");
	if (!mac_equal(endpoint_mac(traffic.vf[0]), run->dut->vfs[0].mac))
		return check_fail(run, "VF 0 came back with a MAC that is not its admin MAC");
	return reaches(&traffic, "wire to VF 0 after a rebind", traffic.vf[0],
			run->dut->vfs[0].mac);
}

static enum verdict survives_flr(struct check_run *run)
{
	struct mac wanted = dut_test_mac(run->dut, 128);
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (open_trusted(run, &traffic, 1) < 0)
		return check_broken(run, "VF 0 cannot be trusted");
	if (dut_reset_vf(run->dut, 0, &run->err) < 0 || traffic_reopen_vf(&traffic, 0) < 0)
		return check_fail(run, "VF 0 does not come back from its reset");
	if (change_mac(&traffic, wanted) < 0)
		return check_fail(run, "after its reset VF 0 is no longer trusted");
	return reaches(&traffic, "wire to the MAC that VF 0 chose", traffic.vf[0], wanted);
}

enum { WIRED = NEED_WIRE | NEED_VF_NET | NEED_VF_SETTINGS };

const struct check suite_trust[] = {
	{ .id = "trust.own-mac",
			.title = "A trusted VF may change its MAC, and receives frames under it",
			.why = "Failover inside a guest depends on it.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = own_mac },
	{ .id = "trust.revoked-refuses",
			.title = "A VF whose trust is withdrawn can no longer change its MAC",
			.why = "A guest whose trust cannot be withdrawn is out of control.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = revoked_refuses },
	{ .id = "trust.revoked-restores",
			.title = "When trust is withdrawn, the VF has the administrator's MAC "
				 "again",
			.why = "The next guest would inherit an address that nobody set.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = revoked_restores },
	{ .id = "trust.filter",
			.title = "A trusted VF may take a second MAC",
			.why = "Guests with containers or bridges have several.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = filter },
	{ .id = "trust.filter-denied",
			.title = "A VF without trust is not given a second MAC",
			.why = "A guest must not collect others' addresses.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = filter_denied },
	{ .id = "trust.filter-dropped",
			.title = "A VF no longer receives under a second MAC that it has given up",
			.why = "The card's few filters run out, and frames of others come in.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = filter_dropped },
	{ .id = "trust.filter-revoked",
			.title = "A VF loses its second MAC with its trust",
			.why = "An untrusted guest would keep what only a trusted one may have.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = filter_revoked },
	{ .id = "trust.filter-of-neighbour",
			.title = "A trusted VF cannot take another VF's MAC as its second",
			.why = "It would receive its neighbour's traffic.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = filter_of_neighbour },
	{ .id = "trust.filter-of-pf",
			.title = "A trusted VF cannot take the PF's MAC as its second",
			.why = "It would receive the host's traffic, or cut off the host.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = filter_of_pf },
	{ .id = "trust.mac-of-neighbour",
			.title = "A trusted VF cannot take another VF's MAC as its own",
			.why = "It would receive its neighbour's traffic.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = mac_of_neighbour },
	{ .id = "trust.mac-of-pf",
			.title = "A trusted VF cannot take the PF's MAC as its own",
			.why = "It would receive the host's traffic.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = mac_of_pf },
	{ .id = "trust.probe-keeps-admin",
			.title = "A trusted VF's driver comes up with the administrator's MAC",
			.why = "Trust allows a VF to change its address; it must not take it away.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 15,
			.fn = probe_keeps_admin },
	{ .id = "trust.survives-flr",
			.title = "A VF is still trusted after its function-level reset",
			.why = "Every attach to a guest resets the VF.",
			.needs = WIRED | NEED_FLR,
			.vfs = 4,
			.timeout_s = 15,
			.fn = survives_flr },
	{ 0 },
};
