/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_PROCESS_ID_H
#define HOST_PROCESS_ID_H

#include <stdbool.h>
#include <stdint.h>

/* A process of this boot, so that another process can tell whether it has ended. A number alone is used again,
 * and means another process in another PID namespace. */
struct process_id {
	int pid;
	uint64_t started;       /* ticks since the boot (proc(5), field 22 of /proc/PID/stat) */
	uint64_t pid_namespace; /* inode of its PID namespace */
};

struct process_id process_id_self(void);

/* False also where that cannot be seen from here. */
bool process_id_has_ended(const struct process_id *id);

#endif
