/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef READY_REQUIREMENT_H
#define READY_REQUIREMENT_H

#include "ready/readiness.h"

/* What readiness_read() is made of. */

/* REMEDY is a constant; it is told unless the state is REQUIREMENT_MET. */
void requirement_add(struct readiness *readiness, const char *id, const char *subject,
		enum requirement_state state, const char *remedy, const char *format, ...)
		__attribute__((format(printf, 6, 7)));

void readiness_of_host(const struct host *host, struct readiness *readiness);
int readiness_of_card(const struct host *host, struct bdf bdf, struct readiness *readiness,
		struct err *err);

#endif
