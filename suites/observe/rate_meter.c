/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/rate_meter.h"

#include <stddef.h>

/*
 * Measures the rates of flows by counting frames where they arrive. One thread sends and counts in
 * turns: the turns are short enough not to overflow the receiver's queue, and a sender whose queue
 * is full does not delay the others.
 */

enum { TURN_FRAMES = 32 };

static unsigned octets_of(const struct flow *flow)
{
	return flow->burst.octets ? flow->burst.octets : 64;
}

static int turn(struct flow *flow, struct err *err)
{
	int sent = endpoint_flood(flow->from, &flow->burst, TURN_FRAMES, &flow->token, err);

	flow->arrived = endpoint_receive(flow->at, flow->token, ~0u, deadline_in(0)).frames;
	return sent;
}

int rate_measure(struct traffic *traffic, const char *name, struct flow *flow, struct flow *beside,
		int window_ms, double *mbit_s)
{
	int64_t start, end;

	if (mac_is_zero(flow->burst.from))
		flow->burst.from = endpoint_mac(flow->from);
	if (beside && mac_is_zero(beside->burst.from))
		beside->burst.from = endpoint_mac(beside->from);
	dut_inject_faults(traffic->dut);
	start = clock_us();
	do {
		if (turn(flow, &traffic->run->err) < 0 ||
				(beside && turn(beside, &traffic->run->err) < 0))
			return -1;
		end = clock_us();
	} while (end - start < window_ms * 1000);
	*mbit_s = 8.0 * octets_of(flow) * flow->arrived / (double)(end - start);
	evidence_text(traffic->run, name, "%.2f Mbit/s (%u frames of %u octets in %lld us)",
			*mbit_s, flow->arrived, octets_of(flow), (long long)(end - start));
	return 0;
}
