/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vm/edit_mark.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "data/record.h"
#include "host/admin_file.h"
#include "vm/vm_read.h"

#define SCHEMA "vfctl-edit/1"
#define FOLDER "run/vfctl/edits"
#define SUFFIX ".json"

/* Its texts, which are read and written alike. */
static const struct {
	const char *key;
	size_t offset, size;
} texts[] = {
#define TEXT(name)                                                                             \
	{                                                                                      \
#name, offsetof(struct edit_mark, name), sizeof(((struct edit_mark *)0)->name) \
	}
	TEXT(vm),
	TEXT(uuid),
	TEXT(nic),
	TEXT(place),
	TEXT(standby_place),
};

enum { TEXTS = sizeof(texts) / sizeof(*texts) };

static char *path_of(const char *uuid, const char *nic)
{
	return text_format(FOLDER "/%s.%s" SUFFIX, uuid, nic);
}

int edit_mark_write(const struct host *host, struct edit_mark *mark, struct err *err)
{
	CLEANUP(cleanup_free) char *path = path_of(mark->uuid, mark->nic);
	CLEANUP(cleanup_record) struct record *record = record_object();
	CLEANUP(cleanup_free) char *text = NULL;

	mark->process = process_id_self();
	record_put_str(record, "schema", SCHEMA);
	for (size_t i = 0; i < TEXTS; i++)
		record_put_str(record, texts[i].key, (const char *)mark + texts[i].offset);
	record_put_int(record, "run", mark->run);
	record_put_int(record, "sides", mark->sides);
	record_put_int(record, "boot", mark->boot);
	record_put_int(record, "pid", mark->process.pid);
	record_put_int(record, "started", (int64_t)mark->process.started);
	record_put_int(record, "pid_namespace", (int64_t)mark->process.pid_namespace);
	text = record_print_pretty(record);
	return admin_file_write(host, path, text, err);
}

int edit_mark_remove(const struct host *host, const char *uuid, const char *nic, struct err *err)
{
	CLEANUP(cleanup_free) char *path = path_of(uuid, nic);

	return host_exists(host, path) ? admin_file_remove(host, path, err) : 0;
}

static int read_file(
		const struct host *host, const char *path, struct edit_mark *mark, struct err *err)
{
	CLEANUP(cleanup_record) struct record *record = NULL;
	CLEANUP(cleanup_free) char *text = NULL;
	int rc = host_exists(host, path) ? admin_file_read(host, path, &text, err) : -ENOENT;

	if (!rc)
		rc = record_parse(path, text, strlen(text), &record, err);
	if (rc < 0)
		return rc;
	if (strcmp(record_str(record, "schema", ""), SCHEMA) != 0)
		return err_set(err, EINVAL, "/%s is no " SCHEMA ": remove the file", path);
	*mark = (struct edit_mark){ .run = (int)record_int(record, "run", -1),
		.sides = (unsigned)record_int(record, "sides", 0),
		.boot = (unsigned)record_int(record, "boot", 0),
		.process = { (int)record_int(record, "pid", 0),
				(uint64_t)record_int(record, "started", 0),
				(uint64_t)record_int(record, "pid_namespace", 0) } };
	for (size_t i = 0; i < TEXTS; i++)
		snprintf((char *)mark + texts[i].offset, texts[i].size, "%s",
				record_str(record, texts[i].key, ""));
	return 0;
}

int edit_mark_read(const struct host *host, const char *uuid, const char *nic,
		struct edit_mark *mark, struct err *err)
{
	CLEANUP(cleanup_free) char *path = path_of(uuid, nic);

	return name_is_valid(nic) ? read_file(host, path, mark, err) : -ENOENT;
}

size_t edit_marks_read(const struct host *host, struct edit_mark **list)
{
	char **names = NULL;
	size_t found = 0, count = 0;

	if (host_exists(host, FOLDER))
		host_names(host, FOLDER, &names, &found, NULL);
	*list = calloc(found + 1, sizeof(**list));
	if (!*list)
		abort();
	for (size_t i = 0; i < found; i++) {
		CLEANUP(cleanup_free) char *path = text_format(FOLDER "/%s", names[i]);

		count += strstr(names[i], SUFFIX) && !read_file(host, path, &(*list)[count], NULL);
	}
	host_names_free(names, found);
	return count;
}

bool edit_mark_is_left(const struct edit_mark *mark)
{
	return process_id_has_ended(&mark->process);
}

/* Its configuration outlives a run. */
static bool is_over(struct hypervisor *hypervisor, const struct edit_mark *mark)
{
	CLEANUP(cleanup_domain) struct domain domain = { 0 };
	struct domain_status now;
	int rc = hypervisor_find(hypervisor, mark->uuid, &now, NULL);

	if (rc < 0)
		return rc == -ENODEV;
	if (mark->sides & DOMAIN_CONFIG)
		return false;
	if (now.state == DOMAIN_STOPPED)
		return true;
	return !vm_read(hypervisor, &now, DOMAIN_LIVE, &domain, NULL) && domain.id != mark->run;
}

void edit_marks_settle(
		const struct host *host, struct hypervisor *hypervisor, struct diagnostics *notes)
{
	CLEANUP(cleanup_free) struct edit_mark *list = NULL;
	size_t count = edit_marks_read(host, &list);

	for (size_t i = 0; i < count; i++) {
		const struct edit_mark *mark = &list[i];

		if (!edit_mark_is_left(mark))
			continue;
		if (is_over(hypervisor, mark))
			edit_mark_remove(host, mark->uuid, mark->nic, NULL);
		else
			diagnostic_add(notes,
					"a change of NIC %s of VM %s was not completed: vfctl vm edit "
					"%s %s, or vfctl vm upgrade, completes it",
					mark->nic, mark->vm, mark->vm, mark->nic);
	}
}
