/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/process.h"
#include "base/text.h"
#include "checks/migration/hosts.h"

enum {
	AFTER_FRAMES = 20, /* that must get through once vfctl has ended */
	AFTER_MS = 5000,
	JOURNEY_MS = 60000,
	OUTPUT_LIMIT = 1 << 20,
};

struct travel {
	struct hosts *hosts;
	struct journey *journey;
	struct process process;
	int output;
	bool signalled;
};

static bool has_printed(const struct travel *travel, const char *words)
{
	char text[4096];
	ssize_t length = pread(travel->output, text, sizeof(text) - 1, 0);

	text[length > 0 ? length : 0] = '\0';
	return strstr(text, words) != NULL;
}

static void send_signal(struct travel *travel)
{
	const struct journey *journey = travel->journey;

	if (!journey->signal || travel->signalled || !has_printed(travel, journey->when))
		return;
	kill(travel->process.pid, journey->signal);
	travel->signalled = true;
}

static int run_manager(struct travel *travel)
{
	struct journey *journey = travel->journey;
	struct check_run *run = travel->hosts->pair.tenants.run;
	const char *const from_peer[] = { "ssh", "-n", "-o", "BatchMode=yes", PEER, "vfctl",
		"migrate", "vm1", journey->host, NULL };
	const char *const *argv = journey->from_peer ? from_peer : from_peer + 5;
	struct deadline deadline = dut_deadline(run->dut, JOURNEY_MS);
	int64_t began_us = clock_us();
	int status = 0,
	    rc = process_start(argv, (struct process_streams){ -1, travel->output, travel->output },
			    &travel->process, &run->err);

	while (!rc && travel->process.pid && deadline_left(deadline)) {
		rc = stream_step(&journey->stream);
		send_signal(travel);
		process_wait(&travel->process, deadline_in(0), &status);
	}
	journey->took_ms = (clock_us() - began_us) / 1000;
	if (!rc && travel->process.pid)
		rc = err_set(&run->err, ETIMEDOUT, "vfctl migrate does not end");
	if (rc < 0)
		return rc;
	journey->call.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	lseek(travel->output, 0, SEEK_SET);
	return file_read_fd(travel->output, "vfctl", OUTPUT_LIMIT, &journey->call.output, NULL,
			&run->err);
}

/* The jobs end with the kernel that runs them. */
static int ask_guest(struct travel *travel)
{
	struct journey *journey = travel->journey;
	bool on_peer = !strcmp(journey->host, PEER) == !journey->call.status;
	int rc = hosts_find_guest(travel->hosts, on_peer);

	if (rc < 0)
		return rc;
	rc = stream_end(&journey->stream);
	journey->same_run = !rc;
	return rc == -EREMOTEIO ? 0 : rc;
}

int journey_run(struct hosts *hosts, struct journey *journey)
{
	struct tenants *tenants = &hosts->pair.tenants;
	struct travel travel = { .hosts = hosts,
		.journey = journey,
		.process = PROCESS_NONE,
		.output = memfd_create("output", MFD_CLOEXEC) };
	int rc = travel.output < 0 ? err_sys(&tenants->run->err, "the output cannot be kept")
				   : stream_begin(tenants, &tenants->red, &journey->stream);

	if (!rc)
		rc = run_manager(&travel);
	process_end(&travel.process, 0);
	if (!rc) {
		rc = stream_await(&journey->stream, AFTER_FRAMES, AFTER_MS);
		journey->settled = !rc;
	}
	if (!rc || rc == -ETIMEDOUT)
		rc = ask_guest(&travel);
	cleanup_fd(&travel.output);
	return rc;
}

void journey_end(struct journey *journey)
{
	call_end(&journey->call);
}

void journey_note(struct hosts *hosts, const struct journey *journey)
{
	evidence_int(hosts->pair.tenants.run, "vfctl migrate", journey->took_ms, "ms");
	stream_note(&journey->stream);
}
