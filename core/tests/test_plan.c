/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "apply/plan.h"

#include <linux/if_ether.h>
#include <stdio.h>
#include <stdlib.h>

#include "apply/drift.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "sriov/pf.h"
#include "tests/assert.h"
#include "tests/tree.h"

/* Plans and drift of a given card: a tree of files has no settings of VFs, so the test sets
 * them. */
struct fixture {
	const char *despite_holder;
	struct tree *tree;
	struct pf pf;
	struct desired_set set;
	struct plan plan;
	struct drifts drifts;
	char text[4096];
	struct err err;
};

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	fixture->tree = tree_igb(4);
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	plan_free(&fixture->plan);
	drifts_free(&fixture->drifts);
	desired_free(&fixture->set);
	pf_free(&fixture->pf);
	tree_free(fixture->tree);
	free(fixture);
	return 0;
}

/* VF n in the state in which its driver starts: a random address, no VLAN, spoof check on. */
static void read_card(struct fixture *fixture)
{
	fixture->pf.function.bdf = (struct bdf){ 0, 1, 0, 0 };
	assert_int_equal(pf_fill_state(fixture->tree->host, &fixture->pf, NULL), 0);
	pf_fill_holders(fixture->tree->host, &fixture->pf);
	for (size_t i = 0; i < fixture->pf.vf_count; i++) {
		struct vf_settings *settings = &fixture->pf.vfs[i].settings;

		*settings = (struct vf_settings){ .given = VF_MAC | VF_VLAN | VF_SPOOFCHK |
					VF_TRUST | VF_RATE | VF_LINK,
			.mac = { { 0x52, 0x54, 0, 0, 0, (uint8_t)(3 + i) } },
			.spoofchk = true };
	}
}

static void want(struct fixture *fixture, const char *settings)
{
	CLEANUP(cleanup_free) char *text = text_format("[Match]\nPath=0000:01:00.0\n%s", settings);
	CLEANUP(cleanup_diagnostics) struct diagnostics diagnostics = { 0 };

	tree_file(fixture->tree, "etc/vfctl/10-a.conf", text);
	assert_int_equal(desired_load(fixture->tree->host, &fixture->set, &diagnostics, NULL), 0);
	if (diagnostics.count)
		fail_msg("%s", diagnostics.lines[0]);
}

static int plan(struct fixture *fixture)
{
	return plan_make(fixture->tree->host, &fixture->set.items[0], &fixture->pf,
			fixture->despite_holder, &fixture->plan, &fixture->err);
}

static void assert_plan(struct fixture *fixture, const char *golden)
{
	char line[200];
	size_t used = 0;

	if (plan(fixture) < 0)
		fail_msg("%s", fixture->err.msg);
	for (size_t i = 0; i < fixture->plan.count; i++)
		used += (size_t)snprintf(fixture->text + used, sizeof(fixture->text) - used, "%s\n",
				step_text(&fixture->plan.steps[i], line, sizeof(line)));
	assert_string_equal(fixture->text, golden);
}

static void makes_vfs_with_their_settings_before_their_drivers(void **state)
{
	struct fixture *fixture = *state;

	tree_attribute(fixture->tree, TREE_PF, "net/eth0/flags", "0x1002\n");
	read_card(fixture);
	want(fixture,
			"[PF]\nSR-IOVVirtualFunctions=2\nMTUBytes=9000\n"
			"[SR-IOV]\nVirtualFunction=0 1\nMACAddress=52:54:00:aa:00:10\nVLANId=10\n"
			"MACSpoofCheck=yes\nTrust=yes\nMaxRate=100\n"
			"[SR-IOV]\nVirtualFunction=1\nDriver=vfio-pci\n");
	assert_plan(fixture,
			"set MTU 9000\n"
			"bring the PF up\n"
			"set the number of VFs to 0\n"
			"switch autoprobe off\n"
			"set the number of VFs to 2\n"
			"VF 0: set MAC 52:54:00:aa:00:10, VLAN 10, spoof check on, trust on\n"
			"VF 1: set MAC 52:54:00:aa:00:11, VLAN 10, spoof check on, trust on\n"
			"switch autoprobe on\n"
			"VF 0: let the kernel bind a driver\n"
			"VF 1: bind it to vfio-pci\n"
			"VF 0: set rate 0-100\n"
			"VF 1: set rate 0-100\n");
}

static void leaves_autoprobe_off_that_is_wanted_off(void **state)
{
	struct fixture *fixture = *state;

	read_card(fixture);
	want(fixture,
			"[PF]\nSR-IOVVirtualFunctions=1\nAutoprobe=no\n"
			"[SR-IOV]\nVirtualFunction=0\nTrust=yes\n");
	assert_plan(fixture,
			"set the number of VFs to 0\n"
			"switch autoprobe off\n"
			"set the number of VFs to 1\n"
			"VF 0: set trust on\n");
}

static void makes_plain_vfs_at_once(void **state)
{
	struct fixture *fixture = *state;

	read_card(fixture);
	want(fixture, "[PF]\nSR-IOVVirtualFunctions=7\n");
	assert_plan(fixture, "set the number of VFs to 0\nset the number of VFs to 7\n");
}

static void takes_all_vfs_away(void **state)
{
	struct fixture *fixture = *state;

	tree_attribute(fixture->tree, TREE_PF, "net/eth0/flags", "0x1002\n");
	read_card(fixture);
	want(fixture, "[PF]\nSR-IOVVirtualFunctions=0\n");
	assert_plan(fixture, "set the number of VFs to 0\n");
}

static void changes_in_place_what_differs(void **state)
{
	struct fixture *fixture = *state;

	read_card(fixture);
	fixture->pf.vfs[2].settings.trust = true;
	want(fixture,
			"[PF]\nSR-IOVVirtualFunctions=4\n"
			"[SR-IOV]\nVirtualFunction=1\nMACAddress=52:54:00:aa:00:11\nTrust=no\n"
			"[SR-IOV]\nVirtualFunction=2\nTrust=yes\nVLANId=20\nQualityOfService=5\n"
			"[SR-IOV]\nVirtualFunction=3\nDriver=vfio-pci\n");
	assert_plan(fixture,
			"VF 1: unbind its driver\n"
			"VF 1: set MAC 52:54:00:aa:00:11\n"
			"VF 1: bind it to igbvf\n"
			"VF 2: set VLAN 20 qos 5\n"
			"VF 3: unbind its driver\n"
			"VF 3: bind it to vfio-pci\n"
			"write 2 settings again, which a reset may have lost\n");
	assert_true(plan_changes(&fixture->plan));
	assert_true(plan_touches(&fixture->plan, 1));
	assert_false(plan_touches(&fixture->plan, 0));
}

/* The kernel has the wanted address, but the driver of the VF uses another. */
static void binds_a_deaf_vf_anew(void **state)
{
	struct fixture *fixture = *state;

	read_card(fixture);
	tree_attribute(fixture->tree, TREE_VF0, "net/eth1/address", "52:54:00:ff:ff:ff\n");
	want(fixture, "[SR-IOV]\nVirtualFunction=0\nMACAddress=52:54:00:00:00:03\n");
	assert_plan(fixture,
			"VF 0: unbind its driver\n"
			"VF 0: bind it to igbvf\n"
			"write 1 setting again, which a reset may have lost\n");
	drift_find(fixture->tree->host, &fixture->set.items[0], &fixture->pf, &fixture->drifts);
	assert_int_equal(fixture->drifts.count, 1);
	assert_string_equal(drift_text(&fixture->drifts.items[0], fixture->text, 200),
			"VF 0: address in use is 52:54:00:ff:ff:ff, not 52:54:00:00:00:03");
}

static void only_asserts_what_is_right(void **state)
{
	struct fixture *fixture = *state;

	read_card(fixture);
	want(fixture, "[SR-IOV]\nVirtualFunction=0-3\nMACSpoofCheck=yes\nTrust=no\n");
	assert_plan(fixture, "write 8 settings again, which a reset may have lost\n");
	assert_false(plan_changes(&fixture->plan));
}

static void leaves_out_what_the_driver_does_not_offer(void **state)
{
	CLEANUP(cleanup_diagnostics) struct diagnostics notes = { 0 };
	struct vf_settings reported[4] = { [3] = { .given = VF_QUERY_RSS } };
	struct netdev net = { .vf_count = 4, .vfs = reported };
	struct fixture *fixture = *state;

	read_card(fixture);
	fixture->pf.vfs[3].settings.given |= VF_QUERY_RSS;
	want(fixture,
			"[SR-IOV]\nVirtualFunction=1-3\nMACSpoofCheck=yes\n"
			"QueryReceiveSideScaling=yes\n");
	assert_plan(fixture,
			"VF 3: set RSS query on\n"
			"write 3 settings again, which a reset may have lost\n");
	drift_find(fixture->tree->host, &fixture->set.items[0], &fixture->pf, &fixture->drifts);
	assert_int_equal(fixture->drifts.count, 1);
	assert_string_equal(drift_text(&fixture->drifts.items[0], fixture->text, 200),
			"VF 3: RSS query is off, not on");
	drift_note_lacking(&fixture->set.items[0], "eth0", &net, &notes);
	assert_int_equal(notes.count, 1);
	assert_string_equal(notes.lines[0],
			"eth0: the driver does not offer RSS query (QueryReceiveSideScaling), "
			"wanted of 2 VFs: it is left as it is");
}

static void finishes_what_was_interrupted(void **state)
{
	struct fixture *fixture = *state;

	tree_attribute(fixture->tree, TREE_PF, "sriov_drivers_autoprobe", "0\n");
	tree_file(fixture->tree, "run/vfctl/changing/0000:01:00.0", "autoprobe on");
	tree_remove(fixture->tree, "sys/bus/pci/devices/0000:01:10.2/driver");
	tree_remove(fixture->tree, "sys/bus/pci/devices/0000:01:10.2/net");
	read_card(fixture);
	want(fixture, "[PF]\nSR-IOVVirtualFunctions=4\n");
	assert_plan(fixture, "switch autoprobe on\nVF 1: let the kernel bind a driver\n");
}

static void refuses_what_the_card_cannot(void **state)
{
	struct fixture *fixture = *state;

	read_card(fixture);
	want(fixture, "[PF]\nSR-IOVVirtualFunctions=8\n");
	assert_int_equal(plan(fixture), -ERANGE);
	assert_says(fixture->err.msg, "offers 0 to 7 VFs, not 8");
	desired_free(&fixture->set);
	fixture->err = (struct err){ 0 };
	want(fixture, "[SR-IOV]\nVirtualFunction=4\nTrust=yes\n");
	assert_int_equal(plan(fixture), -ERANGE);
	assert_says(fixture->err.msg, "give SR-IOVVirtualFunctions");
}

static void touches_no_held_vf(void **state)
{
	struct fixture *fixture = *state;

	tree_attribute(fixture->tree, "0000:01:10.4", "net/eth3/flags", "0x1003\n");
	read_card(fixture);
	/* A VF that does not change may be held. */
	want(fixture,
			"[SR-IOV]\nVirtualFunction=1\nVLANId=10\n"
			"[SR-IOV]\nVirtualFunction=2\nTrust=no\n");
	assert_int_equal(plan(fixture), 0);
	plan_free(&fixture->plan);
	desired_free(&fixture->set);
	want(fixture, "[SR-IOV]\nVirtualFunction=2\nVLANId=10\n");
	assert_int_equal(plan(fixture), -EBUSY);
	assert_says(fixture->err.msg, "while VF 2 is held: its interface eth3 is up");
	plan_free(&fixture->plan);
	desired_free(&fixture->set);
	fixture->err = (struct err){ 0 };
	want(fixture, "[PF]\nSR-IOVVirtualFunctions=7\n");
	assert_int_equal(plan(fixture), -EBUSY);
}

static void finds_drift_setting_by_setting(void **state)
{
	struct fixture *fixture = *state;

	read_card(fixture);
	fixture->pf.vfs[3].settings.given &= ~(unsigned)VF_TRUST;
	fixture->pf.vfs[1].settings.vlan = 30;
	fixture->pf.vfs[1].settings.proto = ETH_P_8021Q;
	want(fixture,
			"[PF]\nSR-IOVVirtualFunctions=5\nMTUBytes=1500\nAutoprobe=no\n"
			"[SR-IOV]\nVirtualFunction=1 3 4\nVLANId=10\nTrust=no\n"
			"[SR-IOV]\nVirtualFunction=3\nVLANId=0\nDriver=vfio-pci\n");
	drift_find(fixture->tree->host, &fixture->set.items[0], &fixture->pf, &fixture->drifts);
	for (size_t i = 0, used = 0; i < fixture->drifts.count; i++) {
		char line[200];

		used += (size_t)snprintf(fixture->text + used, sizeof(fixture->text) - used, "%s\n",
				drift_text(&fixture->drifts.items[i], line, sizeof(line)));
	}
	assert_string_equal(fixture->text,
			"VFs is 4, not 5\n"
			"autoprobe is on, not off\n"
			"VF 1: VLAN is 30, not 10\n"
			"VF 3: trust is not reported, not off\n"
			"VF 3: driver is igbvf, not vfio-pci\n"
			"VF 4: VF is not there, not there\n");
}

#define WITH_CARD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CARD(makes_vfs_with_their_settings_before_their_drivers),
		WITH_CARD(leaves_autoprobe_off_that_is_wanted_off),
		WITH_CARD(makes_plain_vfs_at_once),
		WITH_CARD(takes_all_vfs_away),
		WITH_CARD(changes_in_place_what_differs),
		WITH_CARD(binds_a_deaf_vf_anew),
		WITH_CARD(only_asserts_what_is_right),
		WITH_CARD(leaves_out_what_the_driver_does_not_offer),
		WITH_CARD(finishes_what_was_interrupted),
		WITH_CARD(refuses_what_the_card_cannot),
		WITH_CARD(touches_no_held_vf),
		WITH_CARD(finds_drift_setting_by_setting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
