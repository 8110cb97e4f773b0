/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "data/digest.h"

#include "tests/assert.h"

static void is_the_same_for_the_same(void **state)
{
	char one[DIGEST_TEXT], two[DIGEST_TEXT];
	struct digest *digest = digest_begin();

	(void)state;
	digest_add_str(digest, "igb");
	digest_end(digest, one);
	digest = digest_begin();
	digest_add(digest, "igb", 3);
	digest_end(digest, two);
	assert_string_equal(one, two);
	assert_int_equal(strlen(one), 64);
	assert_int_equal(strspn(one, "0123456789abcdef"), 64);
}

static void depends_on_where_pieces_end(void **state)
{
	char one[DIGEST_TEXT], two[DIGEST_TEXT];
	struct digest *digest = digest_begin();

	(void)state;
	digest_add_str(digest, "ab");
	digest_add_str(digest, "c");
	digest_end(digest, one);
	digest = digest_begin();
	digest_add_str(digest, "a");
	digest_add_str(digest, "bc");
	digest_end(digest, two);
	assert_string_not_equal(one, two);
}

static void of_nothing_is_sha256_of_nothing(void **state)
{
	struct digest *digest = digest_begin();
	char text[DIGEST_TEXT];

	(void)state;
	digest_end(digest, text);
	assert_string_equal(
			text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void of_bytes_is_what_sha256sum_says(void **state)
{
	char text[DIGEST_TEXT];

	(void)state;
	digest_bytes("abc", 3, text);
	assert_string_equal(
			text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

/* printf '\\3\\0\\0\\0\\0\\0\\0\\0igb' | sha256sum */
static void of_pieces_is_the_same_on_every_machine(void **state)
{
	struct digest *digest = digest_begin();
	char text[DIGEST_TEXT];

	(void)state;
	digest_add_str(digest, "igb");
	digest_end(digest, text);
	assert_string_equal(
			text, "49e62299d650227c95f7cdab8ab77400061019004b2748dcc3f1fb0a2f665d83");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_the_same_for_the_same),
		cmocka_unit_test(depends_on_where_pieces_end),
		cmocka_unit_test(of_nothing_is_sha256_of_nothing),
		cmocka_unit_test(of_bytes_is_what_sha256sum_says),
		cmocka_unit_test(of_pieces_is_the_same_on_every_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
