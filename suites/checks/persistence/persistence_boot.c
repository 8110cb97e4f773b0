/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "checks/expect.h"
#include "checks/persistence/persistence.h"
#include "checks/session.h"
#include "sriov/vfs.h"

/*
 * Applies a policy, boots the host, and compares what the boot restored with the policy, and with
 * the behaviour of VFs and wire.
 */

enum { FOREIGN_VLAN = 77 };

/* Fails if a difference between card and policy contains WORD. */
static enum verdict kept(struct check_run *run, const struct boot_result *result, const char *word)
{
	char text[600], *rest = text, *piece;

	if (intent_compare(run, &result->intent, text, sizeof(text)) < 0)
		return check_broken(run, "the card cannot be read");
	while ((piece = strsep(&rest, ";"))) {
		if (strstr(piece, word))
			return check_fail(
					run, "after the boot%s%s", *piece == ' ' ? "" : " ", piece);
	}
	return VERDICT_PASS;
}

static enum verdict count_kept(struct check_run *run, void *subject)
{
	return kept(run, subject, "VFs by config space");
}

static struct tag tag_of(const struct vf_settings *settings)
{
	return (struct tag){ settings->proto, settings->vlan, settings->qos };
}

/* Each VF receives frames for its own address only, also in its own VLAN. */
static enum verdict mac_kept(struct check_run *run, void *subject)
{
	struct boot_result *result = subject;
	struct traffic *traffic = &result->traffic;
	enum verdict verdict = kept(run, result, " MAC ");

	for (unsigned i = 0; verdict == VERDICT_PASS && i < INTENT_VFS; i++) {
		struct burst burst = { .to = result->intent.vf[i].mac,
			.outer = tag_of(&result->intent.vf[i]) };

		verdict = expect_reaches(traffic, "to its MAC", traffic->partner, traffic->vf[i],
				burst, NULL);
		burst.to = dut_test_mac(run->dut, 1);
		if (verdict == VERDICT_PASS)
			verdict = expect_silent(traffic, "to another MAC", traffic->partner,
					traffic->vf[i], burst);
	}
	return verdict;
}

enum verdict persistence_vlan_kept(struct check_run *run, void *subject)
{
	struct boot_result *result = subject;
	struct traffic *traffic = &result->traffic;
	enum verdict verdict = kept(run, result, " VLAN ");

	for (unsigned i = 0; verdict == VERDICT_PASS && i < INTENT_VFS; i++) {
		const struct vf_settings *settings = &result->intent.vf[i];
		struct burst foreign = { .to = settings->mac,
			.outer = { 0x8100, FOREIGN_VLAN, 0 } };

		verdict = expect_ingress_tag(traffic, i, tag_of(settings));
		if (verdict == VERDICT_PASS && settings->vlan)
			verdict = expect_silent(traffic, "in a foreign VLAN", traffic->partner,
					traffic->vf[i], foreign);
	}
	return verdict;
}

/* The tag on the wire must carry both VLAN and priority. */
static enum verdict priority_kept(struct check_run *run, void *subject)
{
	struct boot_result *result = subject;
	enum verdict verdict = kept(run, result, " priority ");

	for (unsigned i = 0; verdict == VERDICT_PASS && i < INTENT_VFS; i++)
		verdict = expect_egress_tag(&result->traffic, i, tag_of(&result->intent.vf[i]));
	return verdict;
}

static enum verdict spoof_check_kept(struct check_run *run, void *subject)
{
	return kept(run, subject, " spoof check ");
}

static enum verdict spoof_check_works(struct check_run *run, void *subject)
{
	struct boot_result *result = subject;
	struct traffic *traffic = &result->traffic;
	struct burst forged = { .to = endpoint_mac(traffic->partner),
		.from = dut_test_mac(run->dut, 2) };
	enum verdict verdict = VERDICT_PASS;

	for (unsigned i = 0; verdict == VERDICT_PASS && i < INTENT_VFS; i++) {
		if (result->intent.vf[i].spoofchk)
			verdict = expect_silent(traffic, "under another MAC", traffic->vf[i],
					traffic->partner, forged);
		else
			verdict = expect_reaches(traffic, "under another MAC", traffic->vf[i],
					traffic->partner, forged, NULL);
	}
	return verdict;
}

/* A VF may change the address that the administrator has set only if it is trusted. */
static enum verdict trust_kept(struct check_run *run, void *subject)
{
	struct boot_result *result = subject;
	enum verdict verdict = kept(run, result, "trusted");

	for (unsigned i = 0; verdict == VERDICT_PASS && i < INTENT_VFS; i++) {
		struct mac mac = dut_test_mac(run->dut, 3 + i);
		struct err refusal = { 0 };
		bool changed = dut_change_vf_mac(run->dut, i, mac, &refusal) == 0;

		if (changed != result->intent.vf[i].trust)
			return check_fail(run, "VF %u %s its own MAC, and is %s", i,
					changed ? "changes" : "cannot change",
					changed ? "not trusted" : "trusted");
	}
	return verdict;
}

static enum verdict rate_kept(struct check_run *run, void *subject)
{
	return kept(run, subject, " rates ");
}

/* The PF must also send frames of that size. */
static enum verdict mtu_kept(struct check_run *run, void *subject)
{
	struct boot_result *result = subject;
	struct traffic *traffic = &result->traffic;
	struct burst burst = { .to = endpoint_mac(traffic->partner),
		.octets = result->intent.mtu + 14 };
	enum verdict verdict = kept(run, result, "MTU");

	return verdict == VERDICT_PASS ? expect_reaches(traffic, "as large as the MTU", traffic->pf,
							 traffic->partner, burst, NULL)
				       : verdict;
}

static enum verdict status_clean(struct check_run *run, void *subject)
{
	(void)subject;
	return manager_clean(run);
}

/* In each table, the statement that changes a VF comes last. */
static const struct statement after_reboot[PERSISTENCE_STATEMENTS] = {
	{ "persistence.status-after-reboot", status_clean },
	{ "persistence.count-after-reboot", count_kept },
	{ "persistence.mac-after-reboot", mac_kept },
	{ "persistence.vlan-after-reboot", persistence_vlan_kept },
	{ "persistence.priority-after-reboot", priority_kept },
	{ "persistence.spoof-check-after-reboot", spoof_check_kept },
	{ "persistence.spoofing-after-reboot", spoof_check_works },
	{ "persistence.rate-after-reboot", rate_kept },
	{ "persistence.mtu-after-reboot", mtu_kept },
	{ "persistence.trust-after-reboot", trust_kept },
};

static const struct statement after_reset[PERSISTENCE_STATEMENTS] = {
	{ "persistence.status-after-reset", status_clean },
	{ "persistence.count-after-reset", count_kept },
	{ "persistence.mac-after-reset", mac_kept },
	{ "persistence.vlan-after-reset", persistence_vlan_kept },
	{ "persistence.priority-after-reset", priority_kept },
	{ "persistence.spoof-check-after-reset", spoof_check_kept },
	{ "persistence.spoofing-after-reset", spoof_check_works },
	{ "persistence.rate-after-reset", rate_kept },
	{ "persistence.mtu-after-reset", mtu_kept },
	{ "persistence.trust-after-reset", trust_kept },
};

static const struct statement after_power_cut[PERSISTENCE_STATEMENTS] = {
	{ "persistence.status-after-power-cut", status_clean },
	{ "persistence.count-after-power-cut", count_kept },
	{ "persistence.mac-after-power-cut", mac_kept },
	{ "persistence.vlan-after-power-cut", persistence_vlan_kept },
	{ "persistence.priority-after-power-cut", priority_kept },
	{ "persistence.spoof-check-after-power-cut", spoof_check_kept },
	{ "persistence.spoofing-after-power-cut", spoof_check_works },
	{ "persistence.rate-after-power-cut", rate_kept },
	{ "persistence.mtu-after-power-cut", mtu_kept },
	{ "persistence.trust-after-power-cut", trust_kept },
};

const struct statement persistence_after_reslot[PERSISTENCE_STATEMENTS] = {
	{ "persistence.status-after-reslot", status_clean },
	{ "persistence.count-after-reslot", count_kept },
	{ "persistence.mac-after-reslot", mac_kept },
	{ "persistence.vlan-after-reslot", persistence_vlan_kept },
	{ "persistence.priority-after-reslot", priority_kept },
	{ "persistence.spoof-check-after-reslot", spoof_check_kept },
	{ "persistence.spoofing-after-reslot", spoof_check_works },
	{ "persistence.rate-after-reslot", rate_kept },
	{ "persistence.mtu-after-reslot", mtu_kept },
	{ "persistence.trust-after-reslot", trust_kept },
};

enum verdict persistence_leave(struct check_run *run)
{
	struct intent intent = intent_of(run->dut, 0);
	struct record *arguments = record_object();
	enum verdict verdict;

	record_put_str(arguments, "boot", "cold");
	record_put_int(run->memory, "mtu", pf_mtu(run->dut));
	if (manager_install(run, &intent) < 0)
		verdict = check_broken(run, "the policy file cannot be written");
	else
		verdict = manager_apply(run);
	if (verdict == VERDICT_PASS)
		verdict = manager_holds(run, &intent, "before the boot");
	if (verdict == VERDICT_PASS)
		return check_cross(run, run->check->id, arguments);
	record_free(arguments);
	manager_forget(run, (uint32_t)record_int(run->memory, "mtu", 0));
	return verdict;
}

/* traffic_close() does not restore settings here: they vanish with the VFs. */
static void close_endpoints(struct traffic *traffic)
{
	for (unsigned i = 0; i < traffic->vf_count; i++)
		endpoint_close(traffic->vf[i]);
	endpoint_close(traffic->pf);
	endpoint_close(traffic->partner);
}

enum verdict persistence_after_boot(
		struct check_run *run, const struct statement *statements, size_t count)
{
	struct boot_result result = { .intent = intent_of(run->dut, 0) };
	enum verdict verdict = VERDICT_PASS;

	manager_note_restore(run);
	if (dut_adopt_vfs(run->dut, &run->err) < 0 ||
			traffic_open(run, NULL, run->dut->vf_count, &result.traffic) < 0 ||
			run->dut->vf_count < INTENT_VFS)
		verdict = check_fail(run, "%u VFs came back that work, not %d", run->dut->vf_count,
				INTENT_VFS);
	else
		session_try(run, statements, count, &result);
	close_endpoints(&result.traffic);
	if (manager_forget(run, (uint32_t)record_int(run->memory, "mtu", 0)) < 0 &&
			verdict == VERDICT_PASS)
		return check_broken(run, "the card cannot be restored");
	return verdict;
}

static enum verdict check_after_reboot(struct check_run *run)
{
	return persistence_after_boot(run, after_reboot, PERSISTENCE_STATEMENTS);
}

static enum verdict check_after_reset(struct check_run *run)
{
	return persistence_after_boot(run, after_reset, PERSISTENCE_STATEMENTS);
}

static enum verdict check_after_power_cut(struct check_run *run)
{
	return persistence_after_boot(run, after_power_cut, PERSISTENCE_STATEMENTS);
}

/* Their ids are the rig's actions. */
const struct check step_reboot = {
	.id = "reboot", .timeout_s = 20, .fn = persistence_leave, .after = check_after_reboot
};
const struct check step_reset = {
	.id = "reset", .timeout_s = 20, .fn = persistence_leave, .after = check_after_reset
};
const struct check step_power_cut = {
	.id = "power-cut", .timeout_s = 20, .fn = persistence_leave, .after = check_after_power_cut
};
