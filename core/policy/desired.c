/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/desired.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/bool.h"
#include "base/cleanup.h"
#include "base/number.h"
#include "base/text.h"
#include "policy/desired_internal.h"

/*
 * Makes a struct desired of a policy file: [Match] and [PF] here, [SR-IOV] in desired_vfs.c. Reads
 * all files to their end in spite of errors, so that one run reports every error. A key without a
 * value undoes what was given before.
 */

/* systemd writes pci-0000:01:00.0. */
static int parse_path(const char *text, struct desired *desired)
{
	desired->selector.by_path = *text;
	if (!strncmp(text, "pci-", 4))
		text += 4;
	return *text ? bdf_parse(text, &desired->selector.path) : 0;
}

static int parse_mac(const char *text, struct desired *desired)
{
	desired->selector.by_mac = *text;
	return *text ? mac_parse(text, &desired->selector.mac) : 0;
}

static int parse_device(const char *text, struct desired *desired)
{
	struct pf_selector *selector = &desired->selector;

	selector->by_device = *text;
	if (!*text)
		return 0;
	for (int i = 0; i < 9; i++) {
		if (i == 4 ? text[i] != ':' : !isxdigit((unsigned char)text[i]))
			return -EINVAL;
	}
	selector->vendor = (uint16_t)strtoul(text, NULL, 16);
	selector->device = (uint16_t)strtoul(text + 5, NULL, 16);
	return text[9] ? -EINVAL : 0;
}

static int parse_port(const char *text, struct desired *desired)
{
	uint64_t port = 0;

	desired->selector.by_port = *text;
	if (*text && number_parse(text, 0, 255, &port) < 0)
		return -EINVAL;
	desired->selector.port = (unsigned)port;
	return 0;
}

/* Refuses what no interface is named, and a backslash at the end, which a file could not
 * express. */
static int parse_name(const char *text, struct desired *desired)
{
	desired->selector.by_name = *text;
	if (strlen(text) >= PORT_NAME_ROOM || strpbrk(text, "/:*?\\"))
		return -EINVAL;
	for (const char *c = text; *c; c++) {
		if ((unsigned char)*c <= ' ')
			return -EINVAL;
	}
	memcpy(desired->selector.name, text, strlen(text) + 1);
	return 0;
}

static int parse_count(const char *text, struct desired *desired)
{
	uint64_t count = 0;

	desired->count_given = false;
	if (*text && number_parse(text, 0, UINT16_MAX, &count) < 0)
		return -EINVAL;
	desired->count_given = *text;
	desired->count = (unsigned)count;
	return 0;
}

static int parse_autoprobe(const char *text, struct desired *desired)
{
	desired->autoprobe_given = *text;
	return *text ? bool_parse(text, &desired->autoprobe) : 0;
}

static int parse_mtu(const char *text, struct desired *desired)
{
	uint64_t mtu = 0;

	if (*text && number_parse(text, 68, 65535, &mtu) < 0)
		return -EINVAL;
	desired->mtu = (uint32_t)mtu;
	return 0;
}

struct key {
	const char *name;
	int (*parse)(const char *text, struct desired *desired);
	const char *takes;
};

static const struct key keys_match[] = {
	{ "Path", parse_path, "a PCI address such as 0000:01:00.0" },
	{ "PermanentMACAddress", parse_mac, "an address such as 52:54:00:12:34:56" },
	{ "Device", parse_device, "vendor:device in hexadecimal, such as 8086:10c9" },
	{ "Port", parse_port, "a number from 0 to 255" },
	{ "Name", parse_name, "the name of one interface" },
	{ 0 },
};

static const struct key keys_pf[] = {
	{ "SR-IOVVirtualFunctions", parse_count, "a number from 0 to 65535" },
	{ "Autoprobe", parse_autoprobe, "yes or no" },
	{ "MTUBytes", parse_mtu, "a number from 68 to 65535" },
	{ 0 },
};

int desired_set(struct desired *desired, const char *section, const char *name, const char *text,
		const char **takes)
{
	const struct key *key = !strcmp(section, "Match") ? keys_match : keys_pf;
	struct desired before = *desired;
	int rc;

	while (key->name && strcmp(key->name, name) != 0)
		key++;
	*takes = key->takes;
	rc = key->name ? key->parse(text, desired) : -ENOENT;
	if (rc < 0)
		*desired = before;
	return rc;
}

int pf_selector_set(struct pf_selector *selector, const char *key, const char *text)
{
	struct desired desired = { .selector = *selector };
	const char *takes;
	int rc = desired_set(&desired, "Match", key, text, &takes);

	*selector = desired.selector;
	return rc;
}

static void read_section(const struct ini *ini, const struct ini_section *section,
		const struct key *keys, struct desired *desired, struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < section->count; i++) {
		const struct ini_entry *entry = &section->entries[i];
		const struct key *key = keys;

		while (key->name && strcmp(key->name, entry->key) != 0)
			key++;
		if (!key->name)
			diagnostic_add(diagnostics, "%s:%u:%u: unknown key %s in [%s]", ini->file,
					entry->line, entry->column, entry->key, section->kind);
		else if (key->parse(entry->value, desired) < 0)
			ini_diagnose(diagnostics, ini, entry, "%s takes %s, not '%s'", key->name,
					key->takes, entry->value);
	}
}

static void read_ini(
		const struct ini *ini, struct desired *desired, struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < ini->count; i++) {
		const struct ini_section *section = &ini->sections[i];

		if (*section->name)
			diagnostic_add(diagnostics, "%s:%u:1: unknown section [%s %s]", ini->file,
					section->line, section->kind, section->name);
		else if (!strcmp(section->kind, "Match"))
			read_section(ini, section, keys_match, desired, diagnostics);
		else if (!strcmp(section->kind, "PF"))
			read_section(ini, section, keys_pf, desired, diagnostics);
		else if (strcmp(section->kind, "SR-IOV") != 0)
			diagnostic_add(diagnostics,
					"%s:%u:1: unknown section [%s]: there are Match, PF and "
					"SR-IOV",
					ini->file, section->line, section->kind);
	}
}

static void check_match(const struct desired *desired, struct diagnostics *diagnostics)
{
	const struct pf_selector *selector = &desired->selector;

	if (!selector->by_path && !selector->by_mac && !selector->by_device && !selector->by_name)
		diagnostic_add(diagnostics,
				"%s:1:1: matches no card: give Path, PermanentMACAddress, Device or "
				"Name in [Match]",
				desired->file);
}

static struct desired *add_desired(struct desired_set *set, const struct policy_source *source)
{
	struct desired *added;

	set->items = reallocarray(set->items, set->count + 1, sizeof(*added));
	if (!set->items)
		abort();
	added = &set->items[set->count++];
	*added = (struct desired){ .file = text_format("%s", source->name) };
	return added;
}

void desired_build(const struct policy_source *source, bool drop_in, struct desired_set *set,
		struct diagnostics *diagnostics)
{
	struct desired *desired = add_desired(set, source);
	size_t errors = diagnostics->count;

	for (size_t i = 0; i < source->count; i++)
		read_ini(source->inis[i], desired, diagnostics);
	desired_read_vfs(source, desired, diagnostics);
	if (!drop_in && !source->broken)
		check_match(desired, diagnostics);
	desired->broken = source->broken || diagnostics->count != errors;
	desired->partial = source->partial;
}

/* "a/10-lan.conf.d/20-more.conf" */
static bool is_drop_in(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash - path > 7 && !strncmp(slash - 7, ".conf.d", 7);
}

void desired_load_files(char *const *paths, size_t count, struct desired_set *set,
		struct diagnostics *diagnostics)
{
	CLEANUP(cleanup_policy_sources) struct policy_sources sources = { 0 };

	*set = (struct desired_set){ 0 };
	for (size_t i = 0; i < count; i++) {
		struct policy_source *source = policy_sources_add(&sources, paths[i]);

		policy_source_read(paths[i], source, diagnostics);
		desired_build(source, is_drop_in(paths[i]), set, diagnostics);
	}
}

void desired_parse(const char *name, const char *text, struct desired_set *set,
		struct diagnostics *diagnostics)
{
	CLEANUP(cleanup_policy_sources) struct policy_sources sources = { 0 };
	struct policy_source *source = policy_sources_add(&sources, name);
	size_t before = diagnostics->count;

	policy_source_add(source, ini_parse_all(name, text, diagnostics));
	source->broken = diagnostics->count != before;
	*set = (struct desired_set){ 0 };
	desired_build(source, false, set, diagnostics);
}

const struct desired_vf *desired_vf_of(const struct desired *desired, unsigned index)
{
	for (size_t i = 0; i < desired->vf_count; i++) {
		if (desired->vfs[i].index == index)
			return &desired->vfs[i];
	}
	return NULL;
}

void desired_free(struct desired_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		free(set->items[i].file);
		free(set->items[i].vfs);
	}
	free(set->items);
	*set = (struct desired_set){ 0 };
}

void cleanup_desired(struct desired_set *set)
{
	desired_free(set);
}
