/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/page/page_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "reports/page/html.h"
#include "reports/results/matrix_row.h"
#include "reports/text/report_text.h"

/* What differs between the rows of one card: first their environments, which head the columns,
 * then check by check. */

#define LINES_LIMIT 1000

const char page_letters[VERDICTS + 1] = "pfsbkc";

static const struct {
	const char *name, *part, *member;
} environment[] = { { "Kernel", "software", "kernel" }, { "Driver", "software", "driver_version" },
	{ "Firmware", "software", "firmware" }, { "QEMU", "rig", "qemu" },
	{ "Topology", "rig", "topology" }, { "Host", "platform", "product" } };
#define ENVIRONMENT_FACTS (sizeof(environment) / sizeof(*environment))

/* The rows from FIRST up to END of the page belong to one card. */
struct group {
	const struct page *page;
	size_t first, end, shown;
};

static const char *fact_of(const struct group *group, size_t row, size_t fact)
{
	const struct record *part = record_get(group->page->rows[row].row, environment[fact].part);

	return record_str(part, environment[fact].member, "");
}

static bool fact_differs(const struct group *group, size_t fact)
{
	for (size_t i = group->first + 1; i < group->end; i++) {
		if (!group->page->rows[i].superseded &&
				strcmp(fact_of(group, i, fact),
						fact_of(group, group->first, fact)) != 0)
			return true;
	}
	return false;
}

/* Prints a line above the checks for each fact about the environment that differs. */
static void print_environment(const struct group *group, FILE *out)
{
	fputs("<thead>\n", out);
	for (size_t k = 0; k < ENVIRONMENT_FACTS; k++) {
		if (!fact_differs(group, k))
			continue;
		html_print(out, "<tr><th scope=\"row\">%s</th>", environment[k].name);
		for (size_t i = group->first; i < group->end; i++) {
			const char *value = fact_of(group, i, k);
			CLEANUP(cleanup_free)
			char *word = strndup(value, strcspn(value, " "));

			if (!group->page->rows[i].superseded)
				html_print(out,
						"<th scope=\"col\"><a href=\"#%srun\"><bdi>%s</bdi>"
						"</a></th>",
						page_ids_of(group->page, i).prefix, word);
		}
		fputs("</tr>\n", out);
	}
	fputs("</thead>\n", out);
}

static bool letters_differ(const struct group *group, const char *letters)
{
	for (size_t i = group->first + 1; i < group->end; i++) {
		if (!group->page->rows[i].superseded && letters[i] != letters[group->first])
			return true;
	}
	return false;
}

static void print_check(const struct group *group, const char *id, const char *letters, FILE *out)
{
	html_print(out, "<tr><th scope=\"row\"><code><bdi>%s</bdi></code></th>", id);
	for (size_t i = group->first; i < group->end; i++) {
		const char *letter = strchr(page_letters, letters[i]);

		if (group->page->rows[i].superseded)
			continue;
		if (letters[i] == ' ' || !letter) {
			fputs("<td class=\"none\">not run</td>", out);
			continue;
		}
		html_print(out, "<td class=\"%s\"><a href=\"#%s%s\">",
				verdict_words[letter - page_letters],
				page_ids_of(group->page, i).prefix, id);
		html_verdict(out, (enum verdict)(letter - page_letters));
		fputs("</a></td>", out);
	}
	fputs("</tr>\n", out);
}

static void print_group(const struct group *group, const struct record *verdicts, FILE *out)
{
	const struct record *value;
	const char *id;
	size_t lines = 0, left = 0;

	fputs("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"differences\">"
	      "\n<table class=\"differences\">\n<caption><bdi>",
			out);
	report_card(group->page->rows[group->first].row, escape_markup, out);
	fputs("</bdi></caption>\n", out);
	print_environment(group, out);
	fputs("<tbody>\n", out);
	for (void *at = record_first(verdicts); record_next(verdicts, &at, &id, &value);) {
		if (!letters_differ(group, record_text(value)))
			continue;
		if (lines == LINES_LIMIT) {
			left++;
			continue;
		}
		print_check(group, id, record_text(value), out);
		lines++;
	}
	fputs("</tbody>\n</table>\n</div>\n", out);
	if (!lines)
		fputs("<p>Every check has the same verdict in all of them.</p>\n", out);
	if (left)
		html_print(out, "<p>%zu more checks differ.</p>\n", left);
}

void page_differences(const struct page *page, const struct record *verdicts, FILE *out)
{
	struct group group = { .page = page };
	bool any = false;

	for (; group.first < page->count; group.first = group.end) {
		CLEANUP(cleanup_free) char *card = matrix_row_card(page->rows[group.first].row);

		group.shown = 0;
		for (group.end = group.first; group.end < page->count; group.end++) {
			CLEANUP(cleanup_free)
			char *other = matrix_row_card(page->rows[group.end].row);

			if (strcmp(card, other) != 0)
				break;
			group.shown += !page->rows[group.end].superseded;
		}
		if (group.shown < 2)
			continue;
		if (!any)
			fputs("<section aria-labelledby=\"differences\">\n<h2 id=\"differences\">"
			      "Where they differ</h2>\n",
					out);
		any = true;
		print_group(&group, verdicts, out);
	}
	if (any)
		fputs("</section>\n", out);
}
