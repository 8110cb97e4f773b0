/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/cleanup.h"
#include "checks/suites.h"
#include "host/host_file.h"
#include "host/vfio.h"
#include "observe/facts.h"
#include "sriov/vfs.h"

/* What isolates VFs: IOMMU groups, and the ACS of every port on the path to the root. Groups alone
 * do not prove it: the kernel does not examine ports beside the path. */

enum { GROUP_ROOM = 64, PORT_ROOM = 16 };

static enum verdict vf_group(struct check_run *run)
{
	for (unsigned i = 0; i < run->dut->listed; i++) {
		int group = group_of(run->dut, run->dut->vfs[i].bdf);

		if (group < 0)
			return check_fail(run, "VF %u has no IOMMU group", check_vf(run, i));
		evidence_int(run, "group of a VF", group, NULL);
	}
	return VERDICT_PASS;
}

static enum verdict group_alone(struct check_run *run)
{
	struct bdf members[GROUP_ROOM];
	char first[BDF_TEXT];
	size_t count;

	for (unsigned i = 0; i < run->dut->listed; i++) {
		int group = group_of(run->dut, run->dut->vfs[i].bdf);

		if (group < 0)
			return check_fail(run, "VF %u has no IOMMU group", check_vf(run, i));
		if (group_members(run->dut, group, members, GROUP_ROOM, &count, &run->err) < 0)
			return check_broken(run, "cannot list group %d", group);
		evidence_int(run, "functions in a VF's group", (int64_t)count, NULL);
		if (count != 1)
			return check_fail(run,
					"VF %u shares group %d with %zu other functions, the first "
					"is %s",
					check_vf(run, i), group, count - 1,
					bdf_format(members[0], first));
	}
	return VERDICT_PASS;
}

static enum verdict vf_group_type(struct check_run *run)
{
	char type[32];

	for (unsigned i = 0; i < run->dut->listed; i++) {
		int group = group_of(run->dut, run->dut->vfs[i].bdf);

		if (group < 0)
			return check_fail(run, "VF %u has no IOMMU group", check_vf(run, i));
		if (group_type(run->dut, group, type, sizeof(type), &run->err) < 0)
			return check_broken(run, "cannot read the type of group %d", group);
		evidence_text(run, "domain type of a VF", "%s", type);
		if (strncmp(type, "DMA", 3))
			return check_fail(run,
					"VF %u is in a domain of type %s, not a translating one",
					check_vf(run, i), type);
	}
	return VERDICT_PASS;
}

static enum verdict pf_group(struct check_run *run)
{
	int pf = group_of(run->dut, run->dut->pf);

	if (pf < 0)
		return check_fail(run, "the PF has no IOMMU group");
	evidence_int(run, "group of the PF", pf, NULL);
	for (unsigned i = 0; i < run->dut->listed; i++) {
		if (group_of(run->dut, run->dut->vfs[i].bdf) == pf)
			return check_fail(run, "VF %u is in the PF's own group %d",
					check_vf(run, i), pf);
	}
	return VERDICT_PASS;
}

static enum verdict acs_path(struct check_run *run)
{
	struct acs_port ports[PORT_ROOM];
	char text[BDF_TEXT];
	size_t count;

	if (acs_ports_read(run->dut, ports, PORT_ROOM, &count, &run->err) < 0)
		return check_broken(run, "cannot walk the path to the root");
	if (!count)
		return check_skip(
				run, "the card is on the root complex: there is no port above it");
	for (size_t i = 0; i < count; i++) {
		bdf_format(ports[i].bdf, text);
		if (!ports[i].capable)
			return check_fail(run, "port %s has no Access Control Services", text);
		evidence_text(run, text, "ACS control %04x", ports[i].control);
		if ((ports[i].control & ACS_ISOLATING) != ACS_ISOLATING)
			return check_fail(run,
					"port %s has ACS control %04x: source validation, "
					"redirects and upstream forwarding are not all on",
					text, ports[i].control);
	}
	return VERDICT_PASS;
}

static enum verdict no_override(struct check_run *run)
{
	CLEANUP(cleanup_free) char *line = NULL;

	if (host_file_read(run->dut->host, "proc/cmdline", 65536, &line, NULL, &run->err) < 0)
		return check_broken(run, "cannot read the kernel's command line");
	evidence_int(run, "length of the command line", (int64_t)strlen(line), "bytes");
	if (strstr(line, "pcie_acs_override"))
		return check_fail(run,
				"the kernel was told by pcie_acs_override to pretend isolation");
	return *line ? VERDICT_PASS : check_broken(run, "the kernel's command line is empty");
}

static enum verdict vfio_viable(struct check_run *run)
{
	struct dut *dut = run->dut;
	struct bdf vf = dut->vfs[0].bdf;
	bool viable = false;
	int group = group_of(dut, vf), rc, back;

	if (group < 0)
		return check_fail(run, "VF 0 has no IOMMU group, so VFIO cannot take it");
	if (function_bind(dut->host, vf, "vfio-pci", &run->err) < 0) {
		dut_rebind_vf(dut, 0, NULL);
		return check_fail(run, "VF 0 cannot be bound to vfio-pci");
	}
	rc = vfio_group_viable(dut->host, group, &viable, &run->err);
	back = dut_rebind_vf(dut, 0, rc ? NULL : &run->err);
	evidence_int(run, "VFIO group", group, NULL);
	evidence_text(run, "viable", "%s", viable ? "yes" : "no");
	if (rc < 0)
		return check_broken(run, "cannot ask VFIO");
	if (!viable)
		return check_fail(run,
				"VFIO does not open group %d: other functions in it are in use",
				group);
	if (back < 0)
		return check_fail(run, "VF 0 does not come back from vfio-pci");
	return VERDICT_PASS;
}

static enum verdict remapped_vectors(struct check_run *run)
{
	unsigned all, remapped;

	for (unsigned i = 0; i < run->dut->vf_count; i++) {
		if (interrupts_count(run->dut, run->dut->vfs[i].bdf, &all, &remapped, &run->err) <
				0)
			return check_broken(run, "cannot read the interrupts");
		evidence_text(run, "vectors of a VF", "%u, %u remapped", all, remapped);
		if (!all)
			return check_broken(run, "VF %u has no interrupt in use", check_vf(run, i));
		if (remapped < all)
			return check_fail(run, "%u of VF %u's %u interrupts are not remapped",
					all - remapped, check_vf(run, i), all);
	}
	return VERDICT_PASS;
}

const struct check suite_iommu[] = {
	{ .id = "iommu.acs-path",
			.title = "Every port above the card has its Access Control Services on",
			.why = "Without them, requests of one VF reach another without passing the "
			       "IOMMU.",
			.needs = NEED_CONFIG,
			.timeout_s = 5,
			.fn = acs_path },
	{ .id = "iommu.no-override",
			.title = "The kernel was not told to pretend isolation",
			.why = "With pcie_acs_override, the kernel reports groups that nothing "
			       "isolates.",
			.timeout_s = 5,
			.fn = no_override },
	{ .id = "iommu.vf-group",
			.title = "Each VF has an IOMMU group",
			.why = "A VF without a group cannot be confined.",
			.vfs = 4,
			.timeout_s = 5,
			.fn = vf_group },
	{ .id = "iommu.group-alone",
			.title = "Each VF is alone in its IOMMU group",
			.why = "A group is assigned to one guest as a whole, or not at all.",
			.vfs = 4,
			.timeout_s = 5,
			.fn = group_alone },
	{ .id = "iommu.group-type",
			.title = "Each VF's domain translates",
			.why = "In an identity domain the IOMMU is on and confines nothing.",
			.vfs = 4,
			.timeout_s = 5,
			.fn = vf_group_type },
	{ .id = "iommu.pf-group",
			.title = "No VF is in the PF's group",
			.why = "Assigning such a VF would mean assigning the whole card.",
			.vfs = 4,
			.timeout_s = 5,
			.fn = pf_group },
	{ .id = "iommu.acs-after-enable",
			.title = "The Access Control Services are still on with VFs enabled",
			.why = "Some drivers and firmware switch them off without the kernel's "
			       "knowledge.",
			.needs = NEED_CONFIG,
			.vfs = 2,
			.timeout_s = 5,
			.fn = acs_path },
	{ .id = "iommu.vfio-viable",
			.title = "VFIO can assign a VF's group, and the VF comes back",
			.why = "Every attach to a guest does this.",
			.needs = NEED_VFIO | NEED_VF_NET,
			.vfs = 2,
			.timeout_s = 30,
			.fn = vfio_viable },
	{ .id = "iommu.remapped-vectors",
			.title = "Each VF's interrupts are remapped by the IOMMU",
			.why = "Without it a guest can send any interrupt to the host.",
			.needs = NEED_VF_NET,
			.vfs = 4,
			.timeout_s = 5,
			.fn = remapped_vectors },
	{ 0 },
};
