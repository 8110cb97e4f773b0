/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "domain/domain_edit.h"
#include "tests/assert.h"
#include "tests/start_world.h"

/* What a start makes of the XML of a file. */

static void add_ports_and_a_uuid_to_a_file(void **state)
{
	static const char without[] =
			"<domain><name>lab</name><os><type machine='pc-q35-9.2'>hvm</type>"
			"</os></domain>";
	const struct domain_slots *slots;
	CLEANUP(cleanup_domain) struct domain domain = { 0 };
	const char *live = world.libvirt->domains[2].live;

	(void)state;
	start_well(&(struct started){ without, 2 });
	assert_int_equal(domain_parse("f", live, strlen(live), &domain, NULL), 0);
	assert_int_equal(strlen(domain.uuid), 36);
	slots = &domain.slots;
	assert_int_equal(domain.nic_count, 2);
	/* Three that libvirt adds, two NICs, and three that stay free. */
	assert_int_equal(slots->total, 3 + 2 + 3);
}

static void counts_the_ports_that_are_there(void **state)
{
	static const struct {
		const char *devices;
		unsigned ports;
	} cases[] = {
		{ "", 3 + 2 },
		{ "<memballoon model='none'/>", 2 + 2 },
		{ "<controller type='usb'/><memballoon model='none'/>", 1 + 1 + 2 },
		{ "<controller type='pci' model='pcie-root'/>"
		  "<controller type='pci' model='pcie-root-port'/>"
		  "<controller type='pci' model='pcie-root-port'/>",
				3 + 2 - 2 },
		{ "<controller type='pci' index='0' model='pcie-root'/>"
		  "<controller type='pci' index='3' model='pcie-root-port'/>"
		  "<rng model='virtio'><address type='pci' bus='0x03' slot='0'/></rng>",
				3 + 2 },
		{ "<interface type='bridge'/><disk><target bus='virtio'/></disk>"
		  "<disk><target bus='sata'/></disk>",
				3 + 2 + 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		CLEANUP(cleanup_start) struct start start = { 0 };
		struct err err = { 0 };
		CLEANUP(cleanup_free)
		char *xml = text_format("<domain><name>lab</name><os><type machine='q35'>hvm</type>"
					"</os><devices>%s</devices></domain>",
				cases[i].devices);

		if (start_planned(&(struct started){ xml, 1 }, &start, &err) < 0)
			fail_msg("case %zu: %s", i, err.msg);
		/* One for the NIC itself. */
		if (start.ports != cases[i].ports + 1)
			fail_msg("case %zu: %u ports", i, start.ports);
	}
}

/* An order of devices goes on; where there is none, a new one would leave out the disk. */
static void goes_on_with_the_boot_order(void **state)
{
	static const char *const boots[] = { "", "<boot order='3'/>" };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		CLEANUP(cleanup_start) struct start start = { 0 };
		CLEANUP(cleanup_free)
		char *xml = text_format("<domain><name>lab</name><devices><disk>%s</disk></devices>"
					"</domain>",
				boots[i]);

		assert_int_equal(start_planned(&(struct started){ xml, 2 }, &start, NULL), 0);
		assert_int_equal(start.nics[0].plugs[0].wanted.boot, i ? 4 : 0);
		assert_int_equal(start.nics[1].plugs[0].wanted.boot, i ? 5 : 0);
	}
}

static void inserts_at_the_right_place(void **state)
{
	static const struct {
		const char *text, *wanted;
	} cases[] = {
		{ "<domain><devices/></domain>", "<domain>H<devices>D</devices></domain>" },
		{ "<domain><devices a='>'/></domain>", "<domain>H<devices>D</devices></domain>" },
		{ "<domain></domain>", "<domain>H<devices>D</devices></domain>" },
		{ "<domain a='/>'><devices><a/></devices ></domain>",
				"<domain a='/>'>H<devices><a/>D</devices ></domain>" },
		{ "<domain><x><devices/></x><devices><devices/><!--</devices>--></devices></domain>",
				"<domain>H<x><devices/></x><devices><devices/><!--</devices>-->D"
				"</devices></domain>" },
		{ "<domain><a><![CDATA[</devices>]]></a><devices></devices><devices/></domain>",
				"<domain>H<a><![CDATA[</devices>]]></a><devices>D</devices><devices/>"
				"</domain>" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		CLEANUP(cleanup_free) char *text = domain_insert(cases[i].text, "H", "D");

		assert_string_equal(text, cases[i].wanted);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start_begin, world_end)
		TEST(add_ports_and_a_uuid_to_a_file),
		TEST(counts_the_ports_that_are_there),
		TEST(goes_on_with_the_boot_order),
		TEST(inserts_at_the_right_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
