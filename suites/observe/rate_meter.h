/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OBSERVE_RATE_METER_H
#define OBSERVE_RATE_METER_H

#include "observe/traffic.h"

/* A flow that is measured where it arrives. */
struct flow {
	struct endpoint *from, *at;
	struct burst burst;
	uint64_t token;   /* 0 at first */
	unsigned arrived; /* frames within the window */
};

/* Sends as many frames of FLOW as its sender accepts for WINDOW_MS, and in turns as many of
 * BESIDE (may be NULL); measures the rate at which frames of FLOW arrive, and records it as
 * evidence NAME. -1: the reason is in run->err. */
int rate_measure(struct traffic *traffic, const char *name, struct flow *flow, struct flow *beside,
		int window_ms, double *mbit_s);

#endif
