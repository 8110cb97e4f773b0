/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "checks/expect.h"
#include "checks/suites.h"
#include "host/kernel_log.h"
#include "observe/carrier.h"
#include "observe/facts.h"
#include "sriov/inventory.h"

/* Readiness: what card and platform must have before any VF exists. */

#define CAPABLE "ready.sriov-capable"

enum { CARRIER_MS = 5000, FULL_FRAME = 1514 };

/* Fails with the likely reason. */
static enum verdict no_capability(struct check_run *run)
{
	struct function_ids ids;

	if (function_ids_read(run->dut, run->dut->pf, &ids, NULL) < 0)
		return check_fail(run, "the PF's configuration space cannot be read");
	run->err.code = 0;
	evidence_int(run, "configuration space that can be read", ids.readable, "bytes");
	if (ids.readable < 4096)
		return check_fail(run,
				"only %u bytes of the PF's configuration space can be read, and SR-IOV "
				"lies beyond: a bridge to conventional PCI is above the card, or the "
				"firmware describes no MMCONFIG",
				ids.readable);
	return check_fail(run,
			"the card has no SR-IOV capability: its model has none, or its "
			"firmware has it switched off");
}

static enum verdict sriov_capable(struct check_run *run)
{
	struct sriov_capability capability;

	if (sriov_capability_read(run->dut, &capability, &run->err) < 0)
		return no_capability(run);
	evidence_int(run, "TotalVFs", capability.total_vfs, NULL);
	evidence_int(run, "InitialVFs", capability.initial_vfs, NULL);
	if (!capability.total_vfs)
		return check_fail(run, "the capability offers no VFs: TotalVFs is 0");
	return VERDICT_PASS;
}

static enum verdict totalvfs(struct check_run *run)
{
	struct sriov_capability capability;
	unsigned driver = run->dut->total_vfs;

	if (sriov_capability_read(run->dut, &capability, &run->err) < 0)
		return check_broken(run, "cannot compare with the card");
	evidence_int(run, "TotalVFs", capability.total_vfs, NULL);
	evidence_int(run, "sriov_totalvfs", driver, NULL);
	if (!driver || driver > capability.total_vfs)
		return check_fail(run, "the driver offers %u VFs, the card has %u", driver,
				capability.total_vfs);
	return VERDICT_PASS;
}

static enum verdict driver_bound(struct check_run *run)
{
	struct sriov_capability capability;
	char driver[64];

	if (function_link(run->dut->host, run->dut->pf, "driver", driver, sizeof(driver)) < 0)
		return check_fail(run, "no driver is bound to the PF");
	evidence_text(run, "driver", "%s", driver);
	if (sriov_capability_read(run->dut, &capability, NULL) < 0)
		return check_needs(run, CAPABLE, "no driver could offer it");
	if (!function_has(run->dut->host, run->dut->pf, "sriov_numvfs"))
		return check_fail(run, "the driver %s does not offer SR-IOV", driver);
	return VERDICT_PASS;
}

static enum verdict iommu_group(struct check_run *run)
{
	int group = group_of(run->dut, run->dut->pf);

	if (group < 0)
		return check_fail(run, "the PF has no IOMMU group: the IOMMU is off or absent");
	evidence_int(run, "group", group, NULL);
	return VERDICT_PASS;
}

static enum verdict iommu_translating(struct check_run *run)
{
	int group = group_of(run->dut, run->dut->pf);
	char type[32];

	if (group < 0)
		return check_fail(run, "the PF has no IOMMU group, so nothing is translated");
	if (group_type(run->dut, group, type, sizeof(type), &run->err) < 0)
		return check_broken(run, "cannot read the type of group %d", group);
	evidence_text(run, "domain type", "%s", type);
	if (strncmp(type, "DMA", 3))
		return check_fail(
				run, "the PF's domain is of type %s, not a translating one", type);
	return VERDICT_PASS;
}

static enum verdict interrupt_remapping(struct check_run *run)
{
	unsigned all, remapped;

	if (interrupts_count(run->dut, run->dut->pf, &all, &remapped, &run->err) < 0)
		return check_broken(run, "cannot read the interrupts");
	evidence_int(run, "interrupts of the PF", all, NULL);
	evidence_int(run, "remapped", remapped, NULL);
	if (!all)
		return check_broken(run, "the PF has no interrupt in use");
	if (remapped < all)
		return check_fail(run, "%u of the PF's %u interrupts are not remapped",
				all - remapped, all);
	return VERDICT_PASS;
}

static enum verdict ari(struct check_run *run)
{
	struct ari found;

	if (ari_read(run->dut, &found, &run->err) < 0)
		return check_broken(run, "cannot read the ARI settings");
	if (!found.port)
		return check_skip(run, "the PF is on the root complex: there is no port above it");
	evidence_text(run, "PF", "%s", found.pf_capable ? "has ARI" : "no ARI");
	evidence_text(run, "port above", "%s, %s",
			found.port_capable ? "can forward" : "cannot forward",
			found.port_forwards ? "forwards" : "does not forward");
	evidence_text(run, "ARI Capable Hierarchy", "%s", found.hierarchy ? "set" : "clear");
	if (!found.pf_capable)
		return check_fail(run, "the PF has no ARI capability");
	if (!found.port_forwards)
		return check_fail(run, "the port above the PF does not forward ARI requests");
	if (!found.hierarchy)
		return check_fail(run, "ARI is on, but the PF's SR-IOV control does not show it");
	return VERDICT_PASS;
}

static enum verdict link_up(struct check_run *run)
{
	int64_t start = clock_ms();

	if (!carrier_becomes(run->dut, run->dut->pf_netdev, true, CARRIER_MS))
		return check_fail(run, "%s is down or has no carrier", run->dut->pf_netdev);
	evidence_int(run, "waited", clock_ms() - start, "ms");
	return VERDICT_PASS;
}

static enum verdict frames(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	struct burst burst = { .octets = FULL_FRAME };
	enum verdict verdict;

	if (traffic_open(run, NULL, 0, &traffic) < 0)
		return check_broken(run, "cannot listen");
	burst.to = endpoint_mac(traffic.pf);
	verdict = expect_reaches(&traffic, "wire to PF", traffic.partner, traffic.pf, burst, NULL);
	burst.to = endpoint_mac(traffic.partner);
	return verdict == VERDICT_PASS ? expect_reaches(&traffic, "PF to wire", traffic.pf,
							 traffic.partner, burst, NULL)
				       : verdict;
}

/* Lines 7 to 12 of "resource" are the VF BARs: start, end, flags. A BAR without an address may
 * have lost its flags, too, so the number of BARs is read from the card. */
static enum verdict vf_bars(struct check_run *run)
{
	char text[4096], *rest = text, *line;
	struct sriov_capability capability;
	unsigned assigned = 0;

	if (sriov_capability_read(run->dut, &capability, NULL) < 0)
		return check_needs(run, CAPABLE, "there is no capability to read");
	if (function_read(run->dut->host, run->dut->pf, "resource", text, sizeof(text), &run->err) <
			0)
		return check_broken(run, "cannot read the PF's resources");
	for (unsigned i = 0; (line = strsep(&rest, "\n")) && i < 13; i++) {
		unsigned long long start, end, flags;

		if (i < 7 || sscanf(line, "%llx %llx %llx", &start, &end, &flags) != 3 || !flags)
			continue;
		assigned += start != 0;
	}
	evidence_int(run, "VF BARs", capability.vf_bars, NULL);
	evidence_int(run, "with an address", assigned, NULL);
	if (!assigned || assigned < capability.vf_bars)
		return check_fail(run,
				"%u of %u VF BARs have an address: the platform gave the card too "
				"little memory space",
				assigned, capability.vf_bars);
	return VERDICT_PASS;
}

static enum verdict config_space(struct check_run *run)
{
	struct function_ids ids;

	if (function_ids_read(run->dut, run->dut->pf, &ids, &run->err) < 0)
		return check_fail(run, "the PF's config space cannot be read");
	evidence_int(run, "readable", ids.readable, "bytes");
	if (ids.readable < 4096)
		return check_fail(run, "only %u of 4096 bytes of the PF's config space can be read",
				ids.readable);
	return VERDICT_PASS;
}

static enum verdict log_clean(struct check_run *run)
{
	CLEANUP(cleanup_fd) int log = -1;
	unsigned lines = 0;
	char line[512];

	if (kernel_log_open(run->dut->host, true, &log, &run->err) < 0)
		return check_broken(run, "cannot read the kernel log");
	while (kernel_log_next(log, line, sizeof(line))) {
		lines++;
		if (log_complains(line))
			return check_fail(run,
					"the kernel has logged a complaint since it started: %s",
					line);
	}
	evidence_int(run, "lines of the log", lines, NULL);
	if (!lines)
		return check_broken(run, "the kernel log is empty");
	return VERDICT_PASS;
}

const struct check suite_ready[] = {
	{ .id = CAPABLE,
			.title = "The card has an SR-IOV capability that offers VFs",
			.why = "Without it there is nothing to assign to a guest.",
			.timeout_s = 5,
			.fn = sriov_capable },
	{ .id = "ready.totalvfs",
			.title = "The driver offers no more VFs than the card has",
			.why = "A count above what the card has fails only when somebody uses it.",
			.needs = NEED_CONFIG,
			.timeout_s = 5,
			.fn = totalvfs },
	{ .id = "ready.driver-bound",
			.title = "The PF has a driver that offers SR-IOV",
			.why = "Only the PF's driver can make VFs.",
			.unbreakable = "a PF without a driver makes no rig: vfcert says so before "
				       "any check",
			.timeout_s = 5,
			.fn = driver_bound },
	{ .id = "ready.iommu-group",
			.title = "The PF is behind an IOMMU",
			.why = "Without one, a guest with a VF can read and write all of memory.",
			.timeout_s = 5,
			.fn = iommu_group },
	{ .id = "ready.iommu-translating",
			.title = "The IOMMU translates for the PF",
			.why = "In an identity domain the IOMMU is on and confines nothing.",
			.timeout_s = 5,
			.fn = iommu_translating },
	{ .id = "ready.interrupt-remapping",
			.title = "The PF's interrupts are remapped by the IOMMU",
			.why = "Without it a guest can send any interrupt to the host.",
			.timeout_s = 5,
			.fn = interrupt_remapping },
	{ .id = "ready.ari",
			.title = "ARI is on from the port to the PF",
			.why = "Without ARI the host reaches only some of the card's VFs.",
			.needs = NEED_CONFIG,
			.timeout_s = 5,
			.fn = ari },
	{ .id = "ready.link-up",
			.title = "The PF is up and has a carrier",
			.why = "With several drivers, VFs have no link while their PF is down.",
			.timeout_s = 10,
			.fn = link_up },
	{ .id = "ready.frames",
			.title = "The PF and the wire reach each other with frames of full size",
			.why = "A bad cable or a wrong partner would look like a bad card.",
			.needs = NEED_WIRE,
			.timeout_s = 15,
			.fn = frames },
	{ .id = "ready.vf-bars",
			.title = "Every VF BAR has an address",
			.why = "Firmware that gives the card too little address space leaves VFs "
			       "without registers.",
			.timeout_s = 5,
			.fn = vf_bars },
	{ .id = "ready.config-space",
			.title = "All of the PF's config space can be read",
			.why = "Kernel lockdown and conventional PCI bridges hide everything above "
			       "byte 255.",
			.timeout_s = 5,
			.fn = config_space },
	{ .id = "ready.log-clean",
			.title = "The kernel has logged no complaint since it started",
			.why = "After a warning at boot, no later verdict is reliable.",
			.timeout_s = 5,
			.fn = log_clean },
	{ 0 },
};
