/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "host/config.h"
#include "tests/assert.h"

/* Dumps as lspci writes them, and as people send them. */

#define SIX      " 00 00 00 00 00 00"
#define TEN      SIX " 00 00 00 00"
#define FOURTEEN TEN " 00 00 00 00"
#define FIFTEEN  FOURTEEN " 00"

static int load(const char *text, struct dump **dump, struct err *err)
{
	int rc = file_write_atomic(AT_FDCWD, "test-dump.txt", text, strlen(text), NULL);

	assert_int_equal(rc, 0);
	rc = dump_open("test-dump.txt", dump, err);
	file_remove_tree("test-dump.txt", NULL);
	return rc;
}

static struct config *open_first(struct dump *dump)
{
	struct config *config = NULL;
	const struct bdf *functions;

	assert_true(dump_functions(dump, &functions) >= 1);
	assert_int_equal(config_open_dump(dump, functions[0], &config, NULL), 0);
	return config;
}

static void reads_what_lspci_writes(void **state)
{
	static const char text[] = "0000:01:00.0 Ethernet controller: Intel (rev 01)\r\n"
				   "\tSubsystem: 12: not bytes\n"
				   "\tCapabilities: [40] Power Management\n"
				   "00: 86 80 c9 10 07 04 10 00 01 00 00 02 10 00 80 00 \n"
				   "30: 00 00 00 00 40" TEN " 00\n"
				   "ff0:" FIFTEEN " 5a\n"
				   "\n"
				   "00: 12 34" FOURTEEN "\n"
				   "10000:e1:1f.7 Something\n"
				   "00: ab" FIFTEEN "\n";
	CLEANUP(cleanup_dump) struct dump *dump = NULL;
	CLEANUP(cleanup_config) struct config *config = NULL;
	CLEANUP(cleanup_config) struct config *second = NULL;
	const struct bdf *functions;
	struct err err = { 0 };

	(void)state;
	if (load(text, &dump, &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(dump_functions(dump, &functions), 2);
	config = open_first(dump);
	assert_int_equal(config_length(config), 4096);
	assert_int_equal(config_long(config, 0), 0x10c98086);
	assert_int_equal(config_byte(config, 0x34), 0x40);
	assert_int_equal(config_byte(config, 0x100), 0);
	assert_int_equal(config_byte(config, 0xfff), 0x5a);
	assert_int_equal(config_open_dump(dump, functions[1], &second, NULL), 0);
	assert_int_equal(functions[1].domain, 0x10000);
	assert_int_equal(config_length(second), 64);
	assert_int_equal(config_word(second, 0), 0xab);
	assert_int_equal(
			config_open_dump(dump, (struct bdf){ 0, 2, 0, 0 }, &config, &err), -ENODEV);
}

static void a_function_without_bytes_reads_all_ones(void **state)
{
	CLEANUP(cleanup_dump) struct dump *dump = NULL;
	CLEANUP(cleanup_config) struct config *config = NULL;

	(void)state;
	assert_int_equal(load("01:00.0 Ethernet\n", &dump, NULL), 0);
	config = open_first(dump);
	assert_int_equal(config_length(config), 0);
	assert_int_equal(config_long(config, 0), 0xffffffff);
}

static void bad_dumps_are_pointed_at(void **state)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{ "", "no configuration space" },
		{ "hello\nworld\n", "no configuration space" },
		{ "01:00.0 x\n00: 86 8g\n", "test-dump.txt:2: '8g'" },
		{ "01:00.0 x\n00: 86 8\n", "test-dump.txt:2: '8'" },
		{ "01:00.0 x\n00: 868 00\n", "test-dump.txt:2: '868 00'" },
		{ "01:00.0 x\nff0:" FIFTEEN " 00 11\n", "test-dump.txt:2: '11'" },
		{ "\xff\xfe"
		  "0",
				"test-dump.txt:1: the text is UTF-16" },
		{ "\xfe\xff"
		  "0",
				"test-dump.txt:1: the text is UTF-16" },
		{ "x\n00:01.0/00.0 x\n00: 86\n", "test-dump.txt:2: the bus of a function" },
		{ "01:00.0 x\n\n01:00.0 x\n", "test-dump.txt:3: 0000:01:00.0 stands there" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct dump *dump = NULL;
		struct err err = { 0 };

		assert_int_equal(load(cases[i].text, &dump, &err), -EINVAL);
		assert_says(err.msg, cases[i].said);
	}
	assert_int_equal(dump_open("no-such-dump", &(struct dump *){ NULL }, NULL), -ENOENT);
}

static void reads_dumps_as_people_send_them(void **state)
{
	static const struct {
		const char *text;
		uint32_t domain;
		uint8_t bus, function;
	} cases[] = {
		{ "5d0505:01:00.0 x\n00: 86 80" FOURTEEN "\n", 0x5d0505, 1, 0 },
		{ "8000abcd:02:00.1 x\n00: 86 80" FOURTEEN "\n", 0x8000abcd, 2, 1 },
		{ "ffffffff:02:00.0 x\n00: 86 80" FOURTEEN "\n", 0xffffffff, 2, 0 },
		{ "0000:00:00.0/01:00.1 x\n00: 86 80" FOURTEEN "\n", 0, 1, 1 },
		{ "10000:00:00.0/01:00.0/03:00.2 x\n00: 86 80" FOURTEEN "\n", 0x10000, 3, 2 },
		{ "> 01:00.0 x\n> 00: 86 80" FOURTEEN "\n", 0, 1, 0 },
		{ ">> > 01:00.0 x\n>>>00: 86 80" FOURTEEN "\n", 0, 1, 0 },
		{ "\t01:00.0 x\n\t\t00: 86 80" FOURTEEN "\n", 0, 1, 0 },
		{ "\xef\xbb\xbf"
		  "01:00.0 x\r\n00: 86 80" FOURTEEN "\r\n",
				0, 1, 0 },
		{ "$ lspci -xxxx\n01:00.0 x\n\tCapabilities: [40] y\n00: 86 80" FOURTEEN "\n", 0, 1,
				0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		CLEANUP(cleanup_dump) struct dump *dump = NULL;
		CLEANUP(cleanup_config) struct config *config = NULL;
		const struct bdf *functions;
		struct err err = { 0 };

		if (load(cases[i].text, &dump, &err) < 0)
			fail_msg("case %zu: %s", i, err.msg);
		assert_int_equal(dump_functions(dump, &functions), 1);
		assert_int_equal(functions[0].domain, cases[i].domain);
		assert_int_equal(functions[0].bus, cases[i].bus);
		assert_int_equal(functions[0].function, cases[i].function);
		config = open_first(dump);
		assert_int_equal(config_word(config, 0), 0x8086);
	}
}

/* Domains that differ only in their upper digits are different. */
static void keeps_domains_apart(void **state)
{
	static const uint32_t domains[] = { 0x8000abcd, 0xabcd, 0, 0x8000abcd };
	CLEANUP(cleanup_dump) struct dump *dump = NULL;
	const struct bdf *functions;
	struct err err = { 0 };

	(void)state;
	if (load("8000abcd:01:00.0 x\n00: 10" FIFTEEN "\n\nabcd:01:00.0 x\n00: 11" FIFTEEN
		 "\n\n01:00.0 x\n00: 12" FIFTEEN "\n"
		 "\n8000abcd:01:00.1 x\n00: 13" FIFTEEN "\n",
			    &dump, &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(dump_functions(dump, &functions), 4);
	for (unsigned i = 0; i < 4; i++) {
		CLEANUP(cleanup_config) struct config *config = NULL;

		assert_int_equal(functions[i].domain, domains[i]);
		assert_int_equal(config_open_dump(dump, functions[i], &config, NULL), 0);
		assert_int_equal(config_byte(config, 0), 0x10 + i);
	}
}

/* lspci writes 16 bytes to a line: fewer mean that bytes were lost. */
static void names_a_line_that_is_cut_off(void **state)
{
	static const struct {
		const char *last, *rest, *said;
	} cases[] = {
		{ "10: 00 00 00 00\n", "20:" FIFTEEN " 00\n",
				"3: the line is cut off: it has 4 of" },
		{ "10:" FIFTEEN "\n", "\n02:00.0 y\n00:" FIFTEEN " 00\n", "3: the line" },
		{ "10:" FIFTEEN, "", "3: the line is cut off: it has 15 of 16 bytes" },
		{ "10: ", "", "it has 0 of 16 bytes" },
		{ "10:", "", "it has 0 of 16 bytes" },
		{ "10", "", "it has 0 of 16 bytes" },
		{ "1", "", "it has 0 of 16 bytes" },
		{ "100", "", "it has 0 of 16 bytes" },
		{ "100:" SIX " 0", "", "test-dump.txt:3: '0' is no byte" },
		{ "> 10:" TEN "\r\n", "> 20:" FIFTEEN " 00\r\n", "3: the line is cut off" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		CLEANUP(cleanup_free)
		char *text = text_format("01:00.0 x\n00: 86 80" FOURTEEN "\n%s%s", cases[i].last,
				cases[i].rest);
		struct dump *dump = NULL;
		struct err err = { 0 };

		assert_int_equal(load(text, &dump, &err), -EINVAL);
		assert_says(err.msg, cases[i].said);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_lspci_writes),
		cmocka_unit_test(a_function_without_bytes_reads_all_ones),
		cmocka_unit_test(reads_dumps_as_people_send_them),
		cmocka_unit_test(keeps_domains_apart),
		cmocka_unit_test(bad_dumps_are_pointed_at),
		cmocka_unit_test(names_a_line_that_is_cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
