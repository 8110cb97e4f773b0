/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/table.h"
#include "catalog/catalog_store.h"
#include "cli/cli.h"
#include "cli/define.h"
#include "sriov/pf.h"

/* The verbs for allowlists: which networks the VFs of a card may carry. */

static struct record *allowlist_record(const struct function *pf, const struct allowlist *allowlist)
{
	struct record *record = record_object(), *networks = record_array(),
		      *labels = record_array();
	char bdf[BDF_TEXT];

	record_put_str(record, "bdf", bdf_format(pf->bdf, bdf));
	record_put_str(record, "netdev", *pf->netdev ? pf->netdev : NULL);
	record_put_str(record, "whitelist", allowlist ? allowlist->head.name : NULL);
	record_put_bool(record, "all", !allowlist || allowlist->all);
	for (size_t i = 0; allowlist && i < allowlist->networks.count; i++)
		record_add_str(networks, allowlist->networks.list[i]);
	for (size_t i = 0; allowlist && i < allowlist->labels.count; i++)
		record_add_str(labels, allowlist->labels.list[i]);
	record_put(record, "networks", networks);
	record_put(record, "labels", labels);
	return record;
}

static void add_row(
		struct table *table, const struct function *pf, const struct allowlist *allowlist)
{
	CLEANUP(cleanup_free) char *networks = NULL, *labels = NULL;
	char name[64];

	table_cell(table, "%s", pf_name(pf, name, sizeof(name)));
	if (!allowlist || allowlist->all) {
		table_cell(table, "all");
		table_cell(table, "-");
	} else {
		networks = string_set_join(&allowlist->networks, " ");
		labels = string_set_join(&allowlist->labels, " ");
		table_cell(table, "%s", *networks ? networks : "-");
		table_cell(table, "%s", *labels ? labels : "-");
	}
	table_cell(table, "%s%s", allowlist ? allowlist->head.name : "-",
			allowlist ? allowlist_kind.suffix : "");
}

static const char *const headings[] = { "CARD", "NETWORKS", "LABELS", "FILE" };

static int print_list(const struct verb_call *call, const struct host *host,
		const struct catalog *catalog, const struct inventory *inventory)
{
	struct record *array = record_array();
	CLEANUP(cleanup_table) struct table *table = table_new(4, headings);
	struct string_set seen = { 0 };
	struct err err = { 0 };
	int status;

	for (size_t i = 0; i < inventory->count && !err.code; i++) {
		const struct allowlist *allowlist;

		if (allowlist_of(host, &catalog->allowlists, &inventory->pfs[i], &allowlist, &err) <
				0)
			break;
		add_row(table, &inventory->pfs[i].function, allowlist);
		record_add(array, allowlist_record(&inventory->pfs[i].function, allowlist));
		if (allowlist)
			string_set_add(&seen, allowlist->head.name);
	}
	if (err.code) {
		record_free(array);
		status = call_failed(call, &err);
	} else if (call_has(call, "json")) {
		status = call_print(call, "vfctl-allow-list/1", "cards", array);
	} else {
		record_free(array);
		table_print(table, stdout);
		for (size_t i = 0; i < catalog->allowlists.count; i++) {
			const struct allowlist *allowlist = definition_at(&catalog->allowlists, i);

			if (!string_set_has(&seen, allowlist->head.name))
				printf("%s%s: its card is not here\n", allowlist->head.name,
						allowlist_kind.suffix);
		}
		status = call_printed(call);
	}
	string_set_free(&seen);
	return status;
}

static int run_list(struct verb_call *call)
{
	CLEANUP(cleanup_host) struct host *host = NULL;
	CLEANUP(cleanup_catalog) struct catalog catalog = { 0 };
	CLEANUP(cleanup_inventory) struct inventory inventory = { 0 };
	CLEANUP(cleanup_diagnostics) struct diagnostics diagnostics = { 0 };
	struct err err = { 0 };
	int status;

	if (call_host(call, &host, &err) < 0 ||
			catalog_read(host, &catalog, &diagnostics, &err) < 0 ||
			inventory_read(host, INVENTORY_COUNTS, &inventory, &err) < 0)
		return call_failed(call, &err);
	status = print_list(call, host, &catalog, &inventory);
	diagnostics_print(call, &inventory.unreadable, EXIT_GOOD);
	if (status == EXIT_GOOD && inventory.unreadable.count)
		status = EXIT_FAILED;
	return diagnostics_print(call, &diagnostics, status);
}

static int find_card(const struct verb_call *call, const struct host *host, struct pf *pf,
		struct err *err)
{
	int rc = pf_find(host, call->args[0], &pf->function.bdf, err);

	return rc < 0 ? rc : pf_fill_counts(host, pf, err);
}

static int print_one(const struct verb_call *call, const struct pf *pf,
		const struct allowlist *allowlist)
{
	CLEANUP(cleanup_table) struct table *table = NULL;

	if (call_has(call, "json"))
		return call_print(call, "vfctl-allow/1", "card",
				allowlist_record(&pf->function, allowlist));
	table = table_new(4, headings);
	add_row(table, &pf->function, allowlist);
	table_print(table, stdout);
	return call_printed(call);
}

static int run_show(struct verb_call *call)
{
	CLEANUP(cleanup_host) struct host *host = NULL;
	CLEANUP(cleanup_catalog) struct catalog catalog = { 0 };
	CLEANUP(cleanup_diagnostics) struct diagnostics diagnostics = { 0 };
	const struct allowlist *allowlist;
	struct pf pf = { 0 };
	struct err err = { 0 };

	if (call_host(call, &host, &err) < 0 || find_card(call, host, &pf, &err) < 0 ||
			catalog_read(host, &catalog, &diagnostics, &err) < 0 ||
			allowlist_of(host, &catalog.allowlists, &pf, &allowlist, &err) < 0)
		return call_failed(call, &err);
	return diagnostics_print(call, &diagnostics, print_one(call, &pf, allowlist));
}

static int add_all(const struct verb_call *call, struct allowlist *allowlist, struct err *err)
{
	const char *card = call->args[0], *name;
	int rc = 0;

	for (size_t i = 0; !rc && (name = call_value_at(call, "network", i)); i++)
		rc = allowlist_add_network(allowlist, card, name, err);
	for (size_t i = 0; !rc && (name = call_value_at(call, "label", i)); i++)
		rc = name_is_valid(name) ? allowlist_add_label(allowlist, card, name, err)
					 : err_set(err, EINVAL, "'%.100s' cannot be a label", name);
	return rc;
}

static int remove_all(const struct verb_call *call, struct allowlist *allowlist, struct err *err)
{
	const char *card = call->args[0], *name;
	int rc = 0;

	for (size_t i = 0; !rc && (name = call_value_at(call, "network", i)); i++)
		rc = allowlist_remove_network(allowlist, card, name, err);
	for (size_t i = 0; !rc && (name = call_value_at(call, "label", i)); i++)
		rc = allowlist_remove_label(allowlist, card, name, err);
	return rc;
}

static int set_all(const struct verb_call *call, struct allowlist *allowlist, struct err *err)
{
	const char *value = call_value(call, "all");
	bool all = !strcmp(value, "yes");

	if (!all && strcmp(value, "no") != 0)
		return err_set(err, EINVAL, "--all takes yes or no, not '%s'", value);
	allowlist_set_all(allowlist, all);
	return 0;
}

/* Finds the card's allowlist, or starts a new one, changes it by CHANGE, and stores it. */
static int edit(const struct verb_call *call,
		int (*change)(const struct verb_call *, struct allowlist *, struct err *))
{
	CLEANUP(cleanup_host) struct host *host = NULL;
	CLEANUP(cleanup_catalog) struct catalog catalog = { 0 };
	CLEANUP(cleanup_fd) int lock = -1;
	struct allowlist fresh = { 0 };
	const struct allowlist *old;
	struct pf pf = { 0 };
	struct err err = { 0 };
	int status;

	if (call_host(call, &host, &err) < 0 || call_lock(call, host, &lock, &err) < 0 ||
			find_card(call, host, &pf, &err) < 0 ||
			catalog_open(host, &catalog, &err) < 0 ||
			allowlist_of(host, &catalog.allowlists, &pf, &old, &err) < 0)
		return call_failed(call, &err);
	if (old)
		definition_copy(&allowlist_kind, old, &fresh);
	else
		allowlist_init(host, &pf, &fresh);
	if (change(call, &fresh, &err) < 0 ||
			catalog_change(host, &catalog, &allowlist_kind, &fresh, &err) < 0)
		status = call_failed(call, &err);
	else
		status = print_one(call, &pf, &fresh);
	definition_free(&allowlist_kind, &fresh);
	return status;
}

static int run_edit(struct verb_call *call)
{
	bool adds = !strcmp(call->verb->name, "allow add");

	if (!call_has(call, "network") && !call_has(call, "label"))
		return call_misused(call, "nothing to do: give --network NAME or --label NAME");
	return edit(call, adds ? add_all : remove_all);
}

static int run_change(struct verb_call *call)
{
	if (!call_has(call, "all"))
		return call_misused(call, "nothing to change: give --all yes or --all no");
	return edit(call, set_all);
}

static const struct flag flags_edit[] = {
	{ "network", 0, "NAME", "A network by its name; may repeat" },
	{ "label", 0, "NAME", "All networks with that label; may repeat" },
	FLAG_WAIT,
	{ 0 },
};

static const struct flag flags_change[] = {
	{ "all", 0, "yes|no",
			"yes: all networks, which clears both lists; no: those in the lists" },
	FLAG_WAIT,
	{ 0 },
};

const struct verb verbs_allow[] = {
	{ "allow list", "", "List which networks the VFs of each card may carry", NULL, NULL,
			run_list },
	{ "allow show", "PF", "Show which networks the VFs of a card may carry", NULL, NULL,
			run_show },
	{ "allow add", "PF", "Allow networks on a card",
			"A card may carry all networks until vfctl allow change PF --all no. Its "
			"list is a file in /etc/vfctl/allow, which may be edited by hand and knows "
			"the card by its permanent address, whatever its interface is called. "
			"Changes do not touch running VMs.",
			flags_edit, run_edit },
	{ "allow remove", "PF", "Allow networks on a card no longer", NULL, flags_edit, run_edit },
	{ "allow change", "PF", "Allow all networks on a card, or those in its lists", NULL,
			flags_change, run_change },
	{ 0 },
};
