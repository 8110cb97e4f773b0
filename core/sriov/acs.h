/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRIOV_ACS_H
#define SRIOV_ACS_H

#include "sriov/inventory.h"

/*
 * Walks from the function up to the root and tells the access control of each downstream port,
 * root port, and bridge on the way, from their configuration space. Upstream ports of switches do
 * not forward between functions and are left out. -E2BIG above LIMIT hops.
 */
int acs_walk(const struct host *host, struct bdf bdf, struct acs_hop *hops, size_t limit,
		size_t *count, struct err *err);

#endif
