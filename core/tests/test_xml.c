/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "data/xml.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "data/xml_writer.h"
#include "tests/assert.h"

struct fixture {
	struct xml *root;
	struct err err;
	char *written;
};

static int setup(void **state)
{
	*state = calloc(1, sizeof(struct fixture));
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	xml_free(fixture->root);
	free(fixture->written);
	free(fixture);
	return 0;
}

static int parse_bytes(struct fixture *fixture, const char *text, size_t length)
{
	xml_free(fixture->root);
	fixture->root = NULL;
	fixture->err = (struct err){ 0 };
	return xml_parse("x.xml", text, length, &fixture->root, &fixture->err);
}

static int parse(struct fixture *fixture, const char *text)
{
	return parse_bytes(fixture, text, strlen(text));
}

static void builds_trees_with_places(void **state)
{
	struct fixture *fixture = *state;
	const struct xml *item;

	if (parse(fixture,
			    "<?xml version='1.0'?>\n<!-- a -->\n<a n='1' m=\"x&lt;&#65;\">\r\n"
			    "  <b>one<!-- - --> <![CDATA[<two>]]></b>\n"
			    "  <q:b xmlns:q='urn:q'/><b k=''><c/></b>\n</a>\n") < 0)
		fail_msg("%s", fixture->err.msg);
	assert_true(xml_is(fixture->root, "a"));
	assert_string_equal(xml_attribute(fixture->root, "n"), "1");
	assert_string_equal(xml_attribute(fixture->root, "m"), "x<A");
	assert_null(xml_attribute(fixture->root, "b"));
	assert_null(xml_text(fixture->root));
	assert_int_equal(fixture->root->count, 3);
	item = xml_child(fixture->root, "b");
	assert_string_equal(xml_text(item), "one <two>");
	assert_int_equal(item->line, 4);
	assert_int_equal(item->column, 3);
	assert_true(xml_is(fixture->root->children[1], "q:b"));
	item = fixture->root->children[2];
	assert_string_equal(xml_attribute(item, "k"), "");
	assert_int_equal(item->column, 25);
	assert_null(xml_path(fixture->root, "b/c"));
	assert_ptr_equal(xml_path(item, "c"), item->children[0]);
	assert_null(xml_path(item, "c/d"));
	assert_null(xml_path(item, "cc"));
}

static void takes_nothing_for_nothing(void **state)
{
	(void)state;
	assert_false(xml_is(NULL, "a"));
	assert_null(xml_child(NULL, "a"));
	assert_null(xml_path(NULL, "a/b"));
	assert_null(xml_attribute(NULL, "a"));
	assert_null(xml_text(NULL));
	xml_free(NULL);
}

static void refuses_with_the_place(void **state)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{ "", "x.xml:1:1: no element found" },
		{ "<a>\n<b></a>", "x.xml:2:6: mismatched tag" },
		{ "<a>", "x.xml:1:4: no element found" },
		{ "<a/><b/>", "x.xml:1:5: junk after document element" },
		{ "<a b='1' b='2'/>", "duplicate attribute" },
		{ "<a>&other;</a>", "x.xml:1:4: undefined entity" },
		{ "<a>&#0;</a>", "x.xml:1:4: reference to invalid character number" },
		{ "<a>\x01</a>", "x.xml:1:4: not well-formed" },
		{ "<a>\xff</a>", "x.xml:1:4: not well-formed" },
		{ "<!DOCTYPE a>\n<a/>", "x.xml:1:12: a document type is not taken" },
		{ "<!DOCTYPE a [<!ENTITY e 'x'>]>\n<a>&e;</a>", "a document type is not taken" },
		{ "<!DOCTYPE a SYSTEM '/etc/passwd'><a/>", "a document type is not taken" },
		{ "<!DOCTYPE a [<!ENTITY % p SYSTEM 'x'> %p;]><a/>", "a document type" },
		{ "<?xml version='1.0' encoding='none'?><a/>", "unknown encoding" },
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (parse(fixture, bad[i].text) != -EINVAL)
			fail_msg("'%s' was taken", bad[i].text);
		assert_says(fixture->err.msg, bad[i].says);
	}
	assert_int_equal(parse_bytes(fixture, "<a>\0</a>", 8), -EINVAL);
}

/* UNIT repeated COUNT times after BEFORE. */
static int parse_many(struct fixture *fixture, const char *before, const char *unit, size_t count,
		const char *after)
{
	char *text = malloc(strlen(before) + count * strlen(unit) + strlen(after) + 1), *end = text;
	int rc;

	end = stpcpy(end, before);
	for (size_t i = 0; i < count; i++)
		end = stpcpy(end, unit);
	stpcpy(end, after);
	rc = parse(fixture, text);
	free(text);
	return rc;
}

static void refuses_floods(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(parse_many(fixture, "<a>", "0123456789abcdef", 1 << 18, "</a>"), -EFBIG);
	assert_says(fixture->err.msg, "x.xml: larger than 4 MiB");
	assert_int_equal(parse_many(fixture, "", "<a>", 65, ""), -EINVAL);
	assert_says(fixture->err.msg, "x.xml:1:193: more than 64 levels");
	assert_int_equal(parse_many(fixture, "<a>", "<a/>", 100000, "</a>"), -EINVAL);
	assert_says(fixture->err.msg, "more than 100,000 elements and attributes");
	assert_int_equal(parse_many(fixture, "<a>", "<a b='' c=''/>", 33334, "</a>"), -EINVAL);
	assert_says(fixture->err.msg, "more than 100,000 elements and attributes");
	assert_int_equal(parse_many(fixture, "<a>", "<a/>", 99999, "</a>"), 0);
	assert_int_equal(fixture->root->count, 99999);
}

/* Text that comes in many pieces. */
static void keeps_long_text(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(parse_many(fixture, "<a>", "ab\n<b>c</b>&amp;", 50000, "</a>"), 0);
	assert_int_equal(strlen(xml_text(fixture->root)), 4 * 50000);
	assert_memory_equal(xml_text(fixture->root), "ab\n&ab\n&", 8);
	assert_string_equal(xml_text(fixture->root->children[49999]), "c");
}

static int write_one(struct fixture *fixture, const char *value, const char *text)
{
	size_t length;
	FILE *out;
	struct xml_writer writer;
	int rc;

	free(fixture->written);
	fixture->written = NULL;
	fixture->err = (struct err){ 0 };
	out = open_memstream(&fixture->written, &length);
	writer = XML_WRITER(out);
	xml_begin(&writer, "a");
	xml_put(&writer, "b", "%s", value);
	xml_begin(&writer, "c");
	xml_end(&writer);
	xml_begin(&writer, "d");
	xml_put_text(&writer, text);
	xml_end(&writer);
	xml_end(&writer);
	rc = xml_writer_finish(&writer, &fixture->err);
	fclose(out);
	return rc;
}

static void writes_what_it_reads(void **state)
{
	static const char *const values[] = { "", "x", "<&>'\"", "]]>", "&amp;", "caf\xc3\xa9",
		" a  b ", "-->", "\xe2\x82\xac\xf0\x9f\x90\xa7", "%s" };
	struct fixture *fixture = *state;

	assert_int_equal(write_one(fixture, "1", "t"), 0);
	assert_string_equal(fixture->written, "<a b='1'>\n  <c/>\n  <d>t</d>\n</a>\n");
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		const char *text;

		assert_int_equal(write_one(fixture, values[i], values[i]), 0);
		if (parse(fixture, fixture->written) < 0)
			fail_msg("%s: %s", fixture->written, fixture->err.msg);
		assert_string_equal(xml_attribute(fixture->root, "b"), values[i]);
		text = xml_text(xml_child(fixture->root, "d"));
		assert_string_equal(text ? text : "", values[i]);
	}
}

static void writes_nothing_that_reads_otherwise(void **state)
{
	static const char *const values[] = { "a\nb", "a\tb", "\r", "\x01", "\x7f", "\xff", "a\xc3",
		"\xe2\x80\xae", "\xef\xbf\xbf" };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		assert_int_equal(write_one(fixture, values[i], "t"), -EINVAL);
		assert_says(fixture->err.msg, "b of <a>: a line break, a control character");
		assert_int_equal(write_one(fixture, "v", values[i]), -EINVAL);
		assert_says(fixture->err.msg, "the text of <d>: ");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(builds_trees_with_places, setup, teardown),
		cmocka_unit_test(takes_nothing_for_nothing),
		cmocka_unit_test_setup_teardown(refuses_with_the_place, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_floods, setup, teardown),
		cmocka_unit_test_setup_teardown(keeps_long_text, setup, teardown),
		cmocka_unit_test_setup_teardown(writes_what_it_reads, setup, teardown),
		cmocka_unit_test_setup_teardown(
				writes_nothing_that_reads_otherwise, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
