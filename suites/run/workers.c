/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/workers.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/number.h"
#include "base/signals.h"

/* Only the child holds the other end of its pipe, so the pipe closes when the child ends. */
struct worker {
	pid_t pid; /* 0: free */
	int fd;
	size_t index;
};

struct pool {
	const struct workers *workers;
	struct worker all[WORKERS_LIMIT];
	unsigned busy;
};

static void in_child(const struct workers *workers, size_t index, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() == parent)
		workers->work(workers->argument, index);
	fflush(NULL);
	_exit(0);
}

static int start(struct pool *pool, size_t index, struct err *err)
{
	struct worker *worker = pool->all;
	pid_t parent = getpid();
	int fds[2];

	while (worker->pid)
		worker++;
	fflush(NULL); /* or the child would print it again */
	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_sys(err, "cannot make a pipe");
	worker->pid = fork();
	if (worker->pid == 0) {
		close(fds[0]);
		in_child(pool->workers, index, parent);
	}
	close(fds[1]);
	if (worker->pid < 0) {
		worker->pid = 0;
		close(fds[0]);
		return err_sys(err, "cannot start a process");
	}
	worker->fd = fds[0];
	worker->index = index;
	pool->busy++;
	return 0;
}

static void collect(struct pool *pool, struct worker *worker)
{
	waitpid(worker->pid, NULL, 0);
	close(worker->fd);
	worker->pid = 0;
	pool->busy--;
	pool->workers->done(pool->workers->argument, worker->index);
}

/* Waits until a child ends. */
static int wait_for_one(struct pool *pool, struct err *err)
{
	struct pollfd polled[WORKERS_LIMIT];
	int rc;

	for (unsigned i = 0; i < WORKERS_LIMIT; i++)
		polled[i] = (struct pollfd){ .fd = pool->all[i].pid ? pool->all[i].fd : -1,
			.events = POLLIN };
	do {
		rc = signals_poll(polled, WORKERS_LIMIT, deadline_in(INT32_MAX), err);
	} while (rc == -ETIMEDOUT);
	for (unsigned i = 0; rc > 0 && i < WORKERS_LIMIT; i++) {
		if (pool->all[i].pid && polled[i].revents)
			collect(pool, &pool->all[i]);
	}
	return rc < 0 ? rc : 0;
}

static void end_all(struct pool *pool)
{
	for (unsigned i = 0; i < WORKERS_LIMIT; i++) {
		if (pool->all[i].pid)
			kill(pool->all[i].pid, SIGTERM);
	}
	for (unsigned i = 0; i < WORKERS_LIMIT; i++) {
		if (pool->all[i].pid)
			collect(pool, &pool->all[i]);
	}
}

int workers_wanted(
		const char *text, unsigned each, unsigned limit, unsigned *wanted, struct err *err)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	uint64_t jobs = each * (processors < 1 ? 1 : (uint64_t)processors);

	if (jobs > limit)
		jobs = limit;
	if (text && number_parse(text, 1, WORKERS_LIMIT, &jobs) < 0)
		return err_set(err, EINVAL, "--jobs '%s': must be a number from 1 to %d", text,
				WORKERS_LIMIT);
	*wanted = (unsigned)jobs;
	return 0;
}

int workers_run(const struct workers *workers, size_t count, struct err *err)
{
	struct pool pool = { .workers = workers };
	size_t next = 0;
	int rc = signals_pending() ? err_set(err, EINTR, "interrupted") : 0;

	while (!rc && (next < count || pool.busy)) {
		if (next < count && pool.busy < workers->limit)
			rc = start(&pool, next++, err);
		else
			rc = wait_for_one(&pool, err);
	}
	end_all(&pool);
	return rc;
}
