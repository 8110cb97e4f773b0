/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHECKS_GUEST_STREAM_H
#define CHECKS_GUEST_STREAM_H

#include "checks/guest/tenants.h"

/*
 * Frames between a tenant's NIC and the wire, one every 10 ms in each direction, while something happens to the
 * guest. The guest sends at its own pace, whatever happens; the wire at each stream_step().
 */
struct stream {
	struct tenants *tenants;
	struct tenant *tenant;
	unsigned arrived; /* on the wire so far */
	unsigned to_guest;
	int64_t silence_ms; /* the longest on the wire */

	/* As the guest says, once it was asked: */
	unsigned sent, heard;
	double deaf_ms; /* the longest */

	uint64_t out_mark, in_mark;
	unsigned out_job, in_job; /* of the guest */
	int64_t last_us;          /* of a frame on the wire */
};

/* Begins, and waits until frames get through: -ETIMEDOUT. */
int stream_begin(struct tenants *tenants, struct tenant *tenant, struct stream *stream);

/* One frame to the guest; then waits for one from it, at most 10 ms. */
int stream_step(struct stream *stream);

/* Steps until FRAMES more have arrived on the wire, or the time is over. */
int stream_await(struct stream *stream, unsigned frames, int ms);

/* Runs the program, with steps until it has ended, or the time is over: -ETIMEDOUT. Then steps until
 * frames have got through. The caller ends CALL. */
int stream_run(struct stream *stream, const char *const argv[], int ms, struct call *call);

/* Asks the guest and ends its jobs. After a boot it has none: -EREMOTEIO. */
int stream_end(struct stream *stream);

/* As evidence. */
void stream_note(const struct stream *stream);

#endif
