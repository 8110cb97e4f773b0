/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/process.h"
#include "reports/results/results_reader.h"
#include "rig/rig_kind.h"
#include "run/execute.h"
#include "tests/assert.h"

/* A rig whose machine is a fake vfsuite. Each boot kills it and starts another, except in the mode
 * "reboots-forever", where one serves all boots. */
struct fixture {
	struct rig rig;
	const char *mode;
	struct process process;
	int machine; /* the test's end of its socket */
	struct run run;
	struct record *results;
	int cuts;
	bool stays_off;
	struct err err;
};

static void start(struct fixture *fixture)
{
	const char *const argv[] = { FAKE_VFSUITE, fixture->mode, NULL };
	int ends[2], rc;

	cleanup_fd(&fixture->machine);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	rc = process_start(argv, (struct process_streams){ ends[1], ends[1], -1 },
			&fixture->process, &fixture->err);
	close(ends[1]);
	if (rc < 0)
		fail_msg("%s", fixture->err.msg);
	fixture->machine = ends[0];
}

static void connect_machine(struct fixture *fixture)
{
	int fd = dup(fixture->machine);

	fixture->rig.channel = channel_new(fd, fd);
}

static int cut_power(struct rig *rig, const char *action, const struct record *arguments,
		struct err *err)
{
	struct fixture *fixture = (struct fixture *)rig;

	(void)err;
	assert_string_equal(action, "power-cut");
	assert_string_equal(record_str(arguments, "boot", ""), "cold");
	fixture->cuts++;
	if (strcmp(fixture->mode, "reboots-forever"))
		process_end(&fixture->process, 0);
	return 0;
}

static int reboot_wait(struct rig *rig, struct record **boot, struct err *err)
{
	struct fixture *fixture = (struct fixture *)rig;

	channel_free(TAKE(rig->channel));
	if (fixture->stays_off)
		return err_set(err, ETIMEDOUT, "nothing happens");
	if (!fixture->process.pid)
		start(fixture);
	connect_machine(fixture);
	*boot = record_object();
	record_put_str(*boot, "boot", "cold");
	return 0;
}

static const struct rig_kind kind = { .act = cut_power, .reboot_wait = reboot_wait };

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	fixture->rig.kind = &kind;
	fixture->rig.identity = record_object();
	record_put_str(fixture->rig.identity, "origin", "emulated");
	record_put_str(fixture->rig.identity, "pf", "0000:01:00.0");
	record_put_real(fixture->rig.identity, "scale", 1);
	fixture->rig.actions = record_array();
	record_add_str(fixture->rig.actions, "power-cut");
	fixture->process = PROCESS_NONE;
	fixture->machine = -1;
	fixture->run.rig = &fixture->rig;
	fixture->results = run_begin("vfcert run", 1);
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	channel_free(fixture->rig.channel);
	cleanup_fd(&fixture->machine);
	process_end(&fixture->process, 1000);
	record_free(fixture->rig.identity);
	record_free(fixture->rig.actions);
	record_free(fixture->results);
	free(fixture);
	return 0;
}

static int execute(struct fixture *fixture, const char *mode)
{
	fixture->mode = mode;
	start(fixture);
	connect_machine(fixture);
	return run_execute(&fixture->run, fixture->results, &fixture->err);
}

/* The fake vfsuite reboots three times in a.2, and fails it if the memory of the check is lost. */
static void a_check_goes_on_after_each_boot(void **state)
{
	struct fixture *fixture = *state;

	if (execute(fixture, "reboots") < 0)
		fail_msg("%s", fixture->err.msg);
	assert_int_equal(fixture->cuts, 3);
	assert_int_equal(record_int(record_get(fixture->results, "summary"), "pass", 0), 4);
	assert_int_equal(record_int(record_get(fixture->results, "summary"), "fail", 0), 1);
	assert_true(record_bool(results_run(fixture->results), "complete", false));
}

static void a_machine_that_stays_off_ends_the_run(void **state)
{
	struct fixture *fixture = *state;

	fixture->stays_off = true;
	assert_int_equal(execute(fixture, "reboots"), -ETIMEDOUT);
	assert_says(fixture->err.msg, "the machine does not come back: nothing happens");
	assert_int_equal(record_int(record_get(fixture->results, "summary"), "pass", 0), 1);
	assert_int_equal(record_int(record_get(fixture->results, "summary"), "broken", 0), 1);
	assert_int_equal(record_length(record_get(results_run(fixture->results), "not_run")), 3);
}

static void boots_without_end_are_refused(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(execute(fixture, "reboots-forever"), -EPROTO);
	assert_says(fixture->err.msg, "a.2 boots the machine more than");
	assert_int_equal(fixture->cuts, 1000);
}

static void a_reboot_without_memory_is_refused(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(execute(fixture, "forgets"), -EPROTO);
	assert_says(fixture->err.msg, "keeps nothing");
	assert_int_equal(fixture->cuts, 0);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_check_goes_on_after_each_boot),
		TEST(a_machine_that_stays_off_ends_the_run),
		TEST(boots_without_end_are_refused),
		TEST(a_reboot_without_memory_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
