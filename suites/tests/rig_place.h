/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_RIG_PLACE_H
#define TESTS_RIG_PLACE_H

#include "rig/rig.h"

/*
 * Where a test brings up emulated rigs: a temporary folder with its own cache and run folder, and the
 * hypervisor image from the user's cache, which is built if it is missing.
 */
struct rig_place {
	char path[64];
	char *image, *kernel, *qemu, *cache, *run, *data;
	char reports[1024]; /* of rigs, one per line */
	struct rig_options options;
};

/* SOURCE is the project's folder, TOOLS the folder of the programs under test. */
int rig_place_init(struct rig_place *place, const char *source, const char *tools, struct err *err);
void rig_place_free(struct rig_place *place);

/* The number of files in the run folder; the id of a process that has the run folder in its
 * command line, or 0. */
int rig_place_leftovers(const struct rig_place *place);
int rig_place_process(const struct rig_place *place);

/* Waits until there are neither files nor processes. Returns whether that happened. */
int rig_place_is_clean(const struct rig_place *place);

#endif
