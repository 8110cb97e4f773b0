/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checks/guest/stream.h"

enum {
	PACE_US = 10000,
	FRAMES_MOST = 60000,
	FIRST_FRAMES = 20,
	FIRST_MS = 5000,
};

int stream_step(struct stream *stream)
{
	struct endpoint *wire = stream->tenants->traffic.partner;
	struct burst burst = burst_to(stream->tenant);
	unsigned arrived;
	int64_t now_us, silence_ms;
	int rc;

	burst.from = endpoint_mac(wire);
	rc = endpoint_flood(wire, &burst, 1, &stream->in_mark, &stream->tenants->run->err);
	if (rc > 0)
		stream->to_guest++;
	arrived = endpoint_receive(
			wire, stream->out_mark, stream->arrived + 1, deadline_in(PACE_US / 1000))
				  .frames;
	now_us = clock_us();
	silence_ms = (now_us - stream->last_us) / 1000;
	if (silence_ms > stream->silence_ms)
		stream->silence_ms = silence_ms;
	if (arrived > stream->arrived)
		stream->last_us = now_us;
	stream->arrived = arrived;
	return rc < 0 ? rc : 0;
}

int stream_await(struct stream *stream, unsigned frames, int ms)
{
	struct deadline deadline = dut_deadline(stream->tenants->dut, ms);
	unsigned wanted = stream->arrived + frames;
	int rc = 0;

	while (!rc && stream->arrived < wanted && deadline_left(deadline))
		rc = stream_step(stream);
	return rc < 0 || stream->arrived >= wanted ? rc : -ETIMEDOUT;
}

int stream_begin(struct tenants *tenants, struct tenant *tenant, struct stream *stream)
{
	struct guest_frames frames = frames_to_wire(tenants);
	struct err *err = &tenants->run->err;
	int rc;

	*stream = (struct stream){ .tenants = tenants,
		.tenant = tenant,
		.out_mark = tenants_mark(tenants),
		.in_mark = tenants_mark(tenants),
		.last_us = clock_us() };
	frames.mark = stream->out_mark;
	frames.frames = FRAMES_MOST;
	frames.every_us = PACE_US;
	rc = guest_listen(tenant->guest, tenant->nic.name, stream->in_mark, &stream->in_job, err);
	if (!rc)
		rc = guest_stream(tenant->guest, tenant->nic.name, &frames, &stream->out_job, err);
	if (!rc)
		rc = stream_await(stream, FIRST_FRAMES, FIRST_MS);
	if (rc == -ETIMEDOUT && !err->code)
		err_set(err, ETIMEDOUT, "frames of %s do not reach the wire at first", tenant->vm);
	stream->silence_ms = 0;
	return rc;
}

int stream_end(struct stream *stream)
{
	struct guest *guest = stream->tenant->guest;
	struct err *err = &stream->tenants->run->err;
	struct guest_heard heard = { 0 };
	struct guest_sent sent = { 0 };
	int rc = 0;

	if (stream->out_job) {
		rc = guest_sent(guest, stream->out_job, &sent, err);
		guest_stop(guest, stream->out_job, NULL);
	}
	if (stream->in_job) {
		if (!rc)
			rc = guest_heard(guest, stream->in_job, &heard, err);
		guest_stop(guest, stream->in_job, NULL);
	}
	stream->out_job = stream->in_job = 0;
	stream->sent = (unsigned)sent.sent;
	stream->heard = (unsigned)heard.frames;
	stream->deaf_ms = heard.longest_gap_ms;
	return rc;
}

void stream_note(const struct stream *stream)
{
	struct check_run *run = stream->tenants->run;

	evidence_text(run, "frames to the wire", "%u of %u arrived, one every 10 ms",
			stream->arrived, stream->sent);
	evidence_int(run, "longest silence on the wire", stream->silence_ms, "ms");
	evidence_text(run, "frames to the guest", "%u of %u heard, longest silence %.0f ms",
			stream->heard, stream->to_guest, stream->deaf_ms);
	evidence_by_guest(run);
}
