/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RIG_INTERRUPT_H
#define RIG_INTERRUPT_H

#include <poll.h>

#include "base/clock.h"
#include "base/err.h"

/*
 * Signals that ask the program to end: SIGINT, SIGTERM, SIGHUP. Once they are caught, every wait
 * of the rig returns -EINTR, and the program ends by unwinding, so that nothing is left behind. A
 * program that does not catch them dies of them.
 */

/* For main(), before anything else, and again in a child that goes on without exec: the parent's
 * signals are not the child's. SIGPIPE is ignored from then on. */
void interrupt_catch(void);

/* The signal that came, or 0. */
int interrupt_signal(void);

/* For the end of main(): where a signal came, dies of it, as a shell expects. */
void interrupt_finish(void);

/* poll() that a caught signal ends: the number of descriptors with events, -ETIMEDOUT, or -EINTR
 * with "interrupted" in ERR. At most 6 descriptors. */
int interrupt_poll(struct pollfd *polled, nfds_t count, struct deadline deadline, struct err *err);

#endif
