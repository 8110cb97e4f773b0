/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/process.h"
#include "host/interrupts.h"
#include "host/kernel_log.h"
#include "observe/facts.h"
#include "sriov/lease.h"
#include "vfsuite/vfsuite.h"

/*
 * One check, in a child, under watch: its deadline, the kernel log, and the state of PF and VFs.
 * The child's word arrives as one record on a socket, where it may ask the rig before; a child that ends without a word, or too late,
 * is broken.
 */

enum { WORD_LIMIT = 1 << 20, LOG_LINES = 20 };

static const char *const verdict_names[] = { "pass", "fail", "skip", "broken" };

/* A check as it is to be run: by its second function where it has crossed a boot. */
struct task {
	struct bench *bench;
	const struct check *check;
	const struct record *observed, *resume;
	const struct listener *listener;
	struct lease *lease; /* what the PF was before it */
	int64_t began_us;
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
	struct host *host = task->bench->host;
	struct check_run run = { .bench = task->bench,
		.check = check,
		.observed = task->observed,
		.evidence = kept(task, "evidence", record_array()),
		.memory = kept(task, "memory", record_object()),
		.boot = record_str(task->resume, "boot", NULL),
		.rig_fd = out };
	struct record *word = record_object();
	int64_t before = host_kernel_us(host);
	enum verdict verdict;
	char *text;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	verdict = task->resume ? check->after(&run) : check->fn(&run);
	record_put_str(word, "verdict", verdict_names[verdict]);
	record_put_str(word, "reason", run.reason[0] ? run.reason : NULL);
	if (run.unsupported)
		record_put_str(word, "need", "feature");
	record_put_real(word, "kernel_s", (double)(host_kernel_us(host) - before) / 1e6);
	record_put(word, "evidence", run.evidence);
	text = record_print(word);
	_exit(file_write_all(out, text, strlen(text)) < 0 || file_write_all(out, "\n", 1) < 0);
}

/* One line of the child without its newline; LENGTH 0 where the child has closed its end. Returns
 * -ETIMEDOUT, or -EINTR after a signal to us. What follows the line waits for its answer. */
static int read_line(int fd, struct deadline deadline, char *text, size_t *length)
{
	*length = 0;
	for (;;) {
		struct pollfd ready = { .fd = fd, .events = POLLIN };
		int left = deadline_left(deadline);
		ssize_t got;

		if (interrupted())
			return -EINTR;
		if (!left)
			return -ETIMEDOUT;
		if (poll(&ready, 1, left) <= 0)
			continue;
		got = read(fd, text + *length, WORD_LIMIT - *length);
		if (got > 0)
			*length += (size_t)got;
		if (*length && text[*length - 1] == '\n')
			return 0;
		if (got <= 0 || *length == WORD_LIMIT) {
			*length = 0;
			return 0;
		}
	}
}

/* The time that the check has taken in former lives of the machine, and to boot it. */
static double spent_before(const struct task *task)
{
	return record_real(record_get(task->resume, "kept"), "spent_s", 0) +
			record_real(task->resume, "boot_s", 0);
}

static double seconds_since(int64_t began_us)
{
	return (double)(clock_us() - began_us) / 1e6;
}

/* What the second function of a check that crosses a boot needs. */
static struct record *keep_for(const struct task *task, const struct record *wish)
{
	struct record *keep = record_object();

	record_put(keep, "memory", record_copy(record_get(wish, "memory")));
	record_put(keep, "evidence", record_copy(record_get(wish, "evidence")));
	record_put_real(keep, "spent_s", spent_before(task) + seconds_since(task->began_us));
	if (task->lease)
		record_put(keep, "lease", lease_record(task->lease));
	return keep;
}

/* Only the wish of a check that crosses a boot has a memory. */
static struct record *event_of(const struct task *task, const struct record *wish)
{
	struct record *event = record_object();

	record_put_str(event, "event", "rig");
	record_put_str(event, "action", record_str(wish, "action", ""));
	record_put(event, "arguments", record_copy(record_get(wish, "arguments")));
	if (record_get(wish, "memory"))
		record_put(event, "kept", keep_for(task, wish));
	return event;
}

/* Hands the child's wish to the rig and the rig's answer to the child. False: nobody listens. */
static bool pass_on(int fd, const struct task *task, const struct record *wish)
{
	const struct listener *listener = task->listener;
	CLEANUP(cleanup_record) struct record *answer = NULL;
	CLEANUP(cleanup_record) struct record *short_answer = record_object();
	CLEANUP(cleanup_free) char *text = NULL;
	CLEANUP(cleanup_free) char *line = NULL;

	answer = listener->ask(listener->argument, event_of(task, wish));
	if (!answer)
		return false;
	record_put_bool(short_answer, "ok", record_bool(answer, "ok", false));
	record_put_strf(short_answer, "error", "%.300s", record_str(answer, "error", ""));
	text = record_print(short_answer);
	line = file_path("%s\n", text);
	return file_write_all(fd, line, strlen(line)) == 0;
}

/* Until the child's verdict: WORD, or NULL where it ended without one. */
static int read_word(int fd, const struct task *task, struct deadline deadline, char *text,
		struct record **word)
{
	for (;;) {
		CLEANUP(cleanup_record) struct record *heard = NULL;
		size_t length;
		int rc = read_line(fd, deadline, text, &length);

		if (rc < 0 || !length)
			return rc;
		if (record_parse("verdict", text, length, &heard, NULL) < 0)
			return -EPROTO;
		if (!record_str(heard, "action", NULL)) {
			*word = TAKE(heard);
			return 0;
		}
		if (!pass_on(fd, task, heard))
			return -EINTR;
	}
}

static void set_verdict(struct record *result, const char *verdict, const char *reason)
{
	record_put_str(result, "verdict", verdict);
	record_put_str(result, "reason", reason);
}

/* What the child said, or why it said nothing. */
static struct record *hear_child(const struct task *task, int fd, pid_t pid)
{
	double seconds = task->check->timeout_s * task->bench->scale;
	CLEANUP(cleanup_free) char *text = malloc(WORD_LIMIT);
	CLEANUP(cleanup_free) char *why = NULL;
	struct record *word = NULL;
	char how[64];
	int status, rc;

	rc = text ? read_word(fd, task, deadline_in((int64_t)(1000 * seconds)), text, &word)
		  : -ENOMEM;
	if (rc < 0)
		kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	if (rc == -ETIMEDOUT)
		why = file_path("no verdict within %.0f s: the check hung and was killed", seconds);
	else if (rc == -EINTR)
		why = file_path("the run was interrupted");
	else if (!rc && !word)
		why = file_path("the check ended without a verdict: %s",
				process_status(status, how));
	if (word)
		return word;
	word = record_object();
	set_verdict(word, "broken", why ? why : "the check's word could not be read");
	record_put_real(word, "kernel_s", 0);
	record_put(word, "evidence", record_array());
	return word;
}

static struct record *in_own_child(const struct task *task)
{
	CLEANUP(cleanup_fd) int in = -1;
	struct record *word;
	int fds[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0) {
		in = fds[0];
		pid = fork();
		if (pid == 0)
			in_child(task, fds[1]);
		close(fds[1]);
		if (pid > 0)
			return hear_child(task, in, pid);
	}
	word = record_object();
	set_verdict(word, "broken", "no child could be started for the check");
	record_put(word, "evidence", record_array());
	return word;
}

/* The kernel's own complaints outweigh what the check found. */
static void judge_log(struct record *result, int log)
{
	struct record *lines = record_array();
	char line[512], complaint[512] = "";

	while (kernel_log_next(log, line, sizeof(line))) {
		if (record_length(lines) < LOG_LINES)
			record_add_str(lines, line);
		if (!complaint[0] && log_complains(line))
			memcpy(complaint, line, sizeof(complaint));
	}
	if (complaint[0]) {
		CLEANUP(cleanup_free) char *why = file_path("the kernel complained: %s", complaint);

		set_verdict(result, "fail", why);
	}
	record_put(result, "log", lines);
}

static void add_reason(struct record *result, const char *verdict, const char *addition)
{
	const char *former = record_str(result, "reason", NULL);
	CLEANUP(cleanup_free)
	char *both = file_path("%s%s%s", former ? former : "", former ? "; " : "", addition);

	set_verdict(result, verdict, both);
}

/* How many faults the IOMMU has told the kernel so far; the log is rate-limited, the count is not. */
static uint64_t count_faults(const struct bench *bench)
{
	uint64_t count = 0;

	interrupts_taken(bench->host, "dmar*", &count, NULL);
	return count;
}

/* A fault that no check asked for is a function that goes astray. */
static void judge_faults(struct record *result, const struct check *check, uint64_t count)
{
	CLEANUP(cleanup_free)
	char *why = file_path("the IOMMU raised %llu faults", (unsigned long long)count);

	if (count && !check->faults)
		add_reason(result, "fail", why);
}

/* Leave as found. What differs is put back; what cannot be put back is DIRTY. */
static void judge_state(
		struct bench *bench, struct record *result, struct lease **lease, char **dirty)
{
	CLEANUP(cleanup_free) char *differences = NULL;
	CLEANUP(cleanup_free) char *left = NULL;
	struct err err = { 0 };

	if (bench_settle(bench, &err) == 0 && lease_differences(*lease, &differences, &err) == 0 &&
			!*differences)
		return;
	for (char *c = differences; c && *c; c++)
		*c = *c == '\n' ? ';' : *c;
	left = file_path("left behind: %s", differences ? differences : err.msg);
	add_reason(result, strcmp(record_str(result, "verdict", ""), "fail") ? "broken" : "fail",
			left);
	err = (struct err){ 0 };
	if (lease_end(TAKE(*lease), &err) < 0 || bench_settle(bench, &err) < 0)
		*dirty = file_path("after %s the PF could not be put back: %s",
				record_str(result, "id", "?"), err.msg);
}

/* A check that takes the standing VFs away leaves what the run's own lease began with. */
static void judge_cleared(struct bench *bench)
{
	struct census census;

	if (census_take(bench, &census, NULL) == 0 && !census.on_bus)
		bench_forget(bench);
}

/* Has the rig do ACTION to the functions of the kernel that a defect names, if it names any. */
static int act_on_functions(const struct bench *bench, bool lasting, const char *action,
		const struct listener *listener, struct err *err)
{
	CLEANUP(cleanup_record)
	struct record *arguments = sabotage_functions(&bench->sabotage, lasting);
	CLEANUP(cleanup_record) struct record *answer = NULL;
	struct record *wish;

	if (!arguments)
		return 0;
	wish = record_object();
	record_put_str(wish, "event", "rig");
	record_put_str(wish, "action", action);
	record_put(wish, "arguments", TAKE(arguments));
	answer = listener->ask(listener->argument, wish);
	if (record_bool(answer, "ok", false))
		return 0;
	return err_set(err, EREMOTEIO, "the rig cannot do %s: %s", action,
			record_str(answer, "error", "it does not answer"));
}

int break_lasting(const struct bench *bench, const struct listener *listener, struct err *err)
{
	return act_on_functions(bench, true, "break-functions", listener, err);
}

/* The check with the kernel as broken as a defect wants it. What comes after it is not to suffer. */
static struct record *in_broken_kernel(struct task *task)
{
	struct err err = { 0 };
	struct record *result;

	if (act_on_functions(task->bench, false, "break-functions", task->listener, &err) == 0)
		result = in_own_child(task);
	else
		result = record_object();
	act_on_functions(task->bench, false, "mend-functions", task->listener, &err);
	if (err.code)
		set_verdict(result, "broken", err.msg);
	return result;
}

/* What the PF was before the check: for one that takes standing VFs away nobody knows. */
static int take_lease(struct task *task, struct err *err)
{
	const struct record *kept_lease = record_get(record_get(task->resume, "kept"), "lease");

	if (task->check->clears || task->check->spoils)
		return 0;
	if (task->resume)
		return lease_adopt(
				task->bench->host, kept_lease, task->bench->pf, &task->lease, err);
	return lease_begin(task->bench->host, task->bench->pf, &task->lease, err);
}

struct record *run_check(struct bench *bench, const struct check *check,
		const struct record *observed, const struct record *resume,
		const struct listener *listener, char **dirty)
{
	struct task task = { bench, check, observed, resume, listener, NULL, clock_us() };
	CLEANUP(cleanup_fd) int log = -1;
	struct record *result;
	uint64_t faults;
	struct err err = { 0 };

	*dirty = NULL;
	if (take_lease(&task, &err) < 0 || kernel_log_open(bench->host, false, &log, &err) < 0) {
		lease_drop(task.lease);
		result = record_object();
		set_verdict(result, "broken", err.msg);
		record_put(result, "evidence", record_array());
		record_put_str(result, "id", check->id);
		return result;
	}
	faults = count_faults(bench);
	result = in_broken_kernel(&task);
	record_put_str(result, "id", check->id);
	judge_log(result, log);
	if (check->spoils)
		bench_forget(bench);
	else if (check->clears)
		judge_cleared(bench);
	else
		judge_state(bench, result, &task.lease, dirty);
	cleanup_lease(&task.lease);
	judge_faults(result, check, count_faults(bench) - faults);
	record_put_real(result, "duration_s", spent_before(&task) + seconds_since(task.began_us));
	return result;
}
