/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/version.h"
#include "pci/pcie.h"
#include "ready/readiness_internal.h"

/*
 * Whether a machine that has a VF can move to another host while it runs. vfio_pci itself moves no
 * device's state; a driver of the vendor in its place may (a "variant" driver). From Linux 5.15 on
 * depmod's modules.alias has a line for each device that such a driver takes, "alias
 * vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5_vfio_pci", and one with nothing but '*' for
 * vfio_pci itself (commit cc6711b0bf36, PCI / VFIO: Add 'override_only' support). Debian's kernels
 * have the latter alone (6.12.117+deb13).
 *
 * Everywhere else QEMU refuses, unless the VF is the transient NIC of a failover pair, which it
 * unplugs first (hw/net/virtio-net.c, failover_unplug_primary()).
 */

/* Linux 6.19, drivers/vfio/pci. */
static const struct variant {
	const char *name, *option;
	const char *since;    /* the version of Linux in which it came */
	const char *migrates; /* and in which it learned to migrate; NULL: it did not */
} variants[] = {
	{ "mlx5_vfio_pci", "CONFIG_MLX5_VFIO_PCI", "5.18", "5.18" },
	{ "hisi_acc_vfio_pci", "CONFIG_HISI_ACC_VFIO_PCI", "5.18", "5.18" },
	{ "pds_vfio_pci", "CONFIG_PDS_VFIO_PCI", "6.6", "6.6" },
	{ "virtio_vfio_pci", "CONFIG_VIRTIO_VFIO_PCI", "6.8", "6.13" },
	{ "nvgrace_gpu_vfio_pci", "CONFIG_NVGRACE_GPU_VFIO_PCI", "6.9", NULL },
	{ "qat_vfio_pci", "CONFIG_QAT_VFIO_PCI", "6.10", "6.10" },
	{ "xe_vfio_pci", "CONFIG_XE_VFIO_PCI", "6.19", "6.19" },
};

/* VFs that they take, for kernels that are built without them; xe's are too many. */
static const struct {
	uint16_t vendor, device;
	const char *variant;
} takers[] = {
	{ 0x15b3, 0x101e, "mlx5_vfio_pci" },
	{ 0x1dd8, 0x1003, "pds_vfio_pci" },
	{ 0x1af4, 0x1041, "virtio_vfio_pci" },
	{ 0x1af4, 0x1042, "virtio_vfio_pci" },
	{ 0x19e5, 0xa251, "hisi_acc_vfio_pci" },
	{ 0x19e5, 0xa256, "hisi_acc_vfio_pci" },
	{ 0x19e5, 0xa259, "hisi_acc_vfio_pci" },
	{ 0x8086, 0x4941, "qat_vfio_pci" },
	{ 0x8086, 0x4943, "qat_vfio_pci" },
	{ 0x8086, 0x4945, "qat_vfio_pci" },
};

struct looking {
	struct checked_card *card;
	char release[NAME_ROOM]; /* of the kernel; "": unknown */
	uint16_t vendor, device; /* of the card's VFs */
	bool has_aliases;        /* modules.alias could be read */
	char driver[NAME_ROOM];  /* that takes the VFs; "": none */
};

static const struct variant *variant_named(const char *name)
{
	for (size_t i = 0; i < sizeof(variants) / sizeof(*variants); i++) {
		if (!strcmp(variants[i].name, name))
			return &variants[i];
	}
	return NULL;
}

static const struct variant *variant_for(const struct looking *looking)
{
	for (size_t i = 0; i < sizeof(takers) / sizeof(*takers); i++) {
		if (takers[i].vendor == looking->vendor && takers[i].device == looking->device)
			return variant_named(takers[i].variant);
	}
	return NULL;
}

/* --- What the kernel has --------------------------------------------------------------------- */

static FILE *open_text(const struct looking *looking, const char *format)
{
	CLEANUP(cleanup_free) char *path = text_format(format, looking->release);
	int fd = *looking->release ? host_open_file(looking->card->host, path, O_RDONLY) : -1;

	return fd < 0 ? NULL : fdopen(fd, "r");
}

/* A line of modules.alias: whether it is about the VFs, and which driver it names. Vendor and
 * device are all that variant drivers look at. */
static bool take_alias(char *line, struct looking *looking)
{
	static const char prefix[] = "alias vfio_pci:v";
	char ids[32], driver[NAME_ROOM], *end;

	if (strncmp(line, prefix, strlen(prefix)) != 0)
		return false;
	line += strlen(prefix);
	end = strstr(line, "sv");
	if (*line == '*' || !end || sscanf(end, "%*s %63s", driver) != 1)
		return false;
	*end = '\0';
	snprintf(ids, sizeof(ids), "%08Xd%08X", looking->vendor, looking->device);
	if (fnmatch(line, ids, 0) != 0)
		return false;
	snprintf(looking->driver, sizeof(looking->driver), "%s", driver);
	return true;
}

static void read_aliases(struct looking *looking)
{
	static const char *const paths[] = { "lib/modules/%s/modules.alias",
		"usr/lib/modules/%s/modules.alias" };
	CLEANUP(cleanup_file) FILE *file = NULL;
	CLEANUP(cleanup_free) char *line = NULL;
	size_t room = 0;

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths) && !file; i++)
		file = open_text(looking, paths[i]);
	looking->has_aliases = file != NULL;
	while (file && getline(&line, &room, file) > 0) {
		if (take_alias(line, looking))
			return;
	}
}

/* The value of the option ("y", "m", "n" where it is not set) in the kernel's configuration; 0:
 * unknown. */
static char read_option(const struct looking *looking, const char *option)
{
	CLEANUP(cleanup_file) FILE *file = open_text(looking, "boot/config-%s");
	CLEANUP(cleanup_free) char *line = NULL;
	size_t room = 0, length = strlen(option);

	while (file && getline(&line, &room, file) > 0) {
		if (!strncmp(line, option, length) && line[length] == '=')
			return line[length + 1];
	}
	return file ? 'n' : 0;
}

/* --- What follows from it -------------------------------------------------------------------- */

static const char *remedy_of(const struct looking *looking)
{
	return looking->card->network
			? "Use a vNIC profile with Migratable=yes and Failover=: while the machine "
			  "moves, a virtio NIC takes the VF's place (net_failover in the guest)"
			: "Detach its VFs before a machine moves";
}

#define add(looking, state, ...) \
	requirement_of_card((looking)->card, "migration", state, remedy_of(looking), __VA_ARGS__)

static void add_driver(const struct looking *looking)
{
	const struct variant *variant = variant_named(looking->driver);
	bool migrates = variant && variant->migrates &&
			(!strcmp(variant->since, variant->migrates) ||
					version_compare(looking->release, variant->migrates) >= 0);

	if (migrates)
		add(looking, REQUIREMENT_MET,
				"%s moves its VFs (%04x:%04x) with a running machine, to a host "
				"that has it, too",
				looking->driver, looking->vendor, looking->device);
	else if (variant && variant->migrates)
		add(looking, REQUIREMENT_WEAK,
				"%s, which takes its VFs (%04x:%04x), moves them from Linux %s on; "
				"this is %s: by failover only",
				looking->driver, looking->vendor, looking->device,
				variant->migrates, looking->release);
	else
		add(looking, REQUIREMENT_WEAK,
				"%s, which takes its VFs (%04x:%04x), %s: by failover only",
				looking->driver, looking->vendor, looking->device,
				variant ? "does not move them" : "is not known to move them");
}

static void add_missing(const struct looking *looking, const struct variant *variant, char option)
{
	add(looking, REQUIREMENT_WEAK,
			"%s, which moves VFs %04x:%04x from Linux %s on, is not in kernel %s%s%s%s: by "
			"failover only",
			variant->name, looking->vendor, looking->device, variant->migrates,
			looking->release, option == 'n' ? " (" : "",
			option == 'n' ? variant->option : "", option == 'n' ? " is not set)" : "");
}

static void look(struct looking *looking)
{
	const struct variant *variant = variant_for(looking);
	char option = variant ? read_option(looking, variant->option) : 0;

	read_aliases(looking);
	if (!*looking->driver && option == 'y')
		snprintf(looking->driver, sizeof(looking->driver), "%s", variant->name);
	if (*looking->driver)
		add_driver(looking);
	else if (!looking->has_aliases)
		add(looking, REQUIREMENT_UNKNOWN,
				"without modules.alias of kernel %s it is not known whether a driver "
				"moves its VFs (%04x:%04x) with a running machine; failover does",
				*looking->release ? looking->release : "(of unknown release)",
				looking->vendor, looking->device);
	else if (variant)
		add_missing(looking, variant, option);
	else
		add(looking, REQUIREMENT_WEAK,
				"no driver of kernel %s moves its VFs (%04x:%04x) with a running "
				"machine: by failover only",
				looking->release, looking->vendor, looking->device);
}

/* All VFs of a card have one id (PCIe 6.0, 9.3.3.11). 0: unknown. */
static uint16_t vf_device(const struct checked_card *card)
{
	char text[16];

	if (card->pf.vf_count)
		return card->pf.vfs[0].function.device;
	if (!function_read(card->host, card->pf.function.bdf, "sriov_vf_device", text, sizeof(text),
			    NULL))
		return (uint16_t)strtoul(text, NULL, 16);
	return card->sriov ? space_word(&card->space, card->sriov + SRIOV_VF_DEVICE) : 0;
}

void check_migration(struct checked_card *card)
{
	struct looking looking = {
		.card = card, .vendor = card->pf.function.vendor, .device = vf_device(card)
	};

	host_read(card->host, "proc/sys/kernel/osrelease", looking.release, sizeof(looking.release),
			NULL);
	if (strchr(looking.release, '/'))
		*looking.release = '\0';
	if (looking.device)
		look(&looking);
}
