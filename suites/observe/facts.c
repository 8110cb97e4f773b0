/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/facts.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "host/config.h"
#include "host/host_file.h"
#include "host/interrupts.h"
#include "pci/pcie.h"

/*
 * The manager reads the same registers with other code. Checks judge the manager by what this code
 * reads, so the two share only the specification's constants.
 */

/* Opens FUNCTION and finds the capability; *OFFSET is 0 if it has none. */
static int open_at(const struct dut *dut, struct bdf function, unsigned extended,
		struct config **config, unsigned *offset, struct err *err)
{
	char name[BDF_TEXT];
	int rc = config_open(dut->host, function, config, err);

	if (rc < 0)
		return rc;
	if (extended && config_length(*config) < 4096)
		return err_set(err, EACCES, "only %u bytes of %s's config space can be read",
				config_length(*config), bdf_format(function, name));
	*offset = extended ? config_extended(*config, (uint16_t)extended)
			   : config_capability(*config, PCIE_CAPABILITY);
	return 0;
}

/* A BAR's low bits show its kind even if it has no address; a 64-bit BAR takes two registers. */
static unsigned count_vf_bars(struct config *config, unsigned at)
{
	unsigned count = 0;

	for (unsigned i = 0; i < 6; i++) {
		uint32_t bar = config_long(config, at + SRIOV_VF_BARS + 4 * i);

		count += bar != 0;
		i += (bar & 7) == 4;
	}
	return count;
}

static uint16_t sriov_word(
		const struct dut *dut, struct config *config, unsigned at, unsigned offset)
{
	return fault_injection_word(
			&dut->injection, "pf", "sriov", offset, config_word(config, at + offset));
}

int sriov_capability_read(
		const struct dut *dut, struct sriov_capability *capability, struct err *err)
{
	CLEANUP(cleanup_config) struct config *config = NULL;
	char name[BDF_TEXT];
	unsigned at;
	int rc = open_at(dut, dut->pf, PCIE_EXT_SRIOV, &config, &at, err);

	if (rc < 0)
		return rc;
	if (!at)
		return err_set(err, ENODEV, "%s has no SR-IOV capability",
				bdf_format(dut->pf, name));
	*capability = (struct sriov_capability){
		.control = sriov_word(dut, config, at, SRIOV_CONTROL),
		.initial_vfs = sriov_word(dut, config, at, SRIOV_INITIAL_VFS),
		.total_vfs = sriov_word(dut, config, at, SRIOV_TOTAL_VFS),
		.num_vfs = sriov_word(dut, config, at, SRIOV_NUM_VFS),
		.first_offset = sriov_word(dut, config, at, SRIOV_FIRST_OFFSET),
		.stride = sriov_word(dut, config, at, SRIOV_STRIDE),
		.vf_device = sriov_word(dut, config, at, SRIOV_VF_DEVICE),
		.vf_bars = count_vf_bars(config, at),
	};
	return 0;
}

static void count_on_bus(
		const struct dut *dut, char **names, size_t count, struct vf_counts *counts)
{
	char pf[BDF_TEXT], physfn[BDF_TEXT], driver[64];
	struct bdf bdf;

	bdf_format(dut->pf, pf);
	for (size_t i = 0; i < count; i++) {
		if (bdf_parse(names[i], &bdf) < 0 ||
				function_link(dut->host, bdf, "physfn", physfn, sizeof(physfn)) <
						0 ||
				strcmp(physfn, pf))
			continue;
		counts->on_bus++;
		counts->bound += function_link(dut->host, bdf, "driver", driver, sizeof(driver)) ==
				0;
	}
}

int vf_counts_read(const struct dut *dut, struct vf_counts *counts, struct err *err)
{
	struct sriov_capability capability;
	char **names = NULL, attribute[32];
	size_t count = 0;
	long reported;
	int rc = function_number(dut->host, dut->pf, "sriov_numvfs", &reported, err);

	if (!rc)
		rc = sriov_capability_read(dut, &capability, err);
	if (!rc)
		rc = host_names(dut->host, "sys/bus/pci/devices", &names, &count, err);
	if (rc < 0)
		return rc;
	*counts = (struct vf_counts){ .reported = (unsigned)reported,
		.in_config = capability.control & SRIOV_CONTROL_ENABLE ? capability.num_vfs : 0 };
	count_on_bus(dut, names, count, counts);
	host_names_free(names, count);
	for (unsigned i = 0; i < capability.total_vfs; i++) {
		snprintf(attribute, sizeof(attribute), "virtfn%u", i);
		counts->links += function_has(dut->host, dut->pf, attribute);
	}
	return 0;
}

/* Returns the function's name in fixtures/defects. */
static void function_label(const struct dut *dut, struct bdf bdf, char label[8])
{
	snprintf(label, 8, "pf");
	for (unsigned i = 0; i < dut->listed; i++) {
		if (bdf_equal(dut->vfs[i].bdf, bdf))
			snprintf(label, 8, "vf%u", dut->vfs[i].number % 1000);
	}
}

int function_ids_read(
		const struct dut *dut, struct bdf bdf, struct function_ids *ids, struct err *err)
{
	CLEANUP(cleanup_config) struct config *config = NULL;
	char label[8];
	int rc = config_open(dut->host, bdf, &config, err);

	if (rc < 0)
		return rc;
	function_label(dut, bdf, label);
	*ids = (struct function_ids){
		.vendor = config_word(config, HEADER_VENDOR),
		.device = config_word(config, HEADER_DEVICE),
		.command = config_word(config, HEADER_COMMAND),
		.class_code = config_long(config, HEADER_REVISION) >> 8,
		.subvendor = config_word(config, HEADER_SUBSYSTEM_VENDOR),
		.subdevice = fault_injection_word(&dut->injection, label, "", HEADER_SUBSYSTEM,
				config_word(config, HEADER_SUBSYSTEM)),
		.readable = config_length(config),
	};
	return 0;
}

int function_claims_flr(const struct dut *dut, struct bdf bdf, bool *claims, struct err *err)
{
	CLEANUP(cleanup_config) struct config *config = NULL;
	unsigned at;
	int rc = open_at(dut, bdf, 0, &config, &at, err);

	if (rc < 0)
		return rc;
	*claims = at && config_long(config, at + PCIE_DEVICE_CAPABILITIES) & PCIE_FLR_CAPABLE;
	return 0;
}

int ari_read(const struct dut *dut, struct ari *ari, struct err *err)
{
	CLEANUP(cleanup_config) struct config *pf = NULL;
	CLEANUP(cleanup_config) struct config *port = NULL;
	struct sriov_capability capability;
	struct bdf above[PATH_LIMIT];
	size_t count;
	unsigned at;
	int rc = sriov_capability_read(dut, &capability, err);

	if (!rc)
		rc = open_at(dut, dut->pf, PCIE_EXT_ARI, &pf, &at, err);
	if (rc < 0)
		return rc;
	*ari = (struct ari){ .pf_capable = at != 0,
		.hierarchy = capability.control & SRIOV_CONTROL_ARI };
	rc = function_path(dut->host, dut->pf, above, PATH_LIMIT, &count, err);
	if (rc < 0 || !count)
		return rc;
	rc = open_at(dut, above[0], 0, &port, &at, err);
	if (rc < 0)
		return rc;
	ari->port = true;
	ari->port_capable = at &&
			config_long(port, at + PCIE_DEVICE_CAPABILITIES_2) & PCIE_ARI_FORWARDING;
	ari->port_forwards =
			at && config_word(port, at + PCIE_DEVICE_CONTROL_2) & PCIE_ARI_FORWARDING;
	return 0;
}

int acs_ports_read(const struct dut *dut, struct acs_port *ports, size_t limit, size_t *count,
		struct err *err)
{
	struct bdf above[PATH_LIMIT];
	size_t hops;
	int rc = function_path(dut->host, dut->pf, above, PATH_LIMIT, &hops, err);

	dut_inject_faults(dut);
	*count = 0;
	for (size_t i = 0; !rc && i < hops && *count < limit; i++) {
		CLEANUP(cleanup_config) struct config *config = NULL;
		unsigned at;

		rc = open_at(dut, above[i], PCIE_EXT_ACS, &config, &at, err);
		if (rc < 0)
			return rc;
		ports[(*count)++] = (struct acs_port){ .bdf = above[i],
			.capable = at != 0,
			.control = at ? config_word(config, at + ACS_CONTROL) : 0 };
	}
	return rc;
}

int group_of(const struct dut *dut, struct bdf bdf)
{
	char name[16];

	if (function_link(dut->host, bdf, "iommu_group", name, sizeof(name)) < 0)
		return -1;
	return atoi(name);
}

int group_members(const struct dut *dut, int group, struct bdf *members, size_t limit,
		size_t *count, struct err *err)
{
	CLEANUP(cleanup_free)
	char *folder = text_format("sys/kernel/iommu_groups/%d/devices", group);
	char **names = NULL;
	size_t found = 0;
	int rc = host_names(dut->host, folder, &names, &found, err);

	if (rc < 0)
		return rc;
	*count = 0;
	for (size_t i = 0; i < found && *count < limit; i++) {
		if (bdf_parse(names[i], &members[*count]) == 0)
			(*count)++;
	}
	host_names_free(names, found);
	return 0;
}

int group_type(const struct dut *dut, int group, char *type, size_t size, struct err *err)
{
	CLEANUP(cleanup_free) char *path = text_format("sys/kernel/iommu_groups/%d/type", group);

	return host_read(dut->host, path, type, size, err);
}

static bool is_named(char *const *names, size_t count, long number)
{
	for (size_t i = 0; i < count; i++) {
		if (atol(names[i]) == number)
			return true;
	}
	return false;
}

/* Counts the entries in the function's folder: proc/interrupts does not name the function on all
 * kernels. */
int interrupts_count(const struct dut *dut, struct bdf bdf, unsigned *all, unsigned *remapped,
		struct err *err)
{
	char name[BDF_TEXT], **names = NULL;
	CLEANUP(cleanup_free)
	char *folder = text_format("sys/bus/pci/devices/%s/msi_irqs", bdf_format(bdf, name));
	CLEANUP(cleanup_free) char *text = NULL;
	size_t count = 0;
	char *rest, *line;
	int rc = host_file_read(dut->host, "proc/interrupts", 1 << 20, &text, NULL, err);

	if (rc < 0)
		return rc;
	*all = *remapped = 0;
	if (host_names(dut->host, folder, &names, &count, NULL) < 0)
		return 0;
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		char *end;
		long number = strtol(line, &end, 10);

		if (*end != ':' || !is_named(names, count, number))
			continue;
		(*all)++;
		*remapped += strstr(line, " IR-") != NULL;
	}
	host_names_free(names, count);
	return 0;
}

int vectors_read(const struct dut *dut, struct bdf bdf, struct vectors *vectors, struct err *err)
{
	char name[BDF_TEXT], **names = NULL;
	CLEANUP(cleanup_free)
	char *folder = text_format("sys/bus/pci/devices/%s/msi_irqs", bdf_format(bdf, name));
	size_t count = 0;
	int rc = host_names(dut->host, folder, &names, &count, err);

	if (rc < 0)
		return rc;
	*vectors = (struct vectors){ .count = count < VECTORS ? (unsigned)count : VECTORS };
	for (unsigned i = 0; !rc && i < vectors->count; i++)
		rc = interrupts_taken(dut->host, names[i], &vectors->raised[i], err);
	host_names_free(names, count);
	return rc;
}

bool log_complains(const char *line)
{
	static const char *const signs[] = { "WARNING:", "BUG:", "Oops", "RIP:", "KASAN", "UBSAN",
		"general protection", "possible circular locking", "NETDEV WATCHDOG", "Call Trace",
		"kernel panic", "Unable to handle" };

	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++) {
		if (strstr(line, signs[i]))
			return true;
	}
	return false;
}
