/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rig/gdb.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "tests/assert.h"

#define SOON_MS 50

/* The test writes the stub's answers in advance. */
struct fixture {
	int mine, stub;
	struct err err;
};

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	int pair[2];

	if (!fixture ||
			socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) <
					0)
		return -1;
	*fixture = (struct fixture){ .mine = pair[0], .stub = pair[1] };
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	close(fixture->mine);
	cleanup_fd(&fixture->stub);
	free(fixture);
	return 0;
}

static void stub_says(struct fixture *fixture, const char *text)
{
	assert_int_equal(file_write_all(fixture->stub, text, strlen(text)), 0);
}

static void stub_received(struct fixture *fixture, const char *want)
{
	char text[256] = "";

	assert_true(read(fixture->stub, text, sizeof(text) - 1) > 0);
	assert_string_equal(text, want);
}

static void reads_and_writes(void **state)
{
	struct fixture *fixture = *state;
	uint8_t bytes[4];

	stub_says(fixture, "+$T05thread:01;#07");
	assert_int_equal(gdb_attach(fixture->mine, deadline_in(SOON_MS), &fixture->err), 0);
	stub_received(fixture, "$?#3f+");
	stub_says(fixture, "+$f30f1efa#00");
	assert_int_equal(gdb_read(fixture->mine, 0xffffffffc0288220, bytes, 4, deadline_in(SOON_MS),
					 &fixture->err),
			0);
	assert_memory_equal(bytes, "\xf3\x0f\x1e\xfa", 4);
	stub_received(fixture, "$mffffffffc0288220,4#c6+");
	stub_says(fixture, "+$OK#9a");
	assert_int_equal(gdb_write(fixture->mine, 0x10, (const uint8_t *)"\x48\xc3", 2,
					 deadline_in(SOON_MS), &fixture->err),
			0);
	stub_received(fixture, "$M10,2:48c3#48+");
	stub_says(fixture, "+$OK#9a");
	assert_int_equal(gdb_detach(fixture->mine, deadline_in(SOON_MS), &fixture->err), 0);
	stub_received(fixture, "$D#44+");
}

static void a_stop_in_between_is_read_over(void **state)
{
	struct fixture *fixture = *state;
	uint8_t byte = 0;

	stub_says(fixture, "$T02thread:01;#04+$90#69");
	assert_int_equal(gdb_read(fixture->mine, 1, &byte, 1, deadline_in(SOON_MS), &fixture->err),
			0);
	assert_int_equal(byte, 0x90);
}

static void rejections_are_reported(void **state)
{
	static const char *const answers[] = { "+$E14#aa", "+$#00", "+$12#63", "+$zzzz#e8" };
	struct fixture *fixture = *state;
	uint8_t bytes[2];

	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		struct err err = { 0 };

		stub_says(fixture, answers[i]);
		assert_int_equal(gdb_read(fixture->mine, 0x1000, bytes, 2, deadline_in(SOON_MS),
						 &err),
				-EFAULT);
		assert_says(err.msg, "no memory at 0x1000");
	}
	stub_says(fixture, "+$E14#aa");
	assert_int_equal(gdb_write(fixture->mine, 0x1000, bytes, 2, deadline_in(SOON_MS),
					 &fixture->err),
			-EFAULT);
	assert_says(fixture->err.msg, "rejects a write at 0x1000");
}

static void silence_ends(void **state)
{
	struct fixture *fixture = *state;
	struct err err = { 0 };

	assert_int_equal(
			gdb_attach(fixture->mine, deadline_in(SOON_MS), &fixture->err), -ETIMEDOUT);
	assert_says(fixture->err.msg, "does not answer");
	close(fixture->stub);
	fixture->stub = -1;
	assert_int_equal(gdb_detach(fixture->mine, deadline_in(SOON_MS), &err), -EPIPE);
}

static void an_endless_answer_ends(void **state)
{
	struct fixture *fixture = *state;
	char flood[2000];

	memset(flood, 'a', sizeof(flood) - 1);
	flood[sizeof(flood) - 1] = '\0';
	stub_says(fixture, "+$");
	stub_says(fixture, flood);
	assert_int_equal(gdb_attach(fixture->mine, deadline_in(SOON_MS), &fixture->err), -EMSGSIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_and_writes, setup, teardown),
		cmocka_unit_test_setup_teardown(a_stop_in_between_is_read_over, setup, teardown),
		cmocka_unit_test_setup_teardown(rejections_are_reported, setup, teardown),
		cmocka_unit_test_setup_teardown(silence_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(an_endless_answer_ends, setup, teardown),
	};

	signal(SIGPIPE, SIG_IGN); /* as in the programs */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
