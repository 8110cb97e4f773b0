/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sriov/reservation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "host/admin_file.h"

/* One JSON file per VF, "vfctl-reservation/1", so that a damaged file affects no other VF. */

#define SCHEMA "vfctl-reservation/1"
#define FOLDER "run/vfctl/reservations"
#define SUFFIX ".json"

static const char *const stages[] = { [RESERVATION_HELD] = "held",
	[RESERVATION_PLUGGING] = "plugging",
	[RESERVATION_PLUGGED] = "plugged",
	[RESERVATION_UNPLUGGING] = "unplugging" };

int64_t reservation_clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static char *path_of(struct bdf vf)
{
	char text[BDF_TEXT];

	return text_format(FOLDER "/%s" SUFFIX, bdf_format(vf, text));
}

static void read_boot_id(const struct host *host, char id[40])
{
	*id = '\0';
	host_read(host, "proc/sys/kernel/random/boot_id", id, 40, NULL);
}

static struct record *to_record(const struct reservation *reservation)
{
	struct record *record = record_object(), *before = record_object();
	char text[BDF_TEXT];

	record_put_str(record, "schema", SCHEMA);
	record_put_str(record, "vf", bdf_format(reservation->vf, text));
	record_put_str(record, "pf", bdf_format(reservation->pf, text));
	record_put_int(record, "index", reservation->index);
	record_put_str(record, "vm", reservation->vm);
	record_put_str(record, "uuid", reservation->uuid);
	record_put_str(record, "nic", reservation->nic);
	record_put_bool(record, "standby", reservation->standby);
	record_put_str(record, "stage", stages[reservation->stage]);
	vf_state_to_record(&reservation->before, before);
	record_put(record, "before", before);
	record_put(record, "plugged", vf_settings_to_record(&reservation->plugged));
	record_put_str(record, "boot_id", reservation->boot_id);
	record_put_int(record, "pid", reservation->process.pid);
	record_put_int(record, "pid_namespace", (int64_t)reservation->process.pid_namespace);
	record_put_int(record, "started", (int64_t)reservation->process.started);
	record_put_int(record, "until_ms", reservation->until_ms);
	return record;
}

static int from_record(const struct record *record, struct reservation *reservation)
{
	const char *stage = record_str(record, "stage", "");
	size_t i = 0;

	*reservation = (struct reservation){ .index = (unsigned)record_int(record, "index", 0),
		.before = vf_state_from_record(record_get(record, "before")),
		.plugged = vf_settings_from_record(record_get(record, "plugged")),
		.standby = record_bool(record, "standby", false),
		.process = { (int)record_int(record, "pid", 0),
				(uint64_t)record_int(record, "started", 0),
				(uint64_t)record_int(record, "pid_namespace", 0) },
		.until_ms = record_int(record, "until_ms", 0) };
	snprintf(reservation->vm, sizeof(reservation->vm), "%s", record_str(record, "vm", ""));
	snprintf(reservation->uuid, sizeof(reservation->uuid), "%s",
			record_str(record, "uuid", ""));
	snprintf(reservation->nic, sizeof(reservation->nic), "%s", record_str(record, "nic", ""));
	snprintf(reservation->boot_id, sizeof(reservation->boot_id), "%s",
			record_str(record, "boot_id", ""));
	while (i < sizeof(stages) / sizeof(*stages) && strcmp(stages[i], stage) != 0)
		i++;
	reservation->stage = (enum reservation_stage)i;
	return i < sizeof(stages) / sizeof(*stages) &&
					!strcmp(record_str(record, "schema", ""), SCHEMA) &&
					!bdf_parse(record_str(record, "vf", ""),
							&reservation->vf) &&
					!bdf_parse(record_str(record, "pf", ""), &reservation->pf)
			? 0
			: -EINVAL;
}

int reservation_save(const struct host *host, struct reservation *reservation, struct err *err)
{
	CLEANUP(cleanup_free) char *path = path_of(reservation->vf);
	CLEANUP(cleanup_record) struct record *record = NULL;
	CLEANUP(cleanup_free) char *text = NULL;

	read_boot_id(host, reservation->boot_id);
	reservation->process = process_id_self();
	record = to_record(reservation);
	text = record_print_pretty(record);
	return admin_file_write(host, path, text, err);
}

int reservation_remove(const struct host *host, struct bdf vf, struct err *err)
{
	CLEANUP(cleanup_free) char *path = path_of(vf);
	int rc = admin_file_remove(host, path, err);

	return rc == -ENOENT ? 0 : rc;
}

int reservation_read(const struct host *host, struct bdf vf, struct reservation *reservation,
		struct err *err)
{
	CLEANUP(cleanup_free) char *path = path_of(vf);
	CLEANUP(cleanup_free) char *shown = host_path(host, path);
	CLEANUP(cleanup_free) char *text = NULL;
	CLEANUP(cleanup_record) struct record *record = NULL;
	char boot_id[40];
	int rc = host_exists(host, path) ? admin_file_read(host, path, &text, err) : -ENOENT;

	if (!rc)
		rc = record_parse(shown, text, strlen(text), &record, err);
	if (rc < 0)
		return rc;
	if (from_record(record, reservation) < 0 || bdf_compare(reservation->vf, vf) != 0)
		return err_set(err, EINVAL,
				"%s is no " SCHEMA " of its VF: remove the file if no "
				"virtual machine has that VF",
				shown);
	read_boot_id(host, boot_id);
	return strcmp(reservation->boot_id, boot_id) ? -ENOENT : 0;
}

int reservations_read(const struct host *host, struct reservation **list, size_t *count,
		struct diagnostics *notes, struct err *err)
{
	char **names = NULL;
	size_t found = 0;
	int rc = host_exists(host, FOLDER) ? host_names(host, FOLDER, &names, &found, err) : 0;

	*count = 0;
	*list = calloc(found + 1, sizeof(**list));
	if (!*list)
		abort();
	for (size_t i = 0; i < found; i++) {
		char *end = strstr(names[i], SUFFIX);
		struct err cause = { 0 };
		struct bdf vf;

		if (!end || strcmp(end, SUFFIX) != 0)
			continue;
		*end = '\0';
		if (bdf_parse(names[i], &vf) < 0)
			continue;
		if (!reservation_read(host, vf, *list + *count, &cause))
			++*count;
		else if (cause.code)
			diagnostic_add(notes, "%s", cause.msg);
	}
	host_names_free(names, found);
	return rc;
}

bool reservation_is_pending(const struct reservation *reservation)
{
	if (reservation->stage == RESERVATION_PLUGGED ||
			reservation_clock_ms() >= reservation->until_ms)
		return false;
	return reservation->stage != RESERVATION_HELD ||
			!process_id_has_ended(&reservation->process);
}
