/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef APPLY_LOCK_H
#define APPLY_LOCK_H

#include "host/host.h"

enum { LOCK_WAIT_S = 30 };

/* The right to change this host's cards and what is kept of them, for one process at a time
 * (run/vfctl/lock). VERB is for the message of a process that waits: -EBUSY after WAIT_S seconds,
 * with the holder's verb and pid. The right ends when the caller closes FD, or with the process. */
int lock_take(const struct host *host, const char *verb, int wait_s, int *fd, struct err *err);

#endif
