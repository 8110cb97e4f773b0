/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/html.h"

#include <string.h>

#include "base/cleanup.h"
#include "reports/escape.h"
#include "reports/heatmap.h"
#include "reports/results.h"

void html_chip(int verdict, const char *word, FILE *out)
{
	static const char *const glyphs[VERDICTS] = { [RESULT_PASS] = "\u2713",
		[RESULT_FAIL] = "\u2717",
		[RESULT_SKIP] = "\u25cb",
		[RESULT_BROKEN] = "!",
		[RESULT_KNOWN] = "\u2248",
		[RESULT_CHANGED] = "\u2260" };

	fprintf(out, "<span class=\"chip %s\"><b aria-hidden=\"true\">%s</b>%s</span> ",
			results_verdicts[verdict], glyphs[verdict], word);
}

/* A scalar as people write it: no quotes, no decimals that say nothing. */
static void print_scalar(const struct record *value, FILE *out)
{
	CLEANUP(cleanup_free) char *printed = NULL;

	if (record_type(value) == RECORD_TEXT) {
		escape_markup(record_text(value), out);
		return;
	}
	if (record_type(value) != RECORD_NUMBER && record_type(value) != RECORD_BOOL)
		return;
	printed = record_print(value);
	escape_markup(printed, out);
}

static void print_fact(const char *name, const struct record *object, const char *member, FILE *out)
{
	const struct record *value = record_get(object, member);
	enum record_type type = record_type(value);

	if (type != RECORD_TEXT && type != RECORD_NUMBER && type != RECORD_BOOL)
		return;
	fprintf(out, "<div><dt>%s</dt><dd><bdi>", name);
	if (type == RECORD_BOOL)
		fputs(record_bool(object, member, false) ? "yes" : "no", out);
	else
		print_scalar(value, out);
	fputs("</bdi></dd></div>\n", out);
}

static void print_ids(const char *name, const struct record *card, const char *first,
		const char *second, FILE *out)
{
	if (!record_str(card, first, NULL) || !record_str(card, second, NULL))
		return;
	fprintf(out, "<div><dt>%s</dt><dd><bdi>", name);
	escape_markup(record_str(card, first, ""), out);
	fputc(':', out);
	escape_markup(record_str(card, second, ""), out);
	fputs("</bdi></dd></div>\n", out);
}

static void print_seconds(const char *name, const struct record *run, const char *key, FILE *out)
{
	if (record_is_number(record_get(run, key)))
		fprintf(out, "<div><dt>%s</dt><dd>%.1f s</dd></div>\n", name,
				record_real(run, key, 0));
}

void html_facts(const struct record *results, FILE *out)
{
	static const struct {
		const char *name, *part, *member;
	} facts[] = {
		{ "Driver", "software", "driver" },
		{ "Driver version", "software", "driver_version" },
		{ "Firmware", "software", "firmware" },
		{ "Kernel", "software", "kernel" },
		{ "Total VFs", "card", "total_vfs" },
		{ "Driver's limit", "card", "driver_limit" },
		{ "VF device", "card", "vf_device" },
		{ "Revision", "card", "revision" },
		{ "IOMMU", "platform", "iommu" },
		{ "IOMMU mode", "platform", "iommu_mode" },
		{ "Interrupt remapping", "platform", "interrupt_remapping" },
		{ "Host", "platform", "product" },
		{ "Rig", "rig", "kind" },
		{ "Topology", "rig", "topology" },
		{ "Accelerator", "rig", "accelerator" },
		{ "QEMU", "rig", "qemu" },
		{ "Machine", "rig", "machine" },
	};
	const struct record *identity = record_get(results, "identity");
	const struct record *card = record_get(identity, "card");
	const struct record *run = record_get(results, "run");

	fputs("<dl class=\"facts\">\n", out);
	print_ids("Card", card, "vendor", "device", out);
	print_ids("Subsystem", card, "subvendor", "subdevice", out);
	for (size_t i = 0; i < sizeof(facts) / sizeof(*facts); i++)
		print_fact(facts[i].name, record_get(identity, facts[i].part), facts[i].member,
				out);
	print_fact("Started", run, "started", out);
	print_seconds("Duration", run, "duration_s", out);
	print_seconds("Kernel's part", run, "kernel_s", out);
	print_fact("Seed", run, "seed", out);
	print_fact("vfcert", run, "version", out);
	print_fact("Command", run, "command", out);
	fputs("</dl>\n", out);
}

static void print_paragraph(const char *class, const char *label, const char *text, FILE *out)
{
	if (!text || !*text)
		return;
	fprintf(out, "<p class=\"%s\">%s<bdi>", class, label);
	escape_markup(text, out);
	fputs("</bdi></p>", out);
}

static void print_link(const struct record *check, FILE *out)
{
	fputs("<a class=\"id\" href=\"#", out);
	escape_markup(record_str(check, "id", "?"), out);
	fputs("\"><bdi>", out);
	escape_markup(record_str(check, "id", "?"), out);
	fputs("</bdi></a>", out);
}

/* The first thing to read after the verdict, with or without scripts. */
void html_attention(struct source *source, FILE *out)
{
	static const int order[] = { RESULT_FAIL, RESULT_BROKEN, RESULT_CHANGED };

	if (source_good(source) || !source_length(source))
		return;
	fputs("<ul class=\"attention\" aria-label=\"What needs a look\">\n", out);
	for (size_t k = 0; k < sizeof(order) / sizeof(*order); k++) {
		for (size_t i = 0; i < source_length(source); i++) {
			const struct record *check;

			if ((int)source_verdict(source, i) != order[k])
				continue;
			check = source_check(source, i);
			fputs("<li>", out);
			html_chip(order[k], results_verdicts[order[k]], out);
			print_link(check, out);
			print_paragraph("title", "", record_str(check, "title", NULL), out);
			fputs("</li>\n", out);
		}
	}
	fputs("</ul>\n", out);
}

static void print_log(const struct record *log, FILE *out)
{
	if (!record_length(log))
		return;
	fputs("<pre>", out);
	for (size_t i = 0; i < record_length(log); i++) {
		escape_markup(record_text(record_at(log, i)), out);
		fputc('\n', out);
	}
	fputs("</pre>", out);
}

static void print_value(const struct record *fact, FILE *out)
{
	fputs("<bdi>", out);
	print_scalar(record_get(fact, "value"), out);
	fputs("</bdi> ", out);
	escape_markup(record_str(fact, "unit", ""), out);
}

static void print_evidence(const struct record *check, FILE *out)
{
	const struct record *evidence = record_get(check, "evidence");
	size_t facts = record_length(evidence), lines = record_length(record_get(check, "log"));

	if (!facts && !lines)
		return;
	fprintf(out, "<details><summary>Evidence: %zu fact%s", facts, facts == 1 ? "" : "s");
	if (lines)
		fprintf(out, ", %zu line%s of the kernel log", lines, lines == 1 ? "" : "s");
	fputs("</summary>", out);
	if (facts)
		fputs("<table>", out);
	for (size_t i = 0; i < facts; i++) {
		const struct record *fact = record_at(evidence, i);

		fputs("<tr><th scope=\"row\"><bdi>", out);
		escape_markup(record_str(fact, "name", ""), out);
		fputs("</bdi></th><td>", out);
		if (!heatmap_print(fact, out))
			print_value(fact, out);
		fputs("</td></tr>", out);
	}
	if (facts)
		fputs("</table>", out);
	print_log(record_get(check, "log"), out);
	fputs("</details>", out);
}

void html_check(const struct record *check, FILE *out)
{
	int verdict = results_verdict(record_str(check, "verdict", NULL));
	const char *id = record_str(check, "id", "?");

	verdict = verdict < 0 ? RESULT_BROKEN : verdict;
	fprintf(out, "<tr data-verdict=\"%s\" id=\"", results_verdicts[verdict]);
	escape_markup(id, out);
	fputs("\"><td>", out);
	html_chip(verdict, results_verdicts[verdict], out);
	fputs("</td><td>", out);
	print_link(check, out);
	print_paragraph("title", "", record_str(check, "title", NULL), out);
	fputs("</td><td>", out);
	print_paragraph("reason", "", record_str(check, "reason", NULL), out);
	print_paragraph("observed", "Observed: ", record_str(check, "observed", NULL), out);
	print_paragraph("observed", "Quirk: ", record_str(check, "quirk", NULL), out);
	if (verdict == RESULT_FAIL)
		print_paragraph("why", "Why it matters: ", record_str(check, "why", NULL), out);
	print_evidence(check, out);
	fprintf(out, "</td><td class=\"time\">%.2f s</td></tr>\n",
			record_real(check, "duration_s", 0));
}
