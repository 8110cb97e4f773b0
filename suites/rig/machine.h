/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RIG_MACHINE_H
#define RIG_MACHINE_H

#include "base/process.h"
#include "rig/patch.h"
#include "rig/qemu.h"
#include "rig/qmp.h"

/*
 * A running QEMU. It dies with this program. Its folder holds the sockets control, console and qmp,
 * the machine's serial.log, and what QEMU itself says in qemu.log.
 */
struct machine {
	struct process process;
	char *folder;
	struct qmp *qmp;
	struct patches patches; /* of its kernel */
	int control;            /* the connected control socket; -1 when it was taken */
	char ended[320];        /* how it has ended, or "" */
};

/* COMMAND is QEMU's, with those sockets in FOLDER. */
int machine_start(const struct argv *command, const char *folder, struct machine **machine,
		struct err *err);

/* A fresh connection for CONTROL, once the former one is closed. */
int machine_reconnect(struct machine *machine, struct err *err);

/* The guest starts anew and QEMU goes on: at once, or when the guest itself asks for it.
 * machine_restarted() waits for it. Without machine_allow_restart() QEMU ends. */
int machine_allow_restart(struct machine *machine, bool allowed, struct err *err);
int machine_restart(struct machine *machine, struct err *err);
int machine_restarted(struct machine *machine, struct deadline deadline, struct err *err);

/* Ends QEMU, however it is, and frees. NULL is fine. */
void machine_end(struct machine *machine);

/* Whether QEMU has ended, or does so within the time. */
bool machine_has_ended(struct machine *machine, struct deadline deadline);

/* Fills ERR with what is known about a machine that is silent or gone. */
void machine_explain(struct machine *machine, struct err *err);

/* The last COUNT lines of the serial console, for the caller to free; NULL: none. */
char *console_tail(const char *folder, unsigned count);

/* Stops the machine and writes its state to PATH, or reads it from there and goes on. */
int machine_save(struct machine *machine, const char *path, struct err *err);
int machine_restore(struct machine *machine, const char *path, struct err *err);
int machine_continue(struct machine *machine, struct err *err);

#endif
