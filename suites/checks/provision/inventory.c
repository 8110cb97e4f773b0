/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "base/cleanup.h"
#include "checks/suites.h"
#include "observe/facts.h"
#include "sriov/inventory.h"
#include "sriov/vfs.h"

/* Inventory: compares what the manager reports about VFs with config space, the bus, and the VFs'
 * interfaces. */

static int read_pf(struct check_run *run, struct pf *pf)
{
	char name[BDF_TEXT];

	return pf_read(run->dut->host, bdf_format(run->dut->pf, name), pf, &run->err);
}

static enum verdict pf_identity(struct check_run *run)
{
	CLEANUP(cleanup_pf) struct pf pf = { 0 };
	const struct function *said = &pf.function;
	struct function_ids card;

	if (read_pf(run, &pf) < 0)
		return check_fail(run, "the manager does not find the PF");
	if (function_ids_read(run->dut, run->dut->pf, &card, &run->err) < 0)
		return check_broken(run, "cannot read the card");
	evidence_text(run, "card", "%04x:%04x subsystem %04x:%04x class %06x", card.vendor,
			card.device, card.subvendor, card.subdevice, card.class_code);
	if (said->vendor != card.vendor || said->device != card.device ||
			said->subvendor != card.subvendor || said->subdevice != card.subdevice ||
			said->class_code != card.class_code)
		return check_fail(run,
				"the manager reports %04x:%04x subsystem %04x:%04x class %06x",
				said->vendor, said->device, said->subvendor, said->subdevice,
				said->class_code);
	return VERDICT_PASS;
}

static enum verdict vf_count(struct check_run *run)
{
	CLEANUP(cleanup_pf) struct pf pf = { 0 };
	unsigned want = run->dut->made;
	struct vf_counts counts;

	if (read_pf(run, &pf) < 0)
		return check_fail(run, "the manager does not find the PF");
	if (vf_counts_read(run->dut, &counts, &run->err) < 0)
		return check_broken(run, "cannot count the VFs");
	evidence_int(run, "VFs on the bus", counts.on_bus, NULL);
	evidence_int(run, "NumVFs of the card", counts.in_config, NULL);
	evidence_int(run, "VFs reported by the manager", (int64_t)pf.vf_count, NULL);
	if (counts.on_bus != want || counts.in_config != want || counts.links != want)
		return check_fail(run, "%u VFs were made; on the bus %u, in the card %u, linked %u",
				want, counts.on_bus, counts.in_config, counts.links);
	if (pf.num_vfs != want || pf.vf_count != want)
		return check_fail(run, "the manager reports %u and lists %zu of %u VFs", pf.num_vfs,
				pf.vf_count, want);
	return VERDICT_PASS;
}

/* SR-IOV 1.1, 2.1.2: VF n has the routing id of the PF + First VF Offset + (n - 1) * VF Stride. */
static enum verdict vf_addresses(struct check_run *run)
{
	const struct dut *dut = run->dut;
	struct sriov_capability capability;
	char want_text[BDF_TEXT], found_text[BDF_TEXT];

	if (sriov_capability_read(dut, &capability, &run->err) < 0)
		return check_broken(run, "cannot read the card's offset and stride");
	evidence_int(run, "First VF Offset", capability.first_offset, NULL);
	evidence_int(run, "VF Stride", capability.stride, NULL);
	for (unsigned i = 0; i < dut->listed; i++) {
		unsigned number = dut->vfs[i].number;
		struct bdf want = bdf_at_rid(dut->pf.domain,
				(uint16_t)(bdf_rid(dut->pf) + capability.first_offset +
						number * capability.stride));

		if (!bdf_equal(want, dut->vfs[i].bdf))
			return check_fail(run, "VF %u is at %s, offset and stride put it at %s",
					number, bdf_format(dut->vfs[i].bdf, found_text),
					bdf_format(want, want_text));
	}
	return VERDICT_PASS;
}

static enum verdict vf_ids(struct check_run *run)
{
	const struct dut *dut = run->dut;
	CLEANUP(cleanup_pf) struct pf pf = { 0 };
	struct sriov_capability capability;

	if (read_pf(run, &pf) < 0)
		return check_fail(run, "the manager does not find the PF");
	if (sriov_capability_read(dut, &capability, &run->err) < 0)
		return check_broken(run, "cannot read the card's VF Device ID");
	evidence_text(run, "VF Device ID", "%04x", capability.vf_device);
	if (pf.vf_count < dut->made)
		return check_fail(run, "the manager lists %zu VFs", pf.vf_count);
	for (unsigned i = 0; i < dut->listed; i++) {
		const struct function *said = &pf.vfs[dut->vfs[i].number].function;
		struct function_ids raw;

		if (function_ids_read(dut, dut->vfs[i].bdf, &raw, &run->err) < 0)
			return check_broken(run, "cannot read VF %u", check_vf(run, i));
		if (raw.vendor != 0xffff || raw.device != 0xffff)
			return check_fail(run,
					"VF %u has the ids %04x:%04x in its own registers, not "
					"ffff:ffff",
					check_vf(run, i), raw.vendor, raw.device);
		if (said->vendor != pf.function.vendor || said->device != capability.vf_device)
			return check_fail(run, "VF %u is reported as %04x:%04x", check_vf(run, i),
					said->vendor, said->device);
	}
	return VERDICT_PASS;
}

static enum verdict vf_netdevs(struct check_run *run)
{
	struct mac macs[DUT_VFS];
	char text[MAC_TEXT];

	for (unsigned i = 0; i < run->dut->vf_count; i++) {
		if (dut_vf_mac(run->dut, i, &macs[i], &run->err) < 0)
			return check_fail(run, "VF %u has no interface", check_vf(run, i));
		evidence_text(run, "MAC of a VF", "%s", mac_format(macs[i], text));
		if (mac_is_zero(macs[i]) || mac_is_multicast(macs[i]))
			return check_fail(run, "VF %u came up with the MAC %s", check_vf(run, i),
					text);
		for (unsigned k = 0; k < i; k++) {
			if (mac_equal(macs[i], macs[k]))
				return check_fail(run, "VF %u and VF %u share the MAC %s",
						check_vf(run, k), check_vf(run, i), text);
		}
	}
	return VERDICT_PASS;
}

static enum verdict vf_alive(struct check_run *run)
{
	char name[BDF_TEXT];

	dut_inject_faults(run->dut);
	for (unsigned i = 0; i < run->dut->vf_count; i++) {
		struct function_ids raw;

		if (function_ids_read(run->dut, run->dut->vfs[i].bdf, &raw, &run->err) < 0)
			return check_fail(run, "VF %u does not answer", check_vf(run, i));
		evidence_text(run, "COMMAND of a VF", "%04x", raw.command);
		/* Every VF reads ffff for vendor and device, so COMMAND has to show that the VF
		 * answers. */
		if (raw.command == 0xffff || !(raw.command & 4))
			return check_fail(run,
					"VF %u (%s) has COMMAND %04x: it is gone, or no bus master",
					check_vf(run, i), bdf_format(run->dut->vfs[i].bdf, name),
					raw.command);
	}
	return VERDICT_PASS;
}

static enum verdict vf_numa(struct check_run *run)
{
	CLEANUP(cleanup_pf) struct pf pf = { 0 };

	if (read_pf(run, &pf) < 0)
		return check_fail(run, "the manager does not find the PF");
	evidence_int(run, "NUMA node of the PF", pf.function.numa_node, NULL);
	for (size_t i = 0; i < pf.vf_count; i++) {
		if (pf.vfs[i].function.numa_node != pf.function.numa_node)
			return check_fail(run, "VF %zu is on NUMA node %d, its PF on %d", i,
					pf.vfs[i].function.numa_node, pf.function.numa_node);
	}
	return VERDICT_PASS;
}

static enum verdict policy_reported(struct check_run *run)
{
	CLEANUP(cleanup_pf) struct pf pf = { 0 };
	char said[MAC_TEXT], own[MAC_TEXT];

	if (read_pf(run, &pf) < 0)
		return check_fail(run, "the manager does not find the PF");
	if (pf.vf_count < run->dut->made)
		return check_fail(run, "the manager lists %zu VFs", pf.vf_count);
	for (unsigned i = 0; i < run->dut->vf_count; i++) {
		const struct vf_settings *reported = &pf.vfs[run->dut->vfs[i].number].settings;
		struct mac mac;

		if (dut_vf_mac(run->dut, i, &mac, &run->err) < 0)
			return check_fail(run, "VF %u has no interface", check_vf(run, i));
		evidence_text(run, "own MAC of a VF", "%s", mac_format(mac, own));
		if (!mac_equal(reported->mac, mac))
			return check_fail(run, "the PF reports %s for VF %u, the VF has %s",
					mac_format(reported->mac, said), check_vf(run, i), own);
	}
	return VERDICT_PASS;
}

static enum verdict holder(struct check_run *run)
{
	CLEANUP(cleanup_pf) struct pf held = { 0 };
	CLEANUP(cleanup_pf) struct pf freed = { 0 };
	unsigned number = run->dut->vfs[0].number;

	if (read_pf(run, &held) < 0 || held.vf_count <= number)
		return check_fail(run, "the manager does not find the VFs");
	evidence_text(run, "VF 0 with its interface in a namespace", "%s",
			held.vfs[number].holder.kind == HOLDER_NONE ? "free"
								    : held.vfs[number].holder.what);
	if (held.vfs[number].holder.kind == HOLDER_NONE)
		return check_fail(run,
				"VF 0 is in use in another network namespace, but vfctl reports it "
				"as free");
	if (function_unbind(run->dut->host, run->dut->vfs[0].bdf, &run->err) < 0)
		return check_broken(run, "cannot unbind VF 0");
	if (read_pf(run, &freed) < 0 || freed.vf_count <= number)
		return check_fail(run, "the manager does not find the VFs without a driver");
	evidence_text(run, "VF 0 without a driver", "%s",
			freed.vfs[number].holder.kind == HOLDER_NONE
					? "free"
					: freed.vfs[number].holder.what);
	if (dut_rebind_vf(run->dut, 0, &run->err) < 0)
		return check_broken(run, "VF 0 does not come back");
	if (freed.vfs[number].holder.kind != HOLDER_NONE)
		return check_fail(run, "nothing uses VF 0, but vfctl reports that %s holds it",
				freed.vfs[number].holder.what);
	return VERDICT_PASS;
}

const struct check suite_inventory[] = {
	{ .id = "inventory.pf-identity",
			.title = "The PF's ids are those in its config space",
			.why = "Cards are matched by their ids.",
			.timeout_s = 5,
			.fn = pf_identity },
	{ .id = "inventory.vf-count",
			.title = "Manager, bus and card agree on the number of VFs",
			.why = "A count that only reads back can hide VFs that were never made.",
			.needs = NEED_CONFIG,
			.vfs = 4,
			.timeout_s = 5,
			.fn = vf_count },
	{ .id = "inventory.vf-addresses",
			.title = "Each VF has the address that the card's offset and stride give "
				 "it",
			.why = "The IOMMU confines a VF at another address by another function's "
			       "tables.",
			.needs = NEED_CONFIG,
			.vfs = 4,
			.timeout_s = 5,
			.fn = vf_addresses },
	{ .id = "inventory.vf-ids",
			.title = "Each VF has the PF's vendor and the card's VF device id",
			.why = "Drivers and allowlists match these ids.",
			.needs = NEED_CONFIG,
			.vfs = 4,
			.timeout_s = 5,
			.fn = vf_ids },
	{ .id = "inventory.vf-netdevs",
			.title = "Each VF's interface has a valid MAC of its own",
			.why = "VFs with zero or shared MACs cut off guests at random.",
			.needs = NEED_VF_NET,
			.vfs = 4,
			.timeout_s = 5,
			.fn = vf_netdevs },
	{ .id = "inventory.vf-alive",
			.title = "Each VF answers and may be a bus master",
			.why = "A VF that the kernel lists may not work at all.",
			.vfs = 4,
			.timeout_s = 5,
			.fn = vf_alive },
	{ .id = "inventory.vf-numa",
			.title = "Each VF is on its PF's NUMA node",
			.why = "Guests are placed by the NUMA node.",
			.vfs = 4,
			.unbreakable = "an emulated machine has one NUMA node",
			.timeout_s = 5,
			.fn = vf_numa },
	{ .id = "inventory.policy-reported",
			.title = "The MAC that the PF reports is the one that the VF has",
			.why = "Managers rely on what the PF reports.",
			.needs = NEED_VF_NET | NEED_VF_SETTINGS,
			.vfs = 4,
			.timeout_s = 5,
			.fn = policy_reported },
	{ .id = "inventory.holder",
			.title = "vfctl distinguishes a VF in use from a free one",
			.why = "A VF that is assigned twice takes the network from its first user.",
			.needs = NEED_VF_NET,
			.vfs = 1,
			.unbreakable = "it judges vfctl's own work; core/tests/test_holder.c "
				       "breaks that",
			.timeout_s = 10,
			.fn = holder },
	{ 0 },
};
