/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RIG_SNAPSHOT_H
#define RIG_SNAPSHOT_H

#include "rig/machine.h"

/*
 * States of freshly booted machines, in CACHE/snapshot-DIGEST. The digest covers all that a state
 * depends on: QEMU, the accelerator, the image, the command line. QEMU does not save the config
 * space of VFs, so a state is taken before anything has created one.
 */

/* What makes a state fit: for the caller to give to the others. */
struct snapshot_key {
	char name[32]; /* of the folder */
};

/* COMMAND has fixed words in the place of folders. */
void snapshot_key(const struct qemu *qemu, const struct image *image, const struct argv *command,
		struct snapshot_key *key);

/* A state that fits, locked against removal: its file, for the caller to free, and its lock.
 * -ENOENT where there is none; nothing is put into an err. */
int snapshot_find(const char *cache_dir, const struct snapshot_key *key, char **state, int *lock);

/* Takes the state of a machine, which stands still afterwards (machine_continue()). Older states
 * beyond a fixed number make room. -ENOSPC says what is free and what is needed. */
int snapshot_save(struct machine *machine, const char *cache_dir, const struct snapshot_key *key,
		unsigned memory_mib, struct err *err);

/* A state that does not work. */
void snapshot_remove(const char *cache_dir, const struct snapshot_key *key);

#endif
