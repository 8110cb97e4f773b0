/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_STAGE_H
#define TESTS_STAGE_H

#include "rig/rig.h"

/*
 * A stage for emulated rigs: a temporary folder with a cache and a run folder of its own, with the
 * hypervisor image from the user's cache (built there when it is missing).
 */
struct stage {
	char path[64];
	char *image, *kernel, *qemu, *cache, *run, *data;
	char said[1024]; /* what the rigs told as progress */
	struct rig_options options;
};

/* SOURCE is the project's folder, TOOLS that of the programs under test. */
int stage_set(struct stage *stage, const char *source, const char *tools, struct err *err);
void stage_strike(struct stage *stage);

/* Files in the run folder, and processes that were started with this stage's folder in their
 * command line: the process id of one of them, or 0. */
int stage_leftovers(const struct stage *stage);
int stage_process(const struct stage *stage);

/* Waits until there are none of both. */
int stage_is_clean(const struct stage *stage);

#endif
