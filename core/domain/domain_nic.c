/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "domain/domain_internal.h"

/* One <interface> or <hostdev>. */

/* The words of libvirt's virDomainNet (src/conf/domain_conf.c). */
static const char *const kind_names[NIC_KINDS] = {
	[NIC_OTHER] = "other",
	[NIC_BRIDGE] = "bridge",
	[NIC_NETWORK] = "network",
	[NIC_HOSTDEV] = "hostdev",
	[NIC_DIRECT] = "direct",
	[NIC_ETHERNET] = "ethernet",
	[NIC_VHOSTUSER] = "vhostuser",
	[NIC_VDPA] = "vdpa",
	[NIC_USER] = "user",
	[NIC_INTERNAL] = "internal",
	[NIC_UDP] = "udp",
	[NIC_MCAST] = "mcast",
	[NIC_SERVER] = "server",
	[NIC_CLIENT] = "client",
	[NIC_NULL] = "null",
	[NIC_VDS] = "vds",
	[NIC_PCI] = "pci",
};

/* Where the texts of a NIC are, and their names in JSON. */
static const struct {
	const char *path, *attribute, *key;
	size_t offset;
} texts[] = {
	{ "alias", "name", "alias", offsetof(struct domain_nic, alias) },
	{ "source", "network", "network", offsetof(struct domain_nic, network) },
	{ "source", "portid", "portid", offsetof(struct domain_nic, portid) },
	{ "source", "portgroup", "portgroup", offsetof(struct domain_nic, portgroup) },
	{ "source", "bridge", "bridge", offsetof(struct domain_nic, bridge) },
	{ "source", "dev", "dev", offsetof(struct domain_nic, dev) },
	{ "source", "mode", "mode", offsetof(struct domain_nic, mode) },
	{ "source", "path", "path", offsetof(struct domain_nic, path) },
	{ "model", "type", "model", offsetof(struct domain_nic, model) },
	{ "driver", "name", "driver", offsetof(struct domain_nic, driver) },
	{ "target", "dev", "target", offsetof(struct domain_nic, target) },
	{ "filterref", "filter", "filter", offsetof(struct domain_nic, filter) },
	{ "virtualport", "type", "virtualport", offsetof(struct domain_nic, virtualport) },
	{ "teaming", "persistent", "persistent", offsetof(struct domain_nic, persistent) },
};

enum { TEXTS = sizeof(texts) / sizeof(*texts) };

const char *nic_kind_name(enum nic_kind kind)
{
	return kind_names[kind];
}

static char **text_at(struct domain_nic *nic, size_t index)
{
	return (char **)((char *)nic + texts[index].offset);
}

static void take_texts(const struct xml *element, struct domain_nic *nic)
{
	for (size_t i = 0; i < TEXTS; i++) {
		const char *text =
				xml_attribute(xml_path(element, texts[i].path), texts[i].attribute);

		*text_at(nic, i) = text && *text ? reading_copy(text) : NULL;
	}
}

const char *domain_nic_text(const struct domain_nic *nic, size_t index, const char **text)
{
	if (index >= TEXTS)
		return NULL;
	*text = *(char *const *)((const char *)nic + texts[index].offset);
	return texts[index].key;
}

void domain_nic_free(struct domain_nic *nic)
{
	for (size_t i = 0; i < TEXTS; i++)
		free(*text_at(nic, i));
	free(nic->type);
	free(nic->vlans);
}

static enum nic_kind kind_of(const char *type)
{
	for (unsigned kind = NIC_OTHER + 1; kind < NIC_PCI; kind++) {
		if (!strcmp(type, kind_names[kind]))
			return kind;
	}
	return NIC_OTHER;
}

/* libvirt takes a MAC whose octets have one digit, too, but never prints one. */
static int take_mac(
		const struct reading *reading, const struct xml *element, struct domain_nic *nic)
{
	const char *address = xml_attribute(element, "address");

	if (!address)
		return 0;
	if (mac_parse(address, &nic->mac) < 0)
		return reading_complain(reading, element, "the MAC %.60s is none: write 02:00:...",
				address);
	nic->has_mac = true;
	return 0;
}

static int take_tag(const struct reading *reading, const struct xml *tag, struct domain_nic *nic)
{
	static const char *const modes[] = { "", "tagged", "untagged", NULL };
	struct nic_vlan *vlan = &nic->vlans[nic->vlan_count];
	uint64_t id = UINT64_MAX;
	unsigned native;
	int rc = reading_number(reading, tag, "id", DECIMAL, 4095, &id);

	if (!rc && id == UINT64_MAX)
		return reading_complain(reading, tag, "a <tag> without an id");
	if (!rc)
		rc = reading_word(reading, tag, "nativeMode", modes, &native);
	if (rc < 0)
		return rc;
	*vlan = (struct nic_vlan){ (uint16_t)id, native };
	nic->vlan_count++;
	return 0;
}

static int take_vlans(
		const struct reading *reading, const struct xml *element, struct domain_nic *nic)
{
	static const char *const answers[] = { "", "no", "yes", NULL };
	unsigned trunk;
	int rc;

	if (!element)
		return 0;
	nic->vlans = calloc(element->count + 1, sizeof(*nic->vlans));
	if (!nic->vlans)
		abort();
	rc = reading_word(reading, element, "trunk", answers, &trunk);
	for (size_t i = 0; !rc && i < element->count; i++) {
		if (xml_is(element->children[i], "tag"))
			rc = take_tag(reading, element->children[i], nic);
	}
	if (rc < 0)
		return rc;
	if (!nic->vlan_count)
		return reading_complain(reading, element, "a <vlan> without <tag id='N'/>");
	/* Several tags mean a trunk (virNetDevVlanParse). */
	nic->trunk = trunk == 2 || nic->vlan_count > 1;
	return 0;
}

static int take_teaming(
		const struct reading *reading, const struct xml *element, struct domain_nic *nic)
{
	static const char *const types[] = { "", "persistent", "transient", NULL };
	unsigned type;
	int rc = reading_word(reading, element, "type", types, &type);

	if (rc < 0)
		return rc;
	nic->teaming = type;
	if (element && !type)
		return reading_complain(reading, element, "a <teaming> without a type");
	if (type == TEAMING_TRANSIENT && !nic->persistent)
		return reading_complain(reading, element,
				"a transient <teaming> without persistent=, the alias of the other "
				"NIC");
	return 0;
}

static int take_rate(
		const struct reading *reading, const struct xml *element, struct nic_rate *rate)
{
	const struct {
		const char *name;
		uint64_t *value;
	} members[] = {
		{ "average", &rate->average },
		{ "peak", &rate->peak },
		{ "burst", &rate->burst },
		{ "floor", &rate->floor },
	};
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof(members) / sizeof(*members); i++)
		rc = reading_number(reading, element, members[i].name, DECIMAL, INT64_MAX,
				members[i].value);
	return rc;
}

static int take_numbers(
		const struct reading *reading, const struct xml *element, struct domain_nic *nic)
{
	static const char *const states[] = { "", "up", "down", NULL };
	uint64_t boot = 0, mtu = 0;
	unsigned link;
	int rc = reading_number(
			reading, xml_child(element, "boot"), "order", DECIMAL, INT32_MAX, &boot);

	if (!rc)
		rc = reading_number(reading, xml_child(element, "mtu"), "size", DECIMAL, UINT32_MAX,
				&mtu);
	if (!rc)
		rc = reading_word(reading, xml_child(element, "link"), "state", states, &link);
	if (!rc)
		rc = take_rate(reading, xml_path(element, "bandwidth/inbound"), &nic->in);
	if (!rc)
		rc = take_rate(reading, xml_path(element, "bandwidth/outbound"), &nic->out);
	if (rc < 0)
		return rc;
	nic->boot = (unsigned)boot;
	nic->mtu = (uint32_t)mtu;
	nic->link = link;
	return 0;
}

/* The host's address of a <hostdev> has no type, and 0000:00:00.0 leaves no choice there. */
static int take_host(
		const struct reading *reading, const struct xml *element, struct domain_nic *nic)
{
	if (nic->kind != NIC_HOSTDEV && nic->kind != NIC_PCI)
		return 0;
	return reading_address(
			reading, xml_path(element, "source/address"), &nic->has_host, &nic->host);
}

int domain_nic_parse(
		const struct reading *reading, const struct xml *element, struct domain_nic *nic)
{
	static const char *const answers[] = { "", "no", "yes", NULL };
	const char *type = xml_attribute(element, "type");
	unsigned managed;
	int rc;

	if (!type)
		return reading_complain(reading, element, "<%s> without a type", element->name);
	nic->line = element->line;
	nic->type = reading_copy(type);
	nic->kind = xml_is(element, "hostdev") ? NIC_PCI : kind_of(type);
	take_texts(element, nic);
	rc = reading_word(reading, element, "managed", answers, &managed);
	if (!rc)
		rc = take_mac(reading, xml_child(element, "mac"), nic);
	if (!rc)
		rc = take_host(reading, element, nic);
	if (!rc)
		rc = reading_address(reading, xml_child(element, "address"), &nic->has_guest,
				&nic->guest);
	if (!rc)
		rc = take_vlans(reading, xml_child(element, "vlan"), nic);
	if (!rc)
		rc = take_teaming(reading, xml_child(element, "teaming"), nic);
	if (!rc)
		rc = take_numbers(reading, element, nic);
	if (!rc)
		nic->managed = managed == 2;
	return rc;
}
