/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sriov/inventory.h"

#include "netdev/vf_settings.h"
#include "sriov/holder.h"

/*
 * The records of PFs and VFs. Keys are a stable interface: new ones may come, none is renamed.
 * Unknown values are null.
 */

static void put_unless_empty(struct record *record, const char *key, const char *text)
{
	record_put_str(record, key, *text ? text : NULL);
}

static void put_unless_negative(struct record *record, const char *key, int number)
{
	if (number < 0)
		record_put_null(record, key);
	else
		record_put_int(record, key, number);
}

static void put_if_known(struct record *record, const char *key, bool known, bool value)
{
	if (known)
		record_put_bool(record, key, value);
	else
		record_put_null(record, key);
}

static struct record *function_record(const struct function *function)
{
	struct record *record = record_object();
	char bdf[BDF_TEXT];

	record_put_str(record, "bdf", bdf_format(function->bdf, bdf));
	record_put_strf(record, "vendor", "%04x", function->vendor);
	record_put_strf(record, "device", "%04x", function->device);
	record_put_strf(record, "subsystem", "%04x:%04x", function->subvendor, function->subdevice);
	record_put_strf(record, "class", "%06x", function->class_code);
	record_put_int(record, "revision", function->revision);
	put_unless_empty(record, "driver", function->driver);
	put_unless_empty(record, "netdev", function->netdev);
	put_unless_negative(record, "numa_node", function->numa_node);
	put_unless_negative(record, "iommu_group", function->iommu_group);
	record_put_bool(record, "flr", function->flr);
	return record;
}

static struct record *holder_record(const struct holder *holder)
{
	struct record *record = record_object();

	record_put_str(record, "kind", holder_kind_name(holder->kind));
	put_unless_empty(record, "what", holder->what);
	put_unless_empty(record, "known", holder->known);
	return record;
}

struct record *vf_to_record(const struct vf *vf)
{
	struct record *record = function_record(&vf->function);

	record_put_int(record, "index", vf->index);
	record_put(record, "policy", vf_settings_to_record(&vf->settings));
	record_put(record, "holder", holder_record(&vf->holder));
	return record;
}

static struct record *netdev_record(const struct netdev *net)
{
	struct record *record = record_object();

	put_unless_empty(record, "mac", mac_is_zero(net->mac) ? "" : net->address);
	put_unless_empty(record, "address", net->address);
	record_put_str(record, "link_layer", link_layer_name(net->layer));
	record_put_int(record, "mtu", net->mtu);
	record_put_bool(record, "up", net->up);
	record_put_bool(record, "carrier", net->carrier);
	record_put_bool(record, "promiscuous", net->promiscuous);
	record_put_bool(record, "allmulti", net->allmulti);
	put_unless_empty(record, "vfs_unread", net->vfs_unread);
	return record;
}

static struct record *hops_record(const struct pf *pf)
{
	struct record *hops = record_array();
	char bdf[BDF_TEXT];

	for (size_t i = 0; i < pf->hop_count; i++) {
		const struct acs_hop *hop = &pf->hops[i];
		struct record *record = record_object();

		record_put_str(record, "bdf", bdf_format(hop->bdf, bdf));
		record_put_bool(record, "bridge_to_pci", hop->bridge_to_pci);
		record_put_bool(record, "capable", hop->capable);
		record_put_bool(record, "enabled", hop->enabled);
		record_put_str(record, "services", hop->services);
		record_add(hops, record);
	}
	return hops;
}

static struct record *ports_record(const struct pf *pf)
{
	struct record *ports = record_array();
	char text[48];

	for (size_t i = 0; i < pf->port_count; i++) {
		struct record *port = record_object();

		record_put_str(port, "name", pf->ports[i].name);
		if (pf->ports[i].kind == PORT_UPLINK)
			record_put_int(port, "dev_port", pf->ports[i].dev_port);
		else
			record_put_str(port, "represents",
					port_text(&pf->ports[i], text, sizeof(text)));
		record_add(ports, port);
	}
	return ports;
}

struct record *pf_to_record(const struct pf *pf)
{
	struct record *record = function_record(&pf->function), *group = record_array(),
		      *vfs = record_array();
	char bdf[BDF_TEXT];

	put_unless_empty(record, "model", pf->model);
	put_unless_empty(record, "driver_version", pf->driver_version);
	put_unless_empty(record, "firmware", pf->firmware);
	if (pf->net.index)
		record_put(record, "net", netdev_record(&pf->net));
	else
		record_put_null(record, "net");
	record_put(record, "ports", ports_record(pf));
	record_put_str(record, "eswitch", pf->eswitch ? eswitch_mode_name(pf->eswitch) : NULL);
	record_put_int(record, "total_vfs", pf->total_vfs);
	if (pf->card_vfs)
		record_put_int(record, "card_vfs", pf->card_vfs);
	else
		record_put_null(record, "card_vfs");
	record_put_int(record, "num_vfs", pf->num_vfs);
	record_put_bool(record, "autoprobe", pf->autoprobe);
	put_if_known(record, "ari_capable", pf->ari_known, pf->ari_capable);
	put_if_known(record, "ari_enabled", pf->ari_known, pf->ari_enabled);
	record_put(record, "acs", hops_record(pf));
	for (size_t i = 0; i < pf->group_size; i++)
		record_add_str(group, bdf_format(pf->group[i], bdf));
	record_put(record, "group", group);
	for (size_t i = 0; i < pf->vf_count; i++)
		record_add(vfs, vf_to_record(&pf->vfs[i]));
	record_put(record, "vfs", vfs);
	return record;
}
