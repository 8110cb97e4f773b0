/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/formats.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "reports/embedded.h"
#include "reports/escape.h"
#include "reports/html.h"
#include "reports/results.h"
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

static void print_headline(const struct record *results, FILE *out)
{
	bool complete = record_bool(record_get(results, "run"), "complete", true);
	int verdict = !complete ? RESULT_BROKEN : results_good(results) ? RESULT_PASS : RESULT_FAIL;
	static const char *const words[VERDICTS] = { [RESULT_PASS] = "Passed",
		[RESULT_FAIL] = "Not passed",
		[RESULT_BROKEN] = "Incomplete" };

	fputs("<header>\n<h1><bdi>", out);
	tally_card(results, escape_markup, out);
	fputs("</bdi></h1>\n<p class=\"headline\">", out);
	html_chip(verdict, words[verdict], out);
	tally_counts(results, escape_markup, out);
	fputs("</p>\n", out);
	html_attention(results, out);
	fputs("<p class=\"origin\">", out);
	escape_markup(tally_origin(results), out);
	fputs("</p>\n", out);
}

/* The row that this card is in the matrix: one column for each suite. */
static void print_matrix(const struct record *results, FILE *out)
{
	static const struct {
		int colour;
		const char *word;
	} cells[] = { [TALLY_PASS] = { RESULT_PASS, "pass" },
		[TALLY_PARTIAL] = { RESULT_KNOWN, "partial" },
		[TALLY_FAILED] = { RESULT_FAIL, "failed" },
		[TALLY_BROKEN] = { RESULT_BROKEN, "broken" },
		[TALLY_UNTESTED] = { RESULT_SKIP, "untested" } };
	CLEANUP(cleanup_free) struct tally *tallies = NULL;
	size_t count = tally_suites(results, &tallies);

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
	tally_card(results, escape_markup, out);
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

static void print_filter(const struct record *results, FILE *out)
{
	fprintf(out,
			"<nav class=\"filter\" aria-label=\"Show checks by verdict\" hidden>\n"
			"<button type=\"button\" value=\"\" aria-pressed=\"true\">all "
			"%zu</button>\n",
			record_length(record_get(results, "checks")));
	for (int i = 0; i < VERDICTS; i++) {
		int64_t count = results_count(results, results_verdicts[i]);

		if (count)
			fprintf(out,
					"<button type=\"button\" value=\"%s\" "
					"aria-pressed=\"false\">%s %lld</button>\n",
					results_verdicts[i], results_verdicts[i], (long long)count);
	}
	fputs("</nav>\n", out);
}

static void print_suite(const struct record *results, const struct tally *tally, FILE *out)
{
	const struct record *checks = record_get(results, "checks");

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
	for (size_t i = 0; i < record_length(checks); i++) {
		if (!strcmp(record_str(record_at(checks, i), "suite", "?"), tally->suite))
			html_check(record_at(checks, i), out);
	}
	fputs("</tbody>\n</table>\n</section>\n", out);
}

int format_html(const struct record *results, FILE *out)
{
	CLEANUP(cleanup_free) struct tally *tallies = NULL;
	size_t count = tally_suites(results, &tallies);

	print_head(results, out);
	print_headline(results, out);
	fputs("</header>\n<main>\n", out);
	print_matrix(results, out);
	fputs("<h2>What was tested</h2>\n", out);
	html_facts(results, out);
	fputs("<h2>Checks</h2>\n", out);
	print_filter(results, out);
	for (size_t i = 0; i < count; i++)
		print_suite(results, &tallies[i], out);
	fputs("</main>\n<footer>Made by vfcert from results.json. pass: the statement was observed "
	      "to hold. fail: it does not. known: it does not, as the named quirk says. changed: "
	      "it holds although a quirk says otherwise. skip: a need of the check is unmet. "
	      "broken: the rig or the check was at fault, and nothing can be "
	      "said.</footer>\n<script>",
			out);
	fprintf(out, "%s</script>\n</body>\n</html>\n", report_js);
	return fflush(out) || ferror(out) ? -EIO : 0;
}
