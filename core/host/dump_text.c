/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/dump_text.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"

/*
 * This parser reads a dump before libpci does, because libpci ends the program on a malformed one.
 * libpci gets a rewritten text that it never rejects.
 */

enum {
	TEXT_LIMIT = 64 << 20,
	SPACE_SIZE = 4096,
	LINE_BYTES = 16,
	FUNCTIONS_LIMIT = 8192,
	PATH_ROOM = 256
};

struct reading {
	const char *path;
	unsigned line;
	FILE *out;
	struct dump_text *dump;
	bool inside; /* reading the lines of a function */
	unsigned end;
	unsigned char bytes[SPACE_SIZE];
};

/* Parses "01:00.0 Ethernet controller: ...", or a path of lspci -PP, "0000:00:01.0/01:00.0
 * Ethernet ...": the last address is that of the function, in the domain of the first. */
static bool take_address(const char *line, struct bdf *bdf)
{
	char path[PATH_ROOM], *rest = path, *part;
	size_t length = strcspn(line, " \t");
	struct bdf first = { 0 };

	if (length >= sizeof(path))
		return false;
	memcpy(path, line, length);
	path[length] = '\0';
	for (bool begins = true; (part = strsep(&rest, "/")); begins = false) {
		if (bdf_parse(part, bdf) < 0)
			return false;
		if (begins)
			first = *bdf;
	}
	bdf->domain = first.domain;
	return true;
}

/* Whether the line is a path of lspci -P, "00:01.0/00.0 Ethernet ...", without the bus of the
 * function. */
static bool is_path_without_bus(const char *line)
{
	size_t length = strcspn(line, " \t"), first = strcspn(line, "/ \t");
	char address[BDF_TEXT];
	struct bdf bdf;

	if (first >= sizeof(address) || first == length || length - first < 5)
		return false;
	memcpy(address, line, first);
	address[first] = '\0';
	line += first + 1;
	return !bdf_parse(address, &bdf) && isxdigit((unsigned char)line[0]) &&
			isxdigit((unsigned char)line[1]) && line[2] == '.';
}

/* The number of the domain in the rewritten text. */
static uint32_t domain_in_text(const struct dump_text *dump, uint32_t domain)
{
	uint32_t next = 0;

	for (size_t i = 0; i < dump->count; i++) {
		if (dump->functions[i].domain == domain)
			return dump->in_text[i].domain;
		if (dump->in_text[i].domain >= next)
			next = dump->in_text[i].domain + 1;
	}
	return next;
}

static void end_function(struct reading *reading)
{
	unsigned size = reading->end > 256 ? SPACE_SIZE : reading->end > 64 ? 256 : 64;

	if (!reading->inside)
		return;
	for (unsigned at = 0; at < size && reading->end; at += LINE_BYTES) {
		fprintf(reading->out, "%02x:", at);
		for (unsigned i = 0; i < LINE_BYTES; i++)
			fprintf(reading->out, " %02x", reading->bytes[at + i]);
		fputc('\n', reading->out);
	}
	fputc('\n', reading->out);
	reading->inside = false;
}

static int begin_function(struct reading *reading, struct bdf bdf, struct err *err)
{
	struct dump_text *dump = reading->dump;
	struct bdf in_text = bdf;
	char text[BDF_TEXT];

	end_function(reading);
	for (size_t i = 0; i < dump->count; i++) {
		if (bdf_equal(dump->functions[i], bdf))
			return err_set(err, EINVAL,
					"%s:%u: %s stands there a second time: keep each dump "
					"in a file of its own",
					reading->path, reading->line, bdf_format(bdf, text));
	}
	if (dump->count == FUNCTIONS_LIMIT)
		return err_set(err, EINVAL, "%s: more than %d functions", reading->path,
				FUNCTIONS_LIMIT);
	dump->functions = reallocarray(dump->functions, dump->count + 1, sizeof(bdf));
	dump->in_text = reallocarray(dump->in_text, dump->count + 1, sizeof(bdf));
	if (!dump->functions || !dump->in_text)
		abort();
	in_text.domain = domain_in_text(dump, bdf.domain);
	dump->in_text[dump->count] = in_text;
	dump->functions[dump->count++] = bdf;
	fprintf(reading->out, "%s -\n", bdf_format(in_text, text));
	memset(reading->bytes, 0, sizeof(reading->bytes));
	reading->inside = true;
	reading->end = 0;
	return 0;
}

/* Whether the line is "1a0: 00 01 ...": an offset of two or three digits, with which no other
 * line of lspci begins. Or what is left of one that was cut off. */
static bool is_bytes(const char *line)
{
	size_t digits = strspn(line, "0123456789abcdefABCDEF");

	if (!line[digits])
		return digits && digits <= 3;
	return (digits == 2 || digits == 3) && line[digits] == ':' &&
			(line[digits + 1] == ' ' || !line[digits + 1]);
}

static int take_bytes(struct reading *reading, const char *line, struct err *err)
{
	char *rest;
	unsigned first = (unsigned)strtoul(line, &rest, 16), at = first;

	for (rest += *rest == ':'; rest[strspn(rest, " \t")]; at++) {
		rest += strspn(rest, " \t");
		if (!isxdigit((unsigned char)rest[0]) || !isxdigit((unsigned char)rest[1]) ||
				(rest[2] && !isspace((unsigned char)rest[2])) || at >= SPACE_SIZE)
			return err_set(err, EINVAL,
					"%s:%u: '%.16s' is no byte of a configuration space",
					reading->path, reading->line, rest);
		reading->bytes[at] = (unsigned char)strtoul(rest, &rest, 16);
	}
	if (at - first < LINE_BYTES)
		return err_set(err, EINVAL,
				"%s:%u: the line is cut off: it has %u of %d bytes; write the dump "
				"again with lspci -xxxx as root",
				reading->path, reading->line, at - first, LINE_BYTES);
	if (at > reading->end)
		reading->end = at;
	return 0;
}

/* Skips what mail and editors put before a line: "> > 00: 86 80". */
static char *skip_margin(char *line)
{
	return line + strspn(line, "> \t");
}

static int take_line(struct reading *reading, char *line, struct err *err)
{
	struct bdf bdf;

	line[strcspn(line, "\r")] = '\0';
	line = skip_margin(line);
	reading->line++;
	if (!*line)
		end_function(reading);
	else if (take_address(line, &bdf))
		return begin_function(reading, bdf, err);
	else if (is_path_without_bus(line))
		return err_set(err, EINVAL,
				"%s:%u: the bus of a function is not in its path: write the dump "
				"without -P, or with -PP",
				reading->path, reading->line);
	else if (reading->inside && is_bytes(line))
		return take_bytes(reading, line, err);
	return 0;
}

/* Skips a byte order mark. NULL: the text is UTF-16. */
static char *skip_mark(char *text)
{
	if (!strncmp(text, "\xff\xfe", 2) || !strncmp(text, "\xfe\xff", 2))
		return NULL;
	return strncmp(text, "\xef\xbb\xbf", 3) ? text : text + 3;
}

static int take_text(struct reading *reading, char *text, struct err *err)
{
	char *rest = skip_mark(text), *line;
	int rc = 0;

	if (!rest)
		return err_set(err, EINVAL, "%s:1: the text is UTF-16: convert it to UTF-8",
				reading->path);
	while (!rc && (line = strsep(&rest, "\n")))
		rc = take_line(reading, line, err);
	end_function(reading);
	return rc;
}

int dump_text_load(const char *path, struct dump_text *dump, struct err *err)
{
	CLEANUP(cleanup_dump_text) struct dump_text fresh = { 0 };
	CLEANUP(cleanup_free) char *text = NULL;
	CLEANUP(cleanup_free) struct reading *reading = calloc(1, sizeof(*reading));
	int rc = file_read(AT_FDCWD, path, TEXT_LIMIT, &text, NULL, err);

	if (rc < 0)
		return rc;
	if (!reading)
		abort();
	*reading = (struct reading){
		.path = path, .dump = &fresh, .out = open_memstream(&fresh.text, &fresh.length)
	};
	if (!reading->out)
		abort();
	rc = take_text(reading, text, err);
	if (fclose(reading->out))
		abort();
	if (!rc && !fresh.count)
		rc = err_set(err, EINVAL,
				"%s: no configuration space in it: write it with lspci -xxxx as "
				"root",
				path);
	if (rc < 0)
		return rc;
	*dump = fresh;
	fresh = (struct dump_text){ 0 };
	return 0;
}

void cleanup_dump_text(struct dump_text *dump)
{
	free(dump->text);
	free(dump->functions);
	free(dump->in_text);
	*dump = (struct dump_text){ 0 };
}
