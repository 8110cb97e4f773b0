/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_SIGNALS_H
#define BASE_SIGNALS_H

#include <poll.h>

#include "base/clock.h"
#include "base/err.h"

/*
 * Signals that ask the program to end: SIGINT, SIGTERM, SIGHUP. A program that blocks them sees
 * them only through this interface: they interrupt no system call, stay pending, and every
 * signals_poll() returns -EINTR from then on. The program then ends by unwinding and cleans up, and
 * a signal that comes between two waits is not lost. A program that does not block them is killed
 * by them.
 */

/* For main(). A child of fork() inherits the mask, with no signal pending; one that executes
 * another program calls signals_unblock() first. Signals that nohup(1) ignores stay ignored.
 * SIGPIPE is ignored from then on. */
void signals_block(void);

/* For a child before exec: unblocks all signals and restores the default action of SIGPIPE. */
void signals_unblock(void);

/* Returns the pending signal, or 0. */
int signals_pending(void);

/* For the end of main(): if a signal is pending, dies of it, as a shell expects. */
void signals_die(void);

/* poll() that a signal ends. Returns the number of descriptors with events, -ETIMEDOUT, or
 * -EINTR with "interrupted" in ERR. At most SIGNALS_POLL_LIMIT descriptors. */
enum { SIGNALS_POLL_LIMIT = 16 };
int signals_poll(struct pollfd *polled, nfds_t count, struct deadline deadline, struct err *err);

#endif
