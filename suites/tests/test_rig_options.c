/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "command/verb.h"
#include "rig/rig_kind.h"
#include "tests/assert.h"

/* Command lines of a program whose only verb brings up a rig. */

static struct rig_options options;
static struct err err;
static int rc;

static int run(struct verb_call *call)
{
	options = (struct rig_options){ .kind = NULL };
	err = (struct err){ 0 };
	rc = rig_options_read(call, &options, &err);
	return EXIT_GOOD;
}

static void read_command_line(char *a, char *b, char *c, char *d)
{
	static const struct verb verbs[] = {
		{ .name = "run", .args = "", .summary = "", .run = run, .more_flags = rig_flags },
		{ 0 },
	};
	static const struct verb *const groups[] = { verbs, NULL };
	static const struct program program = { .name = "prog", .groups = groups };
	char *argv[] = { "prog", "run", a, b, c, d, NULL };
	int argc = 2;

	while (argv[argc])
		argc++;
	assert_int_equal(program_main(&program, argc, argv), EXIT_GOOD);
}

static void emulated_is_the_default(void **state)
{
	(void)state;
	read_command_line("--kernel", "6.12", "--cold", NULL);
	assert_int_equal(rc, 0);
	assert_string_equal(options.kind->name, "emulated");
	assert_string_equal(rig_option(&options, "kernel"), "6.12");
	assert_string_equal(rig_option(&options, "cold"), "");
	assert_null(rig_option(&options, "qemu"));
}

static void a_kind_has_its_own_options(void **state)
{
	(void)state;
	read_command_line("--rig", "local", "--safe-to-break", "0000:01:00.0");
	assert_int_equal(rc, 0);
	assert_string_equal(options.kind->name, "local");
	assert_string_equal(rig_option(&options, "safe-to-break"), "0000:01:00.0");
	read_command_line("--rig=local", "--qemu", "11.0", NULL);
	assert_int_equal(rc, -EINVAL);
	assert_says(err.msg, "--qemu is for the emulated rig only");
	read_command_line("--partner", "eth1", NULL, NULL);
	assert_int_equal(rc, -EINVAL);
	assert_says(err.msg, "--partner is for the local rig only (--rig local)");
}

static void an_unknown_kind_is_named(void **state)
{
	(void)state;
	read_command_line("--rig", "lokal", NULL, NULL);
	assert_int_equal(rc, -EINVAL);
	assert_says(err.msg, "no rig 'lokal': there are emulated and local");
	read_command_line("--rig", "local:host", NULL, NULL);
	assert_int_equal(rc, -EINVAL);
	assert_says(err.msg, "takes nothing after a colon");
}

static void an_option_can_be_changed_and_taken_back(void **state)
{
	(void)state;
	read_command_line("--topology", "igb", NULL, NULL);
	rig_options_set(&options, "topology", "virtio");
	rig_options_set(&options, "cold", "");
	assert_string_equal(rig_option(&options, "topology"), "virtio");
	rig_options_set(&options, "topology", NULL);
	assert_null(rig_option(&options, "topology"));
	assert_string_equal(rig_option(&options, "cold"), "");
}

/* Checks the members that every entry needs, and those that need each other. */
static void every_kind_is_complete(void **state)
{
	(void)state;
	for (size_t i = 0; rig_kinds[i]; i++) {
		const struct rig_kind *kind = rig_kinds[i];

		assert_true(kind->name && kind->help && kind->flags);
		assert_true(kind->check && kind->up && kind->down && kind->lacks);
		assert_ptr_equal(rig_kind_find(kind->name), kind);
		assert_ptr_equal(rig_flags(i + 1), kind->flags);
		assert_true(!kind->reboot_wait || kind->act);
		assert_true(!kind->lend_console || (kind->wait && kind->folder));
		for (const struct flag *flag = kind->flags; flag->name; flag++)
			assert_true(rig_kind_has_option(kind, flag->name));
	}
	assert_false(rig_kind_has_option(rig_kinds[0], "rig"));
}

static void a_rig_says_what_it_lacks(void **state)
{
	static const struct {
		const char *topology, *lacks[3];
	} cases[] = {
		{ "igb", { "guests", "peer" } },
		{ "guests", { "peer" } },
		{ "two-hosts", { NULL } },
		{ "no-such", { NULL } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *const *lacks;
		size_t k = 0;

		read_command_line("--topology", (char *)cases[i].topology, NULL, NULL);
		options.data_dir = DATA_DIR;
		lacks = rig_lacks(&options);
		for (; cases[i].lacks[k]; k++)
			assert_string_equal(lacks[k], cases[i].lacks[k]);
		assert_null(lacks[k]);
	}
	read_command_line("--rig", "local", NULL, NULL);
	assert_string_equal(rig_lacks(&options)[0], "guests");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(emulated_is_the_default),
		cmocka_unit_test(a_rig_says_what_it_lacks),
		cmocka_unit_test(a_kind_has_its_own_options),
		cmocka_unit_test(an_unknown_kind_is_named),
		cmocka_unit_test(an_option_can_be_changed_and_taken_back),
		cmocka_unit_test(every_kind_is_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
