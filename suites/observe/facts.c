/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/facts.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "host/config.h"
#include "host/host_file.h"

enum {
	CAP_EXPRESS = 0x10,
	EXT_ACS = 0x0d,
	EXT_ARI = 0x0e,
	EXT_SRIOV = 0x10,
	EXPRESS_DEVCAP = 0x04,  /* bit 28: FLR */
	EXPRESS_DEVCAP2 = 0x24, /* bit 5: ARI forwarding supported */
	EXPRESS_DEVCTL2 = 0x28, /* bit 5: ARI forwarding enabled */
};

/* Opens FUNCTION and finds the capability; *OFFSET 0 where it has none. */
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
			   : config_capability(*config, CAP_EXPRESS);
	return 0;
}

/* A BAR's low bits tell its kind even where it has no address; a 64-bit one takes two. */
static unsigned count_vf_bars(struct config *config, unsigned at)
{
	unsigned count = 0;

	for (unsigned i = 0; i < 6; i++) {
		uint32_t bar = config_long(config, at + 0x24 + 4 * i);

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
	int rc = open_at(dut, dut->pf, EXT_SRIOV, &config, &at, err);

	if (rc < 0)
		return rc;
	if (!at)
		return err_set(err, ENODEV, "%s has no SR-IOV capability",
				bdf_format(dut->pf, name));
	*capability = (struct sriov_capability){
		.control = sriov_word(dut, config, at, 0x08),
		.initial_vfs = sriov_word(dut, config, at, 0x0c),
		.total_vfs = sriov_word(dut, config, at, 0x0e),
		.num_vfs = sriov_word(dut, config, at, 0x10),
		.first_offset = sriov_word(dut, config, at, 0x14),
		.stride = sriov_word(dut, config, at, 0x16),
		.vf_device = sriov_word(dut, config, at, 0x1a),
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
		.in_config = capability.control & 1 ? capability.num_vfs : 0 };
	count_on_bus(dut, names, count, counts);
	host_names_free(names, count);
	for (unsigned i = 0; i < capability.total_vfs; i++) {
		snprintf(attribute, sizeof(attribute), "virtfn%u", i);
		counts->links += function_has(dut->host, dut->pf, attribute);
	}
	return 0;
}

/* What a defect calls the function. */
static void function_label(const struct dut *dut, struct bdf bdf, char label[8])
{
	snprintf(label, 8, "pf");
	for (unsigned i = 0; i < dut->vf_count; i++) {
		if (bdf_equal(dut->vfs[i].bdf, bdf))
			snprintf(label, 8, "vf%u", i % 1000);
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
		.vendor = config_word(config, 0x00),
		.device = config_word(config, 0x02),
		.command = config_word(config, 0x04),
		.class_code = config_long(config, 0x08) >> 8,
		.subvendor = config_word(config, 0x2c),
		.subdevice = fault_injection_word(
				&dut->injection, label, "", 0x2e, config_word(config, 0x2e)),
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
	*claims = at && config_long(config, at + EXPRESS_DEVCAP) >> 28 & 1;
	return 0;
}

int ari_read(const struct dut *dut, struct ari *ari, struct err *err)
{
	CLEANUP(cleanup_config) struct config *pf = NULL;
	CLEANUP(cleanup_config) struct config *port = NULL;
	struct sriov_capability capability;
	struct bdf above[8];
	size_t count;
	unsigned at;
	int rc = sriov_capability_read(dut, &capability, err);

	if (!rc)
		rc = open_at(dut, dut->pf, EXT_ARI, &pf, &at, err);
	if (rc < 0)
		return rc;
	*ari = (struct ari){ .pf_capable = at != 0, .hierarchy = capability.control >> 4 & 1 };
	rc = function_path(dut->host, dut->pf, above, 8, &count, err);
	if (rc < 0 || !count)
		return rc;
	rc = open_at(dut, above[0], 0, &port, &at, err);
	if (rc < 0)
		return rc;
	ari->port = true;
	ari->port_capable = at && config_long(port, at + EXPRESS_DEVCAP2) >> 5 & 1;
	ari->port_forwards = at && config_word(port, at + EXPRESS_DEVCTL2) >> 5 & 1;
	return 0;
}

int acs_ports_read(const struct dut *dut, struct acs_port *ports, size_t limit, size_t *count,
		struct err *err)
{
	struct bdf above[16];
	size_t hops;
	int rc = function_path(dut->host, dut->pf, above, 16, &hops, err);

	dut_inject_faults(dut);
	*count = 0;
	for (size_t i = 0; !rc && i < hops && *count < limit; i++) {
		CLEANUP(cleanup_config) struct config *config = NULL;
		unsigned at;

		rc = open_at(dut, above[i], EXT_ACS, &config, &at, err);
		if (rc < 0)
			return rc;
		ports[(*count)++] = (struct acs_port){ .bdf = above[i],
			.capable = at != 0,
			.control = at ? config_word(config, at + 6) : 0 };
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
	char *folder = file_path("sys/kernel/iommu_groups/%d/devices", group);
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
	CLEANUP(cleanup_free) char *path = file_path("sys/kernel/iommu_groups/%d/type", group);

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

/* Which are the function's, its own folder tells: not all kernels name it in the list. */
int interrupts_count(const struct dut *dut, struct bdf bdf, unsigned *all, unsigned *remapped,
		struct err *err)
{
	char name[BDF_TEXT], **names = NULL;
	CLEANUP(cleanup_free)
	char *folder = file_path("sys/bus/pci/devices/%s/msi_irqs", bdf_format(bdf, name));
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
