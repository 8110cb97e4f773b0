/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUN_BATCHES_H
#define RUN_BATCHES_H

#include "run/repeat.h"

/*
 * A run on several rigs, cut into batches of checks. With one round a batch is a suite, or for slow
 * checks only those that share a step; with several rounds it is a round.
 *
 * Creating and removing VFs takes seconds, so checks that create their own VFs and checks that find them
 * present wait in different queues. Checks that remove the VFs or destroy the rig form one batch, the last
 * of the list.
 */
enum batch_queue { QUEUE_OWN_VFS, QUEUE_PRESENT_VFS, QUEUE_LAST, QUEUES };

struct batch {
	unsigned round; /* starts at 1 */
	enum batch_queue queue;
	char *name; /* NULL: contains several suites */
	struct record *ids;
};

struct batches {
	struct batch *list;
	size_t count, checks;
};

/* DECLARED is vfsuite's list of checks; without it there are no batches. */
void batches_cut(struct batches *batches, const struct repeat *repeat,
		const struct selection *selection, const struct record *declared);
void batches_free(struct batches *batches);

/* The batch at POSITION in its queue, counted from 0, or NULL. */
const struct batch *batches_at(
		const struct batches *batches, enum batch_queue queue, size_t position);

/* The file in FOLDER for the results of the batch INDEX; the caller frees it. */
char *batch_path(const char *folder, size_t index);

/* Merges the results of all batches into RESULTS and removes their files. CAUSE says why a batch may be
 * missing or incomplete. */
void batches_merge(const struct batches *batches, const struct repeat *repeat, const char *folder,
		const struct record *declared, const struct err *cause, struct record *results);

#endif
