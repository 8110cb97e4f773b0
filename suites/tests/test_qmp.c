/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rig/qmp.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "tests/assert.h"

#define SOON_MS  50
#define GREETING "{\"QMP\":{\"version\":{},\"capabilities\":[]}}\n{\"return\":{},\"id\":1}\n"

/* The test writes QEMU's lines in advance, with the ids 1, 2, ... */
struct fixture {
	struct qmp *qmp;
	int other;
	struct record *reply;
	struct err err;
};

static int setup(void **state)
{
	*state = calloc(1, sizeof(struct fixture));
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	qmp_close(fixture->qmp);
	cleanup_fd(&fixture->other);
	record_free(fixture->reply);
	free(fixture);
	return 0;
}

static int open_with(struct fixture *fixture, const char *text)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair),
			0);
	fixture->other = pair[1];
	assert_int_equal(file_write_all(pair[1], text, strlen(text)), 0);
	return qmp_open(pair[0], deadline_in(SOON_MS), &fixture->qmp, &fixture->err);
}

static int execute(struct fixture *fixture, const char *command)
{
	return qmp_execute(fixture->qmp, command, NULL, deadline_in(SOON_MS), &fixture->reply,
			&fixture->err);
}

static void greets_and_executes(void **state)
{
	struct fixture *fixture = *state;
	char sent[256] = "";

	assert_int_equal(open_with(fixture, GREETING "{\"return\":{\"running\":true},\"id\":2}\n"),
			0);
	assert_int_equal(execute(fixture, "query-status"), 0);
	assert_true(record_bool(fixture->reply, "running", false));
	assert_true(read(fixture->other, sent, sizeof(sent) - 1) > 0);
	assert_string_equal(sent,
			"{\"execute\":\"qmp_capabilities\",\"id\":1}\n"
			"{\"execute\":\"query-status\",\"id\":2}\n");
}

static void refuses_another_greeting(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(open_with(fixture, "{\"hello\":1}\n"), -EPROTO);
	assert_says(fixture->err.msg, "sends no QMP greeting");
}

static void gives_up_on_silence(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(open_with(fixture, ""), -ETIMEDOUT);
	assert_says(fixture->err.msg, "does not answer the greeting");
}

static void names_refusals(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(open_with(fixture,
					 GREETING "{\"error\":{\"class\":\"GenericError\","
						  "\"desc\":\"Device 'x' not found\"},\"id\":2}\n"),
			0);
	assert_int_equal(execute(fixture, "device_del"), -EREMOTEIO);
	assert_string_equal(fixture->err.msg, "QEMU refuses device_del: Device 'x' not found");
}

static void keeps_events_for_later(void **state)
{
	struct fixture *fixture = *state;
	const struct deadline soon = deadline_in(SOON_MS);

	assert_int_equal(open_with(fixture,
					 GREETING "{\"event\":\"STOP\"}\n"
						  "{\"event\":\"MIGRATION\",\"data\":{\"status\":"
						  "\"setup\"}}\n"
						  "{\"return\":{},\"id\":2}\n"
						  "{\"event\":\"MIGRATION\",\"data\":{\"status\":"
						  "\"completed\"}}\n"),
			0);
	assert_int_equal(execute(fixture, "migrate"), 0);
	record_free(TAKE(fixture->reply));
	assert_int_equal(qmp_wait(fixture->qmp, "MIGRATION", soon, &fixture->reply, &fixture->err),
			0);
	assert_string_equal(record_str(fixture->reply, "status", ""), "setup");
	record_free(TAKE(fixture->reply));
	assert_int_equal(qmp_wait(fixture->qmp, "MIGRATION", soon, &fixture->reply, &fixture->err),
			0);
	assert_string_equal(record_str(fixture->reply, "status", ""), "completed");
	record_free(TAKE(fixture->reply));
	assert_int_equal(qmp_wait(fixture->qmp, "STOP", soon, &fixture->reply, &fixture->err), 0);
	record_free(TAKE(fixture->reply));
	assert_int_equal(qmp_wait(fixture->qmp, "STOP", soon, &fixture->reply, &fixture->err),
			-ETIMEDOUT);
}

static void drops_replies_that_were_given_up(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(open_with(fixture, GREETING), 0);
	assert_int_equal(execute(fixture, "query-status"), -ETIMEDOUT);
	assert_says(fixture->err.msg, "QEMU does not answer query-status");
	fixture->err = (struct err){ 0 };
	assert_int_equal(
			file_write_all(fixture->other, "{\"return\":{\"n\":2},\"id\":2}\n", 26), 0);
	assert_int_equal(
			file_write_all(fixture->other, "{\"return\":{\"n\":3},\"id\":3}\n", 26), 0);
	assert_int_equal(execute(fixture, "query-status"), 0);
	assert_int_equal(record_int(fixture->reply, "n", 0), 3);
}

static void survives_many_events(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(open_with(fixture, GREETING), 0);
	for (int i = 0; i < 200; i++) {
		CLEANUP(cleanup_free)
		char *line = text_format("{\"event\":\"RTC_CHANGE\",\"data\":{\"n\":%d}}\n", i);

		assert_int_equal(file_write_all(fixture->other, line, strlen(line)), 0);
	}
	assert_int_equal(file_write_all(fixture->other, "{\"return\":{},\"id\":2}\n", 21), 0);
	assert_int_equal(execute(fixture, "query-status"), 0);
	record_free(TAKE(fixture->reply));
	assert_int_equal(qmp_wait(fixture->qmp, "RTC_CHANGE", deadline_in(SOON_MS), &fixture->reply,
					 &fixture->err),
			0);
	assert_int_equal(record_int(fixture->reply, "n", -1), 200 - 64);
}

static void reports_the_end_of_qemu(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(open_with(fixture, GREETING), 0);
	shutdown(fixture->other, SHUT_WR);
	assert_int_equal(execute(fixture, "query-status"), -EPIPE);
	assert_says(fixture->err.msg, "QEMU has ended during query-status");
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(greets_and_executes),
		TEST(refuses_another_greeting),
		TEST(gives_up_on_silence),
		TEST(names_refusals),
		TEST(keeps_events_for_later),
		TEST(drops_replies_that_were_given_up),
		TEST(survives_many_events),
		TEST(reports_the_end_of_qemu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
