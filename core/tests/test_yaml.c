/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "data/yaml.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/assert.h"

struct fixture {
	struct node *root;
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

	node_free(fixture->root);
	free(fixture);
	return 0;
}

static int parse(struct fixture *fixture, const char *text)
{
	node_free(fixture->root);
	fixture->root = NULL;
	fixture->err = (struct err){ 0 };
	return node_parse("x.yaml", text, strlen(text), &fixture->root, &fixture->err);
}

static void builds_trees_with_places(void **state)
{
	struct fixture *fixture = *state;
	const struct node *map, *vfs;

	if (parse(fixture,
			    "a: 1\nvfs:\n  - {id: 0, trust: true}\n  - id: 'null'\n"
			    "none: ~\n---\n- x\n") < 0)
		fail_msg("%s", fixture->err.msg);
	assert_int_equal(fixture->root->count, 2);
	map = fixture->root->items[0];
	assert_string_equal(node_text(node_get(map, "a")), "1");
	vfs = node_get(map, "vfs");
	assert_int_equal(vfs->count, 2);
	assert_int_equal(vfs->items[1]->line, 4);
	assert_int_equal(vfs->items[1]->column, 5);
	assert_string_equal(node_text(node_get(vfs->items[0], "trust")), "true");
	assert_string_equal(node_text(node_get(vfs->items[1], "id")), "null");
	assert_null(node_text(node_get(map, "none")));
	assert_null(node_text(vfs));
	assert_null(node_get(vfs, "a"));
	assert_null(node_get(NULL, "a"));
}

static void takes_an_empty_file(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(parse(fixture, ""), 0);
	assert_int_equal(fixture->root->count, 0);
}

static void refuses_with_the_place(void **state)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{ "a: &x 1\n", "x.yaml:1:4: anchors are not taken" },
		{ "a: 1\nb: *x\n", "x.yaml:2:4: aliases are not taken" },
		{ "a: &x [1]\n", "x.yaml:1:4: anchors" },
		{ "a: &x {b: 1}\n", "x.yaml:1:4: anchors" },
		{ "a: !!str 1\n", "x.yaml:1:4: tags" },
		{ "a: !!set {b: 1}\n", "x.yaml:1:4: tags" },
		{ "- 1\n- !t [1]\n", "x.yaml:2:3: tags" },
		{ "a: 1\na: 2\n", "x.yaml:2:1: this key comes twice" },
		{ "? [a]\n: 1\n", "x.yaml:1:3: a key must be plain text" },
		{ "a: [1\n", "x.yaml:2:1:" },
		{ "a:\n\t- 1\n", "x.yaml:2:1:" },
		{ "a: \"x\\0y\"\n", "x.yaml:1:4: text with a zero byte" },
		{ "a: \xff\n", "x.yaml:1:" },
		{ "a: \x01\n", "x.yaml:1:" },
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (parse(fixture, bad[i].text) != -EINVAL)
			fail_msg("'%s' was taken", bad[i].text);
		assert_says(fixture->err.msg, bad[i].says);
	}
}

static void refuses_floods(void **state)
{
	struct fixture *fixture = *state;
	size_t size = (1 << 20) + 2;
	char *text = malloc(size);

	memset(text, '[', size - 1);
	text[size - 1] = '\0';
	assert_int_equal(parse(fixture, text), -EFBIG);
	text[33] = '\0';
	assert_int_equal(parse(fixture, text), -EINVAL);
	assert_says(fixture->err.msg, "x.yaml:1:33: more than 32 levels");
	for (size_t i = 0; i < 20001; i++)
		memcpy(text + 4 * i, "- 1\n", 5);
	assert_int_equal(parse(fixture, text), -EINVAL);
	assert_says(fixture->err.msg, "more than 20,000 values");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(builds_trees_with_places, setup, teardown),
		cmocka_unit_test_setup_teardown(takes_an_empty_file, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_with_the_place, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_floods, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
