/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "domain/domain.h"
#include "domain/domain_check.h"
#include "domain/domain_edit.h"
#include "domain/domain_print.h"
#include "domain/nic_xml.h"
#include "tests/fuzz.h"

/* A refusal has its place. */
static void check_refusal(const struct domain *domain, const struct err *err)
{
	const char *place = err->msg + strlen("f:");
	unsigned line, column;

	if (domain->name || domain->nics || strncmp(err->msg, "f:", 2) != 0 ||
			sscanf(place, "%u:%u: ", &line, &column) != 2 || !line || !column)
		abort();
}

static bool is_written_as(const struct domain_nic *nic, const struct domain_nic *again)
{
	return again->kind == nic->kind && !strcmp(again->alias, nic->alias) &&
			mac_equal(again->mac, nic->mac) && again->has_host == nic->has_host &&
			(!nic->has_host || bdf_equal(again->host, nic->host)) &&
			again->boot == nic->boot && again->teaming == nic->teaming &&
			again->vlan_count == 1;
}

/* A VF that can be attached at all is read back as it was. */
static void check_written(const struct domain_nic *nic)
{
	struct nic_wanted wanted = { .kind = nic->kind,
		.alias = nic->alias,
		.mac = nic->mac,
		.host = nic->host,
		.network = nic->network,
		.vlan = nic->vlan_count ? nic->vlans[0].id : 0,
		.teaming = nic->teaming,
		.persistent = nic->persistent,
		.boot = nic->boot,
		.driver = nic->driver };
	CLEANUP(cleanup_free) char *xml = NULL;
	CLEANUP(cleanup_free) char *text = NULL;
	CLEANUP(cleanup_domain) struct domain domain = { 0 };
	int length;

	if ((nic->kind != NIC_HOSTDEV && nic->kind != NIC_NETWORK) ||
			(nic->kind == NIC_HOSTDEV && !nic->has_host) ||
			nic_xml(&wanted, &xml, NULL) < 0)
		return;
	length = asprintf(&text, "<domain><name>a</name><devices>%s</devices></domain>", xml);
	if (length < 0 || domain_parse("f", text, (size_t)length, &domain, NULL) < 0 ||
			domain.nic_count != 1 || !is_written_as(nic, &domain.nics[0]))
		abort();
}

static void check_nic(const struct domain *domain, const struct domain_nic *nic)
{
	const struct domain_nic *found = NULL;
	char name[NIC_NAME_ROOM];

	if (!nic->line || !nic->type || !*domain_nic_name(domain, nic, name))
		abort();
	for (size_t i = 0; i < nic->vlan_count; i++) {
		if (nic->vlans[i].id > 4095)
			abort();
	}
	if (!domain_find_nic(domain, name, &found, NULL) &&
			(found < domain->nics || found >= domain->nics + domain->nic_count))
		abort();
	check_written(nic);
}

static void check_prints(const struct domain *domain)
{
	CLEANUP(cleanup_record) struct record *record = domain_to_record(domain, NULL, NULL);
	CLEANUP(cleanup_free) char *json = record_print(record);
	CLEANUP(cleanup_free) char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	domain_print(domain, NULL, NULL, out);
	domains_print(domain, 1, NULL, out);
	fclose(out);
	if (!json || strchr(text, '\x1b') || strchr(text, '\x7f') ||
			record_length(record_get(record, "nics")) != domain->nic_count)
		abort();
}

/* A NIC that is put in is there, and nothing else is any different. */
static void check_inserted(const struct domain *domain, const char *text)
{
	CLEANUP(cleanup_free)
	char *edited = domain_insert(text, "<x-head/>",
			"<interface type='bridge'><alias name='ua-inserted'/></interface>");
	CLEANUP(cleanup_domain) struct domain again = { 0 };

	if (domain->nic_count == DOMAIN_NICS_MOST)
		return;
	if (domain_parse("f", edited, strlen(edited), &again, NULL) < 0 ||
			again.nic_count != domain->nic_count + 1 ||
			!domain_nic_with_alias(&again, "ua-inserted") ||
			strcmp(again.name, domain->name) != 0 || again.memory != domain->memory)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(cleanup_domain) struct domain domain = { 0 };
	struct err err = { 0 };

	if (domain_parse("f", (const char *)data, size, &domain, &err) < 0) {
		check_refusal(&domain, &err);
		return 0;
	}
	if (!domain.name || domain.nic_count > DOMAIN_NICS_MOST ||
			domain.slots.spare > domain.slots.total ||
			(domain.slots.kind == SLOTS_UNKNOWN && domain.slots.total))
		abort();
	for (size_t i = 0; i < domain.nic_count; i++)
		check_nic(&domain, &domain.nics[i]);
	check_prints(&domain);
	if (!memchr(data, 0, size)) {
		CLEANUP(cleanup_free) char *text = strndup((const char *)data, size);

		check_inserted(&domain, text);
	}
	return 0;
}
