/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_TIMED_CALL_H
#define BASE_TIMED_CALL_H

#include <pthread.h>
#include <stdbool.h>
#include <time.h>

#include "base/clock.h"
#include "base/err.h"

/*
 * A call of a library that may never return, in a thread of its own. A call that is given up stays in its
 * thread until the program ends, or until the library returns after all.
 *
 * A struct timed_call is the first member of a struct with the arguments and results, which is allocated by
 * calloc() and shared by the caller and the thread.
 */
struct timed_call {
	int (*run)(struct timed_call *call);   /* 0 or -errno */
	void (*free)(struct timed_call *call); /* the whole struct */

	pthread_mutex_t mutex;
	pthread_cond_t finished;
	bool is_finished, is_given_up;
	int rc;
};

/* Returns what RUN returned; the call is then the caller's again. -ETIMEDOUT: it was given up, and is no
 * longer the caller's; *CALL becomes NULL. WHAT is for the message: "libvirt's daemon did not answer". */
int timed_call_run(struct timed_call **call, int limit_ms, const char *what, struct err *err);

/* The same in steps, for a caller that has something to do meanwhile. timed_call_wait() says whether the
 * call has returned by then; RC is then what it returned. timed_call_give_up() says the same; if not, the
 * call is no longer the caller's, and *CALL becomes NULL. */
int timed_call_begin(struct timed_call *call, struct err *err);
bool timed_call_wait(struct timed_call *call, struct deadline until);
bool timed_call_give_up(struct timed_call **call);

/* A condition whose waits end by the monotonic clock, and the time of DEADLINE for them. */
void condition_init(pthread_cond_t *condition);
struct timespec condition_time(struct deadline deadline);

#endif
