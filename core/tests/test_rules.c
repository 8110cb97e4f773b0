/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pci/rules.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "tests/assert.h"

/* A card of a dump, and a violation of each rule on it. */

#define DUMPS FIXTURES "/dumps/"

static const struct bdf pf = { 0, 1, 0, 0 };

static void load(const char *file, struct bdf bdf, struct card *card)
{
	CLEANUP(cleanup_dump) struct dump *dump = NULL;
	struct err err = { 0 };

	if (dump_open(file, &dump, &err) < 0 || card_read_dump(dump, bdf, card, &err) < 0)
		fail_msg("%s", err.msg);
}

static int setup(void **state)
{
	struct card *card = calloc(1, sizeof(*card));

	*state = card;
	if (!card)
		return -1;
	load(DUMPS "igb-seven-vfs.txt", pf, card);
	return 0;
}

static int teardown(void **state)
{
	card_free(*state);
	free(*state);
	return 0;
}

static void reads_a_card(void **state)
{
	const struct card *card = *state;

	assert_int_equal(card->vf_count, 7);
	assert_int_equal(card->vfs[6].length, 4096);
	assert_int_equal(card->vfs[6].bdf.device, 0x11);
	assert_int_equal(card->port.bdf.device, 1);
	assert_int_equal(card->sibling_count, 0);
	assert_false(card->complete);
}

static void a_sound_card_breaks_no_rule(void **state)
{
	for (const struct rule *rule = rules; rule->id; rule++) {
		struct finding finding;

		rule_apply(rule, *state, &finding);
		if (finding.state == RULE_BROKEN || !*finding.text)
			fail_msg("%s: %s", rule->id, finding.text);
	}
}

enum where { PF, PORT, VF0, VF6 };

static struct space *space_at(struct card *card, enum where where)
{
	return where == PF              ? &card->pf
			: where == PORT ? &card->port
					: &card->vfs[where == VF0 ? 0 : 6];
}

/* Writes BYTES bytes of VALUE at OFFSET; the rule must then report SAID. */
static const struct {
	const char *rule;
	enum where where;
	unsigned offset, bytes;
	uint32_t value;
	const char *said;
} breaches[] = {
	{ "capability-once", PF, 0x160, 4, 0x19000b, "the PF has 0 SR-IOV capabilities" },
	{ "capability-once", PF, 0x150, 4, 0x16010010, "the PF has 2 SR-IOV capabilities" },
	{ "capability-once", PF, 0x162, 2, 0x0002, "has version 2" },
	{ "capability-once", VF6, 0x150, 2, 0x10, "VF 6 has an SR-IOV capability at 150" },
	{ "header-types", VF0, 0x0e, 1, 0x80, "VF 0 has header type 80" },
	{ "header-types", PF, 0x0e, 1, 1, "the PF has header type 01" },
	{ "header-types", VF6, 0xa2, 1, 0x42, "VF 6 is no endpoint of PCI Express, but of type 4" },
	{ "initial-vfs", PF, 0x16c, 2, 7, "InitialVFs is 7 and TotalVFs 8" },
	{ "initial-vfs", PF, 0x16c, 2, 9, "InitialVFs is 9 and TotalVFs 8" },
	{ "num-vfs", PF, 0x170, 2, 9, "NumVFs is 9 and TotalVFs 8" },
	{ "offset-stride", PF, 0x174, 2, 0, "First VF Offset is 0" },
	{ "offset-stride", PF, 0x176, 2, 0, "VF Stride is 0" },
	{ "vfs-on-bus", PF, 0x174, 2, 0x180,
			"VF 0 is at 0000:02:10.0, and the port's last bus is 01" },
	{ "vfs-on-bus", PF, 0x174, 2, 0xffff, "VF 0 is beyond the last bus" },
	{ "vfs-distinct", PF, 0x174, 2, 0, "VF 0 is at 0000:01:00.0, the address of the PF" },
	{ "vfs-distinct", PF, 0x176, 2, 0, "VF 0 and VF 1 are both at 0000:01:10.0" },
	{ "ari-reach", PF, 0x168, 2, 9,
			"VF 0 is at 0000:01:10.0 with ARI Capable Hierarchy clear" },
	{ "ari-reach", PORT, 0x7c, 2, 0,
			"VF 0 is at 0000:01:10.0, and the port does not forward ARI" },
	{ "vf-device-id", PF, 0x17a, 2, 0xffff, "VF Device ID is ffff" },
	{ "vf-device-id", PF, 0x17a, 2, 0, "VF Device ID is 0000" },
	{ "page-sizes", PF, 0x17c, 4, 0x551, "2 is missing" },
	{ "system-page", PF, 0x180, 4, 3, "System Page Size is 3, not one bit" },
	{ "system-page", PF, 0x180, 4, 0, "System Page Size is 0, not one bit" },
	{ "system-page", PF, 0x180, 4, 4, "of which 553 are supported" },
	{ "vf-bars-formed", PF, 0x184, 4, 1, "VF BAR 0 is 00000001: a BAR for I/O" },
	{ "vf-bars-formed", PF, 0x184, 4, 2, "its type is reserved" },
	{ "vf-bars-formed", PF, 0x198, 4, 4, "VF BAR 5 is 00000004: 64 bits" },
	{ "vf-bars-aligned", PF, 0x184, 4, 0x80c, "VF BAR 0 begins at 4000000800" },
	{ "vf-ids", VF6, 0x02, 2, 0x10ca, "VF 6 has the ids ffff:10ca" },
	{ "vf-class", VF0, 0x0b, 1, 1, "VF 0 has class 010000, its PF 020000" },
	{ "vf-class", VF0, 0x2c, 2, 0x8086, "VF 0 has subsystem vendor 8086" },
	{ "vf-command", VF6, 0x04, 2, 0x0006, "COMMAND of VF 6 is 0006" },
	{ "vf-no-intx", VF0, 0x3d, 1, 1, "VF 0 has interrupt pin 1" },
	{ "vf-bars-zero", VF0, 0x24, 4, 0xfe000000, "BAR 5 of VF 0 reads fe000000" },
	{ "vf-rom-zero", VF0, 0x30, 4, 0xfe000001, "reads fe000001" },
	{ "pf-flr", PF, 0xa7, 1, 0, "the PF has no function-level reset" },
	{ "vf-flr", VF6, 0xa7, 1, 0, "VF 6 has no function-level reset" },
	{ "vf-flr", VF6, 0x34, 1, 0, "VF 6 has no function-level reset" },
	{ "ari-capability", VF0, 0x150, 2, 0x0b, "VF 0 has no ARI capability, and the PF has one" },
	{ "ari-capability", PF, 0x150, 2, 0x0b, "VF 0 has an ARI capability, and the PF has none" },
	{ "acs-port", PORT, 0x14c, 2, 0x5e, "is 005e, without 0001" },
	{ "acs-port", PORT, 0x14c, 2, 0x17, "redirects requests and not completions" },
	{ "acs-port", PORT, 0x14e, 2, 0x20, "beyond its capability" },
	{ "msix-place", PF, 0x74, 1, 6, "the PF: the MSI-X table is in BAR 6" },
	{ "msix-place", VF0, 0x78, 1, 7, "VF 0: the MSI-X array of pending bits is in BAR 7" },
	{ "msix-place", PF, 0x74, 1, 4, "BAR 4, the upper half of another" },
	{ "msix-overlap", VF6, 0x78, 4, 0x0003, "overlap in BAR 3" },
	{ "msix-overlap", PF, 0x78, 4, 0x0023, "overlap in BAR 3" },
	{ "aer", PF, 0x102, 2, 0x1500, "the PF has AER of version 0" },
	{ "aer", PF, 0x100, 2, 0x0b, "VF 0 has AER, and the PF has not" },
	{ "chain", PF, 0x41, 1, 0x40, "the PF has a loop of capabilities through 40" },
	{ "chain", VF0, 0x34, 1, 0x3c, "VF 0 has a capability pointer 3c" },
	{ "chain", PORT, 0x55, 1, 0x82, "the port has a capability pointer 82" },
	{ "chain", VF6, 0x06, 2, 0, "VF 6 says that it has no capabilities" },
	{ "chain", VF6, 0x70, 1, 0xff, "VF 6 has no capability at 70" },
	{ "extended-chain", PF, 0x162, 2, 0x1501,
			"the PF has a loop of extended capabilities through 150" },
	{ "extended-chain", PF, 0x162, 2, 0x0801, "the PF has an extended capability pointer 080" },
	{ "extended-chain", VF0, 0x102, 2, 0x1521, "VF 0 has an extended capability pointer 152" },
	{ "extended-chain", PORT, 0x14a, 2, 0x2001, "the port has no extended capability at 200" },
	{ "ids-once", PF, 0x50, 1, 0x01, "the PF has the capability 01 twice" },
	{ "ids-once", VF0, 0x100, 2, 0x0e, "VF 0 has the extended capability 000e twice" },
};

static void put(struct space *space, unsigned offset, unsigned bytes, uint32_t value)
{
	for (unsigned i = 0; i < bytes; i++)
		space->bytes[offset + i] = (uint8_t)(value >> 8 * i);
}

static void is_broken(const struct card *card, const char *rule, const char *said)
{
	struct finding finding;

	assert_non_null(rule_find(rule));
	rule_apply(rule_find(rule), card, &finding);
	if (finding.state != RULE_BROKEN || !strstr(finding.text, said))
		fail_msg("a breach of %s is told as '%s', not '%s'", rule, finding.text, said);
}

static void is_not_broken(const struct card *card, const char *rule, enum rule_state state)
{
	struct finding finding;

	rule_apply(rule_find(rule), card, &finding);
	if (finding.state != state)
		fail_msg("%s: state %d, '%s'", rule, finding.state, finding.text);
}

static void each_breach_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(breaches) / sizeof(*breaches); i++) {
		struct card card;

		load(DUMPS "igb-seven-vfs.txt", pf, &card);
		put(space_at(&card, breaches[i].where), breaches[i].offset, breaches[i].bytes,
				breaches[i].value);
		is_broken(&card, breaches[i].rule, breaches[i].said);
		card_free(&card);
	}
}

static void vfs_that_do_not_answer_are_missed(void **state)
{
	struct card *card = *state;

	card->complete = true;
	is_not_broken(card, "vfs-present", RULE_FOLLOWED);
	card->vfs[3].length = 0;
	is_broken(card, "vfs-present", "VF 3 does not answer at 0000:01:10.6");
}

static void sizes_count_where_they_are_known(void **state)
{
	struct card *card = *state;

	card->complete = true;
	for (size_t i = 0; i < card->vf_count; i++)
		card->vfs[i].bar_size[0] = card->vfs[i].bar_size[3] = 0x4000;
	is_not_broken(card, "vf-bars-sized", RULE_FOLLOWED);
	is_not_broken(card, "msix-place", RULE_FOLLOWED);
	put(&card->pf, 0x180, 4, 0x10);
	is_broken(card, "vf-bars-sized",
			"VF 0 has 16384 bytes in VF BAR 0, and the page is 64 KiB");
	card->vfs[2].bar_size[3] = 0x2000;
	is_broken(card, "msix-place",
			"VF 2: the MSI-X array of pending bits ends at 2008 in BAR 3 of 2000");
	put(&card->pf, 0x190, 4, 0);
	is_broken(card, "msix-place", "in BAR 3, which is not there");
}

static void acs_of_functions_is_looked_at(void **state)
{
	struct card *card = *state;

	put(&card->vfs[1], 0x150, 2, 0x0d);
	put(&card->vfs[1], 0x154, 4, 0x4c);
	is_not_broken(card, "acs-function", RULE_FOLLOWED);
	put(&card->vfs[1], 0x154, 4, 0x4d);
	is_broken(card, "acs-function", "VF 1 is 004d, with services of a port");
}

static void a_switch_port_needs_more_than_a_root_port(void **state)
{
	struct card *card = *state;

	put(&card->port, 0x14c, 2, 0x03);
	is_not_broken(card, "acs-port", RULE_FOLLOWED);
	put(&card->port, 0x56, 1, 0x62);
	is_broken(card, "acs-port", "is 0003, without 001c");
	put(&card->port, 0x148, 2, 0x0b);
	is_not_broken(card, "acs-port", RULE_IDLE);
}

static void links_between_functions_are_followed(void **state)
{
	struct card first, second;

	(void)state;
	load(DUMPS "igb-two-ports.txt", pf, &first);
	load(DUMPS "igb-two-ports.txt", (struct bdf){ 0, 1, 0, 1 }, &second);
	assert_int_equal(first.sibling_count, 1);
	is_not_broken(&first, "dependency-link", RULE_FOLLOWED);
	is_broken(&second, "dependency-link", "does not lead back");
	is_broken(&first, "ari-next", "function 0 leads to 0, and the next function is 1");
	is_not_broken(&second, "ari-next", RULE_FOLLOWED);

	put(&first.pf, 0x172, 1, 1);
	is_not_broken(&first, "dependency-link", RULE_FOLLOWED); /* 0, 1, 0 */
	put(&first.siblings[0], 0x172, 1, 5);
	is_not_broken(&first, "dependency-link", RULE_IDLE);
	first.complete = true;
	is_broken(&first, "dependency-link", "leads to function 5, which is not there");
	put(&first.siblings[0], 0x172, 1, 1);
	is_broken(&first, "dependency-link", "does not lead back");
	put(&first.siblings[0], 0x160, 2, 0x0b);
	is_broken(&first, "dependency-link", "leads to function 1, which is no PF");

	put(&first.pf, 0x155, 1, 1);
	is_not_broken(&first, "ari-next", RULE_FOLLOWED);
	put(&second.pf, 0x155, 1, 1);
	is_broken(&second, "ari-next", "function 1 leads to function 1: not upwards");
	put(&first.siblings[0], 0x150, 2, 0x0b);
	is_broken(&first, "ari-capability", "one has ARI and one has not");
	/* VFs that would be at the address of the other PF. */
	put(&first.pf, 0x174, 2, 1);
	is_broken(&first, "vfs-distinct", "where another function is");
	card_free(&first);
	card_free(&second);
}

static void finds(
		const struct card *card, const char *rule, enum rule_state state, const char *said)
{
	struct finding finding;

	is_not_broken(card, rule, state);
	rule_apply(rule_find(rule), card, &finding);
	assert_says(finding.text, said);
}

/* The kernel sets ARI Capable Hierarchy only in the first PF of the device. */
static void the_lowest_pf_has_ari_for_the_device(void **state)
{
	struct card card;

	(void)state;
	load(DUMPS "igb-two-ports.txt", (struct bdf){ 0, 1, 0, 1 }, &card);
	put(&card.pf, 0x168, 2, 0x09);
	finds(&card, "ari-reach", RULE_FOLLOWED, "ARI on");
	/* The bit has no meaning in a PF that is not the lowest one. */
	put(&card.pf, 0x168, 2, 0x19);
	put(&card.siblings[0], 0x168, 2, 0x09);
	is_broken(&card, "ari-reach", "with ARI Capable Hierarchy clear");
	/* Function 0 need not be a PF. */
	put(&card.siblings[0], 0x160, 2, 0x0b);
	finds(&card, "ari-reach", RULE_FOLLOWED, "ARI on");
	put(&card.pf, 0x168, 2, 0x09);
	is_broken(&card, "ari-reach", "with ARI Capable Hierarchy clear");
	/* Without its configuration space the state is unknown; on a host, a function that is
	 * missing does not exist. */
	card.siblings[0].length = 256;
	finds(&card, "ari-reach", RULE_IDLE, "lowest-numbered PF");
	card.complete = true;
	is_broken(&card, "ari-reach", "with ARI Capable Hierarchy clear");
	card_free(&card);
}

static void vfs_outside_the_dump_are_named_as_such(void **state)
{
	struct card *card = *state;

	for (size_t i = 0; i < card->vf_count; i++)
		card->vfs[i].length = 0;
	finds(card, "capability-once", RULE_FOLLOWED, "one, version 1");
	finds(card, "vf-ids", RULE_IDLE, "none of them is in the dump");
	card->complete = true;
	finds(card, "vf-ids", RULE_IDLE, "cannot be read");
	card->vf_count = 0;
	finds(card, "vf-ids", RULE_IDLE, "no VF is enabled");
}

#define EIGHT  " 00 00 00 00 00 00 00 00"
#define TWELVE EIGHT " 00 00 00 00"
#define LAST   "ff0:" TWELVE " 00 00 00 00\n"

/* Two PFs, of which the first has VFs that show ids, as on some cards. */
static void ids_make_no_function_of_a_vf(void **state)
{
	static const char text[] = "01:00.0 a\n00: 86 80 34 12" TWELVE
				   "\n100: 10 00 01 00 00 00 00 00 09 00 00 00 02 00 02 00"
				   "\n110: 02 00 00 00 02 00 01 00" EIGHT "\n\n"
				   "01:00.1 b\n00: 86 80 34 12" TWELVE
				   "\n100: 10 00 01 00 00 00 00 00 00 00 00 00 02 00 02 00\n\n"
				   "01:00.2 v\n00: 86 80 35 12" TWELVE "\n" LAST "\n"
				   "01:00.3 v\n00: 86 80 35 12" TWELVE "\n" LAST "\n"
				   "01:00.4 c\n00: 86 80 34 12" TWELVE "\n" LAST;
	struct card card;

	(void)state;
	assert_int_equal(
			file_write_atomic(AT_FDCWD, "test-rules.txt", text, strlen(text), NULL), 0);
	load("test-rules.txt", (struct bdf){ 0, 1, 0, 1 }, &card);
	file_remove_tree("test-rules.txt", NULL);
	assert_int_equal(card.sibling_count, 2);
	assert_int_equal(card.siblings[0].bdf.function, 0);
	assert_int_equal(card.siblings[1].bdf.function, 4);
	card_free(&card);
}

static void a_dump_without_extended_space_says_where_it_ends(void **state)
{
	static const char text[] =
			"01:00.0 a\n00: 86 80 34 12 00 00 00 00 00 00 00 00 00 00 00 00\n";
	CLEANUP(cleanup_dump) struct dump *dump = NULL;
	struct err err = { 0 };
	struct bdf *list;
	size_t count;

	(void)state;
	assert_int_equal(
			file_write_atomic(AT_FDCWD, "test-rules.txt", text, strlen(text), NULL), 0);
	assert_int_equal(dump_open("test-rules.txt", &dump, NULL), 0);
	file_remove_tree("test-rules.txt", NULL);
	assert_int_equal(card_list_dump(dump, &list, &count, &err), -ENODEV);
	assert_says(err.msg, "ends at 64 bytes");
	assert_says(err.msg, "lspci -xxxx as root");
}

/* Rules must terminate with a result, whatever is in configuration space. */
static void any_bytes_are_survived(void **state)
{
	struct card *card = *state;
	uint32_t seed = 1;

	for (unsigned round = 0; round < 300; round++) {
		for (unsigned i = 0; i < SPACE_SIZE; i++) {
			struct space *space = space_at(card, (enum where)(round & 3));

			seed = seed * 1664525 + 1013904223;
			if (round < 4 || seed >> 24 < 8)
				space->bytes[i] = (uint8_t)(seed >> 16);
		}
		for (const struct rule *rule = rules; rule->id; rule++) {
			struct finding finding;

			rule_apply(rule, card, &finding);
			assert_true(*finding.text);
		}
	}
}

static void a_short_space_is_no_breach(void **state)
{
	struct card *card = *state;

	card->pf.length = card->port.length = 64;
	for (size_t i = 0; i < card->vf_count; i++)
		card->vfs[i].length = 64;
	for (const struct rule *rule = rules; rule->id; rule++)
		is_not_broken(card, rule->id, RULE_IDLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_a_card, setup, teardown),
		cmocka_unit_test_setup_teardown(a_sound_card_breaks_no_rule, setup, teardown),
		cmocka_unit_test(each_breach_is_found),
		cmocka_unit_test_setup_teardown(vfs_that_do_not_answer_are_missed, setup, teardown),
		cmocka_unit_test_setup_teardown(sizes_count_where_they_are_known, setup, teardown),
		cmocka_unit_test_setup_teardown(acs_of_functions_is_looked_at, setup, teardown),
		cmocka_unit_test_setup_teardown(
				a_switch_port_needs_more_than_a_root_port, setup, teardown),
		cmocka_unit_test(links_between_functions_are_followed),
		cmocka_unit_test(the_lowest_pf_has_ari_for_the_device),
		cmocka_unit_test_setup_teardown(
				vfs_outside_the_dump_are_named_as_such, setup, teardown),
		cmocka_unit_test(ids_make_no_function_of_a_vf),
		cmocka_unit_test(a_dump_without_extended_space_says_where_it_ends),
		cmocka_unit_test_setup_teardown(any_bytes_are_survived, setup, teardown),
		cmocka_unit_test_setup_teardown(a_short_space_is_no_breach, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
