/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PCI_ACS_H
#define PCI_ACS_H

#include <stdbool.h>

#include "base/bdf.h"
#include "host/host.h"

/* Access control of one downstream port on the path from a PF to the root: the four services
 * that isolate functions from each other (PCIe 6.0, 6.12.1). */
struct acs_hop {
	struct bdf bdf;
	bool bridge_to_pci; /* a conventional bridge: no isolation behind it */
	bool capable;       /* has an ACS capability with all four services */
	bool enabled;       /* and all four are enabled */
	unsigned length;    /* bytes of configuration space that could be read */
	char services[48]; /* "SrcValid+ ReqRedir+ CmpltRedir+ UpstreamFwd-", or "no ACS", "not readable" */
};

/*
 * Walks from the function up to the root and reports the access control of each downstream port,
 * root port and bridge on the path, from its configuration space. Leaves out upstream ports of
 * switches, which do not forward between functions. -E2BIG: more than LIMIT hops.
 */
int acs_walk(const struct host *host, struct bdf bdf, struct acs_hop *hops, size_t limit,
		size_t *count, struct err *err);

#endif
