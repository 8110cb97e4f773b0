/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/table.h"
#include "base/text.h"
#include "cli/cli.h"
#include "host/config.h"
#include "netdev/vf_settings.h"
#include "ready/readiness.h"
#include "sriov/holder.h"
#include "sriov/other_functions.h"
#include "sriov/pf.h"
#include "sriov/shared_group.h"

/* The verbs that look and change nothing. */

static const char *or_dash(const char *text)
{
	return *text ? text : "-";
}

static void number_cell(struct table *table, int number)
{
	if (number < 0)
		table_cell(table, "-");
	else
		table_cell(table, "%d", number);
}

static void print_list(const struct inventory *inventory)
{
	static const char *const headings[] = { "PF", "INTERFACE", "ID", "DRIVER", "VFS",
		"AUTOPROBE", "NUMA", "IOMMU GROUP" };
	CLEANUP(cleanup_table) struct table *table = table_new(8, headings);
	char bdf[BDF_TEXT];

	for (size_t i = 0; i < inventory->count; i++) {
		const struct pf *pf = &inventory->pfs[i];

		table_cell(table, "%s", bdf_format(pf->function.bdf, bdf));
		table_cell(table, "%s", or_dash(pf->function.netdev));
		table_cell(table, "%04x:%04x", pf->function.vendor, pf->function.device);
		table_cell(table, "%s", or_dash(pf->function.driver));
		table_cell(table, "%u of %u", pf->num_vfs, pf->total_vfs);
		table_cell(table, "%s", pf->autoprobe ? "on" : "off");
		number_cell(table, pf->function.numa_node);
		number_cell(table, pf->function.iommu_group);
	}
	table_print(table, stdout);
}

/* The short form of a PF: what an inventory with INVENTORY_COUNTS has. */
static struct record *list_record(const struct inventory *inventory)
{
	struct record *array = record_array();
	char bdf[BDF_TEXT];

	for (size_t i = 0; i < inventory->count; i++) {
		const struct pf *pf = &inventory->pfs[i];
		const struct function *function = &pf->function;
		struct record *record = record_object();

		record_put_str(record, "bdf", bdf_format(function->bdf, bdf));
		record_put_strf(record, "vendor", "%04x", function->vendor);
		record_put_strf(record, "device", "%04x", function->device);
		record_put_str(record, "driver", *function->driver ? function->driver : NULL);
		record_put_str(record, "netdev", *function->netdev ? function->netdev : NULL);
		record_put_int(record, "total_vfs", pf->total_vfs);
		record_put_int(record, "num_vfs", pf->num_vfs);
		record_put_bool(record, "autoprobe", pf->autoprobe);
		if (function->numa_node >= 0)
			record_put_int(record, "numa_node", function->numa_node);
		else
			record_put_null(record, "numa_node");
		if (function->iommu_group >= 0)
			record_put_int(record, "iommu_group", function->iommu_group);
		else
			record_put_null(record, "iommu_group");
		record_add(array, record);
	}
	return array;
}

static void print_no_card(const struct host *host)
{
	CLEANUP(cleanup_free) char *vfs = guest_vfs(host);

	if (*vfs)
		printf("No card with SR-IOV. These are virtual functions, and their PF is the "
		       "host's: %s.\n",
				vfs);
	else
		puts("No card with SR-IOV. vfctl check says what may be missing.");
}

static int run_list(struct verb_call *call)
{
	CLEANUP(cleanup_host) struct host *host = NULL;
	CLEANUP(cleanup_inventory) struct inventory inventory = { 0 };
	struct err err = { 0 };
	int status;

	if (call_host(call, &host, &err) < 0 ||
			inventory_read(host, INVENTORY_COUNTS, &inventory, &err) < 0)
		return call_failed(call, &err);
	diagnostics_print(call, &inventory.unreadable, EXIT_GOOD);
	if (call_has(call, "json")) {
		status = call_print(call, "vfctl-list/1", "pfs", list_record(&inventory));
	} else {
		if (inventory.count)
			print_list(&inventory);
		else if (!inventory.unreadable.count)
			print_no_card(host);
		status = call_printed(call);
	}
	return status ? status : inventory.unreadable.count ? EXIT_FAILED : EXIT_GOOD;
}

static void print_net(const struct host *host, const struct pf *pf)
{
	const struct netdev *net = &pf->net;

	if (!net->index && !*pf->function.driver) {
		fact_print("interface", "none: no driver is bound");
		return;
	}
	if (!net->index) {
		fact_print("interface", "%s",
				function_has_netdev_anywhere(host, pf->function.bdf)
						? "none in this network namespace"
						: "none: its driver makes none");
		return;
	}
	fact_print("interface", "%s, %s%s, MTU %u, %s%s%s", net->name,
			net->layer == LAYER_INFINIBAND ? "InfiniBand, " : "",
			*net->address ? net->address : "no address", net->mtu,
			net->up ? "up" : "down",
			!net->up                       ? ""
					: net->carrier ? ", link"
						       : ", no link",
			net->promiscuous ? ", promiscuous" : "");
}

/* Every interface but the one through which the VFs are set. */
static void print_ports(const struct pf *pf)
{
	char text[48];

	if (pf->eswitch)
		fact_print("eswitch", "%s", eswitch_mode_name(pf->eswitch));
	for (size_t i = 0; i < pf->port_count; i++) {
		const struct port *port = &pf->ports[i];

		if (port->kind != PORT_UPLINK)
			fact_print("represents", "%s: %s", port->name,
					port_text(port, text, sizeof(text)));
		else if (strcmp(port->name, pf->function.netdev) != 0)
			fact_print("further port", "%s, port %ld", port->name, port->dev_port);
	}
}

static void print_group(const struct host *host, const struct pf *pf)
{
	CLEANUP(cleanup_shared_groups) struct shared_groups groups = { 0 };
	CLEANUP(cleanup_free) char *text = NULL;
	char bdf[BDF_TEXT];

	if (pf->function.iommu_group < 0) {
		fact_print("IOMMU group", "none: the IOMMU is off");
		return;
	}
	text = text_format("%d:", pf->function.iommu_group);
	for (size_t i = 0; i < pf->group_size; i++) {
		CLEANUP(cleanup_free) char *before = text;

		text = text_format("%s %s", before, bdf_format(pf->group[i], bdf));
	}
	fact_print("IOMMU group", "%s", text);
	shared_groups_read(host, pf, &groups);
	for (size_t i = 0; i < groups.count; i++) {
		CLEANUP(cleanup_free) char *members = shared_group_members(&groups.list[i], 8);

		fact_print("passthrough", "group %d holds %s: %s", groups.list[i].number, members,
				shared_group_meaning(&groups.list[i]));
	}
}

static void print_ari(const struct pf *pf)
{
	const char *remedy = config_remedy(pf->config_length);

	if (!pf->below_port)
		fact_print("ARI", "not needed: no port is above the card");
	else if (remedy)
		fact_print("ARI", "not readable: %s", remedy);
	else if (!pf->ari_known)
		fact_print("ARI", "not readable at the port above");
	else
		fact_print("ARI", "%s", pf->ari_enabled ? "on" : pf->ari_capable ? "off" : "none");
}

static void print_acs(const struct pf *pf)
{
	char bdf[BDF_TEXT];

	for (size_t i = 0; i < pf->hop_count; i++) {
		const struct acs_hop *hop = &pf->hops[i];
		const char *remedy = config_remedy(hop->length);

		fact_print("ACS", "%s %s%s%s", bdf_format(hop->bdf, bdf), hop->services,
				remedy && !hop->bridge_to_pci ? ": " : "",
				remedy && !hop->bridge_to_pci ? remedy : "");
	}
}

static void print_pf(const struct host *host, const struct pf *pf)
{
	const struct function *function = &pf->function;
	char bdf[BDF_TEXT], card[40] = "";

	printf("%s ", bdf_format(function->bdf, bdf));
	text_print_safe(pf->model, stdout);
	putchar('\n');
	fact_print("ids", "%04x:%04x, subsystem %04x:%04x, revision %02x", function->vendor,
			function->device, function->subvendor, function->subdevice,
			function->revision);
	fact_print("driver", "%s%s%s%s%s", *function->driver ? function->driver : "none",
			*pf->driver_version ? " " : "", pf->driver_version,
			*pf->firmware ? ", firmware " : "", pf->firmware);
	if (function_is_network(function)) {
		print_net(host, pf);
		print_ports(pf);
	}
	if (pf->card_vfs && pf->card_vfs != pf->total_vfs)
		snprintf(card, sizeof(card), " (the card has %u)", pf->card_vfs);
	fact_print("VFs", "%u of %u%s, autoprobe %s", pf->num_vfs, pf->total_vfs, card,
			pf->autoprobe ? "on" : "off");
	if (function->numa_node >= 0)
		fact_print("NUMA node", "%d", function->numa_node);
	print_group(host, pf);
	print_ari(pf);
	fact_print("FLR", "%s", function->flr ? "yes" : "no");
	print_acs(pf);
}

static bool has_column(const struct vf_setting *setting, const struct pf *pf)
{
	return setting->column && setting->layers & pf->net.layer;
}

/* Without NETWORK, the columns for interfaces and their settings are left out. */
static void add_vf_row(struct table *table, const struct pf *pf, const struct vf *vf, bool network)
{
	const struct vf_setting *setting;
	char text[64];

	table_cell(table, "%u", vf->index);
	table_cell(table, "%s", bdf_format(vf->function.bdf, text));
	table_cell(table, "%s", or_dash(vf->function.driver));
	if (network)
		table_cell(table, "%s", or_dash(vf->function.netdev));
	number_cell(table, vf->function.iommu_group);
	for (unsigned bit = 1; network && (setting = vf_setting_of(bit)); bit <<= 1) {
		vf_setting_text(setting, &vf->settings, text, sizeof(text));
		if (has_column(setting, pf))
			table_cell(table, "%s", vf->settings.given & bit ? text : "-");
	}
	table_cell(table, "%s", vf->holder.kind ? vf->holder.what : "free");
}

static void print_vfs(const struct pf *pf)
{
	const char *headings[6 + VF_VALUES_MOST] = { "VF", "BDF", "DRIVER" };
	CLEANUP(cleanup_table) struct table *table = NULL;
	bool network = function_is_network(&pf->function);
	const struct vf_setting *setting;
	size_t columns = 3;

	if (network)
		headings[columns++] = "INTERFACE";
	headings[columns++] = "GROUP";
	for (unsigned bit = 1; network && (setting = vf_setting_of(bit)); bit <<= 1) {
		if (has_column(setting, pf))
			headings[columns++] = setting->column;
	}
	headings[columns++] = "HELD BY";
	table = table_new(columns, headings);
	for (size_t i = 0; i < pf->vf_count; i++)
		add_vf_row(table, pf, &pf->vfs[i], network);
	putchar('\n');
	table_print(table, stdout);
}

/* The value, in more words than a table has room for. */
static void print_setting(const struct vf_setting *setting, const struct vf_settings *settings)
{
	bool own = setting->bit == VF_MAC && mac_is_zero(settings->mac);
	bool rated = setting->bit == VF_RATE && (settings->min_rate || settings->max_rate);
	char text[64];

	fact_print(setting->name, "%s%s",
			own ? "the VF's own choice"
			    : vf_setting_text(setting, settings, text, sizeof(text)),
			rated ? " Mbit/s" : "");
}

void vf_print(const struct vf *vf)
{
	char text[240];

	printf("VF %u, %s\n", vf->index, bdf_format(vf->function.bdf, text));
	fact_print("driver", "%s", *vf->function.driver ? vf->function.driver : "none");
	if (function_is_network(&vf->function))
		fact_print("interface", "%s", *vf->function.netdev ? vf->function.netdev : "none");
	for (const struct vf_setting *setting = vf_setting_table; setting->name; setting++) {
		if (vf->settings.given & setting->bit)
			print_setting(setting, &vf->settings);
	}
	fact_print("held", "%s",
			vf->holder.kind ? holder_text(&vf->holder, text, sizeof(text))
					: "by nobody");
	fact_print("known", "%s", vf->holder.known);
}

static int run_show(struct verb_call *call)
{
	CLEANUP(cleanup_host) struct host *host = NULL;
	CLEANUP(cleanup_pf) struct pf pf = { 0 };
	struct err err = { 0 };

	if (call_host(call, &host, &err) < 0 || pf_read(host, call->args[0], &pf, &err) < 0)
		return call_failed(call, &err);
	pf_read_model(host, &pf);
	if (call_has(call, "json"))
		return call_print(call, "vfctl-show/1", "pf", pf_to_record(&pf));
	if (pf_require_settings(&pf, &err) < 0)
		fprintf(stderr, "note: %s\n", err.msg);
	print_pf(host, &pf);
	if (pf.vf_count)
		print_vfs(&pf);
	return call_printed(call);
}

static void print_readiness(const struct readiness *readiness)
{
	static const char *const states[] = { "ok", "MISSING", "weak", "unknown" };
	static const char *const headings[] = { "", "SUBJECT", "REQUIREMENT", "FOUND" };
	CLEANUP(cleanup_table) struct table *table = table_new(4, headings);
	bool remedies = false;

	for (size_t i = 0; i < readiness->count; i++) {
		const struct requirement *item = &readiness->items[i];

		table_cell(table, "%s", states[item->state]);
		table_cell(table, "%s", item->subject);
		table_cell(table, "%s", item->id);
		table_cell(table, "%s", item->found);
	}
	table_print(table, stdout);
	for (size_t i = 0; i < readiness->count; i++) {
		const struct requirement *item = &readiness->items[i];

		if (!item->remedy)
			continue;
		printf("%s\n%s, %s: %s.", remedies ? "" : "\nWhat to do:", item->subject, item->id,
				item->remedy);
		remedies = true;
	}
	if (remedies)
		putchar('\n');
}

static int run_check(struct verb_call *call)
{
	CLEANUP(cleanup_host) struct host *host = NULL;
	CLEANUP(cleanup_readiness) struct readiness readiness = { 0 };
	struct err err = { 0 };
	bool missing = false;
	int status;

	if (call_host(call, &host, &err) < 0 ||
			readiness_read(host, call->count ? call->args[0] : NULL, &readiness, &err) <
					0)
		return call_failed(call, &err);
	for (size_t i = 0; i < readiness.count; i++)
		missing |= readiness.items[i].state == REQUIREMENT_MISSING;
	if (call_has(call, "json")) {
		status = call_print(call, "vfctl-check/1", "requirements",
				readiness_to_record(&readiness));
	} else {
		print_readiness(&readiness);
		status = call_printed(call);
	}
	return status ? status : missing ? EXIT_FAILED : EXIT_GOOD;
}

const struct verb verbs_inspect[] = {
	{ "list", "", "List the cards with SR-IOV", NULL, NULL, run_list },
	{ "show", "PF", "Show one card, its VFs, and who holds each of them", NULL, NULL,
			run_show },
	{ "check", "[PF]", "Check whether this host is ready for SR-IOV, and if not what to change",
			"Without PF the host and all cards are looked at. The exit status is 0 "
			"when nothing is missing, 1 when something is, and 3 when the host cannot "
			"be read.",
			NULL, run_check },
	{ 0 },
};
