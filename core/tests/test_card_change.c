/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "apply/card_change.h"

#include <stdio.h>
#include <stdlib.h>

#include "sriov/pf.h"
#include "tests/assert.h"
#include "tests/tree_hook.h"

/* Drivers that accept the number of VFs, refuse it, or set another one. */

#define FOLDER    "sys/bus/pci/devices/" TREE_PF "/"
#define NUMVFS    FOLDER "sriov_numvfs"
#define AUTOPROBE FOLDER "sriov_drivers_autoprobe"

static const struct bdf card = { 0, 1, 0, 0 };

static void make_vfs(struct tree *tree, int count)
{
	char path[128], target[64], text[16];

	for (int i = 0; i < 7; i++) {
		snprintf(path, sizeof(path), FOLDER "virtfn%d", i);
		snprintf(target, sizeof(target), "../0000:01:1%d.%d", i / 4, i % 4 * 2);
		if (i < count)
			tree_link(tree, path, target);
		else
			tree_remove(tree, path);
	}
	snprintf(text, sizeof(text), "%d\n", count);
	tree_file(tree, NUMVFS, text);
}

static int take(struct tree *tree, const char *value)
{
	make_vfs(tree, atoi(value));
	return 0;
}

static int take_up_to_four(struct tree *tree, const char *value)
{
	return atoi(value) > 4 ? -ENOMEM : take(tree, value);
}

static int round_down(struct tree *tree, const char *value)
{
	make_vfs(tree, atoi(value) / 2 * 2);
	return 0;
}

static int refuse_all_but_none(struct tree *tree, const char *value)
{
	return atoi(value) ? -EIO : take(tree, value);
}

static int forget(struct tree *tree, const char *value)
{
	(void)tree;
	(void)value;
	return 0;
}

static void assert_card(struct tree *tree, unsigned vfs, bool autoprobe)
{
	struct pf pf = { .function.bdf = card };

	assert_int_equal(pf_fill_counts(tree->host, &pf, NULL), 0);
	assert_int_equal(pf.num_vfs, vfs);
	assert_int_equal(pf.autoprobe, autoprobe);
}

static int change(struct tree *tree, int vfs, struct err *err)
{
	const struct card_change change = { .vfs_given = vfs >= 0,
		.vfs = vfs < 0 ? 0 : (unsigned)vfs,
		.autoprobe_given = true,
		.autoprobe = false };

	*err = (struct err){ 0 };
	return card_change(tree->host, card, &change, err);
}

static void changes_both(void **state)
{
	struct tree *tree = *state;
	struct err err;

	tree_on_write(tree, NUMVFS, take);
	assert_int_equal(change(tree, 7, &err), 0);
	assert_card(tree, 7, false);
}

static void puts_back_what_a_refusal_interrupts(void **state)
{
	struct tree *tree = *state;
	struct err err;

	tree_on_write(tree, NUMVFS, take_up_to_four);
	assert_int_equal(change(tree, 7, &err), -ENOMEM);
	assert_says(err.msg, "no room for 7 VFs");
	assert_says(err.msg, "; 4 VFs are there again, without their settings");
	assert_card(tree, 4, true);
	make_vfs(tree, 0);
	assert_int_equal(change(tree, 7, &err), -ENOMEM);
	assert_says(err.msg, "; everything is as it was");
	assert_card(tree, 0, true);
}

static void puts_back_what_a_driver_rounds(void **state)
{
	struct tree *tree = *state;
	struct err err;

	tree_on_write(tree, NUMVFS, round_down);
	assert_int_equal(change(tree, 7, &err), -EREMOTEIO);
	assert_says(err.msg, "accepted 7 VFs and reports 6");
	assert_says(err.msg, "; 4 VFs are there again");
	assert_card(tree, 4, true);
}

static void says_what_is_left(void **state)
{
	struct tree *tree = *state;
	struct err err;

	tree_on_write(tree, NUMVFS, refuse_all_but_none);
	assert_int_equal(change(tree, 7, &err), -EIO);
	assert_says(err.msg,
			"; what was changed cannot be put back: 0 VFs and autoprobe on are left");
	assert_card(tree, 0, true);
}

static void sees_a_driver_that_forgets(void **state)
{
	struct tree *tree = *state;
	struct err err;

	tree_on_write(tree, AUTOPROBE, forget);
	tree_on_write(tree, NUMVFS, take);
	assert_int_equal(change(tree, 7, &err), -EREMOTEIO);
	assert_says(err.msg, "took autoprobe off and reports 1");
	assert_card(tree, 4, true);
}

static int forget_and_teardown(void **state)
{
	tree_hooks_forget();
	return tree_teardown(state);
}

#define WITH_TREE(test) cmocka_unit_test_setup_teardown(test, tree_setup, forget_and_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_TREE(changes_both),
		WITH_TREE(puts_back_what_a_refusal_interrupts),
		WITH_TREE(puts_back_what_a_driver_rounds),
		WITH_TREE(says_what_is_left),
		WITH_TREE(sees_a_driver_that_forgets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
