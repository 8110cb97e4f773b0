/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "apply/apply.h"
#include "apply/drift.h"
#include "base/cleanup.h"
#include "netdev/link_message.h"
#include "netdev/netdev_uses.h"
#include "policy/select_pf.h"
#include "sriov/pf.h"
#include "tests/assert.h"
#include "tests/fake_rtnetlink.h"
#include "tests/tree_hook.h"

/*
 * Cards with so many VFs that the kernel's list of them outgrows the 16 bits of its length, and
 * kernels that refuse to answer then.
 */

#define NAME      "ens0f0"
#define PF_FOLDER "sys/bus/pci/devices/0000:01:00.0/"

static const struct bdf card = { 0, 1, 0, 0 };

static struct vf_settings settings_of(unsigned vf)
{
	return (struct vf_settings){ .given = VF_MAC | VF_VLAN | VF_SPOOFCHK | VF_TRUST | VF_RATE |
				VF_LINK | VF_QUERY_RSS | VF_GUIDS,
		.mac = { { 2, 0, 1, 0, (uint8_t)(vf >> 8), (uint8_t)vf } },
		.vlan = (uint16_t)(1 + vf % 4094),
		.proto = vf % 2 ? 0x8100 : 0x88a8,
		.qos = (uint8_t)(vf % 8),
		.spoofchk = vf % 2,
		.trust = vf % 3,
		.max_rate = vf,
		.link = (enum vf_link_state)(vf % 3),
		.query_rss = vf % 5,
		.node_guid = 0x0200000000000000 + vf,
		.port_guid = 0x0200000001000000 + vf };
}

static struct fake_rtnetlink *kernel_with(unsigned vfs)
{
	struct fake_rtnetlink *kernel = fake_rtnetlink_new(NAME, vfs);

	for (unsigned i = 0; i < vfs; i++)
		kernel->vfs[i] = settings_of(i);
	return kernel;
}

static void assert_settings(const struct netdev *net, unsigned vf)
{
	struct vf_settings want = settings_of(vf);

	want.given &= ~vf_settings_foreign(want.given, net->layer);
	if (net->vfs[vf].given != want.given || vf_settings_difference(&want, &net->vfs[vf]))
		fail_msg("VF %u of %u has other settings", vf, net->vf_count);
}

/* A VF has 164 bytes here, and 204 with its GUIDs: a list outgrows 64 KiB at 400 and 322 VFs. */
static void reads_every_vf_of_any_number(void **state)
{
	struct tree *tree = *state;

	for (unsigned vfs = 0; vfs <= 1500;
			vfs = vfs < 40 || (vfs > 310 && vfs < 410) ? vfs + 1 : vfs + 37) {
		for (int infiniband = 0; infiniband < 2; infiniband++) {
			struct fake_rtnetlink *kernel = kernel_with(vfs);
			struct netdev net;

			kernel->infiniband = infiniband;
			assert_int_equal(netdev_read(tree->host, NAME, &net, NULL), 0);
			assert_int_equal(net.vf_count, vfs);
			assert_string_equal(net.vfs_unread, "");
			assert_string_equal(net.name, NAME);
			assert_int_equal(net.mac.octet[5], infiniband ? 0 : 1);
			assert_int_equal(kernel->asked, 1);
			for (unsigned i = 0; i < vfs; i++)
				assert_settings(&net, i);
			netdev_free(&net);
		}
	}
}

/* Linux refuses where a list does not fit into a message, and a dump has larger messages. */
static void asks_for_all_where_one_is_refused(void **state)
{
	struct fake_rtnetlink *kernel = kernel_with(256);
	struct tree *tree = *state;
	struct netdev net;

	kernel->refuses_one = true;
	assert_int_equal(netdev_read(tree->host, NAME, &net, NULL), 0);
	assert_int_equal(net.vf_count, 256);
	for (unsigned i = 0; i < 256; i++)
		assert_settings(&net, i);
	assert_int_equal(kernel->dumped, 1);
	netdev_free(&net);
}

static void assert_unread(struct tree *tree, const char *why)
{
	struct err err = { 0 };
	struct netdev net;

	if (netdev_read(tree->host, NAME, &net, &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(net.index, FAKE_INDEX);
	assert_int_equal(net.mtu, 1500);
	assert_true(net.up && net.carrier);
	assert_int_equal(net.vf_count, 0);
	assert_null(net.vfs);
	assert_says(net.vfs_unread, why);
	netdev_free(&net);
}

static void says_so_where_nothing_answers(void **state)
{
	struct fake_rtnetlink *kernel = kernel_with(256);

	kernel->refuses_one = kernel->refuses_all = true;
	assert_unread(*state, "Message too long");
	kernel->refuses_all = false;
	kernel->interrupts = 1000;
	assert_unread(*state, "changes while it is read");
}

static void takes_no_list_that_is_cut_off(void **state)
{
	static const unsigned counts[] = { 1, 2, 7, 256, 300, 1024 };

	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		kernel_with(counts[i])->cuts_off = true;
		assert_unread(*state, "cut off");
	}
}

/* Each message that ends too early is malformed or has no list; none is taken for whole. */
static void takes_no_part_of_a_message(void **state)
{
	struct nlmsghdr *message;
	struct netdev net;

	(void)state;
	kernel_with(3);
	message = fake_rtnetlink_link(true);
	for (uint32_t length = 0; length < message->nlmsg_len; length++) {
		struct nlmsghdr *part = calloc(1, length + sizeof(*part));
		int rc;

		assert_non_null(part);
		memcpy(part, message, length < sizeof(*part) ? sizeof(*part) : length);
		part->nlmsg_len = length;
		rc = link_message_decode(part, &net, NULL);
		if (!rc && net.vf_count) {
			assert_int_equal(net.vf_count, 3);
			assert_settings(&net, 2);
		}
		netdev_free(&net);
		free(part);
	}
	free(message);
}

static void keeps_the_others_when_one_vf_is_not_reported(void **state)
{
	struct tree *tree = *state;
	struct netdev net;

	kernel_with(256)->reports_no_vf_5 = true;
	assert_int_equal(netdev_read(tree->host, NAME, &net, NULL), 0);
	assert_int_equal(net.vf_count, 256);
	assert_int_equal(net.vfs[5].given, 0);
	assert_settings(&net, 4);
	assert_settings(&net, 255);
	netdev_free(&net);
}

static void reads_the_lists_again_while_they_change(void **state)
{
	struct fake_rtnetlink *kernel = kernel_with(0);
	struct tree *tree = *state;
	struct netdev_uses uses;
	struct netdev_use use;
	struct err err = { 0 };

	kernel->interrupts = 2;
	netdev_uses_read(tree->host, &uses);
	assert_int_equal(netdev_uses_of(tree->host, &uses, NAME, &use, NULL), 0);
	assert_int_equal(use.index, FAKE_INDEX);
	assert_int_equal(netdev_uses_of(tree->host, &uses, "ens9", &use, &err), -ENODEV);
	netdev_uses_free(&uses);
	kernel->interrupts = 1000;
	netdev_uses_read(tree->host, &uses);
	assert_true(netdev_uses_of(tree->host, &uses, NAME, &use, &err) < 0);
	netdev_uses_free(&uses);
}

/* An alternative name may be longer than any interface's own. */
static void finds_a_card_by_its_alternative_name(void **state)
{
	struct pf_selector selector = { .by_name = true };
	struct fake_rtnetlink *kernel = kernel_with(4);
	struct tree *tree = *state;
	CLEANUP(cleanup_pf) struct pf pf = { .function.bdf = card };
	struct bdf bdf;

	kernel->altname = "enx020000000001-behind-the-third-switch";
	snprintf(selector.name, sizeof(selector.name), "%s", kernel->altname);
	assert_int_equal(pf_find(tree->host, kernel->altname, &bdf, NULL), 0);
	assert_true(bdf_equal(bdf, card));
	assert_int_equal(pf_find(tree->host, "enx020000000002", &bdf, NULL), -ENODEV);
	assert_int_equal(pf_fill_counts(tree->host, &pf, NULL), 0);
	assert_true(pf_selector_fits(tree->host, &selector, &pf.function));
	strcpy(selector.name, "enx020000000002");
	assert_false(pf_selector_fits(tree->host, &selector, &pf.function));
	strcpy(selector.name, NAME);
	assert_true(pf_selector_fits(tree->host, &selector, &pf.function));
}

/* The kernel's part of a change of sriov_numvfs. New VFs have no settings. */
static int make_vfs(struct tree *tree, const char *value)
{
	struct fake_rtnetlink *kernel = fake_rtnetlink_new(NAME, (unsigned)atoi(value));
	char path[80], target[40], bdf[BDF_TEXT];

	for (unsigned i = 0; i < 256; i++) {
		snprintf(path, sizeof(path), PF_FOLDER "virtfn%u", i);
		snprintf(target, sizeof(target), "../%s",
				bdf_format(bdf_at_rid(0, (uint16_t)((1 << 8) + 16 + i)), bdf));
		if (i < kernel->vf_count)
			tree_link(tree, path, target);
		else
			tree_remove(tree, path);
	}
	tree_file(tree, PF_FOLDER "sriov_numvfs", value);
	return 0;
}

static struct desired *policy_of(unsigned vfs)
{
	struct desired *desired = calloc(1, sizeof(*desired));

	assert_non_null(desired);
	*desired = (struct desired){ .file = "10-lan.conf",
		.count_given = true,
		.count = vfs,
		.autoprobe_given = true,
		.vf_count = vfs,
		.vfs = calloc(vfs, sizeof(*desired->vfs)) };
	assert_non_null(desired->vfs);
	for (unsigned i = 0; i < vfs; i++) {
		desired->vfs[i] = (struct desired_vf){ .index = i, .settings = settings_of(i) };
		desired->vfs[i].settings.given &= ~(unsigned)VF_GUIDS;
	}
	return desired;
}

/* However many VFs there are: one question about the PF, one about all interfaces. */
static void plan(struct tree *tree, const struct desired *desired, struct plan *made)
{
	CLEANUP(cleanup_pf) struct pf pf = { .function.bdf = card };
	unsigned asked = fake_rtnetlink_now()->asked;
	struct err err = { 0 };

	if (pf_fill_state(tree->host, &pf, &err) < 0)
		fail_msg("%s", err.msg);
	pf_fill_holders(tree->host, &pf);
	if (plan_make(tree->host, desired, &pf, NULL, made, &err) < 0)
		fail_msg("%s", err.msg);
	assert_in_range(fake_rtnetlink_now()->asked - asked, 1, 2);
}

static size_t count_drifts(
		struct tree *tree, const struct desired *desired, char *first, size_t size)
{
	CLEANUP(cleanup_pf) struct pf pf = { .function.bdf = card };
	CLEANUP(cleanup_drifts) struct drifts drifts = { 0 };

	assert_int_equal(pf_fill_state(tree->host, &pf, NULL), 0);
	drift_find(tree->host, desired, &pf, &drifts);
	*first = '\0';
	if (drifts.count)
		drift_text(&drifts.items[0], first, size);
	return drifts.count;
}

static void plans_applies_and_watches_256_vfs(void **state)
{
	struct tree *tree = *state;
	struct desired *desired = policy_of(256);
	struct plan made;
	struct err err = { 0 };
	char text[200];

	make_vfs(tree, "0");
	tree_file(tree, PF_FOLDER "sriov_drivers_autoprobe", "1");
	tree_on_write(tree, PF_FOLDER "sriov_numvfs", make_vfs);
	plan(tree, desired, &made);
	if (apply_plan(tree->host, &made, NULL, &err) < 0)
		fail_msg("%s", err.msg);
	plan_free(&made);
	assert_int_equal(count_drifts(tree, desired, text, sizeof(text)), 0);
	plan(tree, desired, &made);
	assert_false(plan_changes(&made));
	plan_free(&made);
	fake_rtnetlink_now()->vfs[231].vlan = 99;
	assert_int_equal(count_drifts(tree, desired, text, sizeof(text)), 1);
	assert_says(text, "VF 231: VLAN is 99");
	plan(tree, desired, &made);
	assert_true(plan_changes(&made));
	assert_int_equal(made.steps[0].vf, 231);
	assert_int_equal(apply_plan(tree->host, &made, NULL, NULL), 0);
	plan_free(&made);
	assert_int_equal(count_drifts(tree, desired, text, sizeof(text)), 0);
	free(desired->vfs);
	free(desired);
}

/* What a card has now cannot be kept, so nothing is begun. */
static void plans_nothing_without_the_settings(void **state)
{
	struct tree *tree = *state;
	struct desired *desired = policy_of(256);
	CLEANUP(cleanup_pf) struct pf pf = { .function.bdf = card };
	struct err err = { 0 };
	struct plan made;
	char text[200];

	make_vfs(tree, "256");
	tree_file(tree, PF_FOLDER "sriov_drivers_autoprobe", "0");
	fake_rtnetlink_now()->cuts_off = true;
	assert_int_equal(pf_fill_state(tree->host, &pf, NULL), 0);
	assert_int_equal(plan_make(tree->host, desired, &pf, NULL, &made, &err), -EMSGSIZE);
	assert_says(err.msg, "0000:01:00.0 (" NAME "): the settings of its VFs cannot be read");
	plan_free(&made);
	assert_int_equal(count_drifts(tree, desired, text, sizeof(text)), 1);
	assert_says(text, "settings of VFs is the kernel's list of 256 VFs is cut off");
	free(desired->vfs);
	free(desired);
}

/* One tree serves all tests: it has thousands of files, and each test sets what it needs. */
static int setup(void **state)
{
	struct tree *tree = tree_large(1, 256);

	for (unsigned i = 0; i < 256; i++) {
		char path[64], text[BDF_TEXT];

		snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/driver",
				bdf_format(bdf_at_rid(0, (uint16_t)((1 << 8) + 16 + i)), text));
		tree_remove(tree, path);
	}
	*state = tree;
	return 0;
}

static int forget_hooks(void **state)
{
	(void)state;
	tree_hooks_forget();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(reads_every_vf_of_any_number, forget_hooks),
		cmocka_unit_test_teardown(asks_for_all_where_one_is_refused, forget_hooks),
		cmocka_unit_test_teardown(says_so_where_nothing_answers, forget_hooks),
		cmocka_unit_test_teardown(takes_no_list_that_is_cut_off, forget_hooks),
		cmocka_unit_test(takes_no_part_of_a_message),
		cmocka_unit_test_teardown(
				keeps_the_others_when_one_vf_is_not_reported, forget_hooks),
		cmocka_unit_test_teardown(reads_the_lists_again_while_they_change, forget_hooks),
		cmocka_unit_test_teardown(finds_a_card_by_its_alternative_name, forget_hooks),
		cmocka_unit_test_teardown(plans_applies_and_watches_256_vfs, forget_hooks),
		cmocka_unit_test_teardown(plans_nothing_without_the_settings, forget_hooks),
	};

	return cmocka_run_group_tests(tests, setup, tree_teardown);
}
