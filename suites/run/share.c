/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/share.h"

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
#include "base/file.h"
#include "reports/results/results.h"
#include "rig/interrupt.h"

/*
 * The run is cut into pieces, and each rig takes the next one when it has done one. A piece is a suite,
 * but of checks that stand apart, since they take long, only those that share a step. VFs are made and
 * removed at the price of seconds, so pieces that make their own and pieces that find them standing
 * wait in different queues, and each rig sticks to a queue while there is something in it. What takes
 * the standing VFs away or spoils the rig is one piece, the last.
 */

enum queue { OWN_VFS, STANDING_VFS, LAST, QUEUES };

struct piece {
	unsigned round;
	enum queue queue;
	char *name; /* NULL: of several suites */
	struct record *ids;
};

/* What the rigs' processes have in common. */
struct board {
	atomic_size_t next[QUEUES];
	atomic_size_t started; /* checks */
	atomic_bool failed;
	struct err err; /* of the one that failed first */
	atomic_llong first_up_ms, longest_up_ms;
};

struct crew {
	const struct share *share;
	const struct run *run;
	struct piece *pieces;
	size_t count, checks;
	struct board *board;
	int first_is_up; /* an eventfd: image and snapshot are there for the others */
	struct run_events shown;
};

static struct piece *piece_of(struct crew *crew, enum queue queue, const char *name)
{
	struct piece *piece = crew->pieces;

	while (piece < crew->pieces + crew->count &&
			(piece->queue != queue || (piece->name && strcmp(piece->name, name))))
		piece++;
	if (piece == crew->pieces + crew->count) {
		crew->count++;
		*piece = (struct piece){ .round = 1,
			.queue = queue,
			.name = queue == LAST ? NULL : file_path("%s", name),
			.ids = record_array() };
	}
	return piece;
}

static char *piece_name(const struct record *check)
{
	const char *suite = record_str(check, "suite", ""), *step = record_str(check, "step", NULL);

	if (!record_bool(check, "apart", false))
		return file_path("%s", suite);
	return step ? file_path("%s %s", suite, step)
		    : file_path("%s", record_str(check, "id", ""));
}

static void cut_round(struct crew *crew, const struct record *declared, const struct record *ids)
{
	for (size_t i = 0; i < record_length(ids); i++) {
		const char *id = record_text(record_at(ids, i));
		const struct record *check = select_find(declared, id);
		CLEANUP(cleanup_free) char *name = piece_name(check);
		bool last = record_bool(check, "clears", false) ||
				record_bool(check, "spoils", false);
		enum queue queue = last                       ? LAST
				: record_int(check, "vfs", 0) ? STANDING_VFS
							      : OWN_VFS;

		record_add_str(piece_of(crew, queue, name)->ids, id);
	}
}

static void cut(struct crew *crew, const struct record *declared)
{
	const struct rounds *rounds = crew->share->rounds;
	CLEANUP(cleanup_record) struct record *ids = NULL;

	if (!declared || select_checks(&crew->run->selection, declared, &ids, NULL) < 0)
		return;
	crew->pieces = calloc(record_length(ids) + rounds->count, sizeof(*crew->pieces));
	if (!crew->pieces)
		abort();
	crew->checks = record_length(ids) * rounds->count;
	if (rounds->count == 1 && !rounds->shuffle)
		cut_round(crew, declared, ids);
	for (unsigned i = 0; crew->count < rounds->count; i++)
		crew->pieces[crew->count++] =
				(struct piece){ .round = i + 1, .ids = record_copy(ids) };
}

static void cleanup_crew(struct crew *crew)
{
	for (size_t i = 0; i < crew->count; i++) {
		free(crew->pieces[i].name);
		record_free(crew->pieces[i].ids);
	}
	free(crew->pieces);
	if (crew->board)
		munmap(crew->board, sizeof(*crew->board));
	cleanup_fd(&crew->first_is_up);
}

unsigned share_rigs(const struct share *share, const struct run *run, const struct record *declared)
{
	CLEANUP(cleanup_crew)
	struct crew crew = { .share = share, .run = run, .first_is_up = -1 };

	cut(&crew, declared);
	return crew.count < 2 ? 1 : crew.count < share->rigs ? (unsigned)crew.count : share->rigs;
}

static char *part_path(const struct crew *crew, size_t piece)
{
	return file_path("%s/part-%zu.json", crew->share->folder, piece);
}

/* The first failure is told; the others only end. */
static void fail(struct crew *crew, const struct err *err)
{
	if (!atomic_exchange(&crew->board->failed, true))
		crew->board->err = *err;
}

/* The piece at the given place of its queue, or NULL. */
static struct piece *piece_at(const struct crew *crew, enum queue queue, size_t place)
{
	for (size_t i = 0; i < crew->count; i++) {
		if (crew->pieces[i].queue == queue && !place--)
			return &crew->pieces[i];
	}
	return NULL;
}

static struct piece *take_piece(const struct crew *crew, size_t rig)
{
	const enum queue orders[2][QUEUES] = { { OWN_VFS, STANDING_VFS, LAST },
		{ STANDING_VFS, OWN_VFS, LAST } };
	struct piece *piece = NULL;

	for (int i = 0; i < QUEUES && !piece && !atomic_load(&crew->board->failed); i++) {
		enum queue queue = orders[rig > 0][i];

		piece = piece_at(crew, queue, atomic_fetch_add(&crew->board->next[queue], 1));
	}
	return piece;
}

static bool is_last(const struct crew *crew, const struct piece *piece)
{
	return piece == &crew->pieces[crew->count - 1];
}

static void on_start(void *argument, const char *check, size_t index, size_t total)
{
	const struct crew *crew = argument;

	(void)index;
	(void)total;
	if (crew->shown.start)
		crew->shown.start(crew->shown.argument, check,
				atomic_fetch_add(&crew->board->started, 1), crew->checks);
}

static void on_end(void *argument, const struct record *check)
{
	const struct crew *crew = argument;

	if (crew->shown.end)
		crew->shown.end(crew->shown.argument, check);
}

static void on_wait(void *argument)
{
	const struct crew *crew = argument;

	crew->shown.wait(crew->shown.argument);
}

static int do_piece(struct crew *crew, struct rig *rig, const struct piece *piece,
		struct record **identity, struct err *err)
{
	const struct rounds *rounds = crew->share->rounds;
	CLEANUP(cleanup_free) char *path = part_path(crew, (size_t)(piece - crew->pieces));
	CLEANUP(cleanup_record) struct record *results = NULL;
	CLEANUP(cleanup_free) const char **names = NULL;
	struct run run = *crew->run;
	size_t count = record_length(piece->ids);
	int rc;

	names = calloc(count, sizeof(*names));
	if (!names)
		abort();
	for (size_t i = 0; i < count; i++)
		names[i] = record_text(record_at(piece->ids, i));
	run.channel = rig_channel(rig);
	run.rig = rig_identity(rig);
	run.actor = rig;
	run.selection = (struct selection){ .checks = names, .check_count = count };
	run.seed = rounds->first_seed + (rounds->shuffle ? piece->round - 1 : 0);
	run.shuffle = rounds->shuffle;
	run.after = is_last(crew, piece) ? AFTER_RESTORE : AFTER_KEEP;
	run.sparing = !is_last(crew, piece);
	run.identity = *identity;
	run.events = (struct run_events){ on_start, on_end, crew->shown.wait ? on_wait : NULL,
		crew };
	results = run_begin("", run.seed);
	rc = run_execute(&run, results, err);
	if (!*identity)
		*identity = record_copy(record_get(results, "identity"));
	return record_save(AT_FDCWD, path, results, rc < 0 ? NULL : err) < 0 && !rc ? -err->code
										    : rc;
}

/* Image and snapshot are made once, by the first rig. */
static int wait_for_first(const struct crew *crew, struct err *err)
{
	struct pollfd polled = { .fd = crew->first_is_up, .events = POLLIN };
	int rc;

	do
		rc = interrupt_poll(&polled, 1, deadline_in(INT32_MAX), err);
	while (rc == -ETIMEDOUT);
	return rc < 0 ? rc : 0;
}

static void note_up(struct crew *crew, int64_t began_ms)
{
	long long now = clock_ms(), none = 0, longest = atomic_load(&crew->board->longest_up_ms);

	atomic_compare_exchange_strong(&crew->board->first_up_ms, &none, now);
	while (longest < now - began_ms &&
			!atomic_compare_exchange_weak(
					&crew->board->longest_up_ms, &longest, now - began_ms))
		;
}

/* In a process of its own: one rig, and piece after piece on it. */
static void work(void *argument, size_t index)
{
	struct crew *crew = argument;
	CLEANUP(cleanup_rig) struct rig *rig = NULL;
	CLEANUP(cleanup_record) struct record *identity = NULL;
	struct rig_options options = *crew->share->options;
	struct piece *piece = NULL;
	struct err err = { 0 };
	int64_t began_ms;
	int rc = index ? wait_for_first(crew, &err) : 0;

	began_ms = clock_ms();
	if (index)
		options.progress = NULL; /* the first rig has told all of it */
	if (!rc && !atomic_load(&crew->board->failed))
		rc = rig_up(&options, &rig, &err);
	if (!rc)
		note_up(crew, began_ms);
	if (!index)
		eventfd_write(crew->first_is_up, 1);
	while (!rc && rig && (piece = take_piece(crew, index)))
		rc = do_piece(crew, rig, piece, &identity, &err);
	if (rc < 0)
		fail(crew, &err);
	rc = rig_down(TAKE(rig), &err);
	if (rc < 0)
		fail(crew, &err);
}

static void done(void *argument, size_t index)
{
	(void)argument;
	(void)index;
}

static struct record *load_part(const struct crew *crew, size_t piece)
{
	CLEANUP(cleanup_free) char *path = part_path(crew, piece);
	struct record *part = NULL;

	record_load(AT_FDCWD, path, &part, NULL);
	unlink(path);
	return part;
}

/* What is the same on all rigs: who judged. */
static void put_judges(struct record *round, const struct record *part)
{
	static const char *const members[] = { "suite", "quirks" };
	const struct record *run = record_get(part, "run");

	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
		if (record_get(run, members[i]))
			record_put(results_run(round), members[i],
					record_copy(record_get(run, members[i])));
	}
}

static void add_times(struct record *round, const struct record *part)
{
	struct record *run = results_run(round);

	record_put_real(run, "kernel_s",
			record_real(run, "kernel_s", 0) +
					record_real(record_get(part, "run"), "kernel_s", 0));
}

/* The checks of PARTS in the order of the list; what has no verdict is named as not run. */
static void put_checks(const struct crew *crew, struct record *round, unsigned number,
		struct record **parts, const struct record *declared)
{
	CLEANUP(cleanup_record) struct record *found = record_object();
	struct record *not_run = record_array();
	struct record *checks = (struct record *)record_get(round, "checks");

	for (size_t i = 0; i < crew->count; i++) {
		const struct record *list = record_get(parts[i], "checks");

		for (size_t k = 0; crew->pieces[i].round == number && k < record_length(list); k++)
			record_put(found, record_str(record_at(list, k), "id", ""),
					record_copy(record_at(list, k)));
	}
	for (size_t i = 0; i < record_length(declared); i++) {
		const char *id = record_str(record_at(declared, i), "id", "");

		if (record_get(found, id))
			record_add(checks, record_copy(record_get(found, id)));
	}
	for (size_t i = 0; i < crew->count; i++) {
		const struct record *ids = crew->pieces[i].ids;

		for (size_t k = 0; crew->pieces[i].round == number && k < record_length(ids); k++) {
			if (!record_get(found, record_text(record_at(ids, k))))
				record_add_str(not_run, record_text(record_at(ids, k)));
		}
	}
	record_put(results_run(round), "not_run", not_run);
}

static struct record *put_together(const struct crew *crew, unsigned number, struct record **parts,
		const struct record *declared)
{
	const struct rounds *rounds = crew->share->rounds;
	struct record *round =
			run_begin("", rounds->first_seed + (rounds->shuffle ? number - 1 : 0));
	bool complete = true;

	for (size_t i = 0; i < crew->count; i++) {
		if (crew->pieces[i].round != number)
			continue;
		complete = complete && record_bool(record_get(parts[i], "run"), "complete", false);
		add_times(round, parts[i]);
		put_judges(round, parts[i]);
		if (record_length(record_get(parts[i], "checks")) &&
				record_get(parts[i], "identity"))
			record_put(round, "identity",
					record_copy(record_get(parts[i], "identity")));
	}
	put_checks(crew, round, number, parts, declared);
	results_summarize(round);
	record_put_bool(results_run(round), "complete", complete);
	record_put_str(results_run(round), "why",
			complete                                ? NULL
					: crew->board->err.code ? crew->board->err.msg
								: "a rig ended early");
	return round;
}

static void gather(const struct crew *crew, const struct record *declared, struct record *results)
{
	const struct rounds *rounds = crew->share->rounds;
	struct record **parts = calloc(crew->count, sizeof(*parts));
	CLEANUP(rounds_end) struct rounds_told told = rounds_begin(rounds);
	bool going = true;

	if (!parts)
		abort();
	for (size_t i = 0; i < crew->count; i++)
		parts[i] = load_part(crew, i);
	for (unsigned number = 1; going && number <= rounds->count; number++) {
		CLEANUP(cleanup_record)
		struct record *round = put_together(crew, number, parts, declared);

		rounds_add(&told, results, round);
		going = record_bool(results_run(round), "complete", false);
	}
	rounds_tell(&told, results);
	for (size_t i = 0; i < crew->count; i++)
		record_free(parts[i]);
	free(parts);
}

int share_execute(const struct share *share, const struct run *run, const struct record *declared,
		struct record *results, struct err *err)
{
	CLEANUP(cleanup_crew)
	struct crew crew = { .share = share, .run = run, .first_is_up = -1 };
	struct record *head = results_run(results);
	int rc;

	cut(&crew, declared);
	crew.shown = run->events;
	crew.board = mmap(NULL, sizeof(*crew.board), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (crew.board == MAP_FAILED) {
		crew.board = NULL;
		return err_sys(err, "no memory for a run on several rigs");
	}
	crew.first_is_up = eventfd(0, EFD_CLOEXEC);
	if (crew.first_is_up < 0)
		return err_sys(err, "cannot make an eventfd");
	rc = workers_run(&(struct workers){ share->rigs, work, done, &crew }, share->rigs, err);
	if (rc < 0)
		fail(&crew, err);
	gather(&crew, declared, results);
	record_put_int(head, "rigs", share->rigs);
	record_put_real(head, "rig_up_s", (double)atomic_load(&crew.board->longest_up_ms) / 1000);
	record_put_real(head, "duration_s",
			atomic_load(&crew.board->first_up_ms)
					? (double)(clock_ms() -
							  atomic_load(&crew.board->first_up_ms)) /
							1000
					: 0);
	if (!atomic_load(&crew.board->failed))
		return 0;
	run_failed(results, &crew.board->err);
	return err_set(err, crew.board->err.code, "%s", crew.board->err.msg);
}
