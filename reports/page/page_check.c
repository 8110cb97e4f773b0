/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/page/page_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "reports/page/heatmap.h"
#include "reports/page/html.h"
#include "reports/text/report_text.h"

/* A check: one line, and all details when it is opened. */

#define FACTS_LIMIT 200

/* A measured quantity: a number with a unit, or text that begins with both: "121.46 Mbit/s (928
 * frames ...)". */
struct quantity {
	double value;
	char unit[24];
};

static bool quantity_of(const struct record *fact, struct quantity *quantity)
{
	static const char *const units[] = { "Mbit/s", "Gbit/s", "frames/s", "us", "ms", "s", "ns",
		"percent", "%", "ppm" };
	const struct record *value = record_get(fact, "value");
	const char *text = record_text(value), *unit = record_str(fact, "unit", NULL);
	size_t length;
	char *rest;

	if (record_is_number(value) && unit && *unit && strlen(unit) < sizeof(quantity->unit)) {
		quantity->value = record_number(value);
		snprintf(quantity->unit, sizeof(quantity->unit), "%s", unit);
		return quantity->value >= 0;
	}
	quantity->value = text ? strtod(text, &rest) : 0;
	if (!text || rest == text || *rest != ' ')
		return false;
	length = strcspn(++rest, " ,;(");
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (strlen(units[i]) == length && !strncmp(units[i], rest, length)) {
			snprintf(quantity->unit, sizeof(quantity->unit), "%s", units[i]);
			return quantity->value >= 0 && quantity->value < 1e300;
		}
	}
	return false;
}

/* The largest fact with that unit; 0 if there is no other to compare with. */
static double largest(const struct record *evidence, const char *unit)
{
	struct quantity other;
	double most = 0;
	size_t count = 0;

	for (size_t i = 0; i < record_length(evidence) && i < FACTS_LIMIT; i++) {
		if (!quantity_of(record_at(evidence, i), &other) || strcmp(other.unit, unit) != 0)
			continue;
		count++;
		most = other.value > most ? other.value : most;
	}
	return count > 1 ? most : 0;
}

/* Draws facts of one unit on one scale, so that they can be compared at a glance. */
static void print_bar(const struct record *evidence, const struct record *fact, FILE *out)
{
	struct quantity quantity;
	double most;

	if (!quantity_of(fact, &quantity))
		return;
	most = largest(evidence, quantity.unit);
	if (most <= 0)
		return;
	html_print(out,
			"<svg class=\"bar\" viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" "
			"role=\"img\"><title>%.4g of %.4g %s</title><rect class=\"rail\" "
			"width=\"100\" height=\"8\"/><rect width=\"%.2f\" height=\"8\"/></svg>",
			quantity.value, most, quantity.unit, 100 * quantity.value / most);
}

static void print_facts(const struct record *evidence, FILE *out)
{
	size_t count = record_length(evidence);

	if (!count)
		return;
	fputs("<table class=\"evidence\">\n", out);
	for (size_t i = 0; i < count && i < FACTS_LIMIT; i++) {
		const struct record *fact = record_at(evidence, i);

		html_print(out, "<tr><th scope=\"row\"><bdi>%s</bdi></th><td>",
				record_str(fact, "name", ""));
		if (!heatmap_print(fact, out)) {
			fputs("<bdi>", out);
			report_fact(fact, escape_markup, out);
			fputs("</bdi>", out);
			print_bar(evidence, fact, out);
		}
		fputs("</td></tr>\n", out);
	}
	fputs("</table>\n", out);
	if (count > FACTS_LIMIT)
		html_print(out, "<p>%zu more facts are in results.json.</p>\n",
				count - FACTS_LIMIT);
}

static void print_log(const struct record *log, FILE *out)
{
	if (!record_length(log))
		return;
	fputs("<p class=\"label\">Kernel log</p><pre>", out);
	for (size_t i = 0; i < record_length(log); i++)
		html_print(out, "%s\n", record_text(record_at(log, i)));
	fputs("</pre>\n", out);
}

static void print_line(FILE *out, const char *label, const char *text)
{
	if (text && *text)
		html_print(out, "<p><span class=\"label\">%s</span> <bdi>%s</bdi></p>\n", label,
				text);
}

void page_check(const struct check_result *check, const struct page_ids *ids, FILE *out)
{
	const char *id = check->id, *reason = check->reason;
	enum verdict verdict = check->verdict;

	html_print(out, "<details class=\"check\" data-verdict=\"%s\" id=\"%s%s\"><summary>",
			verdict_words[verdict], ids->prefix, id);
	html_verdict(out, verdict);
	html_print(out, "<span class=\"what\"><code><bdi>%s</bdi></code> <bdi>%s</bdi>", id,
			check->title);
	if (verdict != VERDICT_PASS && reason)
		html_print(out, "<span class=\"reason\"><bdi>%s</bdi></span>", reason);
	html_print(out, "</span><span class=\"time\">%.2f s</span></summary>\n", check->duration_s);
	print_line(out, "Why it matters", check->why);
	if (verdict == VERDICT_PASS)
		print_line(out, "Note", reason);
	print_line(out, "Observed", check->observed);
	print_line(out, "Quirk", check->quirk);
	print_facts(check->evidence, out);
	print_log(check->log, out);
	if (*ids->alone && !id[strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789.-")])
		html_print(out,
				"<p><span class=\"label\">Alone</span> <code>%s --check "
				"%s</code></p>\n",
				ids->alone, id);
	fputs("</details>\n", out);
}
