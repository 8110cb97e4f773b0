/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "domain/domain_check.h"
#include "domain/domain_internal.h"
#include "domain/domain_print.h"
#include "domain/nic_place.h"

/* The JSON of a domain. Keys are a stable interface: new ones may come, none is renamed. */

static void put_unless_zero(struct record *record, const char *key, uint64_t number)
{
	if (number)
		record_put_int(record, key, (int64_t)number);
	else
		record_put_null(record, key);
}

static void put_bdf(struct record *record, const char *key, bool given, struct bdf bdf)
{
	char text[BDF_TEXT];

	record_put_str(record, key, given ? bdf_format(bdf, text) : NULL);
}

static struct record *vlan_record(const struct domain_nic *nic)
{
	static const char *const modes[] = { NULL, "tagged", "untagged" };
	struct record *record = record_object(), *tags = record_array();

	for (size_t i = 0; i < nic->vlan_count; i++) {
		struct record *tag = record_object();

		record_put_int(tag, "id", nic->vlans[i].id);
		record_put_str(tag, "native", modes[nic->vlans[i].native]);
		record_add(tags, tag);
	}
	record_put_bool(record, "trunk", nic->trunk);
	record_put(record, "tags", tags);
	return record;
}

static void put_rate(struct record *record, const char *key, const struct nic_rate *rate)
{
	struct record *member;

	if (!rate->average && !rate->peak && !rate->burst && !rate->floor) {
		record_put_null(record, key);
		return;
	}
	member = record_object();
	put_unless_zero(member, "average", rate->average);
	put_unless_zero(member, "peak", rate->peak);
	put_unless_zero(member, "burst", rate->burst);
	put_unless_zero(member, "floor", rate->floor);
	record_put(record, key, member);
}

static void put_place(struct record *record, const struct inventory *inventory,
		const struct domain_nic *nic)
{
	struct nic_place place = nic_place_find(inventory, nic);
	struct record *member;

	if (!place.pf) {
		record_put_null(record, "function");
		return;
	}
	member = record_object();
	put_bdf(member, "pf", true, place.pf->function.bdf);
	record_put_str(member, "netdev",
			*place.pf->function.netdev ? place.pf->function.netdev : NULL);
	if (place.vf)
		record_put_int(member, "vf", place.vf->index);
	else
		record_put_null(member, "vf");
	record_put(record, "function", member);
}

static struct record *nic_record(const struct domain *domain, const struct inventory *inventory,
		const struct catalog *catalog, const struct domain_nic *nic)
{
	static const char *const teamings[] = { NULL, "persistent", "transient" };
	static const char *const links[] = { NULL, "up", "down" };
	const struct vnic *vnic = nic_vnic(catalog, domain, nic);
	struct record *record = record_object();
	char name[NIC_NAME_ROOM], mac[MAC_TEXT];
	const char *key, *text;

	record_put_str(record, "name", domain_nic_name(domain, nic, name));
	record_put_str(record, "kind", nic_kind_name(nic->kind));
	record_put_str(record, "type", nic->type);
	record_put_str(record, "mac", nic->has_mac ? mac_format(nic->mac, mac) : NULL);
	put_bdf(record, "host", nic->has_host, nic->host);
	put_bdf(record, "guest", nic->has_guest, nic->guest);
	for (size_t i = 0; (key = domain_nic_text(nic, i, &text)); i++)
		record_put_str(record, key, text);
	record_put_bool(record, "managed", nic->managed);
	if (nic->vlan_count)
		record_put(record, "vlan", vlan_record(nic));
	else
		record_put_null(record, "vlan");
	record_put_str(record, "teaming", teamings[nic->teaming]);
	put_unless_zero(record, "boot", nic->boot);
	record_put_str(record, "link", links[nic->link]);
	put_unless_zero(record, "mtu", nic->mtu);
	put_rate(record, "inbound", &nic->in);
	put_rate(record, "outbound", &nic->out);
	put_place(record, inventory, nic);
	record_put_str(record, "profile", vnic ? vnic->profile : NULL);
	return record;
}

static void put_slots(struct record *record, const struct domain_slots *slots)
{
	static const char *const kinds[] = { NULL, "pcie-root-port", "pci-slot" };
	struct record *member;

	if (slots->kind == SLOTS_UNKNOWN) {
		record_put_null(record, "slots");
		return;
	}
	member = record_object();
	record_put_str(member, "kind", kinds[slots->kind]);
	record_put_int(member, "total", slots->total);
	record_put_int(member, "spare", slots->spare);
	record_put(record, "slots", member);
}

static struct record *warnings_record(
		const struct domain *domain, const struct inventory *inventory)
{
	struct record *array = record_array();
	struct domain_warnings warnings;

	domain_check(domain, inventory, &warnings);
	for (size_t i = 0; i < warnings.count; i++) {
		struct record *item = record_object();

		record_put_str(item, "rule", warnings.list[i].rule);
		record_put_str(item, "text", warnings.list[i].text);
		record_add(array, item);
	}
	domain_warnings_free(&warnings);
	return array;
}

struct record *domain_to_record(const struct domain *domain, const struct inventory *inventory,
		const struct catalog *catalog)
{
	struct record *record = record_object(), *nics = record_array();

	record_put_str(record, "name", domain->name);
	record_put_str(record, "uuid", *domain->uuid ? domain->uuid : NULL);
	if (domain->id < 0)
		record_put_null(record, "id");
	else
		record_put_int(record, "id", domain->id);
	record_put_bool(record, "running", domain->id >= 0);
	record_put_str(record, "machine", domain->machine);
	record_put_str(record, "arch", domain->arch);
	record_put_str(record, "iommu", domain->iommu);
	put_unless_zero(record, "memory", domain->memory);
	put_unless_zero(record, "hard_limit", domain->hard_limit);
	record_put_int(record, "passed_devices", domain->passed);
	put_slots(record, &domain->slots);
	for (size_t i = 0; i < domain->nic_count; i++)
		record_add(nics, nic_record(domain, inventory, catalog, &domain->nics[i]));
	record_put(record, "nics", nics);
	record_put(record, "warnings", warnings_record(domain, inventory));
	return record;
}
