/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RIG_QMP_H
#define RIG_QMP_H

#include "base/clock.h"
#include "data/record.h"

/*
 * QEMU's machine protocol (docs/interop/qmp-spec in QEMU's source): commands in order, each with
 * one reply, and events in between. The last 64 events are kept until qmp_wait() takes them.
 */
struct qmp;

/* Takes FD, a connected, non-blocking socket, even on failure. Reads the greeting and
 * negotiates. */
int qmp_open(int fd, struct deadline deadline, struct qmp **qmp, struct err *err);
void qmp_close(struct qmp *qmp);

/* Takes ARGUMENTS, which may be NULL. REPLY becomes what QEMU returns, and may be NULL.
 * -EREMOTEIO with QEMU's message if it rejects the command; -EPIPE if QEMU is gone. */
int qmp_execute(struct qmp *qmp, const char *command, struct record *arguments,
		struct deadline deadline, struct record **reply, struct err *err);

/* Waits for an event with that name, or takes the oldest kept one. The caller frees DATA. */
int qmp_wait(struct qmp *qmp, const char *event, struct deadline deadline, struct record **data,
		struct err *err);

#endif
