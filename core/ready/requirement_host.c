/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ready/readiness_internal.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"

/*
 * Requirements for the machine: an IOMMU that firmware and kernel enable and that remaps
 * interrupts, no lockdown, and no claims of isolation that the hardware cannot provide.
 */

#define ACPI_TABLES "sys/firmware/acpi/tables"

/* Whether the kernel command line contains WORD, alone or with =VALUE after it. */
static bool on_command_line(const char *line, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = line; (at = strstr(at, word)); at += length) {
		bool starts = at == line || at[-1] == ' ';
		bool ends = !at[length] || at[length] == ' ' || at[length] == '=';

		if (starts && ends)
			return true;
	}
	return false;
}

static bool has_parameter(const char *line, const char *parameter)
{
	size_t length = strlen(parameter);

	for (const char *at = line; (at = strstr(at, parameter)); at += length) {
		if ((at == line || at[-1] == ' ') &&
				(!at[length] || at[length] == ' ' || at[length] == ','))
			return true;
	}
	return false;
}

static size_t count_groups(const struct host *host)
{
	char **names;
	size_t count;

	if (host_names(host, "sys/kernel/iommu_groups", &names, &count, NULL) < 0)
		return 0;
	host_names_free(names, count);
	return count;
}

static const char *firmware_table(const struct host *host)
{
	static const char *const tables[] = { "DMAR", "IVRS", "IORT" };
	char path[64];

	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		snprintf(path, sizeof(path), ACPI_TABLES "/%s", tables[i]);
		if (host_exists(host, path))
			return tables[i];
	}
	return NULL;
}

/* Returns the parameter that disables the IOMMU, or NULL. */
static const char *switched_off_by(const char *line)
{
	static const char *const off[] = { "intel_iommu=off", "amd_iommu=off", "iommu=off" };

	for (size_t i = 0; i < sizeof(off) / sizeof(*off); i++) {
		if (has_parameter(line, off[i]))
			return off[i];
	}
	return NULL;
}

/* Returns whether an IOMMU is in use. */
static bool check_iommu(const struct host *host, const char *line, struct readiness *readiness)
{
	const char *table = firmware_table(host), *off = switched_off_by(line);
	size_t groups = count_groups(host);

	if (groups) {
		requirement_add(readiness, "iommu", "host", REQUIREMENT_MET, NULL,
				"in use, %zu IOMMU group%s%s%s", groups, text_plural(groups),
				table ? ", described by " : "", table ? table : "");
		return true;
	}
	if (table && off)
		requirement_add(readiness, "iommu", "host", REQUIREMENT_MISSING,
				"Remove it from the kernel's command line, and reboot",
				"the firmware offers an IOMMU (%s), and %s switches it off", table,
				off);
	else if (table)
		requirement_add(readiness, "iommu", "host", REQUIREMENT_MISSING,
				"Add intel_iommu=on to the kernel's command line (AMD and Arm need "
				"none: see the kernel log), and reboot",
				"the firmware offers an IOMMU (%s), and the kernel does not use it",
				table);
	else if (host_exists(host, ACPI_TABLES))
		requirement_add(readiness, "iommu", "host", REQUIREMENT_MISSING,
				"Switch on VT-d, AMD-Vi, or SMMU in the firmware's setup; a "
				"virtual machine must be given an IOMMU",
				"the firmware offers none (no DMAR, IVRS, or IORT table)");
	else
		requirement_add(readiness, "iommu", "host", REQUIREMENT_MISSING,
				"Switch it on in the firmware's setup and on the kernel's command "
				"line",
				"no IOMMU groups, and no ACPI tables that explain it");
	return false;
}

/* The kernel calls interrupt chips behind a remapping unit IR-... */
static bool interrupts_are_remapped(const struct host *host, bool *known)
{
	int fd = host_open_file(host, "proc/interrupts", O_RDONLY);
	CLEANUP(cleanup_file) FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	CLEANUP(cleanup_free) char *line = NULL;
	size_t room = 0;

	*known = file != NULL;
	while (file && getline(&line, &room, file) > 0) {
		if (strstr(line, " IR-"))
			return true;
	}
	return false;
}

/* Bit 3 of VT-d's Extended Capability Register: interrupt remapping support. */
static bool intel_units_can_remap(const struct host *host, bool *known)
{
	char path[128], value[32], **names;
	bool can = true;
	size_t count;

	*known = false;
	if (host_names(host, "sys/class/iommu", &names, &count, NULL) < 0)
		return false;
	for (size_t i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "sys/class/iommu/%.64s/intel-iommu/ecap", names[i]);
		if (host_read(host, path, value, sizeof(value), NULL) < 0)
			continue;
		*known = true;
		can = can && strtoull(value, NULL, 16) >> 3 & 1;
	}
	host_names_free(names, count);
	return *known && can;
}

static void check_remapping(const struct host *host, struct readiness *readiness)
{
	static const char *const id = "interrupt-remapping";
	bool known, intel;

	if (interrupts_are_remapped(host, &known)) {
		requirement_add(readiness, id, "host", REQUIREMENT_MET, NULL, "on");
		return;
	}
	if (!known)
		requirement_add(readiness, id, "host", REQUIREMENT_UNKNOWN,
				"Check on the running machine", "proc/interrupts cannot be read");
	else if (intel_units_can_remap(host, &intel))
		requirement_add(readiness, id, "host", REQUIREMENT_MISSING,
				"Remove intremap=off and nointremap from the kernel's command "
				"line, and switch on x2APIC or interrupt remapping in the "
				"firmware's setup",
				"the IOMMU can remap interrupts, and the kernel does not use it");
	else if (intel)
		requirement_add(readiness, id, "host", REQUIREMENT_MISSING,
				"A virtual machine's IOMMU needs interrupt remapping on (QEMU: "
				"intremap=on); on silicon VFIO needs allow_unsafe_interrupts, "
				"which gives up isolation",
				"the IOMMU cannot remap interrupts");
	else if (host_exists(host, ACPI_TABLES "/IORT"))
		requirement_add(readiness, id, "host", REQUIREMENT_MET, NULL,
				"done by the interrupt controller (GIC)");
	else
		requirement_add(readiness, id, "host", REQUIREMENT_MISSING,
				"Switch on the IOMMU and interrupt remapping in the firmware's "
				"setup, and remove intremap=off from the kernel's command line",
				"no interrupt goes through a remapping unit");
}

static void check_lockdown(const struct host *host, struct readiness *readiness)
{
	char text[80], *mode = NULL;

	if (!host_read(host, "sys/kernel/security/lockdown", text, sizeof(text), NULL))
		mode = strchr(text, '[');
	if (mode)
		mode[strcspn(mode, "]")] = '\0';
	if (!mode || !strcmp(mode, "[none"))
		requirement_add(readiness, "lockdown", "host", REQUIREMENT_MET, NULL, "none");
	else
		requirement_add(readiness, "lockdown", "host", REQUIREMENT_WEAK,
				"Managing VFs works; certifying needs lockdown off: switch secure "
				"boot off, or remove lockdown= from the kernel's command line",
				"%s: config space and registers cannot be written", mode + 1);
}

static void check_command_line(const char *line, struct readiness *readiness)
{
	if (on_command_line(line, "pcie_acs_override"))
		requirement_add(readiness, "acs-override", "host", REQUIREMENT_MISSING,
				"Remove pcie_acs_override from the kernel's command line",
				"pcie_acs_override: IOMMU groups claim an isolation that may not "
				"be there");
	if (has_parameter(line, "vfio_iommu_type1.allow_unsafe_interrupts=1") ||
			has_parameter(line, "vfio_iommu_type1.allow_unsafe_interrupts=Y"))
		requirement_add(readiness, "unsafe-interrupts", "host", REQUIREMENT_WEAK,
				"Remove it from the kernel's command line",
				"allow_unsafe_interrupts: a guest can raise any interrupt of the "
				"host");
}

void readiness_of_host(const struct host *host, struct readiness *readiness)
{
	char line[4096] = "";

	host_read(host, "proc/cmdline", line, sizeof(line), NULL);
	if (check_iommu(host, line, readiness))
		check_remapping(host, readiness);
	else
		requirement_add(readiness, "interrupt-remapping", "host", REQUIREMENT_MISSING,
				"Switch on the IOMMU first", "it needs the IOMMU");
	check_lockdown(host, readiness);
	check_command_line(line, readiness);
}
