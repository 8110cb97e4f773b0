/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/page/page_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "reports/page/html.h"
#include "reports/results/capability.h"
#include "reports/results/matrix_row.h"
#include "reports/text/report_text.h"

/* The matrix itself: a body for each card, a row for each environment it was tested in, a column
 * for each capability of the profile. */

static const char *text_of(const struct record *row, const char *part, const char *member)
{
	return record_str(record_get(row, part), member, NULL);
}

static void print_columns(const struct page *page, FILE *out)
{
	fputs("<thead><tr><th scope=\"col\">Tested with</th>", out);
	for (size_t i = 0; i < page->profile->count; i++) {
		const struct capability *capability = &page->profile->list[i];

		html_print(out, "<th scope=\"col\" title=\"%s\">%s</th>", capability->title,
				capability->id);
	}
	fputs("<th scope=\"col\">certificate</th></tr></thead>\n", out);
}

static void print_card(const struct page *page, const struct record *row, FILE *out)
{
	const char *origin = text_of(row, "rig", "origin");

	html_print(out, "<tr class=\"card\"><th scope=\"rowgroup\" colspan=\"%zu\"><span><bdi>",
			page->profile->count + 2);
	report_card(row, escape_markup, out);
	fputs("</bdi>", out);
	if (origin)
		html_print(out, " <em class=\"badge\">%s</em>", origin);
	fputs("</span></th></tr>\n", out);
}

/* Prints what a row was tested with: the kernel, and the rest below it. */
void page_environment(const struct record *row, FILE *out)
{
	static const struct {
		const char *part, *member, *before;
	} parts[] = { { "software", "driver", "" }, { "software", "firmware", "firmware " },
		{ "rig", "qemu", "QEMU " }, { "rig", "topology", "" } };
	const char *kernel = text_of(row, "software", "kernel");
	bool first = true;

	html_print(out, "<b><bdi>%s</bdi></b><small>", kernel ? kernel : "unknown kernel");
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		const char *value = text_of(row, parts[i].part, parts[i].member);
		CLEANUP(cleanup_free) char *word = NULL;

		if (!value || !*value)
			continue;
		/* "10.0.2 (Debian 1:10.0.2+ds-2)": the rest is in the facts */
		word = strndup(value,
				strcmp(parts[i].member, "qemu") ? strlen(value)
								: strcspn(value, " "));
		html_print(out, "%s%s<bdi>%s</bdi>", first ? "" : ", ", parts[i].before, word);
		first = false;
	}
	fputs("</small>", out);
}

static void print_cell(const struct record *entry, const char *prefix, FILE *out)
{
	enum capability_state state = capability_state(entry);
	const char *reason = record_str(entry, "reason", NULL);

	html_print(out, "<td class=\"%s\"><a href=\"#%scap-%s\"", html_state_class(state), prefix,
			record_str(entry, "id", ""));
	if (reason)
		html_print(out, " title=\"%s\"", reason);
	html_print(out, "><b aria-hidden=\"true\">%s</b><span>%s</span>", html_state_glyph(state),
			html_state_word(state));
	if (record_int(entry, "total", 0))
		html_print(out, "<small>%lld/%lld</small>", (long long)record_int(entry, "pass", 0),
				(long long)record_int(entry, "total", 0));
	fputs("</a></td>", out);
}

static void print_certificate(const struct page_row *row, const char *prefix, FILE *out)
{
	const char *keyid = record_str(row->certificate, "keyid", NULL);

	if (!row->certificate) {
		fputs("<td class=\"none\">none</td>", out);
		return;
	}
	html_print(out, "<td class=\"none\"><a href=\"#%scertificate\">%s", prefix,
			record_str(row->certificate, "doubt", "signed"));
	if (keyid) {
		CLEANUP(cleanup_free) char *first = strndup(keyid, 12);

		html_print(out, "<small><code>%s\u2026</code></small>", first);
	}
	fputs("</a></td>", out);
}

static void print_row(const struct page *page, size_t index, FILE *out)
{
	const struct page_row *row = &page->rows[index];
	const struct record *capabilities = record_get(row->row, "capabilities");
	struct page_ids ids = page_ids_of(page, index);
	bool seen[CAPABILITY_STATES] = { false };

	for (size_t i = 0; i < record_length(capabilities); i++)
		seen[capability_state(record_at(capabilities, i))] = true;
	html_print(out, "<tr id=\"%srow\" data-states=\"", ids.prefix);
	for (int state = 0; state < CAPABILITY_STATES; state++) {
		if (seen[state])
			html_print(out, "%s ", html_state_class(state));
	}
	html_print(out, "\"><th scope=\"row\"><a href=\"#%srun\">", ids.prefix);
	page_environment(row->row, out);
	fputs("</a></th>", out);
	for (size_t i = 0; i < page->profile->count; i++) {
		const struct record *entry =
				capability_find(capabilities, page->profile->list[i].id);

		print_cell(entry, ids.prefix, out);
	}
	print_certificate(row, ids.prefix, out);
	fputs("</tr>\n", out);
}

static void print_legend(FILE *out)
{
	fputs("<p class=\"legend\">", out);
	for (int state = 0; state < CAPABILITY_STATES; state++) {
		html_state(out, state);
		fputc(' ', out);
	}
	fputs("<span>12/14: checks that pass, of all of the capability</span></p>\n", out);
}

void page_matrix(const struct page *page, FILE *out)
{
	CLEANUP(cleanup_free) char *card = NULL;

	fputs("<section aria-labelledby=\"matrix\">\n<h2 id=\"matrix\">Matrix</h2>\n", out);
	print_legend(out);
	fputs("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"matrix\">\n"
	      "<table class=\"matrix\">\n",
			out);
	print_columns(page, out);
	for (size_t i = 0; i < page->count; i++) {
		CLEANUP(cleanup_free) char *this = NULL;

		if (page->rows[i].superseded)
			continue;
		this = matrix_row_card(page->rows[i].row);
		if (!card || strcmp(card, this) != 0) {
			fputs(card ? "</tbody>\n<tbody>\n" : "<tbody>\n", out);
			print_card(page, page->rows[i].row, out);
		}
		free(card);
		card = TAKE(this);
		print_row(page, i, out);
	}
	fputs("</tbody>\n</table>\n</div>\n<p class=\"nothing\" hidden>No row fits.</p>\n</section>\n",
			out);
}
