/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "exchange/export.h"
#include "policy/import.h"
#include "tests/assert.h"

/*
 * Export followed by import gives the same policy, except for what the other tool cannot express,
 * which LEFT names; a policy file itself expresses everything. The policies are random; a seed gives the same ones on every machine.
 */

enum { ROUNDS = 3000, VFS_MOST = 40 };

static uint32_t state;

static uint32_t random_below(uint32_t bound)
{
	state = state * 1664525 + 1013904223;
	return (state >> 8) % bound;
}

static bool one_in(uint32_t n)
{
	return !random_below(n);
}

static const char *const names[] = { "ens1f0", "enp129s0f0np1", "no", "1e3", "a\"'b", "~", "a[b]",
	"!a" };

static void choose_selector(struct pf_selector *selector, struct pf *pf)
{
	const char *name = names[random_below(sizeof(names) / sizeof(*names))];
	unsigned which = 1 + random_below(15);

	pf->function.bdf = (struct bdf){ random_below(2), (uint8_t)random_below(256),
		(uint8_t)random_below(32), (uint8_t)random_below(8) };
	snprintf(pf->function.netdev, sizeof(pf->function.netdev), "%s", name);
	*selector = (struct pf_selector){ .by_path = which & 1,
		.by_mac = which & 2,
		.by_name = which & 4,
		.by_device = which & 8,
		.by_port = (which & 8) && one_in(2),
		.path = pf->function.bdf,
		.mac = { { 2, 0, 0, 0, (uint8_t)random_below(256), 0xfe } },
		.vendor = 0x8086,
		.device = 0x10c9 };
	snprintf(selector->name, sizeof(selector->name), "%s", name);
}

static struct vf_settings choose_settings(unsigned index)
{
	struct vf_settings settings = { .given = random_below(512),
		.mac = { { 2, 0, 0, 1, 0, (uint8_t)index } },
		.spoofchk = one_in(2),
		.trust = one_in(2),
		.link = (enum vf_link_state)random_below(3),
		.query_rss = one_in(2),
		.node_guid = 0x0200000000000001 + index,
		.port_guid = ((uint64_t)random_below(1 << 24) << 40) + index + 1 };

	if (settings.given & VF_VLAN) {
		settings.vlan = one_in(4) ? 0 : (uint16_t)(1 + random_below(4094));
		settings.qos = settings.vlan && one_in(2) ? (uint8_t)random_below(8) : 0;
		settings.proto = !settings.vlan ? 0 : one_in(3) ? 0x88a8 : 0x8100;
	}
	if (settings.given & VF_RATE) {
		settings.max_rate = one_in(3) ? 0 : 1 + random_below(100000);
		settings.min_rate = settings.max_rate ? random_below(settings.max_rate) : 0;
	}
	return settings;
}

/* VFs with gaps, some without a setting. */
static void choose_policy(struct desired *desired, struct desired_vf *vfs, struct pf *pf)
{
	*desired = (struct desired){ .file = "random.conf",
		.count_given = !one_in(4),
		.count = random_below(VFS_MOST + 1),
		.autoprobe_given = one_in(2),
		.autoprobe = one_in(2),
		.mtu = one_in(2) ? 68 + random_below(9000) : 0,
		.vfs = vfs };
	choose_selector(&desired->selector, pf);
	for (unsigned i = 0; i < (desired->count_given ? desired->count : VFS_MOST); i++) {
		struct desired_vf *vf = &vfs[desired->vf_count];

		if (!one_in(3))
			continue;
		*vf = (struct desired_vf){ .index = i, .settings = choose_settings(i) };
		if (one_in(4))
			snprintf(vf->driver, sizeof(vf->driver), "vfio-pci");
		desired->vf_count++;
	}
	if (!desired->count_given)
		desired->count = 0;
}

/* What a format can express. */
struct format {
	const char *name;
	unsigned settings;
	bool autoprobe, no_vlan, vlan_details;
	void (*match)(struct pf_selector *selector); /* keeps what the format can express */
	bool needs_count, derives_count;
};

static void match_of_systemd(struct pf_selector *selector)
{
	bool pattern = selector->by_name && (strchr(selector->name, '[') || *selector->name == '!');

	selector->by_path |= selector->by_device || pattern;
	selector->by_name &= !pattern;
	selector->by_device = selector->by_port = false;
}

static void match_of_nmstate(struct pf_selector *selector)
{
	selector->by_path |= selector->by_device;
	selector->by_device = selector->by_port = false;
	selector->by_mac &= !selector->by_path;
	selector->by_name &= !selector->by_path && !selector->by_mac;
}

static void match_of_netplan(struct pf_selector *selector)
{
	selector->by_path = selector->by_device = selector->by_port = false;
	selector->by_name = !selector->by_mac;
}

enum { SYSTEMD_LINK, NMSTATE, NETPLAN };

static const struct format formats[] = {
	[SYSTEMD_LINK] = { "systemd-link",
			VF_MAC | VF_VLAN | VF_SPOOFCHK | VF_TRUST | VF_LINK | VF_QUERY_RSS,
			.vlan_details = true, .match = match_of_systemd, .derives_count = true },
	[NMSTATE] = { "nmstate", VF_MAC | VF_VLAN | VF_SPOOFCHK | VF_TRUST | VF_RATE,
			.autoprobe = true, .no_vlan = true, .vlan_details = true,
			.match = match_of_nmstate },
	[NETPLAN] = { "netplan", VF_MAC | VF_VLAN, .match = match_of_netplan, .needs_count = true },
};

static void assert_named(const struct string_set *left, const char *what)
{
	for (size_t i = 0; i < left->count; i++) {
		if (strstr(left->list[i], what))
			return;
	}
	fail_msg("%s is lost without a word", what);
}

/* Removes from VF what the format cannot express. LEFT must name it; NULL: no check. */
static void reduce_vf(
		const struct format *format, struct desired_vf *vf, const struct string_set *left)
{
	struct vf_settings *settings = &vf->settings;
	unsigned lost = settings->given & ~format->settings;
	bool no_vlan = settings->given & VF_VLAN && !settings->vlan && !format->no_vlan;

	for (unsigned bit = 1; left && vf_setting_of(bit); bit <<= 1) {
		if (lost & bit)
			assert_named(left, vf_setting_of(bit)->values->key);
	}
	if (left && no_vlan)
		assert_named(left, "VLANId=0");
	if (left && settings->given & VF_VLAN && settings->qos && !format->vlan_details)
		assert_named(left, "QualityOfService");
	if (left && *vf->driver)
		assert_named(left, "Driver");
	settings->given &= ~lost & ~(no_vlan ? (unsigned)VF_VLAN : 0);
	if (!format->vlan_details && settings->vlan) {
		settings->qos = 0;
		settings->proto = 0x8100;
	}
	*vf->driver = '\0';
}

/* Returns whether anything about VFs is left. */
static bool reduce(
		const struct format *format, struct desired *desired, const struct string_set *left)
{
	unsigned most = 0;

	if (left && desired->autoprobe_given && !desired->autoprobe && !format->autoprobe)
		assert_named(left, "Autoprobe=no");
	desired->autoprobe_given &= format->autoprobe;
	format->match(&desired->selector);
	for (size_t i = 0; i < desired->vf_count; i++) {
		reduce_vf(format, &desired->vfs[i], left);
		if (desired->vfs[i].settings.given)
			most = desired->vfs[i].index + 1;
	}
	if (!desired->count_given && most && left)
		assert_named(left, "SR-IOVVirtualFunctions= is not given");
	if (!desired->count_given && most && format->derives_count) {
		desired->count_given = true;
		desired->count = most;
	}
	return desired->count_given || (!format->needs_count && (most || desired->autoprobe_given));
}

static char *import_again(const struct format *format, const char *text)
{
	CLEANUP(cleanup_import) struct import import = { 0 };
	struct import_source source = { "random", text, strlen(text), NULL };
	struct err err = { 0 };

	if (import_read(import_format_find(format->name), &source, &import, &err) < 0)
		fail_msg("%s\n%s", err.msg, text);
	assert_int_equal(import.set.count, 1);
	return desired_print(&import.set.items[0]);
}

/* Returns false if there is nothing to export. */
static bool try_one(const struct format *format)
{
	struct desired_vf vfs[VFS_MOST], copies[VFS_MOST];
	struct pf pf = { 0 };
	struct desired desired, expected;
	CLEANUP(cleanup_free) char *text = NULL, *before = NULL, *after = NULL;
	struct string_set left = { 0 };
	struct err err = { 0 };
	int rc;

	choose_policy(&desired, vfs, &pf);
	expected = desired;
	memcpy(copies, vfs, sizeof(vfs));
	expected.vfs = copies;
	rc = export_text(export_format_find(format->name), &(struct export){ &desired, &pf }, &text,
			&left, &err);
	if (!reduce(format, &expected, rc < 0 ? NULL : &left)) {
		assert_int_equal(rc, -EINVAL);
		assert_says(err.msg, "random.conf");
		return false;
	}
	assert_int_equal(rc, 0);
	before = desired_print(&expected);
	after = import_again(format, text);
	if (strcmp(before, after) != 0)
		fail_msg("%s\nbecame\n%s\nby way of\n%s", before, after, text);
	string_set_free(&left);
	return true;
}

static void comes_back_the_same(void **data)
{
	const struct format *format = *data;
	unsigned whole = 0;

	state = 20260101;
	for (unsigned i = 0; i < ROUNDS; i++)
		whole += try_one(format);
	assert_in_range(whole, ROUNDS / 2, ROUNDS);
}

static void policy_files_come_back_the_same(void **data)
{
	(void)data;
	state = 20260102;
	for (unsigned i = 0; i < ROUNDS; i++) {
		CLEANUP(cleanup_desired) struct desired_set again = { 0 };
		CLEANUP(cleanup_diagnostics) struct diagnostics diagnostics = { 0 };
		CLEANUP(cleanup_free) char *before = NULL, *after = NULL;
		struct desired_vf vfs[VFS_MOST];
		struct desired desired;
		struct pf pf = { 0 };
		enum link_layer layer = one_in(2) ? LAYER_INFINIBAND : LAYER_ETHERNET;

		choose_policy(&desired, vfs, &pf);
		for (size_t k = 0; k < desired.vf_count; k++)
			vfs[k].settings.given &= ~vf_settings_foreign(UINT_MAX, layer);
		before = desired_print(&desired);
		desired_parse("random.conf", before, &again, &diagnostics);
		if (diagnostics.count)
			fail_msg("%s\n%s", diagnostics.lines[0], before);
		after = desired_print(&again.items[0]);
		assert_string_equal(before, after);
		for (size_t k = 0; k < desired.vf_count; k++) {
			const struct vf_settings *want = &vfs[k].settings;
			const struct desired_vf *vf = desired_vf_of(&again.items[0], vfs[k].index);

			if (want->given && (!vf || vf_settings_difference(want, &vf->settings)))
				fail_msg("VF %u is another one in\n%s", vfs[k].index, before);
		}
	}
}

#define WITH_FORMAT(index)                                        \
	{                                                         \
		.name = #index, .test_func = comes_back_the_same, \
		.initial_state = (void *)&formats[index]          \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FORMAT(SYSTEMD_LINK),
		WITH_FORMAT(NMSTATE),
		WITH_FORMAT(NETPLAN),
		cmocka_unit_test(policy_files_come_back_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
