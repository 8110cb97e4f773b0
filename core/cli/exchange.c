/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/table.h"
#include "base/text.h"
#include "catalog/catalog_store.h"
#include "cli/cli.h"
#include "cli/define.h"
#include "exchange/export.h"
#include "policy/import.h"
#include "policy/select_pf.h"
#include "sriov/pf.h"

/* The verbs that read other tools' files and write them. Neither touches a card. */

enum { IMPORT_LIMIT = 1 << 20 };

static struct record *lines_record(char *const *lines, size_t count)
{
	struct record *array = record_array();

	for (size_t i = 0; i < count; i++)
		record_add_str(array, lines[i]);
	return array;
}

static void print_left(const struct verb_call *call, char *const *lines, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		fprintf(stderr, "%s %s: left out: ", call->program->name, call->verb->name);
		text_print_safe(lines[i], stderr);
		fputc('\n', stderr);
	}
}

/* A policy file, with comments on what it does not express. */
static char *annotated(const struct import *import, const struct desired *desired)
{
	CLEANUP(cleanup_free) char *policy = desired_print(desired);
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		abort();
	fprintf(out, "# From ");
	text_print_safe(import->file, out);
	fputc('\n', out);
	for (size_t i = 0; i < import->left.count; i++) {
		fputs("# Left out: ", out);
		text_print_safe(import->left.lines[i], out);
		fputc('\n', out);
	}
	fprintf(out, "%s", policy);
	if (fclose(out) != 0)
		abort();
	return text;
}

static int write_all(const struct import *import, const char *folder, struct err *err)
{
	CLEANUP(cleanup_fd) int fd = -1;
	int rc = file_make_dirs(folder, 0755, err);

	if (rc < 0)
		return rc;
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, "cannot open the folder %s", folder);
	for (size_t i = 0; i < import->set.count; i++) {
		if (!faccessat(fd, import->set.items[i].file, F_OK, AT_SYMLINK_NOFOLLOW))
			return err_set(err, EEXIST,
					"%s/%s is there already: nothing was written; name another "
					"folder",
					folder, import->set.items[i].file);
	}
	for (size_t i = 0; i < import->set.count && !rc; i++) {
		const struct desired *desired = &import->set.items[i];
		CLEANUP(cleanup_free) char *text = annotated(import, desired);

		rc = file_write_atomic(fd, desired->file, text, strlen(text), err);
		if (!rc)
			printf("%s/%s\n", folder, desired->file);
	}
	return rc;
}

static int print_import(const struct verb_call *call, const struct import *import)
{
	struct record *whole, *cards;

	if (!call_has(call, "json")) {
		for (size_t i = 0; i < import->set.count; i++) {
			CLEANUP(cleanup_free)
			char *text = annotated(import, &import->set.items[i]);

			if (import->set.count > 1)
				printf("%s# File %s\n", i ? "\n" : "", import->set.items[i].file);
			fputs(text, stdout);
		}
		return call_printed(call);
	}
	whole = record_object();
	cards = record_array();
	for (size_t i = 0; i < import->set.count; i++) {
		CLEANUP(cleanup_free) char *text = desired_print(&import->set.items[i]);
		struct record *card = record_object();

		record_put_str(card, "file", import->set.items[i].file);
		record_put_str(card, "text", text);
		record_add(cards, card);
	}
	record_put(whole, "cards", cards);
	record_put(whole, "left_out", lines_record(import->left.lines, import->left.count));
	return call_print(call, "vfctl-import/1", "import", whole);
}

static const char *import_word(size_t index, const char **help)
{
	const struct import_format *format = import_format_at(index);

	if (format && help)
		*help = format->help;
	return format ? format->name : NULL;
}

static const char *export_word(size_t index, const char **help)
{
	const struct export_format *format = export_format_at(index);

	if (format && help)
		*help = format->help;
	return format ? format->name : NULL;
}

/* "--from takes a, b or c" */
static int misused_format(const struct verb_call *call, const char *option,
		const char *(*word)(size_t index, const char **help))
{
	CLEANUP(cleanup_free) char *names = text_format("%s", word(0, NULL));

	for (size_t i = 1; word(i, NULL); i++) {
		char *longer = text_format(
				"%s%s%s", names, word(i + 1, NULL) ? ", " : " or ", word(i, NULL));

		free(names);
		names = longer;
	}
	return call_misused(call, "--%s takes %s", option, names);
}

static int run_import(struct verb_call *call)
{
	CLEANUP(cleanup_import) struct import import = { 0 };
	CLEANUP(cleanup_free) char *text = NULL;
	const char *file = call->args[0], *folder = call_value(call, "output");
	const char *from = call_value(call, "from");
	const struct import_format *format = from ? import_format_find(from) : NULL;
	struct import_source source = { .file = file, .node = call_value(call, "node") };
	struct err err = { 0 };
	int rc;

	if (!format)
		return misused_format(call, "from", import_word);
	if (source.node && !format->takes_node)
		return call_misused(call,
				"--node does not go with --from %s, whose files are for one host",
				from);
	if (source.node && !*source.node)
		return call_misused(call, "--node takes the name of a node, or its labels");
	if (file_read(AT_FDCWD, file, IMPORT_LIMIT, &text, &source.length, &err) < 0)
		return call_failed(call, &err);
	source.text = text;
	rc = import_read(format, &source, &import, &err);
	print_left(call, import.left.lines, import.left.count);
	if (rc < 0)
		return import.wrong.count ? diagnostics_print(call, &import.wrong, EXIT_GOOD)
					  : call_failed(call, &err);
	if (!folder)
		return print_import(call, &import);
	return write_all(&import, folder, &err) < 0 ? call_failed(call, &err) : call_printed(call);
}

/* What the card's policy file says, or without one what the card is now. */
static int find_desired(const struct verb_call *call, const struct host *host, const struct pf *pf,
		struct desired_set *set, struct desired *now, const struct desired **found,
		struct err *err)
{
	CLEANUP(cleanup_diagnostics) struct diagnostics diagnostics = { 0 };
	int rc = desired_load(host, set, &diagnostics, err);

	diagnostics_print(call, &diagnostics, EXIT_GOOD);
	for (size_t i = 0; i < set->count && !rc; i++) {
		*found = &set->items[i];
		if (!(*found)->broken && pf_selector_fits(host, &(*found)->selector, &pf->function))
			return 0;
	}
	if (!rc)
		rc = pf_require_settings(pf, err);
	desired_of_pf(host, pf, now);
	*found = now;
	return rc;
}

static int find_network(const struct verb_call *call, const struct host *host,
		struct catalog *catalog, const struct network **network, struct err *err)
{
	CLEANUP(cleanup_diagnostics) struct diagnostics diagnostics = { 0 };
	const char *name = call_value(call, "network");
	int rc;

	*network = NULL;
	if (!name)
		return 0;
	rc = catalog_read(host, catalog, &diagnostics, err);
	diagnostics_print(call, &diagnostics, EXIT_GOOD);
	*network = rc < 0 ? NULL : catalog_network(catalog, name);
	return rc < 0 || *network ? rc : catalog_missing(&network_kind, name, err);
}

static int print_export(const struct verb_call *call, const char *text, const char *from,
		const struct string_set *left)
{
	struct record *whole;

	print_left(call, left->list, left->count);
	if (!call_has(call, "json")) {
		fputs(text, stdout);
		return call_printed(call);
	}
	whole = record_object();
	record_put_str(whole, "of", from);
	record_put_str(whole, "text", text);
	record_put(whole, "left_out", lines_record(left->list, left->count));
	return call_print(call, "vfctl-export/1", "export", whole);
}

static int export_pf(const struct verb_call *call, const struct host *host, const struct pf *pf,
		const struct export_format *format, struct desired *now)
{
	CLEANUP(cleanup_catalog) struct catalog catalog = { 0 };
	CLEANUP(cleanup_desired) struct desired_set set = { 0 };
	CLEANUP(cleanup_free) char *text = NULL;
	const char *managed = call_value(call, "managed");
	const struct desired *desired;
	const struct network *network;
	struct string_set left = { 0 };
	struct err err = { 0 };
	int status;

	if (find_desired(call, host, pf, &set, now, &desired, &err) < 0 ||
			find_network(call, host, &catalog, &network, &err) < 0)
		return call_failed(call, &err);
	if (export_text(format,
			    &(struct export){ desired, pf, network,
					    .unmanaged = managed && !strcmp(managed, "no") },
			    &text, &left, &err) < 0) {
		string_set_free(&left);
		return call_failed(call, &err);
	}
	status = print_export(call, text, desired->file, &left);
	string_set_free(&left);
	return status;
}

static int run_export(struct verb_call *call)
{
	CLEANUP(cleanup_host) struct host *host = NULL;
	CLEANUP(cleanup_pf) struct pf pf = { 0 };
	const char *to = call_value(call, "to"), *managed = call_value(call, "managed");
	const struct export_format *format = to ? export_format_find(to) : NULL;
	struct desired now = { 0 };
	struct err err = { 0 };
	int status;

	if (!format)
		return misused_format(call, "to", export_word);
	if (!format->takes_network && (managed || call_has(call, "network")))
		return call_misused(call, "--network and --managed go with --to libvirt-network");
	if (managed && strcmp(managed, "yes") != 0 && strcmp(managed, "no") != 0)
		return call_misused(call, "--managed takes yes or no, not '%s'", managed);
	if (call_host(call, &host, &err) < 0 || pf_read(host, call->args[0], &pf, &err) < 0)
		return call_failed(call, &err);
	status = export_pf(call, host, &pf, format, &now);
	free(now.file);
	free(now.vfs);
	return status;
}

static const struct flag flags_import[] = {
	{ "from", 0, "FORMAT", "The format of FILE", import_word },
	{ "node", 0, "NODE",
			"For a file about several nodes: the host name of the one to import for, or "
			"all of its labels (role=big,rack=3), or both" },
	{ "output", 'o', "DIR", "Write a policy file for each card there, instead of printing" },
	{ 0 },
};

static const struct flag flags_export[] = {
	{ "to", 0, "FORMAT", "The format to write", export_word },
	{ "network", 0, "NAME", "The logical network that libvirt's is for: gives name and VLAN" },
	{ "managed", 0, "yes|no", "Whether libvirt binds drivers (default: yes)" },
	{ 0 },
};

const struct verb verbs_exchange[] = {
	{ "import", "FILE", "Make policy files from another tool's file",
			"Standard error, and comments of the result, list line by line what the "
			"file says and a policy file cannot. A file with errors makes nothing.\n\n"
			"A file for several nodes of a Kubernetes cluster needs --node: each node "
			"is a host with cards of its own.",
			flags_import, run_import },
	{ "export", "PF", "Write what is wanted of a card as another tool's file",
			"If no policy file is about the card, export writes what the card is now. "
			"Standard error lists what the other tool has no word for. If that is "
			"everything, export fails.",
			flags_export, run_export },
	{ 0 },
};
