/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_OTHER_MANAGER_H
#define POLICY_OTHER_MANAGER_H

#include "base/diagnostics.h"
#include "sriov/inventory.h"

/*
 * Finds files by which another program manages the VFs of PF, since two managers undo each other's
 * work: systemd's .link and .network files with their drop-ins, NetworkManager's connections and
 * configuration, netplan's YAML. MANAGERS gets one line for each, "FILE:LINE: what it does". A
 * condition that cannot be evaluated here counts as met.
 */
void other_managers_find(
		const struct host *host, const struct pf *pf, struct diagnostics *managers);

#endif
