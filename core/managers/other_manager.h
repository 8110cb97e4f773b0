/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MANAGERS_OTHER_MANAGER_H
#define MANAGERS_OTHER_MANAGER_H

#include "base/diagnostics.h"
#include "sriov/inventory.h"

/*
 * Finds files with which another program creates or configures VFs of PF, since two managers undo
 * each other's work. core/policy/desired.md lists the programs. MANAGERS gets one line for each
 * file, "FILE:LINE: who does what". A condition that cannot be evaluated here counts as met, and
 * the line then says "may". NOTES gets a line for each file that cannot be read.
 */
void other_managers_find(const struct host *host, const struct pf *pf, struct diagnostics *managers,
		struct diagnostics *notes);

#endif
