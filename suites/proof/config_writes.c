/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proof/config_writes.h"

#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/text.h"
#include "proof/expression.h"

/* The section [Config NAME] of a defect: writes to the configuration spaces of the PF, VFs, and the port
 * above. */

enum { WRITES_LIMIT = 256, VF_LIMIT = 255, SPACE_SIZE = 4096 };

static int put_number(const struct ini *file, const struct ini_section *section, const char *key,
		const char *member, uint64_t limit, struct record *write, struct err *err)
{
	const char *text = ini_value(section, key);
	struct err cause = { 0 };
	uint64_t value = 0;

	if (text && expression_evaluate(text, NULL, 0, &value, &cause) < 0)
		return ini_complain(file, section, key, cause.msg, err);
	if (value > limit)
		return ini_complain(file, section, key, "is too large", err);
	record_put_int(write, member, (int64_t)value);
	return 0;
}

/* Reads the members that are the same for each function. */
static int read_write(const struct ini *file, const struct ini_section *section,
		struct record *write, struct err *err)
{
	static const char *const capabilities[] = { "msi", "express", "msix", "aer", "acs", "ari",
		"sriov", NULL };
	const char *capability = ini_value(section, "Capability");
	const char *pretend = ini_value(section, "Pretend");
	size_t i = 0;
	int rc = put_number(file, section, "Offset", "offset", SPACE_SIZE - 2, write, err);

	if (!rc)
		rc = put_number(file, section, "Clear", "clear", UINT16_MAX, write, err);
	if (!rc)
		rc = put_number(file, section, "Set", "set", UINT16_MAX, write, err);
	if (rc < 0)
		return rc;
	while (capability && capabilities[i] && strcmp(capabilities[i], capability))
		i++;
	if (capability && !capabilities[i])
		return ini_complain(file, section, "Capability",
				"must be msi, express, msix, aer, acs, ari or sriov", err);
	if (pretend && strcmp(pretend, "yes") && strcmp(pretend, "no"))
		return ini_complain(file, section, "Pretend", "must be yes or no", err);
	if (record_int(write, "offset", 0) % 2)
		return ini_complain(file, section, "Offset", "is odd", err);
	record_put_str(write, "capability", capability);
	record_put_bool(write, "pretend", pretend && !strcmp(pretend, "yes"));
	return 0;
}

/* "pf", "port", "vf0" */
static bool is_function(const char *word)
{
	uint64_t number;

	return !strcmp(word, "pf") || !strcmp(word, "port") ||
			(!strncmp(word, "vf", 2) &&
					number_parse(word + 2, 0, VF_LIMIT, &number) == 0);
}

int config_writes_add(const struct ini *file, const struct ini_section *section,
		struct record *writes, struct err *err)
{
	static const char *const known[] = { "Function", "Capability", "Offset", "Clear", "Set",
		"Pretend", NULL };
	CLEANUP(cleanup_record) struct record *write = record_object();
	const char *functions = ini_value(section, "Function");
	CLEANUP(cleanup_free) char *copy = text_format("%s", functions ? functions : "");
	char *rest = copy, *word;
	size_t before = record_length(writes);
	int rc = ini_check_keys(file, section, known, err);

	if (!rc && !ini_value(section, "Offset"))
		rc = ini_complain(file, section, "Offset", "is missing", err);
	if (!rc && !ini_value(section, "Clear") && !ini_value(section, "Set"))
		rc = ini_complain(file, section, "Set",
				"and Clear= are missing: it changes nothing", err);
	if (!rc)
		rc = read_write(file, section, write, err);
	while (!rc && (word = strsep(&rest, " \t"))) {
		struct record *one;

		if (!*word)
			continue;
		if (!is_function(word))
			return ini_complain(file, section, "Function",
					"must be pf, port, vf0, vf1...", err);
		one = record_copy(write);
		record_put_str(one, "function", word);
		record_add(writes, one);
	}
	if (!rc && record_length(writes) == before)
		rc = ini_complain(file, section, "Function", "is missing: pf, port, vf0, vf1...",
				err);
	if (!rc && record_length(writes) > WRITES_LIMIT)
		rc = ini_complain(file, section, "Function", "makes more than 256 writes", err);
	return rc;
}
