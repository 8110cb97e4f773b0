/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "apply/apply.h"
#include "apply/card_change.h"
#include "apply/drift.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "sriov/lease.h"
#include "sriov/pf.h"
#include "sriov/vfs.h"
#include "tests/assert.h"
#include "tests/fake_rtnetlink.h"
#include "tests/tree_hook.h"

/* An InfiniBand card whose kernel answers as IPoIB does. Its VFs have no interfaces. */

#define NUMVFS "sys/bus/pci/devices/" TREE_PF "/sriov_numvfs"

static const struct bdf card = { 0, 1, 0, 0 };

static struct fake_rtnetlink *kernel_with(unsigned vfs)
{
	struct fake_rtnetlink *kernel = fake_rtnetlink_new("ib0", vfs);

	kernel->infiniband = true;
	return kernel;
}

/* The kernel's part of a change of sriov_numvfs. */
static int make_vfs(struct tree *tree, const char *value)
{
	unsigned count = kernel_with((unsigned)atoi(value))->vf_count;

	for (unsigned i = 0; i < 7; i++) {
		CLEANUP(cleanup_free)
		char *path = text_format("sys/bus/pci/devices/" TREE_PF "/virtfn%u", i);
		CLEANUP(cleanup_free) char *target = text_format("../0000:01:00.%u", i + 1);

		if (i < count)
			tree_link(tree, path, target);
		else
			tree_remove(tree, path);
	}
	tree_file(tree, NUMVFS, value);
	return 0;
}

static void plan(struct tree *tree, const char *policy, struct desired_set *set, struct plan *made)
{
	CLEANUP(cleanup_pf) struct pf pf = { .function.bdf = card };
	CLEANUP(cleanup_diagnostics) struct diagnostics diagnostics = { 0 };
	struct err err = { 0 };

	desired_parse("10-ib.conf", policy, set, &diagnostics);
	if (diagnostics.count)
		fail_msg("%s", diagnostics.lines[0]);
	if (pf_fill_state(tree->host, &pf, &err) < 0)
		fail_msg("%s", err.msg);
	pf_fill_holders(tree->host, &pf);
	if (plan_make(tree->host, &set->items[0], &pf, "vfio-pci", made, &err) < 0)
		fail_msg("%s", err.msg);
}

static void apply(struct tree *tree, const char *policy)
{
	CLEANUP(cleanup_desired) struct desired_set set = { 0 };
	CLEANUP(cleanup_plan) struct plan made = { 0 };
	struct err err = { 0 };

	plan(tree, policy, &set, &made);
	if (apply_plan(tree->host, &made, NULL, &err) < 0)
		fail_msg("%s", err.msg);
}

static void assert_plan(struct tree *tree, const char *policy, const char *golden)
{
	CLEANUP(cleanup_desired) struct desired_set set = { 0 };
	CLEANUP(cleanup_plan) struct plan made = { 0 };
	char text[1000] = "", line[200];

	plan(tree, policy, &set, &made);
	for (size_t i = 0; i < made.count; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s\n",
				step_text(&made.steps[i], line, sizeof(line)));
	assert_string_equal(text, golden);
}

static void reports_only_what_ipoib_offers(void **state)
{
	struct fake_rtnetlink *kernel = kernel_with(3);
	struct tree *tree = *state;
	struct netdev net;

	kernel->vfs[2] = (struct vf_settings){ .node_guid = 0x0200000000000007,
		.port_guid = 0x0200000000000008,
		.link = VF_LINK_DISABLE };
	assert_int_equal(netdev_read(tree->host, "ib0", &net, NULL), 0);
	assert_int_equal(net.layer, LAYER_INFINIBAND);
	assert_string_equal(net.address, TREE_IB_ADDRESS);
	assert_true(mac_is_zero(net.mac));
	assert_int_equal(net.vf_count, 3);
	for (unsigned i = 0; i < net.vf_count; i++) {
		assert_int_equal(net.vfs[i].given, VF_GUIDS | VF_LINK);
		assert_int_equal(vf_settings_difference(&net.vfs[i], &kernel->vfs[i]) &
						~kernel->vfs[i].given,
				VF_GUIDS | VF_LINK);
	}
	assert_true(net.vfs[2].node_guid == 0x0200000000000007);
	assert_true(net.vfs[2].port_guid == 0x0200000000000008);
	assert_int_equal(net.vfs[2].link, VF_LINK_DISABLE);
	assert_true(!net.vfs[1].node_guid && !net.vfs[1].port_guid);
	netdev_free(&net);
}

/* A kernel that refuses a setting of Ethernet, and has no GUIDs for an Ethernet card. */
static void sets_guids_and_nothing_else(void **state)
{
	const struct vf_settings guids = { .given = VF_GUIDS | VF_LINK,
		.node_guid = 0x0200000000000003,
		.port_guid = 0x0200000000000004,
		.link = VF_LINK_ENABLE };
	const struct vf_settings vlan = { .given = VF_VLAN, .vlan = 5 };
	struct fake_rtnetlink *kernel = kernel_with(2);
	struct tree *tree = *state;
	struct err err = { 0 };

	if (vf_change_settings(tree->host, card, 1, &guids, &err) < 0)
		fail_msg("%s", err.msg);
	assert_true(kernel->vfs[1].node_guid == guids.node_guid);
	assert_true(kernel->vfs[1].port_guid == guids.port_guid);
	assert_true(!kernel->vfs[0].node_guid && !kernel->vfs[0].port_guid);
	assert_int_equal(vf_change_settings(tree->host, card, 1, &vlan, NULL), -EOPNOTSUPP);
	kernel->infiniband = false;
	assert_int_equal(vf_change_settings(tree->host, card, 1, &guids, &err), -EOPNOTSUPP);
	assert_says(err.msg, "ib0: VF 1: cannot set node GUID 02:00:00:00:00:00:00:03: the driver");
}

#define TWO_VFS                                                             \
	"[Match]\nPath=" TREE_PF "\n[PF]\nSR-IOVVirtualFunctions=2\n"       \
	"[SR-IOV]\nVirtualFunction=0-1\nNodeGUID=02:00:00:00:00:00:00:10\n" \
	"PortGUID=02:00:00:00:00:00:00:20\nLinkState=auto\n"

/* VFs get their GUIDs before a driver starts on them; one that runs is started again. */
static void plans_applies_and_watches_guids(void **state)
{
	struct tree *tree = *state;
	struct fake_rtnetlink *kernel;

	make_vfs(tree, "0");
	tree_on_write(tree, NUMVFS, make_vfs);
	assert_plan(tree, TWO_VFS,
			"switch autoprobe off\nset the number of VFs to 2\n"
			"VF 0: set link state auto, node GUID 02:00:00:00:00:00:00:10, port GUID "
			"02:00:00:00:00:00:00:20\n"
			"VF 1: set link state auto, node GUID 02:00:00:00:00:00:00:11, port GUID "
			"02:00:00:00:00:00:00:21\n"
			"switch autoprobe on\nVF 0: let the kernel bind a driver\n"
			"VF 1: let the kernel bind a driver\n");
	apply(tree, TWO_VFS);
	kernel = fake_rtnetlink_now();
	assert_true(kernel->vfs[0].node_guid == 0x0200000000000010);
	assert_true(kernel->vfs[1].port_guid == 0x0200000000000021);
	assert_plan(tree, TWO_VFS, "write 6 settings again, which a reset may have lost\n");
	kernel->vfs[1].port_guid = 0;
	assert_plan(tree, TWO_VFS,
			"VF 1: unbind its driver\nVF 1: set port GUID 02:00:00:00:00:00:00:21\n"
			"VF 1: bind it to mlx5_core\n"
			"write 5 settings again, which a reset may have lost\n");
	tree_driver(tree, "0000:01:00.2", "vfio-pci");
	assert_plan(tree, TWO_VFS,
			"VF 1: set port GUID 02:00:00:00:00:00:00:21\n"
			"write 5 settings again, which a reset may have lost\n");
}

static void tells_each_guid_that_drifts(void **state)
{
	struct fake_rtnetlink *kernel = kernel_with(2);
	struct tree *tree = *state;
	CLEANUP(cleanup_pf) struct pf pf = { .function.bdf = card };
	CLEANUP(cleanup_drifts) struct drifts drifts = { 0 };
	CLEANUP(cleanup_desired) struct desired_set set = { 0 };
	CLEANUP(cleanup_diagnostics) struct diagnostics diagnostics = { 0 };
	char text[200];

	kernel->vfs[0].node_guid = 0x0200000000000010;
	kernel->vfs[1].node_guid = 0x0200000000000099;
	kernel->vfs[1].port_guid = 0x0200000000000021;
	desired_parse("10-ib.conf", TWO_VFS, &set, &diagnostics);
	assert_int_equal(pf_fill_state(tree->host, &pf, NULL), 0);
	drift_find(tree->host, &set.items[0], &pf, &drifts);
	assert_int_equal(drifts.count, 2);
	assert_string_equal(drift_text(&drifts.items[0], text, sizeof(text)),
			"VF 0: port GUID is not set, not 02:00:00:00:00:00:00:20");
	assert_string_equal(drift_text(&drifts.items[1], text, sizeof(text)),
			"VF 1: node GUID is 02:00:00:00:00:00:00:99, not 02:00:00:00:00:00:00:11");
}

static void makes_vfs_in_place_of_free_ones(void **state)
{
	const struct card_change change = { .vfs_given = true, .vfs = 5 };
	CLEANUP(cleanup_pf) struct pf pf = { .function.bdf = card };
	struct tree *tree = *state;
	struct err err = { 0 };

	make_vfs(tree, "2");
	tree_on_write(tree, NUMVFS, make_vfs);
	assert_int_equal(pf_fill_state(tree->host, &pf, NULL), 0);
	pf_fill_holders(tree->host, &pf);
	assert_int_equal(pf.vf_count, 2);
	assert_int_equal(pf.vfs[0].holder.kind, HOLDER_NONE);
	if (card_change(tree->host, card, &change, &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(fake_rtnetlink_now()->vf_count, 5);
}

static void a_lease_puts_guids_back(void **state)
{
	struct fake_rtnetlink *kernel = kernel_with(2);
	const struct vf_settings other = {
		.given = VF_GUIDS, .node_guid = 0x0200000000000033, .port_guid = 0x0200000000000044
	};
	struct tree *tree = *state;
	struct lease *lease = NULL;
	struct err err = { 0 };

	tree_remove(tree, "sys/bus/pci/devices/" TREE_IB_VF0 "/driver");
	kernel->vfs[0].node_guid = 0x0200000000000010;
	assert_int_equal(lease_begin(tree->host, card, &lease, NULL), 0);
	assert_int_equal(vf_change_settings(tree->host, card, 0, &other, NULL), 0);
	if (lease_end(lease, &err) < 0)
		fail_msg("%s", err.msg);
	assert_true(kernel->vfs[0].node_guid == 0x0200000000000010);
	assert_true(!kernel->vfs[0].port_guid);
}

static int setup(void **state)
{
	*state = tree_infiniband(2);
	return 0;
}

static int teardown(void **state)
{
	tree_hooks_forget();
	return tree_teardown(state);
}

#define WITH_CARD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CARD(reports_only_what_ipoib_offers),
		WITH_CARD(sets_guids_and_nothing_else),
		WITH_CARD(plans_applies_and_watches_guids),
		WITH_CARD(tells_each_guid_that_drifts),
		WITH_CARD(makes_vfs_in_place_of_free_ones),
		WITH_CARD(a_lease_puts_guids_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
