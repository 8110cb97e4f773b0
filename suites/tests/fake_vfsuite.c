/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/record.h"

/*
 * A vfsuite without a card, for tests of the controller. Its argument is its behaviour: "sound", or
 * a way to break the protocol. It has five checks. b.known always fails; a write of the value N to
 * a register makes a.N fail, and one of 10 + N makes b.N fail. In the mode "without-b" the checks of
 * suite b are skipped.
 */

static const char *mode;

static const char *const checks[] = { "a.1", "a.2", "a.3", "b.1", "b.known" };
#define CHECKS (sizeof(checks) / sizeof(*checks))

static bool is(const char *name)
{
	return !strcmp(mode, name);
}

static void say(struct record *record, int64_t id)
{
	char *text;

	record_put_int(record, "id", id);
	text = record_print(record);
	puts(text);
	fflush(stdout);
	free(text);
	record_free(record);
}

static struct record *check_list(void)
{
	struct record *list = record_array();

	for (size_t i = 0; i < CHECKS; i++) {
		struct record *check = record_object();

		record_put_str(check, "id", is("twice-listed") ? "a.1" : checks[i]);
		record_put_strf(check, "suite", "%c", checks[i][0]);
		record_put_strf(check, "title", "Statement %s", checks[i]);
		record_put_str(check, "why", "because");
		record_put_int(check, "timeout_s", is("silent") ? -7 : 5);
		record_add(list, check);
	}
	return list;
}

static struct record *identity(void)
{
	struct record *whole = record_object(), *software = record_object();
	struct record *rig = record_object();

	record_put_str(software, "driver", "igb");
	record_put(whole, "software", software);
	record_put_str(rig, "origin", "silicon"); /* false: the controller must ignore it */
	record_put(whole, "rig", rig);
	return whole;
}

static bool is_sabotaged(const struct record *request, const char *id)
{
	const struct record *registers = record_get(request, "registers");

	for (size_t i = 0; i < record_length(registers); i++) {
		int64_t set = record_int(record_at(registers, i), "set", -1);

		if (set == (id[0] == 'b' ? 10 : 0) + id[2] - '0')
			return true;
	}
	return false;
}

static void start(int64_t id, const char *check)
{
	struct record *event = record_object();

	record_put_str(event, "event", "check-start");
	record_put_str(event, "check", check);
	say(event, id);
}

static void end(int64_t id, const char *check, const char *verdict)
{
	struct record *event = record_object(), *result = record_object();

	record_put_str(result, "id", check);
	record_put_str(result, "verdict", verdict);
	record_put_str(result, "reason",
			strcmp(verdict, "pass") ? "seen \033[31m on the wire" : NULL);
	record_put_real(result, "duration_s", 0.25);
	record_put_real(result, "kernel_s", 0.125);
	record_put_str(event, "event", "check-end");
	record_put(event, "result", result);
	say(event, id);
}

/* Requests a reboot, which ends this process, except in the mode "reboots-forever", where one process
 * serves all boots. COUNT is the number of earlier boots. */
static void reboot(int64_t id, int64_t count)
{
	struct record *event = record_object(), *kept = record_object();
	struct record *arguments = record_object();

	record_put_str(arguments, "boot", "cold");
	record_put_str(event, "event", "rig");
	record_put_str(event, "action", "power-cut");
	record_put(event, "arguments", arguments);
	record_put_int(kept, "boots", count + 1);
	if (is("forgets"))
		record_free(kept);
	else
		record_put(event, "kept", kept);
	say(event, id);
	if (!is("reboots-forever"))
		pause();
}

/* Resumes the check after a reboot without reporting another start. Returns whether it has
 * ended. */
static bool run_rebooting(const struct record *request, int64_t id, const char *check)
{
	const struct record *resume = record_get(request, "resume");
	int64_t boots = record_int(record_get(resume, "kept"), "boots", 0);

	if (!resume)
		start(id, check);
	if (boots < 3 || is("reboots-forever")) {
		reboot(id, boots);
		return false;
	}
	end(id, check, strcmp(record_str(resume, "boot", ""), "cold") ? "fail" : "pass");
	return true;
}

static int runs; /* the number of requests "run" so far */

/* Returns whether the next check runs. */
static bool run_check(const struct record *request, int64_t id, const char *check)
{
	bool fails = !strcmp(check, "b.known") || is_sabotaged(request, check) ||
			(is("moody") && !strcmp(check, "a.2") && runs == 2);

	if (!strcmp(check, "a.2") && (strstr(mode, "reboots") || is("forgets")))
		return run_rebooting(request, id, check);
	if (is("silent-check") && !strcmp(check, "a.3"))
		return true;
	start(id, check);
	if (is("without-b") && check[0] == 'b') {
		end(id, check, "skip");
		return true;
	}
	if (!strcmp(check, "a.2")) {
		if (is("dies"))
			exit(9);
		if (is("silent"))
			pause();
		if (is("babbles"))
			puts("\033[2Jall your base");
		if (is("other-end"))
			end(id, "a.1", "pass");
		if (is("unknown-end"))
			end(id, "z.9", "pass");
		if (is("two-starts"))
			start(id, "a.3");
		if (is("own-verdict"))
			end(id, check, "known");
	}
	end(id, check, fails ? "fail" : "pass");
	if (is("two-ends"))
		end(id, check, "pass");
	return true;
}

static void run(const struct record *request, int64_t id)
{
	const struct record *asked = record_get(request, "checks");
	struct record *answer = record_object();

	runs++;
	for (size_t i = 0; i < record_length(asked); i++) {
		if (is("aborts") && i == 2)
			break;
		if (!run_check(request, id, record_text(record_at(asked, i)))) {
			record_free(answer);
			return;
		}
	}
	record_put_bool(answer, "ok", true);
	record_put_str(answer, "aborted", is("aborts") ? "eth0 still has 7 VFs" : NULL);
	record_put_real(answer, "kernel_s", 0.5);
	say(answer, id);
}

static void answer(const struct record *request)
{
	const char *op = record_str(request, "op", "");
	int64_t id = record_int(request, "id", 0);
	struct record *reply = record_object();

	if (!strcmp(op, "run")) {
		record_free(reply);
		run(request, id);
		return;
	}
	record_put_bool(reply, "ok", true);
	if (!strcmp(op, "hello"))
		record_put_str(reply, "nonce",
				is("stale") ? "0000000000000000"
					    : record_str(request, "nonce", ""));
	if (!strcmp(op, "checks"))
		record_put(reply, "checks", check_list());
	if (!strcmp(op, "identify"))
		record_put(reply, "identity", is("nobody") ? record_array() : identity());
	say(reply, id);
}

static int print_list(void)
{
	struct record *listing = record_object();
	char *text;

	record_put(listing, "checks", check_list());
	text = record_print(listing);
	puts(text);
	free(text);
	record_free(listing);
	return 0;
}

int main(int argc, char **argv)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t length;

	mode = argc > 1 ? argv[1] : "sound";
	if (is("--list"))
		return print_list();
	while ((length = getline(&line, &room, stdin)) > 0) {
		struct record *request = NULL;

		if (record_parse("request", line, (size_t)length, &request, NULL) < 0)
			return 2;
		answer(request);
		record_free(request);
	}
	free(line);
	return 0;
}
