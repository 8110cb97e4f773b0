/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/import.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "exchange/export.h"
#include "tests/assert.h"

/*
 * The import of each file of imports/ gives the text in its NAME.says: what is wrong or left out,
 * then the policy files. VFCERT_UPDATE_GOLDEN=1 rewrites these files, for review.
 */

static void add(char **text, const char *format, const char *a, const char *b)
{
	char *longer = NULL, *line = NULL;

	if (asprintf(&line, format, a, b) < 0 || asprintf(&longer, "%s%s", *text, line) < 0)
		abort();
	free(line);
	free(*text);
	*text = longer;
}

enum { FORMATS = 6 };

/* The node that a file is imported for, or NULL. */
static const char *node_of(const char *file)
{
	static const struct {
		const char *file, *node;
	} nodes[] = {
		{ "nodes-by-label.node-policy", "role=small,rack=3" },
		{ "nodes-by-name.node-policy", "worker-2" },
		{ "nodes-not-decided.node-policy", "worker-1" },
		{ "nodes-by-name.node-state", "worker-2" },
		{ "hosts-by-name.nmstate", "b" },
		{ "nodes-none.node-policy", "role=large" },
	};

	for (size_t i = 0; i < sizeof(nodes) / sizeof(*nodes); i++) {
		if (!strcmp(nodes[i].file, file))
			return nodes[i].node;
	}
	return NULL;
}

static char *result_of(const struct import_format *format, const char *file, const char *text,
		size_t length)
{
	CLEANUP(cleanup_import) struct import import = { 0 };
	struct import_source source = { file, text, length, node_of(file) };
	struct err err = { 0 };
	char *says = text_format("%s", "");
	int rc = import_read(format, &source, &import, &err);

	if (rc < 0 && !import.wrong.count)
		add(&says, "wrong: %s%s\n", err.msg, "");
	for (size_t i = 0; i < import.wrong.count; i++)
		add(&says, "wrong: %s%s\n", import.wrong.lines[i], "");
	for (size_t i = 0; i < import.left.count; i++)
		add(&says, "left: %s%s\n", import.left.lines[i], "");
	if (rc < 0)
		return says;
	for (size_t i = 0; i < import.set.count; i++) {
		CLEANUP(cleanup_free) char *policy = desired_print(&import.set.items[i]);

		add(&says, "--- %s\n%s", import.set.items[i].file, policy);
	}
	return says;
}

static void try_file(int folder, const char *name, const struct import_format *format)
{
	CLEANUP(cleanup_free) char *text = NULL;
	CLEANUP(cleanup_free) char *expected = NULL;
	CLEANUP(cleanup_free) char *says_name = text_format("%s.says", name);
	CLEANUP(cleanup_free) char *says = NULL;
	size_t length;

	assert_int_equal(file_read(folder, name, 1 << 20, &text, &length, NULL), 0);
	says = result_of(format, name, text, length);
	if (getenv("VFCERT_UPDATE_GOLDEN"))
		file_write_atomic(folder, says_name, says, strlen(says), NULL);
	assert_int_equal(file_read(folder, says_name, 1 << 20, &expected, NULL, NULL), 0);
	assert_string_equal(says, expected);
}

static void imports_as_said(void **state)
{
	static const char *const ends[FORMATS] = { ".node-policy", ".node-state", ".nmstate",
		".link", ".netplan", ".nmconnection" };
	DIR *dir = opendir(IMPORTS);
	struct dirent *entry;
	int tried[FORMATS] = { 0 };

	(void)state;
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		for (int format = 0; format < FORMATS; format++) {
			const char *end = strstr(entry->d_name, ends[format]);

			if (!end || strcmp(end, ends[format]) != 0)
				continue;
			try_file(dirfd(dir), entry->d_name, import_format_at((size_t)format));
			tried[format]++;
		}
	}
	closedir(dir);
	assert_null(import_format_at(FORMATS));
	assert_true(tried[0] > 15 && tried[1] > 2 && tried[2] > 8 && tried[3] > 12 &&
			tried[4] > 2 && tried[5] > 2);
}

/* Returns VFS VFs, each with all settings that systemd has. */
static struct desired some_desired(unsigned vfs)
{
	struct desired desired = { .count_given = true, .count = 8, .mtu = 9000 };

	desired.selector.by_path = desired.selector.by_mac = true;
	desired.selector.path = (struct bdf){ 0, 0x3b, 0, 1 };
	desired.selector.mac = (struct mac){ { 0x52, 0x54, 0, 1, 2, 3 } };
	desired.vf_count = vfs;
	desired.vfs = calloc(vfs, sizeof(*desired.vfs));
	for (unsigned i = 0; i < vfs; i++)
		desired.vfs[i] = (struct desired_vf){ .index = 2 * i,
			.settings = {
					.given = VF_MAC | VF_VLAN | VF_SPOOFCHK | VF_TRUST |
							VF_LINK | VF_QUERY_RSS,
					.mac = { { 0x52, 0x54, 0, 0xaa, 0, (uint8_t)i } },
					.vlan = (uint16_t)(10 + i),
					.qos = (uint8_t)i,
					.proto = i % 2 ? 0x88a8 : 0x8100,
					.spoofchk = i % 2,
					.trust = i % 3,
					.link = (enum vf_link_state)(i % 3),
					.query_rss = i % 2,
			} };
	return desired;
}

static const struct pf card = { .function = { .bdf = { 0, 0x3b, 0, 1 }, .netdev = "ens1f1" } };

static char *exported(const char *format, struct export export, struct string_set *left)
{
	struct err err = { 0 };
	char *text = NULL;

	if (export_text(export_format_find(format), &export, &text, left, &err) < 0)
		fail_msg("%s", err.msg);
	return text;
}

static void exports_to_systemd_and_back(void **state)
{
	struct desired desired = some_desired(4);
	CLEANUP(cleanup_free) char *before = desired_print(&desired), *after = NULL, *text = NULL;
	CLEANUP(cleanup_import) struct import import = { 0 };
	struct string_set left = { 0 };
	struct err err = { 0 };

	(void)state;
	text = exported("systemd-link", (struct export){ &desired, &card }, &left);
	assert_int_equal(left.count, 0);
	if (import_read(import_format_find("systemd-link"),
			    &(struct import_source){ "x.link", text, strlen(text), NULL }, &import,
			    &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(import.left.count, 0);
	after = desired_print(&import.set.items[0]);
	assert_string_equal(before, after);
	free(desired.vfs);
}

static void names_what_systemd_cannot(void **state)
{
	struct desired desired = some_desired(1);
	struct string_set left = { 0 };
	CLEANUP(cleanup_free) char *text = NULL;

	(void)state;
	desired.selector = (struct pf_selector){
		.by_device = true, .vendor = 0x8086, .device = 0x10c9
	};
	desired.autoprobe_given = true;
	desired.vfs[0].settings.given |= VF_RATE;
	desired.vfs[0].settings.vlan = 0;
	snprintf(desired.vfs[0].driver, sizeof(desired.vfs[0].driver), "vfio-pci");
	text = exported("systemd-link", (struct export){ &desired, &card }, &left);
	assert_int_equal(left.count, 5);
	assert_says(text, "Path=pci-0000:3b:00.1\n");
	assert_null(strstr(text, "Rate"));
	assert_null(strstr(text, "vfio"));
	assert_null(strstr(text, "VLANId"));
	string_set_free(&left);
	free(desired.vfs);
}

static void exports_a_pool_for_libvirt(void **state)
{
	struct network network = { .head.name = "red", .vlan = 42, .mtu = 9000 };
	struct vf vf = { .function.bdf = { 0, 0x3b, 2, 5 } };
	struct pf odd = card;
	struct desired desired = some_desired(2);
	struct string_set left = { 0 };
	CLEANUP(cleanup_free) char *text = NULL, *bare = NULL;

	(void)state;
	snprintf(odd.function.netdev, sizeof(odd.function.netdev), "a&<'\"\x01>");
	text = exported("libvirt-network",
			(struct export){ &desired, &odd, &network, .unmanaged = true }, &left);
	assert_string_equal(text,
			"<network>\n  <name>red</name>\n"
			"  <forward mode='hostdev' managed='no'>\n"
			"    <pf dev='a&amp;&lt;&#39;&quot;\xef\xbf\xbd&gt;'/>\n  </forward>\n"
			"  <vlan>\n    <tag id='42'/>\n  </vlan>\n</network>\n");
	assert_int_equal(left.count, 4);
	*odd.function.netdev = '\0';
	odd.vfs = &vf;
	odd.vf_count = 1;
	bare = exported("libvirt-network", (struct export){ &desired, &odd }, &left);
	assert_says(bare, "<name>0000:3b:00.1</name>");
	assert_says(bare,
			"<address type='pci' domain='0x0000' bus='0x3b' slot='0x02' "
			"function='0x5'/>");
	string_set_free(&left);
	free(desired.vfs);
}

static void refuses_to_export_nothing(void **state)
{
	struct desired desired = { .file = "x.conf", .mtu = 9000 };
	struct pf bare = { .function.bdf = { 0, 0x3b, 0, 1 } };
	struct pf odd = { .function.netdev = "a\x01\xff" };
	const struct {
		const char *format;
		const struct pf *pf;
		const char *says;
	} cases[] = {
		{ "libvirt-network", &bare, "0000:3b:00.1 has no interface here and no VFs" },
		{ "systemd-link", &card, "x.conf says nothing about VFs that systemd" },
		{ "nmstate", &card, "x.conf says nothing about VFs that nmstate" },
		{ "netplan", &card, "x.conf gives no SR-IOVVirtualFunctions=" },
		{ "netplan", &odd, "the name of the card's interface cannot be written" },
		{ "netplan", &bare, "0000:3b:00.1 has no interface here" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct string_set left = { 0 };
		struct err err = { 0 };
		char *text = NULL;

		assert_int_equal(export_text(export_format_find(cases[i].format),
						 &(struct export){ &desired, cases[i].pf }, &text,
						 &left, &err),
				-EINVAL);
		assert_null(text);
		assert_says(err.msg, cases[i].says);
		string_set_free(&left);
	}
}

static void exports_to_nmstate_and_netplan(void **state)
{
	struct vf vfs[] = { { .index = 0, .function.netdev = "guest" }, { .index = 2 } };
	struct desired desired = some_desired(2);
	struct string_set left = { 0 };
	struct pf pf = card;
	CLEANUP(cleanup_free) char *nmstate = NULL, *netplan = NULL, *longer = NULL;

	(void)state;
	pf.vfs = vfs;
	pf.vf_count = 2;
	nmstate = exported("nmstate", (struct export){ &desired, &pf }, &left);
	assert_says(nmstate,
			"- name: \"ens1f1\"\n  type: ethernet\n  state: up\n"
			"  identifier: pci-address\n  pci-address: \"0000:3b:00.1\"\n  mtu: 9000\n"
			"  ethernet:\n    sr-iov:\n      total-vfs: 8\n      vfs:\n      - id: 0\n"
			"        mac-address: \"52:54:00:aa:00:00\"\n        vlan-id: 10\n");
	assert_says(nmstate, "        qos: 1\n        vlan-proto: 802.1ad\n");
	netplan = exported("netplan", (struct export){ &desired, &pf }, &left);
	assert_says(netplan,
			"    \"ens1f1\":\n      match:\n        macaddress: \"52:54:00:01:02:03\"\n"
			"      set-name: \"ens1f1\"\n      mtu: 9000\n"
			"      virtual-function-count: 8\n    \"guest\":\n      link: \"ens1f1\"\n");
	assert_says(netplan,
			"    \"vlan-of-vf-2\":\n      id: 11\n      renderer: sriov\n"
			"      link: \"ens1f1v2\"\n");
	assert_true(string_set_has(&left,
			"netplan knows VFs by their interfaces, and not all of them exist: their "
			"names here are those that udev gives"));
	string_set_free(&left);
	snprintf(pf.function.netdev, sizeof(pf.function.netdev), "abcdefghijklmno");
	longer = exported("netplan", (struct export){ &desired, &pf }, &left);
	assert_null(strstr(longer, "vlan-of-vf-2"));
	assert_true(string_set_has(
			&left, "VF 2: its interface has no name that netplan could know"));
	string_set_free(&left);
	free(desired.vfs);
}

static void prints_runs_of_vfs_in_one_section(void **state)
{
	struct desired desired = some_desired(4);
	CLEANUP(cleanup_desired) struct desired_set again = { 0 };
	CLEANUP(cleanup_diagnostics) struct diagnostics diagnostics = { 0 };
	CLEANUP(cleanup_free) char *text = NULL, *same = NULL;

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		desired.vfs[i] = (struct desired_vf){ .index = i, .driver = "vfio-pci" };
		desired.vfs[i].settings.given = VF_TRUST | VF_RATE;
		desired.vfs[i].settings.max_rate = 100;
	}
	desired.vfs[3].settings.trust = true;
	text = desired_print(&desired);
	assert_says(text,
			"VirtualFunction=0-2\nTrust=no\nMinRate=0\nMaxRate=100\n"
			"Driver=vfio-pci\n\n[SR-IOV]\nVirtualFunction=3\nTrust=yes\n");
	desired_parse("x.conf", text, &again, &diagnostics);
	assert_int_equal(diagnostics.count, 0);
	same = desired_print(&again.items[0]);
	assert_string_equal(text, same);
	free(desired.vfs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(imports_as_said),
		cmocka_unit_test(exports_to_systemd_and_back),
		cmocka_unit_test(names_what_systemd_cannot),
		cmocka_unit_test(exports_a_pool_for_libvirt),
		cmocka_unit_test(refuses_to_export_nothing),
		cmocka_unit_test(exports_to_nmstate_and_netplan),
		cmocka_unit_test(prints_runs_of_vfs_in_one_section),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
