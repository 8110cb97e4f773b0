/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/signals.h"
#include "base/text.h"

#define OUTPUT_LIMIT (16u << 20)

/* Runs in the child, between fork and exec. If exec fails, sends the parent the reason through
 * FAILED; a successful exec closes it. */
static void become(
		const char *const argv[], struct process_streams streams, int failed, pid_t parent)
{
	int fds[3] = { streams.in, streams.out, streams.err };
	int cause;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	signals_unblock();
	if (streams.own_group)
		setpgid(0, 0);
	/* Moves the descriptors above 2 first, so that no dup2() overwrites a source. */
	for (int i = 0; i < 3; i++) {
		fds[i] = fds[i] < 0 ? open("/dev/null", O_RDWR) : fds[i];
		fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 3);
	}
	for (int i = 0; i < 3; i++)
		dup2(fds[i], i);
	failed = fcntl(failed, F_DUPFD_CLOEXEC, 3);
	syscall(SYS_close_range, 3u, ~0u, 4u /* CLOSE_RANGE_CLOEXEC */);
	execvp(argv[0], (char *const *)argv);
	cause = errno;
	if (write(failed, &cause, sizeof(cause)) < 0)
		_exit(126);
	_exit(127);
}

struct process process_of(pid_t pid)
{
	return (struct process){ .pid = pid, .fd = (int)syscall(SYS_pidfd_open, pid, 0) };
}

/* Retries on EINTR: otherwise a signal would make a failed start look like a success. */
static ssize_t read_cause(int fd, int *cause)
{
	ssize_t got;

	do
		got = read(fd, cause, sizeof(*cause));
	while (got < 0 && errno == EINTR);
	return got;
}

int process_start(const char *const argv[], struct process_streams streams, struct process *process,
		struct err *err)
{
	pid_t parent = getpid(), pid;
	int pipe_fds[2], cause = 0;

	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return err_sys(err, "cannot start %s", argv[0]);
	pid = fork();
	if (pid == 0)
		become(argv, streams, pipe_fds[1], parent);
	close(pipe_fds[1]);
	if (pid < 0) {
		close(pipe_fds[0]);
		return err_sys(err, "cannot start %s", argv[0]);
	}
	if (read_cause(pipe_fds[0], &cause) != sizeof(cause))
		cause = 0;
	close(pipe_fds[0]);
	if (cause) {
		waitpid(pid, NULL, 0);
		return err_set(err, cause, "cannot start %s: %s", argv[0], strerror(cause));
	}
	*process = process_of(pid);
	return 0;
}

/* How long to wait in one step. Without a pidfd (a kernel before 5.3, a seccomp filter) nothing
 * ends the wait early, so waitpid() is polled. */
static int wait_step(const struct process *process, struct deadline deadline)
{
	enum { STEP_MS = 20 };
	int left = deadline_left(deadline);

	return process->fd < 0 && left > STEP_MS ? STEP_MS : left;
}

static int wait_for_end(
		struct process *process, struct deadline deadline, bool or_signal, int *status)
{
	int found;

	for (;;) {
		struct pollfd end = { .fd = process->fd, .events = POLLIN };
		int left = wait_step(process, deadline);
		pid_t pid = waitpid(process->pid, &found, WNOHANG);

		if (pid < 0 && errno != EINTR)
			return -errno;
		if (pid > 0)
			break;
		if (!left)
			return -ETIMEDOUT;
		if (!or_signal)
			poll(&end, 1, left);
		else if (signals_poll(&end, 1, deadline_in(left), NULL) == -EINTR)
			return -EINTR;
	}
	cleanup_fd(&process->fd);
	*process = PROCESS_NONE;
	if (status)
		*status = found;
	return 0;
}

int process_wait(struct process *process, struct deadline deadline, int *status)
{
	return wait_for_end(process, deadline, false, status);
}

int process_wait_or_signal(struct process *process, struct deadline deadline, int *status)
{
	return wait_for_end(process, deadline, true, status);
}

void process_end(struct process *process, int grace_ms)
{
	if (!process->pid)
		return;
	if (grace_ms > 0) {
		kill(process->pid, SIGTERM);
		if (process_wait(process, deadline_in(grace_ms), NULL) != -ETIMEDOUT)
			return;
	}
	kill(process->pid, SIGKILL);
	process_wait(process, deadline_in(10000), NULL);
}

void cleanup_process(struct process *process)
{
	process_end(process, 2000);
}

const char *process_status(int status, char text[64])
{
	if (WIFSIGNALED(status))
		snprintf(text, 64, "killed by signal %d (%s)", WTERMSIG(status),
				strsignal(WTERMSIG(status)));
	else
		snprintf(text, 64, "exit status %d", WEXITSTATUS(status));
	return text;
}

struct collected {
	int fd;
	char *text;
	size_t length;
};

/* Reads what is available. Returns false at the end of the stream. */
static bool collect(struct collected *from)
{
	char *grown;
	ssize_t got;

	grown = realloc(from->text, from->length + 65536 + 1);
	if (!grown)
		return false;
	from->text = grown;
	got = read(from->fd, from->text + from->length, 65536);
	if (got < 0 && errno == EINTR)
		return true;
	from->length += got > 0 ? (size_t)got : 0;
	from->text[from->length] = '\0';
	return got > 0 && from->length < OUTPUT_LIMIT;
}

/* Reads both streams until they end or DEADLINE has passed. */
static void collect_both(struct collected from[2], struct deadline deadline)
{
	bool open[2] = { true, true };
	int left;

	while ((open[0] || open[1]) && (left = deadline_left(deadline)) > 0) {
		struct pollfd polled[2] = {
			{ .fd = open[0] ? from[0].fd : -1, .events = POLLIN },
			{ .fd = open[1] ? from[1].fd : -1, .events = POLLIN },
		};

		poll(polled, 2, left);
		for (int i = 0; i < 2; i++) {
			if (open[i] && polled[i].revents)
				open[i] = collect(&from[i]);
		}
	}
}

static const char *last_line(char *text)
{
	size_t length = text ? strlen(text) : 0;
	char *newline;

	while (length && strchr("\r\n ", text[length - 1]))
		text[--length] = '\0';
	newline = length ? strrchr(text, '\n') : NULL;
	return newline ? newline + 1 : length ? text : "it said nothing";
}

int process_run(const char *const argv[], struct deadline deadline, char **output, struct err *err)
{
	CLEANUP(cleanup_process) struct process process = PROCESS_NONE;
	int out[2], said[2], rc, status;
	struct collected from[2] = { { 0 } };
	char how[64];

	if (pipe2(out, O_CLOEXEC) < 0)
		return err_sys(err, "cannot start %s", argv[0]);
	if (pipe2(said, O_CLOEXEC) < 0) {
		rc = err_sys(err, "cannot start %s", argv[0]);
		close(out[0]);
		close(out[1]);
		return rc;
	}
	rc = process_start(argv, (struct process_streams){ -1, out[1], said[1] }, &process, err);
	close(out[1]);
	close(said[1]);
	from[0].fd = out[0];
	from[1].fd = said[0];
	if (!rc) {
		collect_both(from, deadline);
		rc = process_wait(&process, deadline, &status);
		if (rc == -ETIMEDOUT)
			err_set(err, ETIMEDOUT, "%s did not end in time", argv[0]);
		else if (!rc && status)
			rc = err_set(err, EPROTO, "%s: %s: %s", argv[0],
					process_status(status, how), last_line(from[1].text));
	}
	close(out[0]);
	close(said[0]);
	free(from[1].text);
	if (rc < 0 || !output)
		free(from[0].text);
	else
		*output = from[0].text ? from[0].text : text_format("%s", "");
	return rc;
}
