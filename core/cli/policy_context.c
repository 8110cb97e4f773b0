/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/table.h"
#include "base/text.h"
#include "cli/policy_context.h"
#include "sriov/pf.h"

void desired_print_diagnostics(const struct desired_set *set, const struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < diagnostics->count; i++) {
		text_print_safe(diagnostics->lines[i], stderr);
		fputc('\n', stderr);
	}
	for (size_t i = 0; i < set->count; i++) {
		if (!set->items[i].selector.by_name)
			continue;
		text_print_safe(set->items[i].file, stderr);
		fprintf(stderr,
				": warning: interfaces are renamed: match by Path or "
				"PermanentMACAddress, not by Name\n");
	}
}

struct record *diagnostics_to_record(const struct diagnostics *diagnostics)
{
	struct record *array = record_array();

	for (size_t i = 0; i < diagnostics->count; i++)
		record_add_str(array, diagnostics->lines[i]);
	return array;
}

static int load_files(struct policy_context *context, bool at_boot, struct err *err)
{
	return at_boot ? desired_load_partial(
					 context->host, &context->set, &context->diagnostics, err)
		       : desired_load(context->host, &context->set, &context->diagnostics, err);
}

/* A card that cannot be read stops no other. */
static void report_unreadable(const struct verb_call *call, struct policy_context *context)
{
	const struct diagnostics *unreadable = &context->selections.unreadable;

	context->failed |= unreadable->count > 0;
	diagnostics_print(call, unreadable, EXIT_GOOD);
	for (size_t i = 0; context->notes && i < unreadable->count; i++)
		record_add_str(context->notes, unreadable->lines[i]);
}

int policy_context_load(const struct verb_call *call, bool at_boot, struct policy_context *context)
{
	struct err err = { 0 };

	*context = (struct policy_context){ 0 };
	if (call_host(call, &context->host, &err) < 0 || load_files(context, at_boot, &err) < 0 ||
			selections_read(context->host, &context->set, &context->selections, &err) <
					0)
		return call_failed(call, &err);
	desired_print_diagnostics(&context->set, &context->diagnostics);
	if (call_has(call, "json")) {
		context->cards = record_array();
		context->notes = record_array();
	}
	report_unreadable(call, context);
	return EXIT_GOOD;
}

void cleanup_policy_context(struct policy_context *context)
{
	selections_free(&context->selections);
	desired_free(&context->set);
	diagnostics_free(&context->diagnostics);
	record_free(context->cards);
	record_free(context->notes);
	host_close(context->host);
}

int policy_context_demand_good_files(
		const struct verb_call *call, const struct policy_context *context)
{
	if (!context->diagnostics.count)
		return EXIT_GOOD;
	return call_misused(call, "%zu error%s in policy files, see above: nothing is changed",
			context->diagnostics.count, text_plural(context->diagnostics.count));
}

struct record *policy_context_card(
		struct policy_context *context, const struct selection *selection)
{
	struct record *card;
	char text[BDF_TEXT];

	if (!context->cards)
		return NULL;
	card = record_object();
	record_put_str(card, "file", selection->desired->file);
	if (selection->err.code)
		record_put_null(card, "pf");
	else
		record_put_str(card, "pf", bdf_format(selection->pf.function.bdf, text));
	record_add(context->cards, card);
	return card;
}

void policy_context_card_failed(const struct verb_call *call, struct policy_context *context,
		struct record *card, const struct err *err)
{
	struct err printed = *err;

	context->failed = true;
	if (card) {
		record_put_str(card, "error", err->msg);
		record_put_str(card, "refusal", err->refusal);
		printed.refusal = NULL; /* would be a JSON object of its own */
	}
	fflush(stdout); /* in the order in which it happened */
	call_failed(call, &printed);
}

int policy_context_end(
		const struct verb_call *call, struct policy_context *context, const char *schema)
{
	struct record *cards = context->cards, *host;
	int status;

	if (!cards) {
		if (!context->set.count)
			puts("No policy files: /etc/vfctl/*.conf.");
		status = call_printed(call);
	} else {
		host = record_object();
		record_put(host, "faults", diagnostics_to_record(&context->diagnostics));
		record_put(host, "notes", context->notes);
		record_put(host, "cards", cards);
		context->cards = context->notes = NULL;
		status = call_print(call, schema, "host", host);
	}
	return status ? status : context->failed ? EXIT_FAILED : EXIT_GOOD;
}

void policy_context_print_heading(const struct selection *selection)
{
	char name[NAME_ROOM];

	text_print_safe(selection->desired->file, stdout);
	printf(": %s", pf_name(&selection->pf.function, name, sizeof(name)));
}

struct record *step_to_record(const struct step *step)
{
	struct record *record = record_object();
	char text[200];

	record_put_str(record, "step", step_name(step->kind));
	if (step->kind == STEP_SETTINGS || step->kind == STEP_BIND || step->kind == STEP_PROBE ||
			step->kind == STEP_UNBIND)
		record_put_int(record, "vf", step->vf);
	record_put_str(record, "text", step_text(step, text, sizeof(text)));
	return record;
}

int policy_context_plan(struct policy_context *context, const struct selection *selection,
		struct apply_session *session, struct plan *plan, struct err *err)
{
	CLEANUP(cleanup_diagnostics) struct diagnostics notes = { 0 };
	int rc = apply_session_plan(context->host, selection, session, plan, &notes, err);

	if (rc == -ENODEV)
		apply_session_explain_absence(context->host, selection->desired, err, &notes);
	policy_context_note(context, &notes);
	return rc;
}

void policy_context_note(struct policy_context *context, const struct diagnostics *notes)
{
	for (size_t i = 0; i < notes->count; i++) {
		fputs("note: ", stderr);
		text_print_safe(notes->lines[i], stderr);
		fputc('\n', stderr);
		if (context->notes)
			record_add_str(context->notes, notes->lines[i]);
	}
}
