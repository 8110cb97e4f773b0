/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checks/peer.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/process.h"
#include "base/text.h"

#define FOLDER  "/run/vfcert-peer"
#define CONTROL FOLDER "/control"

enum { CONNECT_MS = 15000, GUEST_MS = 5000, POLL_MS = 50 };

static int ssh(struct check_run *run, const char *const argv[])
{
	return process_run(argv, dut_deadline(run->dut, CONNECT_MS), NULL, &run->err);
}

int peer_open(struct check_run *run)
{
	static const char *const argv[] = { "ssh", "-n", "-N", "-f", "-M", "-S", CONTROL, "-o",
		"BatchMode=yes", PEER, NULL };

	/* What an earlier connection has forwarded leads nowhere. */
	file_remove_tree(FOLDER, NULL);
	if (mkdir(FOLDER, 0700) < 0)
		return err_sys(&run->err, "cannot create the folder " FOLDER);
	return ssh(run, argv);
}

void peer_close(struct check_run *run)
{
	static const char *const argv[] = { "ssh", "-n", "-S", CONTROL, "-O", "exit", PEER, NULL };

	process_run(argv, dut_deadline(run->dut, CONNECT_MS), NULL, NULL);
}

int peer_call(struct check_run *run, const char *script, struct call *call)
{
	const char *const argv[] = { "ssh", "-n", "-S", CONTROL, "-o", "BatchMode=yes", PEER,
		script, NULL };

	return program_call(run, argv, call);
}

struct opening {
	struct check_run *run;
	const char *name, *path;
	struct guest *guest;
	char kernel[80];
};

static bool answers(void *argument)
{
	struct opening *opening = argument;
	struct err ignored = { 0 };

	if (!guest_open_at(opening->run->dut, opening->name, opening->path, &opening->guest,
			    &ignored) &&
			!guest_kernel(opening->guest, opening->kernel, sizeof(opening->kernel),
					&ignored))
		return true;
	guest_close(opening->guest);
	opening->guest = NULL;
	return false;
}

int peer_guest(struct check_run *run, const char *name, struct guest **guest)
{
	CLEANUP(cleanup_free) char *path = text_format(FOLDER "/%s.agent", name);
	CLEANUP(cleanup_free)
	char *way = text_format("%s:/run/vfcert-guests/%s.agent", path, name);
	const char *const argv[] = { "ssh", "-n", "-S", CONTROL, "-O", "forward", "-L", way, PEER,
		NULL };
	struct opening opening = { run, name, path };
	int rc = access(path, F_OK) ? ssh(run, argv) : 0;

	if (rc < 0)
		return rc;
	clock_poll(answers, &opening, dut_deadline(run->dut, GUEST_MS), POLL_MS);
	*guest = opening.guest;
	return opening.guest
			? 0
			: err_set(&run->err, ETIMEDOUT, "no agent of %s answers on " PEER, name);
}
