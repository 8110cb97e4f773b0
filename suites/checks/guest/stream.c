/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checks/guest/stream.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/process.h"
#include "base/text.h"

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

int stream_run(struct stream *stream, const char *const argv[], int ms, struct call *call)
{
	struct tenants *tenants = stream->tenants;
	struct deadline deadline = dut_deadline(tenants->dut, ms);
	CLEANUP(cleanup_process) struct process process = PROCESS_NONE;
	CLEANUP(cleanup_fd) int output = memfd_create("output", MFD_CLOEXEC);
	char said[400] = "";
	int status = 0, rc;

	rc = process_start(argv, (struct process_streams){ -1, output, output, false }, &process,
			&tenants->run->err);
	while (!rc && process.pid && deadline_left(deadline)) {
		rc = stream_step(stream);
		if (!rc)
			process_wait(&process, deadline_in(0), &status);
	}
	if (rc || process.pid)
		return rc ? rc : -ETIMEDOUT;
	if (pread(output, said, sizeof(said) - 1, 0) < 0)
		return err_sys(&tenants->run->err, "the output cannot be read");
	call->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	call->output = text_format("%s", said);
	return stream_await(stream, FIRST_FRAMES, FIRST_MS);
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
