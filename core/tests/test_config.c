/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/config.h"

#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "tests/assert.h"
#include "tests/tree.h"

static const struct bdf pf = { 0, 1, 0, 0 };

static void reads_below_the_root(void **state)
{
	CLEANUP(cleanup_config) struct config *config = NULL;
	struct tree *tree = *state;

	assert_int_equal(config_open(tree->host, pf, &config, NULL), 0);
	assert_int_equal(config_length(config), 4096);
	assert_int_equal(config_word(config, 0), 0x8086);
	assert_int_equal(config_long(config, 0), 0x10c98086);
	assert_int_equal(config_byte(config, 2), 0xc9);
}

static void finds_capabilities(void **state)
{
	CLEANUP(cleanup_config) struct config *config = NULL;
	struct tree *tree = *state;

	assert_int_equal(config_open(tree->host, pf, &config, NULL), 0);
	assert_int_equal(config_capability(config, 0x10), 0xa0);
	assert_int_equal(config_capability(config, 0x99), 0);
	assert_int_equal(config_extended(config, 0x10), 0x160);
	assert_int_equal(config_extended(config, 0x0d), 0);
}

static void ends_loops(void **state)
{
	CLEANUP(cleanup_config) struct config *config = NULL;
	struct tree *tree = *state;

	tree_config_word(tree, TREE_PF, 0x40, 0x4001);  /* the first capability points to itself */
	tree_config_word(tree, TREE_PF, 0x152, 0x1000); /* ARI points to the first one */
	assert_int_equal(config_open(tree->host, pf, &config, NULL), 0);
	assert_int_equal(config_capability(config, 0x10), 0);
	assert_int_equal(config_extended(config, 0x10), 0);
}

static void tells_how_much_could_be_read(void **state)
{
	struct tree *tree = *state;
	CLEANUP(cleanup_config) struct config *config = NULL;
	CLEANUP(cleanup_free)
	char *path = text_format("%s/sys/bus/pci/devices/" TREE_PF "/config", tree->root);

	assert_int_equal(truncate(path, 64), 0);
	assert_int_equal(config_open(tree->host, pf, &config, NULL), 0);
	assert_int_equal(config_length(config), 64);
	assert_int_equal(config_word(config, 0x100), 0xffff);
	assert_int_equal(config_extended(config, 0x10), 0);
}

static void writes_words(void **state)
{
	CLEANUP(cleanup_config) struct config *config = NULL;
	struct tree *tree = *state;

	assert_int_equal(config_open(tree->host, pf, &config, NULL), 0);
	assert_int_equal(config_word(config, 4), 0);
	assert_int_equal(config_write_word(config, 4, 0x0406, NULL), 0);
	assert_int_equal(config_word(config, 4), 0x0406);
}

static void names_a_function_that_is_not_there(void **state)
{
	CLEANUP(cleanup_config) struct config *config = NULL;
	struct tree *tree = *state;
	struct err err = { 0 };

	assert_int_equal(config_open(tree->host, (struct bdf){ 0, 9, 0, 0 }, &config, &err),
			-ENODEV);
	assert_says(err.msg, "0000:09:00.0");
}

static void names_unknown_models_by_their_ids(void **state)
{
	struct tree *tree = *state;
	char text[128];

	assert_string_equal(
			config_names(tree->host, 0xfff1, 0xabcd, text, sizeof(text)), "fff1 abcd");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_below_the_root, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(finds_capabilities, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(ends_loops, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(
				tells_how_much_could_be_read, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(writes_words, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(
				names_a_function_that_is_not_there, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(
				names_unknown_models_by_their_ids, tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
