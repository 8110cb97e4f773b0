/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GUEST_SYSTEM_H
#define GUEST_SYSTEM_H

#include <poll.h>

#include "guest/request.h"

/* What the first program of a guest does to its kernel. */

/* Mounts the kernel's file systems, takes the console as standard streams, and loads the modules of the list
 * /load. Reports on the console what fails, and continues: the agent may still answer. */
void system_start(void);

/* For poll(): input on the console, for which no shell runs yet. */
struct pollfd system_polled(void);

/* Reaps the shell that has ended; starts one if there is input. A shell costs time that a guest without a person
 * does not need. */
void system_keep_shell(void);

/* Loads a module of the folder /modules, after those that its order names; unloads one. */
int module_load(const char *name, struct err *err);
int module_unload(const char *name, struct err *err);

/* Ends this kernel as "halt", "hang", "crash", "reboot" or "poweroff" ask for. Returns only on failure. */
int system_end(enum request_op op, struct err *err);

#endif
