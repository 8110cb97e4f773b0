/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_SIGNALS_H
#define BASE_SIGNALS_H

#include <poll.h>

#include "base/clock.h"
#include "base/err.h"

/*
 * Signals that ask the program to end: SIGINT, SIGTERM, SIGHUP. A program that blocks them sees
 * them only here: they interrupt no system call, they stay pending, and every signals_poll()
 * returns -EINTR from then on. So the program ends by unwinding and leaves nothing behind, and a
 * signal between two waits is not lost. A program that does not block them dies of them.
 */

/* For main(). A child of fork() inherits it, with no signal pending; one that executes another
 * program calls signals_unblock() before. What nohup(1) ignores stays ignored. SIGPIPE is ignored
 * from then on. */
void signals_block(void);

/* For a child before exec: no signal is blocked, and SIGPIPE ends a program again. */
void signals_unblock(void);

/* The signal that has come, or 0. */
int signals_pending(void);

/* For the end of main(): where a signal has come, dies of it, as a shell expects. */
void signals_die(void);

/* poll() that a signal ends: the number of descriptors with events, -ETIMEDOUT, or -EINTR with
 * "interrupted" in ERR. At most SIGNALS_POLL_LIMIT descriptors. */
enum { SIGNALS_POLL_LIMIT = 16 };
int signals_poll(struct pollfd *polled, nfds_t count, struct deadline deadline, struct err *err);

#endif
