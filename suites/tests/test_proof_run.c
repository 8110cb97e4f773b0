/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/process.h"
#include "base/text.h"
#include "proof/proof.h"
#include "proof/proof_run.h"
#include "reports/certificate/proof_summary.h"
#include "rig/rig_kind.h"

/* Proofs on rigs of several topologies, each of which has a fake vfsuite. */

static char place[] = "/tmp/vfcert-test-proof-XXXXXX", *ups;

static const struct {
	const char *topology, *mode;
} machines[] = { { "igb", "without-b" }, { "guests", "sound" }, { "other", "sound" },
	{ "mortal", "dies" } };

struct fake {
	struct rig rig;
	struct process process;
};

static const char *mode_of(const char *topology)
{
	for (size_t i = 0; i < sizeof(machines) / sizeof(*machines); i++) {
		if (!strcmp(machines[i].topology, topology))
			return machines[i].mode;
	}
	return NULL;
}

static const char *topology_of(const struct rig_options *options)
{
	const char *name = rig_option(options, "topology");

	return name ? name : "igb";
}

static int fake_check(const struct rig_options *options, struct err *err)
{
	if (mode_of(topology_of(options)))
		return 0;
	return err_set(err, EINVAL, "no topology '%s'", topology_of(options));
}

/* A line for each rig, from every process. */
static void note_up(const char *topology, bool broken)
{
	CLEANUP(cleanup_free)
	char *line = text_format("%s %s\n", topology, broken ? "broken" : "sound");
	CLEANUP(cleanup_fd) int fd = open(ups, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	assert_true(write(fd, line, strlen(line)) > 0);
}

static int fake_up(const struct rig_options *options, struct rig **rig, struct err *err)
{
	const char *topology = topology_of(options);
	const char *const argv[] = { FAKE_VFSUITE, mode_of(topology), NULL };
	struct fake *fake = calloc(1, sizeof(*fake));
	int ends[2], rc;

	assert_non_null(fake);
	fake->process = PROCESS_NONE;
	fake->rig.identity = record_object();
	fake->rig.actions = record_array();
	record_put_str(fake->rig.identity, "topology", topology);
	record_put_str(fake->rig.identity, "origin", "emulated");
	record_put_real(fake->rig.identity, "scale", 1);
	note_up(topology, options->overlay_count > 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	rc = process_start(argv, (struct process_streams){ ends[1], ends[1], -1 }, &fake->process,
			err);
	close(ends[1]);
	fake->rig.channel = channel_new(ends[0], ends[0]);
	*rig = &fake->rig;
	return rc;
}

static void fake_down(struct rig *rig)
{
	struct fake *fake = (struct fake *)rig;

	channel_free(rig->channel);
	process_end(&fake->process, 1000);
	record_free(rig->identity);
	record_free(rig->actions);
	free(fake);
}

static const struct rig_kind fake_kind = {
	.name = "fake", .many = true, .check = fake_check, .up = fake_up, .down = fake_down
};

/* What a test tries, and what came of it. */
struct fixture {
	struct rig_options options;
	struct defects defects;
	struct proof_run run;
	struct record *proof;
	struct err err;
};

static void add_defect(struct fixture *fixture, const char *name, const char *text)
{
	CLEANUP(cleanup_free) char *path = text_format("%s/%s.ini", place, name);
	struct defects *defects = &fixture->defects;
	struct err err = { 0 };

	assert_int_equal(file_write_atomic(AT_FDCWD, path, text, strlen(text), NULL), 0);
	defects->list = reallocarray(defects->list, defects->count + 1, sizeof(*defects->list));
	if (defect_load(path, &defects->list[defects->count++], &err) < 0)
		fail_msg("%s", err.msg);
}

/* A defect of EXPECT that writes VALUE to a register, after the further lines HEAD of [Defect]. */
static void add(struct fixture *fixture, const char *name, const char *head, const char *expect,
		const char *value)
{
	CLEANUP(cleanup_free)
	char *text = text_format("[Defect]\nTitle=T\nExpect=%s\nChecks=a.2\n%s\n"
				 "[Register R]\nAddress=0\nSet=%s\n",
			expect, head, value);

	add_defect(fixture, name, text);
}

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	unlink(ups);
	fixture->options = (struct rig_options){ .kind = &fake_kind, .tools_dir = place };
	fixture->run = (struct proof_run){ .options = &fixture->options,
		.command = "vfcert prove",
		.folder = place,
		.defects = &fixture->defects,
		.jobs = 2 };
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	cleanup_defects(&fixture->defects);
	record_free(fixture->proof);
	free(fixture);
	return 0;
}

static void prove(struct fixture *fixture)
{
	if (proof_run_execute(&fixture->run, &fixture->proof, &fixture->err) < 0)
		fail_msg("%s", fixture->err.msg);
}

/* How many rigs of that line were up. */
static int ups_of(const char *line)
{
	CLEANUP(cleanup_free) char *text = NULL;
	char *rest, *word;
	int count = 0;

	assert_int_equal(file_read(AT_FDCWD, ups, 1 << 16, &text, NULL, NULL), 0);
	for (rest = text; (word = strsep(&rest, "\n"));)
		count += *word && (!line || !strcmp(word, line));
	return count;
}

static const struct record *row(const struct fixture *fixture, size_t index)
{
	return record_at(record_get(fixture->proof, "defects"), index);
}

static size_t length_of(const struct record *object, const char *member)
{
	return record_length(record_get(object, member));
}

/* The ids of the checks that a rig ran, with a blank after each. */
static void check_ran(const char *rig, const char *want)
{
	CLEANUP(cleanup_free) char *path = text_format("%s/results-%s.json", place, rig);
	CLEANUP(cleanup_record) struct record *results = NULL;
	const struct record *checks;
	char have[100] = "";

	assert_int_equal(record_load(AT_FDCWD, path, &results, NULL), 0);
	checks = record_get(results, "checks");
	for (size_t i = 0; i < record_length(checks); i++) {
		strcat(have, record_str(record_at(checks, i), "id", "?"));
		strcat(have, " ");
	}
	assert_string_equal(have, want);
}

static void each_defect_is_compared_with_its_own_topology(void **state)
{
	struct fixture *fixture = *state;
	const struct record *sound, *unproved;

	add(fixture, "plain", "", "a.1", "1");
	add(fixture, "guest", "Topology=guests", "b.1", "11");
	add(fixture, "guest-too", "Topology=guests", "a.3", "3");
	add(fixture, "plain-too", "Checks=b.1", "a.3", "3");
	prove(fixture);
	assert_int_equal(ups_of("igb sound"), 1);
	assert_int_equal(ups_of("igb broken"), 2);
	assert_int_equal(ups_of("guests sound"), 1);
	assert_int_equal(ups_of("guests broken"), 2);
	assert_int_equal(ups_of(NULL), 6);
	check_ran("sound", "a.1 a.2 a.3 b.1 ");
	check_ran("sound-guests", "a.2 a.3 b.1 ");
	check_ran("guest", "a.2 b.1 ");
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(length_of(row(fixture, i), "caught"), 1);
		assert_int_equal(length_of(row(fixture, i), "false_alarms"), 0);
	}
	assert_null(record_get(row(fixture, 0), "topology"));
	assert_string_equal(record_str(row(fixture, 1), "topology", ""), "guests");
	assert_string_equal(record_str(row(fixture, 2), "topology", ""), "guests");
	assert_null(record_get(row(fixture, 3), "topology"));
	sound = record_get(fixture->proof, "sound");
	assert_null(record_get(sound, "topology"));
	assert_int_equal(length_of(sound, "others"), 1);
	sound = record_at(record_get(sound, "others"), 0);
	assert_string_equal(record_str(sound, "topology", ""), "guests");
	/* b.1 is skipped on one topology, and seen to fail on the other; a.2 is unproved on both. */
	unproved = record_get(fixture->proof, "unproved");
	assert_int_equal(record_length(unproved), 1);
	assert_string_equal(record_text(record_at(unproved, 0)), "a.2");
	assert_true(proof_holds(fixture->proof));
}

static void no_other_topology_costs_nothing(void **state)
{
	struct fixture *fixture = *state;

	add(fixture, "plain", "", "a.1", "1");
	add(fixture, "named", "Topology=igb", "a.3", "3");
	assert_int_equal(proof_run_elsewhere(&fixture->run), 0);
	prove(fixture);
	assert_int_equal(ups_of("igb sound"), 1);
	assert_int_equal(ups_of("igb broken"), 2);
	assert_int_equal(ups_of(NULL), 3);
	assert_null(record_get(record_get(fixture->proof, "sound"), "others"));
	assert_true(proof_holds(fixture->proof));
}

static void the_default_runs_only_if_it_is_needed(void **state)
{
	struct fixture *fixture = *state;
	const struct record *sound;

	add(fixture, "guest", "Topology=guests", "b.1", "11");
	prove(fixture);
	assert_int_equal(ups_of("guests sound"), 1);
	assert_int_equal(ups_of(NULL), 2);
	sound = record_get(fixture->proof, "sound");
	assert_string_equal(record_str(sound, "topology", ""), "guests");
	assert_null(record_get(sound, "others"));
	assert_true(proof_holds(fixture->proof));
}

/* The one of the command line is for defects without a topology of their own. */
static void the_command_line_leaves_named_topologies(void **state)
{
	static const struct {
		const char *wanted;
		size_t elsewhere;
		const char *plain, *guest;
		int all;
	} cases[] = {
		{ NULL, 1, "igb broken", "guests broken", 4 },
		{ "igb", 1, "igb broken", "guests broken", 4 },
		{ "other", 1, "other broken", "guests broken", 4 },
		{ "guests", 0, "guests broken", "guests broken", 3 },
	};
	struct fixture *fixture = *state;

	add(fixture, "plain", "", "a.1", "1");
	add(fixture, "guest", "Topology=guests", "b.1", "11");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		unlink(ups);
		rig_options_set(&fixture->options, "topology", cases[i].wanted);
		assert_int_equal(proof_run_elsewhere(&fixture->run), cases[i].elsewhere);
		prove(fixture);
		assert_true(ups_of(cases[i].plain) > 0);
		assert_true(ups_of(cases[i].guest) > 0);
		assert_int_equal(ups_of(NULL), cases[i].all);
		assert_true(proof_holds(fixture->proof));
		assert_string_equal(record_str(row(fixture, 1), "topology", ""), "guests");
		record_free(TAKE(fixture->proof));
	}
}

static void a_topology_that_is_not_sound_proves_nothing(void **state)
{
	struct fixture *fixture = *state;
	char *text = NULL;
	size_t length;
	FILE *out;

	add(fixture, "plain", "", "a.1", "1");
	add(fixture, "guest", "Topology=guests\nChecks=b.known", "b.1", "11");
	prove(fixture);
	assert_false(proof_holds(fixture->proof));
	out = open_memstream(&text, &length);
	proof_print(fixture->proof, out);
	fclose(out);
	assert_non_null(strstr(text, "not sound without a defect: b.known on guests\n"));
	assert_non_null(strstr(text, "guest on guests "));
	assert_null(strstr(text, "plain on "));
	free(text);
	out = open_memstream(&text, &length);
	proof_markdown(fixture->proof, out);
	fclose(out);
	assert_non_null(strstr(text, "| guest on guests | T |"));
	assert_non_null(strstr(text, "| plain | T |"));
	free(text);
}

/* What the default topology skips cannot be caught there. */
static void a_skipped_check_is_missed(void **state)
{
	struct fixture *fixture = *state;

	add(fixture, "guest", "", "b.1", "11");
	prove(fixture);
	assert_int_equal(length_of(row(fixture, 0), "missed"), 1);
	assert_string_equal(record_str(record_get(row(fixture, 0), "notes"), "b.1", ""),
			"is 'skip' on the sound rig");
	assert_false(proof_holds(fixture->proof));
}

static void a_sound_rig_that_dies_is_named(void **state)
{
	struct fixture *fixture = *state;

	add(fixture, "plain", "", "a.1", "1");
	add(fixture, "doomed", "Topology=mortal", "a.3", "3");
	assert_true(proof_run_execute(&fixture->run, &fixture->proof, &fixture->err) < 0);
	assert_non_null(strstr(fixture->err.msg, "the rig without a defect on mortal: "));
	assert_int_equal(ups_of("igb broken"), 0);
	assert_int_equal(ups_of("mortal broken"), 0);
	assert_false(record_bool(record_get(fixture->proof, "run"), "complete", true));
	assert_false(proof_holds(fixture->proof));
}

static void an_unknown_topology_is_named_before_any_rig(void **state)
{
	struct fixture *fixture = *state;

	add(fixture, "plain", "", "a.1", "1");
	add(fixture, "guest", "Topology=guests", "b.1", "11");
	assert_int_equal(proof_run_check(&fixture->run, &fixture->err), 0);
	add(fixture, "lost", "Topology=no-such", "b.1", "11");
	assert_int_equal(proof_run_check(&fixture->run, &fixture->err), -EINVAL);
	assert_non_null(strstr(fixture->err.msg,
			"/lost.ini: [Defect] Topology=: no topology "
			"'no-such'"));
	assert_int_equal(access(ups, F_OK), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_defect_is_compared_with_its_own_topology),
		TEST(no_other_topology_costs_nothing),
		TEST(the_default_runs_only_if_it_is_needed),
		TEST(the_command_line_leaves_named_topologies),
		TEST(a_topology_that_is_not_sound_proves_nothing),
		TEST(a_skipped_check_is_missed),
		TEST(a_sound_rig_that_dies_is_named),
		TEST(an_unknown_topology_is_named_before_any_rig),
	};
	char *program;
	int rc;

	if (!mkdtemp(place))
		return 1;
	ups = text_format("%s/ups", place);
	program = text_format("%s/vfsuite", place);
	rc = file_write_atomic(AT_FDCWD, program, "x", 1, NULL) < 0 ||
			cmocka_run_group_tests(tests, NULL, NULL);
	file_remove_tree(place, NULL);
	free(program);
	free(ups);
	return rc;
}
