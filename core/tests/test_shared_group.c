/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/cleanup.h"
#include "base/text.h"
#include "tests/assert.h"
#include "tests/program.h"

/* What check and show say of IOMMU groups that a card or its VFs share. */

static struct said said;

static void run(struct tree *tree, const char *line)
{
	program_look(VFCTL, tree, line, &said);
}

/* Asserts that check has a line on a group of that state which goes on with WORDS. */
static void assert_group(const char *state, const char *words)
{
	CLEANUP(cleanup_free)
	char *line = text_format("iommu-group          group %s", words);
	const char *at = strstr(said.out, line);

	if (!at)
		fail_msg("no '%s' in: %s", line, said.out);
	while (at > said.out && at[-1] != '\n')
		at--;
	if (strncmp(at, state, strlen(state)))
		fail_msg("'%.80s' is not '%s'", at, state);
}

static void members_of_a_shared_group_are_named(void **state)
{
	struct tree *tree = *state;

	run(tree, "check");
	assert_null(strstr(said.out, "iommu-group"));
	run(tree, "show eth0");
	assert_null(strstr(said.out, "passthrough"));
	/* Two VFs, and a function of another card. */
	tree_function(tree, "pci0000:00/0000:00:04.0", 0x1af4, 0x1000, 0x020000);
	tree_group(tree, "0000:00:04.0", 9);
	tree_group(tree, "0000:01:10.0", 9);
	run(tree, "check");
	assert_group("MISSING",
			"9 holds 2 of its VFs, 0000:00:04.0: a guest can have them only all "
			"together");
	run(tree, "show eth0");
	assert_says(said.out, "passthrough    group 9 holds 2 of its VFs, 0000:00:04.0: a guest");
	/* One VF and the PF. */
	tree_group(tree, "0000:01:10.4", 7);
	run(tree, "check");
	assert_group("MISSING", "7 holds the PF, VF 2: none of these VFs can be given to a guest");
}

/* Bridges do not hinder VFIO; and a group of PFs does not hinder VFs in groups of their own. */
static void a_group_that_does_no_harm_to_vfs_is_not_missing(void **state)
{
	struct tree *tree = *state;

	tree_group(tree, TREE_PORT, 8);
	run(tree, "check");
	assert_null(strstr(said.out, "iommu-group"));
	tree_function(tree, "pci0000:00/0000:00:01.0/0000:01:00.1", 0x8086, 0x10c9, 0x020000);
	tree_group(tree, "0000:01:00.1", 7);
	run(tree, "check");
	assert_group("weak", "7 holds the PF, 0000:01:00.1: the PF can be given to a guest only");
}

static void before_vfs_are_made_their_group_is_foreseen(void **state)
{
	struct tree *tree = tree_igb(0);

	(void)state;
	tree_group(tree, TREE_PORT, 7);
	run(tree, "check");
	assert_group("MISSING", "7 holds the PF, " TREE_PORT ": VFs made now");
	tree_free(tree);
}

static void a_large_group_is_shown_whole(void **state)
{
	struct tree *tree = *state;

	for (unsigned i = 0; i < 30; i++) {
		CLEANUP(cleanup_free)
		char *place = text_format("pci0000:00/0000:00:%02x.0", i % 30 + 2);

		tree_function(tree, place, 0x1af4, 0x1000, 0x020000);
		tree_group(tree, strrchr(place, '/') + 1, 7);
	}
	run(tree, "show eth0");
	assert_says(said.out, "7: 0000:00:02.0 ");
	assert_says(said.out, "0000:00:1f.0 0000:01:00.0\n");
	assert_says(said.out, " and 22 more: the PF");
	run(tree, "check");
	assert_says(said.out, " and 26 more: the PF");
}

#define WITH_TREE(test) cmocka_unit_test_setup_teardown(test, tree_setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_TREE(members_of_a_shared_group_are_named),
		WITH_TREE(a_group_that_does_no_harm_to_vfs_is_not_missing),
		cmocka_unit_test(before_vfs_are_made_their_group_is_foreseen),
		WITH_TREE(a_large_group_is_shown_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
