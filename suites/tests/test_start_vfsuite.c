/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "data/base64.h"
#include "rig/start_vfsuite.h"

/* How the controller makes an init start vfsuite. A child is both of them. */

struct machine {
	struct channel *channel;
	pid_t pid;
	int request[2]; /* a pipe with the first line that init got */
};

static void answer_hello(FILE *in, FILE *out)
{
	CLEANUP(cleanup_record) struct record *request = NULL;
	struct record *reply = record_object();
	CLEANUP(cleanup_free) char *text = NULL;
	char line[1000];

	if (!fgets(line, sizeof(line), in) ||
			record_parse("hello", line, strlen(line), &request, NULL) < 0)
		_exit(1);
	record_put_int(reply, "id", record_int(request, "id", 0));
	record_put_bool(reply, "ok", true);
	record_put_str(reply, "nonce", record_str(request, "nonce", ""));
	text = record_print(reply);
	record_free(reply);
	fprintf(out, "%s\n", text);
}

/* ANSWER is the line with which init answers, before there is a vfsuite; none if it is empty. */
static void serve(int fd, int request, const char *answer)
{
	FILE *in = fdopen(fd, "r"), *out = fdopen(dup(fd), "w");
	char line[1000];

	if (!in || !out || !fgets(line, sizeof(line), in))
		_exit(1);
	if (write(request, line, strlen(line)) < 0)
		_exit(1);
	if (*answer)
		fprintf(out, "%s\n", answer);
	fflush(out);
	answer_hello(in, out);
	fflush(out);
	pause();
}

static void begin(struct machine *machine, const char *answer)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_int_equal(pipe(machine->request), 0);
	machine->pid = fork();
	assert_true(machine->pid >= 0);
	if (!machine->pid) {
		close(ends[0]);
		serve(ends[1], machine->request[1], answer);
		_exit(1);
	}
	close(ends[1]);
	close(machine->request[1]);
	machine->channel = channel_new(ends[0], ends[0]);
}

/* Returns the line that init got. */
static char *end(struct machine *machine)
{
	char line[1000] = "";

	kill(machine->pid, SIGKILL);
	waitpid(machine->pid, NULL, 0);
	assert_true(read(machine->request[0], line, sizeof(line) - 1) >= 0);
	close(machine->request[0]);
	channel_free(machine->channel);
	return text_format("%s", line);
}

static void check_word(char **rest, const char *want)
{
	char *word = strsep(rest, " \n");
	CLEANUP(cleanup_free) unsigned char *command = NULL;
	size_t length;

	assert_non_null(word);
	if (!want) {
		assert_string_equal(word, "-");
		return;
	}
	assert_int_equal(base64_parse(word, &command, &length), 0);
	assert_string_equal((char *)command, want);
}

static void commands_reach_init_unchanged(void **state)
{
	static const struct boot_defect defects[] = {
		{ 0 },
		{ .after_boot = "ip link set x  down" },
		{ .at_start = "printf 'a  b\\n' | tee \"$f\" # * ?" },
		{ .at_start = "one", .after_boot = "two", .without_restore = true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(defects) / sizeof(*defects); i++) {
		const struct boot_defect *defect = &defects[i];
		CLEANUP(cleanup_free) char *line = NULL;
		struct machine machine;
		struct err err = { 0 };
		char *rest;

		begin(&machine, defect->at_start ? "{\"event\":\"at-start\"}" : "");
		if (start_vfsuite(machine.channel, defect, 1, &err) < 0)
			fail_msg("%zu: %s", i, err.msg);
		rest = line = end(&machine);
		assert_string_equal(strsep(&rest, " "), "start");
		assert_true(atoll(strsep(&rest, " ")) > 1000000000);
		assert_string_equal(strsep(&rest, " "),
				defect->without_restore ? "without-restore" : "restore");
		check_word(&rest, defect->at_start);
		check_word(&rest, defect->after_boot);
		assert_string_equal(rest, "");
	}
}

/* Of both, the command is named. A machine that has answered is not silent: -ETIMEDOUT would blame its
 * snapshot. */
static void a_failed_command_is_named(void **state)
{
	static const struct {
		const char *answer, *said;
		double scale;
		int rc;
	} cases[] = {
		{ "{\"event\":\"error\",\"message\":\"AtStart= ended with 3: no such file\"}",
				"ended with 3: no such file", 1, -EREMOTEIO },
		{ "", "AtStart=mount x", 0.001, -ECANCELED },
		{ "{\"event\":\"exited\",\"status\":1}", "AtStart=mount x", 0.001, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct machine machine;
		struct err err = { 0 };
		int rc;

		begin(&machine, cases[i].answer);
		rc = start_vfsuite(machine.channel, &(struct boot_defect){ .at_start = "mount x" },
				cases[i].scale, &err);
		free(end(&machine));
		assert_true(rc < 0);
		assert_int_not_equal(rc, -ETIMEDOUT);
		if (cases[i].rc)
			assert_int_equal(rc, cases[i].rc);
		assert_non_null(strstr(err.msg, "AtStart=mount x"));
		if (!strstr(err.msg, cases[i].said))
			fail_msg("'%s' does not say '%s'", err.msg, cases[i].said);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_reach_init_unchanged),
		cmocka_unit_test(a_failed_command_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
