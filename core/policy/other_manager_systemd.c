/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "data/ini.h"
#include "policy/other_manager_internal.h"

/*
 * systemd.link(5), systemd.network(5). systemd reads a file and its drop-ins as one: the values of a
 * key in [Match] add up, and an empty value discards those before it.
 */

#define BLANKS " \t"

/* How the lists of one key apply to one value. */
struct key_match {
	bool listed, matched; /* there are patterns, and one matches */
	bool negated;         /* a pattern after ! matches */
};

static void apply_list(const char *list, const char *value, struct key_match *state)
{
	bool inverted = *list == '!', has = pattern_list_matches(list + inverted, BLANKS, value);

	if (!*list) {
		*state = (struct key_match){ 0 };
	} else if (inverted) {
		state->negated |= has;
	} else {
		state->listed = true;
		state->matched |= has;
	}
}

static void apply_match(
		const struct ini *ini, const char *key, const char *value, struct key_match *state)
{
	for (size_t i = 0; i < ini->count; i++) {
		const struct ini_section *section = &ini->sections[i];

		for (size_t k = 0; k < section->count && !strcmp(section->kind, "Match"); k++) {
			if (!strcmp(section->entries[k].key, key))
				apply_list(section->entries[k].value, value, state);
		}
	}
}

/* Only the keys of [Match] that name a card count. Any other condition may hold, and so may one on the
 * original name of an interface that was renamed. */
static bool match_has(struct ini *const *inis, size_t count, const struct card_names *names)
{
	const struct {
		const char *key, *value;
	} known[] = { { "Path", names->id_path }, { "Driver", names->driver },
		{ "MACAddress", names->mac }, { "PermanentMACAddress", names->permanent_mac },
		{ "Name", names->netdev },
		{ names->renamed ? "" : "OriginalName", names->netdev } };

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		struct key_match state = { 0 };

		for (size_t k = 0; k < count; k++)
			apply_match(inis[k], known[i].key, known[i].value, &state);
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
