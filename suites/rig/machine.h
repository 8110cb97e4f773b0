/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RIG_MACHINE_H
#define RIG_MACHINE_H

#include "base/process.h"
#include "rig/patch.h"
#include "rig/qemu.h"
#include "rig/qmp.h"

/*
 * A running QEMU, which dies with this program. Its folder holds the sockets control, console and qmp,
 * the machine's serial.log, and QEMU's own messages in qemu.log.
 */
struct machine {
	struct process process;
	char *folder;
	struct qmp *qmp;
	struct patches patches; /* of its kernel */
	int control;            /* the connected control socket; -1 after someone took it */
	char ended[320];        /* how QEMU ended, or "" */
};

/* COMMAND must put the sockets into FOLDER. */
int machine_start(const struct argv *command, const char *folder, struct machine **machine,
		struct err *err);

/* Connects CONTROL again after the old connection was closed. */
int machine_reconnect(struct machine *machine, struct err *err);

/* Restarts of the guest in the same QEMU: the first allows them (otherwise QEMU exits), the
 * second causes one, and the third waits for one, which the guest may also cause itself. */
int machine_allow_restart(struct machine *machine, bool allowed, struct err *err);
int machine_restart(struct machine *machine, struct err *err);
int machine_restarted(struct machine *machine, struct deadline deadline, struct err *err);

/* Kills QEMU and frees MACHINE, which may be NULL. */
void machine_end(struct machine *machine);

/* Whether QEMU ends before the deadline. */
bool machine_has_ended(struct machine *machine, struct deadline deadline);

/* Fills ERR with the reason why the machine is silent or gone. */
void machine_explain(struct machine *machine, struct err *err);

/* The last COUNT lines of the serial console, which the caller frees; NULL: none. */
char *console_tail(const char *folder, unsigned count);

/* The first stops the machine and writes its state to PATH; the second reads a state and
 * continues; the third continues. */
int machine_save(struct machine *machine, const char *path, struct err *err);
int machine_restore(struct machine *machine, const char *path, struct err *err);
int machine_continue(struct machine *machine, struct err *err);

#endif
