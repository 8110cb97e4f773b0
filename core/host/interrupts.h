/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_INTERRUPTS_H
#define HOST_INTERRUPTS_H

#include <stdint.h>

#include "host/host.h"

/* How often all CPUs together have handled the interrupts whose label or last name in
 * proc/interrupts matches the shell PATTERN: "SPU", "dmar0", "dmar*". 0 if none matches. */
int interrupts_taken(
		const struct host *host, const char *pattern, uint64_t *taken, struct err *err);

#endif
