/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "apply/link_story.h"

#include <stdio.h>

#include "tests/assert.h"
#include "tests/tree.h"

/* Lines as igb of Linux 6.12 writes them. */
#define BEGIN "vfctl: 0000:01:00.0 is as wanted"
#define WIRE  "igb 0000:01:00.0 eth0: igb: eth0 NIC Link is Down"
#define RESET "igb 0000:01:00.0 eth0: Reset adapter"

static const struct pf card = { .function = { .bdf = { 0, 1, 0, 0 }, .driver = "igb" } };

static struct link_story told(const struct pf *pf, const char *const lines[])
{
	struct link_story story = { 0 };

	for (size_t i = 0; lines[i]; i++)
		link_story_take(&story, pf, lines[i]);
	return story;
}

static void counts_from_the_last_time(void **state)
{
	static const char *const lines[] = { BEGIN, WIRE, RESET, BEGIN, WIRE,
		"igb 0000:01:00.0 eth0: igb: eth0 NIC Link is Up 1000 Mbps Full Duplex",
		"igb 0000:01:00.1 eth1: igb: eth1 NIC Link is Down",
		"vfctl: 0000:01:00.1 is as wanted", WIRE, NULL };
	struct link_story story = told(&card, lines);

	(void)state;
	assert_true(story.begun);
	assert_int_equal(story.wire, 2);
	assert_int_equal(story.resets, 0);
}

static void sees_resets(void **state)
{
	static const char *const lines[] = { BEGIN, WIRE, RESET, NULL };
	struct link_story story = told(&card, lines);

	(void)state;
	assert_int_equal(story.wire, 1);
	assert_int_equal(story.resets, 1);
}

static void knows_nothing_without_a_beginning(void **state)
{
	static const char *const lines[] = { WIRE, NULL };
	struct link_story story;
	struct tree *tree = tree_igb(0);
	struct pf other = card;
	bool known = link_story_read(tree->host, &card, &story);

	(void)state;
	snprintf(other.function.driver, sizeof(other.function.driver), "ice");
	known |= link_story_read(tree->host, &other, &story);
	tree_free(tree);
	assert_false(known);
	assert_false(told(&card, lines).begun);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_from_the_last_time),
		cmocka_unit_test(sees_resets),
		cmocka_unit_test(knows_nothing_without_a_beginning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
