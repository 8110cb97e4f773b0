/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proof/registers.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/text.h"
#include "proof/expression.h"

#define NUMBERS_LIMIT 256  /* VFs or indices of one section */
#define WRITES_LIMIT  4096 /* of one defect, vfsuite's limit */

/* The values of VF= or Index=. A section without the key means one write, in which the variable has no
 * value. */
struct numbers {
	bool given;
	uint64_t list[NUMBERS_LIMIT];
	size_t count;
};

/* "4" or "0-6". */
static int take_range(char *word, struct numbers *numbers)
{
	char *dash = strchr(word, '-');
	uint64_t first, last;

	if (dash)
		*dash = '\0';
	if (number_parse(word, 0, 65535, &first) < 0 ||
			number_parse(dash ? dash + 1 : word, 0, 65535, &last) < 0 || last < first ||
			last - first >= NUMBERS_LIMIT - numbers->count)
		return -EINVAL;
	for (; first <= last; first++)
		numbers->list[numbers->count++] = first;
	return 0;
}

static int read_numbers(const struct ini *file, const struct ini_section *section, const char *key,
		struct numbers *numbers, struct err *err)
{
	const char *value = ini_value(section, key);
	CLEANUP(cleanup_free) char *copy = text_format("%s", value ? value : "");
	char *rest = copy, *word;

	*numbers = (struct numbers){ .given = value != NULL };
	while ((word = strsep(&rest, " \t"))) {
		if (*word && take_range(word, numbers) < 0)
			return ini_complain(file, section, key,
					"must be numbers and ranges like 0 2-6, 256 at most", err);
	}
	if (value && !numbers->count)
		return ini_complain(file, section, key, "is empty", err);
	if (!value)
		numbers->count = 1;
	return 0;
}

static int put_value(const struct ini *file, const struct ini_section *section, const char *key,
		const char *member, const struct expression_variable *variables, size_t count,
		struct record *write, struct err *err)
{
	const char *text = ini_value(section, key);
	struct err cause = { 0 };
	uint64_t value = 0;

	if (text && expression_evaluate(text, variables, count, &value, &cause) < 0)
		return ini_complain(file, section, key, cause.msg, err);
	if (value > UINT32_MAX)
		return ini_complain(file, section, key, "does not fit into 32 bits", err);
	record_put_int(write, member, (int64_t)value);
	return 0;
}

static int add_write(const struct ini *file, const struct ini_section *section,
		const struct expression_variable *variables, size_t count, struct record *registers,
		struct err *err)
{
	static const struct {
		const char *key, *member;
	} parts[] = { { "Address", "address" }, { "Mask", "mask" }, { "Match", "match" },
		{ "Clear", "clear" }, { "Set", "set" } };
	CLEANUP(cleanup_record) struct record *write = record_object();
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof(parts) / sizeof(*parts); i++)
		rc = put_value(file, section, parts[i].key, parts[i].member, variables, count,
				write, err);
	if (rc < 0)
		return rc;
	if (record_int(write, "address", 0) % 4)
		return ini_complain(file, section, "Address", "is not a multiple of 4", err);
	if (record_int(write, "match", 0) & ~record_int(write, "mask", 0))
		return ini_complain(file, section, "Match", "has bits outside of Mask=", err);
	if (record_length(registers) >= WRITES_LIMIT)
		return ini_complain(file, section, "Address", "makes more than 4096 writes", err);
	record_add(registers, TAKE(write));
	return 0;
}

int registers_expand(const struct ini *file, const struct ini_section *section,
		struct record *registers, struct err *err)
{
	static const char *const known[] = { "Address", "VF", "Index", "Mask", "Match", "Clear",
		"Set", NULL };
	struct numbers vfs, indices;
	int rc = ini_check_keys(file, section, known, err);

	if (!rc && !ini_value(section, "Address"))
		rc = ini_complain(file, section, "Address", "is missing", err);
	if (!rc && !ini_value(section, "Clear") && !ini_value(section, "Set"))
		rc = ini_complain(file, section, "Set",
				"and Clear= are missing: it changes nothing", err);
	if (!rc)
		rc = read_numbers(file, section, "VF", &vfs, err);
	if (!rc)
		rc = read_numbers(file, section, "Index", &indices, err);
	for (size_t v = 0; !rc && v < vfs.count; v++) {
		for (size_t i = 0; !rc && i < indices.count; i++) {
			struct expression_variable variables[2];
			size_t count = 0;

			if (vfs.given)
				variables[count++] =
						(struct expression_variable){ "vf", vfs.list[v] };
			if (indices.given)
				variables[count++] = (struct expression_variable){ "i",
					indices.list[i] };
			rc = add_write(file, section, variables, count, registers, err);
		}
	}
	return rc;
}
