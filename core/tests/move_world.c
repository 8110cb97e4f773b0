/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/move_world.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/process.h"
#include "base/signals.h"
#include "base/text.h"
#include "cli/cli.h"
#include "tests/assert.h"
#include "vm/upgrade.h"

struct vm_world target;

/* --- The other process ------------------------------------------------------------------------- */

/* Fails what the test wants to fail on the target: the file names it. */
static struct fake_answer refuse_plug(struct fake_domain *domain, const char *xml)
{
	(void)domain;
	(void)xml;
	return (struct fake_answer){ 1, "internal error: no room at the target" };
}

static struct fake_answer die_at_plug(struct fake_domain *domain, const char *xml)
{
	(void)domain;
	(void)xml;
	kill(getpid(), SIGKILL);
	return (struct fake_answer){ 0 };
}

static void take_failures(void)
{
	if (host_exists(world.tree->host, "refuses-plug"))
		world.libvirt->attach = refuse_plug;
	if (host_exists(world.tree->host, "dies-at-plug"))
		world.libvirt->attach = die_at_plug;
}

static int receive(const char *silence)
{
	static const struct flag flags[] = { { "root", 0, "DIR", "" },
		{ "write-tree", 0, NULL, "" }, { "json", 0, NULL, "" }, { 0 } };
	static const struct verb *const groups[] = { verbs_migrate, NULL };
	static const struct program program = {
		.name = "vfctl", .summary = "", .details = "", .groups = groups, .flags = flags
	};
	char *argv[] = { "vfctl", "vm", "receive", "--silence", (char *)silence, "--root",
		world.tree->root, "--write-tree", NULL };

	take_failures();
	return program_main(&program, 8, argv);
}

static int settle(const char *unused)
{
	(void)unused;
	world_age_reservations();
	world_settle();
	vnics_settle(world.tree->host, world.hypervisor);
	for (size_t i = 0; i < world.notes.count; i++)
		puts(world.notes.lines[i]);
	return 0;
}

static int upgrade(const char *unused)
{
	CLEANUP(cleanup_upgrade) struct upgrade all = { 0 };
	const struct upgrade_request request = { .limit_s = 5, .wait_s = 5 };
	struct err cause = { 0 };

	(void)unused;
	if (upgrade_plan(world.tree->host, world.hypervisor, &request, &all, &cause) < 0)
		errx(1, "%s", cause.msg);
	upgrade_run(world.tree->host, &world.hypervisor, &all, &world.notes);
	for (size_t i = 0; i < all.nic_count; i++) {
		if (!all.nics[i]->done)
			errx(1, "%s", all.nics[i]->err.msg);
	}
	return 0;
}

bool move_is_other_process(int argc, char **argv, int *status)
{
	static const struct {
		const char *name;
		int (*run)(const char *argument);
	} roles[] = { { "receive", receive }, { "settle", settle }, { "upgrade", upgrade } };

	for (size_t i = 0; argc > 2 && i < sizeof(roles) / sizeof(*roles); i++) {
		if (strcmp(argv[1], roles[i].name) != 0)
			continue;
		/* Before there are other threads. */
		signals_block();
		world_adopt(argv[2]);
		*status = roles[i].run(argc > 3 ? argv[3] : "20");
		return true;
	}
	return false;
}

static void run_role(const char *role, struct diagnostics *said)
{
	const char *argv[] = { "/proc/self/exe", role, target.tree->root, NULL };
	CLEANUP(cleanup_free) char *output = NULL;
	struct err cause = { 0 };
	char *rest, *line;

	if (process_run(argv, deadline_in(60000), &output, &cause) < 0)
		fail_msg("%s on the target: %s", role, cause.msg);
	rest = output;
	while (said && (line = strsep(&rest, "\n"))) {
		if (*line)
			diagnostic_add(said, "%s", line);
	}
}

/* --- Both hosts -------------------------------------------------------------------------------- */

static void write_file(struct vm_world *on, const char *path, const char *text, const char *bridge)
{
	const char *mark = strstr(text, "%BRIDGE%");
	CLEANUP(cleanup_free)
	char *whole = !mark ? text_format("%s", text)
			    : text_format("%.*s%s%s", (int)(mark - text), text, bridge,
					      mark + strlen("%BRIDGE%"));

	tree_file(on->tree, path, whole);
}

void move_files(const char *path, const char *text)
{
	write_file(&world, path, text, "br0");
	write_file(&target, path, text, "br7");
}

void move_answer_with(const char *commands)
{
	CLEANUP(cleanup_free) char *path = text_format("%s/ssh", target.tree->root);
	CLEANUP(cleanup_free) char *text = text_format("#!/bin/sh\n%s\n", commands);

	tree_file(target.tree, "ssh", text);
	if (chmod(path, 0700) < 0)
		abort();
}

/* As ssh does, it starts the program as a process that lives on where its own is killed. */
static void answer_as_vfctl(void)
{
	char self[256] = "";
	CLEANUP(cleanup_free) char *commands = NULL;

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		abort();
	commands = text_format("[ \"$*\" = 'host-b vfctl vm receive' ] || exit 9\n"
			       "%s receive %s 2>>%s/said\nstatus=$?\nexit $status",
			self, target.tree->root, target.tree->root);
	move_answer_with(commands);
}

int move_begin(void **state)
{
	int rc;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	world_share();
	rc = world_begin(state);
	world.libvirt->count = 0;
	world_add_domain("web1", WORLD_UUID, 8);
	world_add_domain("web2", WORLD_UUID2, 4);
	target = world_second();
	tree_file(world.tree, "sys/class/net/br0/bridge/bridge_id", "");
	tree_file(target.tree, "sys/class/net/br7/bridge/bridge_id", "");
	move_files("etc/vfctl/networks/red.network",
			"[Network]\nVM=yes\nVLANId=10\nBridge=%BRIDGE%\n");
	move_files("etc/vfctl/profiles/slow.profile", "[Profile]\nNetwork=red\n");
	move_files("etc/vfctl/profiles/fast.profile",
			"[Profile]\nNetwork=red\nPassthrough=yes\nMaxRate=200\nMigratable=yes\n"
			"Failover=slow\n");
	answer_as_vfctl();
	return rc;
}

void move_wait(void)
{
	while (waitpid(-1, NULL, 0) > 0)
		;
}

int move_end(void **state)
{
	move_wait();
	tree_free(target.tree);
	return world_end(state);
}

/* --- Migrations -------------------------------------------------------------------------------- */

int move_go(const struct moved *what, struct migrate *migrate, struct err *err)
{
	CLEANUP(cleanup_free) char *ssh = text_format("%s/ssh", target.tree->root);
	const char *const words[] = { ssh, NULL };
	const struct migrate_request request = { .vm = what->vm ? what->vm : "web1",
		.target = what->host ? what->host : "host-b",
		.ssh = words,
		.uri = "target:///system",
		.data_uri = what->data_uri,
		.limit_s = what->limit_s ? what->limit_s : 30,
		.guest_s = 3,
		.wait_s = 5 };
	int rc = migrate_plan(
			world.tree->host, world.hypervisor, &request, migrate, &world.notes, err);

	migrate->request.ssh = NULL;
	return rc || what->plan_only ? rc
				     : migrate_run(&world.hypervisor, migrate, &world.notes, err);
}

int move(const struct moved *what, struct err *err)
{
	CLEANUP(cleanup_migrate) struct migrate migrate = { .peer = PEER_NONE };

	return move_go(what, &migrate, err);
}

void move_attach(unsigned count, unsigned sides)
{
	for (unsigned i = 0; i < count; i++)
		world_attach_well((struct attach_request){ .sides = sides });
}

void move_settle(struct diagnostics *said)
{
	size_t before = world.notes.count;

	world_age_reservations();
	world_settle();
	for (size_t i = before; said && i < world.notes.count; i++)
		diagnostic_add(said, "%s", world.notes.lines[i]);
	run_role("settle", said);
}

void move_upgrade_target(void)
{
	run_role("upgrade", NULL);
}

/* --- What is expected -------------------------------------------------------------------------- */

size_t count_in(const char *xml, const char *words)
{
	size_t count = 0;

	for (; (xml = strstr(xml, words)); xml++)
		count++;
	return count;
}

size_t count_reservations(const struct vm_world *of)
{
	CLEANUP(cleanup_free) struct reservation *list = NULL;
	struct diagnostics notes = { 0 };
	size_t count = 0;

	assert_int_equal(reservations_read(of->tree->host, &list, &count, &notes, NULL), 0);
	return count;
}

static size_t count_vnics_of(const struct vm_world *of)
{
	char **names = NULL;
	size_t count = 0;

	if (host_exists(of->tree->host, "var/lib/vfctl/vnics"))
		assert_int_equal(host_names(of->tree->host, "var/lib/vfctl/vnics", &names, &count,
						 NULL),
				0);
	host_names_free(names, count);
	return count;
}

static const struct fake_domain *find(const struct vm_world *on, const char *name)
{
	for (size_t i = 0; i < on->libvirt->count; i++) {
		if (!strcmp(on->libvirt->domains[i].name, name))
			return &on->libvirt->domains[i];
	}
	return NULL;
}

static void assert_runs(const struct vm_world *on, unsigned count, const char *bridge)
{
	const struct fake_domain *domain = find(on, "web1");

	assert_non_null(domain);
	assert_true(domain->running && !domain->paused);
	assert_int_equal(count_in(domain->live, "<interface type='hostdev'"), count);
	assert_int_equal(count_in(domain->live, "type='persistent'"), count);
	assert_int_equal(count_in(domain->live, bridge), count);
	assert_int_equal(count_reservations(on), count);
	assert_int_equal(count_vnics_of(on), count);
	for (unsigned vf = 0; vf < count; vf++) {
		assert_int_equal(on->kernel->vfs[vf].vlan, 10);
		assert_int_equal(on->kernel->vfs[vf].max_rate, 200);
	}
}

static void assert_nothing_on(const struct vm_world *on)
{
	assert_null(find(on, "web1"));
	assert_int_equal(count_reservations(on), 0);
	assert_int_equal(count_vnics_of(on), 0);
	for (unsigned vf = 0; vf < WORLD_VFS; vf++) {
		const struct vf_settings was = world_before(vf);
		CLEANUP(cleanup_free)
		char *path = text_format("sys/bus/pci/devices/%s/driver", world_vf(vf));
		char driver[NAME_ROOM] = "";

		assert_int_equal(vf_settings_difference(&was, &on->kernel->vfs[vf]), 0);
		host_link_name(on->tree->host, path, driver, sizeof(driver));
		assert_string_equal(driver, "igbvf");
	}
}

void assert_stayed(unsigned count)
{
	move_wait();
	assert_runs(&world, count, "bridge='br0'");
	assert_nothing_on(&target);
}

void assert_moved(unsigned count)
{
	move_wait();
	assert_runs(&target, count, "bridge='br7'");
	assert_nothing_on(&world);
}
