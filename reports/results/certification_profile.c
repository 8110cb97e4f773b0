/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/results/certification_profile.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "data/ini.h"
#include "reports/results/patterns.h"

/* A profile consists of two files, which own its strings. */
struct cert_profile_files {
	struct ini *capabilities, *profile;
	struct record *asked; /* object: ids of checks, and the index of their capability, or -1 */
};

#define CAPABILITIES "capabilities"

/* Calls EACH with every word of TEXT until it returns something other than 0. */
static int for_words(
		const char *text, int (*each)(void *argument, const char *word), void *argument)
{
	CLEANUP(cleanup_free) char *copy = text_format("%s", text);
	char *rest = copy, *word;
	int rc = 0;

	while (!rc && (word = strsep(&rest, " \t")))
		rc = *word ? each(argument, word) : 0;
	return rc;
}

const struct capability *cert_profile_capability(
		const struct certification_profile *profile, const char *check)
{
	int64_t index = record_int(profile->files->asked, check, -2);

	if (index == -2) {
		for (index = (int64_t)profile->count - 1; index >= 0; index--) {
			if (patterns_match(profile->list[index].checks, check))
				break;
		}
		record_put_int(profile->files->asked, check, index);
	}
	return index < 0 ? NULL : &profile->list[index];
}

static int wrong(const struct ini *file, const struct ini_section *section, const char *what,
		struct err *err)
{
	return err_set(err, EINVAL, "%s:%u:1: [%s%s%s] %s", file->file, section->line,
			section->kind, *section->name ? " " : "", section->name, what);
}

static struct capability *find(const struct certification_profile *profile, const char *id)
{
	for (size_t i = 0; i < profile->count; i++) {
		if (!strcmp(profile->list[i].id, id))
			return &profile->list[i];
	}
	return NULL;
}

static int add_mandatory(void *argument, const char *id)
{
	struct capability *capability = argument;

	if (!patterns_match(capability->checks, id))
		return -EINVAL;
	record_add_str(capability->mandatory, id);
	return 0;
}

static int take_capability(struct certification_profile *profile, const struct ini *file,
		const struct ini_section *section, struct err *err)
{
	static const char *const known[] = { "Title", "Checks", "Mandatory", NULL };
	const char *checks = ini_value(section, "Checks");
	const char *mandatory = ini_value(section, "Mandatory");
	struct capability *capability;
	int rc = ini_check_keys(file, section, known, err);

	if (rc < 0)
		return rc;
	if (!*section->name || find(profile, section->name))
		return wrong(file, section, "needs an id of its own", err);
	if (!ini_value(section, "Title") || !checks || !mandatory)
		return wrong(file, section, "needs Title=, Checks= and Mandatory=", err);
	profile->list = reallocarray(profile->list, profile->count + 1, sizeof(*profile->list));
	if (!profile->list)
		abort();
	capability = &profile->list[profile->count++];
	*capability = (struct capability){ .id = section->name,
		.title = ini_value(section, "Title"),
		.checks = checks,
		.mandatory = record_array() };
	if (for_words(mandatory, add_mandatory, capability) < 0)
		return wrong(file, section, "Mandatory= names a check that is not in Checks=", err);
	return 0;
}

static int take_capabilities(struct certification_profile *profile, struct err *err)
{
	static const char *const known[] = { "Checks", NULL };
	const struct ini *file = profile->files->capabilities;
	int rc = 0;

	profile->unassigned = "";
	for (size_t i = 0; !rc && i < file->count; i++) {
		const struct ini_section *section = &file->sections[i];

		if (!strcmp(section->kind, "Capability")) {
			rc = take_capability(profile, file, section, err);
		} else if (!strcmp(section->kind, "None")) {
			rc = ini_check_keys(file, section, known, err);
			if (!rc && ini_value(section, "Checks"))
				profile->unassigned = ini_value(section, "Checks");
		} else {
			rc = wrong(file, section, "is no section of capabilities", err);
		}
	}
	return rc;
}

static int require(void *argument, const char *id)
{
	struct capability *capability = find(argument, id);

	if (!capability)
		return -EINVAL;
	capability->required = true;
	return 0;
}

static int take_profile(struct certification_profile *profile, struct err *err)
{
	static const char *const known[] = { "Title", "Requires", NULL };
	const struct ini *file = profile->files->profile;
	const struct ini_section *section = ini_section(file, "Profile", NULL);
	const char *required = ini_value(section, "Requires");
	int rc;

	if (!section || file->count != 1)
		return err_set(err, EINVAL, "%s: needs one section, [Profile]", file->file);
	rc = ini_check_keys(file, section, known, err);
	if (rc < 0)
		return rc;
	profile->title = ini_value(section, "Title");
	if (!profile->title || !required || !*required)
		return wrong(file, section, "needs Title= and Requires=", err);
	if (for_words(required, require, profile) < 0)
		return wrong(file, section, "Requires= names what is no capability", err);
	return 0;
}

static int load_file(const char *folder, const char *name, struct digest *digest, struct ini **file,
		struct err *err)
{
	CLEANUP(cleanup_free) char *base = text_format("%s.ini", name);
	CLEANUP(cleanup_free) char *path = text_format("%s/%s", folder, base);
	CLEANUP(cleanup_free) char *text = NULL;
	size_t length;
	int rc = file_read(AT_FDCWD, path, 1 << 20, &text, &length, err);

	if (rc < 0)
		return rc;
	digest_add_file(digest, base, text, length);
	return ini_parse(path, text, file, err);
}

static int load_files(struct certification_profile *profile, const char *folder, const char *name,
		struct err *err)
{
	struct digest *digest = digest_begin();
	int rc = load_file(folder, CAPABILITIES, digest, &profile->files->capabilities, err);

	if (!rc)
		rc = load_file(folder, name, digest, &profile->files->profile, err);
	digest_end(digest, profile->digest);
	return rc;
}

int cert_profile_load(const char *folder, const char *name, struct certification_profile **profile,
		struct err *err)
{
	CLEANUP(cleanup_cert_profile)
	struct certification_profile *fresh = calloc(1, sizeof(*fresh));
	struct err cause = { 0 };
	int rc;

	name = name ? name : "default";
	if (!fresh || !(fresh->files = calloc(1, sizeof(*fresh->files))))
		abort();
	fresh->files->asked = record_object();
	if (strchr(name, '/') || !strcmp(name, CAPABILITIES))
		return err_set(err, EINVAL, "no profile '%s': see vfcert list profiles", name);
	rc = load_files(fresh, folder, name, &cause);
	if (rc == -ENOENT && fresh->files->capabilities)
		return err_set(err, EINVAL, "no profile '%s': see vfcert list profiles", name);
	if (!rc)
		rc = take_capabilities(fresh, &cause);
	if (!rc)
		rc = take_profile(fresh, &cause);
	if (rc < 0)
		return err_pass(err, &cause, "%s", cause.msg);
	fresh->id = strndup(name, 64);
	*profile = TAKE(fresh);
	return 0;
}

void cert_profile_free(struct certification_profile *profile)
{
	if (!profile)
		return;
	for (size_t i = 0; i < profile->count; i++)
		record_free(profile->list[i].mandatory);
	free(profile->list);
	ini_free(profile->files->capabilities);
	ini_free(profile->files->profile);
	record_free(profile->files->asked);
	free(profile->files);
	free((char *)profile->id);
	free(profile);
}

void cleanup_cert_profile(struct certification_profile **profile)
{
	cert_profile_free(*profile);
}

struct record *cert_profile_capabilities(const struct certification_profile *profile)
{
	struct record *list = record_array();

	for (size_t i = 0; i < profile->count; i++) {
		const struct capability *capability = &profile->list[i];
		struct record *entry = record_object();

		record_put_str(entry, "id", capability->id);
		record_put_str(entry, "title", capability->title);
		record_put_str(entry, "checks", capability->checks);
		record_put(entry, "mandatory", record_copy(capability->mandatory));
		record_put_bool(entry, "required", capability->required);
		record_add(list, entry);
	}
	return list;
}
