/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUN_CROSSING_H
#define RUN_CROSSING_H

#include "run/execute.h"

/*
 * A check that crosses a boot of the machine under test: vfsuite goes with the machine, a new one
 * starts on what comes up, and is asked to go on with the check and with what was still to come.
 */

/* EVENT is the check's wish, IDS itself and what is left. ID becomes that of the new request. */
int crossing_make(const struct run *run, const struct record *event, const struct record *ids,
		int64_t *id, struct err *err);

#endif
