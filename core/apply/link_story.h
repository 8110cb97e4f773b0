/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef APPLY_LINK_STORY_H
#define APPLY_LINK_STORY_H

#include "sriov/inventory.h"

/*
 * Why a PF lost its link since it was as wanted: by the wire, which harms no setting, or by a reset
 * of its driver's, which can. The kernel counts both alike; drivers that say which it was say it in
 * the kernel log, where link_story_begin() leaves a line to count from.
 */
struct link_story {
	bool begun;        /* the line was seen */
	long wire, resets; /* times that the driver said so */
};

void link_story_begin(const struct host *host, const struct pf *pf);

/* False where it cannot be known: for another driver, without a kernel log, or when the line is no
 * longer in it. */
bool link_story_read(const struct host *host, const struct pf *pf, struct link_story *story);

/* One line of the kernel log, of which link_story_read() is made. */
void link_story_take(struct link_story *story, const struct pf *pf, const char *line);

#endif
