/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/page/page_internal.h"

#include <string.h>

#include "base/cleanup.h"
#include "reports/page/html.h"

/* The detection matrix of a proof: for each defect and suite, how many of the checks that must
 * fail did. */

enum { SUITES_LIMIT = 64, DEFECTS_LIMIT = 1000 };

struct suites {
	const char *names[SUITES_LIMIT];
	size_t lengths[SUITES_LIMIT], count;
};

static size_t suite_of(struct suites *suites, const char *id)
{
	size_t length = strcspn(id, "."), i = 0;

	for (; i < suites->count; i++) {
		if (suites->lengths[i] == length && !strncmp(suites->names[i], id, length))
			return i;
	}
	if (i == SUITES_LIMIT)
		return SUITES_LIMIT - 1;
	suites->names[i] = id;
	suites->lengths[i] = length;
	return suites->count++;
}

static const char *const lists[] = { "caught", "missed", "broken", "false_alarms" };
enum { CAUGHT, MISSED, BROKEN, ALARMS, LISTS };

static void count_lists(struct suites *suites, const struct record *defect,
		size_t counts[SUITES_LIMIT][LISTS])
{
	memset(counts, 0, SUITES_LIMIT * sizeof(*counts));
	for (size_t k = 0; k < LISTS; k++) {
		const struct record *list = record_get(defect, lists[k]);

		for (size_t i = 0; i < record_length(list); i++) {
			const char *id = record_text(record_at(list, i));

			if (id)
				counts[suite_of(suites, id)][k]++;
		}
	}
}

static void print_cell(const size_t counts[LISTS], FILE *out)
{
	if (counts[MISSED] || counts[ALARMS])
		html_print(out, "<td class=\"fail\">%zu %s</td>", counts[MISSED] + counts[ALARMS],
				counts[MISSED] ? "missed" : "false");
	else if (counts[CAUGHT])
		html_print(out, "<td class=\"pass\">%zu</td>", counts[CAUGHT]);
	else if (counts[BROKEN])
		html_print(out, "<td class=\"broken\">%zu broken</td>", counts[BROKEN]);
	else
		fputs("<td></td>", out);
}

static void print_defect(struct suites *suites, const struct record *defect, FILE *out)
{
	size_t counts[SUITES_LIMIT][LISTS];
	bool missed = record_length(record_get(defect, "missed")) ||
			record_length(record_get(defect, "false_alarms")) ||
			record_str(defect, "error", NULL);

	count_lists(suites, defect, counts);
	html_print(out, "<tr><th scope=\"row\"><code><bdi>%s</bdi></code> <bdi>%s</bdi>",
			record_str(defect, "id", "?"), record_str(defect, "title", ""));
	if (record_str(defect, "topology", NULL))
		html_print(out, " (<bdi>%s</bdi>)", record_str(defect, "topology", ""));
	fputs("</th><td>", out);
	if (missed)
		html_chip(out, "fail", "\u2717", "missed");
	else if (record_bool(defect, "null", false))
		html_chip(out, "skip", "\u25cb", "harmless");
	else
		html_chip(out, "pass", "\u2713", "caught");
	fputs("</td>", out);
	for (size_t i = 0; i < suites->count; i++)
		print_cell(counts[i], out);
	fputs("</tr>\n", out);
}

void page_proof(const struct record *proof, FILE *out)
{
	const struct record *defects = record_get(proof, "defects");
	size_t counts[SUITES_LIMIT][LISTS], count = record_length(defects);
	struct suites suites = { .count = 0 };

	if (!count)
		return;
	count = count > DEFECTS_LIMIT ? DEFECTS_LIMIT : count;
	for (size_t i = 0; i < count; i++)
		count_lists(&suites, record_at(defects, i), counts);
	fputs("<figure class=\"wide\"><figcaption>Proof: what the checks caught on rigs that were "
	      "broken on purpose</figcaption>\n<div class=\"scroll\" tabindex=\"0\" "
	      "role=\"region\" aria-label=\"Proof\"><table class=\"heatmap\">\n<thead><tr><th "
	      "scope=\"col\">Defect</th><th scope=\"col\">Outcome</th>",
			out);
	for (size_t i = 0; i < suites.count; i++) {
		CLEANUP(cleanup_free)
		char *name = strndup(suites.names[i], suites.lengths[i]);

		html_print(out, "<th scope=\"col\"><bdi>%s</bdi></th>", name);
	}
	fputs("</tr></thead>\n<tbody>\n", out);
	for (size_t i = 0; i < count; i++)
		print_defect(&suites, record_at(defects, i), out);
	fputs("</tbody></table></div></figure>\n", out);
}
