/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "vfsuite/vfsuite.h"

static const struct {
	unsigned need;
	const char *name;
} need_names[] = {
	{ NEED_WIRE, "wire" },
	{ NEED_FLR, "flr" },
	{ NEED_IOMMU, "iommu" },
	{ NEED_VF_NET, "vf-net" },
	{ NEED_VF_SETTINGS, "vf-policy" },
	{ NEED_VFIO, "vfio" },
	{ NEED_CONFIG, "config" },
	{ NEED_SYSTEMD, "systemd" },
	{ NEED_GUESTS, "guests" },
	{ NEED_PEER, "peer" },
	{ NEED_RIG_LINK, "rig-link" },
	{ NEED_RIG_AER, "rig-aer" },
	{ NEED_RIG_UNPLUG, "rig-unplug" },
	{ NEED_RIG_BOOT, "rig-boot" },
	{ NEED_RIG_SLOT, "rig-slot" },
};

/* Adds the members that only some checks have. */
static void put_exceptions(struct record *record, const struct check *check)
{
	if (check->slow)
		record_put_bool(record, "apart", true);
	if (check->step)
		record_put_str(record, "step", check->step->id);
	if (check->removes_vfs)
		record_put_bool(record, "clears", true);
	if (check->destroys_rig)
		record_put_bool(record, "spoils", true);
	if (check->unbreakable)
		record_put_str(record, "unbreakable", check->unbreakable);
}

static struct record *check_record(const struct suite *suite, const struct check *check)
{
	struct record *record = record_object(), *needs = record_array();

	for (size_t i = 0; i < sizeof(need_names) / sizeof(*need_names); i++) {
		if (check->needs & need_names[i].need)
			record_add_str(needs, need_names[i].name);
	}
	record_put_str(record, "id", check->id);
	record_put_str(record, "suite", suite->name);
	record_put_str(record, "title", check->title);
	record_put_str(record, "why", check->why);
	record_put(record, "needs", needs);
	record_put_int(record, "vfs", check->vfs);
	record_put_int(record, "timeout_s", check->timeout_s);
	put_exceptions(record, check);
	return record;
}

struct record *listing_record(void)
{
	struct record *listing = record_object(), *names = record_array(), *checks = record_array();

	for (const struct suite *suite = suites; suite->name; suite++) {
		struct record *name = record_object();

		record_put_str(name, "id", suite->name);
		record_put_str(name, "title", suite->title);
		record_add(names, name);
		for (size_t i = 0; suite->tables[i]; i++) {
			for (const struct check *check = suite->tables[i]; check->id; check++)
				record_add(checks, check_record(suite, check));
		}
	}
	record_put(listing, "suites", names);
	record_put(listing, "checks", checks);
	return listing;
}

static const struct check *find_in(const struct check *checks, const char *id)
{
	for (const struct check *check = checks; check->id; check++) {
		if (!strcmp(check->id, id))
			return check;
	}
	return NULL;
}

const struct check *listing_find(const char *id, const struct suite **suite)
{
	for (*suite = suites; (*suite)->name; (*suite)++) {
		for (size_t i = 0; (*suite)->tables[i]; i++) {
			const struct check *check = find_in((*suite)->tables[i], id);

			if (check)
				return check;
		}
	}
	return NULL;
}
