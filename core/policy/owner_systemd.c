/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/ini.h"
#include "policy/owner_parts.h"

/*
 * systemd.link(5), systemd.network(5). A file and its drop-ins are read as one: what a key of [Match]
 * says adds up, and an empty value takes it back.
 */

#define BLANKS " \t"

/* What the lists for one key say of one value. */
struct said_of {
	bool wants, has; /* there are words, and one of them fits */
	bool but;        /* one that begins with ! fits */
};

static void take_list(const char *list, const char *value, struct said_of *said)
{
	bool turned = *list == '!', has = owner_list_has(list + turned, BLANKS, value);

	if (!*list) {
		*said = (struct said_of){ 0 };
	} else if (turned) {
		said->but |= has;
	} else {
		said->wants = true;
		said->has |= has;
	}
}

static void take_match(
		const struct ini *ini, const char *key, const char *value, struct said_of *said)
{
	for (size_t i = 0; i < ini->count; i++) {
		const struct ini_section *section = &ini->sections[i];

		for (size_t k = 0; k < section->count && !strcmp(section->kind, "Match"); k++) {
			if (!strcmp(section->entries[k].key, key))
				take_list(section->entries[k].value, value, said);
		}
	}
}

/* The keys of [Match] that name a card. Others may hold or not, and so may the name that a renamed
 * interface had before. */
static bool match_has(struct ini *const *inis, size_t count, const struct card_names *names)
{
	const struct {
		const char *key, *value;
	} known[] = { { "Path", names->id_path }, { "Driver", names->driver },
		{ "MACAddress", names->mac }, { "PermanentMACAddress", names->permanent_mac },
		{ "Name", names->netdev },
		{ names->renamed ? "" : "OriginalName", names->netdev } };

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		struct said_of said = { 0 };

		for (size_t k = 0; k < count; k++)
			take_match(inis[k], known[i].key, known[i].value, &said);
		if (said.but || (said.wants && !said.has))
			return false;
	}
	return true;
}

static void tell(const struct ini *ini, struct diagnostics *owners)
{
	const struct ini_section *vf = ini_section(ini, "SR-IOV", NULL);

	for (size_t i = 0; i < ini->count; i++) {
		const struct ini_section *section = &ini->sections[i];

		for (size_t k = 0; k < section->count && !strcmp(section->kind, "Link"); k++) {
			const struct ini_entry *entry = &section->entries[k];

			if (strcmp(entry->key, "SR-IOVVirtualFunctions") != 0 || !*entry->value)
				continue;
			diagnostic_add(owners, "%s:%u: systemd makes %s VFs of it", ini->file,
					entry->line, entry->value);
			return;
		}
	}
	if (vf)
		diagnostic_add(owners, "%s:%u: systemd sets its VFs", ini->file, vf->line);
}

void owner_of_systemd(const struct owner_texts *texts, const struct card_names *names,
		struct diagnostics *owners)
{
	struct ini **inis = calloc(texts->count + 1, sizeof(*inis));
	struct diagnostics ignored = { 0 };

	if (!inis)
		abort();
	for (size_t i = 0; i < texts->count; i++)
		inis[i] = ini_parse_all(texts->items[i].file, texts->items[i].text, &ignored);
	for (size_t i = 0; i < texts->count && match_has(inis, texts->count, names); i++)
		tell(inis[i], owners);
	for (size_t i = 0; i < texts->count; i++)
		ini_free(inis[i]);
	diagnostics_free(&ignored);
	free(inis);
}
