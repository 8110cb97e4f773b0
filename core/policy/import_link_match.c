/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "policy/import_link.h"
#include "policy/select_pf.h"

/*
 * [Match] of systemd.link(5) and systemd.network(5). The value of a key is a list of patterns; a !
 * in front inverts the list. A repeated key adds to the list, and an empty value clears it. A
 * policy file selects one card, so a list becomes several files, and a pattern becomes none.
 */

/* In order of how precisely they select one card. */
enum { BY_PATH, BY_PERMANENT_MAC, BY_MAC, BY_NAME, BY_COUNT };

struct match_key {
	const char *ours;
	const struct ini_entry *entry; /* the last entry */
	struct pf_selectors cards;     /* one for each value */
	const char *unusable;          /* why they cannot select single cards, or NULL */
	const char *takes;             /* what they would have to be, or NULL */
};

static int key_of(const char *name)
{
	static const struct {
		const char *name;
		int key;
	} keys[] = { { "Path", BY_PATH }, { "PermanentMACAddress", BY_PERMANENT_MAC },
		{ "MACAddress", BY_MAC }, { "OriginalName", BY_NAME }, { "Name", BY_NAME } };

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		if (!strcmp(keys[i].name, name))
			return keys[i].key;
	}
	return -1;
}

/* Skips the start of an ID_PATH that names the parent of the PCI host bridge:
 * "platform-40000000.pcie-pci-0000:01:00.0". */
static const char *skip_host_bridge(const char *path)
{
	for (const char *at = path; (at = strstr(at, "pci-")); at++) {
		if ((at == path || at[-1] == '-') && !strstr(at + 1, "-pci-"))
			return at;
	}
	return path;
}

/* Converts the other forms of an address, 00-11-22-33-44-55 and 0011.2233.4455, to the form with
 * colons. */
static const char *unify_mac(const char *text, char mac[MAC_TEXT])
{
	size_t group = strchr(text, '.') ? 4 : 2, length = 0;

	if (strlen(text) != 12 + 12 / group - 1)
		return text;
	for (size_t i = 0; text[i]; i++) {
		bool between = i % (group + 1) == group;

		if (between != !!strchr("-.:", text[i]))
			return text;
		if (!between && length % 3 == 2)
			mac[length++] = ':';
		if (!between)
			mac[length++] = text[i];
	}
	mac[length] = '\0';
	return mac;
}

static void add_card(struct pf_selectors *cards, const struct pf_selector *card)
{
	char text[200], other[200];

	pf_selector_text(card, text, sizeof(text));
	for (size_t i = 0; i < cards->count; i++) {
		if (!strcmp(pf_selector_text(&cards->items[i], other, sizeof(other)), text))
			return;
	}
	cards->items = reallocarray(cards->items, cards->count + 1, sizeof(*cards->items));
	if (!cards->items)
		abort();
	cards->items[cards->count++] = *card;
}

static void take_word(struct match_key *key, int kind, const char *word)
{
	struct desired probe = { 0 };
	char mac[MAC_TEXT];
	const char *text = word, *takes = NULL;

	if (kind == BY_PATH)
		text = skip_host_bridge(word);
	if (kind == BY_MAC || kind == BY_PERMANENT_MAC)
		text = unify_mac(word, mac);
	if (strpbrk(word, "*?["))
		key->unusable = "a pattern may match several cards, and a policy file is for one";
	else if (desired_set(&probe, "Match", key->ours, text, &takes) < 0)
		key->unusable = key->takes = takes;
	else
		add_card(&key->cards, &probe.selector);
}

static void take_entry(struct match_key *key, int kind, const struct ini_entry *entry)
{
	CLEANUP(cleanup_free) char *copy = text_format("%s", entry->value);
	char *rest = copy, *word;

	if (!*entry->value) {
		free(key->cards.items);
		*key = (struct match_key){ .ours = key->ours };
		return;
	}
	key->entry = entry;
	if (*rest == '!') {
		rest++;
		key->unusable = "it says which cards are not meant, and a policy file is for one";
	}
	/* A path may be in quotes; a name may contain quotes. */
	while ((word = strsep(&rest, kind == BY_PATH ? " \t\"'" : " \t"))) {
		if (*word && (!key->unusable || *entry->value != '!'))
			take_word(key, kind, word);
	}
}

static void read_keys(struct import *import, const struct ini *ini, struct match_key *keys)
{
	for (size_t i = 0; i < ini->count; i++) {
		const struct ini_section *section = &ini->sections[i];

		for (size_t k = 0; k < section->count && !strcmp(section->kind, "Match"); k++) {
			const struct ini_entry *entry = &section->entries[k];
			struct node node = import_node_of(entry);
			int key = key_of(entry->key);

			if (key >= 0)
				take_entry(&keys[key], key, entry);
			else
				import_left(import, &node, "%s= is not for a policy file",
						entry->key);
		}
	}
}

static void combine(struct pf_selector *card, const struct pf_selector *with)
{
	if (with->by_path) {
		card->by_path = true;
		card->path = with->path;
	}
	if (with->by_mac) {
		card->by_mac = true;
		card->mac = with->mac;
	}
	if (with->by_name) {
		card->by_name = true;
		memcpy(card->name, with->name, sizeof(card->name));
	}
}

/* All keys with one value select a card together; if there are none, the first list selects one
 * card for each value. */
static void choose_cards(const struct match_key *keys, struct pf_selectors *cards, bool *used)
{
	struct pf_selector single = { 0 };
	bool any = false;

	for (int key = 0; key < BY_COUNT; key++) {
		if (keys[key].unusable || keys[key].cards.count != 1 ||
				(key == BY_MAC && single.by_mac))
			continue;
		combine(&single, keys[key].cards.items);
		used[key] = any = true;
	}
	if (any)
		add_card(cards, &single);
	for (int key = 0; key < BY_COUNT && !cards->count; key++) {
		for (size_t i = 0; !keys[key].unusable && i < keys[key].cards.count; i++)
			add_card(cards, &keys[key].cards.items[i]);
		used[key] = cards->count;
	}
}

static void report_unused(struct import *import, const struct match_key *key, bool found)
{
	struct node node = import_node_of(key->entry);
	const char *name = key->entry->key, *value = key->entry->value;

	if (!key->unusable)
		import_left(import, &node, "%s=%.60s is not checked: other keys select the card",
				name, value);
	else
		(found ? import_left : import_wrong)(import, &node, "%s=%.60s is not %s: %s%s",
				name, value, found ? "checked" : "one card",
				key->takes ? "it takes " : "", key->unusable);
}

static void report_used(
		struct import *import, const struct match_key *key, int kind, const char *renamed)
{
	struct node node = import_node_of(key->entry);

	if (kind == BY_MAC)
		import_left(import, &node, "MACAddress= is taken for the permanent address");
	else if (kind == BY_NAME && renamed)
		import_left(import, &node,
				"the file renames %s: the card is known by its new name, %s",
				key->entry->value, renamed);
	else if (kind == BY_NAME)
		import_left(import, &node,
				"the card is known by its interface's name, which may change: put "
				"Path= or PermanentMACAddress= in its place");
}

/* Returns the name of the card after systemd has applied the file. */
static const char *rename_card(struct pf_selectors *cards, const char *renamed)
{
	struct desired probe = { 0 };
	const char *takes;

	if (!renamed || !*renamed || cards->count != 1 || !cards->items->by_name ||
			desired_set(&probe, "Match", "Name", renamed, &takes) < 0)
		return NULL;
	combine(cards->items, &probe.selector);
	return renamed;
}

void link_match(struct import *import, const struct ini *ini, const char *renamed,
		struct pf_selectors *cards)
{
	struct match_key keys[BY_COUNT] = { { .ours = "Path" }, { .ours = "PermanentMACAddress" },
		{ .ours = "PermanentMACAddress" }, { .ours = "Name" } };
	size_t wrong = import->wrong.count;
	bool used[BY_COUNT] = { false };

	*cards = (struct pf_selectors){ 0 };
	read_keys(import, ini, keys);
	choose_cards(keys, cards, used);
	renamed = rename_card(cards, renamed);
	for (int key = 0; key < BY_COUNT; key++) {
		if (keys[key].entry && used[key])
			report_used(import, &keys[key], key, renamed);
		else if (keys[key].entry)
			report_unused(import, &keys[key], cards->count);
		free(keys[key].cards.items);
	}
	if (!cards->count && wrong == import->wrong.count)
		import_wrong(import, NULL,
				"[Match] selects no single card: give Path=, PermanentMACAddress=, "
				"MACAddress= or OriginalName=");
}

void cleanup_pf_selectors(struct pf_selectors *selectors)
{
	free(selectors->items);
}
