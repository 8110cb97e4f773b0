/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHECKS_PEER_H
#define CHECKS_PEER_H

#include "checks/manager.h"
#include "observe/guest.h"

/* The second machine of a rig that has one (NEED_PEER). It is reached by ssh, through one connection for all
 * calls between peer_open() and peer_close(). */
#define PEER "host2"

int peer_open(struct check_run *run);
void peer_close(struct check_run *run);

/* Calls a shell script there. Returns 0 if it ran, whatever its exit status. */
int peer_call(struct check_run *run, const char *script, struct call *call);

/* Opens the agent of a guest that runs there. */
int peer_guest(struct check_run *run, const char *name, struct guest **guest);

#endif
