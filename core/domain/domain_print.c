/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "domain/domain_print.h"

#include <stdarg.h>

#include "base/cleanup.h"
#include "base/table.h"
#include "base/text.h"
#include "domain/domain_check.h"
#include "domain/nic_place.h"

static const char *state_text(const struct domain *domain)
{
	return domain->id >= 0 ? "running" : "shut off";
}

/* A VF, or what the host takes for one while it does not have it. */
static bool is_vf(const struct inventory *inventory, const struct domain_nic *nic)
{
	return nic->kind == NIC_HOSTDEV || nic_place_find(inventory, nic).vf;
}

/* A PCI device is a NIC if it is a function of a card with SR-IOV; it may be anything else. */
static bool is_nic(const struct inventory *inventory, const struct domain_nic *nic)
{
	return nic->kind != NIC_PCI || nic_place_find(inventory, nic).pf;
}

static const char *slots_text(const struct domain_slots *slots, char *text, size_t size)
{
	if (slots->kind == SLOTS_UNKNOWN)
		snprintf(text, size, "-");
	else
		snprintf(text, size, "%u of %u", slots->spare, slots->total);
	return text;
}

void domains_print(const struct domain *domains, size_t count, const struct inventory *inventory,
		FILE *out)
{
	static const char *const headings[] = { "VM", "STATE", "NICS", "VFS", "SPARE PORTS" };
	CLEANUP(cleanup_table) struct table *table = table_new(5, headings);

	for (size_t i = 0; i < count; i++) {
		const struct domain *domain = &domains[i];
		unsigned nics = 0, vfs = 0;
		char text[40];

		for (size_t k = 0; k < domain->nic_count; k++) {
			nics += is_nic(inventory, &domain->nics[k]);
			vfs += is_vf(inventory, &domain->nics[k]);
		}
		table_cell(table, "%s", domain->name);
		table_cell(table, "%s", state_text(domain));
		table_cell(table, "%u", nics);
		table_cell(table, "%u", vfs);
		table_cell(table, "%s", slots_text(&domain->slots, text, sizeof(text)));
	}
	table_print(table, out);
}

static char *vlan_text(const struct domain_nic *nic)
{
	char *text = text_format("%s", nic->vlan_count ? "" : "-");

	for (size_t i = 0; i < nic->vlan_count; i++) {
		CLEANUP(cleanup_free) char *before = text;

		text = text_format("%s%s%u%s", before, i ? "," : "", nic->vlans[i].id,
				nic->vlans[i].native ? " native" : "");
	}
	if (nic->trunk) {
		CLEANUP(cleanup_free) char *before = text;

		text = text_format("%s trunk", before);
	}
	return text;
}

/* The other NIC of the failover pair, and which part it has. */
static void failover_cell(
		struct table *table, const struct domain *domain, const struct domain_nic *nic)
{
	char name[NIC_NAME_ROOM];

	for (size_t i = 0; i < domain->nic_count; i++) {
		const struct domain_nic *other = &domain->nics[i];

		if (!domain_nics_are_pair(nic, other))
			continue;
		table_cell(table, "%s %s",
				nic->teaming == TEAMING_TRANSIENT ? "standby is" : "standby of",
				domain_nic_name(domain, other, name));
		return;
	}
	table_cell(table, "%s", nic->teaming == TEAMING_NONE ? "-" : "no partner");
}

static void add_row(struct table *table, const struct domain *domain,
		const struct inventory *inventory, const struct catalog *catalog,
		const struct domain_nic *nic)
{
	CLEANUP(cleanup_free) char *vlan = vlan_text(nic);
	const struct vnic *vnic = nic_vnic(catalog, domain, nic);
	char name[NIC_NAME_ROOM], mac[MAC_TEXT], source[NIC_SOURCE_ROOM];

	table_cell(table, "%s", domain_nic_name(domain, nic, name));
	table_cell(table, "%s", nic->has_mac ? mac_format(nic->mac, mac) : "-");
	table_cell(table, "%s", nic->kind == NIC_OTHER ? nic->type : nic_kind_name(nic->kind));
	table_cell(table, "%s", nic_source_text(inventory, nic, source));
	table_cell(table, "%s", vnic ? vnic->profile : "-");
	table_cell(table, "%s", vlan);
	if (nic->boot)
		table_cell(table, "%u", nic->boot);
	else
		table_cell(table, "-");
	failover_cell(table, domain, nic);
}

static void print_nics(const struct domain *domain, const struct inventory *inventory,
		const struct catalog *catalog, FILE *out)
{
	static const char *const headings[] = { "NIC", "MAC", "KIND", "SOURCE", "PROFILE", "VLAN",
		"BOOT", "FAILOVER" };
	CLEANUP(cleanup_table) struct table *table = table_new(8, headings);

	for (size_t i = 0; i < domain->nic_count; i++)
		add_row(table, domain, inventory, catalog, &domain->nics[i]);
	fputc('\n', out);
	table_print(table, out);
}

__attribute__((format(printf, 3, 4))) static void fact(
		FILE *out, const char *name, const char *format, ...)
{
	CLEANUP(cleanup_free) char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) >= 0) {
		fprintf(out, "  %-14s ", name);
		text_print_safe(text, out);
		fputc('\n', out);
	}
	va_end(args);
}

void domain_print(const struct domain *domain, const struct inventory *inventory,
		const struct catalog *catalog, FILE *out)
{
	CLEANUP(cleanup_domain_warnings) struct domain_warnings warnings = { 0 };
	char text[40];

	text_print_safe(domain->name, out);
	fprintf(out, ", %s\n", state_text(domain));
	if (*domain->uuid)
		fact(out, "UUID", "%s", domain->uuid);
	if (domain->machine)
		fact(out, "machine", "%s%s%s", domain->machine, domain->arch ? ", " : "",
				domain->arch ? domain->arch : "");
	fact(out, domain->slots.kind == SLOTS_PCI ? "spare slots" : "spare ports", "%s",
			slots_text(&domain->slots, text, sizeof(text)));
	if (domain->iommu)
		fact(out, "guest IOMMU", "%s", domain->iommu);
	if (domain->nic_count)
		print_nics(domain, inventory, catalog, out);
	domain_check(domain, inventory, &warnings);
	for (size_t i = 0; i < warnings.count; i++) {
		fputs(i ? "warning: " : "\nwarning: ", out);
		text_print_safe(warnings.list[i].text, out);
		fputc('\n', out);
	}
}
