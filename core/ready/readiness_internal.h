/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef READY_READINESS_INTERNAL_H
#define READY_READINESS_INTERNAL_H

#include "ready/readiness.h"

/* The two parts of readiness_read(). */
void readiness_of_host(const struct host *host, struct readiness *readiness);
int readiness_of_card(const struct host *host, struct bdf bdf, struct readiness *readiness,
		struct err *err);

#endif
