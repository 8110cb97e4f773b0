/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "pci/rules.h"
#include "tests/assert.h"
#include "vfsuite/vfsuite.h"

/* What the tables of checks must contain. */

static void assert_complete(const struct suite *suite, const struct check *check)
{
	size_t length = strlen(suite->name);
	const struct suite *found;

	if (strncmp(check->id, suite->name, length) || check->id[length] != '.')
		fail_msg("%s is in the suite %s", check->id, suite->name);
	if (!check->title || !check->why || !check->fn || !check->timeout_s)
		fail_msg("%s lacks a title, a reason, a function or a deadline", check->id);
	if (listing_find(check->id, &found) != check)
		fail_msg("%s is there twice", check->id);
}

static void every_check_is_complete(void **state)
{
	size_t count = 0;

	(void)state;
	for (const struct suite *suite = suites; suite->name; suite++) {
		for (size_t i = 0; suite->tables[i]; i++) {
			for (const struct check *check = suite->tables[i]; check->id; check++) {
				assert_complete(suite, check);
				count++;
			}
		}
	}
	assert_true(count > 300);
}

/* vfctl rules and the suite config have the same statements. */
static void every_rule_is_a_check(void **state)
{
	(void)state;
	for (const struct rule *rule = rules; rule->id; rule++) {
		CLEANUP(cleanup_free) char *id = text_format("config.%s", rule->id);
		CLEANUP(cleanup_free) char *clause = text_format(" (PCIe 6.0, %s.)", rule->clause);
		const struct suite *suite;
		const struct check *check = listing_find(id, &suite);

		if (!check)
			fail_msg("no check has the id %s", id);
		assert_string_equal(check->title, rule->title);
		assert_true(strlen(check->why) > strlen(clause));
		assert_string_equal(check->why + strlen(check->why) - strlen(clause), clause);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_check_is_complete),
		cmocka_unit_test(every_rule_is_a_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
