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

#include "base/file.h"
#include "proof/defect.h"
#include "proof/expression.h"
#include "proof/proof.h"
#include "reports/certificate/proof_summary.h"
#include "reports/results/results.h"

static void expressions_follow_c(void **state)
{
	static const struct expression_variable variables[] = { { "vf", 3 }, { "i", 17 } };
	static const struct {
		const char *text;
		uint64_t value;
	} cases[] = {
		{ "0x3700+4*vf", 0x370c },
		{ "0x54e4 + 8*(i-16)", 0x54ec },
		{ "1<<18 | 1<<31", 0x80040000 },
		{ "(1<<31) | 0xfff", 0x80000fff },
		{ "2 + 3 * 4 - 1", 13 },
		{ "1 << 2 + 1", 8 },
		{ "10 - 3 - 2", 5 },
		{ "7 & 3 | 8", 11 },
		{ " ( ( 5 ) ) ", 5 },
		{ "0", 0 },
		{ "0xFFFFFFFFFFFFFFFF", UINT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct err err = { 0 };
		uint64_t value = 99;

		if (expression_evaluate(cases[i].text, variables, 2, &value, &err) < 0)
			fail_msg("%s", err.msg);
		assert_int_equal(value, cases[i].value);
	}
}

static void bad_expressions_are_pointed_at(void **state)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{ "", "column 1: a number" },
		{ "1 +", "column 4: a number" },
		{ "1 2", "column 3: this does not" },
		{ "(1", "column 3: a closing" },
		{ "vfs", "column 1: unknown variable" },
		{ "3-4", "negative" },
		{ "1<<64", "too large" },
		{ "3<<63", "too large" },
		{ "0xffffffffffffffff+1", "too large" },
		{ "0x100000000*0x100000000", "too large" },
		{ "99999999999999999999", "too large" },
		{ "0x", "hexadecimal" },
		{ "12ab", "not a digit" },
		{ "-1", "a number" },
		{ "1 / 2", "does not continue" },
	};
	char deep[200];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct err err = { 0 };
		uint64_t value;

		if (expression_evaluate(cases[i].text, NULL, 0, &value, &err) >= 0)
			fail_msg("'%s' was taken", cases[i].text);
		if (!strstr(err.msg, cases[i].said))
			fail_msg("'%s' does not say '%s'", err.msg, cases[i].said);
	}
	memset(deep, '(', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	assert_int_equal(expression_evaluate(deep, NULL, 0, &(uint64_t){ 0 }, NULL), -EINVAL);
}

static int load(const char *text, struct defect **defect, struct err *err)
{
	int rc = file_write_atomic(AT_FDCWD, "test-defect.ini", text, strlen(text), NULL);

	assert_int_equal(rc, 0);
	rc = defect_load("test-defect.ini", defect, err);
	file_remove_tree("test-defect.ini", NULL);
	return rc;
}

/* Either may be NULL. */
static void compare_text(const char *have, const char *want)
{
	if (have != want && (!have || !want || strcmp(have, want) != 0))
		fail_msg("'%s' is not '%s'", have ? have : "(none)", want ? want : "(none)");
}

#define DEFECT "[Defect]\nTitle=T\nExpect=vlan.a mac.b vlan.c\n"

static void registers_are_expanded(void **state)
{
	struct defect *defect = NULL;
	struct err err = { 0 };
	const struct record *write;

	(void)state;
	if (load(DEFECT "[Register R]\nVF=0 2-3\nIndex=1-2\nAddress=0x100+16*vf+4*i\nMask=0xff\n"
			"Match=i\nClear=0xf\nSet=vf<<4\n[Device pf]\nx=y\n",
			    &defect, &err) < 0)
		fail_msg("%s", err.msg);
	assert_string_equal(defect->id, "test-defect");
	assert_int_equal(record_length(defect->suites), 2);
	assert_int_equal(record_length(defect->registers), 6);
	write = record_at(defect->registers, 3); /* vf 2, i 2 */
	assert_int_equal(record_int(write, "address", 0), 0x128);
	assert_int_equal(record_int(write, "mask", 0), 0xff);
	assert_int_equal(record_int(write, "match", 0), 2);
	assert_int_equal(record_int(write, "clear", 0), 0xf);
	assert_int_equal(record_int(write, "set", 0), 0x20);
	defect_free(defect);
}

static void config_writes_are_expanded(void **state)
{
	struct defect *defect = NULL;
	struct err err = { 0 };
	const struct record *write;

	(void)state;
	if (load(DEFECT "[Config a]\nFunction=pf vf3\nCapability=sriov\nOffset=0x08\nClear=1<<3\n"
			"[Config b]\nFunction=port\nOffset=4\nSet=2\nPretend=yes\n",
			    &defect, &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(record_length(defect->config), 3);
	write = record_at(defect->config, 1);
	assert_string_equal(record_str(write, "function", ""), "vf3");
	assert_string_equal(record_str(write, "capability", ""), "sriov");
	assert_int_equal(record_int(write, "offset", 0), 8);
	assert_int_equal(record_int(write, "clear", 0), 8);
	assert_false(record_bool(write, "pretend", true));
	write = record_at(defect->config, 2);
	assert_null(record_str(write, "capability", NULL));
	assert_int_equal(record_int(write, "set", 0), 2);
	assert_true(record_bool(write, "pretend", false));
	defect_free(defect);
}

static void functions_are_taken(void **state)
{
	struct defect *defect = NULL;
	struct err err = { 0 };
	const struct record *function;

	(void)state;
	if (load(DEFECT "[Function igb:igb_reset]\nReturns=-22\n"
			"[Function pcie_flr]\nReturns=0x10\nDuring=run\n[Rig]\nBegin=link-down\n"
			"Ignore=link-up\n"
			"[Function pcie_reset_flr]\nReturns=never\n",
			    &defect, &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(record_length(defect->functions), 3);
	function = record_at(defect->functions, 0);
	assert_string_equal(record_str(function, "name", ""), "igb:igb_reset");
	assert_int_equal(record_int(function, "returns", 0), -22);
	assert_false(record_bool(function, "lasting", true));
	function = record_at(defect->functions, 1);
	assert_int_equal(record_int(function, "returns", 0), 16);
	assert_true(record_bool(function, "lasting", false));
	function = record_at(defect->functions, 2);
	assert_string_equal(record_str(function, "returns", ""), "never");
	assert_string_equal(record_text(record_at(defect->begin, 0)), "link-down");
	assert_string_equal(record_text(record_at(defect->ignored, 0)), "link-up");
	assert_false(defect->slow);
	defect_free(defect);
}

static void defects_of_boots_are_read(void **state)
{
	struct defect *defect = NULL;
	struct err err = { 0 };

	(void)state;
	if (load(DEFECT "[Rig]\nRestore=no\nStateDisk=lost\nAfterBoot=ip link set x down\n"
			"Pretend=fsync rename\n",
			    &defect, &err) < 0)
		fail_msg("%s", err.msg);
	assert_true(defect->boot_defect.without_restore);
	assert_true(defect->boot_defect.state_lost);
	assert_string_equal(defect->boot_defect.after_boot, "ip link set x down");
	assert_int_equal(record_length(defect->pretended), 2);
	assert_string_equal(record_text(record_at(defect->pretended, 1)), "rename");
	defect_free(defect);
	assert_int_equal(load(DEFECT "[Rig]\nRestore=yes\n", &defect, &err), -EINVAL);
	assert_non_null(strstr(err.msg, "Restore= can only be no"));
	err = (struct err){ 0 };
	assert_int_equal(load(DEFECT "[Rig]\nStateDisk=kept\n", &defect, &err), -EINVAL);
	assert_non_null(strstr(err.msg, "StateDisk= can only be lost"));
}

static void topologies_are_names(void **state)
{
	static const char *const good[] = { "guests", "igb-two-ports", "my_rig2" };
	static const char *const bad[] = { "", "./guests", "rigs/guests", "guests.ini", "a b",
		"../x" };
	struct defect *defect = NULL;
	struct err err = { 0 };
	char text[200];

	(void)state;
	assert_int_equal(load(DEFECT, &defect, NULL), 0);
	assert_null(defect->topology);
	defect_free(defect);
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		snprintf(text, sizeof(text), DEFECT "Topology=%s\n", good[i]);
		if (load(text, &defect, &err) < 0)
			fail_msg("%s", err.msg);
		assert_string_equal(defect->topology, good[i]);
		defect_free(defect);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		err = (struct err){ 0 };
		snprintf(text, sizeof(text), DEFECT "Topology=%s\n", bad[i]);
		if (load(text, &defect, &err) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
		assert_non_null(strstr(err.msg, "test-defect.ini:4:10: [Defect] Topology= must"));
	}
}

static void commands_of_starts_are_read(void **state)
{
	static const struct {
		const char *rig, *at_start, *after_boot;
	} cases[] = {
		{ "AtStart=modprobe -r x;  echo 'a  b'", "modprobe -r x;  echo 'a  b'", NULL },
		{ "AfterBoot=b", NULL, "b" },
		{ "AtStart=a\nAfterBoot=b", "a", "b" },
		{ "Begin=link-down", NULL, NULL },
		{ "AtStart=first\nAtStart=second", "second", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct defect *defect = NULL;
		struct err err = { 0 };
		char text[200];

		snprintf(text, sizeof(text), DEFECT "[Rig]\n%s\n", cases[i].rig);
		if (load(text, &defect, &err) < 0)
			fail_msg("%s", err.msg);
		compare_text(defect->boot_defect.at_start, cases[i].at_start);
		compare_text(defect->boot_defect.after_boot, cases[i].after_boot);
		defect_free(defect);
	}
}

static void bad_defects_are_named(void **state)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{ "[Kernel]\nArguments=x\n", "no section [Defect]" },
		{ "[Defect]\nExpect=a.b\n", "test-defect.ini:1:1: [Defect] Title= is missing" },
		{ "[Defect]\nTitle=T\n", "Expect= is missing" },
		{ "[Defect]\nTitle=T\nNull=yes\nExpect=a.b\n", "must be absent" },
		{ "[Defect]\nTitle=T\nNull=yes\n", "Suites= is missing" },
		{ "[Defect]\nTitle=T\nNull=maybe\nExpect=a.b\n", "yes or no" },
		{ DEFECT "Allow=a.b\n", "test-defect.ini:4: Allow=" },
		{ DEFECT "Alow=a.b: x\n", "test-defect.ini:4:1: unknown key Alow" },
		{ DEFECT DEFECT, "is given twice" },
		{ DEFECT "[Devise pf]\nx=y\n", "unknown section [Devise]" },
		{ DEFECT "[Register R]\nSet=1\n", "Address= is missing" },
		{ DEFECT "[Register R]\nAddress=4\n", "changes nothing" },
		{ DEFECT "[Register R]\nAddress=6\nSet=1\n", "multiple of 4" },
		{ DEFECT "[Register R]\nAddress=4*vf\nSet=1\n", "unknown variable" },
		{ DEFECT "[Register R]\nAddress=4\nSet=1<<32\n", "32 bits" },
		{ DEFECT "[Register R]\nAddress=4\nSet=1\nMask=1\nMatch=2\n", "outside of Mask" },
		{ DEFECT "[Register R]\nAddress=4\nSet=1\nVF=3-1\n", "numbers and ranges" },
		{ DEFECT "[Register R]\nAddress=4\nSet=1\nVF=\n", "is empty" },
		{ DEFECT "[Register R]\nAddress=4\nSet=1\nVF=0-65535\n", "256 at most" },
		{ DEFECT "[Register R]\nAddress=4\nSet=1\nVF=0-255\nIndex=0-255\n", "4096 writes" },
		{ DEFECT "[Config C]\nOffset=4\nSet=1\n", "Function= is missing" },
		{ DEFECT "[Config C]\nFunction=pf\nSet=1\n", "Offset= is missing" },
		{ DEFECT "[Config C]\nFunction=pf\nOffset=4\n", "changes nothing" },
		{ DEFECT "[Config C]\nFunction=pf\nOffset=5\nSet=1\n", "Offset= is odd" },
		{ DEFECT "[Config C]\nFunction=pf\nOffset=4096\nSet=1\n", "Offset= is too large" },
		{ DEFECT "[Config C]\nFunction=pf\nOffset=4\nSet=1<<16\n", "Set= is too large" },
		{ DEFECT "[Config C]\nFunction=vfx\nOffset=4\nSet=1\n", "Function= must be" },
		{ DEFECT "[Config C]\nFunction=pf\nCapability=pm\nOffset=4\nSet=1\n",
				"Capability= must be" },
		{ DEFECT "[Config C]\nFunction=pf\nOffset=4\nSet=1\nPretend=1\n", "yes or no" },
		{ DEFECT "[Config C]\nFunktion=pf\n", "unknown key" },
		{ DEFECT "[Function]\nReturns=0\n", "needs the name of one function" },
		{ DEFECT "[Function a b]\nReturns=0\n", "needs the name of one function" },
		{ DEFECT "[Function f]\n", "Returns= must be" },
		{ DEFECT "[Function f]\nReturns=x\n", "Returns= must be" },
		{ DEFECT "[Function f]\nReturns=-\n", "Returns= must be" },
		{ DEFECT "[Function f]\nReturns=2147483648\n", "Returns= must be" },
		{ DEFECT "[Function f]\nReturns=0\nDuring=boot\n", "During= must be" },
		{ DEFECT "[Function f]\nReturn=0\n", "unknown key Return" },
		{ DEFECT "[Rig]\nAtStart=\n", "test-defect.ini:5:9: [Rig] AtStart= is empty" },
		{ DEFECT "[Rig]\nAtStart=a\nAfterBoot=\n", "AfterBoot= is empty" },
		{ DEFECT "[Rig]\nAtBoot=a\n", "unknown key AtBoot" },
		{ "[Defect]\nTitle=T\nApart=1\nExpect=a.b\n", "Apart= must be yes or no" },
		{ "[Defect]\nTitle=T\nDealt=1\nExpect=a.b\n", "Dealt= must be yes or no" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct defect *defect = NULL;
		struct err err = { 0 };

		assert_int_equal(load(cases[i].text, &defect, &err), -EINVAL);
		if (!strstr(err.msg, cases[i].said))
			fail_msg("'%s' does not say '%s'", err.msg, cases[i].said);
	}
}

static void the_projects_own_defects_load(void **state)
{
	struct defects defects = { 0 };
	struct err err = { 0 };
	size_t nulls = 0;

	(void)state;
	if (defects_load(DEFECTS_DIR, NULL, 0, &defects, &err) < 0)
		fail_msg("%s", err.msg);
	for (size_t i = 0; i < defects.count; i++)
		nulls += defects.list[i]->null;
	assert_true(defects.count - nulls >= 30);
	assert_true(nulls >= 5);
	cleanup_defects(&defects);
}

static void an_unknown_defect_is_bad_input(void **state)
{
	struct defects defects = { 0 };
	struct err err = { 0 };
	char *names[] = { "no-such" };

	(void)state;
	assert_int_equal(defects_load(DEFECTS_DIR, names, 1, &defects, &err), -EINVAL);
	assert_non_null(strstr(err.msg, "unknown defect 'no-such'"));
	cleanup_defects(&defects);
}

/* Results of checks a to e in suite s, whose verdicts are the letters of WORD: p f s b k c, or -
 * if absent. */
static struct record *results_of(const char *word)
{
	struct record *run = record_object(), *results;

	record_put_bool(run, "complete", true);
	results = results_new(run, record_object());
	for (size_t i = 0; word[i]; i++) {
		char id[] = { 's', '.', (char)('a' + i), '\0' };

		for (int k = 0; k < VERDICTS; k++) {
			if (verdict_words[k][0] == word[i])
				results_add(results,
						&(struct check_result){ .id = id,
								.suite = "s",
								.title = "",
								.verdict = (enum verdict)k,
								.origin = "emulated" });
		}
	}
	return results;
}

static const struct {
	const char *sound, *now, *caught, *missed, *alarms, *broken, *allowed;
	bool null, good;
} rows[] = {
	/* Expected: s.a, s.b. Allowed: s.c. */
	{ "ppppp", "ffppp", "ab", "", "", "", "", false, true },
	{ "ppppp", "fpppp", "a", "b", "", "", "", false, false },
	{ "ppppp", "fffpp", "ab", "", "", "", "c", false, true },
	{ "ppppp", "ffpfp", "ab", "", "d", "", "", false, false },
	{ "ppppp", "fbppp", "a", "", "", "b", "", false, false },
	{ "ppppp", "ffpbp", "ab", "", "", "d", "", false, true },
	{ "kpppp", "kfppp", "b", "a", "", "", "", false, false },
	{ "spppp", "ffppp", "b", "a", "", "", "", false, false },
	{ "ppppp", "f-ppp", "a", "b", "", "", "", false, false },
	{ "ppppp", "fsppp", "a", "b", "", "", "", false, false },
	{ "pppsp", "ffpfp", "ab", "", "d", "", "", false, false },
	{ "ppkkp", "ffkcp", "ab", "", "", "", "", false, true },
	{ "ppppf", "ffppf", "ab", "", "", "", "", false, false }, /* not sound */
	{ "ppkpp", "ppkpp", "", "", "", "", "", true, true },
	{ "ppppp", "fpppp", "", "", "a", "", "", true, false },
	{ "ppppp", "bpppp", "", "", "a", "", "", true, false },
	{ "kpppp", "cpppp", "", "", "a", "", "", true, false },
};

static void compare_list(
		const struct record *entry, const char *member, const char *want, size_t row)
{
	const struct record *list = record_get(entry, member);
	char have[16] = "";

	for (size_t i = 0; i < record_length(list); i++)
		strncat(have, record_text(record_at(list, i)) + 2, 1);
	if (strcmp(have, want))
		fail_msg("row %zu: %s is '%s', not '%s'", row, member, have, want);
}

static void the_matrix_counts_what_was_seen(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct record *sound = results_of(rows[i].sound), *now = results_of(rows[i].now);
		struct record *run = record_object(), *proof;
		const struct record *entry;
		struct defect *defect = NULL;
		int rc = load(rows[i].null ? "[Defect]\nTitle=T\nNull=yes\nSuites=s\n"
					   : "[Defect]\nTitle=T\nExpect=s.a s.b\nAllow=s.c: as\n",
				&defect, NULL);

		assert_int_equal(rc, 0);
		record_put_bool(run, "complete", true);
		proof = proof_begin(run, NULL, sound);
		proof_add(proof, proof_row(defect, sound, now));
		proof_finish(proof, sound);
		entry = record_at(record_get(proof, "defects"), 0);
		compare_list(entry, "caught", rows[i].caught, i);
		compare_list(entry, "missed", rows[i].missed, i);
		compare_list(entry, "false_alarms", rows[i].alarms, i);
		compare_list(entry, "broken", rows[i].broken, i);
		compare_list(entry, "allowed", rows[i].allowed, i);
		for (size_t k = 0; k < record_length(record_get(proof, "unproved")); k++) {
			const char *id = record_text(record_at(record_get(proof, "unproved"), k));

			assert_null(strchr(rows[i].caught, id[2]));
			assert_int_equal(rows[i].sound[id[2] - 'a'], 'p');
		}
		if (proof_holds(proof) != rows[i].good)
			fail_msg("row %zu: good is %d", i, !rows[i].good);
		defect_free(defect);
		record_free(proof);
		record_free(sound);
		record_free(now);
	}
}

static void half_a_row_proves_nothing(void **state)
{
	struct record *sound = results_of("ppppp"), *now = results_of("ffppp");
	struct record *run = record_object(), *proof;
	struct defect *defect = NULL;

	(void)state;
	assert_int_equal(load("[Defect]\nTitle=T\nExpect=s.a s.b\n", &defect, NULL), 0);
	record_put_bool(run, "complete", true);
	record_put_bool(results_run(now), "complete", false);
	record_put_str(results_run(now), "why", "QEMU has died");
	proof = proof_begin(run, NULL, sound);
	assert_false(proof_holds(proof)); /* without a defect */
	proof_add(proof, proof_row(defect, sound, now));
	assert_false(proof_holds(proof));
	assert_string_equal(record_str(record_at(record_get(proof, "defects"), 0), "error", ""),
			"QEMU has died");
	defect_free(defect);
	record_free(proof);
	record_free(sound);
	record_free(now);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expressions_follow_c),
		cmocka_unit_test(bad_expressions_are_pointed_at),
		cmocka_unit_test(registers_are_expanded),
		cmocka_unit_test(config_writes_are_expanded),
		cmocka_unit_test(functions_are_taken),
		cmocka_unit_test(defects_of_boots_are_read),
		cmocka_unit_test(topologies_are_names),
		cmocka_unit_test(commands_of_starts_are_read),
		cmocka_unit_test(bad_defects_are_named),
		cmocka_unit_test(the_projects_own_defects_load),
		cmocka_unit_test(an_unknown_defect_is_bad_input),
		cmocka_unit_test(the_matrix_counts_what_was_seen),
		cmocka_unit_test(half_a_row_proves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
