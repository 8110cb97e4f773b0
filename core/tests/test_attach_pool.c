/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "domain/pool.h"
#include "tests/assert.h"
#include "tests/vm_world.h"

/* NICs by pool and by device. */

#define ADDRESS(function) \
	"<address type='pci' domain='0x0000' bus='0x01' slot='0x10' function='0x" #function "'"
#define VLAN(id) "<vlan><tag id='" #id "'/></vlan>"

static struct fake_network *add_pool(const char *forward, const char *more)
{
	size_t number = ++world.libvirt->network_count;
	struct fake_network *network = &world.libvirt->networks[number - 1];

	*network = (struct fake_network){ .active = true };
	snprintf(network->name, sizeof(network->name), "pool%zu", number);
	snprintf(network->xml, sizeof(network->xml),
			"<network><name>pool%zu</name><forward mode='hostdev' managed='yes'>%s</forward>"
			"%s</network>",
			number, forward, more);
	return network;
}

static void gives_a_vf_of_the_pools_addresses_in_its_vlan(void **state)
{
	const struct vf_settings *vf = &world.kernel->vfs[2];

	(void)state;
	add_pool(ADDRESS(4) "/>" ADDRESS(6) "/>", VLAN(42));
	world_attach_well((struct attach_request){ .pool = "pool1", .mac = "02:00:00:00:00:77" });
	assert_int_equal(vf->vlan, 42);
	assert_int_equal(vf->mac.octet[5], 0x77);
	assert_true(vf->spoofchk);
	assert_false(vf->trust);
	assert_int_equal(vf->max_rate, 0);
	world_attach_well((struct attach_request){ .pool = "pool1" });
	assert_int_equal(world.kernel->vfs[3].vlan, 42);
	assert_int_equal(times(world.libvirt->domains[0].live, "<interface type='hostdev'"), 2);
	assert_int_equal(count_vnics(), 0);
	assert_int_equal(world_detach("web1", "nic1", 5, NULL), 0);
	assert_int_equal(world_detach("web1", "nic2", 5, NULL), 0);
	assert_nothing_happened();
}

/* The XML of a pool that was not started has no addresses, and that of old ones neither. */
static void gives_any_vf_of_the_pools_card(void **state)
{
	(void)state;
	add_pool("<pf dev='eth0'/>", "");
	for (unsigned i = 0; i < WORLD_VFS; i++)
		world_attach_well((struct attach_request){ .pool = "pool1" });
	for (unsigned i = 0; i < WORLD_VFS; i++)
		assert_int_equal(world.kernel->vfs[i].vlan, 0);
}

static void takes_the_vlan_of_the_port_group(void **state)
{
	static const struct {
		const char *group;
		unsigned vlan;
	} groups[] = { { NULL, 43 }, { "gold", 43 }, { "plain", 42 }, { "silver", 44 } };

	(void)state;
	add_pool("<pf dev='eth0'/>",
			VLAN(42) "<portgroup name='gold' default='yes'>" VLAN(
					43) "</portgroup><portgroup name='plain'/>"
					    "<portgroup name='silver'>" VLAN(44) "</portgroup>");
	for (unsigned i = 0; i < 4; i++) {
		world_attach_well((struct attach_request){
				.pool = "pool1", .portgroup = groups[i].group });
		assert_int_equal(world.kernel->vfs[i].vlan, groups[i].vlan);
	}
}

/* For each caller: libvirt's record counts before the machine has the VF open. */
static void leaves_what_libvirt_has_given_from_a_pool(void **state)
{
	struct fake_network *pool;

	(void)state;
	pool = add_pool(ADDRESS(0) " connections='1'/>" ADDRESS(2) "/>" ADDRESS(4) "/>", "");
	snprintf(pool->port, sizeof(pool->port),
			"<networkport><owner><name>web2</name></owner><plug type='hostdev-pci'>" ADDRESS(
					2) "/></plug></networkport>");
	world_attach_well((struct attach_request){ .pool = "pool1" });
	assert_int_equal(world_vf_with(&world.libvirt->domains[0], "ua-nic1"), 2);
	world_attach_well((struct attach_request){ .profile = "fast" });
	assert_int_equal(world_vf_with(&world.libvirt->domains[0], "ua-nic2"), 3);
}

static void gives_the_device_that_is_named(void **state)
{
	(void)state;
	world_attach_well((struct attach_request){ .device = "eth0/2", .vlan = 77 });
	assert_int_equal(world.kernel->vfs[2].vlan, 77);
	assert_true(world.kernel->vfs[2].spoofchk);
	assert_int_equal(world_detach("web1", "nic1", 5, NULL), 0);
	assert_nothing_happened();
}

static void does_without_a_network_driver(void **state)
{
	(void)state;
	world.libvirt->no_networks = true;
	world_attach_well((struct attach_request){ .profile = "fast" });
	assert_int_equal(world.kernel->vfs[0].vlan, 10);
}

static void refuse_one(struct attach_request request, const char *refusal, const char *words)
{
	CLEANUP(cleanup_attach) struct attach attach = { 0 };
	struct err err = { 0 };

	assert_true(world_attach(request, &attach, &err) < 0);
	if (refusal && (!err.refusal || strcmp(err.refusal, refusal) != 0))
		fail_msg("not refused as %s: %s", refusal, err.msg);
	assert_says(err.msg, words);
}

static void refuses_what_a_pool_cannot_give(void **state)
{
	(void)state;
	add_pool(ADDRESS(0) "/>" ADDRESS(2) "/>", "");
	add_pool("<pf dev='eth0'/>", "<vlan trunk='yes'><tag id='1'/></vlan>");
	refuse_one((struct attach_request){ .pool = "pool9" }, "pool-missing", "pool1, pool2");
	refuse_one((struct attach_request){ .pool = "pool2" }, NULL, "several VLANs");
	refuse_one((struct attach_request){ .pool = "pool1", .portgroup = "gold" }, NULL,
			"no port group gold");
	refuse_one((struct attach_request){ .pool = "pool1", .sides = DOMAIN_CONFIG }, NULL,
			"running machine");
	refuse_one((struct attach_request){ .pool = "pool1", .vf = "eth0/3" }, "no-suitable-vf",
			"no VF");
	world_attach_well((struct attach_request){ .vm = "web2" });
	world_attach_well((struct attach_request){ .pool = "pool1" });
	refuse_one((struct attach_request){ .pool = "pool1" }, "no-suitable-vf", "web2/nic1");
	refuse_one((struct attach_request){ .pool = "pool1" }, "no-suitable-vf", "web1/nic1");
	world_file("etc/vfctl/allow/a.allow", "[Match]\nPath=0000:01:00.0\n[Allow]\nAll=no\n");
	refuse_one((struct attach_request){ .pool = "pool1" }, "no-suitable-vf",
			"may not carry pool1");
	world.libvirt->networks[0].active = false;
	refuse_one((struct attach_request){ .pool = "pool1" }, "pool-inactive", "net-start pool1");
	strcpy(world.libvirt->networks[1].xml,
			"<network><name>pool2</name><forward mode='nat'/></network>");
	refuse_one((struct attach_request){ .pool = "pool2" }, "pool-not-hostdev", "pool2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)
		TEST(gives_a_vf_of_the_pools_addresses_in_its_vlan),
		TEST(gives_any_vf_of_the_pools_card),
		TEST(takes_the_vlan_of_the_port_group),
		TEST(leaves_what_libvirt_has_given_from_a_pool),
		TEST(gives_the_device_that_is_named),
		TEST(does_without_a_network_driver),
		TEST(refuses_what_a_pool_cannot_give),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
