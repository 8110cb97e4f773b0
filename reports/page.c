/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/formats.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reports/embedded.h"
#include "reports/escape.h"
#include "reports/html.h"
#include "reports/tally.h"

/*
 * One page that stands alone: no network, complete without scripts, nothing in it is run or loaded
 * but the style and the script whose digests its policy names. All text passes escape_markup().
 */

static void print_head(const struct record *results, FILE *out)
{
	fprintf(out,
			"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
			"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
			"'none'; style-src 'sha256-%s'; script-src 'sha256-%s'; base-uri 'none'; "
			"form-action 'none'\">\n"
			"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
			"<meta name=\"referrer\" content=\"no-referrer\">\n<title>vfcert: ",
			report_css_digest, report_js_digest);
	tally_card(results, escape_markup, out);
	fprintf(out, "</title>\n<style>%s</style>\n</head>\n<body>\n", report_css);
}

static void print_headline(struct source *source, FILE *out)
{
	const struct record *results = source_head(source);
	bool complete = tally_complete(results);
	int verdict = !complete ? RESULT_BROKEN : source_good(source) ? RESULT_PASS : RESULT_FAIL;
	static const char *const words[VERDICTS] = { [RESULT_PASS] = "Passed",
		[RESULT_FAIL] = "Not passed",
		[RESULT_BROKEN] = "Incomplete" };

	fputs("<header>\n<h1><bdi>", out);
	tally_card(results, escape_markup, out);
	fputs("</bdi></h1>\n<p class=\"headline\">", out);
	html_chip(verdict, words[verdict], out);
	tally_counts(source, escape_markup, out);
	fputs("</p>\n", out);
	html_attention(source, out);
	fputs("<p class=\"origin\">", out);
	escape_markup(tally_origin(results), out);
	fputs("</p>\n", out);
}

/* The row that this card is in the matrix: one column for each suite. */
static void print_matrix(const struct source *source, FILE *out)
{
	static const struct {
		int colour;
		const char *word;
	} cells[] = { [TALLY_PASS] = { RESULT_PASS, "pass" },
		[TALLY_PARTIAL] = { RESULT_KNOWN, "partial" },
		[TALLY_FAILED] = { RESULT_FAIL, "failed" },
		[TALLY_BROKEN] = { RESULT_BROKEN, "broken" },
		[TALLY_UNTESTED] = { RESULT_SKIP, "untested" } };
	size_t count;
	const struct tally *tallies = source_tallies(source, &count);

	if (!count)
		return;
	fputs("<section aria-labelledby=\"matrix\">\n<h2 id=\"matrix\">Matrix row</h2>\n"
	      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"matrix\">\n"
	      "<table class=\"matrix\">\n<thead><tr><th scope=\"col\">Card</th>",
			out);
	for (size_t i = 0; i < count; i++) {
		fputs("<th scope=\"col\"><a href=\"#suite-", out);
		escape_markup(tallies[i].suite, out);
		fputs("\">", out);
		escape_markup(tallies[i].suite, out);
		fputs("</a></th>", out);
	}
	fputs("</tr></thead>\n<tbody><tr><th scope=\"row\"><bdi>", out);
	tally_card(source_head(source), escape_markup, out);
	fputs("</bdi></th>", out);
	for (size_t i = 0; i < count; i++) {
		enum tally_state state = tally_state(&tallies[i]);

		fputs("<td>", out);
		html_chip(cells[state].colour, cells[state].word, out);
		fprintf(out, "<small title=\"%zu of %zu pass\">%zu/%zu</small></td>",
				tallies[i].counts[RESULT_PASS], tallies[i].total,
				tallies[i].counts[RESULT_PASS], tallies[i].total);
	}
	fputs("</tr></tbody>\n</table>\n</div>\n</section>\n", out);
}

static void print_filter(const struct source *source, FILE *out)
{
	fprintf(out,
			"<nav class=\"filter\" aria-label=\"Show checks by verdict\" hidden>\n"
			"<button type=\"button\" value=\"\" aria-pressed=\"true\">all "
			"%zu</button>\n",
			source_length(source));
	for (int i = 0; i < VERDICTS; i++) {
		size_t count = source_count(source, i);

		if (count)
			fprintf(out,
					"<button type=\"button\" value=\"%s\" "
					"aria-pressed=\"false\">%s %zu</button>\n",
					results_verdicts[i], results_verdicts[i], count);
	}
	fputs("</nav>\n", out);
}

static void print_suite(struct source *source, size_t suite, FILE *out)
{
	size_t count;
	const struct tally *tally = source_tallies(source, &count) + suite;

	fputs("<section class=\"suite\" id=\"suite-", out);
	escape_markup(tally->suite, out);
	fputs("\">\n<header><h3>", out);
	escape_markup(tally->suite, out);
	fprintf(out,
			"</h3><span>%zu of %zu pass</span></header>\n<table class=\"checks\">\n"
			"<colgroup><col class=\"v\"><col class=\"c\"><col><col "
			"class=\"t\"></colgroup>\n"
			"<thead><tr><th scope=\"col\">Verdict</th><th scope=\"col\">Check</th><th "
			"scope=\"col\">Reason and evidence</th><th "
			"scope=\"col\">Time</th></tr></thead>\n"
			"<tbody>\n",
			tally->counts[RESULT_PASS], tally->total);
	for (size_t i = 0; i < source_length(source); i++) {
		if (source_suite(source, i) == suite)
			html_check(source_check(source, i), out);
	}
	fputs("</tbody>\n</table>\n</section>\n", out);
}

int format_html(struct source *source, FILE *out)
{
	size_t count;

	source_tallies(source, &count);
	print_head(source_head(source), out);
	print_headline(source, out);
	fputs("</header>\n<main>\n", out);
	print_matrix(source, out);
	fputs("<h2>What was tested</h2>\n", out);
	html_facts(source_head(source), out);
	fputs("<h2>Checks</h2>\n", out);
	print_filter(source, out);
	for (size_t i = 0; i < count; i++)
		print_suite(source, i, out);
	fputs("</main>\n<footer>Made by vfcert from results.json. pass: the statement was observed "
	      "to hold. fail: it does not. known: it does not, as the named quirk says. changed: "
	      "it holds although a quirk says otherwise. skip: a need of the check is unmet. "
	      "broken: the rig or the check was at fault, and nothing can be "
	      "said.</footer>\n<script>",
			out);
	fprintf(out, "%s</script>\n</body>\n</html>\n", report_js);
	return source_printed(source, out);
}
