/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "apply/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "data/record.h"
#include "host/admin_file.h"
#include "netdev/vf_settings.h"
#include "policy/select_pf.h"

/*
 * One JSON file per card, "vfctl-card/1", so that a damaged file affects no other card. It records
 * what was applied; no setting depends on it.
 */

#define SCHEMA   "vfctl-card/1"
#define CARDS    "var/lib/vfctl/cards"
#define RESTORED "run/vfctl/restored"
#define CHANGING "run/vfctl/changing"

static char *path_of(const char *folder, struct bdf pf, const char *suffix)
{
	char text[BDF_TEXT];

	return text_format("%s/%s%s", folder, bdf_format(pf, text), suffix);
}

static void read_boot_id(const struct host *host, char id[40])
{
	*id = '\0';
	host_read(host, "proc/sys/kernel/random/boot_id", id, 40, NULL);
}

/* How often the interface lost its link; every reset by its driver counts as a loss. */
static long read_link_losses(const struct host *host, const char *netdev)
{
	char path[80], text[24];

	snprintf(path, sizeof(path), "sys/class/net/%.16s/carrier_down_count", netdev);
	if (!*netdev || host_read(host, path, text, sizeof(text), NULL) < 0)
		return -1;
	return strtol(text, NULL, 10);
}

static int rename_file(const struct host *host, const char *path, const char *why,
		struct diagnostics *notes)
{
	CLEANUP(cleanup_free) char *shown = host_path(host, path);
	char renamed[160];
	struct err err = { 0 };
	int rc = admin_file_set_aside(host, path, renamed, sizeof(renamed), &err);

	if (rc < 0)
		diagnostic_add(notes, "%s: %s; it counts as absent", why, err.msg);
	else
		diagnostic_add(notes, "%s; it is now called %s, and %s counts as absent", why,
				renamed, shown);
	return -ENOENT;
}

static int parse_record(const struct record *record, struct applied *applied)
{
	const struct record *marks = record_get(record, "marks");
	unsigned vendor, device;

	if (strcmp(record_str(record, "schema", ""), SCHEMA) != 0 ||
			sscanf(record_str(record, "device", ""), "%4x:%4x", &vendor, &device) != 2)
		return -EINVAL;
	*applied = (struct applied){ .vendor = (uint16_t)vendor,
		.device = (uint16_t)device,
		.despite_owner = record_bool(record, "despite_owner", false),
		.ifindex = (int)record_int(marks, "ifindex", 0),
		.link_losses = (long)record_int(marks, "link_losses", -1) };
	applied->has_mac = !mac_parse(record_str(record, "permanent_mac", ""), &applied->mac);
	snprintf(applied->file, sizeof(applied->file), "%s", record_str(record, "file", ""));
	snprintf(applied->boot_id, sizeof(applied->boot_id), "%s",
			record_str(marks, "boot_id", ""));
	return 0;
}

int store_load(const struct host *host, struct bdf pf, bool rename_damaged, struct applied *applied,
		struct diagnostics *notes)
{
	CLEANUP(cleanup_free) char *path = path_of(CARDS, pf, ".json");
	CLEANUP(cleanup_free) char *shown = host_path(host, path);
	CLEANUP(cleanup_free) char *text = NULL;
	CLEANUP(cleanup_record) struct record *record = NULL;
	struct err err = { 0 };
	int rc = admin_file_read(host, path, &text, &err);

	if (rc == -ENOENT)
		return rc;
	if (!rc)
		rc = record_parse(shown, text, strlen(text), &record, &err);
	if (!rc && parse_record(record, applied) < 0)
		rc = err_set(&err, EINVAL, "%s is no %s", shown, SCHEMA);
	if (!rc)
		return 0;
	if (rename_damaged)
		return rename_file(host, path, err.msg, notes);
	diagnostic_add(notes, "%s; it counts as absent", err.msg);
	return -ENOENT;
}

static struct record *desired_to_record(const struct desired *desired)
{
	struct record *record = record_object(), *vfs = record_array();

	if (desired->count_given)
		record_put_int(record, "vfs", desired->count);
	if (desired->mtu)
		record_put_int(record, "mtu", desired->mtu);
	for (size_t i = 0; i < desired->vf_count; i++) {
		const struct desired_vf *vf = &desired->vfs[i];
		struct record *item = record_object();

		record_put_int(item, "index", vf->index);
		record_put(item, "policy", vf_settings_to_record(&vf->settings));
		if (*vf->driver)
			record_put_str(item, "driver", vf->driver);
		record_add(vfs, item);
	}
	record_put(record, "settings", vfs);
	return record;
}

static struct record *marks_to_record(const struct host *host, const struct pf *pf)
{
	struct record *marks = record_object();
	char boot_id[40];

	read_boot_id(host, boot_id);
	record_put_str(marks, "boot_id", boot_id);
	record_put_int(marks, "ifindex", pf->net.index);
	record_put_int(marks, "link_losses", read_link_losses(host, pf->function.netdev));
	return marks;
}

static int mark_restored(const struct host *host, struct bdf pf, struct err *err)
{
	CLEANUP(cleanup_free) char *path = path_of(RESTORED, pf, "");
	char boot_id[40];

	read_boot_id(host, boot_id);
	return admin_file_write(host, path, boot_id, err);
}

int store_save(const struct host *host, const struct desired *desired, const struct pf *pf,
		bool despite_owner, struct err *err)
{
	CLEANUP(cleanup_free) char *path = path_of(CARDS, pf->function.bdf, ".json");
	CLEANUP(cleanup_record) struct record *record = record_object();
	CLEANUP(cleanup_free) char *text = NULL;
	char name[MAC_TEXT];
	struct mac mac;
	int rc;

	record_put_str(record, "schema", SCHEMA);
	record_put_str(record, "file", desired->file);
	record_put_strf(record, "device", "%04x:%04x", pf->function.vendor, pf->function.device);
	if (!pf_permanent_mac(host, &pf->function, &mac))
		record_put_str(record, "permanent_mac", mac_format(mac, name));
	record_put_bool(record, "despite_owner", despite_owner);
	record_put(record, "applied", desired_to_record(desired));
	record_put(record, "marks", marks_to_record(host, pf));
	text = record_print_pretty(record);
	rc = admin_file_write(host, path, text, err);
	return rc < 0 ? rc : mark_restored(host, pf->function.bdf, err);
}

size_t store_list(const struct host *host, struct bdf **list)
{
	char **names;
	size_t count, found = 0;

	*list = NULL;
	if (host_names(host, CARDS, &names, &count, NULL) < 0)
		return 0;
	*list = calloc(count + 1, sizeof(**list));
	if (!*list)
		abort();
	for (size_t i = 0; i < count; i++) {
		char *dot = strstr(names[i], ".json");

		if (!dot || strcmp(dot, ".json") != 0)
			continue;
		*dot = '\0';
		found += !bdf_parse(names[i], &(*list)[found]);
	}
	host_names_free(names, count);
	return found;
}

int store_forget(const struct host *host, struct bdf pf, struct err *err)
{
	CLEANUP(cleanup_free) char *path = path_of(CARDS, pf, ".json");

	return admin_file_remove(host, path, err);
}

bool store_is_restored(const struct host *host, struct bdf pf)
{
	CLEANUP(cleanup_free) char *path = path_of(RESTORED, pf, "");
	char boot_id[40], marked[40];

	read_boot_id(host, boot_id);
	return !host_read(host, path, marked, sizeof(marked), NULL) && !strcmp(marked, boot_id);
}

int store_begin(const struct host *host, struct bdf pf, bool autoprobe, struct err *err)
{
	CLEANUP(cleanup_free) char *path = path_of(CHANGING, pf, "");

	return admin_file_write(host, path, autoprobe ? "autoprobe on" : "autoprobe off", err);
}

int store_end(const struct host *host, struct bdf pf, struct err *err)
{
	CLEANUP(cleanup_free) char *path = path_of(CHANGING, pf, "");

	return admin_file_remove(host, path, err);
}

bool store_was_interrupted(const struct host *host, struct bdf pf, bool *autoprobe)
{
	CLEANUP(cleanup_free) char *path = path_of(CHANGING, pf, "");
	char text[24];

	if (host_read(host, path, text, sizeof(text), NULL) < 0)
		return false;
	*autoprobe = !strcmp(text, "autoprobe on");
	return true;
}

long store_link_losses(const struct host *host, const struct applied *applied, const struct pf *pf)
{
	long now = read_link_losses(host, pf->function.netdev);
	char boot_id[40];

	read_boot_id(host, boot_id);
	if (strcmp(boot_id, applied->boot_id) != 0 || applied->ifindex != pf->net.index ||
			applied->link_losses < 0 || now < applied->link_losses)
		return -1;
	return now - applied->link_losses;
}
