/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/guid.h"

#include <errno.h>

#include "tests/assert.h"

static void parses_every_form_that_tools_print(void **state)
{
	static const char *const forms[] = { "02:00:5E:00:00:ab:cd:0f", "0200:5e00:00ab:cd0f",
		"0x02005e0000abcd0f", "0X02005E0000ABCD0F" };
	char text[GUID_TEXT];
	uint64_t guid;

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		assert_int_equal(guid_parse(forms[i], &guid), 0);
		assert_true(guid == 0x02005e0000abcd0f);
		assert_string_equal(guid_format(guid, text), "02:00:5e:00:00:ab:cd:0f");
	}
	assert_int_equal(guid_parse("ff:ff:ff:ff:ff:ff:ff:ff", &guid), 0);
	assert_string_equal(guid_format(guid, text), "ff:ff:ff:ff:ff:ff:ff:ff");
}

static void refuses_anything_else(void **state)
{
	static const char *const bad[] = { "", "0x", "0x0200", "02005e0000abcd0f", "0200",
		"02:00:5e:00:00:ab:cd", "02:00:5e:00:00:ab:cd:0f:11", "02:00:5e:00:00:ab:cd:0g",
		"02-00-5e-00-00-ab-cd-0f", "0200:5e00:00ab:cd0f:", "0200:5e00:00ab",
		"0200:5e00:00ab:cd:f", "0x2005e0000abcd0f", "0x002005e0000abcd0f",
		" 2:00:5e:00:00:ab:cd:0f", "02:00:5e:00:00:ab:cd:0f ", "+x02005e0000abcd0f",
		"fe80::200:5eff:feab:cd0f", ":::::::" };
	uint64_t guid = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (guid_parse(bad[i], &guid) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
		assert_int_equal(guid, 42);
	}
}

static void tells_what_is_no_identifier(void **state)
{
	(void)state;
	assert_true(guid_is_null(0));
	assert_true(guid_is_null(UINT64_MAX));
	assert_false(guid_is_null(1));
	assert_false(guid_is_null(0x0200000000000001));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_every_form_that_tools_print),
		cmocka_unit_test(refuses_anything_else),
		cmocka_unit_test(tells_what_is_no_identifier),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
