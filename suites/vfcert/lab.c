/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/signals.h"
#include "base/text.h"
#include "vfcert/lab_terminal.h"
#include "vfcert/setup.h"

/*
 * The lab is an emulated rig for people, one per user. A daemon in its own session brings it up,
 * and takes it down on SIGTERM or when the machine has ended. The daemon's lock in the lab's folder
 * shows that the lab is up.
 */

#define DOWN_TIME_MS 15000
#define POLL_MS      20

enum lab_state {
	LAB_ABSENT,
	LAB_STALE, /* its daemon was killed */
	LAB_UP,
};

static char *lab_folder(const struct rig_setup *setup)
{
	return text_format("%s/vfcert-lab-%u", setup->run_dir, (unsigned)geteuid());
}

/* Finds the state, and the daemon of a lab that is up. In /tmp the folder may belong to another
 * user. */
static int inspect_lab(
		const char *folder, enum lab_state *state, pid_t *daemon_pid, struct err *err)
{
	CLEANUP(cleanup_free) char *path = text_format("%s/lock", folder);
	CLEANUP(cleanup_fd) int fd = -1;
	char text[32] = "";
	struct stat st;

	*state = LAB_ABSENT;
	if (lstat(folder, &st) < 0)
		return errno == ENOENT ? 0 : err_sys(err, "cannot look at %s", folder);
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() || st.st_mode & 077)
		return err_set(err, EPERM,
				"%s is not a private folder of this user: remove it, or set "
				"XDG_RUNTIME_DIR",
				folder);
	*state = LAB_STALE;
	fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	*state = LAB_UP;
	*daemon_pid = pread(fd, text, sizeof(text) - 1, 0) > 0 ? (pid_t)atoi(text) : 0;
	return *daemon_pid > 0 ? 0 : err_set(err, EAGAIN, "the lab is just coming up: try again");
}

/* Runs as the daemon. Writes to the pipe REPORT whether the lab came up. */
static void run_daemon(const struct rig_options *options, int report)
{
	CLEANUP(cleanup_rig) struct rig *rig = NULL;
	CLEANUP(cleanup_fd) int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct err err = { 0 };
	int rc = rig_up(options, &rig, &err);

	if (!rc)
		rc = rig_lend_console(rig, &err);
	if (rc < 0)
		rig_down(TAKE(rig)); /* before the parent reports and ends */
	file_write_all(report, &err, sizeof(err));
	if (rc < 0)
		return;
	close(report);
	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	if (chdir("/") < 0)
		return;
	rig_wait(rig, NULL);
}

static int await_daemon(pid_t daemon_pid, int report, struct err *err)
{
	struct pollfd polled = { .fd = report, .events = POLLIN };
	struct err outcome = { 0 };
	int rc = signals_poll(&polled, 1, deadline_in(INT32_MAX), err);

	if (rc < 0) {
		kill(daemon_pid, SIGTERM);
		waitpid(daemon_pid, NULL, 0);
		return rc;
	}
	if (read(report, &outcome, sizeof(outcome)) != sizeof(outcome))
		return err_set(err, EPIPE, "the lab's daemon has died");
	if (outcome.code)
		waitpid(daemon_pid, NULL, 0);
	*err = outcome;
	return -outcome.code;
}

static int start_daemon(const struct rig_options *options, struct err *err)
{
	CLEANUP(cleanup_fd) int report = -1;
	int pipe_fds[2];
	pid_t daemon_pid;

	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return err_sys(err, "cannot start the lab");
	fflush(NULL);
	daemon_pid = fork();
	if (daemon_pid == 0) {
		setsid();
		close(pipe_fds[0]);
		run_daemon(options, pipe_fds[1]);
		_exit(EXIT_GOOD);
	}
	close(pipe_fds[1]);
	report = pipe_fds[0];
	if (daemon_pid < 0)
		return err_sys(err, "cannot start the lab");
	return await_daemon(daemon_pid, report, err);
}

/* The argument is a short form of --topology. */
static void choose_topology(const struct verb_call *call, struct rig_options *options)
{
	if (call->count)
		rig_options_set(options, "topology", call->args[0]);
}

static int lab_up(struct verb_call *call)
{
	CLEANUP(cleanup_setup) struct rig_setup setup = { .tools_dir = NULL };
	CLEANUP(cleanup_free) char *folder = NULL;
	struct err err = { 0 };
	enum lab_state state;
	pid_t daemon_pid;
	int rc = setup_from_call(call, &setup, &err);

	if (rc < 0)
		return call_failed(call, &err);
	folder = lab_folder(&setup);
	rc = inspect_lab(folder, &state, &daemon_pid, &err);
	if (!rc && state == LAB_UP)
		rc = err_set(&err, EBUSY,
				"a lab is up: vfcert lab shell opens it, vfcert lab down ends it");
	if (!rc && state == LAB_STALE)
		rc = file_remove_tree(folder, &err);
	choose_topology(call, &setup.options);
	setup.options.folder = folder;
	if (!rc)
		rc = start_daemon(&setup.options, &err);
	if (rc < 0)
		return call_failed(call, &err);
	printf("The lab is up. A root shell in it: vfcert lab shell. Its end: vfcert lab down\n");
	return EXIT_GOOD;
}

static bool is_down(void *argument)
{
	enum lab_state state;
	pid_t daemon_pid;

	return inspect_lab(argument, &state, &daemon_pid, NULL) == 0 && state != LAB_UP;
}

static int take_down(const char *folder, pid_t daemon_pid, struct err *err)
{
	if (kill(daemon_pid, SIGTERM) < 0 && errno != ESRCH)
		return err_sys(err, "cannot end the lab's daemon (process %d)", (int)daemon_pid);
	if (clock_poll(is_down, (void *)folder, deadline_in(DOWN_TIME_MS), POLL_MS))
		return 0;
	kill(daemon_pid, SIGKILL); /* QEMU dies with it */
	if (!clock_poll(is_down, (void *)folder, deadline_in(DOWN_TIME_MS), POLL_MS))
		return err_set(err, ETIMEDOUT, "the lab does not end (process %d)",
				(int)daemon_pid);
	return 0;
}

static int lab_down(struct verb_call *call)
{
	CLEANUP(cleanup_setup) struct rig_setup setup = { .tools_dir = NULL };
	CLEANUP(cleanup_free) char *folder = NULL;
	struct err err = { 0 };
	enum lab_state state = LAB_ABSENT;
	pid_t daemon_pid;
	int rc;

	setup.run_dir = find_run_dir();
	folder = lab_folder(&setup);
	rc = inspect_lab(folder, &state, &daemon_pid, &err);
	if (!rc && state == LAB_ABSENT) {
		printf("No lab is up.\n");
		return EXIT_GOOD;
	}
	if (!rc && state == LAB_UP)
		rc = take_down(folder, daemon_pid, &err);
	if (!rc)
		rc = file_remove_tree(folder, &err);
	if (rc < 0)
		return call_failed(call, &err);
	printf("The lab is down.\n");
	return EXIT_GOOD;
}

/* Brings up a lab for this shell alone. */
static int shell_in_own_lab(const struct rig_options *options, int *status, struct err *err)
{
	CLEANUP(cleanup_rig) struct rig *rig = NULL;
	int rc = rig_up(options, &rig, err);

	if (!rc)
		rc = rig_lend_console(rig, err);
	return rc < 0 ? rc : terminal_attach(rig_folder(rig), status, err);
}

static int lab_shell(struct verb_call *call)
{
	CLEANUP(cleanup_setup) struct rig_setup setup = { .tools_dir = NULL };
	CLEANUP(cleanup_free) char *folder = NULL;
	struct err err = { 0 };
	enum lab_state state;
	int rc = setup_from_call(call, &setup, &err), status = EXIT_GOOD;
	pid_t daemon_pid;

	if (rc < 0)
		return call_failed(call, &err);
	folder = lab_folder(&setup);
	rc = inspect_lab(folder, &state, &daemon_pid, &err);
	if (!rc && state == LAB_UP && call->count)
		return call_misused(call,
				"a lab is up: leave '%s' out, or end it with vfcert lab down",
				call->args[0]);
	choose_topology(call, &setup.options);
	if (!rc && state == LAB_UP)
		rc = terminal_attach(folder, &status, &err);
	else if (!rc)
		rc = shell_in_own_lab(&setup.options, &status, &err);
	return rc < 0 ? call_failed(call, &err) : status;
}

static const struct flag lab_flags[] = { TOOLS_FLAG, { 0 } };

const struct verb lab_verbs[] = {
	{ .name = "lab up",
			.args = "[TOPOLOGY]",
			.summary = "Bring up an emulated SR-IOV host",
			.details = "It runs in the background until 'vfcert lab down', and needs "
				   "neither a card nor root.",
			.flags = lab_flags,
			.more_flags = rig_flags_default,
			.run = lab_up },
	{ .name = "lab shell",
			.args = "[TOPOLOGY]",
			.summary = "Open a root shell in the lab",
			.details = "If no lab is up, it brings up one that ends with the shell. "
				   "Ctrl-] leaves the shell. Standard input that is not a terminal "
				   "is a script for the shell, and the exit status is that of its "
				   "last command. 'reboot' restarts the lab: a shell on a terminal "
				   "comes back, and a script must end with 'reboot'.",
			.flags = lab_flags,
			.more_flags = rig_flags_default,
			.run = lab_shell },
	{ .name = "lab down", .summary = "End the lab", .run = lab_down },
	{ 0 },
};
