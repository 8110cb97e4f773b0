/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "data/ini.h"
#include "host/conf_files.h"
#include "managers/other_manager_internal.h"

/*
 * systemd.link(5), systemd.network(5). systemd reads a file and its drop-ins as one: the values of
 * a key in [Match] accumulate, and an empty value discards those before it.
 */

#define BLANKS " \t"

/* The result of matching the lists of one key with one value. */
struct key_match {
	bool listed, matched; /* there are patterns, and one matches */
	bool negated;         /* a pattern after ! matches */
};

/* VALUE is NULL for the card's path, which has several names. */
static bool list_has(const char *list, const char *value, const struct card_names *names)
{
	return value ? pattern_list_matches(list, BLANKS, value)
		     : list_fits(list, BLANKS, names, id_path_fits) != FIT_NO;
}

static void apply_list(const char *list, const char *value, const struct card_names *names,
		struct key_match *state)
{
	bool inverted = *list == '!', has = list_has(list + inverted, value, names);

	if (!*list) {
		*state = (struct key_match){ 0 };
	} else if (inverted) {
		state->negated |= has;
	} else {
		state->listed = true;
		state->matched |= has;
	}
}

static void apply_match(const struct ini *ini, const char *key, const char *value,
		const struct card_names *names, struct key_match *state)
{
	for (size_t i = 0; i < ini->count; i++) {
		const struct ini_section *section = &ini->sections[i];

		for (size_t k = 0; k < section->count && !strcmp(section->kind, "Match"); k++) {
			if (!strcmp(section->entries[k].key, key))
				apply_list(section->entries[k].value, value, names, state);
		}
	}
}

/* Only the keys of [Match] that identify a card count. Any other condition may be met, and so
 * may one on the original name of a renamed interface. */
static bool match_has(struct ini *const *inis, size_t count, const struct card_names *names)
{
	const struct {
		const char *key, *value;
	} known[] = { { "Path", NULL }, { "Driver", names->driver }, { "MACAddress", names->mac },
		{ "PermanentMACAddress", names->permanent_mac }, { "Name", names->netdev },
		{ names->renamed ? "" : "OriginalName", names->netdev } };

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		struct key_match state = { 0 };

		for (size_t k = 0; k < count; k++)
			apply_match(inis[k], known[i].key, known[i].value, names, &state);
		if (state.negated || (state.listed && !state.matched))
			return false;
	}
	return true;
}

static void report(const struct ini *ini, struct diagnostics *managers)
{
	const struct ini_section *vf = ini_section(ini, "SR-IOV", NULL);

	for (size_t i = 0; i < ini->count; i++) {
		const struct ini_section *section = &ini->sections[i];

		for (size_t k = 0; k < section->count && !strcmp(section->kind, "Link"); k++) {
			const struct ini_entry *entry = &section->entries[k];

			if (strcmp(entry->key, "SR-IOVVirtualFunctions") != 0 || !*entry->value)
				continue;
			diagnostic_add(managers, "%s:%u: systemd makes %s VFs of it", ini->file,
					entry->line, entry->value);
			return;
		}
	}
	if (vf)
		diagnostic_add(managers, "%s:%u: systemd sets its VFs", ini->file, vf->line);
}

void find_systemd_files(const struct manager_files *texts, const struct card_names *names,
		struct diagnostics *managers)
{
	struct ini **inis = calloc(texts->count + 1, sizeof(*inis));
	struct diagnostics ignored = { 0 };

	if (!inis)
		abort();
	for (size_t i = 0; i < texts->count; i++)
		inis[i] = ini_parse_all(texts->items[i].file, texts->items[i].text, &ignored);
	for (size_t i = 0; i < texts->count && match_has(inis, texts->count, names); i++)
		report(inis[i], managers);
	for (size_t i = 0; i < texts->count; i++)
		ini_free(inis[i]);
	diagnostics_free(&ignored);
	free(inis);
}

static const char *const folders[] = { "etc/systemd/network", "run/systemd/network",
	"usr/local/lib/systemd/network", "usr/lib/systemd/network", "lib/systemd/network", NULL };

static void scan_files(const struct manager_scan *scan, const char *suffix)
{
	char **paths;
	size_t count;

	if (conf_files_list(scan->host, folders, "", suffix, &paths, &count, NULL) < 0)
		return;
	for (size_t i = 0; i < count; i++) {
		CLEANUP(cleanup_free)
		char *below = text_format("%s.d", strrchr(paths[i], '/') + 1);
		CLEANUP(manager_files_free) struct manager_files files = { 0 };

		manager_file_read(scan, paths[i], &files);
		manager_files_read(scan, folders, below, ".conf", &files);
		find_systemd_files(&files, scan->names, scan->managers);
	}
	host_names_free(paths, count);
}

void scan_link_files(const struct manager_scan *scan)
{
	scan_files(scan, ".link");
}

void scan_network_files(const struct manager_scan *scan)
{
	scan_files(scan, ".network");
}
