/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sriov/lease.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mac.h"
#include "base/text.h"
#include "sriov/count.h"
#include "sriov/pf.h"
#include "sriov/vf_state.h"
#include "sriov/vfs.h"

/*
 * A lease is a record of the state of the PF at the start: "vfcert-lease/1". Everything works from
 * the record, both in the process that created it and in one that cleans up after it.
 *
 * Restoring first tries small changes, VF by VF. If differences remain (a driver that does not take
 * a MAC back, for example), the VFs are created again, once.
 */

#define LEASE_SCHEMA "vfcert-lease/1"

struct lease {
	const struct host *host;
	struct record *record;
};

static struct record *record_of_vf(const struct vf *vf)
{
	const struct vf_state state = vf_state_of(vf);
	struct record *record = record_object();

	record_put_int(record, "index", vf->index);
	vf_state_to_record(&state, record);
	return record;
}

static struct record *record_of(const struct pf *pf)
{
	struct record *record = record_object(), *vfs = record_array();
	char text[BDF_TEXT];

	record_put_str(record, "schema", LEASE_SCHEMA);
	record_put_str(record, "pf", bdf_format(pf->function.bdf, text));
	record_put_int(record, "num_vfs", pf->num_vfs);
	record_put_bool(record, "autoprobe", pf->autoprobe);
	if (pf->net.index) {
		record_put_bool(record, "up", pf->net.up);
		record_put_int(record, "mtu", pf->net.mtu);
		record_put_str(record, "mac", pf->net.address);
	}
	for (size_t i = 0; i < pf->vf_count; i++)
		record_add(vfs, record_of_vf(&pf->vfs[i]));
	record_put(record, "vfs", vfs);
	return record;
}

static int read_now(const struct host *host, const struct record *record, struct pf *pf,
		struct err *err)
{
	const char *name = record_str(record, "pf", "");
	struct bdf bdf;

	if (strcmp(record_str(record, "schema", ""), LEASE_SCHEMA) != 0 ||
			bdf_parse(name, &bdf) < 0)
		return err_set(err, EINVAL, "not the record of a lease");
	pf->function.bdf = bdf;
	return pf_fill_state(host, pf, err);
}

int lease_begin(const struct host *host, struct bdf pf, struct lease **lease, struct err *err)
{
	CLEANUP(cleanup_pf) struct pf now = { .function.bdf = pf };
	int rc = pf_fill_state(host, &now, err);

	if (!rc)
		rc = pf_require_settings(&now, err);
	if (rc < 0)
		return rc;
	*lease = calloc(1, sizeof(**lease));
	if (!*lease)
		abort();
	**lease = (struct lease){ host, record_of(&now) };
	return 0;
}

int lease_adopt(const struct host *host, const struct record *record, struct bdf pf,
		struct lease **lease, struct err *err)
{
	CLEANUP(cleanup_pf) struct pf now = { 0 };
	CLEANUP(cleanup_record)
	struct record *own = record_type(record) == RECORD_OBJECT ? record_copy(record)
								  : record_object();
	char text[BDF_TEXT];
	int rc;

	record_put_str(own, "pf", bdf_format(pf, text));
	rc = read_now(host, own, &now, err);
	if (rc < 0)
		return rc;
	*lease = calloc(1, sizeof(**lease));
	if (!*lease)
		abort();
	**lease = (struct lease){ host, TAKE(own) };
	return 0;
}

struct record *lease_to_record(const struct lease *lease)
{
	return record_copy(lease->record);
}

/* A growing text of lines. */
struct lines {
	char *text;
	size_t length;
};

static void __attribute__((format(printf, 2, 3))) say(struct lines *lines, const char *format, ...)
{
	char line[300];
	size_t length;
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	length = strlen(line);
	lines->text = realloc(lines->text, lines->length + length + 2);
	if (!lines->text)
		abort();
	lines->length += (size_t)sprintf(
			lines->text + lines->length, "%s%s", lines->length ? "\n" : "", line);
}

static void compare_vf(const struct record *was, const struct vf *now, struct lines *lines)
{
	const struct vf_state before = vf_state_from_record(was), after = vf_state_of(now);
	CLEANUP(cleanup_free) char *text = vf_state_differences(&before, &after);

	if (*text)
		say(lines, "VF %u: %s", now->index, text);
}

static void compare_net(const struct record *was, const struct netdev *now, struct lines *lines)
{
	const char *mac = record_str(was, "mac", NULL);

	if (!mac && !now->index)
		return;
	if (!mac || !now->index) {
		say(lines, "network interface: %s", mac ? "gone" : "appeared");
		return;
	}
	if (record_bool(was, "up", false) != now->up)
		say(lines, "%s: %s, was %s", now->name, now->up ? "up" : "down",
				now->up ? "down" : "up");
	if (record_int(was, "mtu", 0) != now->mtu)
		say(lines, "%s: MTU %u, was %d", now->name, now->mtu,
				(int)record_int(was, "mtu", 0));
	if (strcmp(mac, now->address) != 0)
		say(lines, "%s: address %s, was %s", now->name, now->address, mac);
}

static const struct vf *vf_of(const struct pf *pf, int64_t index)
{
	for (size_t i = 0; i < pf->vf_count; i++) {
		if (pf->vfs[i].index == index)
			return &pf->vfs[i];
	}
	return NULL;
}

/* Returns lines of text, or "", for the caller to free. */
static char *differences(const struct record *was, const struct pf *now)
{
	const struct record *vfs = record_get(was, "vfs");
	struct lines lines = { calloc(1, 1), 0 };

	if (record_int(was, "num_vfs", 0) != now->num_vfs)
		say(&lines, "%u VF%s, were %d", now->num_vfs, text_plural(now->num_vfs),
				(int)record_int(was, "num_vfs", 0));
	if (record_bool(was, "autoprobe", true) != now->autoprobe)
		say(&lines, "autoprobe %s, was %s", now->autoprobe ? "on" : "off",
				now->autoprobe ? "off" : "on");
	compare_net(was, &now->net, &lines);
	for (size_t i = 0; i < record_length(vfs); i++) {
		const struct record *vf_was = record_at(vfs, i);
		const struct vf *vf = vf_of(now, record_int(vf_was, "index", -1));

		if (vf)
			compare_vf(vf_was, vf, &lines);
		else if (record_int(was, "num_vfs", 0) == now->num_vfs)
			say(&lines, "VF %d: gone", (int)record_int(vf_was, "index", -1));
	}
	return lines.text;
}

int lease_differences(const struct lease *lease, char **text, struct err *err)
{
	CLEANUP(cleanup_pf) struct pf now = { 0 };
	int rc = read_now(lease->host, lease->record, &now, err);

	if (!rc)
		*text = differences(lease->record, &now);
	return rc;
}

static int put_back_net(const struct host *host, const struct record *was, const struct netdev *now,
		struct err *err)
{
	struct mac mac;
	int rc = 0;

	if (!now->index)
		return 0;
	/* The address of an IPoIB interface is its card's: nothing here changes it. */
	if (!mac_parse(record_str(was, "mac", ""), &mac) && !mac_equal(mac, now->mac))
		rc = netdev_set_mac(host, now->name, mac, err);
	if (!rc && record_int(was, "mtu", now->mtu) != now->mtu)
		rc = netdev_set_mtu(
				host, now->name, (uint32_t)record_int(was, "mtu", now->mtu), err);
	return rc;
}

static int put_back_vf(const struct host *host, const struct record *was, struct bdf pf,
		const struct vf *now, struct err *err)
{
	const struct vf_state state = vf_state_from_record(was);

	return vf_state_restore(host, pf, now, &state, err);
}

/* One attempt: the number of VFs (created again if AGAIN), then each VF, then the interface of
 * the PF. */
static int put_back(const struct host *host, const struct record *was, bool again, struct err *err)
{
	CLEANUP(cleanup_pf) struct pf found = { 0 };
	CLEANUP(cleanup_pf) struct pf now = { 0 };
	const struct record *vfs = record_get(was, "vfs");
	unsigned count = (unsigned)record_int(was, "num_vfs", 0);
	bool up = record_bool(was, "up", true);
	int rc = read_now(host, was, &found, err);

	if (!rc && found.autoprobe != record_bool(was, "autoprobe", true))
		rc = vfs_set_autoprobe(host, found.function.bdf, !found.autoprobe, err);
	if (!rc)
		rc = put_back_net(host, was, &found.net, err);
	if (!rc && again && found.num_vfs)
		rc = count_set_owned(host, found.function.bdf, 0, err);
	if (!rc && (again || count != found.num_vfs))
		rc = count_set_owned(host, found.function.bdf, count, err);
	if (!rc)
		rc = read_now(host, was, &now, err);
	for (size_t i = 0; i < record_length(vfs) && !rc; i++) {
		const struct vf *vf = vf_of(&now, record_int(record_at(vfs, i), "index", -1));

		if (vf)
			rc = put_back_vf(host, record_at(vfs, i), now.function.bdf, vf, err);
	}
	/* Last, since new VFs need the PF to be up. */
	if (!rc && now.net.index && now.net.up != up)
		rc = netdev_set_up(host, now.net.name, up, err);
	return rc;
}

static int compare_all(const struct host *host, const struct record *was, struct err *err)
{
	CLEANUP(cleanup_pf) struct pf now = { 0 };
	CLEANUP(cleanup_free) char *text = NULL;
	int rc = read_now(host, was, &now, err);

	if (rc < 0)
		return rc;
	text = differences(was, &now);
	for (char *c = text; *c; c++)
		*c = *c == '\n' ? ';' : *c;
	if (*text)
		return err_set(err, EREMOTEIO, "%s is not as it was: %s", record_str(was, "pf", ""),
				text);
	return 0;
}

int lease_restore(const struct host *host, const struct record *record, struct err *err)
{
	struct err first = { 0 };
	int rc = put_back(host, record, false, &first);

	if (!rc)
		rc = compare_all(host, record, &first);
	if (!rc)
		return 0;
	/* Creating the VFs again helps if settings are stuck, but not if something holds a VF. */
	if (rc != -EBUSY && record_int(record, "num_vfs", 0) > 0 &&
			!put_back(host, record, true, NULL) && !compare_all(host, record, NULL))
		return 0;
	return err_pass(err, &first, "%s", first.msg);
}

void lease_drop(struct lease *lease)
{
	if (!lease)
		return;
	record_free(lease->record);
	free(lease);
}

int lease_end(struct lease *lease, struct err *err)
{
	int rc;

	if (!lease)
		return 0;
	rc = lease_restore(lease->host, lease->record, err);
	lease_drop(lease);
	return rc;
}

void cleanup_lease(struct lease **lease)
{
	lease_end(*lease, NULL);
}
