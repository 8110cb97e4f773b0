/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef READY_READINESS_H
#define READY_READINESS_H

#include "base/record.h"
#include "host/host.h"

/* Is this host ready for SR-IOV, and if not, what is to be changed? */

enum requirement_state {
	REQUIREMENT_MET,
	REQUIREMENT_MISSING, /* VFs or their isolation will not work */
	REQUIREMENT_WEAK,    /* works, with a limit that the text names */
	REQUIREMENT_UNKNOWN, /* could not be found out; the text says why */
};

struct requirement {
	const char *id;   /* "iommu", "interrupt-remapping", "ari", ... */
	char subject[24]; /* a BDF, or "host" */
	enum requirement_state state;
	char found[160];    /* what was found */
	const char *remedy; /* what to do, NULL when met */
};

struct readiness {
	size_t count;
	struct requirement items[256];
};

/* NAME: one PF or any PCI function, NULL: the host and all PFs. */
int readiness_read(const struct host *host, const char *name, struct readiness *readiness,
		struct err *err);
struct record *readiness_to_record(const struct readiness *readiness);

#endif
