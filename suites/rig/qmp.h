/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RIG_QMP_H
#define RIG_QMP_H

#include "base/clock.h"
#include "base/record.h"

/*
 * QEMU's machine protocol (docs/interop/qmp-spec in QEMU's source): commands in order, each with
 * one reply, and events in between. Events are kept (the last 64) until they are waited for.
 */
struct qmp;

/* A connected, non-blocking socket, taken in any case. Reads the greeting and leaves the
 * negotiation. */
int qmp_open(int fd, struct deadline deadline, struct qmp **qmp, struct err *err);
void qmp_close(struct qmp *qmp);

/* ARGUMENTS are taken and may be NULL, REPLY (what QEMU returns) may be NULL. A refusal of QEMU is
 * -EREMOTEIO with the command and QEMU's words; -EPIPE when QEMU is gone. */
int qmp_execute(struct qmp *qmp, const char *command, struct record *arguments,
		struct deadline deadline, struct record **reply, struct err *err);

/* The data of the next event of that name, the kept ones first; for the caller to free. */
int qmp_wait(struct qmp *qmp, const char *event, struct deadline deadline, struct record **data,
		struct err *err);

#endif
