/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/cleanup.h"
#include "base/digest.h"
#include "base/file.h"
#include "host/config.h"
#include "observe/facts.h"
#include "sriov/inventory.h"
#include "vfsuite/vfsuite.h"

/* Who was tested: the card, the software that drove it, the platform that it sat in. */

static struct record *card_record(const struct bench *bench, const struct pf *pf)
{
	const struct function *function = &pf->function;
	struct sriov_capability capability = { 0 };
	struct record *card = record_object();

	sriov_capability_read(bench, &capability, NULL);
	record_put_str(card, "model", pf->model);
	record_put_strf(card, "vendor", "%04x", function->vendor);
	record_put_strf(card, "device", "%04x", function->device);
	record_put_strf(card, "subvendor", "%04x", function->subvendor);
	record_put_strf(card, "subdevice", "%04x", function->subdevice);
	record_put_strf(card, "revision", "%02x", function->revision);
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

static struct record *platform_record(const struct bench *bench)
{
	struct record *platform = record_object();
	char text[128] = "", **names = NULL;
	size_t count = 0;
	unsigned all = 0, remapped = 0;
	int group = group_of(bench, bench->pf);

	if (host_names(bench->host, "sys/class/iommu", &names, &count, NULL) == 0 && count)
		record_put_str(platform, "iommu", names[0]);
	else
		record_put_str(platform, "iommu", "none");
	host_names_free(names, count);
	if (group < 0 || group_type(bench, group, text, sizeof(text), NULL) < 0)
		snprintf(text, sizeof(text), "none");
	record_put_str(platform, "iommu_mode", text);
	interrupts_count(bench, bench->pf_netdev, &all, &remapped, NULL);
	record_put_bool(platform, "interrupt_remapping", all && remapped == all);
	if (host_read(bench->host, "sys/class/dmi/id/sys_vendor", text, sizeof(text), NULL) < 0)
		snprintf(text, sizeof(text), "unknown");
	record_put_str(platform, "vendor", text);
	if (host_read(bench->host, "sys/class/dmi/id/product_name", text, sizeof(text), NULL) < 0)
		snprintf(text, sizeof(text), "unknown");
	record_put_str(platform, "product", text);
	return platform;
}

/* The structure of config space: which capability of which version is where. Nothing in it changes
 * from run to run, as registers would. */
static void digest_capabilities(struct config *config, struct digest *digest)
{
	char line[64];
	unsigned steps = 0;

	for (unsigned at = config_byte(config, 0x34) & ~3u; at >= 0x40 && steps < 48; steps++) {
		snprintf(line, sizeof(line), "capability %02x at %02x", config_byte(config, at),
				at);
		digest_add_str(digest, line);
		at = config_byte(config, at + 1) & ~3u;
	}
	for (unsigned at = 0x100; at >= 0x100 && steps < 1024; steps++) {
		uint32_t header = config_long(config, at);

		if (!header || header == ~0u)
			break;
		snprintf(line, sizeof(line), "extended %05x at %03x", header & 0xfffff, at);
		digest_add_str(digest, line);
		at = header >> 20 & ~3u;
	}
}

static int put_config(const struct bench *bench, struct record *identity, struct err *err)
{
	CLEANUP(cleanup_config) struct config *config = NULL;
	struct digest *digest;
	char text[DIGEST_TEXT];
	int rc = config_open(bench->host, bench->pf, &config, err);

	if (rc < 0)
		return rc;
	digest = digest_begin();
	digest_capabilities(config, digest);
	digest_end(digest, text);
	record_put_str(identity, "config_digest", text);
	record_put_int(identity, "config_bytes", config_length(config));
	return 0;
}

int identity_read(struct host *host, const char *name, struct record **identity, struct err *err)
{
	CLEANUP(cleanup_pf) struct pf pf = { 0 };
	CLEANUP(cleanup_record) struct record *fresh = record_object();
	struct bench bench;
	char bdf[BDF_TEXT];
	int rc = bench_open(host, name, NULL, &bench, err);

	if (rc < 0)
		return rc;
	rc = pf_read(host, bdf_format(bench.pf, bdf), &pf, err);
	if (!rc) {
		pf_read_model(host, &pf);
		record_put(fresh, "card", card_record(&bench, &pf));
		record_put(fresh, "software", software_record(&pf));
		record_put(fresh, "platform", platform_record(&bench));
		rc = put_config(&bench, fresh, err);
	}
	bench_close(&bench);
	if (!rc)
		*identity = TAKE(fresh);
	return rc;
}
