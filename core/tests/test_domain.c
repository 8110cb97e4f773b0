/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "domain/domain.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/random.h"
#include "base/text.h"
#include "tests/assert.h"

/* What a domain's XML means; test_domain_print.c has the shapes that managers write. */

struct fixture {
	struct domain domain;
	struct err err;
};

static int setup(void **state)
{
	*state = calloc(1, sizeof(struct fixture));
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	domain_free(&fixture->domain);
	free(fixture);
	return 0;
}

static int parse(struct fixture *fixture, const char *text)
{
	domain_free(&fixture->domain);
	fixture->err = (struct err){ 0 };
	return domain_parse("a.xml", text, strlen(text), &fixture->domain, &fixture->err);
}

/* The text from the second line of a domain on. */
static int parse_with(struct fixture *fixture, const char *inside)
{
	CLEANUP(cleanup_free)
	char *text = text_format("<domain><name>web1</name>\n%s</domain>", inside);

	return parse(fixture, text);
}

static int parse_devices(struct fixture *fixture, const char *machine, const char *devices)
{
	CLEANUP(cleanup_free)
	char *text = text_format("<os><type machine='%s'>hvm</type></os><devices>\n%s</devices>",
			machine, devices);

	return parse_with(fixture, text);
}

static void refuses_with_the_place(void **state)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{ "", "a.xml:1:1: no element found" },
		{ "<network><name>a</name></network>", "a.xml:1:1: <network> is not a <domain>" },
		{ "<domain/>", "a.xml:1:1: a <domain> without a <name>" },
		{ "<domain><name> </name></domain>", "a <domain> without a <name>" },
		{ "<domain id='x'><name>a</name></domain>",
				"a.xml:1:1: id='x' of <domain> is not" },
		{ "<domain id='-1'><name>a</name></domain>",
				"id='-1' of <domain> is not a number" },
		{ "<domain id='0x1'><name>a</name></domain>", "id='0x1' of <domain> is not" },
		{ "<!DOCTYPE domain [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]>\n"
		  "<domain><name>&b;</name></domain>",
				"a document type is not taken" },
		{ "<domain><name>a</name>", "a.xml:1:23: no element found" },
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (parse(fixture, bad[i].text) != -EINVAL)
			fail_msg("'%s' was taken", bad[i].text);
		assert_says(fixture->err.msg, bad[i].says);
		assert_null(fixture->domain.name);
	}
}

static void refuses_values_with_the_place(void **state)
{
	static const struct {
		const char *inside, *says;
	} bad[] = {
		{ "<uuid>123</uuid>", "a.xml:2:1: 123 is no UUID" },
		{ "<uuid>02000000-0000-4000-8000-0000000000001</uuid>", "is no UUID" },
		{ "<uuid>g2000000-0000-4000-8000-000000000001</uuid>", "is no UUID" },
		{ "<memory>x</memory>", "a.xml:2:1: <memory> is not an amount of memory: x" },
		{ "<memory>1 2</memory>", "<memory> is not an amount of memory" },
		{ "<memory unit='pounds'>1</memory>", "unit='pounds' of <memory>: it takes KiB" },
		{ "<memory unit='EiB'>8</memory>", "<memory> is not an amount of memory: 8" },
		{ "<memtune><hard_limit>-1</hard_limit></memtune>", "a.xml:2:10: <hard_limit> is" },
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (parse_with(fixture, bad[i].inside) != -EINVAL)
			fail_msg("'%s' was taken", bad[i].inside);
		assert_says(fixture->err.msg, bad[i].says);
	}
}

static void refuses_devices_with_the_place(void **state)
{
	static const struct {
		const char *device, *says;
	} bad[] = {
		{ "<interface/>", "a.xml:3:1: <interface> without a type" },
		{ "<interface type='user'>\n<mac address='0:1'/></interface>",
				"a.xml:4:1: the MAC 0:1 is none" },
		{ "<interface type='user' managed='maybe'/>",
				"managed='maybe' of <interface>: it takes no or yes" },
		{ "<interface type='user'><vlan/></interface>", "a <vlan> without <tag id='N'/>" },
		{ "<interface type='user'><vlan><tag/></vlan></interface>",
				"a <tag> without an id" },
		{ "<interface type='user'><vlan><tag id='4096'/></vlan></interface>",
				"id='4096' of <tag> is above 4095" },
		{ "<interface type='user'><vlan><tag id='a'/></vlan></interface>",
				"id='a' of <tag> is not a number" },
		{ "<interface type='user'><vlan trunk='1'><tag id='1'/></vlan></interface>",
				"trunk='1' of <vlan>: it takes no or yes" },
		{ "<interface type='user'><vlan><tag id='1' nativeMode='x'/></vlan></interface>",
				"nativeMode='x' of <tag>: it takes tagged or untagged" },
		{ "<interface type='user'><teaming/></interface>", "a <teaming> without a type" },
		{ "<interface type='user'><teaming type='both'/></interface>",
				"type='both' of <teaming>: it takes persistent or transient" },
		{ "<interface type='user'><teaming type='transient'/></interface>",
				"a transient <teaming> without persistent=" },
		{ "<interface type='user'><boot order='first'/></interface>",
				"order='first' of <boot> is not a number" },
		{ "<interface type='user'><mtu size='4294967296'/></interface>",
				"size='4294967296' of <mtu> is above" },
		{ "<interface type='user'><link state='left'/></interface>",
				"state='left' of <link>: it takes up or down" },
		{ "<interface type='user'><bandwidth><inbound average='1.5'/></bandwidth></interface>",
				"average='1.5' of <inbound> is not a number" },
		{ "<interface type='hostdev'><source><address type='pci' slot='0x20'/></source>"
		  "</interface>",
				"a.xml:3:35: slot='0x20' of <address> is above 31" },
		{ "<interface type='hostdev'><source><address type='pci' function='8'/></source>"
		  "</interface>",
				"function='8' of <address> is above 7" },
		{ "<interface type='hostdev'><source><address bus='0x100'/></source></interface>",
				"bus='0x100' of <address> is above 255" },
		{ "<hostdev mode='subsystem' type='pci'><source><address domain='0x100000000'/>"
		  "</source></hostdev>",
				"domain='0x100000000' of <address> is above 4294967295" },
		{ "<hostdev mode='subsystem' type='pci'><source><address bus='ff'/></source></hostdev>",
				"bus='ff' of <address> is not a number" },
		{ "<interface type='user'><address type='pci' bus='09'/></interface>",
				"bus='09' of <address> is not a number" },
		{ "<interface type='user'><address type='pci' bus=' 1'/></interface>",
				"bus=' 1' of <address> is not a number" },
		{ "<disk><address type='pci' slot='32'/></disk>",
				"slot='32' of <address> is above" },
		{ "<controller type='pci' index='256'/>",
				"index='256' of <controller> is above 255" },
		{ "<controller type='pci' index='1'><target hotplug='no'/></controller>",
				"hotplug='no' of <target>: it takes on or off" },
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (parse_devices(fixture, "q35", bad[i].device) != -EINVAL)
			fail_msg("'%s' was taken", bad[i].device);
		assert_says(fixture->err.msg, bad[i].says);
		assert_int_equal(fixture->domain.nic_count, 0);
	}
}

static void refuses_more_nics_than_a_guest_can_have(void **state)
{
	struct fixture *fixture = *state;
	CLEANUP(cleanup_free) char *many = calloc(DOMAIN_NICS_MOST + 1, 32);
	char *end = many;

	for (int i = 0; i < DOMAIN_NICS_MOST; i++)
		end = stpcpy(end, "<interface type='user'/>");
	assert_int_equal(parse_devices(fixture, "q35", many), 0);
	assert_int_equal(fixture->domain.nic_count, DOMAIN_NICS_MOST);
	stpcpy(end, "<interface type='user'/>");
	assert_int_equal(parse_devices(fixture, "q35", many), -EINVAL);
	assert_says(fixture->err.msg, "more than 512 NICs");
}

static void takes_more_metadata_than_devices(void **state)
{
	struct fixture *fixture = *state;
	size_t room = 3 << 20;
	CLEANUP(cleanup_free) char *text = malloc(room);
	char *end = stpcpy(text, "<metadata><x:y xmlns:x='urn:x'>\n");

	while ((size_t)(end - text) < room - 200)
		end = stpcpy(end, "<x:z><![CDATA[</metadata><interface type='user'/>]]></x:z>\n");
	stpcpy(end, "</x:y></metadata><devices><interface type='null'/></devices>");
	assert_int_equal(parse_with(fixture, text), 0);
	assert_int_equal(fixture->domain.nic_count, 1);
	assert_int_equal(fixture->domain.nics[0].kind, NIC_NULL);
}

static void takes_amounts_of_memory_as_libvirt(void **state)
{
	static const struct {
		const char *unit;
		uint64_t bytes;
	} units[] = {
		{ "b", 1 },
		{ "bytes", 1 },
		{ "KB", 1000 },
		{ "k", 1024 },
		{ "KiB", 1024 },
		{ "kib", 1024 },
		{ "MB", 1000000 },
		{ "M", 1 << 20 },
		{ "MiB", 1 << 20 },
		{ "GB", 1000000000 },
		{ "GiB", 1 << 30 },
		{ "TiB", 1ull << 40 },
		{ "PiB", 1ull << 50 },
		{ "EiB", 1ull << 60 },
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		CLEANUP(cleanup_free)
		char *text = text_format("<memory unit='%s'> 3\n </memory>", units[i].unit);

		assert_int_equal(parse_with(fixture, text), 0);
		assert_int_equal(fixture->domain.memory, 3 * units[i].bytes);
	}
	assert_int_equal(parse_with(fixture, "<memory>3</memory>"), 0);
	assert_int_equal(fixture->domain.memory, 3072);
}

/* The numbers of libvirt's addresses are C's. */
static void takes_addresses_in_every_base(void **state)
{
	static const char *const forms[] = { "0x%x", "%u", "0%o", "0X%X", "0x%04x", "00%o" };
	struct fixture *fixture = *state;
	uint64_t seed = 2;

	for (int i = 0; i < 600; i++) {
		const unsigned want[4] = {
			(unsigned)(random_next(&seed) >> (random_next(&seed) % 32)) & 0xffffffff,
			1 + random_next(&seed) % 255, random_next(&seed) % 32,
			random_next(&seed) % 8
		};
		CLEANUP(cleanup_free) char *text = NULL;
		char parts[4][24];

		for (size_t k = 0; k < 4; k++)
			snprintf(parts[k], sizeof(parts[k]), forms[random_next(&seed) % 6],
					want[k]);
		text = text_format(
				"<hostdev mode='subsystem' type='pci'><source><address domain='%s' "
				"bus='%s' slot='%s' function='%s'/></source></hostdev>",
				parts[0], parts[1], parts[2], parts[3]);
		if (parse_devices(fixture, "q35", text) < 0)
			fail_msg("%s: %s", text, fixture->err.msg);
		assert_true(bdf_equal(fixture->domain.nics[0].host,
				(struct bdf){ want[0], (uint8_t)want[1], (uint8_t)want[2],
						(uint8_t)want[3] }));
	}
}

#define ROOT  "<controller type='pci' index='0' model='pcie-root'/>"
#define PORT  "<controller type='pci' index='1' model='pcie-root-port'/>"
#define ON(b) "<interface type='user'><address type='pci' bus='" #b "' slot='0'/></interface>"

static void counts_where_nics_can_be_plugged_in(void **state)
{
	static const struct {
		const char *machine, *devices;
		struct domain_slots slots;
	} cases[] = {
		{ "q35", ROOT, { SLOTS_PORTS, 0, 0 } },
		{ "pc-q35-rhel9.6.0", ROOT PORT, { SLOTS_PORTS, 1, 1 } },
		{ "pc-q35-noble", ROOT PORT ON(1), { SLOTS_PORTS, 1, 0 } },
		{ "virt", ROOT PORT ON(2), { SLOTS_PORTS, 1, 1 } },
		{ "virt-9.2", PORT ROOT, { SLOTS_PORTS, 1, 1 } },
		{ "q35", PORT, { SLOTS_UNKNOWN, 0, 0 } },
		{ "q35", "", { SLOTS_UNKNOWN, 0, 0 } },
		{ "microvm", ROOT PORT, { SLOTS_UNKNOWN, 0, 0 } },
		{ "s390-ccw-virtio", "<controller type='pci' index='0' model='pci-root'/>",
				{ SLOTS_UNKNOWN, 0, 0 } },
		{ "pc", "<controller type='pci' index='0' model='pci-root'/>",
				{ SLOTS_PCI, 31, 30 } },
		{ "pc-1.2", "<controller type='pci' index='0' model='pci-root'/>",
				{ SLOTS_PCI, 31, 30 } },
		/* Two functions of one slot; an address of another bus; one without a type. */
		{ "pc-i440fx-9.2",
				"<controller type='pci' index='0' model='pci-root'/>"
				"<x><address type='pci' slot='5'/></x>"
				"<x><address type='pci' slot='5' function='1'/></x>"
				"<x><address type='pci' bus='3' slot='6'/></x>"
				"<x><address bus='0' slot='7'/></x>"
				"<x><address type='drive' bus='0' slot='8'/></x>",
				{ SLOTS_PCI, 31, 29 } },
		/* The host's address is not the guest's. */
		{ "q35",
				ROOT PORT
				"<hostdev mode='subsystem' type='pci'><source>"
				"<address domain='0' bus='1' slot='0' function='0'/></source></hostdev>",
				{ SLOTS_PORTS, 1, 1 } },
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct domain_slots *slots = &fixture->domain.slots;

		if (parse_devices(fixture, cases[i].machine, cases[i].devices) < 0)
			fail_msg("%s", fixture->err.msg);
		if (slots->kind != cases[i].slots.kind || slots->total != cases[i].slots.total ||
				slots->spare != cases[i].slots.spare)
			fail_msg("case %zu: kind %d, %u of %u", i, slots->kind, slots->spare,
					slots->total);
	}
}

#define NIC(mac, alias) \
	"<interface type='bridge'><mac address='" mac "'/><alias name='" alias "'/></interface>"

static void finds_nics_by_what_people_call_them(void **state)
{
	static const struct {
		const char *name;
		int index; /* -1: none */
		const char *says;
	} cases[] = {
		{ "nic1", 0, NULL },
		{ "ua-nic1", 0, NULL },
		{ "net0", 4, NULL }, /* the alias ua-net0 goes before the alias net0 */
		{ "ua-net0", 4, NULL },
		{ "02:00:00:00:00:0C", 3, NULL },
		{ "0000:01:10.3", 5, NULL },
		{ "01:10.3", 5, NULL },
		{ "02:00:00:00:00:0a", -1,
				"web1 has several NICs 02:00:00:00:00:0a: nic1 (bridge), "
				"nic1-standby (bridge): name one by its alias" },
		{ "0000:01:10.2", -1,
				"web1 has several NICs 0000:01:10.2: NIC 7 (pci), NIC 8 (pci)" },
		{ "nic", -1, "web1 has no NIC nic: it has nic1 (bridge), nic1-standby (bridge), net0" },
		{ "", -1, "web1 has no NIC : it has nic1" },
		{ "ua-", -1, "web1 has no NIC ua-" },
		{ "NIC 1", -1, "web1 has no NIC NIC 1" },
	};
	struct fixture *fixture = *state;
	const char *pci =
			"<hostdev mode='subsystem' type='pci'><source><address bus='1' slot='0x10' "
			"function='%d'/></source></hostdev>";
	CLEANUP(cleanup_free) char *vf3 = text_format(pci, 3);
	CLEANUP(cleanup_free) char *vf2 = text_format(pci, 2);
	CLEANUP(cleanup_free)
	char *all = text_format("%s%s%s%s",
			NIC("02:00:00:00:00:0a", "ua-nic1") NIC("02:00:00:00:00:0a",
					"ua-nic1-standby") NIC("02:00:00:00:00:0b", "net0")
					NIC("02:00:00:00:00:0c", "net1")
							NIC("02:00:00:00:00:0d", "ua-net0"),
			vf3, vf2, vf2);

	assert_int_equal(parse_devices(fixture, "q35", all), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct domain_nic *nic = NULL;
		struct err err = { 0 };
		int rc = domain_find_nic(&fixture->domain, cases[i].name, &nic, &err);

		if (cases[i].index >= 0) {
			assert_int_equal(rc, 0);
			assert_int_equal(nic - fixture->domain.nics, cases[i].index);
			continue;
		}
		assert_int_not_equal(rc, 0);
		assert_says(err.msg, cases[i].says);
	}
}

static void says_that_there_are_no_nics(void **state)
{
	struct fixture *fixture = *state;
	const struct domain_nic *nic;

	assert_int_equal(parse_devices(fixture, "q35", ""), 0);
	assert_int_equal(domain_find_nic(&fixture->domain, "nic1", &nic, &fixture->err), -ENOENT);
	assert_string_equal(fixture->err.msg, "web1 has no NIC nic1, nor any other");
	assert_null(domain_nic_with_alias(&fixture->domain, "ua-nic1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(refuses_with_the_place, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_values_with_the_place, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_devices_with_the_place, setup, teardown),
		cmocka_unit_test_setup_teardown(
				refuses_more_nics_than_a_guest_can_have, setup, teardown),
		cmocka_unit_test_setup_teardown(takes_more_metadata_than_devices, setup, teardown),
		cmocka_unit_test_setup_teardown(
				takes_amounts_of_memory_as_libvirt, setup, teardown),
		cmocka_unit_test_setup_teardown(takes_addresses_in_every_base, setup, teardown),
		cmocka_unit_test_setup_teardown(
				counts_where_nics_can_be_plugged_in, setup, teardown),
		cmocka_unit_test_setup_teardown(
				finds_nics_by_what_people_call_them, setup, teardown),
		cmocka_unit_test_setup_teardown(says_that_there_are_no_nics, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
