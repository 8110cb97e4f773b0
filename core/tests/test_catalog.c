/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "catalog/catalog_store.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "catalog/catalog_store.h"
#include "catalog/network_path.h"
#include "tests/assert.h"
#include "tests/tree.h"

#define NETWORKS "etc/vfctl/networks/"
#define PROFILES "etc/vfctl/profiles/"
#define ALLOW    "etc/vfctl/allow/"

struct fixture {
	struct tree *tree;
	struct catalog catalog;
	struct diagnostics diagnostics;
	struct network_paths paths;
};

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	fixture->tree = tree_igb(4);
	fixture->catalog = (struct catalog){ 0 };
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	catalog_free(&fixture->catalog);
	diagnostics_free(&fixture->diagnostics);
	network_paths_free(&fixture->paths);
	tree_free(fixture->tree);
	free(fixture);
	return 0;
}

static void read_all(struct fixture *fixture)
{
	struct err err = { 0 };

	catalog_free(&fixture->catalog);
	diagnostics_free(&fixture->diagnostics);
	if (catalog_read(fixture->tree->host, &fixture->catalog, &fixture->diagnostics, &err) < 0)
		fail_msg("%s", err.msg);
}

static void reads_what_is_written(void **state)
{
	struct fixture *fixture = *state;
	const struct network *network;

	tree_file(fixture->tree, NETWORKS "red.network",
			"# by hand\n[Network]\nDescription=The red one, 100 %\nVM=off\nRequired=0\n"
			"VLANId=0x10\nMTUBytes=9000\nLabels=fast far\nLabels=near\nPortIsolation=true\n"
			"Bridge=br0\nProvider=ovn\n");
	tree_file(fixture->tree, NETWORKS "red.network~", "nonsense");
	tree_file(fixture->tree, NETWORKS "README", "nonsense");
	read_all(fixture);
	assert_int_equal(fixture->diagnostics.count, 0);
	assert_int_equal(fixture->catalog.networks.count, 1);
	network = catalog_network(&fixture->catalog, "red");
	assert_string_equal(network->description, "The red one, 100 %");
	assert_true(!network->vm && !network->required && network->isolated);
	assert_int_equal(network->vlan, 16);
	assert_int_equal(network->mtu, 9000);
	assert_int_equal(network->labels.count, 3);
	assert_string_equal(network->bridge, "br0");
	assert_string_equal(network->provider, "ovn");
}

static void writes_what_it_reads(void **state)
{
	struct fixture *fixture = *state;
	struct network network = { 0 };
	CLEANUP(cleanup_free) char *text = NULL;
	struct err err = { 0 };

	assert_int_equal(catalog_open(fixture->tree->host, &fixture->catalog, &err), 0);
	definition_init(&network_kind, &network, "red");
	network.vlan = 42;
	network.required = false;
	string_set_add(&network.labels, "fast");
	string_set_add(&network.labels, "far");
	text = definition_print(&network_kind, &network);
	assert_string_equal(text, "[Network]\nRequired=no\nVLANId=42\nLabels=fast far\n");
	if (catalog_add(fixture->tree->host, &fixture->catalog, &network_kind, &network, &err) < 0)
		fail_msg("%s", err.msg);
	read_all(fixture);
	assert_true(definition_equal(
			&network_kind, catalog_network(&fixture->catalog, "red"), &network));
	definition_free(&network_kind, &network);
}

static void is_empty_where_nothing_is_defined(void **state)
{
	struct fixture *fixture = *state;

	read_all(fixture);
	assert_int_equal(fixture->diagnostics.count, 0);
	assert_int_equal(fixture->catalog.networks.count, 0);
	assert_null(catalog_network(&fixture->catalog, "red"));
}

static void tells_all_that_is_wrong_at_once(void **state)
{
	static const char *const says[] = {
		NETWORKS "bad.network:2:8: VLANId= takes a number from 1 to 4094, or 0, not '4095'",
		NETWORKS
		"bad.network:3:11: MTUBytes= takes a number from 68 to 65535, or 0, not '40'",
		NETWORKS "bad.network:4:1: unknown key Colour in [Network]",
		NETWORKS "bad.network:5:6: VM= takes yes or no, not 'maybe'",
		NETWORKS "bad.network:6:9: Labels= names a twice",
		NETWORKS "bad.network:7:8: Bridge= takes a name",
		NETWORKS "bad.network:8:1: expected Key=value",
		NETWORKS "bad.network:9:1: unknown section [SR-IOV]",
		NETWORKS "bad name.network: a network has a name",
		NETWORKS "empty.network:1:1: there is no section [Network]",
		PROFILES "fast.profile:3:9: there is no network blue",
		PROFILES "fast.profile:4:10: there is no profile slow",
		ALLOW "eth0.allow:2:6: Path= does not name a card",
		ALLOW "eth0.allow:4:5: All=yes contradicts a list",
		ALLOW "eth0.allow:5:10: there is no network blue",
	};
	struct fixture *fixture = *state;

	tree_file(fixture->tree, NETWORKS "bad.network",
			"[Network]\nVLANId=4095\nMTUBytes= 40\nColour=red\nVM=  maybe\nLabels= a a\n"
			"Bridge=br/0\nnonsense\n[SR-IOV]\n");
	tree_file(fixture->tree, NETWORKS "bad name.network", "[Network]\n");
	tree_file(fixture->tree, NETWORKS "empty.network", "");
	tree_file(fixture->tree, NETWORKS "good.network", "[Network]\n");
	tree_file(fixture->tree, PROFILES "fast.profile",
			"[Profile]\nPassthrough=yes\nNetwork=blue\nFailover=slow\nMigratable=yes\n");
	tree_file(fixture->tree, ALLOW "eth0.allow",
			"[Match]\nPath=nowhere\n[Allow]\nAll=yes\nNetworks=blue\n");
	read_all(fixture);
	for (size_t i = 0; i < sizeof(says) / sizeof(*says); i++) {
		bool found = false;

		for (size_t k = 0; k < fixture->diagnostics.count && !found; k++)
			found = strstr(fixture->diagnostics.lines[k], says[i]) != NULL;
		if (!found)
			fail_msg("nobody says '%s'", says[i]);
	}
	assert_int_equal(fixture->diagnostics.count, sizeof(says) / sizeof(*says));
	assert_non_null(catalog_network(&fixture->catalog, "good"));
}

static void changes_nothing_while_a_file_is_wrong(void **state)
{
	struct fixture *fixture = *state;
	struct err err = { 0 };

	tree_file(fixture->tree, PROFILES "fast.profile", "[Profile]\nNetwork=blue\n");
	assert_int_equal(catalog_open(fixture->tree->host, &fixture->catalog, &err), -EINVAL);
	assert_says(err.msg, PROFILES "fast.profile:2:9: there is no network blue");
}

static void permits_by_name_by_label_or_all(void **state)
{
	struct fixture *fixture = *state;
	struct pf pf = { .function = { .bdf = { 0, 1, 0, 0 }, .netdev = "eth0" } };
	const struct network *red, *blue;
	const struct allowlist *allowlist;

	tree_file(fixture->tree, NETWORKS "red.network", "[Network]\nLabels=fast far\n");
	tree_file(fixture->tree, NETWORKS "blue.network", "[Network]\n");
	read_all(fixture);
	red = catalog_network(&fixture->catalog, "red");
	blue = catalog_network(&fixture->catalog, "blue");
	assert_int_equal(allowlist_of(fixture->tree->host, &fixture->catalog.allowlists, &pf,
					 &allowlist, NULL),
			0);
	assert_null(allowlist);
	assert_true(allowlist_permits(allowlist, red));

	tree_file(fixture->tree, ALLOW "a.allow",
			"[Match]\nPath=0000:01:00.0\n[Allow]\nLabels=far\n");
	read_all(fixture);
	red = catalog_network(&fixture->catalog, "red");
	blue = catalog_network(&fixture->catalog, "blue");
	assert_int_equal(allowlist_of(fixture->tree->host, &fixture->catalog.allowlists, &pf,
					 &allowlist, NULL),
			0);
	assert_non_null(allowlist);
	assert_true(allowlist_permits(allowlist, red));
	assert_false(allowlist_permits(allowlist, blue));

	tree_file(fixture->tree, ALLOW "a.allow",
			"[Match]\nPermanentMACAddress=52:54:00:00:00:02\n[Allow]\nNetworks=blue\n");
	read_all(fixture);
	red = catalog_network(&fixture->catalog, "red");
	blue = catalog_network(&fixture->catalog, "blue");
	assert_int_equal(allowlist_of(fixture->tree->host, &fixture->catalog.allowlists, &pf,
					 &allowlist, NULL),
			0);
	assert_false(allowlist_permits(allowlist, red));
	assert_true(allowlist_permits(allowlist, blue));
}

static void stays_with_a_card_that_is_renamed_or_moved(void **state)
{
	struct fixture *fixture = *state;
	struct pf pf = { .function = { .bdf = { 0, 1, 0, 0 }, .netdev = "eth0" } };
	struct pf other = { .function = { .bdf = { 0, 1, 16, 0 }, .netdev = "eth1" } };
	struct allowlist fresh = { 0 };
	const struct allowlist *found;
	struct err err = { 0 };

	allowlist_init(fixture->tree->host, &pf, &fresh);
	assert_string_equal(fresh.head.name, "52-54-00-00-00-02");
	assert_string_equal(fresh.mac, "52:54:00:00:00:02");
	assert_true(fresh.all);
	allowlist_set_all(&fresh, false);
	assert_int_equal(catalog_open(fixture->tree->host, &fixture->catalog, &err), 0);
	assert_int_equal(catalog_change(fixture->tree->host, &fixture->catalog, &allowlist_kind,
					 &fresh, &err),
			0);
	read_all(fixture);
	pf.function.bdf.bus = 9;
	assert_int_equal(allowlist_of(fixture->tree->host, &fixture->catalog.allowlists, &pf,
					 &found, NULL),
			0);
	assert_non_null(found);
	assert_int_equal(allowlist_of(fixture->tree->host, &fixture->catalog.allowlists, &other,
					 &found, NULL),
			0);
	assert_null(found);

	*pf.function.netdev = '\0';
	allowlist_init(fixture->tree->host, &pf, &fresh);
	assert_string_equal(fresh.head.name, "0000-09-00.0");
	assert_string_equal(fresh.path, "0000:09:00.0");
	definition_free(&allowlist_kind, &fresh);
}

static const struct network_path *path_of(struct fixture *fixture, const char *network)
{
	struct err err = { 0 };

	read_all(fixture);
	network_paths_free(&fixture->paths);
	if (network_paths_read(fixture->tree->host, &fixture->catalog.allowlists,
			    catalog_network(&fixture->catalog, network), &fixture->paths, &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(fixture->paths.count, 1);
	return fixture->paths.list;
}

static void bridges_a_card_whose_vfs_serve_guests(void **state)
{
	struct fixture *fixture = *state;
	const struct network_path *path;

	tree_file(fixture->tree, NETWORKS "red.network", "[Network]\nBridge=br0\nMTUBytes=9000\n");
	path = path_of(fixture, "red");
	assert_false(fixture->paths.bridge_exists || path->bridged || path->mtu_fits);
	assert_true(path->allowed);
	assert_int_equal(path->free_vfs, 4);

	/* br0 on bond0.10 on bond0 on eth0. */
	tree_file(fixture->tree, "sys/class/net/br0/bridge/stp_state", "0\n");
	tree_file(fixture->tree, "sys/class/net/br0/lower_bond0.10/x", "");
	tree_file(fixture->tree, "sys/class/net/bond0.10/lower_bond0/x", "");
	tree_file(fixture->tree, "sys/class/net/bond0/lower_eth0/x", "");
	tree_attribute(fixture->tree, TREE_PF, "net/eth0/mtu", "9000\n");
	path = path_of(fixture, "red");
	assert_true(fixture->paths.bridge_exists && path->bridged && path->mtu_fits);
	assert_string_equal(path->through, "eth0");
	assert_int_equal(path->free_vfs, 4);
}

static void counts_a_vf_that_is_a_nic_of_the_host_as_held(void **state)
{
	struct fixture *fixture = *state;
	const struct network_path *path;

	tree_file(fixture->tree, NETWORKS "red.network", "[Network]\nBridge=br0\n");
	tree_file(fixture->tree, "sys/class/net/br0/bridge/stp_state", "0\n");
	tree_file(fixture->tree, "sys/class/net/br0/lower_eth1/x", "");
	tree_attribute(fixture->tree, TREE_VF0, "net/eth1/upper_br0", "");
	path = path_of(fixture, "red");
	assert_true(path->bridged);
	assert_string_equal(path->through, "eth1");
	assert_int_equal(path->free_vfs, 3);
}

static void ends_on_a_ring_of_interfaces(void **state)
{
	struct fixture *fixture = *state;

	tree_file(fixture->tree, NETWORKS "red.network", "[Network]\nBridge=br0\n");
	tree_file(fixture->tree, "sys/class/net/br0/lower_br1/x", "");
	tree_file(fixture->tree, "sys/class/net/br1/lower_br0/x", "");
	assert_false(path_of(fixture, "red")->bridged);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FIXTURE(reads_what_is_written),
		WITH_FIXTURE(writes_what_it_reads),
		WITH_FIXTURE(is_empty_where_nothing_is_defined),
		WITH_FIXTURE(tells_all_that_is_wrong_at_once),
		WITH_FIXTURE(changes_nothing_while_a_file_is_wrong),
		WITH_FIXTURE(permits_by_name_by_label_or_all),
		WITH_FIXTURE(stays_with_a_card_that_is_renamed_or_moved),
		WITH_FIXTURE(bridges_a_card_whose_vfs_serve_guests),
		WITH_FIXTURE(counts_a_vf_that_is_a_nic_of_the_host_as_held),
		WITH_FIXTURE(ends_on_a_ring_of_interfaces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
