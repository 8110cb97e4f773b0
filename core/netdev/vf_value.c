/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/bool.h"
#include "base/number.h"
#include "netdev/vf_settings.h"

/*
 * The values of settings as text and as records. All values except MACs and GUIDs are numbers of
 * 32 bits; some numbers have words.
 */

struct word {
	uint32_t number;
	const char *form[2]; /* in files, in options and JSON; NULL ends the list */
};

/* The words for a kind of value; NULL: it has none. */
static const struct word *words_of(enum vf_value_kind kind)
{
	static const struct word switches[] = { { 1, { "yes", "on" } }, { 0, { "no", "off" } },
		{ 0 } };
	static const struct word links[] = { { VF_LINK_AUTO, { "auto", "auto" } },
		{ VF_LINK_ENABLE, { "yes", "enable" } }, { VF_LINK_DISABLE, { "no", "disable" } },
		{ 0 } };
	static const struct word protocols[] = { { ETH_P_8021Q, { "802.1Q", "802.1Q" } },
		{ ETH_P_8021AD, { "802.1ad", "802.1ad" } }, { 0 } };

	switch (kind) {
	case VF_VALUE_SWITCH:
		return switches;
	case VF_VALUE_LINK:
		return links;
	case VF_VALUE_PROTO:
		return protocols;
	default:
		return NULL;
	}
}

const struct vf_value *vf_value_at(unsigned index)
{
	const struct vf_setting *setting;

	for (unsigned bit = 1; (setting = vf_setting_of(bit)); bit <<= 1) {
		for (const struct vf_value *value = setting->values; value->key; value++) {
			if (!index--)
				return value;
		}
	}
	return NULL;
}

static void *at(const struct vf_value *value, struct vf_settings *settings)
{
	return (char *)settings + value->offset;
}

static const void *in(const struct vf_value *value, const struct vf_settings *settings)
{
	return (const char *)settings + value->offset;
}

uint32_t vf_value_number(const struct vf_value *value, const struct vf_settings *settings)
{
	uint8_t small;
	uint16_t medium;
	uint32_t large;

	switch (value->size) {
	case sizeof(small):
		memcpy(&small, in(value, settings), sizeof(small));
		return small;
	case sizeof(medium):
		memcpy(&medium, in(value, settings), sizeof(medium));
		return medium;
	default:
		memcpy(&large, in(value, settings), sizeof(large));
		return large;
	}
}

bool vf_value_set_number(
		const struct vf_value *value, struct vf_settings *settings, uint32_t number)
{
	const struct word *word = words_of(value->kind);
	uint8_t small = (uint8_t)number;
	uint16_t medium = (uint16_t)number;

	while (word && *word->form && word->number != number)
		word++;
	if (word ? !*word->form : number > value->max)
		return false;
	memcpy(at(value, settings),
			value->size == sizeof(small)                    ? (void *)&small
					: value->size == sizeof(medium) ? (void *)&medium
									: (void *)&number,
			value->size);
	return true;
}

static int parse_word(const struct vf_value *value, enum vf_form form, const char *text,
		struct vf_settings *settings)
{
	for (const struct word *word = words_of(value->kind); *word->form; word++) {
		if (strcasecmp(text, word->form[form]) != 0)
			continue;
		vf_value_set_number(value, settings, word->number);
		return 0;
	}
	return -EINVAL;
}

static int parse_mac(const struct vf_value *value, const char *text, struct vf_settings *settings)
{
	struct mac mac;

	if (mac_parse(text, &mac) < 0 || mac_is_multicast(mac))
		return -EINVAL;
	memcpy(at(value, settings), &mac, sizeof(mac));
	return 0;
}

static int parse_guid(const struct vf_value *value, const char *text, struct vf_settings *settings)
{
	uint64_t guid;

	if (guid_parse(text, &guid) < 0)
		return -EINVAL;
	memcpy(at(value, settings), &guid, sizeof(guid));
	return 0;
}

int vf_value_parse(const struct vf_value *value, enum vf_form form, const char *text,
		struct vf_settings *settings)
{
	uint64_t number;
	bool truth;

	switch (value->kind) {
	case VF_VALUE_MAC:
		return parse_mac(value, text, settings);
	case VF_VALUE_GUID:
		return parse_guid(value, text, settings);
	case VF_VALUE_NUMBER:
		if (number_parse(text, 0, value->max, &number) < 0)
			return -EINVAL;
		vf_value_set_number(value, settings, (uint32_t)number);
		return 0;
	default:
		if (form == VF_IN_FILES && !bool_parse(text, &truth))
			text = truth ? "yes" : "no";
		return parse_word(value, form, text, settings);
	}
}

const char *vf_value_print(const struct vf_value *value, enum vf_form form,
		const struct vf_settings *settings, char *text, size_t size)
{
	const struct word *word = words_of(value->kind);
	char mac_text[MAC_TEXT], guid_text[GUID_TEXT];
	struct mac mac;
	uint64_t guid;

	if (value->kind == VF_VALUE_MAC) {
		memcpy(&mac, in(value, settings), sizeof(mac));
		snprintf(text, size, "%s", mac_format(mac, mac_text));
	} else if (value->kind == VF_VALUE_GUID) {
		memcpy(&guid, in(value, settings), sizeof(guid));
		snprintf(text, size, "%s", guid_format(guid, guid_text));
	} else if (!word) {
		snprintf(text, size, "%u", vf_value_number(value, settings));
	} else {
		while (*word->form && word->number != vf_value_number(value, settings))
			word++;
		snprintf(text, size, "%s", *word->form ? word->form[form] : "");
	}
	return text;
}

const char *vf_value_takes(const struct vf_value *value, enum vf_form form, char *text, size_t size)
{
	const struct word *word = words_of(value->kind);
	size_t used = 0;

	if (form == VF_IN_FILES)
		return value->takes;
	if (value->kind == VF_VALUE_MAC)
		return "an address such as 52:54:00:12:34:56";
	if (value->kind == VF_VALUE_GUID)
		return value->takes;
	if (!word)
		snprintf(text, size, "a number from 0 to %u", value->max);
	for (; word && *word->form && used < size; word++)
		used += (size_t)snprintf(text + used, size - used, "%s%s", word->form[form],
				!*word[1].form                  ? ""
						: *word[2].form ? ", "
								: " or ");
	return text;
}

void vf_setting_print(
		const struct vf_setting *setting, const struct vf_settings *settings, FILE *out)
{
	char text[32];

	for (const struct vf_value *value = setting->values; value->key; value++) {
		if (!value->is_implied || !value->is_implied(settings))
			fprintf(out, "%s=%s\n", value->key,
					vf_value_print(value, VF_IN_FILES, settings, text,
							sizeof(text)));
	}
}

/* Returns "min_rate" for the option min-rate. */
static const char *json_name(const struct vf_value *value, char name[32])
{
	snprintf(name, 32, "%s", value->option->name);
	for (char *c = name; *c; c++)
		*c = *c == '-' ? '_' : *c;
	return name;
}

static void record_value(const struct vf_value *value, const struct vf_settings *settings,
		struct record *record)
{
	char name[32], text[32];

	json_name(value, name);
	vf_value_print(value, VF_IN_OPTIONS, settings, text, sizeof(text));
	if (value->kind == VF_VALUE_NUMBER)
		record_put_int(record, name, vf_value_number(value, settings));
	else if (value->kind == VF_VALUE_SWITCH)
		record_put_bool(record, name, vf_value_number(value, settings));
	else
		record_put_str(record, name, *text ? text : NULL);
}

struct record *vf_settings_to_record(const struct vf_settings *settings)
{
	struct record *record = record_object();
	const struct vf_value *value;

	for (unsigned i = 0; (value = vf_value_at(i)); i++) {
		if (settings->given & value->bit)
			record_value(value, settings, record);
	}
	return record;
}

static int value_of_record(const struct vf_value *value, const struct record *record,
		struct vf_settings *settings)
{
	char name[32];
	const struct record *member = record_get(record, json_name(value, name));
	enum record_type type = record_type(member);

	switch (value->kind) {
	case VF_VALUE_NUMBER:
		return type == RECORD_NUMBER &&
						vf_value_set_number(value, settings,
								(uint32_t)record_int(
										record, name, 0))
				? 0
				: -EINVAL;
	case VF_VALUE_SWITCH:
		return type == RECORD_BOOL &&
						vf_value_set_number(value, settings,
								record_truth(member))
				? 0
				: -EINVAL;
	default:
		return type == RECORD_TEXT ? vf_value_parse(value, VF_IN_OPTIONS,
							     record_text(member), settings)
					   : -EINVAL;
	}
}

struct vf_settings vf_settings_from_record(const struct record *record)
{
	struct vf_settings settings = { 0 };

	for (const struct vf_setting *setting = vf_setting_table; setting->name; setting++) {
		for (const struct vf_value *value = setting->values; value->key; value++) {
			if (!value_of_record(value, record, &settings))
				settings.given |= setting->bit;
		}
	}
	return settings;
}
