/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "data/yaml.h"
#include "managers/other_manager_internal.h"

/*
 * Files of programs that declare VFs in YAML or JSON: the Kubernetes SR-IOV network operator
 * (pciAddress and numVfs), os-net-config (type sriov_pf with name and numvfs; in its own records
 * device_type pf and vf).
 */

static bool has_type(const struct node *map, const char *const types[])
{
	const char *type = node_text(node_get(map, "type"));

	type = type ? type : node_text(node_get(map, "device_type"));
	for (size_t i = 0; type && types[i]; i++) {
		if (!strcmp(type, types[i]))
			return true;
	}
	return false;
}

/* os-net-config numbers interfaces itself; nic1 is the first. Its mapping is not read. */
static enum fit device_fits(const char *name, const struct card_names *names)
{
	enum fit fit = name ? name_fits(name, names) : FIT_NO;

	if (!name || fit != FIT_NO)
		return fit;
	if (!strncmp(name, "nic", 3) && name[3] && !name[3 + strspn(name + 3, "0123456789")])
		return FIT_MAY;
	fit = address_fits(name, names);
	return fit == FIT_NO && *names->permanent_mac ? word_fits(name, names->permanent_mac) : fit;
}

static enum fit map_fits(const struct node *map, const struct card_names *names, const char **who)
{
	static const char *const pf[] = { "sriov_pf", "pf", NULL };
	static const char *const vf[] = { "sriov_vf", "vf", NULL };
	const char *address = node_text(node_get(map, "pciAddress"));
	const struct node *device = node_get(map, "device");

	*who = "os-net-config";
	if (address && (node_get(map, "numVfs") || node_get(map, "vfGroups"))) {
		*who = "the SR-IOV network operator";
		return address_fits(address, names);
	}
	if (has_type(map, pf) && node_get(map, "numvfs"))
		return device_fits(node_text(node_get(map, "name")), names);
	if (!has_type(map, vf) || !device)
		return FIT_NO;
	return device_fits(
			node_text(device) ? node_text(device) : node_text(node_get(device, "name")),
			names);
}

static bool find_below(const char *file, const struct node *node, const struct card_names *names,
		struct diagnostics *managers)
{
	const char *who;
	enum fit fit = node->kind == NODE_MAP ? map_fits(node, names, &who) : FIT_NO;

	if (fit != FIT_NO) {
		manager_report(managers, file, node->line, who, "make", fit);
		return true;
	}
	for (size_t i = 0; node->kind != NODE_TEXT && i < node->count; i++) {
		if (find_below(file, node->items[i], names, managers))
			return true;
	}
	return false;
}

/* A file that cannot be read as YAML may contain anything. */
static void report_unreadable(const struct manager_file *file, const struct err *err,
		struct diagnostics *managers)
{
	if (strcasestr(file->text, "numvfs"))
		diagnostic_add(managers, "%s (and VFs of it may be made there)", err->msg);
}

void find_declared(const struct manager_files *files, const struct card_names *names,
		struct diagnostics *managers)
{
	for (size_t i = 0; i < files->count; i++) {
		const struct manager_file *file = &files->items[i];
		CLEANUP(cleanup_node) struct node *root = NULL;
		struct err err = { 0 };

		if (node_parse(file->file, file->text, strlen(file->text), &root, &err) < 0)
			report_unreadable(file, &err, managers);
		else if (root)
			find_below(file->file, root, names, managers);
	}
}

void scan_declared(const struct manager_scan *scan)
{
	static const char *const paths[] = { "etc/os-net-config/sriov_config.yaml",
		"var/lib/os-net-config/sriov_config.yaml", "etc/os-net-config/config.yaml",
		"etc/os-net-config/config.json", "etc/sriov-operator/sriov-interface-config.yaml",
		"etc/sriov_config.json" };
	CLEANUP(cleanup_free)
	char *store = text_format("etc/sriov-operator/pci/%s", scan->names->bdf);
	CLEANUP(manager_files_free) struct manager_files files = { 0 };

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		manager_file_read(scan, paths[i], &files);
	manager_file_read(scan, store, &files);
	find_declared(&files, scan->names, scan->managers);
}
