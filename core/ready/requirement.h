/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef READY_REQUIREMENT_H
#define READY_REQUIREMENT_H

#include "data/record.h"

enum requirement_state {
	REQUIREMENT_MET,
	REQUIREMENT_MISSING, /* VFs or their isolation will not work */
	REQUIREMENT_WEAK,    /* works, with a limit that the text names */
	REQUIREMENT_UNKNOWN, /* could not be determined; the text says why */
};

struct requirement {
	const char *id;   /* "iommu", "interrupt-remapping", "ari", ... */
	char subject[24]; /* a BDF, or "host" */
	enum requirement_state state;
	char found[400];    /* what was found */
	const char *remedy; /* what to do; NULL if met */
};

/* All requirements that were checked. */
struct readiness {
	size_t count;
	struct requirement *items;
};

/* REMEDY is a constant; it is dropped if the requirement is met. */
void requirement_add(struct readiness *readiness, const char *id, const char *subject,
		enum requirement_state state, const char *remedy, const char *format, ...)
		__attribute__((format(printf, 6, 7)));

struct record *readiness_to_record(const struct readiness *readiness);
void readiness_free(struct readiness *readiness);
void cleanup_readiness(struct readiness *readiness);

#endif
