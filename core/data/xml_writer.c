/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "data/xml_writer.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/escape.h"

static void indent(const struct xml_writer *writer)
{
	fprintf(writer->out, "%*s", (int)(2 * writer->depth), "");
}

static void close_tag(struct xml_writer *writer, const char *end)
{
	if (writer->in_tag)
		fputs(end, writer->out);
	writer->in_tag = false;
}

static bool can_write(struct xml_writer *writer, const char *where, const char *value)
{
	if (escape_is_exact(value))
		return true;
	err_set(&writer->err, EINVAL,
			"%s of <%s>: a line break, a control character, or a byte that is not "
			"UTF-8",
			where, writer->open[writer->depth - 1]);
	return false;
}

void xml_begin(struct xml_writer *writer, const char *name)
{
	if (writer->depth == XML_WRITER_DEPTH)
		abort();
	close_tag(writer, ">\n");
	indent(writer);
	fprintf(writer->out, "<%s", name);
	writer->open[writer->depth++] = name;
	writer->in_tag = true;
	writer->in_text = false;
}

void xml_put(struct xml_writer *writer, const char *attribute, const char *format, ...)
{
	CLEANUP(cleanup_free) char *value = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&value, format, args) < 0)
		abort();
	va_end(args);
	if (!can_write(writer, attribute, value))
		return;
	fprintf(writer->out, " %s='", attribute);
	escape_markup(value, writer->out);
	fputc('\'', writer->out);
}

void xml_put_text(struct xml_writer *writer, const char *text)
{
	if (!can_write(writer, "the text", text))
		return;
	close_tag(writer, ">");
	escape_markup(text, writer->out);
	writer->in_text = true;
}

void xml_end(struct xml_writer *writer)
{
	const char *name = writer->open[--writer->depth];

	if (writer->in_tag) {
		close_tag(writer, "/>\n");
	} else {
		if (!writer->in_text)
			indent(writer);
		fprintf(writer->out, "</%s>\n", name);
	}
	writer->in_text = false;
}

int xml_writer_finish(const struct xml_writer *writer, struct err *err)
{
	return writer->err.code ? err_pass(err, &writer->err, "%s", writer->err.msg) : 0;
}
