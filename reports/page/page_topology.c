/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/page/page_internal.h"

#include <string.h>

#include "base/cleanup.h"
#include "reports/page/html.h"

/*
 * The path of a VF's DMA request up to the IOMMU, from left to right: IOMMU, root port, switch
 * ports, PF, VFs. A port shows the four services that keep functions apart (PCIe 6.0, 6.12.1), each
 * as a lamp. Functions in one IOMMU group can reach each other, whatever else the drawing shows.
 */

enum { BOX = 186, GAP = 34, TOP = 26, HIGH = 74, VF_HIGH = 22, VFS_LIMIT = 16, PORTS_LIMIT = 8 };

struct sketch {
	const struct record *row;
	const struct record *ports, *members; /* from the PF up; in the PF's group */
	const struct record *groups;          /* evidence: the groups of some VFs */
	size_t port_count, vf_count;
	FILE *out;
};

static int column(size_t index)
{
	return (int)index * (BOX + GAP) + 1;
}

static void print_box(const struct sketch *sketch, size_t at, const char *class, const char *name,
		const char *under)
{
	html_print(sketch->out,
			"<rect class=\"box %s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
			"rx=\"4\"/><text class=\"name\" x=\"%d\" y=\"%d\">%s</text>"
			"<text class=\"under\" x=\"%d\" y=\"%d\">%s</text>\n",
			class, column(at), TOP, BOX, HIGH, column(at) + 9, TOP + 20, name,
			column(at) + 9, TOP + 38, under);
}

static void print_line(const struct sketch *sketch, size_t from)
{
	html_print(sketch->out,
			"<path class=\"wire\" d=\"M%d %dh%d\"/><path class=\"arrow\" d=\"M%d %dl8 "
			"-4v8z\"/>\n",
			column(from) + BOX, TOP + HIGH / 2, GAP, column(from) + BOX,
			TOP + HIGH / 2);
}

static void print_iommu(const struct sketch *sketch)
{
	const struct record *platform = record_get(sketch->row, "platform");
	const char *iommu = record_str(platform, "iommu", "none");
	const char *mode = record_str(platform, "iommu_mode", "unknown");
	bool good = strcmp(iommu, "none") != 0 && !strncmp(mode, "DMA", 3);

	print_box(sketch, 0, good ? "good" : "bad", "IOMMU", iommu);
	html_print(sketch->out,
			"<text class=\"under\" x=\"%d\" y=\"%d\">%s domains, interrupts</text>"
			"<text class=\"under\" x=\"%d\" y=\"%d\">%s</text>\n",
			column(0) + 9, TOP + 53, mode, column(0) + 9, TOP + 67,
			record_bool(platform, "interrupt_remapping", false) ? "remapped"
									    : "not remapped");
}

/* Draws "SrcValid+ ReqRedir+ ..." as four lamps; prints anything else as text. */
static void print_services(const struct sketch *sketch, size_t at, const char *services)
{
	int x = column(at) + 9, y = TOP + 48;

	if (!strchr(services, '+') && !strchr(services, '-')) {
		html_print(sketch->out, "<text class=\"under bad\" x=\"%d\" y=\"%d\">%s</text>\n",
				x, y + 6, services);
		return;
	}
	for (size_t i = 0; i < 4 && *services; i++) {
		size_t length = strcspn(services, "+-");
		bool on = services[length] == '+';
		CLEANUP(cleanup_free) char *name = strndup(services, length);
		int cx = x + (int)(i % 2) * 84, cy = y + (int)(i / 2) * 14;

		html_print(sketch->out,
				"<circle class=\"lamp %s\" cx=\"%d\" cy=\"%d\" r=\"4\"/>"
				"<text class=\"small\" x=\"%d\" y=\"%d\">%s%s</text>\n",
				on ? "good" : "bad", cx + 4, cy + 2, cx + 11, cy + 6, name,
				on ? "" : " off");
		services += length + (services[length] != '\0');
		services += strspn(services, " ");
	}
}

static void print_ports(const struct sketch *sketch)
{
	for (size_t i = 0; i < sketch->port_count; i++) {
		const struct record *port = record_at(sketch->ports, sketch->port_count - 1 - i);
		const char *services = record_str(port, "acs", "unknown");

		print_line(sketch, i);
		print_box(sketch, i + 1,
				strchr(services, '-') || !strchr(services, '+') ? "bad" : "good",
				i ? "Switch port" : "Root port", record_str(port, "bdf", "?"));
		print_services(sketch, i + 1, services);
	}
}

static void print_pf(const struct sketch *sketch)
{
	const struct record *card = record_get(sketch->row, "card");
	size_t at = sketch->port_count + 1, others = record_length(sketch->members);

	print_line(sketch, at - 1);
	print_box(sketch, at, others > 1 ? "bad" : "good", "PF",
			record_str(record_get(sketch->row, "rig"), "pf", "?"));
	html_print(sketch->out,
			"<text class=\"under\" x=\"%d\" y=\"%d\">%lld VFs, driver: %lld</text>\n",
			column(at) + 9, TOP + 53, (long long)record_int(card, "total_vfs", 0),
			(long long)record_int(card, "driver_limit", 0));
	if (others)
		html_print(sketch->out, "<text class=\"under\" x=\"%d\" y=\"%d\">%s</text>\n",
				column(at) + 9, TOP + 67,
				others > 1 ? "shares its group" : "a group of its own");
}

static void print_vfs(const struct sketch *sketch)
{
	size_t at = sketch->port_count + 2;
	int x = column(at), middle = TOP + HIGH / 2;

	for (size_t i = 0; i < sketch->vf_count; i++) {
		int y = TOP + (int)i * (VF_HIGH + 4);
		const struct record *fact = record_at(sketch->groups, i);

		html_print(sketch->out,
				"<path class=\"wire\" d=\"M%d %dh%dV%dh%d\"/><rect class=\"box "
				"good\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"4\"/>"
				"<text class=\"name\" x=\"%d\" y=\"%d\">VF %zu</text>",
				x - GAP, middle, GAP / 2, y + VF_HIGH / 2, GAP / 2, x, y, BOX,
				VF_HIGH, x + 9, y + 15, i);
		if (fact)
			html_print(sketch->out,
					"<text class=\"under\" x=\"%d\" y=\"%d\">IOMMU group "
					"%lld</text>",
					x + 52, y + 15, (long long)record_int(fact, "value", 0));
		fputc('\n', sketch->out);
	}
}

/* The facts of iommu.vf-group, which examined the VFs while they existed. */
static struct record *groups_of(struct results_reader *reader)
{
	struct record *groups = record_array();

	for (size_t i = 0; reader && i < reader_length(reader); i++) {
		const struct record *evidence;

		if (strcmp(reader_id(reader, i), "iommu.vf-group") != 0)
			continue;
		evidence = reader_check(reader, i)->evidence;
		for (size_t k = 0; k < record_length(evidence); k++) {
			const struct record *fact = record_at(evidence, k);

			if (!strcmp(record_str(fact, "name", ""), "group of a VF"))
				record_add(groups, record_copy(fact));
		}
	}
	return groups;
}

void page_topology(const struct record *row, struct results_reader *reader, FILE *out)
{
	const struct record *platform = record_get(row, "platform");
	CLEANUP(cleanup_record) struct record *groups = groups_of(reader);
	struct sketch sketch = { .row = row,
		.ports = record_get(platform, "ports"),
		.members = record_get(platform, "group"),
		.groups = groups,
		.out = out };
	int width, high = HIGH;

	if (!record_str(platform, "iommu", NULL))
		return;
	sketch.port_count = record_length(sketch.ports);
	sketch.port_count = sketch.port_count > PORTS_LIMIT ? PORTS_LIMIT : sketch.port_count;
	sketch.vf_count = record_length(groups);
	sketch.vf_count = sketch.vf_count > VFS_LIMIT ? VFS_LIMIT : sketch.vf_count;
	if ((int)sketch.vf_count * (VF_HIGH + 4) > high)
		high = (int)sketch.vf_count * (VF_HIGH + 4);
	width = column(sketch.port_count + 2 + (sketch.vf_count > 0)) - GAP + 1;
	html_print(out,
			"<figure class=\"wide\"><figcaption>From the VFs up to the IOMMU</figcaption>"
			"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Topology\">"
			"<svg class=\"topology\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" "
			"role=\"img\"><title>PCIe and IOMMU topology</title><desc>%zu ports stand "
			"between the IOMMU and the PF. Each shows which access control services "
			"are on.</desc>\n",
			width, TOP + high + 4, width, TOP + high + 4, sketch.port_count);
	html_print(out, "<text class=\"small\" x=\"1\" y=\"14\">requests go this way: \u2190</text>\n");
	print_iommu(&sketch);
	print_ports(&sketch);
	print_pf(&sketch);
	print_vfs(&sketch);
	fputs("</svg></div></figure>\n", out);
}
