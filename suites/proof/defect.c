/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proof/defect.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/text.h"
#include "data/ini_folder.h"
#include "proof/config_writes.h"
#include "proof/registers.h"
#include "run/select.h"

/*
 * Reads the whole defect before any rig is up, so that errors in a file are reported at once. The
 * same file is the overlay of the topology: the rig reads the sections of a topology, and this code
 * the others.
 */

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

static int complain(const struct defect *defect, unsigned line, struct err *err, const char *key,
		const char *what)
{
	return err_set(err, EINVAL, "%s:%u: %s %s", defect->file->file, line, key, what);
}

static void add_words(struct record *list, const char *text)
{
	CLEANUP(cleanup_free) char *copy = text_format("%s", text ? text : "");
	char *rest = copy, *word;

	while ((word = strsep(&rest, " \t"))) {
		if (*word)
			record_add_str(list, word);
	}
}

/* "vlan.x: because the switch drops it as well" */
static int read_allow(struct defect *defect, const struct ini_entry *entry, struct err *err)
{
	size_t length = strcspn(entry->value, ": \t");
	const char *reason = entry->value + length + strspn(entry->value + length, ": \t");
	CLEANUP(cleanup_free) char *id = text_format("%.*s", (int)length, entry->value);

	if (!length || entry->value[length] != ':' || !*reason)
		return complain(defect, entry->line, err, "Allow=",
				"must be the id of a check, a colon, and why it may fail too");
	record_put_str(defect->allow, id, reason);
	return 0;
}

static void suites_of_expect(struct defect *defect)
{
	for (size_t i = 0; i < record_length(defect->expect); i++) {
		const char *id = record_text(record_at(defect->expect, i));
		CLEANUP(cleanup_free) char *suite = text_format("%.*s", (int)strcspn(id, "."), id);

		if (!record_has_text(defect->suites, suite))
			record_add_str(defect->suites, suite);
	}
}

static int read_switch(struct defect *defect, const struct ini_section *section, const char *key,
		bool *on, struct err *err)
{
	const char *value = ini_value(section, key);

	*on = value && !strcmp(value, "yes");
	if (!value || *on || !strcmp(value, "no"))
		return 0;
	return err_set(err, EINVAL, "%s:%u: %s= must be yes or no", defect->file->file,
			section->line, key);
}

/* A path would depend on the folder that vfcert is called in. */
static int read_topology(struct defect *defect, const struct ini_section *section, struct err *err)
{
	const char *name = defect->topology = ini_value(section, "Topology");

	if (!name || (*name && !name[strspn(name, NAME_CHARACTERS)]))
		return 0;
	return ini_complain(defect->file, section, "Topology",
			"must be the name of a topology (vfcert list topologies)", err);
}

static int read_defect(struct defect *defect, const struct ini_section *section, struct err *err)
{
	static const char *const known[] = { "Title", "Description", "Apart", "Null", "Expect",
		"Allow", "Suites", "Checks", "Topology", "Dealt", NULL };
	int rc = ini_check_keys(defect->file, section, known, err);

	if (rc < 0)
		return rc;
	defect->title = ini_value(section, "Title");
	if (!defect->title || !*defect->title)
		return ini_complain(defect->file, section, "Title", "is missing", err);
	rc = read_switch(defect, section, "Null", &defect->null, err);
	if (!rc)
		rc = read_switch(defect, section, "Apart", &defect->slow, err);
	if (!rc)
		rc = read_switch(defect, section, "Dealt", &defect->dealt, err);
	if (!rc)
		rc = read_topology(defect, section, err);
	for (size_t i = 0; !rc && i < section->count; i++) {
		const struct ini_entry *entry = &section->entries[i];

		if (!strcmp(entry->key, "Expect"))
			add_words(defect->expect, entry->value);
		else if (!strcmp(entry->key, "Suites"))
			add_words(defect->suites, entry->value);
		else if (!strcmp(entry->key, "Checks"))
			add_words(defect->checks, entry->value);
		else if (!strcmp(entry->key, "Allow"))
			rc = read_allow(defect, entry, err);
	}
	if (!rc && defect->null != !record_length(defect->expect))
		rc = ini_complain(defect->file, section, "Expect",
				defect->null ? "must be absent: a null defect breaks nothing"
					     : "is missing: name the checks that must fail",
				err);
	if (!record_length(defect->suites) && !record_length(defect->checks))
		suites_of_expect(defect);
	if (!rc && !record_length(defect->suites) && !record_length(defect->checks))
		rc = ini_complain(defect->file, section, "Suites", "is missing: what to run", err);
	return rc;
}

static int read_command(struct defect *defect, const struct ini_section *section, const char *key,
		const char **command, struct err *err)
{
	*command = ini_value(section, key);
	if (!*command || **command)
		return 0;
	return ini_complain(defect->file, section, key, "is empty: name a shell command", err);
}

static int read_rig(struct defect *defect, const struct ini_section *section, struct err *err)
{
	static const char *const known[] = { "Begin", "Ignore", "Pretend", "AtStart", "AfterBoot",
		"Restore", "StateDisk", NULL };
	const char *restore = ini_value(section, "Restore");
	const char *disk = ini_value(section, "StateDisk");
	int rc = ini_check_keys(defect->file, section, known, err);

	for (size_t i = 0; !rc && i < section->count; i++) {
		const struct ini_entry *entry = &section->entries[i];

		if (!strcmp(entry->key, "Begin"))
			add_words(defect->begin, entry->value);
		else if (!strcmp(entry->key, "Ignore"))
			add_words(defect->ignored, entry->value);
		else if (!strcmp(entry->key, "Pretend"))
			add_words(defect->pretended, entry->value);
	}
	if (!rc && restore && strcmp(restore, "no"))
		return ini_complain(defect->file, section, "Restore", "can only be no", err);
	if (!rc && disk && strcmp(disk, "lost"))
		return ini_complain(defect->file, section, "StateDisk", "can only be lost", err);
	defect->boot_defect.without_restore = restore != NULL;
	defect->boot_defect.state_lost = disk != NULL;
	if (!rc)
		rc = read_command(defect, section, "AtStart", &defect->boot_defect.at_start, err);
	if (!rc)
		rc = read_command(
				defect, section, "AfterBoot", &defect->boot_defect.after_boot, err);
	return rc;
}

/* [Function NAME]: a function of the kernel under test that must return at once, or never. */
static int read_function(struct defect *defect, const struct ini_section *section, struct err *err)
{
	static const char *const known[] = { "Returns", "During", NULL };
	const char *returns = ini_value(section, "Returns"), *during = ini_value(section, "During");
	bool negative = returns && *returns == '-', never = returns && !strcmp(returns, "never");
	struct record *function;
	uint64_t value = 0;
	int rc = ini_check_keys(defect->file, section, known, err);

	if (rc < 0)
		return rc;
	if (!*section->name || strpbrk(section->name, " \t"))
		return complain(defect, section->line, err, "[Function NAME]",
				"needs the name of one function, or MODULE:NAME");
	if (!returns || (!never && number_parse(returns + negative, 0, INT32_MAX, &value) < 0))
		return ini_complain(defect->file, section, "Returns",
				"must be a number of 32 bits, or never", err);
	if (during && strcmp(during, "check") && strcmp(during, "run"))
		return ini_complain(defect->file, section, "During", "must be check or run", err);
	function = record_object();
	record_put_str(function, "name", section->name);
	if (never)
		record_put_str(function, "returns", "never");
	else
		record_put_int(function, "returns", negative ? -(int64_t)value : (int64_t)value);
	record_put_bool(function, "lasting", during && !strcmp(during, "run"));
	record_add(defect->functions, function);
	return 0;
}

static int read_section(struct defect *defect, const struct ini_section *section, struct err *err)
{
	static const char *const of_topology[] = { "Machine", "Kernel", "Device", "Netdev", NULL };

	if (!strcmp(section->kind, "Defect"))
		return defect->title
				? complain(defect, section->line, err, "[Defect]", "is given twice")
				: read_defect(defect, section, err);
	if (!strcmp(section->kind, "Rig"))
		return read_rig(defect, section, err);
	if (!strcmp(section->kind, "Register"))
		return registers_expand(defect->file, section, defect->registers, err);
	if (!strcmp(section->kind, "Config"))
		return config_writes_add(defect->file, section, defect->config, err);
	if (!strcmp(section->kind, "Function"))
		return read_function(defect, section, err);
	for (size_t i = 0; of_topology[i]; i++) {
		if (!strcmp(section->kind, of_topology[i]))
			return 0;
	}
	return err_set(err, EINVAL, "%s:%u: unknown section [%s]", defect->file->file,
			section->line, section->kind);
}

/* The file's name without folder and .ini. */
static char *id_of(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	size_t length = strlen(name);

	if (length > 4 && !strcmp(name + length - 4, ".ini"))
		length -= 4;
	return text_format("%.*s", (int)length, name);
}

int defect_load(const char *path, struct defect **defect, struct err *err)
{
	CLEANUP(cleanup_defect) struct defect *fresh = calloc(1, sizeof(*fresh));
	int rc;

	if (!fresh)
		abort();
	fresh->id = id_of(path);
	fresh->expect = record_array();
	fresh->allow = record_object();
	fresh->suites = record_array();
	fresh->checks = record_array();
	fresh->ignored = record_array();
	fresh->begin = record_array();
	fresh->pretended = record_array();
	fresh->registers = record_array();
	fresh->config = record_array();
	fresh->functions = record_array();
	rc = ini_load(AT_FDCWD, path, &fresh->file, err);
	for (size_t i = 0; !rc && i < fresh->file->count; i++)
		rc = read_section(fresh, &fresh->file->sections[i], err);
	if (!rc && !fresh->title)
		rc = err_set(err, EINVAL, "%s: has no section [Defect]", path);
	if (!rc)
		*defect = TAKE(fresh);
	return rc;
}

void defect_free(struct defect *defect)
{
	if (!defect)
		return;
	free(defect->id);
	ini_free(defect->file);
	record_free(defect->expect);
	record_free(defect->allow);
	record_free(defect->suites);
	record_free(defect->checks);
	record_free(defect->ignored);
	record_free(defect->begin);
	record_free(defect->pretended);
	record_free(defect->registers);
	record_free(defect->config);
	record_free(defect->functions);
	free(defect);
}

void cleanup_defect(struct defect **defect)
{
	defect_free(*defect);
}

static int take_file(void *argument, const char *path, const char *name, struct err *err)
{
	struct defects *defects = argument;
	struct defect *defect = NULL;
	int rc = defect_load(path, &defect, err);

	(void)name;
	if (rc < 0)
		return rc;
	defects->list = reallocarray(defects->list, defects->count + 1, sizeof(*defects->list));
	if (!defects->list)
		abort();
	defects->list[defects->count++] = defect;
	return 0;
}

static int load_all(const char *folder, struct defects *defects, struct err *err)
{
	int count = ini_folder_each(folder, "the defects", take_file, defects, err);

	if (!count)
		return err_set(err, EINVAL, "there are no defects in %s", folder);
	return count < 0 ? count : 0;
}

int defects_load(const char *folder, char *const *names, size_t name_count, struct defects *defects,
		struct err *err)
{
	int rc = name_count ? 0 : load_all(folder, defects, err);

	for (size_t i = 0; !rc && i < name_count; i++) {
		CLEANUP(cleanup_free)
		char *path = strchr(names[i], '/') ? text_format("%s", names[i])
						   : text_format("%s/%s.ini", folder, names[i]);
		struct err cause = { 0 };

		rc = take_file(defects, path, names[i], &cause);
		if (rc == -ENOENT)
			return err_set(err, EINVAL,
					"unknown defect '%s' (vfcert list defects shows them)",
					names[i]);
		if (rc < 0)
			return err_pass(err, &cause, "%s", cause.msg);
	}
	return rc;
}

void defects_drop_slow(struct defects *defects)
{
	size_t kept = 0;

	for (size_t i = 0; i < defects->count; i++) {
		if (defects->list[i]->slow)
			defect_free(defects->list[i]);
		else
			defects->list[kept++] = defects->list[i];
	}
	defects->count = kept;
}

void cleanup_defects(struct defects *defects)
{
	for (size_t i = 0; i < defects->count; i++)
		defect_free(defects->list[i]);
	free(defects->list);
}

static int check_known(const struct record *declared, const char *id, struct err *err)
{
	if (select_find(declared, id))
		return 0;
	return err_set(err, EINVAL, "there is no check '%s'", id);
}

int defect_validate(const struct defect *defect, const struct record *declared, struct err *err)
{
	const struct record *reason;
	const char *id;
	int rc = 0;

	for (size_t i = 0; !rc && i < record_length(defect->expect); i++)
		rc = check_known(declared, record_text(record_at(defect->expect, i)), err);
	for (size_t i = 0; !rc && record_member(defect->allow, i, &id, &reason); i++)
		rc = check_known(declared, id, err);
	return rc;
}
