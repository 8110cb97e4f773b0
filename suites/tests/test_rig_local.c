/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <unistd.h>

#include "rig/rig_kind.h"
#include "tests/assert.h"

/* Tests the local rig, up to the point where it needs a card. */

static int up(const char *safe_to_break, struct err *err)
{
	struct rig_options options = {
		.kind = rig_kind_find("local"),
		.tools_dir = "/nowhere",
	};
	struct rig *rig = NULL;
	int rc;

	*err = (struct err){ 0 };
	rig_options_set(&options, "safe-to-break", safe_to_break);
	rc = rig_up(&options, &rig, err);
	assert_null(rig);
	return rc;
}

static void touches_nothing_that_was_not_named(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(up(NULL, &err), -EINVAL);
	assert_says(err.msg, "--safe-to-break BDF");
	assert_int_equal(up("eth0", &err), -EINVAL);
	assert_says(err.msg, "not 'eth0'");
}

static void needs_root_and_vfsuite(void **state)
{
	struct err err;
	int rc = up("0000:01:00.0", &err);

	(void)state;
	assert_int_equal(rc, geteuid() == 0 ? -ENOENT : -EPERM);
	assert_says(err.msg, geteuid() == 0 ? "cannot start /nowhere/vfsuite" : "needs root");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(touches_nothing_that_was_not_named),
		cmocka_unit_test(needs_root_and_vfsuite),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
