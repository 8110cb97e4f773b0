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

static void in_child(struct bench *bench, const struct check *check, const struct record *observed,
		int out)
{
	struct check_run run = { .bench = bench,
		.check = check,
		.observed = observed,
		.evidence = record_array(),
		.rig_fd = out };
	struct record *word = record_object();
	int64_t before = host_kernel_us(bench->host);
	enum verdict verdict;
	char *text;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	verdict = check->fn(&run);
	record_put_str(word, "verdict", verdict_names[verdict]);
	record_put_str(word, "reason", run.reason[0] ? run.reason : NULL);
	if (run.unsupported)
		record_put_str(word, "need", "feature");
	record_put_real(word, "kernel_s", (double)(host_kernel_us(bench->host) - before) / 1e6);
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

/* Hands the child's wish to the rig and the rig's answer to the child. False: nobody listens. */
static bool pass_on(int fd, struct record *wish, const struct listener *listener)
{
	CLEANUP(cleanup_record) struct record *answer = NULL;
	CLEANUP(cleanup_record) struct record *short_answer = record_object();
	CLEANUP(cleanup_free) char *text = NULL;
	CLEANUP(cleanup_free) char *line = NULL;

	record_put_str(wish, "event", "rig");
	answer = listener->ask(listener->argument, wish);
	if (!answer)
		return false;
	record_put_bool(short_answer, "ok", record_bool(answer, "ok", false));
	record_put_strf(short_answer, "error", "%.300s", record_str(answer, "error", ""));
	text = record_print(short_answer);
	line = file_path("%s\n", text);
	return file_write_all(fd, line, strlen(line)) == 0;
}

/* Until the child's verdict: WORD, or NULL where it ended without one. */
static int read_word(int fd, struct deadline deadline, char *text, const struct listener *listener,
		struct record **word)
{
	for (;;) {
		struct record *heard = NULL;
		size_t length;
		int rc = read_line(fd, deadline, text, &length);

		if (rc < 0 || !length)
			return rc;
		if (record_parse("verdict", text, length, &heard, NULL) < 0)
			return -EPROTO;
		if (!record_str(heard, "action", NULL)) {
			*word = heard;
			return 0;
		}
		if (!pass_on(fd, heard, listener))
			return -EINTR;
	}
}

static void set_verdict(struct record *result, const char *verdict, const char *reason)
{
	record_put_str(result, "verdict", verdict);
	record_put_str(result, "reason", reason);
}

/* What the child said, or why it said nothing. */
static struct record *hear_child(const struct check *check, int fd, pid_t pid, double scale,
		const struct listener *listener)
{
	CLEANUP(cleanup_free) char *text = malloc(WORD_LIMIT);
	CLEANUP(cleanup_free) char *why = NULL;
	struct record *word = NULL;
	char how[64];
	int status, rc;

	rc = text ? read_word(fd, deadline_in((int64_t)(check->timeout_s * 1000 * scale)), text,
				    listener, &word)
		  : -ENOMEM;
	if (rc < 0)
		kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	if (rc == -ETIMEDOUT)
		why = file_path("no verdict within %.0f s: the check hung and was killed",
				check->timeout_s * scale);
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

static struct record *in_own_child(struct bench *bench, const struct check *check,
		const struct record *observed, const struct listener *listener)
{
	CLEANUP(cleanup_fd) int in = -1;
	struct record *word;
	int fds[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0) {
		in = fds[0];
		pid = fork();
		if (pid == 0)
			in_child(bench, check, observed, fds[1]);
		close(fds[1]);
		if (pid > 0)
			return hear_child(check, in, pid, bench->scale, listener);
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

struct record *run_check(struct bench *bench, const struct check *check,
		const struct record *observed, const struct listener *listener, char **dirty)
{
	CLEANUP(cleanup_lease) struct lease *lease = NULL;
	CLEANUP(cleanup_fd) int log = -1;
	int64_t start = clock_us();
	struct record *result;
	uint64_t faults;
	struct err err = { 0 };

	*dirty = NULL;
	if ((!check->clears && !check->spoils &&
			    lease_begin(bench->host, bench->pf, &lease, &err) < 0) ||
			kernel_log_open(bench->host, false, &log, &err) < 0) {
		result = record_object();
		set_verdict(result, "broken", err.msg);
		record_put(result, "evidence", record_array());
		record_put_str(result, "id", check->id);
		return result;
	}
	faults = count_faults(bench);
	result = in_own_child(bench, check, observed, listener);
	record_put_str(result, "id", check->id);
	judge_log(result, log);
	if (check->spoils)
		bench_forget(bench);
	else if (check->clears)
		judge_cleared(bench);
	else
		judge_state(bench, result, &lease, dirty);
	judge_faults(result, check, count_faults(bench) - faults);
	record_put_real(result, "duration_s", (double)(clock_us() - start) / 1e6);
	return result;
}
