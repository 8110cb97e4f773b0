/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/table.h"
#include "cli/desired.h"
#include "sriov/pf.h"

/* What the verbs about policy files begin and end with. */

void desired_print_faults(const struct desired_set *set, const struct faults *faults)
{
	for (size_t i = 0; i < faults->count; i++) {
		text_print_safe(faults->lines[i], stderr);
		fputc('\n', stderr);
	}
	for (size_t i = 0; i < set->count; i++) {
		if (!set->items[i].match.by_name)
			continue;
		text_print_safe(set->items[i].file, stderr);
		fprintf(stderr,
				": warning: interfaces are renamed: match by Path or "
				"PermanentMACAddress, not by Name\n");
	}
}

struct record *faults_record(const struct faults *faults)
{
	struct record *array = record_array();

	for (size_t i = 0; i < faults->count; i++)
		record_add_str(array, faults->lines[i]);
	return array;
}

int work_begin(const struct verb_call *call, struct work *work)
{
	struct err err = { 0 };

	*work = (struct work){ 0 };
	if (call_host(call, &work->host, &err) < 0 ||
			desired_load(work->host, &work->set, &work->faults, &err) < 0 ||
			match_all(work->host, &work->set, &work->matches, &err) < 0)
		return call_failed(call, &err);
	desired_print_faults(&work->set, &work->faults);
	work->cards = call_has(call, "json") ? record_array() : NULL;
	return EXIT_GOOD;
}

void cleanup_work(struct work *work)
{
	matches_free(&work->matches);
	desired_free(&work->set);
	faults_free(&work->faults);
	record_free(work->cards);
	host_close(work->host);
}

int work_demand_good_files(const struct verb_call *call, const struct work *work)
{
	if (!work->faults.count)
		return EXIT_GOOD;
	return call_misused(call, "%zu errors in policy files, see above: nothing is changed",
			work->faults.count);
}

struct record *work_card(struct work *work, const struct matched *matched)
{
	struct record *card;
	char text[BDF_TEXT];

	if (!work->cards)
		return NULL;
	card = record_object();
	record_put_str(card, "file", matched->desired->file);
	if (matched->err.code)
		record_put_null(card, "pf");
	else
		record_put_str(card, "pf", bdf_format(matched->pf.function.bdf, text));
	record_add(work->cards, card);
	return card;
}

void work_tell(const struct verb_call *call, struct work *work, struct record *card,
		const struct err *err)
{
	work->failed = true;
	if (card)
		record_put_str(card, "error", err->msg);
	call_failed(call, err);
}

int work_end(const struct verb_call *call, struct work *work, const char *schema)
{
	struct record *cards = work->cards;
	int status;

	work->cards = NULL;
	if (!cards && !work->set.count)
		puts("No policy files: /etc/vfctl/*.conf.");
	status = cards ? call_print(call, schema, "cards", cards) : call_printed(call);
	return status ? status : work->failed ? EXIT_FAILED : EXIT_GOOD;
}
