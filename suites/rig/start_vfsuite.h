/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RIG_START_VFSUITE_H
#define RIG_START_VFSUITE_H

#include "rig/rig.h"

/* Sends the image's init the request "start" (vmimages/README.md), and waits until vfsuite answers.
 * SCALE is the rig's factor on deadlines.
 *
 * A defect's command at_start that fails, or does not end in time, is an error that names it. That
 * error is never -ETIMEDOUT, since the machine itself has answered. */
int start_vfsuite(struct channel *channel, const struct boot_defect *boot_defect, double scale,
		struct err *err);

/* The same for a second machine, which runs no vfsuite: sends "join", and waits until its disks are there. */
int start_peer(struct channel *channel, double scale, struct err *err);

#endif
