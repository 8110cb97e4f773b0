/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/parallel.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/signals.h"
#include "reports/results/results.h"
#include "run/batches.h"

/*
 * Each rig has a process, which takes one batch after the other. It stays with one queue as long as
 * that has batches, since changing queues means creating or removing VFs.
 */

/* Memory that the processes share. */
struct shared {
	atomic_size_t next[QUEUES]; /* position of the next batch */
	atomic_size_t started;      /* checks */
	atomic_bool failed;
	struct err err; /* of the rig that failed first */
	atomic_llong first_up_ms, longest_up_ms;
};

struct pool {
	const struct parallel *parallel;
	const struct run *run;
	struct batches batches;
	struct shared *shared;
	int first_is_up; /* an eventfd */
	struct run_events progress;
};

static void cleanup_pool(struct pool *pool)
{
	batches_free(&pool->batches);
	if (pool->shared)
		munmap(pool->shared, sizeof(*pool->shared));
	cleanup_fd(&pool->first_is_up);
}

unsigned parallel_rigs(const struct parallel *parallel, const struct run *run,
		const struct record *declared)
{
	CLEANUP(batches_free) struct batches batches;

	batches_cut(&batches, parallel->repeat, &run->selection, declared);
	return batches.count < 2                         ? 1
			: batches.count < parallel->rigs ? (unsigned)batches.count
							 : parallel->rigs;
}

/* Keeps the first failure. */
static void fail(struct pool *pool, const struct err *err)
{
	if (!atomic_exchange(&pool->shared->failed, true))
		pool->shared->err = *err;
}

static const struct batch *take_batch(const struct pool *pool, size_t rig)
{
	const enum batch_queue orders[2][QUEUES] = {
		{ QUEUE_OWN_VFS, QUEUE_PRESENT_VFS, QUEUE_LAST },
		{ QUEUE_PRESENT_VFS, QUEUE_OWN_VFS, QUEUE_LAST },
	};
	const struct batch *batch = NULL;

	for (int i = 0; i < QUEUES && !batch && !atomic_load(&pool->shared->failed); i++) {
		enum batch_queue queue = orders[rig > 0][i];

		batch = batches_at(&pool->batches, queue,
				atomic_fetch_add(&pool->shared->next[queue], 1));
	}
	return batch;
}

static bool is_last(const struct pool *pool, const struct batch *batch)
{
	return batch == &pool->batches.list[pool->batches.count - 1];
}

static void on_start(void *argument, const char *check, size_t index, size_t total)
{
	const struct pool *pool = argument;

	(void)index;
	(void)total;
	if (pool->progress.start)
		pool->progress.start(pool->progress.argument, check,
				atomic_fetch_add(&pool->shared->started, 1), pool->batches.checks);
}

static void on_end(void *argument, const struct check_result *check)
{
	const struct pool *pool = argument;

	if (pool->progress.end)
		pool->progress.end(pool->progress.argument, check);
}

static void on_wait(void *argument)
{
	const struct pool *pool = argument;

	pool->progress.wait(pool->progress.argument);
}

/* IDENTITY comes from the rig's first batch, and is for the later ones. */
static int run_batch(struct pool *pool, struct rig *rig, const struct batch *batch,
		struct record **identity, struct err *err)
{
	const struct repeat *repeat = pool->parallel->repeat;
	CLEANUP(cleanup_free)
	char *path = batch_path(pool->parallel->folder, (size_t)(batch - pool->batches.list));
	CLEANUP(cleanup_record) struct record *results = NULL;
	CLEANUP(cleanup_free) const char **names = NULL;
	struct run run = *pool->run;
	size_t count = record_length(batch->ids);
	int rc;

	names = calloc(count, sizeof(*names));
	if (!names)
		abort();
	for (size_t i = 0; i < count; i++)
		names[i] = record_text(record_at(batch->ids, i));
	run.rig = rig;
	run.selection = (struct selection){ .checks = names, .check_count = count };
	run.seed = repeat_seed(repeat, batch->round);
	run.shuffle = repeat->shuffle;
	run.after = is_last(pool, batch) ? AFTER_RESTORE : AFTER_KEEP;
	run.skip_destroying = !is_last(pool, batch);
	run.identity = *identity;
	run.events = (struct run_events){ on_start, on_end, pool->progress.wait ? on_wait : NULL,
		pool };
	results = run_begin("", run.seed);
	rc = run_execute(&run, results, err);
	if (!*identity)
		*identity = record_copy(record_get(results, "identity"));
	return record_save(AT_FDCWD, path, results, rc < 0 ? NULL : err) < 0 && !rc ? -err->code
										    : rc;
}

/* The first rig makes the image and the snapshot. */
static int wait_for_first(const struct pool *pool, struct err *err)
{
	struct pollfd polled = { .fd = pool->first_is_up, .events = POLLIN };
	int rc;

	do
		rc = signals_poll(&polled, 1, deadline_in(INT32_MAX), err);
	while (rc == -ETIMEDOUT);
	return rc < 0 ? rc : 0;
}

static void note_up(struct pool *pool, int64_t began_ms)
{
	long long now = clock_ms(), none = 0, longest = atomic_load(&pool->shared->longest_up_ms);

	atomic_compare_exchange_strong(&pool->shared->first_up_ms, &none, now);
	while (longest < now - began_ms &&
			!atomic_compare_exchange_weak(
					&pool->shared->longest_up_ms, &longest, now - began_ms))
		;
}

/* The work of one process. */
static void work(void *argument, size_t index)
{
	struct pool *pool = argument;
	CLEANUP(cleanup_rig) struct rig *rig = NULL;
	CLEANUP(cleanup_record) struct record *identity = NULL;
	struct rig_options options = *pool->parallel->options;
	const struct batch *batch = NULL;
	struct err err = { 0 };
	int64_t began_ms;
	int rc = index ? wait_for_first(pool, &err) : 0;

	began_ms = clock_ms();
	if (index)
		options.progress = NULL; /* it would repeat what the first rig reported */
	if (!rc && !atomic_load(&pool->shared->failed))
		rc = rig_up(&options, &rig, &err);
	if (!rc)
		note_up(pool, began_ms);
	if (!index)
		eventfd_write(pool->first_is_up, 1);
	while (!rc && rig && (batch = take_batch(pool, index)))
		rc = run_batch(pool, rig, batch, &identity, &err);
	if (rc < 0)
		fail(pool, &err);
	rig_down(TAKE(rig));
}

static void done(void *argument, size_t index)
{
	(void)argument;
	(void)index;
}

static int share_memory(struct pool *pool, struct err *err)
{
	void *memory = mmap(NULL, sizeof(*pool->shared), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return err_sys(err, "no memory for a run on several rigs");
	pool->shared = memory;
	pool->first_is_up = eventfd(0, EFD_CLOEXEC);
	return pool->first_is_up < 0 ? err_sys(err, "cannot make an eventfd") : 0;
}

static void put_times(const struct pool *pool, struct record *head)
{
	int64_t first_up_ms = atomic_load(&pool->shared->first_up_ms);

	record_put_int(head, "rigs", pool->parallel->rigs);
	record_put_real(head, "rig_up_s", (double)atomic_load(&pool->shared->longest_up_ms) / 1000);
	record_put_real(head, "duration_s",
			first_up_ms ? (double)(clock_ms() - first_up_ms) / 1000 : 0);
}

int parallel_execute(const struct parallel *parallel, const struct run *run,
		const struct record *declared, struct record *results, struct err *err)
{
	CLEANUP(cleanup_pool)
	struct pool pool = {
		.parallel = parallel, .run = run, .first_is_up = -1, .progress = run->events
	};
	int rc = share_memory(&pool, err);

	if (rc < 0)
		return rc;
	batches_cut(&pool.batches, parallel->repeat, &run->selection, declared);
	rc = workers_run(&(struct workers){ parallel->rigs, work, done, &pool }, parallel->rigs,
			err);
	if (rc < 0)
		fail(&pool, err);
	batches_merge(&pool.batches, parallel->repeat, parallel->folder, declared,
			&pool.shared->err, results);
	put_times(&pool, results_run(results));
	if (!atomic_load(&pool.shared->failed))
		return 0;
	run_failed(results, &pool.shared->err);
	return err_pass(err, &pool.shared->err, "%s", pool.shared->err.msg);
}
