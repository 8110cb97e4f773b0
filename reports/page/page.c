/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/page/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "reports/page/html.h"
#include "reports/page/page_assets.h"
#include "reports/page/page_internal.h"
#include "reports/results/capability.h"
#include "reports/results/matrix_row.h"
#include "reports/text/report_text.h"

/* The frame of the page, and the order of its parts. */

#define ROWS_COMPARED   200
#define CHECKS_GATHERED 200000

static bool is_safe(const char *word)
{
	return *word &&
			!word[strspn(word,
					"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					"0123456789.:_-")];
}

struct page_ids page_ids_of(const struct page *page, size_t row)
{
	const struct record *rig = record_get(page->rows[row].row, "rig");
	const char *topology = record_str(rig, "topology", ""), *pf = record_str(rig, "pf", "");
	struct page_ids ids = { "", "" };

	if (page->count > 1)
		snprintf(ids.prefix, sizeof(ids.prefix), "r%zu.", row + 1);
	if (!strcmp(record_str(rig, "kind", ""), "emulated") && is_safe(topology))
		snprintf(ids.alone, sizeof(ids.alone), "vfcert run --topology %.80s", topology);
	else if (!strcmp(record_str(rig, "kind", ""), "local") && is_safe(pf))
		snprintf(ids.alone, sizeof(ids.alone),
				"vfcert run --rig local --safe-to-break %.80s", pf);
	return ids;
}

static void print_title(const struct page *page, FILE *out)
{
	if (page->count == 1)
		report_card(page->rows[0].row, escape_markup, out);
	else
		fputs("SR-IOV cards, certified", out);
}

static void print_head(const struct page *page, FILE *out)
{
	fprintf(out,
			"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
			"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
			"'none'; style-src 'sha256-%s'; script-src 'sha256-%s'; base-uri 'none'; "
			"form-action 'none'\">\n"
			"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
			"<meta name=\"referrer\" content=\"no-referrer\">\n<title>vfcert: ",
			page_css_digest, page_js_digest);
	print_title(page, out);
	fprintf(out,
			"</title>\n<style>%s</style>\n</head>\n<body>\n<header>\n<p class=\"brand\">"
			"vfcert</p>\n<h1><bdi>",
			page_css);
	print_title(page, out);
	fputs("</bdi></h1>\n", out);
}

static void print_counts(const struct page *page, FILE *out)
{
	CLEANUP(cleanup_free) char *card = NULL;
	size_t cards = 0, combinations = 0;

	for (size_t i = 0; i < page->count; i++) {
		CLEANUP(cleanup_free) char *this = matrix_row_card(page->rows[i].row);

		combinations += !page->rows[i].superseded;
		cards += !card || strcmp(card, this) != 0;
		free(card);
		card = TAKE(this);
	}
	html_print(out,
			"<p class=\"headline\">%zu card%s, %zu combination%s of kernel, firmware and "
			"platform, %zu run%s</p>\n",
			cards, cards == 1 ? "" : "s", combinations, combinations == 1 ? "" : "s",
			page->count, page->count == 1 ? "" : "s");
	if (page->left_out)
		html_print(out, "<p class=\"origin\">%zu more could not be read and are left out.</p>\n",
				page->left_out);
}

/* Hidden until the script shows it: without the script it does nothing. */
static void print_filter(const struct page *page, FILE *out)
{
	fputs("<form class=\"filter\" role=\"search\" aria-label=\"Filter\" hidden>\n", out);
	if (page->count > 1) {
		fputs("<label>Rows <input type=\"search\" name=\"row\" "
		      "placeholder=\"kernel, card, firmware\"></label>\n<label>State <select "
		      "name=\"state\"><option value=\"\">any</option>",
				out);
		for (int state = 0; state < CAPABILITY_STATES; state++)
			html_print(out, "<option value=\"%s\">%s</option>", html_state_class(state),
					html_state_word(state));
		fputs("</select></label>\n", out);
	}
	fputs("<label>Checks <input type=\"search\" name=\"check\" placeholder=\"spoof, VLAN\">"
	      "</label>\n<label>Verdict <select name=\"verdict\"><option value=\"\">any</option>",
			out);
	for (int v = 0; v < VERDICTS; v++)
		html_print(out, "<option>%s</option>", verdict_words[v]);
	fputs("</select></label>\n<button type=\"reset\">Show all</button>\n<output></output>\n"
	      "</form>\n",
			out);
}

static int open_row(const struct page_row *row, struct results_reader **mine,
		struct results_reader **reader, struct err *err)
{
	int rc = 0;

	if (!row->reader)
		rc = reader_open(row->results, mine, err);
	*reader = row->reader ? row->reader : *mine;
	return rc;
}

static void put_letter(struct record *all, const char *id, size_t count, size_t row, char letter)
{
	const char *old = record_str(all, id, NULL);
	CLEANUP(cleanup_free) char *letters = malloc(count + 1);

	if (!letters)
		abort();
	memset(letters, ' ', count);
	if (old)
		memcpy(letters, old, count);
	letters[count] = '\0';
	letters[row] = letter;
	record_put_str(all, id, letters);
}

/* Collects the verdict of every check in every row, as page_differences() expects them. */
static int gather(const struct page *page, struct record **verdicts, struct err *err)
{
	CLEANUP(cleanup_record) struct record *all = record_object();
	size_t gathered = 0;

	for (size_t i = 0; i < page->count; i++) {
		CLEANUP(cleanup_reader) struct results_reader *mine = NULL;
		struct results_reader *reader;
		int rc = page->rows[i].superseded ? 0
						  : open_row(&page->rows[i], &mine, &reader, err);

		if (rc < 0)
			return rc;
		if (page->rows[i].superseded)
			continue;
		gathered += reader_length(reader);
		if (gathered > CHECKS_GATHERED)
			return 0;
		for (size_t k = 0; k < reader_length(reader); k++)
			put_letter(all, reader_id(reader, k), page->count, i,
					page_letters[reader_verdict(reader, k)]);
	}
	*verdicts = TAKE(all);
	return 0;
}

static int print_differences(const struct page *page, FILE *out, struct err *err)
{
	CLEANUP(cleanup_record) struct record *verdicts = NULL;
	int rc;

	if (page->count < 2 || page->count > ROWS_COMPARED)
		return 0;
	rc = gather(page, &verdicts, err);
	if (!rc && verdicts)
		page_differences(page, verdicts, out);
	return rc;
}

static int print_run(const struct page *page, size_t row, size_t *room, FILE *out, struct err *err)
{
	CLEANUP(cleanup_reader) struct results_reader *mine = NULL;
	struct page_ids ids = page_ids_of(page, row);
	const struct record *this = page->rows[row].row;
	struct results_reader *reader;
	int rc = open_row(&page->rows[row], &mine, &reader, err);

	if (rc < 0)
		return rc;
	if (page->count == 1) {
		html_print(out, "<section class=\"run\" id=\"run\">\n");
		page_run(page, row, reader, room, out);
		fputs("</section>\n", out);
		return reader_error(reader, err);
	}
	html_print(out, "<details class=\"run\" id=\"%srun\"><summary><h2>", ids.prefix);
	page_environment(this, out);
	fputs("</h2> <span><bdi>", out);
	report_card(this, escape_markup, out);
	fputs("</bdi>: ", out);
	report_counts(reader, escape_markup, out);
	fputs("</span></summary>\n", out);
	page_run(page, row, reader, room, out);
	fputs("</details>\n", out);
	return reader_error(reader, err);
}

int page_print(const struct page *page, FILE *out, struct err *err)
{
	size_t room = PAGE_CHECKS_LIMIT;
	int rc;

	print_head(page, out);
	if (page->count == 1 && page->rows[0].reader)
		page_headline(page, 0, page->rows[0].reader, out);
	else
		print_counts(page, out);
	fputs("</header>\n", out);
	print_filter(page, out);
	fputs("<main>\n", out);
	page_matrix(page, out);
	rc = print_differences(page, out, err);
	if (page->count > 1)
		fputs("<h2>Run by run</h2>\n", out);
	for (size_t i = 0; !rc && i < page->count; i++) {
		if (!page->rows[i].superseded)
			rc = print_run(page, i, &room, out, err);
	}
	fputs("</main>\n<footer><p>Verdicts. pass: the statement was observed to hold. fail: it does "
	      "not. known: it does not, as the named quirk says. changed: it holds although a quirk "
	      "says otherwise. skip: a need of the check is unmet. broken: the rig or the check was "
	      "at fault, and nothing can be said.</p><p>Emulated rows certify the emulation and say "
	      "nothing about silicon. Made by vfcert from results.json.</p></footer>\n<script>",
			out);
	fprintf(out, "%s</script>\n</body>\n</html>\n", page_js);
	if (!rc && (fflush(out) || ferror(out)))
		rc = err_sys(err, "cannot write the page");
	return rc;
}
