/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "data/base64.h"

#include <errno.h>
#include <stdlib.h>

#include "tests/assert.h"

/* The vectors of RFC 4648, section 10. */
static void prints_and_parses_the_vectors(void **state)
{
	static const char *const vectors[][2] = { { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" },
		{ "foo", "Zm9v" }, { "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" },
		{ "foobar", "Zm9vYmFy" } };

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		char *text = base64_print(vectors[i][0], strlen(vectors[i][0]));
		unsigned char *data;
		size_t length;

		assert_string_equal(text, vectors[i][1]);
		assert_int_equal(base64_parse(text, &data, &length), 0);
		assert_int_equal(length, strlen(vectors[i][0]));
		assert_string_equal((char *)data, vectors[i][0]);
		free(data);
		free(text);
	}
}

static void takes_every_byte(void **state)
{
	unsigned char bytes[256], *data;
	size_t length;
	char *text;

	(void)state;
	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)i;
	text = base64_print(bytes, sizeof(bytes));
	assert_int_equal(base64_parse(text, &data, &length), 0);
	assert_int_equal(length, sizeof(bytes));
	assert_memory_equal(data, bytes, sizeof(bytes));
	free(data);
	free(text);
}

static void refuses_other_texts_for_the_same(void **state)
{
	static const char *const bad[] = { "Zh==", "Zm9=", "Zg=", "Zg", "Zg==Zg==", "Zg==\n",
		" Zg=", "Z===", "====", "=g==", "Zm9v====", "Zm-v", "Zm_v", "Zm\xc3\xa9v" };
	unsigned char *data = NULL;
	size_t length;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (base64_parse(bad[i], &data, &length) != -EINVAL)
			fail_msg("'%s' is taken", bad[i]);
	}
	assert_null(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_and_parses_the_vectors),
		cmocka_unit_test(takes_every_byte),
		cmocka_unit_test(refuses_other_texts_for_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
