/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "domain/nic_xml.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/random.h"
#include "base/text.h"
#include "tests/assert.h"

struct fixture {
	char *xml;
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

	free(fixture->xml);
	domain_free(&fixture->domain);
	free(fixture);
	return 0;
}

static int write_xml(struct fixture *fixture, const struct nic_wanted *wanted)
{
	free(fixture->xml);
	fixture->xml = NULL;
	fixture->err = (struct err){ 0 };
	return nic_xml(wanted, &fixture->xml, &fixture->err);
}

/* The NIC that libvirt would find in a domain with what is written. */
static const struct domain_nic *read_back(struct fixture *fixture)
{
	CLEANUP(cleanup_free)
	char *text = text_format(
			"<domain><name>a</name><devices>\n%s</devices></domain>", fixture->xml);

	domain_free(&fixture->domain);
	if (domain_parse("a", text, strlen(text), &fixture->domain, &fixture->err) < 0)
		fail_msg("%s\n%s", fixture->err.msg, text);
	assert_int_equal(fixture->domain.nic_count, 1);
	return &fixture->domain.nics[0];
}

static const struct nic_wanted vf = {
	.kind = NIC_HOSTDEV,
	.alias = "ua-nic1",
	.mac = { { 0x02, 0, 0, 0, 0, 1 } },
	.host = { 0, 1, 0x10, 3 },
	.vlan = 100,
	.driver = "vfio",
};

static const struct nic_wanted bridged = {
	.kind = NIC_BRIDGE,
	.alias = "ua-nic1-standby",
	.mac = { { 0x02, 0, 0, 0, 0, 1 } },
	.bridge = "br0",
};

static void writes_a_vf(void **state)
{
	struct fixture *fixture = *state;
	struct nic_wanted wanted = vf;

	wanted.teaming = TEAMING_TRANSIENT;
	wanted.persistent = "ua-nic1-standby";
	wanted.boot = 2;
	assert_int_equal(write_xml(fixture, &wanted), 0);
	assert_string_equal(fixture->xml,
			"<interface type='hostdev' managed='yes'>\n"
			"  <mac address='02:00:00:00:00:01'/>\n"
			"  <source>\n"
			"    <address type='pci' domain='0x0000' bus='0x01' slot='0x10' function='0x3'/>\n"
			"  </source>\n"
			"  <vlan>\n"
			"    <tag id='100'/>\n"
			"  </vlan>\n"
			"  <teaming type='transient' persistent='ua-nic1-standby'/>\n"
			"  <driver name='vfio'/>\n"
			"  <boot order='2'/>\n"
			"  <alias name='ua-nic1'/>\n"
			"</interface>\n");
}

static void writes_a_vf_of_a_network(void **state)
{
	struct fixture *fixture = *state;
	struct nic_wanted wanted = vf;

	wanted.kind = NIC_NETWORK;
	wanted.network = "pool 'a' & <b>";
	assert_int_equal(write_xml(fixture, &wanted), 0);
	assert_says(fixture->xml, "<interface type='network'>");
	assert_says(fixture->xml, "<source network='pool &#39;a&#39; &amp; &lt;b&gt;'/>");
	assert_string_equal(read_back(fixture)->network, wanted.network);
}

static void writes_a_nic_on_a_bridge(void **state)
{
	struct fixture *fixture = *state;
	struct nic_wanted wanted = bridged;

	wanted.teaming = TEAMING_PERSISTENT;
	wanted.link = NIC_LINK_DOWN;
	wanted.mtu = 9000;
	assert_int_equal(write_xml(fixture, &wanted), 0);
	assert_string_equal(fixture->xml,
			"<interface type='bridge'>\n"
			"  <mac address='02:00:00:00:00:01'/>\n"
			"  <source bridge='br0'/>\n"
			"  <teaming type='persistent'/>\n"
			"  <model type='virtio'/>\n"
			"  <link state='down'/>\n"
			"  <mtu size='9000'/>\n"
			"  <alias name='ua-nic1-standby'/>\n"
			"</interface>\n");
}

/* Without a <vlan>, libvirt passes over a driver that does not clear the port VLAN. */
static void writes_the_vlan_of_every_vf(void **state)
{
	static const enum nic_kind kinds[] = { NIC_HOSTDEV, NIC_NETWORK };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < 2; i++) {
		struct nic_wanted wanted = vf;

		wanted.kind = kinds[i];
		wanted.network = "pool";
		for (wanted.vlan = 0; wanted.vlan <= 4094; wanted.vlan += 89) {
			const struct domain_nic *nic;

			assert_int_equal(write_xml(fixture, &wanted), 0);
			nic = read_back(fixture);
			assert_int_equal(nic->vlan_count, 1);
			assert_int_equal(nic->vlans[0].id, wanted.vlan);
			assert_false(nic->trunk);
		}
	}
}

static void refuses_what_libvirt_would_drop_or_refuse(void **state)
{
	static const struct {
		struct nic_wanted wanted;
		const char *says;
	} bad[] = {
#define NIC(kind_, alias_, octet, ...) \
	{ .kind = NIC_##kind_, .alias = (alias_), .mac = { { (octet) } }, __VA_ARGS__ }
		{ NIC(HOSTDEV, NULL, 2, .vlan = 1),
				"NIC without an alias to libvirt: the alias is" },
		{ NIC(HOSTDEV, "a", 2, .vlan = 1), "the alias is not ua-" },
		{ NIC(HOSTDEV, "ua-", 2, .vlan = 1), "the alias is not ua-" },
		{ NIC(HOSTDEV, "ua-a.b", 2, .vlan = 1), "the alias is not ua-" },
		{ NIC(HOSTDEV, "ua-a'", 2, .vlan = 1), "the alias is not ua-" },
		{ NIC(HOSTDEV, "ua-a", 0, .vlan = 1), "the MAC is zero or" },
		{ NIC(HOSTDEV, "ua-a", 1, .vlan = 1), "the MAC is zero or" },
		{ NIC(HOSTDEV, "ua-a", 2, .vlan = 4095), "the VLAN id is not" },
		{ NIC(HOSTDEV, "ua-a", 2, .mtu = 1500), "the MTU of a VF" },
		{ NIC(HOSTDEV, "ua-a", 2, .link = NIC_LINK_UP), "the link state of a VF" },
		{ NIC(HOSTDEV, "ua-a", 2, .teaming = TEAMING_PERSISTENT),
				"cannot be the persistent" },
		{ NIC(HOSTDEV, "ua-a", 2, .teaming = TEAMING_TRANSIENT), "of the persistent NIC" },
		{ NIC(HOSTDEV, "ua-a", 2, .driver = "\x01"), "name of <driver>: " },
		{ NIC(NETWORK, "ua-a", 2, .vlan = 1), "the name of the network" },
		{ NIC(NETWORK, "ua-a", 2, .network = "a\nb"), "network of <source>: a line break" },
		{ NIC(DIRECT, "ua-a", 2, .vlan = 1), "only VFs and NICs on a bridge" },
		{ NIC(BRIDGE, "ua-a", 2, .vlan = 1), "the name of the bridge" },
		{ NIC(BRIDGE, "ua-a", 2, .bridge = ""), "the name of the bridge" },
		{ NIC(BRIDGE, "ua-a", 2, .bridge = "\xff"), "bridge of <source>: " },
		{ NIC(BRIDGE, "ua-a", 2, .bridge = "b", .teaming = TEAMING_TRANSIENT),
				"cannot be the transient one" },
		{ NIC(BRIDGE, "ua-a", 2, .bridge = "b", .mtu = 67), "the MTU is not" },
		{ NIC(BRIDGE, "ua-a", 2, .bridge = "b", .mtu = 65536), "the MTU is not" },
#undef NIC
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (write_xml(fixture, &bad[i].wanted) != -EINVAL)
			fail_msg("not refused: %s", bad[i].says);
		assert_says(fixture->err.msg, bad[i].says);
		assert_null(fixture->xml);
	}
}

static unsigned choose(uint64_t *state, unsigned choices)
{
	return (unsigned)(random_next(state) % choices);
}

/* Any text that XML can hold and people can read. */
static const char *random_name(uint64_t *state, char text[64])
{
	static const char *const pieces[] = { "a", "Z", "0", "-", "_", ".", " ", "'", "\"", "<",
		">", "&", "&amp;", "]]>", "%", "\\", "/", "\xc3\xa9", "\xe2\x82\xac",
		"\xf0\x9f\x90\xa7" };
	unsigned count = 1 + choose(state, 10);
	char *end = text;

	for (unsigned i = 0; i < count; i++)
		end = stpcpy(end, pieces[choose(state, sizeof(pieces) / sizeof(*pieces))]);
	return text;
}

static const char *random_alias(uint64_t *state, char text[64])
{
	static const char characters[] = "abcXYZ019_-";
	unsigned count = 1 + choose(state, 40);
	char *end = stpcpy(text, "ua-");

	for (unsigned i = 0; i < count; i++)
		*end++ = characters[choose(state, sizeof(characters) - 1)];
	*end = '\0';
	return text;
}

/* Room for the texts of a random NIC. */
struct names {
	char alias[64], persistent[64], network[64], bridge[64], driver[64];
};

static struct nic_wanted random_wanted(uint64_t *state, struct names *names)
{
	static const enum nic_kind kinds[] = { NIC_HOSTDEV, NIC_NETWORK, NIC_BRIDGE };
	struct nic_wanted wanted = { .kind = kinds[choose(state, 3)],
		.alias = random_alias(state, names->alias),
		.vlan = (uint16_t)(choose(state, 2) ? choose(state, 4095) : 0),
		.boot = choose(state, 3) };

	for (size_t i = 0; i < 6; i++)
		wanted.mac.octet[i] = (uint8_t)random_next(state);
	wanted.mac.octet[0] = (uint8_t)((wanted.mac.octet[0] & 0xfe) | 2);
	if (choose(state, 2))
		wanted.driver = random_name(state, names->driver);
	if (wanted.kind == NIC_HOSTDEV)
		wanted.host = (struct bdf){ (uint32_t)random_next(state) >> choose(state, 32),
			(uint8_t)(1 + choose(state, 255)), (uint8_t)choose(state, 32),
			(uint8_t)choose(state, 8) };
	if (wanted.kind == NIC_NETWORK)
		wanted.network = random_name(state, names->network);
	if (wanted.kind == NIC_BRIDGE) {
		wanted.bridge = random_name(state, names->bridge);
		wanted.mtu = choose(state, 2) ? 68 + choose(state, 65468) : 0;
		wanted.link = choose(state, 3);
		wanted.teaming = choose(state, 2) ? TEAMING_PERSISTENT : TEAMING_NONE;
	} else if (choose(state, 2)) {
		wanted.teaming = TEAMING_TRANSIENT;
		wanted.persistent = random_alias(state, names->persistent);
	}
	return wanted;
}

static void assert_same_text(const char *found, const char *want)
{
	if (!want)
		assert_null(found);
	else
		assert_string_equal(found, want);
}

static void assert_reads_as(const struct domain_nic *nic, const struct nic_wanted *wanted)
{
	bool has_vlan = wanted->kind != NIC_BRIDGE || wanted->vlan;

	assert_int_equal(nic->kind, wanted->kind);
	assert_same_text(nic->alias, wanted->alias);
	assert_true(nic->has_mac && mac_equal(nic->mac, wanted->mac));
	assert_int_equal(nic->has_host, wanted->kind == NIC_HOSTDEV);
	assert_true(bdf_equal(nic->host, wanted->host));
	assert_same_text(nic->network, wanted->network);
	assert_same_text(nic->bridge, wanted->bridge);
	assert_same_text(nic->driver, wanted->driver);
	assert_same_text(nic->persistent, wanted->persistent);
	assert_same_text(nic->model, wanted->kind == NIC_BRIDGE ? "virtio" : NULL);
	assert_int_equal(nic->managed, wanted->kind == NIC_HOSTDEV);
	assert_int_equal(nic->vlan_count, has_vlan);
	if (has_vlan)
		assert_int_equal(nic->vlans[0].id, wanted->vlan);
	assert_int_equal(nic->teaming, wanted->teaming);
	assert_int_equal(nic->boot, wanted->boot);
	assert_int_equal(nic->mtu, wanted->mtu);
	assert_int_equal(nic->link, wanted->link);
	assert_false(nic->has_guest || nic->trunk || nic->filter || nic->target);
}

static void reads_back_what_it_writes(void **state)
{
	struct fixture *fixture = *state;
	uint64_t seed = 1;

	for (int i = 0; i < 3000; i++) {
		struct names names;
		struct nic_wanted wanted = random_wanted(&seed, &names);

		if (write_xml(fixture, &wanted) < 0)
			fail_msg("%s", fixture->err.msg);
		assert_reads_as(read_back(fixture), &wanted);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(writes_a_vf, setup, teardown),
		cmocka_unit_test_setup_teardown(writes_a_vf_of_a_network, setup, teardown),
		cmocka_unit_test_setup_teardown(writes_a_nic_on_a_bridge, setup, teardown),
		cmocka_unit_test_setup_teardown(writes_the_vlan_of_every_vf, setup, teardown),
		cmocka_unit_test_setup_teardown(
				refuses_what_libvirt_would_drop_or_refuse, setup, teardown),
		cmocka_unit_test_setup_teardown(reads_back_what_it_writes, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
