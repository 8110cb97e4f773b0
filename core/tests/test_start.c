/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/cli.h"
#include "sriov/holder.h"
#include "sriov/pf.h"
#include "tests/assert.h"
#include "tests/start_world.h"

/* --- Success ---------------------------------------------------------------------------------- */

static void assert_given(unsigned vf, const char *holder)
{
	CLEANUP(cleanup_pf) struct pf pf = { .function.bdf = world_card };
	const struct vf_settings *settings = &world.kernel->vfs[vf];

	assert_int_equal(settings->vlan, 10);
	assert_int_equal(settings->qos, 0);
	assert_int_equal(settings->max_rate, 200);
	assert_true(settings->spoofchk);
	assert_false(settings->trust);
	assert_int_equal(pf_fill_state(world.tree->host, &pf, NULL), 0);
	pf_fill_holders(world.tree->host, &pf);
	assert_int_equal(pf.vfs[vf].holder.kind, HOLDER_VM);
	assert_string_equal(pf.vfs[vf].holder.what, holder);
}

static void starts_with_any_number_of_nics(void **state)
{
	static const unsigned counts[] = { 0, 1, 2, 4 };

	for (size_t i = 0; i < 2 * sizeof(counts) / sizeof(*counts); i++) {
		const struct started what = { i % 2 ? start_file : NULL, counts[i / 2] };
		struct fake_domain *domain = &world.libvirt->domains[i % 2 ? 2 : 0];

		start_well(&what);
		assert_true(domain->running);
		assert_int_equal(count_vnics(), what.nics);
		assert_int_equal(start_count_reservations(RESERVATION_PLUGGED), what.nics);
		for (unsigned vf = 0; vf < what.nics; vf++) {
			CLEANUP(cleanup_free)
			char *alias = text_format("<alias name='ua-nic%u'/>", vf + 1);
			CLEANUP(cleanup_free)
			char *holder = text_format("%s/nic%u", i % 2 ? "lab" : "web1", vf + 1);

			assert_given(vf, holder);
			assert_non_null(strstr(domain->live, alias));
			if (!what.xml)
				assert_non_null(strstr(domain->config, alias));
		}
		for (unsigned vf = what.nics; vf < WORLD_VFS; vf++)
			assert_untouched(vf);
		start_end();
		for (unsigned vf = 0; vf < WORLD_VFS; vf++)
			assert_untouched(vf);
		world_end(state);
		start_begin(state);
	}
}

/* An earlier attach has put it into the configuration, which stays as it is. */
static void sets_the_vfs_of_the_configuration(void **state)
{
	struct fake_domain *domain = &world.libvirt->domains[0];
	CLEANUP(cleanup_free) char *config = NULL;
	const struct started plain = { NULL, 0 }, one_more = { NULL, 1 };

	(void)state;
	world_attach_well((struct attach_request){ .sides = DOMAIN_CONFIG });
	config = strdup(domain->config);
	start_well(&plain);
	assert_given(0, "web1/nic1");
	assert_string_equal(domain->config, config);
	assert_int_equal(start_count_reservations(RESERVATION_PLUGGED), 1);
	start_end();
	assert_untouched(0);
	assert_int_equal(count_vnics(), 1);
	start_well(&one_more);
	assert_given(0, "web1/nic1");
	assert_given(1, "web1/nic2");
	start_end();
	assert_untouched(0);
	assert_untouched(1);
}

static struct fake_answer start_with_wrong_rate(struct fake_domain *domain, const char *xml)
{
	struct fake_answer answer = world_start(domain, xml);

	world.kernel->vfs[1].max_rate = 7;
	return answer;
}

static void sets_again_what_libvirt_left_wrong(void **state)
{
	(void)state;
	world.libvirt->start = start_with_wrong_rate;
	start_well(&(struct started){ NULL, 2 });
	assert_given(1, "web1/nic2");
	assert_int_equal(world.notes.count, 1);
	assert_says(world.notes.lines[0], "VF 1");
}

#define BRIDGED "[Network]\nVM=yes\nVLANId=10\nBridge=br0\n"

static void prepare_bridge(void)
{
	world_file("etc/vfctl/networks/red.network", BRIDGED);
	tree_file(world.tree, "sys/class/net/br0/bridge/bridge_id", "");
}

static void gives_failover_pairs_and_bridges(void **state)
{
	const struct nic_request nics[] = { { .profile = "pair" },
		{ .profile = "slow", .nic = "mgmt" }, { .profile = "fast" } };
	const char *live = world.libvirt->domains[2].live;

	(void)state;
	prepare_bridge();
	world_file("etc/vfctl/profiles/slow.profile", "[Profile]\nNetwork=red\n");
	world_file("etc/vfctl/profiles/pair.profile",
			"[Profile]\nNetwork=red\nPassthrough=yes\nMigratable=yes\nFailover=slow\n");
	start_well(&(struct started){ start_file, 3, nics });
	assert_non_null(strstr(live, "ua-nic1-standby"));
	assert_non_null(strstr(live, "ua-mgmt"));
	assert_non_null(strstr(live, "ua-nic2"));
	assert_int_equal(start_count_reservations(RESERVATION_PLUGGED), 2);
	start_end();
	for (unsigned vf = 0; vf < WORLD_VFS; vf++)
		assert_untouched(vf);
}

/* The NICs that can do without a VF get what the others leave. */
static void falls_back_to_the_bridge_last(void **state)
{
	struct nic_request nics[6] = { { .profile = "soft" }, { .profile = "soft" } };
	const char *live = world.libvirt->domains[0].live, *at = live;
	unsigned bridged = 0;

	(void)state;
	prepare_bridge();
	world_file("etc/vfctl/profiles/soft.profile",
			"[Profile]\nNetwork=red\nPassthrough=yes\nFallback=yes\n");
	for (size_t i = 2; i < 5; i++)
		nics[i].profile = "fast";
	start_well(&(struct started){ NULL, 5, nics });
	for (; (at = strstr(at, "type='bridge'")); at++)
		bridged++;
	assert_int_equal(bridged, 1);
	assert_int_equal(start_count_reservations(RESERVATION_PLUGGED), 4);
}

/* --- The choice of VFs ------------------------------------------------------------------------ */

static void refuses(const struct started *what, const char *words)
{
	struct err err = { 0 };

	assert_true(start_go(what, &err) < 0);
	assert_says(err.msg, words);
	assert_not_started();
}

static void refuses_what_cannot_be(void **state)
{
	const struct nic_request same[] = { { .profile = "fast", .nic = "a" },
		{ .profile = "fast", .nic = "a" } };
	CLEANUP(cleanup_free) char *of_web1 = NULL;

	(void)state;
	refuses(&(struct started){ NULL, 5 }, "no VF is left for NIC nic5");
	refuses(&(struct started){ NULL, 2, same }, "has a NIC a");
	refuses(&(struct started){ "<domain><name>x</name>", 0 }, "lab.xml");
	refuses(&(struct started){ "<domain><name>web1</name></domain>", 0 },
			"start it by its name");
	refuses(&(struct started){ "<domain><name>web2</name></domain>", 0 }, "runs already");
	world.libvirt->domains[0].saved = true;
	refuses(&(struct started){ NULL, 1 }, "managedsave-remove");
	start_well(&(struct started){ NULL, 0 });
	{
		struct err err = { 0 };

		assert_true(start_go(&(struct started){ NULL, 0 }, &err) < 0);
		assert_says(err.msg, "runs already");
	}
}

/* The first NIC would like the VF that is the only one for the second. */
static void finds_the_only_assignment(void **state)
{
	CLEANUP(cleanup_start) struct start start = { 0 };
	const struct plug *first, *second;

	(void)state;
	assert_int_equal(start_planned(&(struct started){ NULL, 2 }, &start, NULL), 0);
	first = &start.nics[0].plugs[0];
	second = &start.nics[1].plugs[0];
	start.nics[0].candidates.count = 2;
	start.nics[1].candidates.count = 1;
	assert_int_equal(start_assign(world.tree->host, &start, NULL), 0);
	assert_int_equal(first->vf.index, 1);
	assert_int_equal(second->vf.index, 0);
	start.nics[0].candidates.count = 1;
	assert_int_equal(start_assign(world.tree->host, &start, NULL), -EBUSY);
}

/* --- VFs that others take meanwhile ----------------------------------------------------------- */

static void goes_on_without_vfs_that_were_taken_since_the_plan(void **state)
{
	CLEANUP(cleanup_start) struct start start = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(start_planned(&(struct started){ NULL, 2 }, &start, NULL), 0);
	for (unsigned vf = 0; vf < 2; vf++) {
		world_bind(vf, "vfio-pci");
		world_open(vf);
	}
	if (start_run(world.tree->host, &world.hypervisor, &start, &world.notes, &err) < 0)
		fail_msg("%s", err.msg);
	assert_given(2, "web1/nic1");
	assert_given(3, "web1/nic2");
	for (unsigned vf = 0; vf < 2; vf++)
		assert_int_equal(world.kernel->vfs[vf].vlan, world_before(vf).vlan);
}

/* Others do not ask the manager, and libvirt knows it first. */
static struct fake_answer lose_vf_1(struct fake_domain *domain, const char *xml)
{
	if (!strstr(xml, "slot='0x10' function='0x2'"))
		return world_start(domain, xml);
	return (struct fake_answer){ 1,
		"Requested operation is not valid: PCI device 0000:01:10.2 is in use by driver "
		"QEMU, domain other" };
}

static void goes_on_without_a_vf_that_libvirt_refuses(void **state)
{
	static const char *const files[] = { NULL, start_file };

	for (size_t i = 0; i < 2; i++) {
		world.libvirt->start = lose_vf_1;
		start_well(&(struct started){ files[i], 3 });
		assert_untouched(1);
		assert_given(3, i ? "lab/nic3" : "web1/nic3");
		assert_int_equal(world.libvirt->started, 2);
		assert_int_equal(count_vnics(), 3);
		world_end(state);
		start_begin(state);
	}
	world.libvirt->start = lose_vf_1;
	refuses(&(struct started){ NULL, 4 }, "in use by");
}

static void does_not_replace_a_vf_of_the_configuration(void **state)
{
	struct fake_domain *domain = &world.libvirt->domains[0];
	CLEANUP(cleanup_free) char *config = NULL;
	struct err err = { 0 };

	(void)state;
	world_attach_well((struct attach_request){ .sides = DOMAIN_CONFIG });
	config = strdup(domain->config);
	world_bind(0, "vfio-pci");
	world_open(0);
	assert_int_equal(start_go(&(struct started){ NULL, 1 }, &err), -EBUSY);
	assert_says(err.msg, "NIC nic1 of VM web1: VF 0");
	assert_string_equal(domain->config, config);
	assert_int_equal(world.libvirt->started, 0);
	assert_int_equal(count_vnics(), 1);
	assert_untouched(1);
}

/* --- The verb --------------------------------------------------------------------------------- */

static const struct flag flags[] = { { "root", 0, "DIR", "" }, { "write-tree", 0, NULL, "" },
	{ "json", 0, NULL, "" }, { 0 } };
static const struct verb *const groups[] = { verbs_vm, verbs_plug, NULL };
static const struct program program = {
	.name = "vfctl", .summary = "", .groups = groups, .flags = flags
};

/* Runs the verb, and returns what it prints, for the caller to free. */
static char *say(const char *command, int status)
{
	CLEANUP(cleanup_free)
	char *line = text_format("vfctl %s --root %s --write-tree", command, world.tree->root);
	char *words[16] = { 0 }, *rest = line, *word, *said = NULL;
	CLEANUP(cleanup_file) FILE *out = tmpfile();
	int count = 0, kept = dup(1), result;

	while ((word = strsep(&rest, " ")))
		words[count++] = word;
	fflush(stdout);
	assert_non_null(out);
	dup2(fileno(out), 1);
	result = program_main(&program, count, words);
	fflush(stdout);
	dup2(kept, 1);
	close(kept);
	assert_int_equal(lseek(fileno(out), 0, SEEK_SET), 0);
	assert_int_equal(file_read_fd(fileno(out), "out", 1 << 16, &said, NULL, NULL), 0);
	if (result != status)
		fail_msg("%s: exit status %d", command, result);
	return said;
}

static void says_what_it_will_do(void **state)
{
	CLEANUP(cleanup_start) struct start start = { 0 };
	CLEANUP(cleanup_diagnostics) struct diagnostics steps = { 0 };

	(void)state;
	assert_int_equal(start_planned(&(struct started){ start_file, 1 }, &start, NULL), 0);
	start_steps(&start, &steps);
	assert_says(steps.lines[0], "root ports to VM lab");
	assert_says(steps.lines[1], "reserve VF 0");
	assert_says(steps.lines[steps.count - 2], "start VM lab");
	assert_not_started();
}

static void prints_what_it_did(void **state)
{
	CLEANUP(cleanup_free) char *plan = say("vm start web1 --nic fast --plan", EXIT_GOOD);
	CLEANUP(cleanup_free)
	char *said = say("vm start web1 --nic fast --nic mgmt=fast", EXIT_GOOD);
	CLEANUP(cleanup_free) char *again = say("vm start web1", EXIT_USAGE);
	CLEANUP(cleanup_free) char *json = NULL;
	CLEANUP(cleanup_record) struct record *record = NULL;

	(void)state;
	assert_says(plan,
			"add to the configuration of VM web1: VF 0 of 0000:01:00.0 (eth0) as ua-nic1");
	assert_says(plan, "start VM web1\n");
	assert_says(said,
			"VM web1 runs\nnic1 of VM web1: VF 0 of 0000:01:00.0 (eth0), MAC 52:54:00:");
	assert_says(said, "\nmgmt of VM web1: VF 1 of 0000:01:00.0 (eth0), MAC 52:54:00:");
	start_end();
	json = say("vm start web1 --json", EXIT_GOOD);
	assert_int_equal(record_parse("out", json, strlen(json), &record, NULL), 0);
	assert_string_equal(record_str(record, "schema", ""), "vfctl-vm-start/1");
	assert_int_equal(record_length(record_get(record_get(record, "vm"), "nics")), 2);
}

static void reads_a_file(void **state)
{
	CLEANUP(cleanup_free) char *path = text_format("%s/lab.xml", world.tree->root);
	CLEANUP(cleanup_free) char *command = text_format("vm start %s --nic fast", path);
	CLEANUP(cleanup_free) char *said = NULL;
	CLEANUP(cleanup_free) char *refused = NULL;

	(void)state;
	refused = say(command, EXIT_UNUSABLE);
	world_file("lab.xml", start_file);
	said = say(command, EXIT_GOOD);
	assert_says(said, "VM lab runs\nnic1 of VM lab: VF 0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start_begin, world_end)
		TEST(starts_with_any_number_of_nics),
		TEST(sets_the_vfs_of_the_configuration),
		TEST(sets_again_what_libvirt_left_wrong),
		TEST(gives_failover_pairs_and_bridges),
		TEST(falls_back_to_the_bridge_last),
		TEST(refuses_what_cannot_be),
		TEST(finds_the_only_assignment),
		TEST(goes_on_without_vfs_that_were_taken_since_the_plan),
		TEST(goes_on_without_a_vf_that_libvirt_refuses),
		TEST(does_not_replace_a_vf_of_the_configuration),
		TEST(says_what_it_will_do),
		TEST(prints_what_it_did),
		TEST(reads_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
