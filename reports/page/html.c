/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/page/html.h"

#include <stdarg.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"

static void print_value(FILE *out, const char *spec, va_list *args)
{
	size_t last = strlen(spec) - 1;

	if (spec[last] == 'f' || spec[last] == 'g')
		fprintf(out, spec, va_arg(*args, double));
	else if (strchr(spec, 'z'))
		fprintf(out, spec, va_arg(*args, size_t));
	else if (strchr(spec, 'l'))
		fprintf(out, spec, va_arg(*args, long long));
	else
		fprintf(out, spec, va_arg(*args, int));
}

void html_print(FILE *out, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	while (*format) {
		size_t plain = strcspn(format, "%"), length;
		char spec[16];

		fwrite(format, 1, plain, out);
		format += plain;
		if (!*format)
			break;
		if (format[1] == 's') {
			escape_markup(va_arg(args, const char *), out);
			format += 2;
			continue;
		}
		if (format[1] == '%') {
			fputc('%', out);
			format += 2;
			continue;
		}
		length = strcspn(format, "dufg") + 1;
		snprintf(spec, sizeof(spec), "%.*s", (int)length, format);
		print_value(out, spec, &args);
		format += length;
	}
	va_end(args);
}

void html_chip(FILE *out, const char *class, const char *glyph, const char *word)
{
	html_print(out, "<span class=\"chip %s\"><b aria-hidden=\"true\">%s</b>%s</span>", class,
			glyph, word);
}

void html_verdict(FILE *out, enum verdict verdict)
{
	static const char *const glyphs[VERDICTS] = { "\u2713", "\u2717", "\u25cb", "!", "\u2248",
		"\u2260" };

	html_chip(out, verdict_words[verdict], glyphs[verdict], verdict_words[verdict]);
}

static const struct {
	const char *class, *glyph, *word;
} states[CAPABILITY_STATES] = {
	[CAPABILITY_CERTIFIED] = { "certified", "\u2713", "certified" },
	[CAPABILITY_QUIRKS] = { "quirks", "\u2248", "with quirks" },
	[CAPABILITY_FAILED] = { "failed", "\u2717", "failed" },
	[CAPABILITY_STALE] = { "stale", "\u21bb", "stale" },
	[CAPABILITY_NOT_TESTED] = { "untested", "\u25cb", "not tested" },
	[CAPABILITY_NOT_SUPPORTED] = { "unsupported", "\u2212", "unsupported" },
};

const char *html_state_class(enum capability_state state)
{
	return states[state].class;
}

const char *html_state_glyph(enum capability_state state)
{
	return states[state].glyph;
}

const char *html_state_word(enum capability_state state)
{
	return states[state].word;
}

void html_state(FILE *out, enum capability_state state)
{
	html_chip(out, states[state].class, states[state].glyph, capability_states[state]);
}

void html_fact(FILE *out, const char *name, const struct record *value)
{
	enum record_type type = record_type(value);
	CLEANUP(cleanup_free) char *printed = NULL;

	if (type != RECORD_TEXT && type != RECORD_NUMBER && type != RECORD_BOOL)
		return;
	if (type == RECORD_NUMBER)
		printed = record_print(value);
	html_print(out, "<div><dt>%s</dt><dd><bdi>%s</bdi></dd></div>\n", name,
			type == RECORD_TEXT                   ? record_text(value)
					: type == RECORD_BOOL ? record_truth(value) ? "yes" : "no"
							      : printed);
}
