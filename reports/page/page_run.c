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

/* All that is known of one row: what was tested, its certificate, the drawings, and the checks
 * in the order of the capabilities that they belong to. */

#define EARLIER_LIMIT 50

static void print_facts(const struct record *row, FILE *out)
{
	static const struct {
		const char *name, *part, *member;
	} facts[] = { { "Vendor", "card", "vendor" }, { "Device", "card", "device" },
		{ "Subsystem vendor", "card", "subvendor" }, { "Subsystem", "card", "subdevice" },
		{ "Revision", "card", "revision" }, { "VF device", "card", "vf_device" },
		{ "Total VFs", "card", "total_vfs" }, { "Driver's limit", "card", "driver_limit" },
		{ "Driver", "software", "driver" },
		{ "Driver version", "software", "driver_version" },
		{ "Firmware", "software", "firmware" }, { "Kernel", "software", "kernel" },
		{ "IOMMU", "platform", "iommu" }, { "IOMMU mode", "platform", "iommu_mode" },
		{ "Interrupt remapping", "platform", "interrupt_remapping" },
		{ "Host", "platform", "product" }, { "BIOS", "platform", "bios_version" },
		{ "Rig", "rig", "kind" }, { "Topology", "rig", "topology" },
		{ "Accelerator", "rig", "accelerator" }, { "QEMU", "rig", "qemu" },
		{ "Machine", "rig", "machine" }, { "Started", "run", "started" },
		{ "Seconds", "run", "duration_s" }, { "vfcert", "run", "version" },
		{ "Command", "run", "command" } };

	fputs("<h3>What was tested</h3>\n<dl class=\"facts\">\n", out);
	for (size_t i = 0; i < sizeof(facts) / sizeof(*facts); i++)
		html_fact(out, facts[i].name,
				record_get(record_get(row, facts[i].part), facts[i].member));
	fputs("</dl>\n", out);
}

static void print_certificate(const struct page_row *row, const struct page_ids *ids, FILE *out)
{
	const char *file = record_str(row->certificate, "file", NULL);
	const char *until = record_str(row->certificate, "expires", NULL);
	const char *doubt = record_str(row->certificate, "doubt", NULL);

	if (!file)
		return;
	html_print(out, "<div class=\"certificate\" id=\"%scertificate\">\n<h3>Certificate</h3>\n",
			ids->prefix);
	html_print(out, "<p><a href=\"%s\">%s</a>", file, file);
	if (until)
		html_print(out, ", valid until %s", until);
	if (doubt)
		html_print(out, ": <b>%s</b>%s", doubt,
				strcmp(doubt, "stale")
						? ""
						: ", the results here are of another kernel, "
						  "firmware, or driver");
	html_print(out, "</p>\n<p><span class=\"label\">Key</span> <code>%s</code></p>\n",
			record_str(row->certificate, "keyid", "unknown"));
	html_print(out,
			"<p><span class=\"label\">Verify</span> <code>%s</code></p>\n<p>This page "
			"shows the certificate and has not verified it.</p>\n</div>\n",
			record_str(row->certificate, "verify", ""));
}

/* What needs attention comes first, with or without scripts. */
static void print_attention(struct results_reader *reader, const struct page_ids *ids, FILE *out)
{
	static const enum verdict order[] = { VERDICT_FAIL, VERDICT_BROKEN, VERDICT_CHANGED };
	size_t left = 200;

	if (reader_good(reader) || !reader_length(reader))
		return;
	fputs("<h3>Needs a look</h3>\n<ul class=\"attention\">\n", out);
	for (size_t k = 0; k < sizeof(order) / sizeof(*order); k++) {
		for (size_t i = 0; i < reader_length(reader) && left; i++) {
			const char *id = reader_id(reader, i);

			if (reader_verdict(reader, i) != order[k])
				continue;
			left--;
			fputs("<li>", out);
			html_verdict(out, order[k]);
			html_print(out, " <span><a href=\"#%s%s\"><code><bdi>%s</bdi></code></a> <bdi>%s</bdi></span></li>\n",
					ids->prefix, id, id, reader_check(reader, i)->title);
		}
	}
	fputs("</ul>\n", out);
}

/* Returns for each check the index of its capability in the profile; COUNT if it has none. */
static unsigned *assign(
		const struct certification_profile *profile, const struct results_reader *reader)
{
	unsigned *of = reallocarray(NULL, reader_length(reader) + 1, sizeof(*of));

	if (!of)
		abort();
	for (size_t i = 0; i < reader_length(reader); i++) {
		const struct capability *capability =
				cert_profile_capability(profile, reader_id(reader, i));

		of[i] = (unsigned)(capability ? capability - profile->list
					      : (ptrdiff_t)profile->count);
	}
	return of;
}

struct listing {
	struct results_reader *reader;
	const struct page_ids *ids;
	const unsigned *of;
	bool passes; /* includes those that pass */
	size_t *room;
};

static void print_checks(const struct listing *listing, size_t capability, FILE *out)
{
	size_t left = 0;

	for (size_t i = 0; i < reader_length(listing->reader); i++) {
		enum verdict verdict = reader_verdict(listing->reader, i);

		if (listing->of[i] != capability)
			continue;
		if (!*listing->room || (verdict == VERDICT_PASS && !listing->passes)) {
			left++;
			continue;
		}
		page_check(reader_check(listing->reader, i), listing->ids, out);
		--*listing->room;
	}
	if (left)
		html_print(out, "<p>%zu more checks are in results.json; this page holds the evidence of at most %d.</p>\n",
				left, PAGE_CHECKS_LIMIT);
}

static size_t checks_in(const struct listing *listing, size_t capability)
{
	size_t count = 0;

	for (size_t i = 0; i < reader_length(listing->reader); i++)
		count += listing->of[i] == capability;
	return count;
}

static void print_capability(const struct page *page, const struct record *entry, size_t index,
		const struct listing *listing, FILE *out)
{
	const struct capability *capability = &page->profile->list[index];
	const char *reason = record_str(entry, "reason", NULL);

	html_print(out, "<section class=\"capability\" id=\"%scap-%s\"><header><h3>%s</h3> ",
			listing->ids->prefix, capability->id, capability->id);
	html_state(out, capability_state(entry));
	html_print(out, " <span>%s</span></header>\n", capability->title);
	if (reason)
		html_print(out, "<p class=\"reason\"><bdi>%s</bdi></p>\n", reason);
	print_checks(listing, index, out);
	fputs("</section>\n", out);
}

static void print_capabilities(
		const struct page *page, size_t row, const struct listing *listing, FILE *out)
{
	const struct record *entries = record_get(page->rows[row].row, "capabilities");

	for (size_t i = 0; i < page->profile->count; i++)
		print_capability(page, capability_find(entries, page->profile->list[i].id), i,
				listing, out);
	if (!checks_in(listing, page->profile->count))
		return;
	html_print(out,
			"<section class=\"capability\" id=\"%scap-\"><header><h3>others</h3> <span>"
			"Checks that stand behind no capability</span></header>\n",
			listing->ids->prefix);
	print_checks(listing, page->profile->count, out);
	fputs("</section>\n", out);
}

/* Lists earlier runs of the same combination: how they went, and where they are. */
static void print_earlier(const struct page *page, size_t row, FILE *out)
{
	size_t end = row + 1;

	while (end < page->count && page->rows[end].superseded)
		end++;
	if (end == row + 1)
		return;
	fputs("<h3>Earlier runs</h3>\n<ul class=\"earlier\">\n", out);
	for (size_t i = row + 1; i < end && i <= row + EARLIER_LIMIT; i++) {
		const struct page_row *earlier = &page->rows[i];
		const struct record *summary = record_get(earlier->row, "summary");
		const char *started = record_str(record_get(earlier->row, "run"), "started", "?");
		bool good = record_bool(earlier->row, "good", false);

		fputs("<li>", out);
		html_chip(out, good ? "pass" : "fail", good ? "\u2713" : "\u2717",
				good ? "good" : "not good");
		if (earlier->link)
			html_print(out, " <a href=\"%s/report.html\">%s</a>", earlier->link,
					started);
		else
			html_print(out, " %s", started);
		for (int v = 0; v < VERDICTS; v++) {
			long long count = record_int(summary, verdict_words[v], 0);

			if (count)
				html_print(out, " %lld %s", count, verdict_words[v]);
		}
		fputs("</li>\n", out);
	}
	fputs("</ul>\n", out);
	if (end - row - 1 > EARLIER_LIMIT)
		html_print(out, "<p>%zu more are older.</p>\n", end - row - 1 - EARLIER_LIMIT);
}

void page_headline(const struct page *page, size_t row, struct results_reader *reader, FILE *out)
{
	const struct record *of = page->rows[row].row;
	bool complete = results_complete(of), good = record_bool(of, "good", false);

	html_print(out, "<p class=\"headline\"><span class=\"chip %s\"><b aria-hidden=\"true\">%s</b>",
			!complete              ? "broken"
					: good ? "pass"
					       : "fail",
			!complete              ? "!"
					: good ? "\u2713"
					       : "\u2717");
	report_surprises(reader, out);
	fputs("</span> ", out);
	if (report_certified(page->profile, reader, out))
		fputs("; ", out);
	report_counts(reader, escape_markup, out);
	html_print(out, "</p>\n<p class=\"origin\">%s</p>\n", report_origin(reader_head(reader)));
}

void page_run(const struct page *page, size_t row, struct results_reader *reader, size_t *room,
		FILE *out)
{
	const struct page_row *this = &page->rows[row];
	struct page_ids ids = page_ids_of(page, row);
	CLEANUP(cleanup_free) unsigned *of = assign(page->profile, reader);
	struct listing listing = { reader, &ids, of, reader_length(reader) <= *room, room };

	if (page->count > 1)
		page_headline(page, row, reader, out);
	print_attention(reader, &ids, out);
	print_certificate(this, &ids, out);
	print_facts(this->row, out);
	page_topology(this->row, reader, out);
	page_timeline(reader, out);
	page_proof(this->proof, out);
	print_earlier(page, row, out);
	fputs("<h3>Checks, by capability</h3>\n", out);
	print_capabilities(page, row, &listing, out);
}
