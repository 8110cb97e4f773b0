/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OBSERVE_METER_H
#define OBSERVE_METER_H

#include "observe/traffic.h"

/* A flow that is measured where it arrives. */
struct flow {
	struct endpoint *from, *at;
	struct burst burst;
	uint64_t token;   /* 0 at first */
	unsigned arrived; /* frames, of which the meter counts those within the window */
};

/* Sends as much as FLOW's sender takes for WINDOW_MS, and beside it all that BESIDE (may be NULL)
 * can take; measures what of FLOW arrives meanwhile, as evidence NAME. -1: the reason is in
 * run->err. */
int meter_run(struct traffic *traffic, const char *name, struct flow *flow, struct flow *beside,
		int window_ms, double *mbit_s);

#endif
