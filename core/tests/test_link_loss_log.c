/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "apply/link_loss_log.h"

#include <stdio.h>

#include "tests/assert.h"
#include "tests/tree.h"

/* Lines as igb of Linux 6.12 writes them. */
#define BEGIN "vfctl: 0000:01:00.0 is as wanted"
#define WIRE  "igb 0000:01:00.0 eth0: igb: eth0 NIC Link is Down"
#define RESET "igb 0000:01:00.0 eth0: Reset adapter"

static const struct pf card = { .function = { .bdf = { 0, 1, 0, 0 }, .driver = "igb" } };

static struct link_loss_log counted(const struct pf *pf, const char *const lines[])
{
	struct link_loss_log log = { 0 };

	for (size_t i = 0; lines[i]; i++)
		link_loss_log_count(&log, pf, lines[i]);
	return log;
}

static void counts_from_the_last_time(void **state)
{
	static const char *const lines[] = { BEGIN, WIRE, RESET, BEGIN, WIRE,
		"igb 0000:01:00.0 eth0: igb: eth0 NIC Link is Up 1000 Mbps Full Duplex",
		"igb 0000:01:00.1 eth1: igb: eth1 NIC Link is Down",
		"vfctl: 0000:01:00.1 is as wanted", WIRE, NULL };
	struct link_loss_log log = counted(&card, lines);

	(void)state;
	assert_true(log.begun);
	assert_int_equal(log.wire, 2);
	assert_int_equal(log.resets, 0);
}

static void sees_resets(void **state)
{
	static const char *const lines[] = { BEGIN, WIRE, RESET, NULL };
	struct link_loss_log log = counted(&card, lines);

	(void)state;
	assert_int_equal(log.wire, 1);
	assert_int_equal(log.resets, 1);
}

static void knows_nothing_without_a_beginning(void **state)
{
	static const char *const lines[] = { WIRE, NULL };
	struct link_loss_log log;
	struct tree *tree = tree_igb(0);
	struct pf other = card;
	bool known = link_loss_log_read(tree->host, &card, &log);

	(void)state;
	snprintf(other.function.driver, sizeof(other.function.driver), "ice");
	known |= link_loss_log_read(tree->host, &other, &log);
	tree_free(tree);
	assert_false(known);
	assert_false(counted(&card, lines).begun);
}

/* Lines from public bug reports, for each driver with known messages. */
static void counts_lines_from_the_field(void **state)
{
	static const struct {
		const char *driver;
		struct bdf bdf;
		const char *line;
		long wire, resets;
	} lines[] = {
		{ "igb", { 0, 0, 0x14, 0 }, "igb 0000:00:14.0 eth0: igb: eth0 NIC Link is Down", 1,
				0 },
		{ "igb", { 0, 2, 0, 1 }, "igb 0000:02:00.1 em2: Reset adapter", 0, 1 },
		{ "igb", { 0, 2, 0, 1 }, "igb 0000:02:00.1: Detected Tx Unit Hang", 0, 0 },
		/* Old kernels do not name the card. */
		{ "igb", { 0, 9, 0, 0 }, "igb: eth0 NIC Link is Down", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct pf pf = { .function.bdf = lines[i].bdf };
		struct link_loss_log log = { 0 };

		snprintf(pf.function.driver, sizeof(pf.function.driver), "%s", lines[i].driver);
		link_loss_log_count(&log, &pf, lines[i].line);
		assert_int_equal(log.wire, lines[i].wire);
		assert_int_equal(log.resets, lines[i].resets);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_from_the_last_time),
		cmocka_unit_test(sees_resets),
		cmocka_unit_test(knows_nothing_without_a_beginning),
		cmocka_unit_test(counts_lines_from_the_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
