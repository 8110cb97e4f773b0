/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RIG_SNAPSHOT_H
#define RIG_SNAPSHOT_H

#include "rig/machine.h"

/*
 * States of freshly booted machines, in CACHE/snapshot-DIGEST. The digest covers everything that a state
 * depends on: QEMU, the accelerator, the image, the command line. QEMU does not save the config space of
 * VFs, so a state must be taken before VFs are created.
 */

/* Identifies the states that fit a machine. */
struct snapshot_key {
	char name[32]; /* of the folder */
};

/* COMMAND must contain fixed words instead of folders. */
void snapshot_key(const struct qemu *qemu, const struct image *image, const struct argv *command,
		struct snapshot_key *key);

/* Finds a state that fits and locks it against removal. STATE becomes its path, which the caller
 * frees, and LOCK a descriptor, which the caller closes. -ENOENT if there is none. */
int snapshot_find(const char *cache_dir, const struct snapshot_key *key, char **state, int *lock);

/* Saves the state of a machine, which is stopped afterwards (machine_continue()), and removes
 * the oldest states. -ENOSPC: there is not enough space on the disk. */
int snapshot_save(struct machine *machine, const char *cache_dir, const struct snapshot_key *key,
		unsigned memory_mib, struct err *err);

/* Removes a state that does not start. */
void snapshot_remove(const char *cache_dir, const struct snapshot_key *key);

#endif
