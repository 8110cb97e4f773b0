/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/desired.h"

#include <fcntl.h>
#include <glob.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "tests/assert.h"
#include "tests/tree.h"

/* What was read from HOST, or from one file. */
struct loaded {
	struct desired_set set;
	struct diagnostics diagnostics;
};

static void unload(struct loaded *loaded)
{
	desired_free(&loaded->set);
	diagnostics_free(&loaded->diagnostics);
}

static struct loaded load(const struct tree *tree)
{
	struct loaded loaded = { 0 };
	struct err err = { 0 };

	if (desired_load(tree->host, &loaded.set, &loaded.diagnostics, &err) < 0)
		fail_msg("%s", err.msg);
	return loaded;
}

static struct loaded load_partial(const struct tree *tree)
{
	struct loaded loaded = { 0 };
	struct err err = { 0 };

	if (desired_load_partial(tree->host, &loaded.set, &loaded.diagnostics, &err) < 0)
		fail_msg("%s", err.msg);
	return loaded;
}

static char *lines_of(const struct diagnostics *diagnostics)
{
	char *text = text_format("%s", "");

	for (size_t i = 0; i < diagnostics->count; i++) {
		char *longer = text_format("%s%s\n", text, diagnostics->lines[i]);

		free(text);
		text = longer;
	}
	return text;
}

/* The errors in each policies/NAME.conf are those in NAME.says. VFCERT_UPDATE_GOLDEN=1 rewrites
 * NAME.says, for review. */
static void complains_of_bad_files(void **state)
{
	glob_t found;

	(void)state;
	assert_int_equal(chdir(POLICIES), 0);
	assert_int_equal(glob("*.conf", 0, NULL, &found), 0);
	assert_true(found.gl_pathc >= 15);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		char *name = found.gl_pathv[i];
		CLEANUP(cleanup_free)
		char *golden = text_format("%.*s.says", (int)strlen(name) - 5, name);
		CLEANUP(cleanup_free) char *want = NULL;
		CLEANUP(cleanup_free) char *says = NULL;
		struct loaded loaded = { 0 };

		desired_load_files(&name, 1, &loaded.set, &loaded.diagnostics);
		says = lines_of(&loaded.diagnostics);
		assert_int_equal(loaded.set.items[0].broken, loaded.diagnostics.count != 0);
		assert_int_equal(!strncmp(name, "good-", 5), !*says);
		unload(&loaded);
		if (getenv("VFCERT_UPDATE_GOLDEN"))
			file_write_atomic(AT_FDCWD, golden, says, strlen(says), NULL);
		if (file_read(AT_FDCWD, golden, 65536, &want, NULL, NULL) < 0)
			fail_msg("%s is missing", golden);
		assert_string_equal(says, want);
	}
	globfree(&found);
}

static void reads_all_keys(void **state)
{
	char *name = (char *)POLICIES "/good-whole.conf";
	struct loaded loaded = { 0 };
	const struct desired *desired;
	const struct vf_settings *settings;
	char text[MAC_TEXT];

	(void)state;
	desired_load_files(&name, 1, &loaded.set, &loaded.diagnostics);
	desired = &loaded.set.items[0];
	assert_int_equal(desired->selector.path.bus, 1);
	assert_int_equal(desired->selector.device, 0x10c9);
	assert_int_equal(desired->count, 7);
	assert_true(desired->autoprobe_given && desired->autoprobe);
	assert_int_equal(desired->mtu, 9000);
	assert_int_equal(desired->vf_count, 5);
	assert_null(desired_vf_of(desired, 4));
	settings = &desired_vf_of(desired, 5)->settings;
	assert_int_equal(settings->given,
			VF_MAC | VF_VLAN | VF_SPOOFCHK | VF_TRUST | VF_RATE | VF_LINK |
					VF_QUERY_RSS);
	/* The fifth of the section. */
	assert_string_equal(mac_format(settings->mac, text), "52:54:00:aa:00:14");
	assert_int_equal(settings->vlan, 10);
	assert_int_equal(settings->qos, 3);
	assert_int_equal(settings->proto, ETH_P_8021AD);
	assert_true(settings->spoofchk && !settings->trust && !settings->query_rss);
	assert_int_equal(settings->min_rate, 10);
	assert_int_equal(settings->max_rate, 100);
	assert_string_equal(desired_vf_of(desired, 5)->driver, "vfio-pci");
	unload(&loaded);
}

static void gives_vfs_the_guids_that_follow(void **state)
{
	static const struct {
		unsigned vf;
		uint64_t node, port;
	} want[] = { { 0, 0x02000000000000fe, 0x02000000ff000000 },
		{ 2, 0x0200000000000100, 0x02000000ff000002 },
		{ 5, 0x0200000000000101, 0x02000000000000fe } };
	char *name = (char *)POLICIES "/good-infiniband.conf";
	struct loaded loaded = { 0 };

	(void)state;
	desired_load_files(&name, 1, &loaded.set, &loaded.diagnostics);
	for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++) {
		const struct desired_vf *vf = desired_vf_of(&loaded.set.items[0], want[i].vf);

		assert_int_equal(vf->settings.given, VF_GUIDS | VF_LINK);
		assert_true(vf->settings.node_guid == want[i].node);
		assert_true(vf->settings.port_guid == want[i].port);
	}
	assert_int_equal(desired_vf_of(&loaded.set.items[0], 6)->settings.given, VF_LINK);
	unload(&loaded);
}

static void a_key_without_value_takes_back(void **state)
{
	char *name = (char *)POLICIES "/good-taken-back.conf";
	struct loaded loaded = { 0 };

	(void)state;
	desired_load_files(&name, 1, &loaded.set, &loaded.diagnostics);
	assert_int_equal(desired_vf_of(&loaded.set.items[0], 0)->settings.qos, 3);
	assert_int_equal(desired_vf_of(&loaded.set.items[0], 1)->settings.given, 0);
	unload(&loaded);
}

#define MATCH "[Match]\nPath=0000:01:00.0\n"

static void finds_files_in_their_order(void **state)
{
	struct tree *tree = *state;
	struct loaded loaded;

	tree_file(tree, "etc/vfctl/20-b.conf", MATCH);
	tree_file(tree, "run/vfctl/10-a.conf", MATCH);
	tree_file(tree, "usr/lib/vfctl/30-c.conf", MATCH);
	tree_file(tree, "etc/vfctl/README", "not a policy");
	tree_file(tree, "etc/vfctl/.20-b.conf.swp", "nor this");
	loaded = load(tree);
	assert_int_equal(loaded.diagnostics.count, 0);
	assert_int_equal(loaded.set.count, 3);
	assert_says(loaded.set.items[0].file, "/run/vfctl/10-a.conf");
	assert_says(loaded.set.items[1].file, "/etc/vfctl/20-b.conf");
	assert_says(loaded.set.items[2].file, "/usr/lib/vfctl/30-c.conf");
	unload(&loaded);
}

static void an_earlier_folder_hides_a_later_one(void **state)
{
	struct tree *tree = *state;
	struct loaded loaded;

	tree_file(tree, "usr/lib/vfctl/10-a.conf", MATCH "[PF]\nSR-IOVVirtualFunctions=1\n");
	tree_file(tree, "run/vfctl/10-a.conf", MATCH "[PF]\nSR-IOVVirtualFunctions=2\n");
	loaded = load(tree);
	assert_int_equal(loaded.set.count, 1);
	assert_int_equal(loaded.set.items[0].count, 2);
	unload(&loaded);
	tree_file(tree, "etc/vfctl/10-a.conf", MATCH "[PF]\nSR-IOVVirtualFunctions=3\n");
	loaded = load(tree);
	assert_int_equal(loaded.set.items[0].count, 3);
	unload(&loaded);
	tree_link(tree, "etc/vfctl/10-a.conf", "/dev/null");
	loaded = load(tree);
	assert_int_equal(loaded.set.count, 0);
	unload(&loaded);
}

static void drop_ins_win_in_the_order_of_their_names(void **state)
{
	struct tree *tree = *state;
	const struct desired *desired;
	struct loaded loaded;

	tree_file(tree, "etc/vfctl/10-a.conf",
			MATCH "[PF]\nSR-IOVVirtualFunctions=4\nMTUBytes=1600\n"
			      "[SR-IOV]\nVirtualFunction=0-3\nVLANId=10\nTrust=yes\n");
	tree_file(tree, "usr/lib/vfctl/10-a.conf.d/20.conf",
			"[SR-IOV]\nVirtualFunction=2\nVLANId=20\n");
	tree_file(tree, "etc/vfctl/10-a.conf.d/10.conf",
			"[SR-IOV]\nVirtualFunction=1 2\nVLANId=30\n");
	tree_file(tree, "run/vfctl/10-a.conf.d/30.conf", "[PF]\nMTUBytes=\n");
	tree_file(tree, "usr/lib/vfctl/10-a.conf.d/40.conf", "[PF]\nSR-IOVVirtualFunctions=3\n");
	tree_link(tree, "etc/vfctl/10-a.conf.d/40.conf", "/dev/null");
	loaded = load(tree);
	assert_int_equal(loaded.diagnostics.count, 0);
	desired = &loaded.set.items[0];
	assert_int_equal(desired->count, 4);
	assert_int_equal(desired->mtu, 0);
	assert_int_equal(desired_vf_of(desired, 0)->settings.vlan, 10);
	assert_int_equal(desired_vf_of(desired, 1)->settings.vlan, 30);
	assert_int_equal(desired_vf_of(desired, 2)->settings.vlan, 20);
	assert_true(desired_vf_of(desired, 2)->settings.trust);
	unload(&loaded);
}

static void a_bad_drop_in_breaks_its_file_alone(void **state)
{
	struct tree *tree = *state;
	struct loaded loaded;

	tree_file(tree, "etc/vfctl/10-a.conf", MATCH);
	tree_file(tree, "etc/vfctl/10-a.conf.d/x.conf", "[PF]\nMTUBytes=huge\n");
	tree_file(tree, "etc/vfctl/20-b.conf", MATCH);
	loaded = load(tree);
	assert_true(loaded.set.items[0].broken);
	assert_false(loaded.set.items[1].broken);
	assert_int_equal(loaded.diagnostics.count, 1);
	assert_says(loaded.diagnostics.lines[0], "/etc/vfctl/10-a.conf.d/x.conf:2:10: MTUBytes");
	unload(&loaded);
}

static void at_boot_a_bad_drop_in_is_left_out_alone(void **state)
{
	struct tree *tree = *state;
	const struct desired *desired;
	struct loaded loaded;

	tree_file(tree, "etc/vfctl/10-a.conf", MATCH "[PF]\nSR-IOVVirtualFunctions=4\n");
	tree_file(tree, "etc/vfctl/10-a.conf.d/10.conf", "[PF]\nMTUBytes=1600\n");
	tree_file(tree, "etc/vfctl/10-a.conf.d/20.conf", "[PF]\nMTUBytes=huge\n");
	tree_file(tree, "etc/vfctl/10-a.conf.d/30.conf", "[PF]\nMTUBytes=1700\n[PF\n");
	tree_link(tree, "etc/vfctl/10-a.conf.d/40.conf", "nowhere");
	tree_file(tree, "etc/vfctl/10-a.conf.d/50.conf",
			"[SR-IOV]\nVirtualFunction=1\nVLANId=10\n");
	tree_file(tree, "etc/vfctl/20-b.conf", MATCH);
	loaded = load_partial(tree);
	desired = &loaded.set.items[0];
	assert_true(!desired->broken && desired->partial);
	assert_int_equal(desired->count, 4);
	assert_int_equal(desired->mtu, 1600);
	assert_int_equal(desired_vf_of(desired, 1)->settings.vlan, 10);
	assert_true(!loaded.set.items[1].broken && !loaded.set.items[1].partial);
	assert_int_equal(loaded.diagnostics.count, 6);
	assert_says(loaded.diagnostics.lines[0], "10-a.conf.d/30.conf:3:1: a section needs");
	assert_says(loaded.diagnostics.lines[1], "10-a.conf.d/30.conf: this drop-in is left out");
	assert_says(loaded.diagnostics.lines[2], "40.conf is a link");
	assert_says(loaded.diagnostics.lines[3], "10-a.conf.d/40.conf: this drop-in is left out");
	assert_says(loaded.diagnostics.lines[4], "10-a.conf.d/20.conf:2:10: MTUBytes takes");
	assert_says(loaded.diagnostics.lines[5], "10-a.conf.d/20.conf: this drop-in is left out");
	unload(&loaded);
}

/* A drop-in can make a line of the file invalid. */
static void at_boot_a_drop_in_that_does_not_fit_is_left_out(void **state)
{
	struct tree *tree = *state;
	struct loaded loaded;

	tree_file(tree, "etc/vfctl/10-a.conf",
			MATCH "[PF]\nSR-IOVVirtualFunctions=4\n"
			      "[SR-IOV]\nVirtualFunction=3\nVLANId=10\n");
	tree_file(tree, "etc/vfctl/10-a.conf.d/few.conf", "[PF]\nSR-IOVVirtualFunctions=2\n");
	loaded = load_partial(tree);
	assert_true(!loaded.set.items[0].broken && loaded.set.items[0].partial);
	assert_int_equal(loaded.set.items[0].count, 4);
	assert_int_equal(loaded.diagnostics.count, 2);
	assert_says(loaded.diagnostics.lines[0], "10-a.conf:6:17: there is no VF 3 of 2 VFs");
	assert_says(loaded.diagnostics.lines[1], "few.conf: this drop-in is left out");
	unload(&loaded);
}

/* Two drop-ins that are valid only together, and one that corrects its file. */
static void at_boot_drop_ins_that_are_needed_stay(void **state)
{
	struct tree *tree = *state;
	struct loaded loaded;

	tree_file(tree, "etc/vfctl/10-a.conf", "[PF]\nSR-IOVVirtualFunctions=4\n");
	tree_file(tree, "etc/vfctl/10-a.conf.d/10.conf", MATCH);
	tree_file(tree, "etc/vfctl/20-b.conf", MATCH);
	tree_file(tree, "etc/vfctl/20-b.conf.d/10.conf",
			"[SR-IOV]\nVirtualFunction=0\nQualityOfService=3\n");
	tree_file(tree, "etc/vfctl/20-b.conf.d/20.conf",
			"[SR-IOV]\nVirtualFunction=0\nVLANId=10\n");
	loaded = load_partial(tree);
	assert_int_equal(loaded.diagnostics.count, 0);
	assert_int_equal(desired_vf_of(&loaded.set.items[1], 0)->settings.qos, 3);
	assert_false(loaded.set.items[0].partial || loaded.set.items[1].partial);
	unload(&loaded);
	tree_file(tree, "etc/vfctl/10-a.conf.d/20.conf", "[PF]\nAutoprobe=maybe\n");
	loaded = load_partial(tree);
	assert_true(!loaded.set.items[0].broken && loaded.set.items[0].partial);
	assert_int_equal(loaded.diagnostics.count, 2);
	unload(&loaded);
}

static void at_boot_a_bad_file_is_not_mended_by_its_drop_ins(void **state)
{
	struct tree *tree = *state;
	struct loaded loaded;

	tree_file(tree, "etc/vfctl/10-a.conf", MATCH "[PF]\nMTUBytes=huge\n");
	tree_file(tree, "etc/vfctl/10-a.conf.d/10.conf", "[PF]\nMTUBytes=1600\n");
	tree_file(tree, "etc/vfctl/10-a.conf.d/20.conf", "[PF]\nAutoprobe=maybe\n");
	loaded = load_partial(tree);
	assert_true(loaded.set.items[0].broken);
	assert_int_equal(loaded.diagnostics.count, 3);
	assert_says(loaded.diagnostics.lines[0], "20.conf:2:11: Autoprobe takes");
	assert_says(loaded.diagnostics.lines[1], "20.conf: this drop-in is left out");
	assert_says(loaded.diagnostics.lines[2], "10-a.conf:4:10: MTUBytes takes");
	unload(&loaded);
}

static void complains_of_files_that_cannot_be_trusted(void **state)
{
	struct tree *tree = *state;
	CLEANUP(cleanup_free) char *path = text_format("%s/etc/vfctl/10-a.conf", tree->root);
	struct loaded loaded;

	tree_file(tree, "etc/vfctl/10-a.conf", MATCH);
	tree_link(tree, "etc/vfctl/20-b.conf", "nowhere");
	assert_int_equal(chmod(path, 0666), 0);
	loaded = load(tree);
	assert_int_equal(loaded.diagnostics.count, 2);
	assert_says(loaded.diagnostics.lines[0], "others may write to");
	assert_says(loaded.diagnostics.lines[1], "20-b.conf is a link");
	unload(&loaded);
}

static void no_folder_is_no_files(void **state)
{
	struct loaded loaded = load(*state);

	assert_int_equal(loaded.set.count + loaded.diagnostics.count, 0);
	unload(&loaded);
}

#define WITH_TREE(test) cmocka_unit_test_setup_teardown(test, tree_setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(complains_of_bad_files),
		cmocka_unit_test(reads_all_keys),
		cmocka_unit_test(gives_vfs_the_guids_that_follow),
		cmocka_unit_test(a_key_without_value_takes_back),
		WITH_TREE(finds_files_in_their_order),
		WITH_TREE(an_earlier_folder_hides_a_later_one),
		WITH_TREE(drop_ins_win_in_the_order_of_their_names),
		WITH_TREE(a_bad_drop_in_breaks_its_file_alone),
		WITH_TREE(at_boot_a_bad_drop_in_is_left_out_alone),
		WITH_TREE(at_boot_a_drop_in_that_does_not_fit_is_left_out),
		WITH_TREE(at_boot_drop_ins_that_are_needed_stay),
		WITH_TREE(at_boot_a_bad_file_is_not_mended_by_its_drop_ins),
		WITH_TREE(complains_of_files_that_cannot_be_trusted),
		WITH_TREE(no_folder_is_no_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
