/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RIG_ACTION_H
#define RIG_ACTION_H

#include "rig/qmp.h"
#include "rig/topology.h"

/* The actions of an emulated rig that QEMU carries out (suites/protocol.md). */

/* The names of all actions that a machine of this topology supports, an array. */
struct record *action_list(const struct topology *topology);

/* Carries one out through QMP. -EINVAL for wrong arguments. */
int action_do(struct qmp *qmp, const struct topology *topology, const char *action,
		const struct record *arguments, struct err *err);

#endif
