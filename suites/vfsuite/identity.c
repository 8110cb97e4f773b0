/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "data/digest.h"
#include "host/config.h"
#include "observe/facts.h"
#include "pci/fingerprint.h"
#include "sriov/pf.h"
#include "vfsuite/vfsuite.h"

/* Identifies what is tested: the card, the software that drives it, and the platform around it. */

static struct record *card_record(const struct dut *dut, const struct pf *pf)
{
	const struct function *function = &pf->function;
	struct sriov_capability capability = { 0 };
	struct record *card = record_object();

	sriov_capability_read(dut, &capability, NULL);
	record_put_str(card, "model", pf->model);
	record_put_strf(card, "vendor", "%04x", function->vendor);
	record_put_strf(card, "device", "%04x", function->device);
	record_put_strf(card, "subvendor", "%04x", function->subvendor);
	record_put_strf(card, "subdevice", "%04x", function->subdevice);
	record_put_strf(card, "revision", "%02x", function->revision);
	record_put_strf(card, "class", "%06x", function->class_code);
	record_put_strf(card, "vf_device", "%04x", capability.vf_device);
	record_put_int(card, "total_vfs", capability.total_vfs);
	record_put_int(card, "driver_limit", pf->total_vfs);
	return card;
}

static struct record *software_record(const struct pf *pf)
{
	struct record *software = record_object();
	struct utsname system;

	uname(&system);
	record_put_strf(software, "kernel", "%s", system.release);
	record_put_strf(software, "kernel_build", "%s", system.version);
	record_put_str(software, "driver", pf->function.driver);
	record_put_str(software, "driver_version", pf->driver_version);
	record_put_str(software, "firmware", pf->firmware);
	return software;
}

/* The kernel names its units after the kind: dmar0, ivhd0, smmu3.0x... */
static const char *iommu_kind(const char *unit)
{
	static const char *const kinds[][2] = { { "dmar", "Intel VT-d" }, { "ivhd", "AMD-Vi" },
		{ "smmu", "Arm SMMU" }, { "virtio", "virtio-iommu" } };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (!strncmp(unit, kinds[i][0], strlen(kinds[i][0])))
			return kinds[i][1];
	}
	return "unknown";
}

static void put_iommu(const struct dut *dut, struct record *platform)
{
	char type[128], unit[NAME_ROOM];
	unsigned all = 0, remapped = 0;
	int group = group_of(dut, dut->pf);

	if (function_link(dut->host, dut->pf, "iommu", unit, sizeof(unit)) < 0)
		snprintf(unit, sizeof(unit), "none");
	record_put_str(platform, "iommu", unit);
	record_put_str(platform, "iommu_kind", strcmp(unit, "none") ? iommu_kind(unit) : "none");
	if (group < 0 || group_type(dut, group, type, sizeof(type), NULL) < 0)
		snprintf(type, sizeof(type), "none");
	record_put_str(platform, "iommu_mode", type);
	interrupts_count(dut, dut->pf, &all, &remapped, NULL);
	record_put_bool(platform, "interrupt_remapping", all && remapped == all);
}

/* The PF's IOMMU group, and the ports above the PF with their ACS. */
static void put_layout(const struct pf *pf, struct record *platform)
{
	struct record *group = record_array(), *ports = record_array();
	char bdf[BDF_TEXT];

	for (size_t i = 0; i < pf->group_size; i++)
		record_add_str(group, bdf_format(pf->group[i], bdf));
	for (size_t i = 0; i < pf->hop_count; i++) {
		struct record *port = record_object();

		record_put_str(port, "bdf", bdf_format(pf->hops[i].bdf, bdf));
		record_put_str(port, "acs", pf->hops[i].services);
		record_add(ports, port);
	}
	record_put(platform, "group", group);
	record_put(platform, "ports", ports);
}

/* Whether this kernel runs in a virtual machine, according to the CPU's hypervisor bit. */
static bool is_virtual(const struct host *host)
{
	CLEANUP(cleanup_fd) int fd = host_open_file(host, "proc/cpuinfo", O_RDONLY);
	char text[4096];
	ssize_t length = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

	text[length > 0 ? length : 0] = '\0';
	return strstr(text, " hypervisor") != NULL;
}

static struct record *platform_record(const struct dut *dut, const struct pf *pf)
{
	static const char *const files[][2] = { { "vendor", "sys_vendor" },
		{ "product", "product_name" }, { "bios_vendor", "bios_vendor" },
		{ "bios_version", "bios_version" }, { "bios_date", "bios_date" } };
	struct record *platform = record_object();

	put_iommu(dut, platform);
	put_layout(pf, platform);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		char path[96], text[128];

		snprintf(path, sizeof(path), "sys/class/dmi/id/%s", files[i][1]);
		if (host_read(dut->host, path, text, sizeof(text), NULL) < 0)
			snprintf(text, sizeof(text), "unknown");
		record_put_str(platform, files[i][0], text);
	}
	record_put_str(platform, "virtualisation", is_virtual(dut->host) ? "guest" : "none");
	return platform;
}

/* SHA-256 of "SALT TEXT": printf '%s %s' SALT TEXT | sha256sum. */
static void salted(const char *salt, const char *text, char digest[DIGEST_TEXT])
{
	CLEANUP(cleanup_free) char *both = text_format("%s %s", salt, text);

	digest_bytes(both, strlen(both), digest);
}

/* The Device Serial Number capability (PCIe 6.0, 7.9.3), as lspci prints it. */
static bool serial_number(const struct dut *dut, char *text, size_t size)
{
	CLEANUP(cleanup_config) struct config *config = NULL;
	unsigned at;
	uint32_t low, high;

	if (config_open(dut->host, dut->pf, &config, NULL) < 0)
		return false;
	at = config_extended(config, 0x03);
	if (!at)
		return false;
	low = config_long(config, at + 4);
	high = config_long(config, at + 8);
	snprintf(text, size, "%02x-%02x-%02x-%02x-%02x-%02x-%02x-%02x", high >> 24,
			high >> 16 & 255, high >> 8 & 255, high & 255, low >> 24, low >> 16 & 255,
			low >> 8 & 255, low & 255);
	return true;
}

static int put_config(const struct dut *dut, struct record *identity, struct err *err)
{
	CLEANUP(cleanup_config) struct config *config = NULL;
	struct space space = { .bdf = dut->pf };
	char text[DIGEST_TEXT];
	int rc = config_open(dut->host, dut->pf, &config, err);

	if (rc < 0)
		return rc;
	space.length = config_read(config, space.bytes);
	fingerprint_digest(&space, text);
	record_put_str(identity, "config_digest", text);
	record_put_int(identity, "config_bytes", space.length);
	return 0;
}

/* Identifies the unit only to those who have the card: MAC and serial number are hashed with a
 * salt. */
static void put_unit(const struct dut *dut, const struct pf *pf, const char *salt,
		struct record *identity)
{
	char text[DIGEST_TEXT], serial[64];
	struct record *unit = record_object();

	record_put_str(unit, "salt", salt);
	if (pf->net.index) {
		salted(salt, pf->net.address, text);
		record_put_str(unit, "mac", text);
	}
	if (serial_number(dut, serial, sizeof(serial))) {
		salted(salt, serial, text);
		record_put_str(unit, "serial", text);
	}
	record_put(identity, "unit", unit);
}

int identity_read(struct host *host, const struct record *request, struct record **identity,
		struct err *err)
{
	CLEANUP(cleanup_pf) struct pf pf = { 0 };
	CLEANUP(cleanup_record) struct record *fresh = record_object();
	struct dut dut;
	const char *name = record_str(request, "pf", NULL),
		   *salt = record_str(request, "salt", NULL);
	int rc;

	if (!name)
		return err_set(err, EINVAL, "identify needs a member pf");
	rc = dut_open(host, name, NULL, &dut, err);

	if (rc < 0)
		return rc;
	pf.function.bdf = dut.pf;
	rc = pf_fill(host, &pf, err);
	if (!rc) {
		pf_read_model(host, &pf);
		record_put(fresh, "card", card_record(&dut, &pf));
		record_put(fresh, "software", software_record(&pf));
		record_put(fresh, "platform", platform_record(&dut, &pf));
		if (salt)
			put_unit(&dut, &pf, salt, fresh);
		rc = put_config(&dut, fresh, err);
	}
	dut_close(&dut);
	if (!rc)
		*identity = TAKE(fresh);
	return rc;
}
