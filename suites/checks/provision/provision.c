/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "checks/provision/vf_count_sweep.h"
#include "checks/suites.h"
#include "observe/facts.h"
#include "observe/traffic.h"
#include "sriov/vfs.h"

/* Provisioning: VFs are made in the requested number, and removed. */

enum {
	STABLE_HOLD_MS = 500, /* how long VFs must not change */
	CARRIER_MS = 10000,   /* until the PF works again after its driver rearranged the queues */
};

/* Passes if sriov_numvfs, the bus, the links and the card all show COUNT VFs; else fails. */
static enum verdict all_agree(struct check_run *run, unsigned count)
{
	struct vf_counts counts;

	if (vf_counts_read(run->dut, &counts, &run->err) < 0)
		return check_broken(run, "cannot count the VFs");
	if (counts.reported == count && counts.links == count && counts.on_bus == count &&
			counts.in_config == count)
		return VERDICT_PASS;
	return check_fail(run,
			"%u VFs were asked for: sriov_numvfs says %u, %u are linked, %u on the "
			"bus, the card says %u",
			count, counts.reported, counts.links, counts.on_bus, counts.in_config);
}

static bool vf_counts_are(const struct record *counts, unsigned count)
{
	return record_int(counts, "reported", -1) == count &&
			record_int(counts, "links", -1) == count &&
			record_int(counts, "on_bus", -1) == count &&
			record_int(counts, "in_config", -1) == count;
}

static enum verdict vf_counts_differ(
		struct check_run *run, unsigned count, const struct record *counts)
{
	return check_fail(run,
			"%u VFs were asked for: sriov_numvfs says %d, %d are linked, %d on the "
			"bus, the card says %d",
			count, (int)record_int(counts, "reported", -1),
			(int)record_int(counts, "links", -1), (int)record_int(counts, "on_bus", -1),
			(int)record_int(counts, "in_config", -1));
}

static enum verdict each_count(struct check_run *run)
{
	const struct record *item;

	for (size_t i = 0; (item = vf_count_sweep_item(run, i)); i++) {
		unsigned count = (unsigned)record_int(item, "asked", 0);
		const char *refused = record_str(item, "refused", NULL);
		const char *kept = record_str(item, "kept", NULL);

		if (refused)
			return check_fail(run, "%u VFs cannot be made: %s", count, refused);
		if (!vf_counts_are(record_get(item, "made"), count))
			return vf_counts_differ(run, count, record_get(item, "made"));
		if (kept)
			return check_fail(run, "%u VFs cannot be removed: %s", count, kept);
		if (!vf_counts_are(record_get(item, "removed"), 0))
			return vf_counts_differ(run, 0, record_get(item, "removed"));
		evidence_text(run, "made and removed", "%u VFs in %d ms", count,
				(int)record_int(item, "ms", 0));
	}
	return vf_count_sweep_item(run, 0) ? VERDICT_PASS
					   : check_broken(run, "no number was tried");
}

/* The VFs that are set up have drivers, and interfaces that are up in another namespace. */
static enum verdict back_to_zero(struct check_run *run)
{
	struct dut *dut = run->dut;
	unsigned count = dut->listed, made = dut->made;
	struct bdf vfs[DUT_VFS];
	char text[BDF_TEXT];

	for (unsigned i = 0; i < count; i++) {
		vfs[i] = dut->vfs[i].bdf;
		if (!function_has(dut->host, vfs[i], "config"))
			return check_broken(run, "VF %u is not on the bus at the start",
					check_vf(run, i));
	}
	if (dut_setup_vfs(dut, 0, &run->err) < 0)
		return check_fail(run, "the VFs cannot be removed");
	evidence_int(run, "VFs removed", made, NULL);
	for (unsigned i = 0; i < count; i++) {
		if (function_has(dut->host, vfs[i], "config"))
			return check_fail(run, "%s is still on the bus after the count went to 0",
					bdf_format(vfs[i], text));
	}
	return all_agree(run, 0);
}

/* Writes VALUE to sriov_numvfs as an administrator would; the kernel must refuse it and change
 * nothing. */
static enum verdict refused(struct check_run *run, const char *value, unsigned count)
{
	struct err refusal = { 0 };
	int rc = function_write(run->dut->host, run->dut->pf, "sriov_numvfs", value, &refusal);

	if (rc == 0)
		return check_fail(run, "the kernel accepted '%s' as a number of VFs", value);
	evidence_text(run, "refused", "'%s': %s", value, strerror(-rc));
	return all_agree(run, count);
}

static enum verdict over_limit(struct check_run *run)
{
	char value[16];

	snprintf(value, sizeof(value), "%u", run->dut->total_vfs + 1);
	return refused(run, value, 0);
}

static enum verdict another_count(struct check_run *run)
{
	char value[16];

	snprintf(value, sizeof(value), "%u", run->dut->made - 1);
	return refused(run, value, run->dut->made);
}

static enum verdict same_count(struct check_run *run)
{
	unsigned count = run->dut->made;
	char value[16];

	snprintf(value, sizeof(value), "%u", count);
	if (function_write(run->dut->host, run->dut->pf, "sriov_numvfs", value, &run->err) < 0)
		return check_fail(
				run, "asking for the %u VFs that already exist is refused", count);
	return all_agree(run, count);
}

static enum verdict garbage(struct check_run *run)
{
	static const char *const values[] = { "-1", "1x", "one", " ", "99999999999", "65536",
		"4294967297", "0x", "1 2" };
	enum verdict verdict = VERDICT_PASS;

	for (size_t i = 0; verdict == VERDICT_PASS && i < sizeof(values) / sizeof(*values); i++)
		verdict = refused(run, values[i], 0);
	return verdict;
}

static enum verdict autoprobe_off(struct check_run *run)
{
	const struct record *item, *made;
	unsigned looked = 0;

	for (size_t i = 0; (item = vf_count_sweep_item(run, i)); i++) {
		made = record_get(item, "made");
		if (record_bool(item, "autoprobe", false) || !record_int(made, "on_bus", 0))
			continue;
		looked++;
		if (record_int(made, "bound", -1))
			return check_fail(run, "%d of %d VFs got a driver with autoprobe off",
					(int)record_int(made, "bound", -1),
					(int)record_int(item, "asked", 0));
	}
	evidence_int(run, "numbers of VFs that stayed without a driver", looked, NULL);
	return looked ? VERDICT_PASS : check_broken(run, "no VFs were made with autoprobe off");
}

static enum verdict autoprobe_on(struct check_run *run)
{
	const struct record *item, *made;

	for (size_t i = 0; (item = vf_count_sweep_item(run, i)); i++) {
		int asked = (int)record_int(item, "asked", 0), bound;

		if (!record_bool(item, "autoprobe", false))
			continue;
		made = record_get(item, "made");
		bound = (int)record_int(made, "bound", -1);
		evidence_text(run, "VFs with a driver", "%d of %d", bound, asked);
		return bound == asked ? VERDICT_PASS
				      : check_fail(run,
							"%d of %d VFs got a driver with autoprobe "
							"on",
							bound, asked);
	}
	return check_broken(run, "no VFs were made with autoprobe on");
}

/* The kernel never reuses the index of an interface, so another index means another probe. */
static int vf_indices(struct check_run *run, int indices[DUT_VFS])
{
	for (unsigned i = 0; i < run->dut->vf_count; i++) {
		int rc = dut_vf_index(run->dut, i, &indices[i], &run->err);

		if (rc < 0)
			return rc;
	}
	return 0;
}

static enum verdict bind_singly(struct check_run *run)
{
	struct dut *dut = run->dut;
	int before[DUT_VFS], after[DUT_VFS];
	char driver[64];

	if (vf_indices(run, before) < 0)
		return check_broken(run, "a VF has no interface at the start");
	if (function_unbind(dut->host, dut->vfs[1].bdf, &run->err) < 0)
		return check_fail(run, "VF 1 cannot be unbound from its driver");
	if (function_link(dut->host, dut->vfs[1].bdf, "driver", driver, sizeof(driver)) == 0)
		return check_fail(run, "VF 1 is still bound to %s", driver);
	if (dut_vf_index(dut, 1, &after[1], NULL) == 0)
		return check_fail(run, "VF 1 keeps an interface without a driver");
	if (dut_rebind_vf(dut, 1, &run->err) < 0)
		return check_fail(run, "VF 1 does not come back");
	if (vf_indices(run, after) < 0)
		return check_fail(run, "a VF has lost its interface");
	evidence_text(run, "interface of VF 1", "%d, then %d", before[1], after[1]);
	for (unsigned i = 0; i < dut->vf_count; i++) {
		if (i != 1 && before[i] != after[i])
			return check_fail(run, "VF %u was probed again when VF 1 was",
					check_vf(run, i));
	}
	return before[1] == after[1] ? check_broken(run, "VF 1 was not probed") : VERDICT_PASS;
}

/* With the first number of VFs the sweep changed the settings of VF 0; with the second there is
 * a new VF 0. */
static enum verdict policy_cleared(struct check_run *run)
{
	const struct record *item = vf_count_sweep_item(run, 1);
	char set[MAC_TEXT];
	int vlan = (int)record_int(item, "vlan", -1);
	const char *mac = record_str(item, "mac", NULL);

	if (!item)
		return check_broken(run, "no second VF 0 was made");
	if (!mac)
		return check_unsupported(run, "the PF's driver has no settings per VF");
	mac_format(vf_count_sweep_mac(run->dut), set);
	evidence_text(run, "set on the former VF 0", "MAC %s, VLAN %d", set, VF_COUNT_SWEEP_VLAN);
	evidence_text(run, "reported of the new VF 0", "MAC %s, VLAN %d", mac, vlan);
	if (vlan || !strcmp(mac, set))
		return check_fail(run, "the new VF 0 has inherited VLAN %d, MAC %s", vlan, mac);
	return VERDICT_PASS;
}

struct stable_watch {
	struct check_run *run;
	int before[DUT_VFS];
	unsigned moved; /* VF + 1 */
};

static bool something_moved(void *argument)
{
	struct stable_watch *watch = argument;

	for (unsigned i = 0; i < watch->run->dut->vf_count; i++) {
		int now;

		if (dut_vf_index(watch->run->dut, i, &now, NULL) == 0 && now == watch->before[i])
			continue;
		watch->moved = i + 1;
		return true;
	}
	return false;
}

static enum verdict stable(struct check_run *run)
{
	struct stable_watch watch = { .run = run };

	if (vf_indices(run, watch.before) < 0)
		return check_broken(run, "a VF has no interface at the start");
	if (clock_poll(something_moved, &watch, deadline_in(STABLE_HOLD_MS), 50))
		return check_fail(run, "VF %u was removed or probed again without a request",
				check_vf(run, watch.moved - 1));
	evidence_int(run, "held", STABLE_HOLD_MS, "ms");
	return all_agree(run, run->dut->made);
}

static enum verdict flr_capable(struct check_run *run)
{
	const struct dut *dut = run->dut;

	for (unsigned i = 0; i < dut->listed; i++) {
		char methods[64] = "";
		bool claims;

		if (function_claims_flr(dut, dut->vfs[i].bdf, &claims, &run->err) < 0)
			return check_broken(
					run, "cannot read VF %u's capabilities", check_vf(run, i));
		if (function_has(dut->host, dut->vfs[i].bdf, "reset_method"))
			function_read(dut->host, dut->vfs[i].bdf, "reset_method", methods,
					sizeof(methods), NULL);
		evidence_text(run, "reset methods of a VF", "%s%s", methods[0] ? methods : "none",
				claims ? ", FLR in Device Capabilities" : "");
		if (!claims || !strstr(methods, "flr"))
			return check_fail(run, "VF %u %s; the kernel offers: %s", check_vf(run, i),
					claims ? "has FLR" : "has no FLR, which every VF must have",
					methods[0] ? methods : "no reset");
	}
	return VERDICT_PASS;
}

static enum verdict flr_returns(struct check_run *run)
{
	struct dut *dut = run->dut;
	struct function_ids ids;
	int64_t start = clock_ms();

	if (dut_reset_vf(dut, 0, &run->err) < 0)
		return check_fail(run, "VF 0 does not come back from a reset");
	evidence_int(run, "reset, driver and carrier back", clock_ms() - start, "ms");
	if (function_ids_read(dut, dut->vfs[0].bdf, &ids, &run->err) < 0)
		return check_fail(run, "VF 0 does not answer after the reset");
	evidence_text(run, "COMMAND after the reset", "%04x", ids.command);
	if (ids.command == 0xffff)
		return check_fail(run, "VF 0 has gone from the bus");
	return VERDICT_PASS;
}

static bool burst_passes(struct traffic *traffic, struct endpoint *from, struct endpoint *to)
{
	struct burst burst = { .to = endpoint_mac(to) };
	uint64_t token;

	if (traffic_send(traffic, from, burst, &token) < 0)
		return false;
	return endpoint_receive(to, token, BURST_FRAMES, dut_deadline(traffic->dut, 100)).frames ==
			BURST_FRAMES;
}

/* Sends bursts both ways between PF and wire until all frames arrive. */
static bool pf_passes(void *argument)
{
	struct traffic *traffic = argument;

	return burst_passes(traffic, traffic->pf, traffic->partner) &&
			burst_passes(traffic, traffic->partner, traffic->pf);
}

static enum verdict pf_carrier_kept(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	int64_t began_us = clock_us();

	if (traffic_open(run, NULL, 0, &traffic) < 0)
		return check_broken(run, "cannot listen");
	if (!clock_poll(pf_passes, &traffic, dut_deadline(run->dut, CARRIER_MS), 20))
		return check_fail(run, "PF and wire do not reach each other while VFs exist");
	evidence_int(run, "PF reaches the wire after", (clock_us() - began_us) / 1000, "ms");
	return VERDICT_PASS;
}

const struct check suite_provision[] = {
	{ .id = "provision.each-count",
			.title = "Each number of VFs up to the limit can be made and removed",
			.why = "Some cards were tried only with all VFs, and fail with fewer.",
			.needs = NEED_CONFIG,
			.step = &step_vf_count_sweep,
			.timeout_s = 120,
			.fn = each_count },
	{ .id = "provision.over-limit",
			.title = "One VF more than the limit is refused and changes nothing",
			.why = "A count that is silently reduced leaves guests without a VF.",
			.needs = NEED_CONFIG,
			.timeout_s = 5,
			.fn = over_limit },
	{ .id = "provision.garbage",
			.title = "A value that is no number of VFs is refused and changes nothing",
			.why = "A typing error must not remove VFs.",
			.needs = NEED_CONFIG,
			.timeout_s = 5,
			.fn = garbage },
	{ .id = "provision.autoprobe-off",
			.title = "With autoprobe off new VFs stay without a driver",
			.why = "The host's network must not use VFs before guests get them.",
			.needs = NEED_CONFIG,
			.step = &step_vf_count_sweep,
			.timeout_s = 120,
			.fn = autoprobe_off },
	{ .id = "provision.autoprobe-on",
			.title = "With autoprobe on new VFs get their driver",
			.why = "VFs for the host must come up unattended.",
			.needs = NEED_CONFIG | NEED_VF_NET,
			.step = &step_vf_count_sweep,
			.timeout_s = 120,
			.fn = autoprobe_on },
	{ .id = "provision.policy-cleared",
			.title = "A new VF inherits no MAC and no VLAN from the VF before it",
			.why = "A tenant must not start in the former tenant's network.",
			.needs = NEED_VF_SETTINGS,
			.step = &step_vf_count_sweep,
			.unbreakable = "the driver frees a VF's settings together with the VF; no "
				       "function of it does that alone",
			.timeout_s = 120,
			.fn = policy_cleared },
	{ .id = "provision.pf-carrier-kept",
			.title = "The PF reaches the wire while VFs exist",
			.why = "The PF often carries the host's own traffic.",
			.needs = NEED_WIRE,
			.vfs = 2,
			.timeout_s = 30,
			.fn = pf_carrier_kept },
	{ .id = "provision.another-count",
			.title = "Another number of VFs is refused while VFs exist",
			.why = "VFs would be removed while somebody uses them.",
			.needs = NEED_CONFIG,
			.vfs = 2,
			.timeout_s = 5,
			.fn = another_count },
	{ .id = "provision.same-count",
			.title = "Asking for the number of VFs that already exist changes nothing",
			.why = "Tools repeat their requests.",
			.needs = NEED_CONFIG,
			.vfs = 2,
			.timeout_s = 5,
			.fn = same_count },
	{ .id = "provision.bind-singly",
			.title = "One VF's driver can be unbound and bound without any effect on "
				 "the other VFs",
			.why = "Each VF goes to its guest alone.",
			.needs = NEED_VF_NET,
			.vfs = 3,
			.timeout_s = 20,
			.fn = bind_singly },
	{ .id = "provision.stable",
			.title = "VFs stay as they are once they are made",
			.why = "A card or driver that probes its VFs again and again cuts off "
			       "their users.",
			.needs = NEED_CONFIG | NEED_VF_NET,
			.vfs = 4,
			.unbreakable = "VFs that come and go by themselves are what nothing on the "
				       "rig can cause",
			.timeout_s = 10,
			.fn = stable },
	{ .id = "provision.flr-capable",
			.title = "Each VF has a function-level reset that the kernel can use",
			.why = "Without it, the next guest gets a VF in the state in which the "
			       "last guest left it.",
			.vfs = 4,
			.timeout_s = 5,
			.fn = flr_capable },
	{ .id = "provision.flr-returns",
			.title = "A VF comes up again after its reset",
			.why = "Every attach to a guest resets the VF.",
			.needs = NEED_FLR | NEED_VF_NET,
			.vfs = 1,
			.timeout_s = 20,
			.fn = flr_returns },
	{ .id = "provision.back-to-zero",
			.title = "With the count at 0 all VFs are gone from the bus",
			.why = "A VF that stays could be assigned although no PF is behind it.",
			.needs = NEED_CONFIG,
			.vfs = 4,
			.removes_vfs = true,
			.timeout_s = 20,
			.fn = back_to_zero },
	{ 0 },
};
