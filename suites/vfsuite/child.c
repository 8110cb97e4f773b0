/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/process.h"
#include "base/signals.h"
#include "base/text.h"
#include "sriov/lease.h"
#include "vfsuite/task.h"

/*
 * Runs one check in a child process, with a deadline. The child sends its result as one record on a
 * socket, which this file decodes; before that it may send requests to the rig. If a child ends
 * without a result, or too late, the check is broken. A child that waits in the kernel, where no
 * signal ends it, is abandoned.
 */

enum {
	MESSAGE_LIMIT = 1 << 20,
	END_MS = 5000, /* from a child's result, or from SIGKILL, to its end */
};

static struct record *kept(const struct task *task, const char *member, struct record *absent)
{
	const struct record *value = record_get(record_get(task->resume, "kept"), member);

	if (record_type(value) != record_type(absent))
		return absent;
	record_free(absent);
	return record_copy(value);
}

static void in_child(const struct task *task, int out)
{
	const struct check *check = task->check;
	struct host *host = task->dut->host;
	struct check_run run = { .dut = task->dut,
		.check = check,
		.observed = task->observed,
		.evidence = kept(task, "evidence", record_array()),
		.memory = kept(task, "memory", record_object()),
		.boot = record_str(task->resume, "boot", NULL),
		.rig_fd = out };
	struct record *result = record_object();
	int64_t before = host_kernel_us(host);
	enum verdict verdict;
	char *text;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	verdict = task->resume ? check->after(&run) : check->fn(&run);
	record_put_str(result, "verdict", verdict_words[verdict]);
	record_put_str(result, "reason", run.reason[0] ? run.reason : NULL);
	if (run.unsupported)
		record_put_str(result, "need", "feature");
	if (run.stands_on)
		record_put_str(result, "need", run.stands_on);
	record_put_real(result, "kernel_s", (double)(host_kernel_us(host) - before) / 1e6);
	record_put(result, "evidence", run.evidence);
	text = record_print(result);
	_exit(file_write_all(out, text, strlen(text)) < 0 || file_write_all(out, "\n", 1) < 0);
}

/* Reads one line of the child, with its newline; LENGTH is 0 if the child has closed its end.
 * Returns -ETIMEDOUT, or -EINTR after a signal to vfsuite. The child sends nothing more until it
 * gets an answer. */
static int read_line(int fd, struct deadline deadline, char *text, size_t *length)
{
	*length = 0;
	for (;;) {
		struct pollfd ready = { .fd = fd, .events = POLLIN };
		int rc = signals_poll(&ready, 1, deadline, NULL);
		ssize_t got;

		if (rc < 0)
			return rc;
		got = read(fd, text + *length, MESSAGE_LIMIT - *length);
		if (got > 0)
			*length += (size_t)got;
		if (*length && text[*length - 1] == '\n')
			return 0;
		if (got <= 0 || *length == MESSAGE_LIMIT) {
			*length = 0;
			return 0;
		}
	}
}

double task_spent_before(const struct task *task)
{
	return record_real(record_get(task->resume, "kept"), "spent_s", 0) +
			record_real(task->resume, "boot_s", 0);
}

double task_seconds(const struct task *task)
{
	return (double)(clock_us() - task->began_us) / 1e6;
}

/* What the check's second function needs after the boot. */
static struct record *kept_for(const struct task *task, const struct record *request)
{
	struct record *keep = record_object();

	record_put(keep, "memory", record_copy(record_get(request, "memory")));
	record_put(keep, "evidence", record_copy(record_get(request, "evidence")));
	record_put_real(keep, "spent_s", task_spent_before(task) + task_seconds(task));
	if (task->lease)
		record_put(keep, "lease", lease_to_record(task->lease));
	return keep;
}

/* Only the request for a boot has the member "memory". */
static struct record *event_of(const struct task *task, const struct record *request)
{
	struct record *event = record_object();

	record_put_str(event, "event", "rig");
	record_put_str(event, "action", record_str(request, "action", ""));
	record_put(event, "arguments", record_copy(record_get(request, "arguments")));
	if (record_get(request, "memory"))
		record_put(event, "kept", kept_for(task, request));
	return event;
}

static void note_wire(struct task *task, const struct record *request, const struct record *answer)
{
	const char *action = record_str(request, "action", "");

	if (record_bool(answer, "ok", false) && !strcmp(action, "link-down"))
		task->wire_is_cut = true;
	else if (!strcmp(action, "link-up"))
		task->wire_is_cut = false;
}

/* Passes the child's request to the controller and the answer to the child. Returns false if the
 * controller or the child is gone. */
static bool pass_on(int fd, struct task *task, const struct record *request)
{
	const struct listener *listener = task->listener;
	CLEANUP(cleanup_record) struct record *answer = NULL;
	CLEANUP(cleanup_record) struct record *short_answer = record_object();
	CLEANUP(cleanup_free) char *text = NULL;
	CLEANUP(cleanup_free) char *line = NULL;

	answer = listener->ask(listener->argument, event_of(task, request));
	if (!answer)
		return false;
	note_wire(task, request, answer);
	record_put_bool(short_answer, "ok", record_bool(answer, "ok", false));
	record_put_strf(short_answer, "error", "%.300s", record_str(answer, "error", ""));
	text = record_print(short_answer);
	line = text_format("%s\n", text);
	return file_write_all(fd, line, strlen(line)) == 0;
}

/* Takes what in_child() has sent. The evidence of a step also holds what its checks judge. */
static int decode(struct record *message, struct check_result *result)
{
	*result = (struct check_result){
		.verdict = verdict_parse(record_str(message, "verdict", NULL)),
		.reason = record_str(message, "reason", NULL),
		.need = record_str(message, "need", NULL),
		.kernel_s = record_real(message, "kernel_s", 0),
		.evidence = record_get(message, "evidence"),
		.owned = message,
	};
	return result->verdict == VERDICT_NONE ? -EPROTO : 0;
}

/* Passes on requests until the child's result arrives, which stays without a verdict if the
 * child ends without one. */
static int read_result(int fd, struct task *task, struct deadline deadline, char *text,
		struct check_result *result)
{
	for (;;) {
		CLEANUP(cleanup_record) struct record *message = NULL;
		size_t length;
		int rc = read_line(fd, deadline, text, &length);

		if (rc < 0 || !length)
			return rc;
		if (record_parse("verdict", text, length, &message, NULL) < 0)
			return -EPROTO;
		if (!record_str(message, "action", NULL))
			return decode(TAKE(message), result);
		if (!pass_on(fd, task, message))
			return -EINTR;
	}
}

/* Waits for the child to exit; kills it once MAY_GO_ON is false. Returns false if no signal ends
 * it. */
static bool end_child(const struct task *task, struct process *child, bool may_go_on, int *status)
{
	int ms = (int)(END_MS * task->dut->scale);

	if (may_go_on && process_wait(child, deadline_in(ms), status) != -ETIMEDOUT)
		return true;
	kill(child->pid, SIGKILL);
	return process_wait(child, deadline_in(ms), status) != -ETIMEDOUT;
}

/* Says why there is no result. RC is what read_result() returned. The caller frees the text. */
static char *why_no_result(int rc, double seconds, bool stuck, int status)
{
	char how[64];

	if (rc == -ETIMEDOUT)
		return text_format("no verdict within %.0f s: the check %s", seconds,
				stuck ? "hangs" : "hung and was killed");
	if (rc == -EINTR)
		return text_format("the run was interrupted");
	if (rc < 0)
		return text_format("the check's result could not be read");
	return text_format("the check ended without a verdict: %s", process_status(status, how));
}

/* Where in the kernel the child waits. */
static char *stuck_at(const struct task *task, pid_t pid)
{
	CLEANUP(cleanup_free) char *path = text_format("proc/%d/wchan", (int)pid);
	char place[128] = "";

	host_read(task->dut->host, path, place, sizeof(place), NULL);
	return text_format("its process %d waits in the kernel%s%s, and no signal ends it",
			(int)pid, place[0] ? " in " : "", place);
}

static void set_broken(struct check_result *result, const char *why)
{
	check_result_free(result);
	*result = (struct check_result){ .verdict = VERDICT_BROKEN };
	result->reason = check_result_own(result, "reason", "%s", why);
}

/* RESULT is the child's, or a broken one that says why there is none. */
static void wait_for_child(struct task *task, int fd, struct process *child,
		struct check_result *result, char **stuck)
{
	double seconds = task->check->timeout_s * task->dut->scale;
	CLEANUP(cleanup_free) char *text = malloc(MESSAGE_LIMIT);
	CLEANUP(cleanup_free) char *why = NULL;
	int rc, status = 0;

	rc = text ? read_result(fd, task, deadline_in((int64_t)(1000 * seconds)), text, result)
		  : -ENOMEM;
	if (!end_child(task, child, rc == 0, &status))
		*stuck = stuck_at(task, child->pid);
	cleanup_fd(&child->fd);
	if (result->verdict != VERDICT_NONE)
		return;
	why = why_no_result(rc, seconds, *stuck, status);
	set_broken(result, why);
}

static void mend_wire(struct task *task)
{
	const struct listener *listener = task->listener;
	CLEANUP(cleanup_record) struct record *request = record_object();
	CLEANUP(cleanup_record) struct record *answer = NULL;

	record_put_str(request, "action", "link-up");
	record_put(request, "arguments", record_object());
	answer = listener->ask(listener->argument, event_of(task, request));
	task->was_cut = true;
	note_wire(task, request, answer);
}

void task_run(struct task *task, struct check_result *result, char **stuck)
{
	CLEANUP(cleanup_fd) int in = -1;
	struct process child = PROCESS_NONE;
	int fds[2];

	*stuck = NULL;
	*result = CHECK_RESULT_NONE;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0) {
		set_broken(result, "no child could be started for the check");
		return;
	}
	in = fds[0];
	child.pid = fork();
	if (child.pid == 0)
		in_child(task, fds[1]);
	close(fds[1]);
	if (child.pid < 0) {
		set_broken(result, "no child could be started for the check");
		return;
	}
	child = process_of(child.pid);
	wait_for_child(task, in, &child, result, stuck);
	if (task->wire_is_cut && !*stuck)
		mend_wire(task);
}
