/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/table.h"
#include "cli/desired.h"
#include "sriov/pf.h"

/* What the verbs about policy files begin and end with. */

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

static int load_files(struct work *work, bool at_boot, struct err *err)
{
	return at_boot ? desired_load_partial(work->host, &work->set, &work->diagnostics, err)
		       : desired_load(work->host, &work->set, &work->diagnostics, err);
}

/* A card that cannot be read stops no other. */
static void report_unreadable(const struct verb_call *call, struct work *work)
{
	const struct diagnostics *unreadable = &work->selections.unreadable;

	work->failed |= unreadable->count > 0;
	diagnostics_print(call, unreadable, EXIT_GOOD);
	for (size_t i = 0; work->notes && i < unreadable->count; i++)
		record_add_str(work->notes, unreadable->lines[i]);
}

int work_begin(const struct verb_call *call, bool at_boot, struct work *work)
{
	struct err err = { 0 };

	*work = (struct work){ 0 };
	if (call_host(call, &work->host, &err) < 0 || load_files(work, at_boot, &err) < 0 ||
			selections_read(work->host, &work->set, &work->selections, &err) < 0)
		return call_failed(call, &err);
	desired_print_diagnostics(&work->set, &work->diagnostics);
	if (call_has(call, "json")) {
		work->cards = record_array();
		work->notes = record_array();
	}
	report_unreadable(call, work);
	return EXIT_GOOD;
}

void cleanup_work(struct work *work)
{
	selections_free(&work->selections);
	desired_free(&work->set);
	diagnostics_free(&work->diagnostics);
	record_free(work->cards);
	record_free(work->notes);
	host_close(work->host);
}

int work_demand_good_files(const struct verb_call *call, const struct work *work)
{
	if (!work->diagnostics.count)
		return EXIT_GOOD;
	return call_misused(call, "%zu errors in policy files, see above: nothing is changed",
			work->diagnostics.count);
}

struct record *work_card(struct work *work, const struct selection *selection)
{
	struct record *card;
	char text[BDF_TEXT];

	if (!work->cards)
		return NULL;
	card = record_object();
	record_put_str(card, "file", selection->desired->file);
	if (selection->err.code)
		record_put_null(card, "pf");
	else
		record_put_str(card, "pf", bdf_format(selection->pf.function.bdf, text));
	record_add(work->cards, card);
	return card;
}

void work_tell(const struct verb_call *call, struct work *work, struct record *card,
		const struct err *err)
{
	struct err told = *err;

	work->failed = true;
	if (card) {
		record_put_str(card, "error", err->msg);
		record_put_str(card, "refusal", err->refusal);
		told.refusal = NULL; /* would be a JSON object of its own */
	}
	fflush(stdout); /* in the order in which it happened */
	call_failed(call, &told);
}

int work_end(const struct verb_call *call, struct work *work, const char *schema)
{
	struct record *cards = work->cards, *host;
	int status;

	if (!cards) {
		if (!work->set.count)
			puts("No policy files: /etc/vfctl/*.conf.");
		status = call_printed(call);
	} else {
		host = record_object();
		record_put(host, "faults", diagnostics_to_record(&work->diagnostics));
		record_put(host, "notes", work->notes);
		record_put(host, "cards", cards);
		work->cards = work->notes = NULL;
		status = call_print(call, schema, "host", host);
	}
	return status ? status : work->failed ? EXIT_FAILED : EXIT_GOOD;
}

void work_print_heading(const struct selection *selection)
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

int work_plan(struct work *work, const struct selection *selection, struct apply_session *session,
		struct plan *plan, struct err *err)
{
	CLEANUP(cleanup_diagnostics) struct diagnostics notes = { 0 };
	int rc = apply_session_plan(work->host, selection, session, plan, &notes, err);

	if (rc == -ENODEV)
		apply_session_explain_absence(work->host, selection->desired, err, &notes);
	work_note(work, &notes);
	return rc;
}

void work_note(struct work *work, const struct diagnostics *notes)
{
	for (size_t i = 0; i < notes->count; i++) {
		fputs("note: ", stderr);
		text_print_safe(notes->lines[i], stderr);
		fputc('\n', stderr);
		if (work->notes)
			record_add_str(work->notes, notes->lines[i]);
	}
}
