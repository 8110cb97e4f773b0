/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "domain/domain_internal.h"

/* The values in a domain's XML, and complaints about them. */

int reading_complain(
		const struct reading *reading, const struct xml *element, const char *format, ...)
{
	char what[200];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	return err_set(reading->err, EINVAL, "%.180s:%u:%u: %s", reading->file, element->line,
			element->column, what);
}

char *reading_copy(const char *text)
{
	char *copy = text ? strdup(text) : NULL;

	if (text && !copy)
		abort();
	return copy;
}

/* A number of C whose base its beginning says. */
static int parse_octal(const char *text, uint64_t max, uint64_t *value)
{
	uint64_t number = 0;

	for (; *text; text++) {
		if (*text < '0' || *text > '7')
			return -EINVAL;
		number = number << 3 | (uint64_t)(*text - '0');
		if (number > max)
			return -ERANGE;
	}
	*value = number;
	return 0;
}

int reading_number(const struct reading *reading, const struct xml *element, const char *attribute,
		enum number_form form, uint64_t max, uint64_t *value)
{
	const char *text = xml_attribute(element, attribute);
	bool octal, hexadecimal;
	int rc;

	if (!text)
		return 0;
	octal = text[0] == '0' && isdigit((unsigned char)text[1]);
	hexadecimal = text[0] == '0' && tolower((unsigned char)text[1]) == 'x';
	if (form == C_NUMBERS && octal)
		rc = parse_octal(text, max, value);
	else if (form == DECIMAL && hexadecimal)
		rc = -EINVAL;
	else
		rc = number_parse(text, 0, max, value);
	if (rc == -ERANGE)
		return reading_complain(reading, element, "%s='%.40s' of <%s> is above %llu",
				attribute, text, element->name, (unsigned long long)max);
	if (rc < 0)
		return reading_complain(reading, element, "%s='%.40s' of <%s> is not a number",
				attribute, text, element->name);
	return 0;
}

int reading_word(const struct reading *reading, const struct xml *element, const char *attribute,
		const char *const words[], unsigned *index)
{
	const char *text = xml_attribute(element, attribute);
	char takes[80] = "";

	*index = 0;
	if (!text)
		return 0;
	for (unsigned i = 1; words[i]; i++) {
		size_t used = strlen(takes);

		if (!strcmp(words[i], text)) {
			*index = i;
			return 0;
		}
		snprintf(takes + used, sizeof(takes) - used, "%s%s", i > 1 ? " or " : "", words[i]);
	}
	return reading_complain(reading, element, "%s='%.40s' of <%s>: it takes %s", attribute,
			text, element->name, takes);
}

/* Numbers and limits as of virPCIDeviceAddressParseXML() and virPCIDeviceAddressIsValid(); an
 * attribute that is not there is 0. */
int reading_address(const struct reading *reading, const struct xml *element, bool *given,
		struct bdf *bdf)
{
	static const struct {
		const char *name;
		uint64_t max;
	} parts[] = { { "domain", UINT32_MAX }, { "bus", 0xff }, { "slot", 0x1f },
		{ "function", 7 } };
	const char *type = xml_attribute(element, "type");
	uint64_t values[4] = { 0 };

	if (!element || (type && strcmp(type, "pci") != 0))
		return 0;
	for (size_t i = 0; i < 4; i++) {
		int rc = reading_number(reading, element, parts[i].name, C_NUMBERS, parts[i].max,
				&values[i]);

		if (rc < 0)
			return rc;
	}
	*given = values[0] || values[1] || values[2];
	*bdf = (struct bdf){ (uint32_t)values[0], (uint8_t)values[1], (uint8_t)values[2],
		(uint8_t)values[3] };
	return 0;
}
