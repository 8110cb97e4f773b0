/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rig/channel.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "tests/assert.h"

#define SOON_MS  50
#define LATER_MS 5000

/* A channel whose other end the test controls. */
struct fixture {
	struct channel *channel;
	int other;
	pid_t writer;
	struct record *message;
	struct err err;
};

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	int pair[2];

	if (!fixture || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	fixture->channel = channel_new(pair[0], pair[0]);
	fixture->other = pair[1];
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	channel_free(fixture->channel);
	cleanup_fd(&fixture->other);
	if (fixture->writer)
		waitpid(fixture->writer, NULL, 0);
	record_free(fixture->message);
	free(fixture);
	return 0;
}

static void says(struct fixture *fixture, const char *bytes, size_t length)
{
	assert_int_equal(file_write_all(fixture->other, bytes, length), 0);
}

static void say(struct fixture *fixture, const char *text)
{
	says(fixture, text, strlen(text));
}

static void hang_up(struct fixture *fixture)
{
	close(fixture->other);
	fixture->other = -1;
}

/* Sends PIECE COUNT times, then END, from a child, since it is more than a socket can hold. */
static void say_much(struct fixture *fixture, const char *piece, int count, const char *end)
{
	fflush(NULL);
	fixture->writer = fork();
	assert_true(fixture->writer >= 0);
	if (fixture->writer == 0) {
		close(channel_fd(fixture->channel));
		for (int i = 0; i < count; i++) {
			if (file_write_all(fixture->other, piece, strlen(piece)) < 0)
				_exit(0);
		}
		file_write_all(fixture->other, end, strlen(end));
		_exit(0);
	}
	hang_up(fixture);
}

static int receive(struct fixture *fixture, int64_t id, int64_t ms)
{
	record_free(fixture->message);
	fixture->message = NULL;
	fixture->err = (struct err){ 0 };
	return channel_receive(
			fixture->channel, id, deadline_in(ms), &fixture->message, &fixture->err);
}

static int64_t send_op(struct fixture *fixture, const char *op)
{
	struct record *request = record_object();
	int64_t id = 0;

	record_put_str(request, "op", op);
	assert_int_equal(channel_send(fixture->channel, request, &id, &fixture->err), 0);
	return id;
}

static void numbers_its_requests(void **state)
{
	struct fixture *fixture = *state;
	char line[128] = "";

	assert_int_equal(send_op(fixture, "hello"), 1);
	assert_int_equal(send_op(fixture, "checks"), 2);
	assert_true(read(fixture->other, line, sizeof(line) - 1) > 0);
	assert_string_equal(line, "{\"op\":\"hello\",\"id\":1}\n{\"op\":\"checks\",\"id\":2}\n");
}

static void gives_events_and_then_the_answer(void **state)
{
	struct fixture *fixture = *state;

	say(fixture, "{\"id\":1,\"event\":\"check-start\",\"index\":0}\n{\"id\":1,\"ok\":true}\n");
	assert_int_equal(receive(fixture, 1, SOON_MS), 0);
	assert_string_equal(record_str(fixture->message, "event", ""), "check-start");
	assert_int_equal(receive(fixture, 1, SOON_MS), 0);
	assert_null(record_get(fixture->message, "event"));
}

static void puts_pieces_together(void **state)
{
	struct fixture *fixture = *state;

	say(fixture, "{\"id\":1,");
	assert_int_equal(receive(fixture, 1, SOON_MS), -ETIMEDOUT);
	say(fixture, "\"ok\":true,\"n\":5}\n{\"id\"");
	assert_int_equal(receive(fixture, 1, SOON_MS), 0);
	assert_int_equal(record_int(fixture->message, "n", 0), 5);
	say(fixture, ":2,\"ok\":true}\n");
	assert_int_equal(receive(fixture, 2, SOON_MS), 0);
}

static void drops_late_answers(void **state)
{
	struct fixture *fixture = *state;

	say(fixture,
			"{\"id\":1,\"ok\":false,\"error\":\"late\"}\n{\"id\":77,\"ok\":true}\n"
			"{\"id\":\"2\",\"ok\":false}\n{\"id\":2,\"ok\":true}\n");
	assert_int_equal(receive(fixture, 2, SOON_MS), 0);
	assert_int_equal(record_int(fixture->message, "id", 0), 2);
}

static void gives_up_on_a_flood(void **state)
{
	struct fixture *fixture = *state;
	struct deadline enough = deadline_in(LATER_MS);

	say_much(fixture, "{\"id\":9,\"ok\":true}\n", 5000000, "");
	assert_int_equal(receive(fixture, 1, SOON_MS), -ETIMEDOUT);
	assert_true(deadline_left(enough) > 0);
}

static void gives_the_error_of_an_answer(void **state)
{
	struct fixture *fixture = *state;

	say(fixture, "{\"id\":1,\"ok\":false,\"error\":\"no such \\u001b[2J PF\"}\n");
	assert_int_equal(receive(fixture, 1, SOON_MS), -EREMOTEIO);
	assert_string_equal(fixture->err.msg, "no such ?[2J PF");
	say(fixture, "{\"id\":1}\n");
	assert_int_equal(receive(fixture, 1, SOON_MS), -EPROTO);
	assert_says(fixture->err.msg, "neither ok");
}

static void refuses_an_endless_line(void **state)
{
	struct fixture *fixture = *state;
	CLEANUP(cleanup_free) char *piece = calloc(1, 65537);

	memset(piece, 'x', 65536);
	say_much(fixture, piece, 64, "\n{\"id\":1,\"ok\":true}\n");
	assert_int_equal(receive(fixture, 1, LATER_MS), -EMSGSIZE);
	assert_says(fixture->err.msg, "more than 1048576 bytes");
	/* The rest of the line is not taken for a new line. */
	assert_int_equal(receive(fixture, 1, LATER_MS), -EMSGSIZE);
}

static void takes_a_long_line(void **state)
{
	struct fixture *fixture = *state;
	CLEANUP(cleanup_free) char *text = malloc(1000001);

	memset(text, 'x', 1000000);
	text[1000000] = '\0';
	memcpy(text, "{\"id\":1,\"ok\":true,\"t\":\"", 23);
	say_much(fixture, text, 1, "\"}\n");
	assert_int_equal(receive(fixture, 1, LATER_MS), 0);
	assert_int_equal(strlen(record_str(fixture->message, "t", "")), 1000000 - 23);
}

static void refuses_what_is_no_record(void **state)
{
#define LINE(text)                     \
	{                              \
		text, sizeof(text) - 1 \
	}
	static const struct {
		const char *line;
		size_t length;
	} bad[] = {
		LINE("not JSON\n"),
		LINE("\n"),
		LINE("[1,2]\n"),
		LINE("\"text\"\n"),
		LINE("{\"id\":1,\"ok\":true} x\n"),
		LINE("{\"id\":1,\"id\":2}\n"),
		LINE("{\"id\":1,\0\"ok\":true}\n"),
		LINE("{\"id\":1,\"ok\":true}\0\n"),
		LINE("{\"id\":1,\"ok\":\"\xff\xfe\"}\n"),
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		says(fixture, bad[i].line, bad[i].length);
		assert_int_equal(receive(fixture, 1, SOON_MS), -EPROTO);
		assert_says(fixture->err.msg, "the machine under test");
		for (const char *c = fixture->err.msg; *c; c++)
			assert_in_range((unsigned char)*c, ' ', '~');
	}
}

static void refuses_deep_nesting(void **state)
{
	struct fixture *fixture = *state;
	char line[256];

	memset(line, '[', 100);
	memset(line + 100, ']', 100);
	memcpy(line + 200, "\n", 2);
	say(fixture, "{\"id\":1,\"ok\":true,\"deep\":");
	say(fixture, line);
	assert_int_equal(receive(fixture, 1, SOON_MS), -EPROTO);
	assert_says(fixture->err.msg, "nested deeper");
}

static void distinguishes_silence_from_the_end(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(receive(fixture, 1, SOON_MS), -ETIMEDOUT);
	assert_says(fixture->err.msg, "in time");
	say(fixture, "{\"id\":1,\"ok\":true");
	hang_up(fixture);
	assert_int_equal(receive(fixture, 1, SOON_MS), -EPIPE);
	assert_says(fixture->err.msg, "hung up");
}

static void know_better(void *argument, struct err *err)
{
	err_set(err, EIO, "QEMU %s", (const char *)argument);
}

static void lets_others_explain(void **state)
{
	struct fixture *fixture = *state;

	channel_explain(fixture->channel, know_better, "has ended");
	hang_up(fixture);
	assert_int_equal(receive(fixture, 1, SOON_MS), -EPIPE);
	assert_string_equal(fixture->err.msg, "QEMU has ended");
	assert_int_equal(fixture->err.code, EPIPE);
}

static void does_not_wait_for_a_deaf_reader(void **state)
{
	struct fixture *fixture = *state;
	struct record *request = record_object();
	int64_t id = 0;

	hang_up(fixture);
	record_put_str(request, "op", "hello");
	/* As in the programs; a socket without a reader raises SIGPIPE. */
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(channel_send(fixture->channel, request, &id, &fixture->err), -EPIPE);
}

static void hears_the_init(void **state)
{
	struct fixture *fixture = *state;

	say(fixture, "{\"event\":\"other\"}\n{\"event\":\"ready\"}\n");
	assert_int_equal(channel_await_event(fixture->channel, "ready", deadline_in(SOON_MS),
					 &fixture->err),
			0);
	say(fixture, "{\"event\":\"exited\",\"status\":139}\n");
	assert_int_equal(receive(fixture, 1, SOON_MS), -EPIPE);
	assert_says(fixture->err.msg, "vfsuite has ended with status 139");
	say(fixture, "{\"event\":\"error\",\"message\":\"cannot mount\"}\n");
	assert_int_equal(receive(fixture, 1, SOON_MS), -EREMOTEIO);
	assert_says(fixture->err.msg, "cannot mount");
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(numbers_its_requests),
		TEST(gives_events_and_then_the_answer),
		TEST(puts_pieces_together),
		TEST(drops_late_answers),
		TEST(gives_up_on_a_flood),
		TEST(gives_the_error_of_an_answer),
		TEST(refuses_an_endless_line),
		TEST(takes_a_long_line),
		TEST(refuses_what_is_no_record),
		TEST(refuses_deep_nesting),
		TEST(distinguishes_silence_from_the_end),
		TEST(lets_others_explain),
		TEST(does_not_wait_for_a_deaf_reader),
		TEST(hears_the_init),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
