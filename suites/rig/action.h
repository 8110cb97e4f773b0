/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RIG_ACTION_H
#define RIG_ACTION_H

#include "rig/qmp.h"
#include "rig/topology.h"

/* What an emulated rig does for a check: suites/protocol.md lists the actions. */

/* The names of those that a machine of this topology can do, an array. */
struct record *action_list(const struct topology *topology);

/* Does one of them through QMP. Arguments that do not fit are -EINVAL. */
int action_do(struct qmp *qmp, const struct topology *topology, const char *action,
		const struct record *arguments, struct err *err);

#endif
