/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/mac.h"

#include <errno.h>

#include "tests/assert.h"

static void parses_and_formats(void **state)
{
	char text[MAC_TEXT];
	struct mac mac;

	(void)state;
	assert_int_equal(mac_parse("52:54:00:AB:cd:0f", &mac), 0);
	assert_string_equal(mac_format(mac, text), "52:54:00:ab:cd:0f");
}

static void refuses_anything_else(void **state)
{
	static const char *const bad[] = { "", "52:54:00:ab:cd", "52:54:00:ab:cd:0f:11",
		"52-54-00-ab-cd-0f", "5254.00ab.cd0f", "52:54:00:ab:cd:0g", " 2:54:00:ab:cd:0f",
		"52:54:00:ab:cd:f", "52:54:00:ab:cd:0f ", "+1:54:00:ab:cd:0f" };
	struct mac mac = { { 1, 2, 3, 4, 5, 6 } }, kept = mac;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (mac_parse(bad[i], &mac) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
		assert_true(mac_equal(mac, kept));
	}
}

static void tells_kinds(void **state)
{
	struct mac zero = { { 0 } }, unicast = { { 0x52, 0, 0, 0, 0, 1 } };
	struct mac group = { { 1, 0, 0x5e, 0, 0, 1 } };

	(void)state;
	assert_true(mac_is_zero(zero));
	assert_false(mac_is_zero(unicast));
	assert_true(mac_is_multicast(group));
	assert_false(mac_is_multicast(unicast));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_and_formats),
		cmocka_unit_test(refuses_anything_else),
		cmocka_unit_test(tells_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
