/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/timed_call.h"

#include <stddef.h>

void condition_init(pthread_cond_t *condition)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(condition, &attributes);
	pthread_condattr_destroy(&attributes);
}

struct timespec condition_time(struct deadline deadline)
{
	int64_t at_ms = clock_ms() + deadline_left(deadline);

	return (struct timespec){ .tv_sec = at_ms / 1000, .tv_nsec = at_ms % 1000 * 1000000 };
}

static void *run(void *argument)
{
	struct timed_call *call = argument;
	int rc = call->run(call);
	bool is_given_up;

	pthread_mutex_lock(&call->mutex);
	call->rc = rc;
	call->is_finished = true;
	is_given_up = call->is_given_up;
	pthread_cond_signal(&call->finished);
	pthread_mutex_unlock(&call->mutex);
	if (is_given_up)
		call->free(call);
	return NULL;
}

int timed_call_begin(struct timed_call *call, struct err *err)
{
	pthread_t thread;
	int rc;

	pthread_mutex_init(&call->mutex, NULL);
	condition_init(&call->finished);
	rc = pthread_create(&thread, NULL, run, call);
	if (rc)
		return err_set(err, rc, "cannot start a thread");
	pthread_detach(thread);
	return 0;
}

bool timed_call_wait(struct timed_call *call, struct deadline deadline)
{
	struct timespec until = condition_time(deadline);
	bool is_finished;
	int rc = 0;

	pthread_mutex_lock(&call->mutex);
	while (!call->is_finished && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&call->finished, &call->mutex, &until);
	is_finished = call->is_finished;
	pthread_mutex_unlock(&call->mutex);
	return is_finished;
}

bool timed_call_give_up(struct timed_call **of)
{
	struct timed_call *call = *of;
	bool is_finished;

	pthread_mutex_lock(&call->mutex);
	is_finished = call->is_finished;
	call->is_given_up = !is_finished;
	pthread_mutex_unlock(&call->mutex);
	if (!is_finished)
		*of = NULL;
	return is_finished;
}

int timed_call_run(struct timed_call **of, int limit_ms, const char *what, struct err *err)
{
	struct timed_call *call = *of;
	struct deadline limit = deadline_in(limit_ms);
	int rc = timed_call_begin(call, err);

	if (rc < 0)
		return rc;
	timed_call_wait(call, limit);
	if (timed_call_give_up(of))
		return call->rc;
	return err_set(err, ETIMEDOUT, "%s for %d s", what, limit_ms / 1000);
}
