/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "domain/domain_check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/nic_place.h"

struct checking {
	const struct domain *domain;
	const struct inventory *inventory;
	const char *rule;
	struct domain_warnings *warnings;
};

__attribute__((format(printf, 2, 3))) static void warn(
		const struct checking *checking, const char *format, ...)
{
	struct domain_warnings *warnings = checking->warnings;
	char *text;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		abort();
	va_end(args);
	warnings->list = reallocarray(warnings->list, warnings->count + 1, sizeof(*warnings->list));
	if (!warnings->list)
		abort();
	warnings->list[warnings->count++] = (struct domain_warning){ checking->rule, text };
}

static void check_slots(const struct checking *checking)
{
	const struct domain_slots *slots = &checking->domain->slots;

	if (slots->kind == SLOTS_UNKNOWN || slots->spare)
		return;
	if (slots->kind == SLOTS_PORTS)
		warn(checking,
				"no spare pcie-root-port: while it runs, no NIC can be attached; add "
				"<controller type='pci' model='pcie-root-port'/> and restart it");
	else
		warn(checking, "no free slot on its PCI buses: while it runs, no NIC can be attached");
}

/* vfio_migration_realize() of QEMU 8.1 (hw/vfio/migration.c) blocks the migration of a VF
 * behind the guest's IOMMU. vfio_realize() (hw/vfio/pci.c) does not call it for the VF of a
 * failover pair, which is unplugged first. */
static void check_iommu(
		const struct checking *checking, const struct domain_nic *nic, const char *name)
{
	bool is_vf = nic->kind == NIC_HOSTDEV || nic_place_find(checking->inventory, nic).vf;

	if (checking->domain->iommu && is_vf && nic->teaming != TEAMING_TRANSIENT)
		warn(checking,
				"%s: QEMU may refuse to migrate a VF behind the guest's IOMMU (%s): "
				"make it the transient NIC of a failover pair, or detach it first",
				name, checking->domain->iommu);
}

/* virNetDevSetVfVlan() of libvirt's src/util/virnetdev.c. */
static void check_vlan(
		const struct checking *checking, const struct domain_nic *nic, const char *name)
{
	const struct vf *vf = nic_place_find(checking->inventory, nic).vf;
	char now[40] = "";

	if (nic->kind != NIC_HOSTDEV || nic->vlan_count || nic->virtualport)
		return;
	if (vf && vf->settings.given & VF_VLAN && vf->settings.vlan)
		snprintf(now, sizeof(now), ", which is %u now", vf->settings.vlan);
	warn(checking,
			"%s: its <interface> has no <vlan>, so libvirt clears the port VLAN of the "
			"VF%s, and the guest is in the untagged network",
			name, now);
}

static void check_trunk(
		const struct checking *checking, const struct domain_nic *nic, const char *name)
{
	if (nic->kind == NIC_HOSTDEV && nic->trunk)
		warn(checking, "%s: libvirt refuses a trunk on a VF: give it one <tag>", name);
}

static void check_present(
		const struct checking *checking, const struct domain_nic *nic, const char *name)
{
	struct nic_place place = nic_place_find(checking->inventory, nic);
	char bdf[BDF_TEXT];

	if (!checking->inventory || nic->kind != NIC_HOSTDEV || !nic->has_host || place.vf)
		return;
	warn(checking, "%s: %s is %s", name, bdf_format(nic->host, bdf),
			place.pf ? "a PF: libvirt takes a VF alone" : "no VF of this host");
}

/* Whether its name stands for another NIC, too. */
static void check_name(
		const struct checking *checking, const struct domain_nic *nic, const char *name)
{
	const struct domain_nic *found;

	if (domain_find_nic(checking->domain, name, &found, NULL) < 0 || found != nic)
		warn(checking,
				"NIC %td (%s) has no name of its own, so it cannot be detached alone: "
				"give it <alias name='ua-NAME'/>",
				nic - checking->domain->nics + 1, nic->type);
}

/* libvirt does not set the MAC of a plain <hostdev>: it is the VF's. False: unknown. */
static bool mac_of(const struct checking *checking, const struct domain_nic *nic, struct mac *mac)
{
	const struct vf *vf = nic_place_find(checking->inventory, nic).vf;

	*mac = nic->mac;
	if (!nic->has_mac && vf && vf->settings.given & VF_MAC)
		*mac = vf->settings.mac;
	return !mac_is_zero(*mac);
}

static void check_partner(
		const struct checking *checking, const struct domain_nic *nic, const char *name)
{
	const struct domain_nic *partner;
	struct mac own, other;

	if (nic->teaming != TEAMING_TRANSIENT)
		return;
	partner = domain_nic_with_alias(checking->domain, nic->persistent);
	if (!partner || !domain_nics_are_pair(nic, partner))
		warn(checking, "%s: no NIC with <teaming type='persistent'/> has the alias %s",
				name, nic->persistent);
	else if (mac_of(checking, nic, &own) && mac_of(checking, partner, &other) &&
			!mac_equal(own, other))
		warn(checking,
				"%s: the NICs of a failover pair need the same MAC, or the guest does "
				"not join them",
				name);
}

static void check_mac(const struct checking *checking, const struct domain_nic *a,
		const struct domain_nic *b)
{
	char mac[MAC_TEXT], name_a[NIC_NAME_ROOM], name_b[NIC_NAME_ROOM];

	if (!a->has_mac || !b->has_mac || !mac_equal(a->mac, b->mac) || domain_nics_are_pair(a, b))
		return;
	warn(checking, "%s and %s have the same MAC %s and are no failover pair",
			domain_nic_name(checking->domain, a, name_a),
			domain_nic_name(checking->domain, b, name_b), mac_format(a->mac, mac));
}

static void check_host(const struct checking *checking, const struct domain_nic *a,
		const struct domain_nic *b)
{
	char bdf[BDF_TEXT], name_a[NIC_NAME_ROOM], name_b[NIC_NAME_ROOM];

	if (a->has_host && b->has_host && bdf_equal(a->host, b->host))
		warn(checking, "%s and %s are both %s",
				domain_nic_name(checking->domain, a, name_a),
				domain_nic_name(checking->domain, b, name_b),
				bdf_format(a->host, bdf));
}

/* Each rule has one of the functions: for the domain, for each NIC, for each pair of NICs. */
static const struct {
	const char *rule;
	void (*domain)(const struct checking *checking);
	void (*nic)(const struct checking *checking, const struct domain_nic *nic,
			const char *name);
	void (*pair)(const struct checking *checking, const struct domain_nic *a,
			const struct domain_nic *b);
} rules[] = {
	{ "no-spare-port", check_slots, NULL, NULL },
	{ "vlan-cleared", NULL, check_vlan, NULL },
	{ "vlan-trunk", NULL, check_trunk, NULL },
	{ "vf-absent", NULL, check_present, NULL },
	{ "vf-shared", NULL, NULL, check_host },
	{ "nic-without-name", NULL, check_name, NULL },
	{ "same-mac", NULL, NULL, check_mac },
	{ "failover-partner", NULL, check_partner, NULL },
	{ "guest-iommu", NULL, check_iommu, NULL },
};

static void check_pairs(const struct checking *checking,
		void (*check)(const struct checking *checking, const struct domain_nic *a,
				const struct domain_nic *b))
{
	const struct domain *domain = checking->domain;

	for (size_t i = 0; i < domain->nic_count; i++) {
		for (size_t k = i + 1; k < domain->nic_count; k++)
			check(checking, &domain->nics[i], &domain->nics[k]);
	}
}

void domain_check(const struct domain *domain, const struct inventory *inventory,
		struct domain_warnings *warnings)
{
	struct checking checking = { domain, inventory, NULL, warnings };
	char name[NIC_NAME_ROOM];

	*warnings = (struct domain_warnings){ 0 };
	for (size_t rule = 0; rule < sizeof(rules) / sizeof(*rules); rule++) {
		checking.rule = rules[rule].rule;
		if (rules[rule].domain)
			rules[rule].domain(&checking);
		for (size_t i = 0; rules[rule].nic && i < domain->nic_count; i++)
			rules[rule].nic(&checking, &domain->nics[i],
					domain_nic_name(domain, &domain->nics[i], name));
		if (rules[rule].pair)
			check_pairs(&checking, rules[rule].pair);
	}
}

void domain_warnings_free(struct domain_warnings *warnings)
{
	for (size_t i = 0; i < warnings->count; i++)
		free(warnings->list[i].text);
	free(warnings->list);
	*warnings = (struct domain_warnings){ 0 };
}

void cleanup_domain_warnings(struct domain_warnings *warnings)
{
	domain_warnings_free(warnings);
}
