/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_OWNER_H
#define POLICY_OWNER_H

#include "base/diagnostics.h"
#include "sriov/inventory.h"

/*
 * Other programs that manage the VFs of a card: systemd's .link and .network files with their
 * drop-ins, NetworkManager's connections and configuration, netplan's YAML. Each would undo what the
 * other does. OWNERS gets one line for each file that is, or by what it matches may be, for PF:
 * "FILE:LINE: what it does".
 *
 * Files are read as far as they say for whom they are; what is not understood counts as a match.
 */
void owner_find(const struct host *host, const struct pf *pf, struct diagnostics *owners);

#endif
