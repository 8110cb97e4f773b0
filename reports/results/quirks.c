/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/results/quirks.h"

#include <ctype.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "base/version.h"
#include "data/digest.h"
#include "data/ini_folder.h"
#include "reports/results/patterns.h"

/*
 * A quirk is one [Quirk ID] section, kept as the text it was read from: the checks it applies to,
 * the rigs it applies on, and what is known. All of its conditions must be met. The first quirk
 * that fits a check decides.
 */
#define FILE_LIMIT (1 << 20)

struct quirk {
	const struct ini *file;
	const struct ini_section *section;
};

struct quirks {
	struct ini **files;
	size_t file_count;
	struct quirk *list;
	size_t count;
	char digest[DIGEST_TEXT];
};

static const char *const quirk_keys[] = { "Checks", "Reason", "Driver", "Device", "Origin",
	"Emulator", "Kernel", "Firmware", "Topology", "Evidence", "Source", "Why", "Owner",
	"Expires", NULL };

static int complain(const struct quirk *quirk, const char *key, const char *what, struct err *err)
{
	unsigned line = quirk->section->line, column = 1;

	for (size_t i = 0; i < quirk->section->count; i++) {
		if (!strcmp(quirk->section->entries[i].key, key)) {
			line = quirk->section->entries[i].line;
			column = quirk->section->entries[i].column;
		}
	}
	return err_set(err, EINVAL, "%s:%u:%u: [Quirk %s] %s= %s", quirk->file->file, line, column,
			quirk->section->name, key, what);
}

static const char *value_of(const struct quirk *quirk, const char *key)
{
	return ini_value(quirk->section, key);
}

/* Evaluates one bound: ">=8.0", "<12", "=6.1", ">", "<=". Returns 1 if it is met, 0 if not,
 * -EINVAL if it is malformed. VERSION may be NULL to ask only whether the bound is well-formed. */
static int meets_bound(const char *version, const char *bound)
{
	size_t sign = strspn(bound, "<>=");
	int order;

	if (!isdigit((unsigned char)bound[sign]))
		return -EINVAL;
	order = version_compare(version ? version : "0", bound + sign);
	if (sign == 2 && !strncmp(bound, "<=", 2))
		return order <= 0;
	if (sign == 2 && !strncmp(bound, ">=", 2))
		return order >= 0;
	if (sign == 1)
		return *bound == '<' ? order < 0 : *bound == '>' ? order > 0 : order == 0;
	return -EINVAL;
}

/* All words of BOUNDS. */
static int meets_bounds(const char *version, const char *bounds)
{
	CLEANUP(cleanup_free) char *copy = text_format("%s", bounds);
	char *rest = copy, *word;
	int met = 1;

	while ((word = strsep(&rest, " \t"))) {
		int one = *word ? meets_bound(version, word) : 1;

		if (one < 0)
			return one;
		met = met && one;
	}
	return met;
}

/* "qemu >=8.0 <12": the emulator's name, and bounds on its version. */
static int meets_emulator(const struct record *rig, const char *wanted)
{
	const char *version = record_str(rig, "qemu", NULL);
	size_t name = strcspn(wanted, " \t");

	if (name != strlen("qemu") || strncmp(wanted, "qemu", name))
		return -EINVAL;
	return meets_bounds(version, wanted + name) && (!rig || version);
}

static bool meets_device(const struct record *card, const char *wanted)
{
	CLEANUP(cleanup_free)
	char *device = text_format(
			"%s:%s", record_str(card, "vendor", ""), record_str(card, "device", ""));

	return patterns_match(wanted, device);
}

/* Whether WANTED is absent or one of its patterns matches the member. */
static bool meets_text(const char *wanted, const struct record *object, const char *member)
{
	return !wanted || patterns_match(wanted, record_str(object, member, ""));
}

static bool fits_rig(const struct quirk *quirk, const struct record *identity)
{
	const struct record *software = record_get(identity, "software");
	const struct record *rig = record_get(identity, "rig");
	const char *device = value_of(quirk, "Device"), *kernel = value_of(quirk, "Kernel");
	const char *emulator = value_of(quirk, "Emulator");
	const char *release = record_str(software, "kernel", NULL);

	return meets_text(value_of(quirk, "Driver"), software, "driver") &&
			meets_text(value_of(quirk, "Firmware"), software, "firmware") &&
			meets_text(value_of(quirk, "Origin"), rig, "origin") &&
			meets_text(value_of(quirk, "Topology"), rig, "topology") &&
			(!device || meets_device(record_get(identity, "card"), device)) &&
			(!emulator || (rig && meets_emulator(rig, emulator) > 0)) &&
			(!kernel || (release && meets_bounds(release, kernel) > 0));
}

static int validate(const struct quirk *quirk, struct err *err)
{
	static const char *const needed[] = { "Checks", "Why", "Source" };
	const char *origin = value_of(quirk, "Origin"), *kernel = value_of(quirk, "Kernel");
	const char *emulator = value_of(quirk, "Emulator"), *expires = value_of(quirk, "Expires");
	int rc = ini_check_keys(quirk->file, quirk->section, quirk_keys, err);

	if (rc < 0)
		return rc;
	if (!*quirk->section->name)
		return err_set(err, EINVAL, "%s:%u:1: [Quirk] needs an id: [Quirk qemu-...]",
				quirk->file->file, quirk->section->line);
	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++) {
		if (!value_of(quirk, needed[i]) || !*value_of(quirk, needed[i]))
			return complain(quirk, needed[i], "is missing or empty", err);
	}
	if (origin && strcmp(origin, "emulated") && strcmp(origin, "silicon"))
		return complain(quirk, "Origin", "must be emulated or silicon", err);
	if (kernel && meets_bounds(NULL, kernel) < 0)
		return complain(quirk, "Kernel", "must be bounds like >=6.1 <6.20", err);
	if (emulator && meets_emulator(NULL, emulator) < 0)
		return complain(quirk, "Emulator", "must be like qemu >=8.0 <12", err);
	if (expires && fnmatch("[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]", expires, 0))
		return complain(quirk, "Expires", "must be a date like 2026-12-31", err);
	return 0;
}

static int take_section(struct quirks *quirks, const struct ini *file,
		const struct ini_section *section, struct err *err)
{
	struct quirk quirk = { .file = file, .section = section };
	int rc;

	if (strcmp(section->kind, "Quirk"))
		return err_set(err, EINVAL, "%s:%u:1: unknown section [%s]", file->file,
				section->line, section->kind);
	rc = validate(&quirk, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < quirks->count; i++) {
		if (!strcmp(quirks->list[i].section->name, section->name))
			return err_set(err, EINVAL, "%s:%u:1: the quirk %s is already in %s:%u",
					file->file, section->line, section->name,
					quirks->list[i].file->file, quirks->list[i].section->line);
	}
	quirks->list = reallocarray(quirks->list, quirks->count + 1, sizeof(*quirks->list));
	if (!quirks->list)
		abort();
	quirks->list[quirks->count++] = quirk;
	return 0;
}

struct loading {
	struct quirks *quirks;
	struct digest *digest;
};

static int load_file(void *argument, const char *path, const char *name, struct err *err)
{
	CLEANUP(cleanup_free) char *text = NULL;
	const struct loading *loading = argument;
	struct quirks *quirks = loading->quirks;
	struct ini *file = NULL;
	size_t length;
	int rc = file_read(AT_FDCWD, path, FILE_LIMIT, &text, &length, err);

	if (!rc)
		rc = ini_parse(path, text, &file, err);
	if (rc < 0)
		return rc;
	(void)name;
	digest_add_file(loading->digest, strrchr(path, '/') + 1, text, length);
	quirks->files = reallocarray(quirks->files, quirks->file_count + 1, sizeof(*quirks->files));
	if (!quirks->files)
		abort();
	quirks->files[quirks->file_count++] = file;
	for (size_t i = 0; !rc && i < file->count; i++)
		rc = take_section(quirks, file, &file->sections[i], err);
	return rc;
}

int quirks_load(const char *folder, struct quirks **quirks, struct err *err)
{
	CLEANUP(cleanup_quirks) struct quirks *fresh = calloc(1, sizeof(*fresh));
	struct loading loading = { .quirks = fresh };
	int count;

	if (!fresh)
		abort();
	loading.digest = digest_begin();
	count = ini_folder_each(folder, "the quirks", load_file, &loading, err);
	digest_end(loading.digest, fresh->digest);
	if (count < 0)
		return count;
	*quirks = TAKE(fresh);
	return 0;
}

const char *quirks_digest(const struct quirks *quirks)
{
	return quirks->digest;
}

void quirks_free(struct quirks *quirks)
{
	if (!quirks)
		return;
	for (size_t i = 0; i < quirks->file_count; i++)
		ini_free(quirks->files[i]);
	free(quirks->files);
	free(quirks->list);
	free(quirks);
}

void cleanup_quirks(struct quirks **quirks)
{
	quirks_free(*quirks);
}

bool quirks_predict(const struct quirks *quirks, const char *check)
{
	for (size_t i = 0; i < quirks->count; i++) {
		const char *origin = value_of(&quirks->list[i], "Origin");

		if ((!origin || !strcmp(origin, "emulated")) &&
				patterns_match(value_of(&quirks->list[i], "Checks"), check))
			return true;
	}
	return false;
}

/* A quirk with Reason= predicts only failures whose reason matches: a check that fails for
 * another cause is not excused. A pass has no reason, so it fits. */
static bool fits_check(const struct quirk *quirk, const struct check_result *check)
{
	const char *pattern = value_of(quirk, "Reason");

	if (!patterns_match(value_of(quirk, "Checks"), check->id))
		return false;
	return !pattern || check->verdict != VERDICT_FAIL ||
			!fnmatch(pattern, check->reason ? check->reason : "", 0);
}

/* Compares with the day of the run, so that an old result still reads the same tomorrow. */
static bool has_expired(const struct quirk *quirk, const struct record *results)
{
	const char *expires = value_of(quirk, "Expires");
	const char *started = record_str(record_get(results, "run"), "started", "");

	return expires && strncmp(started, expires, strlen(expires)) > 0;
}

/* Returns the value with each run of spaces and tabs, as in joined lines, reduced to one space. */
static char *flat(const char *value)
{
	char *text = text_format("%s", value), *to = text;

	for (const char *from = text; *from; from++) {
		bool space = *from == ' ' || *from == '\t';

		if (!space || (to > text && to[-1] != ' '))
			*to++ = space ? ' ' : *from;
	}
	*to = '\0';
	return text;
}

static void apply(const struct quirk *quirk, bool expired, struct check_result *check)
{
	CLEANUP(cleanup_free) char *why = flat(value_of(quirk, "Why"));
	CLEANUP(cleanup_free) char *source = flat(value_of(quirk, "Source"));
	const char *id = quirk->section->name, *reason = check->reason ? check->reason : "";
	bool failed = check->verdict == VERDICT_FAIL;

	if (expired && failed)
		check->reason = check_result_own(check, "reason",
				"%s (the quirk %s expired on %s: look at it again)", reason, id,
				value_of(quirk, "Expires"));
	if (expired)
		return;
	check->quirk = id;
	check->verdict = failed ? VERDICT_KNOWN : VERDICT_CHANGED;
	if (failed) {
		check->observed = check_result_own(check, "observed", "%s", reason);
		check->reason = check_result_own(check, "reason", "%s (%s)", why, source);
	} else {
		check->reason = check_result_own(check, "reason",
				"passes, although the quirk %s says: %s (%s)", id, why, source);
	}
}

void quirks_apply(const struct quirks *quirks, const struct record *results,
		struct check_result *check)
{
	const struct record *identity = record_get(results, "identity");

	if (!quirks || (check->verdict != VERDICT_PASS && check->verdict != VERDICT_FAIL))
		return;
	for (size_t i = 0; i < quirks->count; i++) {
		const struct quirk *quirk = &quirks->list[i];

		if (!fits_check(quirk, check) || !fits_rig(quirk, identity))
			continue;
		apply(quirk, has_expired(quirk, results), check);
		return;
	}
}
