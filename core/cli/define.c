/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/string_set.h"
#include "base/table.h"
#include "base/text.h"
#include "catalog/catalog_store.h"
#include "catalog/network_path.h"
#include "cli/cli.h"
#include "cli/define.h"
#include "sriov/pf.h"

/*
 * The verbs for networks and vNIC profiles. Both are definitions, whose tables of properties also
 * give the flags, the columns, and the JSON.
 */

static const struct flag flags_wait[] = { FLAG_WAIT, { 0 } };

/* The flag of each property, then --wait. */
static const struct flag *flags_at(const struct definition_kind *kind, size_t index)
{
	const struct property *property = kind->sections[0].properties;

	for (; property->key && index; property++)
		index--;
	if (property->key)
		return property->flag;
	return index ? NULL : flags_wait;
}

static const struct flag *flags_network(size_t index)
{
	return flags_at(&network_kind, index);
}

static const struct flag *flags_profile(size_t index)
{
	return flags_at(&vnic_profile_kind, index);
}

static const struct definition_kind *kind_of(const struct verb_call *call)
{
	return !strncmp(call->verb->name, "network", 7) ? &network_kind : &vnic_profile_kind;
}

/* Takes the flags into DEFINITION. A flag for names may repeat. */
static int take_flags(const struct verb_call *call, const struct definition_kind *kind,
		void *definition, struct err *err)
{
	for (const struct property *property = kind->sections[0].properties; property->key;
			property++) {
		CLEANUP(cleanup_free) char *option = text_format("--%s", property->flag->name);
		CLEANUP(cleanup_free) char *all = text_format("%s", "");
		const char *value;
		int rc;

		if (!call_has(call, property->flag->name))
			continue;
		for (size_t i = 0; (value = call_value_at(call, property->flag->name, i)); i++) {
			char *longer = property->kind == PROPERTY_NAMES
					? text_format("%s %s", all, value)
					: text_format("%s", value);

			free(all);
			all = longer;
		}
		rc = property_set(property, definition, option, all, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static void print_facts(const struct definition_kind *kind, const void *definition)
{
	printf("%s %s\n", kind->noun, ((const struct definition *)definition)->name);
	for (const struct property *property = kind->sections[0].properties; property->key;
			property++) {
		CLEANUP(cleanup_free) char *text = property_text(property, definition);

		if (*text)
			fact_print(property->key, "%s", text);
	}
}

static int print_one(const struct verb_call *call, const struct definition_kind *kind,
		const void *definition)
{
	CLEANUP(cleanup_free) char *schema = text_format("vfctl-%s/1", kind->noun);

	if (call_has(call, "json"))
		return call_print(call, schema, kind->noun, definition_to_record(kind, definition));
	print_facts(kind, definition);
	return call_printed(call);
}

static int run_add(struct verb_call *call)
{
	const struct definition_kind *kind = kind_of(call);
	CLEANUP(cleanup_host) struct host *host = NULL;
	CLEANUP(cleanup_catalog) struct catalog catalog = { 0 };
	CLEANUP(cleanup_fd) int lock = -1;
	CLEANUP(cleanup_free) void *fresh = calloc(1, kind->size);
	struct err err = { 0 };
	int status;

	if (!fresh)
		abort();
	if (!name_is_valid(call->args[0]))
		return call_misused(call,
				"a %s has a name of up to %d letters, digits, '.', '_' and '-', not "
				"'%s'",
				kind->noun, NAME_MOST, call->args[0]);
	definition_init(kind, fresh, call->args[0]);
	if (take_flags(call, kind, fresh, &err) < 0 || call_host(call, &host, &err) < 0 ||
			call_lock(call, host, &lock, &err) < 0 ||
			catalog_open(host, &catalog, &err) < 0 ||
			catalog_add(host, &catalog, kind, fresh, &err) < 0)
		status = call_failed(call, &err);
	else
		status = print_one(call, kind, fresh);
	definition_free(kind, fresh);
	return status;
}

static int run_change(struct verb_call *call)
{
	const struct definition_kind *kind = kind_of(call);
	CLEANUP(cleanup_host) struct host *host = NULL;
	CLEANUP(cleanup_catalog) struct catalog catalog = { 0 };
	CLEANUP(cleanup_fd) int lock = -1;
	CLEANUP(cleanup_free) void *fresh = calloc(1, kind->size);
	struct err err = { 0 };
	const void *old;
	int status;

	if (!fresh)
		abort();
	if (call_host(call, &host, &err) < 0 || call_lock(call, host, &lock, &err) < 0 ||
			catalog_open(host, &catalog, &err) < 0)
		return call_failed(call, &err);
	old = definition_find(catalog_list(&catalog, kind), call->args[0]);
	if (old)
		definition_copy(kind, old, fresh);
	else
		definition_init(kind, fresh, call->args[0]);
	if (take_flags(call, kind, fresh, &err) < 0 ||
			catalog_change(host, &catalog, kind, fresh, &err) < 0)
		status = call_failed(call, &err);
	else
		status = print_one(call, kind, fresh);
	definition_free(kind, fresh);
	return status;
}

static int run_remove(struct verb_call *call)
{
	const struct definition_kind *kind = kind_of(call);
	CLEANUP(cleanup_host) struct host *host = NULL;
	CLEANUP(cleanup_catalog) struct catalog catalog = { 0 };
	CLEANUP(cleanup_fd) int lock = -1;
	struct err err = { 0 };

	if (call_host(call, &host, &err) < 0 || call_lock(call, host, &lock, &err) < 0 ||
			catalog_open(host, &catalog, &err) < 0 ||
			catalog_remove(host, &catalog, kind, call->args[0], &err) < 0)
		return call_failed(call, &err);
	return EXIT_GOOD;
}

/* The columns are NAME and all properties but the first: the description selects nothing. */
static struct table *table_of(const struct property *properties)
{
	struct string_set headings = { 0 };
	struct table *table;

	string_set_add(&headings, "NAME");
	for (const struct property *property = properties + 1; property->key; property++) {
		CLEANUP(cleanup_free) char *upper = text_format("%s", property->flag->name);

		for (char *c = upper; *c; c++)
			*c = (char)toupper((unsigned char)*c);
		string_set_add(&headings, upper);
	}
	table = table_new(headings.count, (const char *const *)headings.list);
	string_set_free(&headings);
	return table;
}

static void print_table(const struct definition_kind *kind, const struct definitions *list)
{
	const struct property *properties = kind->sections[0].properties;
	CLEANUP(cleanup_table) struct table *table = table_of(properties);

	for (size_t i = 0; i < list->count; i++) {
		const struct definition *definition = definition_at(list, i);

		table_cell(table, "%s", definition->name);
		for (const struct property *property = properties + 1; property->key; property++) {
			CLEANUP(cleanup_free) char *text = property_text(property, definition);

			table_cell(table, "%s", *text ? text : "-");
		}
	}
	table_print(table, stdout);
}

static struct record *list_record(
		const struct definition_kind *kind, const struct definitions *list)
{
	struct record *array = record_array();

	for (size_t i = 0; i < list->count; i++)
		record_add(array, definition_to_record(kind, definition_at(list, i)));
	return array;
}

static int run_list(struct verb_call *call)
{
	const struct definition_kind *kind = kind_of(call);
	CLEANUP(cleanup_free) char *schema = text_format("vfctl-%s-list/1", kind->noun);
	CLEANUP(cleanup_free) char *key = text_format("%ss", kind->noun);
	CLEANUP(cleanup_host) struct host *host = NULL;
	CLEANUP(cleanup_catalog) struct catalog catalog = { 0 };
	CLEANUP(cleanup_diagnostics) struct diagnostics diagnostics = { 0 };
	struct definitions *list = catalog_list(&catalog, kind);
	struct err err = { 0 };
	int status;

	if (call_host(call, &host, &err) < 0 ||
			catalog_read(host, &catalog, &diagnostics, &err) < 0)
		return call_failed(call, &err);
	if (call_has(call, "json")) {
		status = call_print(call, schema, key, list_record(kind, list));
	} else {
		if (list->count)
			print_table(kind, list);
		else
			printf("No %s. vfctl %s add makes one.\n", kind->noun, kind->noun);
		status = call_printed(call);
	}
	return diagnostics_print(call, &diagnostics, status);
}

static struct record *paths_record(const struct network_paths *paths)
{
	struct record *array = record_array();
	char bdf[BDF_TEXT];

	for (size_t i = 0; i < paths->count; i++) {
		const struct network_path *path = &paths->list[i];
		const struct function *function = &path->pf->function;
		struct record *record = record_object();

		record_put_str(record, "bdf", bdf_format(function->bdf, bdf));
		record_put_str(record, "netdev", *function->netdev ? function->netdev : NULL);
		record_put_bool(record, "allowed", path->allowed);
		record_put_int(record, "vfs", path->pf->num_vfs);
		record_put_int(record, "free_vfs", path->free_vfs);
		record_put_bool(record, "mtu_fits", path->mtu_fits);
		record_put_str(record, "bridged_through", path->bridged ? path->through : NULL);
		record_add(array, record);
	}
	return array;
}

static void print_paths(const struct network *network, const struct network_paths *paths)
{
	static const char *const headings[] = { "CARD", "ALLOWED", "FREE VFS", "MTU", "BRIDGE" };
	CLEANUP(cleanup_table) struct table *table = table_new(5, headings);
	char name[64];

	for (size_t i = 0; i < paths->count; i++) {
		const struct network_path *path = &paths->list[i];

		table_cell(table, "%s", pf_name(&path->pf->function, name, sizeof(name)));
		table_cell(table, "%s", path->allowed ? "yes" : "no");
		table_cell(table, "%u of %u", path->free_vfs, path->pf->num_vfs);
		table_cell(table, "%u%s", path->pf->net.mtu, path->mtu_fits ? "" : ", too small");
		table_cell(table, "%s%s", path->bridged ? "through " : "-", path->through);
	}
	putchar('\n');
	if (paths->count)
		table_print(table, stdout);
	else
		puts("No card with SR-IOV is here to carry it.");
	if (*network->bridge && !paths->bridge_exists)
		printf("%sits bridge %s is not on this host\n",
				network->required ? "Required, but " : "", network->bridge);
}

static int print_network(const struct verb_call *call, const struct network *network,
		const struct network_paths *paths)
{
	struct record *record;

	if (!call_has(call, "json")) {
		print_facts(&network_kind, network);
		print_paths(network, paths);
		return call_printed(call);
	}
	record = definition_to_record(&network_kind, network);
	if (*network->bridge)
		record_put_bool(record, "bridge_here", paths->bridge_exists);
	else
		record_put_null(record, "bridge_here");
	record_put(record, "cards", paths_record(paths));
	return call_print(call, "vfctl-network/1", "network", record);
}

static int print_profile(const struct verb_call *call, const struct catalog *catalog,
		const struct vnic_profile *profile)
{
	CLEANUP(cleanup_free) char *users = catalog_vnics_of(catalog, profile->head.name);
	struct record *record, *vnics;

	if (!call_has(call, "json")) {
		print_facts(&vnic_profile_kind, profile);
		fact_print("used by", "%s", *users ? users : "nobody");
		return call_printed(call);
	}
	record = definition_to_record(&vnic_profile_kind, profile);
	vnics = record_array();
	for (size_t i = 0; i < catalog->vnics.count; i++) {
		const struct vnic *vnic = definition_at(&catalog->vnics, i);

		if (!strcmp(vnic->profile, profile->head.name))
			record_add(vnics, definition_to_record(&vnic_kind, vnic));
	}
	record_put(record, "used_by", vnics);
	return call_print(call, "vfctl-profile/1", "profile", record);
}

static int run_show(struct verb_call *call)
{
	const struct definition_kind *kind = kind_of(call);
	CLEANUP(cleanup_host) struct host *host = NULL;
	CLEANUP(cleanup_catalog) struct catalog catalog = { 0 };
	CLEANUP(cleanup_network_paths) struct network_paths paths = { 0 };
	CLEANUP(cleanup_diagnostics) struct diagnostics diagnostics = { 0 };
	struct err err = { 0 };
	const void *found;
	int status;

	if (call_host(call, &host, &err) < 0 ||
			catalog_read(host, &catalog, &diagnostics, &err) < 0)
		return call_failed(call, &err);
	found = definition_find(catalog_list(&catalog, kind), call->args[0]);
	if (!found)
		status = (catalog_missing(kind, call->args[0], &err), call_failed(call, &err));
	else if (kind == &vnic_profile_kind)
		status = print_profile(call, &catalog, found);
	else if (network_paths_read(host, &catalog.allowlists, found, &paths, &err) < 0)
		status = call_failed(call, &err);
	else
		status = print_network(call, found, &paths);
	return diagnostics_print(call, &diagnostics, status);
}

#define CHANGE_DETAILS                                                                            \
	"An empty value (--bridge '') takes a property away. vfctl writes the whole file again: " \
	"comments in it are not kept, and --description is the place for words. What "            \
	"running VMs have been given is not touched."

const struct verb verbs_define[] = {
	{ "network list", "", "List the logical networks", NULL, NULL, run_list },
	{ "network show", "NAME", "Show a network, and how the cards of this host carry it", NULL,
			NULL, run_show },
	{ "network add", "NAME", "Add a logical network",
			"A network is a file /etc/vfctl/networks/NAME.network, which may be edited "
			"by hand.",
			NULL, run_add, flags_network },
	{ "network change", "NAME", "Change a network", CHANGE_DETAILS, NULL, run_change,
			flags_network },
	{ "network remove", "NAME", "Remove a network that nothing refers to", NULL, flags_wait,
			run_remove },
	{ "profile list", "", "List the vNIC profiles", NULL, NULL, run_list },
	{ "profile show", "NAME", "Show a vNIC profile, and which vNICs use it", NULL, NULL,
			run_show },
	{ "profile add", "NAME", "Add a vNIC profile",
			"A profile is a file /etc/vfctl/profiles/NAME.profile, which may be edited "
			"by hand.",
			NULL, run_add, flags_profile },
	{ "profile change", "NAME", "Change a profile; a passthrough one only while unused",
			CHANGE_DETAILS, NULL, run_change, flags_profile },
	{ "profile remove", "NAME", "Remove a profile that nothing uses", NULL, flags_wait,
			run_remove },
	{ 0 },
};
