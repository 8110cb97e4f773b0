/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "drivers/drivers.h"
#include "host/config.h"
#include "pci/pcie.h"
#include "ready/readiness_internal.h"
#include "sriov/pf.h"

/* Requirements for one card and its slot. */

enum {
	FIRST_VF_RESOURCE = 7, /* line of the file "resource", after 6 BARs and the ROM */
	SRIOV_BARS = 6,
	RESOURCE_UNSET = 1 << 29, /* the kernel's IORESOURCE_UNSET: no address assigned */
	RESOURCE_64_BIT = 1 << 20,
	BAR_64_BIT = 4, /* memory type, in the lowest three bits of the register */
};

struct card {
	const struct host *host;
	struct pf pf;
	char subject[24];
	struct config *config; /* NULL if not readable */
	unsigned sriov;        /* offset of the capability, or 0 */
	struct readiness *readiness;
};

static void __attribute__((format(printf, 5, 6))) add(struct card *card, const char *id,
		enum requirement_state state, const char *remedy, const char *format, ...)
{
	char found[160];
	va_list args;

	va_start(args, format);
	vsnprintf(found, sizeof(found), format, args);
	va_end(args);
	requirement_add(card->readiness, id, card->subject, state, remedy, "%s", found);
}

static bool full_config(const struct card *card)
{
	return card->config && config_length(card->config) == 4096;
}

/* Returns whether the kernel offers SR-IOV on the card. */
static bool check_capable(struct card *card)
{
	if (card->pf.total_vfs) {
		add(card, "capable", REQUIREMENT_MET, NULL, "up to %u VF%s%s", card->pf.total_vfs,
				text_plural(card->pf.total_vfs),
				card->pf.card_vfs > card->pf.total_vfs ? " (the card has more)"
								       : "");
		return true;
	}
	if (function_has(card->host, card->pf.function.bdf, "sriov_totalvfs"))
		add(card, "capable", REQUIREMENT_MISSING,
				"Switch SR-IOV on with the vendor's tool or in the firmware's "
				"setup, or use the driver that manages VFs",
				"the capability is there, and offers 0 VFs");
	else if (card->sriov)
		add(card, "capable", REQUIREMENT_MISSING,
				"Use a kernel with CONFIG_PCI_IOV, and read its log on this card",
				"the card has SR-IOV, and the kernel does not offer it");
	else if (full_config(card))
		add(card, "capable", REQUIREMENT_MISSING,
				"Switch SR-IOV on with the vendor's tool or in the firmware's "
				"setup; otherwise use another card",
				"the card shows no SR-IOV capability");
	else
		add(card, "capable", REQUIREMENT_MISSING,
				"Run as root, who can see whether the card has the capability",
				"the kernel offers no SR-IOV on it");
	return false;
}

static void check_driver(struct card *card)
{
	const char *driver = card->pf.function.driver;

	if (!*driver) {
		add(card, "driver", REQUIREMENT_MISSING,
				"Load the card's driver (modprobe), or bind it",
				"no driver is bound to the card");
		return;
	}
	if (driver_handover(driver)) {
		add(card, "driver", REQUIREMENT_MISSING, "Bind the card's own network driver",
				"%s is bound, which sets no VLAN or MAC of VFs", driver);
		return;
	}
	if (!*card->pf.function.netdev)
		add(card, "driver", REQUIREMENT_WEAK,
				"If it is a network card, look for its interface in other "
				"network namespaces",
				"%s, without a network interface here", driver);
	else
		add(card, "driver", REQUIREMENT_MET, NULL, "%s%s%s%s", driver,
				*card->pf.firmware ? ", firmware " : "", card->pf.firmware,
				card->pf.net.vf_count || !card->pf.num_vfs ? ""
						: *card->pf.net.vfs_unread
						? ", which has more VFs than its "
						  "settings can be read of"
						: ", which reports no settings of its "
						  "VFs");
}

static void check_ari(struct card *card)
{
	if (!full_config(card))
		add(card, "ari", REQUIREMENT_UNKNOWN, "Run as root",
				"extended config space cannot be read");
	else if (card->pf.ari_enabled)
		add(card, "ari", REQUIREMENT_MET, NULL, "on");
	else if (!card->pf.ari_capable)
		add(card, "ari", REQUIREMENT_WEAK,
				"Nothing, unless the card's manual says otherwise",
				"the card has no ARI: its VFs take whole device numbers or further "
				"buses");
	else
		add(card, "ari", REQUIREMENT_WEAK,
				"Use a slot whose port forwards ARI, switch ARI on in the "
				"firmware's setup, and remove pci=noari from the kernel's command "
				"line",
				"the port above does not forward ARI: fewer VFs may be reachable");
}

/* A VF on a bus above the subordinate bus of the port is unreachable. */
static void check_buses(struct card *card)
{
	CLEANUP(cleanup_config) struct config *port = NULL;
	struct bdf bdf = card->pf.function.bdf, above[PATH_LIMIT];
	unsigned offset, stride, last, subordinate;
	size_t depth;

	if (!full_config(card) || !card->sriov || !card->pf.total_vfs ||
			function_path(card->host, bdf, above, PATH_LIMIT, &depth, NULL) < 0 ||
			!depth || config_open(card->host, above[0], &port, NULL) < 0)
		return;
	offset = config_word(card->config, card->sriov + SRIOV_FIRST_OFFSET);
	stride = config_word(card->config, card->sriov + SRIOV_STRIDE);
	/* Both are unused while NumVFs is 0 (PCIe 6.0, 9.3.3.9, 9.3.3.10). */
	if (!offset || (!stride && card->pf.total_vfs > 1)) {
		add(card, "bus-numbers", REQUIREMENT_UNKNOWN, "Check again while VFs are enabled",
				"First VF Offset is %u and VF Stride %u: the card does not say yet "
				"where its VFs are",
				offset, stride);
		return;
	}
	last = (bdf_rid(bdf) + offset + (card->pf.total_vfs - 1) * stride) >> 8;
	subordinate = config_byte(port, HEADER_SUBORDINATE_BUS);
	if (last <= subordinate)
		add(card, "bus-numbers", REQUIREMENT_MET, NULL, "enough for %u VF%s",
				card->pf.total_vfs, text_plural(card->pf.total_vfs));
	else
		add(card, "bus-numbers", REQUIREMENT_WEAK,
				"Add pci=assign-busses to the kernel's command line, or switch "
				"SR-IOV on in the firmware's setup",
				"the last VF needs bus %02x, and the port above ends at %02x", last,
				subordinate);
}

/* A VF BAR: the address from the kernel, and the register in the capability. Even without an
 * address the register is not 0, unless the BAR is 32-bit and not prefetchable. */
struct vf_bar {
	unsigned long long start, flags;
	uint32_t reg;
};

static int read_bars(struct card *card, struct vf_bar bars[SRIOV_BARS])
{
	unsigned long long end;
	char text[2048], *line, *rest = text;
	int rc = function_read(
			card->host, card->pf.function.bdf, "resource", text, sizeof(text), NULL);

	if (rc < 0)
		return rc;
	for (unsigned bar = 0; card->sriov && bar < SRIOV_BARS; bar++)
		bars[bar].reg = config_long(card->config, card->sriov + SRIOV_VF_BARS + 4 * bar);
	for (unsigned number = 0; (line = strsep(&rest, "\n")); number++) {
		unsigned bar = number - FIRST_VF_RESOURCE;

		if (number < FIRST_VF_RESOURCE || bar >= SRIOV_BARS)
			continue;
		if (sscanf(line, "%llx %llx %llx", &bars[bar].start, &end, &bars[bar].flags) != 3)
			return -EPROTO;
	}
	return 0;
}

static void check_bars(struct card *card)
{
	struct vf_bar bars[SRIOV_BARS] = { 0 };
	unsigned given = 0, lacking = 0;

	if (!full_config(card)) {
		add(card, "vf-bars", REQUIREMENT_UNKNOWN, "Run as root",
				"extended config space cannot be read");
		return;
	}
	if (read_bars(card, bars) < 0) {
		add(card, "vf-bars", REQUIREMENT_UNKNOWN, "Check on the running machine",
				"the file resource cannot be read");
		return;
	}
	for (unsigned i = 0; i < SRIOV_BARS; i++) {
		if (bars[i].start && !(bars[i].flags & RESOURCE_UNSET))
			given++;
		else if (bars[i].flags || bars[i].reg)
			lacking++;
		/* The next register of a 64-bit BAR is its upper half. */
		i += bars[i].flags & RESOURCE_64_BIT || (bars[i].reg & 7) == BAR_64_BIT;
	}
	if (!lacking && given)
		add(card, "vf-bars", REQUIREMENT_MET, NULL, "%u assigned", given);
	else
		add(card, "vf-bars", REQUIREMENT_MISSING,
				"Switch SR-IOV and addressing above 4 GB on in the firmware's "
				"setup, or add pci=realloc to the kernel's command line",
				"%u of %u have no address: enabling VFs will fail for lack of "
				"memory space",
				lacking, lacking + given);
}

static void check_isolation(struct card *card)
{
	const struct pf *pf = &card->pf;
	char bdf[BDF_TEXT];
	size_t on = 0;

	while (on < pf->hop_count && pf->hops[on].enabled)
		on++;
	if (on < pf->hop_count && !strcmp(pf->hops[on].services, "not readable"))
		add(card, "acs", REQUIREMENT_UNKNOWN, "Run as root",
				"config space of %s cannot be read",
				bdf_format(pf->hops[on].bdf, bdf));
	else if (on < pf->hop_count && pf->hops[on].capable && pf->function.iommu_group < 0)
		add(card, "acs", REQUIREMENT_MISSING,
				"Switch on the IOMMU: the kernel then switches ACS on too",
				"off at %s, which has it", bdf_format(pf->hops[on].bdf, bdf));
	else if (on < pf->hop_count)
		add(card, "acs", REQUIREMENT_MISSING,
				"Use a slot below a root port or switch with ACS, and switch ACS "
				"on in the firmware's setup",
				"%s on the path to the card: %s", bdf_format(pf->hops[on].bdf, bdf),
				pf->hops[on].services);
	else if (on)
		add(card, "acs", REQUIREMENT_MET, NULL, "on at every port above (%zu)", on);
	if (pf->group_size > 1)
		add(card, "iommu-group", REQUIREMENT_MISSING,
				"Switch on ACS above the card; until then all its VFs can only be "
				"given to the same guest",
				"group %d has %zu members: they cannot be isolated from each other",
				pf->function.iommu_group, pf->group_size);
}

static void check_identity(struct card *card)
{
	char path[64], type[32];

	if (card->pf.function.iommu_group < 0)
		return;
	snprintf(path, sizeof(path), "sys/kernel/iommu_groups/%d/type",
			card->pf.function.iommu_group);
	if (host_read(card->host, path, type, sizeof(type), NULL) < 0)
		return;
	if (!strcmp(type, "identity"))
		add(card, "iommu-mode", REQUIREMENT_WEAK,
				"Remove iommu=pt or iommu.passthrough=1 from the kernel's command "
				"line; VFIO isolates guests nevertheless",
				"passthrough: the host's own drivers reach all memory");
	else
		add(card, "iommu-mode", REQUIREMENT_MET, NULL, "translating (%s)", type);
}

static void check_link(struct card *card)
{
	const struct netdev *net = &card->pf.net;

	if (!net->index)
		return;
	if (!net->up)
		add(card, "up", REQUIREMENT_WEAK, "vfctl set brings it up: ip link set DEV up",
				"%s is down: VFs made now may stay dead", net->name);
	else if (!net->carrier)
		add(card, "link", REQUIREMENT_WEAK, "Plug in the cable, and check the far end",
				"%s is up, and has no link", net->name);
	else
		add(card, "link", REQUIREMENT_MET, NULL, "%s is up and has a link", net->name);
}

int readiness_of_card(const struct host *host, struct bdf bdf, struct readiness *readiness,
		struct err *err)
{
	CLEANUP(cleanup_config) struct config *config = NULL;
	struct card card = { .host = host, .pf = { .function.bdf = bdf }, .readiness = readiness };
	char text[BDF_TEXT];
	int rc = pf_fill_counts(host, &card.pf, err);

	if (!rc)
		rc = pf_fill(host, &card.pf, err);
	if (rc < 0) {
		pf_free(&card.pf);
		return rc;
	}
	snprintf(card.subject, sizeof(card.subject), "%s", bdf_format(bdf, text));
	if (!config_open(host, bdf, &config, NULL))
		card.config = config;
	if (full_config(&card))
		card.sriov = config_extended(config, PCIE_EXT_SRIOV);
	if (check_capable(&card)) {
		check_driver(&card);
		check_ari(&card);
		check_buses(&card);
		check_bars(&card);
		check_isolation(&card);
		check_identity(&card);
		check_link(&card);
	}
	pf_free(&card.pf);
	return 0;
}
