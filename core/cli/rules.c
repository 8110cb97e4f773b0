/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/table.h"
#include "base/text.h"
#include "cli/cli.h"
#include "pci/rules.h"
#include "sriov/pf.h"

/* The verb that checks cards against the specification: those of the host, or those of a dump. */

struct subjects {
	const struct host *host; /* or */
	struct dump *dump;
	struct bdf *list;
	size_t count;
	bool incomplete; /* a card cannot be read */
};

static const char *state_name(enum rule_state state)
{
	static const char *const names[] = { "ok", "BROKEN", "-" };

	return names[state];
}

/* SR-IOV is in the extended configuration space. */
static bool vfs_are_known(const struct card *card)
{
	return card->pf.length == SPACE_SIZE;
}

/* "0000:01:00.0, with 7 VFs, of which 2 are not in the dump" */
static void print_heading(const struct card *card)
{
	size_t missing = card->vf_count - card_vfs_read(card, 1);
	char text[BDF_TEXT];

	if (!vfs_are_known(card)) {
		printf("%s, whose VFs are unknown\n", bdf_format(card->pf.bdf, text));
		return;
	}
	printf("%s, with %zu VF%s", bdf_format(card->pf.bdf, text), card->vf_count,
			text_plural(card->vf_count));
	if (missing && !card->complete && missing < card->vf_count)
		printf(", of which %zu %s not in the dump", missing, missing == 1 ? "is" : "are");
	else if (missing && !card->complete)
		printf(", which %s not in the dump", missing == 1 ? "is" : "are");
	putchar('\n');
}

static void print_card(const struct card *card, bool *broken)
{
	static const char *const headings[] = { "", "RULE", "CLAUSE", "FOUND" };
	CLEANUP(cleanup_table) struct table *table = table_new(4, headings);

	for (const struct rule *rule = rules; rule->id; rule++) {
		struct finding finding;

		rule_apply(rule, card, &finding);
		*broken |= finding.state == RULE_BROKEN;
		table_cell(table, "%s", state_name(finding.state));
		table_cell(table, "%s", rule->id);
		table_cell(table, "%s", rule->clause);
		table_cell(table, "%s", finding.text);
	}
	print_heading(card);
	table_print(table, stdout);
}

static struct record *card_record(const struct card *card, bool *broken)
{
	static const char *const names[] = { "followed", "broken", "idle" };
	struct record *record = record_object(), *findings = record_array();
	char text[BDF_TEXT];

	record_put_str(record, "bdf", bdf_format(card->pf.bdf, text));
	if (vfs_are_known(card))
		record_put_int(record, "vfs", (int64_t)card->vf_count);
	else
		record_put_null(record, "vfs");
	for (const struct rule *rule = rules; rule->id; rule++) {
		struct record *item = record_object();
		struct finding finding;

		rule_apply(rule, card, &finding);
		*broken |= finding.state == RULE_BROKEN;
		record_put_str(item, "rule", rule->id);
		record_put_str(item, "clause", rule->clause);
		record_put_str(item, "title", rule->title);
		record_put_str(item, "state", names[finding.state]);
		record_put_str(item, "found", finding.text);
		record_add(findings, item);
	}
	record_put(record, "findings", findings);
	return record;
}

static int print_all(struct verb_call *call, const struct subjects *subjects, bool *broken)
{
	struct record *array = call_has(call, "json") ? record_array() : NULL;
	struct err err = { 0 };

	for (size_t i = 0; i < subjects->count; i++) {
		CLEANUP(cleanup_card) struct card card = { 0 };
		int rc = subjects->dump
				? card_read_dump(subjects->dump, subjects->list[i], &card, &err)
				: card_read(subjects->host, subjects->list[i], &card, &err);

		if (rc < 0) {
			record_free(array);
			return call_failed(call, &err);
		}
		if (array) {
			record_add(array, card_record(&card, broken));
			continue;
		}
		if (i)
			putchar('\n');
		print_card(&card, broken);
	}
	return array ? call_print(call, "vfctl-rules/1", "cards", array) : call_printed(call);
}

static int one_address(struct subjects *subjects, struct bdf bdf)
{
	subjects->list = malloc(sizeof(bdf));
	if (!subjects->list)
		abort();
	subjects->list[0] = bdf;
	subjects->count = 1;
	return 0;
}

static int of_dump(struct verb_call *call, struct subjects *subjects, struct err *err)
{
	const char *pf = call_value(call, "pf");
	const struct bdf *functions;
	struct bdf bdf;
	int rc = dump_open(call_value(call, "dump"), &subjects->dump, err);

	if (rc < 0)
		return rc;
	if (!pf)
		return card_list_dump(subjects->dump, &subjects->list, &subjects->count, err);
	if (bdf_parse(pf, &bdf) < 0)
		return err_set(err, EINVAL, "'%s' is no address like 0000:01:00.0", pf);
	for (size_t i = dump_functions(subjects->dump, &functions); i; i--) {
		if (bdf_equal(functions[i - 1], bdf))
			return one_address(subjects, bdf);
	}
	return err_set(err, EINVAL, "the dump has no function %s", pf);
}

static int of_host(const struct verb_call *call, struct subjects *subjects, struct err *err)
{
	CLEANUP(cleanup_inventory) struct inventory inventory = { 0 };
	struct bdf bdf;
	int rc;

	if (call->count) {
		rc = pf_find(subjects->host, call->args[0], &bdf, err);
		return rc ? rc : one_address(subjects, bdf);
	}
	rc = inventory_read(subjects->host, INVENTORY_COUNTS, &inventory, err);
	if (rc < 0)
		return rc;
	subjects->incomplete = inventory.unreadable.count > 0;
	diagnostics_print(call, &inventory.unreadable, EXIT_GOOD);
	subjects->list = calloc(inventory.count + 1, sizeof(*subjects->list));
	if (!subjects->list)
		abort();
	for (size_t i = 0; i < inventory.count; i++)
		subjects->list[subjects->count++] = inventory.pfs[i].function.bdf;
	return 0;
}

static int run_rules(struct verb_call *call)
{
	CLEANUP(cleanup_host) struct host *host = NULL;
	struct subjects subjects = { 0 };
	struct err err = { 0 };
	bool broken = false;
	int status, rc;

	if (call_has(call, "dump") && call->count)
		return call_misused(call, "PF is a card of this host: name one of a dump by --pf");
	if (call_has(call, "pf") && !call_has(call, "dump"))
		return call_misused(call, "--pf goes with --dump: name a card of this host as PF");
	if (call_has(call, "dump")) {
		rc = of_dump(call, &subjects, &err);
	} else {
		rc = call_host(call, &host, &err);
		subjects.host = host;
		if (!rc)
			rc = of_host(call, &subjects, &err);
	}
	if (rc < 0)
		status = call_failed(call, &err);
	else if (!subjects.count && !call_has(call, "json"))
		status = (puts("No card with SR-IOV."), call_printed(call));
	else
		status = print_all(call, &subjects, &broken);
	free(subjects.list);
	dump_close(subjects.dump);
	return status ? status : broken || subjects.incomplete ? EXIT_FAILED : EXIT_GOOD;
}

static const struct flag rules_flags[] = {
	{ "dump", 0, "FILE", "Look at a file that lspci -xxxx wrote, not at this host" },
	{ "pf", 0, "BDF", "Look at this PF of the dump alone" },
	{ 0 },
};

const struct verb verbs_rules[] = {
	{ "rules", "[PF]", "Hold a card's configuration space against the PCIe specification",
			"Without PF all cards are looked at. Most rules speak about VFs that are "
			"enabled. The exit status is 0 when no rule is broken, 1 when one is, and "
			"3 when the host cannot be read.\n\nlspci -xxxx as root writes what --dump "
			"reads; it may come from any machine.",
			rules_flags, run_rules },
	{ 0 },
};
