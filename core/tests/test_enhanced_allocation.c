/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pci/enhanced_allocation.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "pci/pcie.h"
#include "pci/rules.h"
#include "ready/readiness.h"
#include "tests/assert.h"
#include "tests/tree.h"

/* Entries as PCIe 6.0, 7.8.5.3 lays them out: a double word with size, indicator, properties and
 * Enable, then base and maximum offset, then the upper halves. */

enum { AT = 0xb0, IGB_ROOM = 0xdc, SRIOV_AT = 0x160, ENABLED = 0x80, WIDE = 2 };

static void put(struct space *space, unsigned at, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		space->bytes[at + i] = (uint8_t)(value >> 8 * i);
}

static uint32_t first_word(unsigned words, unsigned indicator, unsigned primary, unsigned enabled)
{
	return words | indicator << 4 | primary << 8 | 0xffu << 16 | enabled << 24;
}

/* A function with the capability at AT, with COUNT entries. */
static struct space space_with(unsigned count, const uint32_t *words, size_t length)
{
	struct space space = { .length = 4096 };

	space.bytes[HEADER_STATUS] = HEADER_STATUS_CAPABILITIES;
	space.bytes[HEADER_CAPABILITIES] = AT;
	put(&space, AT, EA_CAPABILITY | count << 16);
	for (size_t i = 0; i < length; i++)
		put(&space, AT + 4 + 4 * (unsigned)i, words[i]);
	return space;
}

static void decodes_each_form_of_an_entry(void **state)
{
	const uint32_t words[] = {
		first_word(2, 0, 0x00, ENABLED),
		0xfe000000,
		0x0000ffff & ~3u,
		first_word(3, 2, 0x01, ENABLED),
		0x10000000 | WIDE,
		0x1ffc,
		0x8430,
		first_word(4, 9, 0x04, ENABLED),
		0x20000000 | WIDE,
		0xfffffffc | WIDE,
		0x8431,
		1,
		first_word(3, 11, 0x03, ENABLED),
		0x40000000,
		0xfffffffc | WIDE,
		3,
	};
	struct space space = space_with(4, words, sizeof(words) / sizeof(*words));
	struct ea_entry entry;

	(void)state;
	assert_true(ea_find(&space, EA_BAR_0, &entry));
	assert_int_equal(entry.base, 0xfe000000);
	assert_int_equal(entry.last, 0xfe00ffff);
	assert_true(ea_find(&space, EA_BAR_0 + 2, &entry));
	assert_int_equal(entry.base, 0x843010000000);
	assert_int_equal(entry.last, 0x843010001fff);
	assert_true(ea_find(&space, EA_VF_BAR_0, &entry));
	assert_int_equal(entry.base, 0x843120000000);
	assert_int_equal(entry.last, 0x843120000000 + 0x1ffffffff);
	assert_true(ea_find(&space, EA_VF_BAR_0 + 2, &entry));
	assert_int_equal(entry.base, 0x40000000);
	assert_int_equal(entry.last, 0x40000000 + 0x3ffffffff);
	assert_false(ea_find(&space, EA_VF_BAR_0 + 1, &entry));
}

static void takes_only_what_is_memory_and_there(void **state)
{
	static const struct {
		unsigned primary, secondary, enabled, words;
		bool found;
	} cases[] = {
		{ 0x04, 0xff, ENABLED, 2, true }, { 0x03, 0xff, ENABLED, 2, true },
		{ 0x04, 0xff, 0, 2, false },       /* not enabled */
		{ 0x00, 0xff, ENABLED, 2, false }, /* memory of the function itself */
		{ 0x02, 0xff, ENABLED, 2, false }, /* I/O */
		{ 0xfd, 0x04, ENABLED, 2, false }, /* reserved memory */
		{ 0xff, 0x04, ENABLED, 2, false }, /* not available */
		{ 0x42, 0x04, ENABLED, 2, true },  /* unknown: the secondary ones count */
		{ 0x42, 0x43, ENABLED, 2, false },
		{ 0x04, 0xff, ENABLED, 1, false }, /* without maximum offset */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint32_t first = cases[i].words | 9 << 4 | cases[i].primary << 8 |
				cases[i].secondary << 16 | cases[i].enabled << 24;
		const uint32_t words[] = { first, 0x20000000, 0xfffc };
		struct space space = space_with(1, words, 3);
		struct ea_entry entry;

		if (ea_find(&space, EA_VF_BAR_0, &entry) != cases[i].found)
			fail_msg("case %zu", i);
	}
}

static void any_bytes_end(void **state)
{
	struct space space = { .length = 4096 };
	struct ea_entry entry;

	(void)state;
	assert_false(ea_find(&space, EA_VF_BAR_0, &entry));
	for (unsigned fill = 0; fill < 256; fill++) {
		memset(space.bytes, (int)fill, sizeof(space.bytes));
		space.bytes[HEADER_STATUS] = HEADER_STATUS_CAPABILITIES;
		space.bytes[HEADER_CAPABILITIES] = 0xf8;
		put(&space, 0xf8, EA_CAPABILITY | 63 << 16);
		for (unsigned indicator = 0; indicator < 16; indicator++)
			ea_find(&space, indicator, &entry);
	}
}

static void write_words(struct tree *tree, unsigned at, const uint32_t *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		tree_config_word(tree, TREE_PF, at + 4 * (unsigned)i, (uint16_t)words[i]);
		tree_config_word(tree, TREE_PF, at + 4 * (unsigned)i + 2,
				(uint16_t)(words[i] >> 16));
	}
}

/* The igb of the tree with its VF BARs 0 and 3 in Enhanced Allocation, whose capability ends the
 * list of capabilities. */
static void move_vf_bars(struct tree *tree, uint32_t base)
{
	const uint32_t words[] = {
		EA_CAPABILITY | 2 << 16,
		first_word(2, 9, 0x04, ENABLED),
		base,
		0x3ffc,
		first_word(4, 12, 0x04, ENABLED),
		0x10000000 | WIDE,
		0x3ffc | WIDE,
		0x8430,
		0,
	};
	const uint32_t none[6] = { 0 };
	struct bdf pf = { 0, 1, 0, 0 };
	struct space space;
	unsigned last = HEADER_CAPABILITIES - 1;

	assert_int_equal(space_read(tree->host, pf, &space, NULL), 0);
	while (space.bytes[last + 1])
		last = space.bytes[last + 1];
	tree_config_word(tree, TREE_PF, last, (uint16_t)(space.bytes[last] | IGB_ROOM << 8));
	write_words(tree, IGB_ROOM, words, sizeof(words) / sizeof(*words));
	write_words(tree, SRIOV_AT + SRIOV_VF_BARS, none, 6);
}

static void assert_rule(struct tree *tree, const char *id, enum rule_state state, const char *words)
{
	CLEANUP(cleanup_card) struct card card = { 0 };
	struct finding finding;

	assert_int_equal(card_read(tree->host, (struct bdf){ 0, 1, 0, 0 }, &card, NULL), 0);
	rule_apply(rule_find(id), &card, &finding);
	if (finding.state != state)
		fail_msg("%s: %s", id, finding.text);
	assert_says(finding.text, words);
}

static void rules_and_check_see_its_vf_bars(void **state)
{
	CLEANUP(cleanup_readiness) struct readiness readiness = { 0 };
	struct tree *tree = *state;

	move_vf_bars(tree, 0xfe840000);
	assert_rule(tree, "vf-bars-formed", RULE_FOLLOWED, "2, of which 2 in Enhanced Allocation");
	assert_rule(tree, "vf-bars-aligned", RULE_FOLLOWED, "Enhanced Allocation");
	assert_rule(tree, "msix-place", RULE_FOLLOWED, "");
	move_vf_bars(tree, 0xfe840800);
	assert_rule(tree, "vf-bars-aligned", RULE_BROKEN, "VF BAR 0 begins at fe840800");
	/* The kernel of a recorded tree may know no Enhanced Allocation (before Linux 4.4). */
	tree_attribute(tree, TREE_PF, "resource", "");
	assert_int_equal(readiness_read(tree->host, TREE_PF, &readiness, NULL), 0);
	for (size_t i = 0; i < readiness.count; i++) {
		if (strcmp(readiness.items[i].id, "vf-bars"))
			continue;
		assert_int_equal(readiness.items[i].state, REQUIREMENT_MET);
		assert_says(readiness.items[i].found, "2 assigned, by the card itself");
		return;
	}
	fail_msg("check says nothing of VF BARs");
}

static void says_so_where_a_card_has_no_vf_bar(void **state)
{
	CLEANUP(cleanup_readiness) struct readiness readiness = { 0 };
	const uint32_t none[6] = { 0 };
	struct tree *tree = *state;
	bool said = false;

	write_words(tree, SRIOV_AT + SRIOV_VF_BARS, none, 6);
	tree_attribute(tree, TREE_PF, "resource", "");
	assert_int_equal(readiness_read(tree->host, TREE_PF, &readiness, NULL), 0);
	for (size_t i = 0; i < readiness.count; i++)
		said |= strstr(readiness.items[i].found, "shows no VF BAR") != NULL;
	assert_true(said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decodes_each_form_of_an_entry),
		cmocka_unit_test(takes_only_what_is_memory_and_there),
		cmocka_unit_test(any_bytes_end),
		cmocka_unit_test_setup_teardown(
				rules_and_check_see_its_vf_bars, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(
				says_so_where_a_card_has_no_vf_bar, tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
