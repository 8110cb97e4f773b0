/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/bdf.h"

#include <errno.h>

#include "tests/assert.h"

static void parses_with_and_without_domain(void **state)
{
	struct bdf bdf;

	(void)state;
	assert_int_equal(bdf_parse("0000:01:1f.7", &bdf), 0);
	assert_true(bdf_equal(bdf, (struct bdf){ 0, 1, 31, 7 }));
	assert_int_equal(bdf_parse("a2:00.0", &bdf), 0);
	assert_true(bdf_equal(bdf, (struct bdf){ 0, 0xa2, 0, 0 }));
	assert_int_equal(bdf_parse("10000:e1:02.3", &bdf), 0);
	assert_int_equal(bdf.domain, 0x10000);
}

static void refuses_anything_else(void **state)
{
	static const char *const bad[] = { "", "eth0", "0000:01:20.0", "0000:01:00.8", "01:00",
		"0000:01:00.0 ", " 01:00.0", "0000:1:00.0", "0:01:00.0", "01:00.00", "-1:00.0",
		"0000:01:00.0\n", "::.", "000000000:01:00.0", "01.00:0" };
	struct bdf bdf;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (bdf_parse(bad[i], &bdf) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
	}
}

static void formats_what_it_parses(void **state)
{
	static const char *const texts[] = { "0000:00:00.0", "0000:ff:1f.7", "10000:01:00.0",
		"fffffffe:01:00.1" };
	char text[BDF_TEXT];
	struct bdf bdf;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		assert_int_equal(bdf_parse(texts[i], &bdf), 0);
		assert_string_equal(bdf_format(bdf, text), texts[i]);
	}
}

static void orders_by_domain_then_bus(void **state)
{
	struct bdf low = { 0, 1, 31, 7 }, high = { 0, 2, 0, 0 }, far = { 1, 0, 0, 0 };

	(void)state;
	assert_true(bdf_compare(low, high) < 0);
	assert_true(bdf_compare(far, high) > 0);
	assert_int_equal(bdf_compare(low, low), 0);
}

static void converts_routing_ids(void **state)
{
	struct bdf vf = bdf_at_rid(3, 0x0180 + 2);

	(void)state;
	assert_true(bdf_equal(vf, (struct bdf){ 3, 1, 16, 2 }));
	assert_int_equal(bdf_rid(vf), 0x0182);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_with_and_without_domain),
		cmocka_unit_test(refuses_anything_else),
		cmocka_unit_test(formats_what_it_parses),
		cmocka_unit_test(orders_by_domain_then_bus),
		cmocka_unit_test(converts_routing_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
