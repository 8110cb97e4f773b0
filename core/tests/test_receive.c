/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/process.h"
#include "base/text.h"
#include "data/record.h"
#include "tests/assert.h"
#include "tests/move_world.h"

/* The target's side of a session: what it believes, and what it gives back. */

struct session {
	struct process process;
	int to, from;
};

static struct session open_session(const char *silence)
{
	const char *argv[] = { "/proc/self/exe", "receive", target.tree->root, silence, NULL };
	struct session session = { .process = PROCESS_NONE };
	int in[2], out[2];

	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	assert_int_equal(process_start(argv,
					 (struct process_streams){
							 in[0], out[1], STDERR_FILENO, false },
					 &session.process, NULL),
			0);
	close(in[0]);
	close(out[1]);
	session.to = in[1];
	session.from = out[0];
	return session;
}

static void say(struct session *session, const char *line)
{
	file_write_all(session->to, line, strlen(line));
	file_write_all(session->to, "\n", 1);
}

/* The next answer, for record_free(); NULL: the session has ended. */
static struct record *hear(struct session *session)
{
	CLEANUP(cleanup_free) char *text = calloc(1, 65537);
	struct record *record = NULL;
	size_t used = 0;

	while (used < 65536 && read(session->from, text + used, 1) == 1 && text[used] != '\n')
		used++;
	if (used)
		assert_int_equal(record_parse("answer", text, used, &record, NULL), 0);
	return record;
}

static bool is_good(struct session *session)
{
	CLEANUP(cleanup_record) struct record *answer = hear(session);

	return record_bool(answer, "ok", false);
}

/* Returns the exit status. */
static int end_session(struct session *session)
{
	int status = -1;

	close(session->to);
	assert_int_equal(process_wait(&session->process, deadline_in(30000), &status), 0);
	close(session->from);
	return status;
}

#define HELLO "{\"version\":1,\"id\":1,\"do\":\"hello\"}"
#define RED   "{\"name\":\"red\",\"vlan\":10,\"mtu\":0}"
#define NIC(name, mac)                                                                  \
	"{\"nic\":\"" name "\",\"profile\":\"fast\",\"mac\":\"" mac "\",\"live\":true," \
	"\"config\":false,\"standby\":true,\"bridged\":false,\"network\":" RED          \
	",\"standby_network\":" RED "}"
#define RESERVE(vm, uuid, nics)                                                         \
	"{\"version\":1,\"id\":2,\"do\":\"reserve\",\"vm\":\"" vm "\",\"uuid\":\"" uuid \
	"\",\"nics\":[" nics "]}"
#define GOOD RESERVE("web1", WORLD_UUID, NIC("nic1", "02:00:00:00:00:01"))

static struct session reserved(const char *silence)
{
	struct session session = open_session(silence);

	say(&session, HELLO);
	assert_true(is_good(&session));
	say(&session, GOOD);
	assert_true(is_good(&session));
	assert_int_equal(count_reservations(&target), 1);
	return session;
}

/* --- What it gives back ------------------------------------------------------------------------ */

static void gives_all_back_at_the_end_of_the_input(void **state)
{
	struct session session = reserved("20");

	(void)state;
	assert_int_equal(end_session(&session), 0);
	assert_stayed(0);
}

static void gives_all_back_when_it_is_asked_to(void **state)
{
	struct session session = reserved("20");

	(void)state;
	say(&session, "{\"version\":1,\"id\":3,\"do\":\"release\"}");
	assert_true(is_good(&session));
	assert_int_equal(count_reservations(&target), 0);
	say(&session, GOOD);
	assert_true(is_good(&session));
	end_session(&session);
	assert_stayed(0);
}

static void gives_all_back_after_silence(void **state)
{
	struct session session = reserved("1");
	int status = 0;

	(void)state;
	assert_int_equal(process_wait(&session.process, deadline_in(20000), &status), 0);
	assert_true(status != 0);
	assert_stayed(0);
}

static void gives_all_back_at_a_signal(void **state)
{
	struct session session = reserved("20");
	int status = 0;

	(void)state;
	kill(session.process.pid, SIGTERM);
	assert_int_equal(process_wait(&session.process, deadline_in(20000), &status), 0);
	assert_stayed(0);
}

static void leaves_it_to_the_next_vfctl_if_it_is_killed(void **state)
{
	struct session session = reserved("20");

	(void)state;
	kill(session.process.pid, SIGKILL);
	assert_int_equal(process_wait(&session.process, deadline_in(20000), NULL), 0);
	assert_int_equal(count_reservations(&target), 1);
	move_settle(NULL);
	assert_stayed(0);
}

/* --- What it believes -------------------------------------------------------------------------- */

static void ends_after_what_makes_no_sense(void **state)
{
	CLEANUP(cleanup_free) char *endless = text_format("{\"a\":\"%070000d\"}", 0);
	CLEANUP(cleanup_free) char *deep = text_format("%0300d", 0);
	const char *lines[] = { "nonsense", "", "[]", "{}", endless, deep,
		"{\"version\":2,\"id\":1,\"do\":\"hello\"}",
		"{\"version\":1,\"id\":1,\"do\":\"plug\"}",
		"{\"version\":1,\"id\":1,\"do\":\"release\"}", GOOD,
		"{\"version\":1,\"id\":1,\"do\":\"format\"}",
		"{\"version\":1,\"id\":1,\"do\":\"hello\",\"do\":\"hello\"}" };

	(void)state;
	memset(deep, '[', strlen(deep));
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct session session = open_session("20");
		CLEANUP(cleanup_record) struct record *answer = NULL;

		say(&session, lines[i]);
		answer = hear(&session);
		if (answer || !end_session(&session))
			fail_msg("'%.40s' was answered", lines[i]);
		assert_stayed(0);
	}
}

static void refuses_names_that_are_none(void **state)
{
	static const char *const requests[] = {
		RESERVE("", WORLD_UUID, NIC("nic1", "02:00:00:00:00:01")),
		RESERVE("../web1", WORLD_UUID, NIC("nic1", "02:00:00:00:00:01")),
		RESERVE("web1", "../../x", NIC("nic1", "02:00:00:00:00:01")),
		RESERVE("web1", "", NIC("nic1", "02:00:00:00:00:01")),
		RESERVE("web1", WORLD_UUID, NIC("../nic", "02:00:00:00:00:01")),
		RESERVE("web1", WORLD_UUID, NIC("a.b", "02:00:00:00:00:01")),
		RESERVE("web1", WORLD_UUID, NIC("nic1", "01:00:00:00:00:01")),
		RESERVE("web1", WORLD_UUID, NIC("nic1", "x")),
		RESERVE("web1", WORLD_UUID,
				NIC("nic1", "02:00:00:00:00:01") "," NIC(
						"nic1", "02:00:00:00:00:02")),
		RESERVE("web1", WORLD_UUID, "3"),
		"{\"version\":1,\"id\":2,\"do\":\"reserve\",\"vm\":\"web1\",\"uuid\":\"" WORLD_UUID
		"\",\"nics\":{}}",
	};
	struct session session = open_session("20");

	(void)state;
	say(&session, HELLO);
	assert_true(is_good(&session));
	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++) {
		say(&session, requests[i]);
		if (is_good(&session))
			fail_msg("granted: %s", requests[i]);
	}
	say(&session, GOOD);
	assert_true(is_good(&session));
	end_session(&session);
	assert_stayed(0);
}

static void plugs_into_no_machine_that_is_not_there(void **state)
{
	struct session session = reserved("20");

	(void)state;
	say(&session, "{\"version\":1,\"id\":3,\"do\":\"plug\"}");
	assert_false(is_good(&session));
	end_session(&session);
	assert_stayed(0);
}

/* --- Two at once ------------------------------------------------------------------------------- */

static void gives_the_only_vf_to_one_of_two(void **state)
{
	enum { ROUNDS = 5 };

	(void)state;
	for (unsigned vf = 1; vf < WORLD_VFS; vf++) {
		CLEANUP(cleanup_free)
		char *path = text_format("sys/bus/pci/devices/%s/iommu_group", world_vf(vf));

		tree_remove(target.tree, path);
	}
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct session one = open_session("20"), other = open_session("20");
		bool first, second;

		say(&one, HELLO);
		say(&other, HELLO);
		assert_true(is_good(&one) && is_good(&other));
		say(&one, GOOD);
		say(&other, RESERVE("web2", WORLD_UUID2, NIC("nic1", "02:00:00:00:00:02")));
		first = is_good(&one);
		second = is_good(&other);
		assert_true(first != second);
		assert_int_equal(count_reservations(&target), 1);
		end_session(&one);
		end_session(&other);
		assert_stayed(0);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, move_begin, move_end)
		TEST(gives_all_back_at_the_end_of_the_input),
		TEST(gives_all_back_when_it_is_asked_to),
		TEST(gives_all_back_after_silence),
		TEST(gives_all_back_at_a_signal),
		TEST(leaves_it_to_the_next_vfctl_if_it_is_killed),
		TEST(ends_after_what_makes_no_sense),
		TEST(refuses_names_that_are_none),
		TEST(plugs_into_no_machine_that_is_not_there),
		TEST(gives_the_only_vf_to_one_of_two),
	};
	int status;

	if (move_is_other_process(argc, argv, &status))
		return status;
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
