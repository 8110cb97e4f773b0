/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "domain/nic_xml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "data/xml_writer.h"

enum { VLAN_LAST = 4094, MTU_LEAST = 68, MTU_MOST = 65535 };

/* libvirt silently drops an alias with other characters (formatdomain, "alias"), and the NIC
 * would have no name. */
static bool is_alias(const char *alias)
{
	static const char characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					 "0123456789_-";

	return alias && !strncmp(alias, "ua-", 3) && alias[3] && strlen(alias) < NIC_NAME_ROOM &&
			!alias[strspn(alias, characters)];
}

static bool has_text(const char *text)
{
	return text && *text;
}

static bool is_vf(const struct nic_wanted *wanted)
{
	return wanted->kind == NIC_HOSTDEV || wanted->kind == NIC_NETWORK;
}

static const char *breach_of_vf(const struct nic_wanted *wanted)
{
	if (wanted->kind == NIC_NETWORK && !has_text(wanted->network))
		return "the name of the network is missing";
	if (wanted->teaming == TEAMING_PERSISTENT)
		return "a VF cannot be the persistent NIC of a failover pair";
	if (wanted->teaming == TEAMING_TRANSIENT && !is_alias(wanted->persistent))
		return "the alias of the persistent NIC is missing, or is none";
	if (wanted->mtu)
		return "the MTU of a VF is for the guest to set";
	if (wanted->link != NIC_LINK_UNSET)
		return "the link state of a VF is a setting of its PF: vfctl vf --link";
	return NULL;
}

static const char *breach_of_bridge(const struct nic_wanted *wanted)
{
	if (!has_text(wanted->bridge))
		return "the name of the bridge is missing";
	if (wanted->teaming == TEAMING_TRANSIENT)
		return "a NIC on a bridge cannot be the transient one of a failover pair";
	if (wanted->mtu && (wanted->mtu < MTU_LEAST || wanted->mtu > MTU_MOST))
		return "the MTU is not from 68 to 65535";
	return NULL;
}

static const char *breach(const struct nic_wanted *wanted)
{
	if (!is_vf(wanted) && wanted->kind != NIC_BRIDGE)
		return "only VFs and NICs on a bridge can be attached";
	if (!is_alias(wanted->alias))
		return "the alias is not ua- and letters, digits, _ or -";
	if (mac_is_zero(wanted->mac) || mac_is_multicast(wanted->mac))
		return "the MAC is zero or a multicast address";
	if (wanted->vlan > VLAN_LAST)
		return "the VLAN id is not from 0 to 4094";
	return is_vf(wanted) ? breach_of_vf(wanted) : breach_of_bridge(wanted);
}

static void write_one(struct xml_writer *writer, const char *element, const char *attribute,
		const char *value)
{
	xml_begin(writer, element);
	xml_put(writer, attribute, "%s", value);
	xml_end(writer);
}

static void write_number(struct xml_writer *writer, const char *element, const char *attribute,
		unsigned value)
{
	xml_begin(writer, element);
	xml_put(writer, attribute, "%u", value);
	xml_end(writer);
}

static void write_address(struct xml_writer *writer, struct bdf address)
{
	xml_begin(writer, "address");
	xml_put(writer, "type", "pci");
	xml_put(writer, "domain", "0x%04x", address.domain);
	xml_put(writer, "bus", "0x%02x", address.bus);
	xml_put(writer, "slot", "0x%02x", address.device);
	xml_put(writer, "function", "0x%x", address.function);
	xml_end(writer);
}

static void write_source(struct xml_writer *writer, const struct nic_wanted *wanted)
{
	xml_begin(writer, "source");
	if (wanted->kind == NIC_NETWORK)
		xml_put(writer, "network", "%s", wanted->network);
	if (wanted->kind == NIC_BRIDGE)
		xml_put(writer, "bridge", "%s", wanted->bridge);
	if (wanted->kind == NIC_HOSTDEV)
		write_address(writer, wanted->host);
	xml_end(writer);
}

static void write_vlan(struct xml_writer *writer, const struct nic_wanted *wanted)
{
	if (!is_vf(wanted) && !wanted->vlan)
		return;
	xml_begin(writer, "vlan");
	write_number(writer, "tag", "id", wanted->vlan);
	xml_end(writer);
}

static void write_teaming(struct xml_writer *writer, const struct nic_wanted *wanted)
{
	if (wanted->teaming == TEAMING_NONE)
		return;
	xml_begin(writer, "teaming");
	xml_put(writer, "type", "%s",
			wanted->teaming == TEAMING_TRANSIENT ? "transient" : "persistent");
	if (wanted->teaming == TEAMING_TRANSIENT)
		xml_put(writer, "persistent", "%s", wanted->persistent);
	xml_end(writer);
}

static void write_interface(struct xml_writer *writer, const struct nic_wanted *wanted)
{
	char mac[MAC_TEXT];

	xml_begin(writer, "interface");
	xml_put(writer, "type", "%s", nic_kind_name(wanted->kind));
	if (wanted->kind == NIC_HOSTDEV)
		xml_put(writer, "managed", "yes");
	write_one(writer, "mac", "address", mac_format(wanted->mac, mac));
	write_source(writer, wanted);
	write_vlan(writer, wanted);
	write_teaming(writer, wanted);
	if (wanted->kind == NIC_BRIDGE)
		write_one(writer, "model", "type", "virtio");
	if (wanted->driver)
		write_one(writer, "driver", "name", wanted->driver);
	if (wanted->link != NIC_LINK_UNSET)
		write_one(writer, "link", "state", wanted->link == NIC_LINK_UP ? "up" : "down");
	if (wanted->mtu)
		write_number(writer, "mtu", "size", wanted->mtu);
	if (wanted->boot)
		write_number(writer, "boot", "order", wanted->boot);
	write_one(writer, "alias", "name", wanted->alias);
	if (wanted->has_guest)
		write_address(writer, wanted->guest);
	xml_end(writer);
}

int nic_xml(const struct nic_wanted *wanted, char **xml, struct err *err)
{
	const char *what = breach(wanted);
	CLEANUP(cleanup_free) char *text = NULL;
	FILE *out;
	struct xml_writer writer;
	size_t length;
	int rc;

	if (what)
		return err_set(err, EINVAL, "cannot describe NIC %.60s to libvirt: %s",
				wanted->alias ? wanted->alias : "without an alias", what);
	out = open_memstream(&text, &length);
	if (!out)
		abort();
	writer = XML_WRITER(out);
	write_interface(&writer, wanted);
	rc = xml_writer_finish(&writer, err);
	if (fclose(out) == EOF)
		abort();
	if (!rc)
		*xml = TAKE(text);
	return rc;
}
