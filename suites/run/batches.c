/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/batches.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

static struct batch *find_or_add(struct batches *batches, enum batch_queue queue, const char *name)
{
	struct batch *batch = batches->list;

	while (batch < batches->list + batches->count &&
			(batch->queue != queue || (batch->name && strcmp(batch->name, name))))
		batch++;
	if (batch == batches->list + batches->count) {
		batches->count++;
		*batch = (struct batch){ .round = 1,
			.queue = queue,
			.name = queue == QUEUE_LAST ? NULL : text_format("%s", name),
			.ids = record_array() };
	}
	return batch;
}

static char *name_of(const struct record *check)
{
	const char *suite = record_str(check, "suite", ""), *step = record_str(check, "step", NULL);

	if (!record_bool(check, "apart", false))
		return text_format("%s", suite);
	return step ? text_format("%s %s", suite, step)
		    : text_format("%s", record_str(check, "id", ""));
}

static enum batch_queue queue_of(const struct record *check)
{
	if (record_bool(check, "clears", false) || record_bool(check, "spoils", false))
		return QUEUE_LAST;
	return record_int(check, "vfs", 0) ? QUEUE_PRESENT_VFS : QUEUE_OWN_VFS;
}

static void cut_round(
		struct batches *batches, const struct record *declared, const struct record *ids)
{
	for (size_t i = 0; i < record_length(ids); i++) {
		const char *id = record_text(record_at(ids, i));
		const struct record *check = select_find(declared, id);
		CLEANUP(cleanup_free) char *name = name_of(check);

		record_add_str(find_or_add(batches, queue_of(check), name)->ids, id);
	}
}

static void move_last_to_end(struct batches *batches)
{
	for (size_t i = 0; i + 1 < batches->count; i++) {
		struct batch batch = batches->list[i];

		if (batch.queue != QUEUE_LAST)
			continue;
		batches->list[i] = batches->list[i + 1];
		batches->list[i + 1] = batch;
	}
}

void batches_cut(struct batches *batches, const struct repeat *repeat,
		const struct selection *selection, const struct record *declared)
{
	CLEANUP(cleanup_record) struct record *ids = NULL;

	*batches = (struct batches){ .list = NULL };
	if (!declared || select_checks(selection, declared, &ids, NULL) < 0)
		return;
	batches->list = calloc(record_length(ids) + repeat->count, sizeof(*batches->list));
	if (!batches->list)
		abort();
	batches->checks = record_length(ids) * repeat->count;
	if (repeat->count == 1 && !repeat->shuffle)
		cut_round(batches, declared, ids);
	move_last_to_end(batches);
	for (unsigned i = 0; batches->count < repeat->count; i++)
		batches->list[batches->count++] =
				(struct batch){ .round = i + 1, .ids = record_copy(ids) };
}

void batches_free(struct batches *batches)
{
	for (size_t i = 0; i < batches->count; i++) {
		free(batches->list[i].name);
		record_free(batches->list[i].ids);
	}
	free(batches->list);
	*batches = (struct batches){ .list = NULL };
}

const struct batch *batches_at(
		const struct batches *batches, enum batch_queue queue, size_t position)
{
	for (size_t i = 0; i < batches->count; i++) {
		if (batches->list[i].queue == queue && !position--)
			return &batches->list[i];
	}
	return NULL;
}

char *batch_path(const char *folder, size_t index)
{
	return text_format("%s/part-%zu.json", folder, index);
}
