/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/neighbour.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apply/lock.h"
#include "base/cleanup.h"
#include "sriov/holder.h"
#include "sriov/pf.h"
#include "sriov/reservation.h"
#include "tests/assert.h"
#include "tests/vm_world.h"

static struct fake_answer say_nothing(struct fake_domain *domain, const char *alias, bool *removed)
{
	(void)domain;
	(void)alias;
	*removed = false;
	return (struct fake_answer){ 0 };
}

/* --- Detach ------------------------------------------------------------------------------------ */

static void puts_back_all_settings(void **state)
{
	struct err err = { 0 };

	(void)state;
	world_attach_well((struct attach_request){ 0 });
	if (world_detach("web1", "nic1", 5, &err) < 0)
		fail_msg("%s", err.msg);
	assert_nothing_happened();
}

static void finds_the_nic_by_each_of_its_names(void **state)
{
	static const char *const names[] = { "nic1", "ua-nic1", "52:54:00:00:00:77",
		"0000:01:10.0" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct err err = { 0 };

		world_attach_well((struct attach_request){ .mac = "52:54:00:00:00:77" });
		if (world_detach("web1", names[i], 5, &err) < 0)
			fail_msg("%s: %s", names[i], err.msg);
		assert_nothing_happened();
	}
}

/* eth0, and a VLAN on it, are ports; so is the guest's own end of a NIC. */
static void lets_bridges_forget_where_the_guest_was(void **state)
{
	static const struct {
		int port;
		uint8_t octet;
		uint16_t state;
		bool stays;
	} entries[] = { { 7000, 0x77, NUD_REACHABLE, false }, { 31, 0x77, NUD_STALE, false },
		{ 7000, 0x77, NUD_NOARP, true }, { 7000, 0x78, NUD_REACHABLE, true },
		{ 40, 0x77, NUD_REACHABLE, true } };
	enum { COUNT = sizeof(entries) / sizeof(*entries) };

	(void)state;
	world_attach_well((struct attach_request){ .mac = "52:54:00:00:00:77" });
	tree_file(world.tree, "sys/class/net/eth0/brport/state", "3\n");
	tree_file(world.tree, "sys/class/net/eth0/ifindex", "7000\n");
	tree_link(world.tree, "sys/class/net/eth0/upper_eth0.10", "../eth0.10");
	tree_file(world.tree, "sys/class/net/eth0.10/brport/state", "3\n");
	tree_file(world.tree, "sys/class/net/eth0.10/ifindex", "31\n");
	for (size_t i = 0; i < COUNT; i++)
		world.kernel->neighbours[i] = (struct fake_neighbour){ entries[i].port,
			{ { 0x52, 0x54, 0, 0, 0, entries[i].octet } }, i == 1 ? 10 : 0,
			entries[i].state };
	assert_int_equal(world_detach("web1", "nic1", 5, NULL), 0);
	for (size_t i = 0; i < COUNT; i++) {
		if (entries[i].stays != (world.kernel->neighbours[i].port != 0))
			fail_msg("entry %zu %s", i, entries[i].stays ? "is gone" : "stays");
	}
	assert_nothing_happened();
}

#define BRIDGED "[Network]\nVM=yes\nVLANId=10\nBridge=br0\n"
#define PAIR    "[Profile]\nNetwork=red\nPassthrough=yes\nMigratable=yes\nFailover=slow\n"

/* By whichever name it is asked for. */
static void takes_both_halves_of_a_pair(void **state)
{
	static const char *const names[] = { "nic1", "nic1-standby", "ua-nic1-standby",
		"0000:01:10.0" };

	(void)state;
	world_file("etc/vfctl/networks/red.network", BRIDGED);
	world_file("etc/vfctl/profiles/slow.profile", "[Profile]\nNetwork=red\n");
	world_file("etc/vfctl/profiles/fast.profile", PAIR);
	tree_file(world.tree, "sys/class/net/br0/bridge/bridge_id", "");
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct err err = { 0 };

		world_attach_well((struct attach_request){ 0 });
		if (world_detach("web1", names[i], 5, &err) < 0)
			fail_msg("%s: %s", names[i], err.msg);
		assert_nothing_happened();
	}
}

static void leaves_the_nic_to_a_guest_that_does_not_react(void **state)
{
	struct err err = { 0 };

	(void)state;
	world_attach_well((struct attach_request){ 0 });
	world.libvirt->detach = say_nothing;
	assert_int_equal(world_detach("web1", "nic1", 2, &err), -ETIMEDOUT);
	assert_says(err.msg, "does not release");
	assert_int_equal(world.kernel->vfs[0].vlan, 10);
	assert_int_equal(world.kernel->vfs[0].max_rate, 200);
	world.libvirt->detach = world_unplug;
	assert_int_equal(world_detach("web1", "nic1", 5, NULL), 0);
	assert_nothing_happened();
}

static struct fake_answer refuse_by_guest(
		struct fake_domain *domain, const char *alias, bool *removed)
{
	*removed = false;
	world.libvirt->refused(domain, alias);
	return (struct fake_answer){ 0 };
}

static void says_that_the_guest_refuses(void **state)
{
	struct err err = { 0 };

	(void)state;
	world_attach_well((struct attach_request){ 0 });
	world.libvirt->detach = refuse_by_guest;
	assert_int_equal(world_detach("web1", "nic1", 30, &err), -EPERM);
	assert_says(err.msg, "refuses");
}

/* The event came while nobody listened; the XML tells. */
static struct fake_answer remove_without_event(
		struct fake_domain *domain, const char *alias, bool *removed)
{
	world_release(world_vf_with(domain, alias));
	world.libvirt->remove(domain, alias);
	*removed = false;
	return (struct fake_answer){ 0 };
}

static void needs_no_event(void **state)
{
	(void)state;
	world_attach_well((struct attach_request){ 0 });
	world.libvirt->detach = remove_without_event;
	assert_int_equal(world_detach("web1", "nic1", 5, NULL), 0);
	assert_nothing_happened();
}

/* QEMU before 5.2 forgets the first request when the second comes too early. */
static struct fake_answer be_busy_first(
		struct fake_domain *domain, const char *alias, bool *removed)
{
	if (world.libvirt->detached > 1)
		return remove_without_event(domain, alias, removed);
	*removed = false;
	return (struct fake_answer){ 1,
		"internal error: unable to execute WORLD_QEMU command 'device_del': "
		"Device ua-nic1 is already in the process of unplug" };
}

static void waits_where_an_unplug_is_under_way(void **state)
{
	(void)state;
	world_attach_well((struct attach_request){ 0 });
	world.libvirt->detach = be_busy_first;
	assert_int_equal(world_detach("web1", "nic1", 40, NULL), 0);
	assert_int_equal(world.libvirt->detached, 2);
	assert_nothing_happened();
}

static struct fake_answer stop(struct fake_domain *domain, const char *alias, bool *removed)
{
	world_release(world_vf_with(domain, alias));
	strcpy(domain->live, domain->config);
	world.libvirt->stopped(domain);
	*removed = false;
	return (struct fake_answer){ 0 };
}

static void is_done_when_the_machine_ends(void **state)
{
	(void)state;
	world_attach_well((struct attach_request){ 0 });
	world.libvirt->detach = stop;
	assert_int_equal(world_detach("web1", "nic1", 5, NULL), 0);
	assert_nothing_happened();
}

/* --- After the end of machines and managers ----------------------------------------------------- */

static void gives_back_the_vf_of_a_machine_that_ended(void **state)
{
	(void)state;
	world_attach_well((struct attach_request){ 0 });
	world_settle();
	assert_int_equal(world.notes.count, 0);
	assert_int_equal(world.kernel->vfs[0].max_rate, 200);
	world_close(0); /* libvirt's daemon has ended before */
	world_settle();
	assert_untouched(0);
	assert_int_equal(world.notes.count, 1);
	world_settle();
	assert_int_equal(world.notes.count, 1);
}

static void leaves_a_vf_that_is_being_plugged(void **state)
{
	struct reservation reservation;
	struct bdf vf;

	(void)state;
	world_attach_well((struct attach_request){ 0 });
	bdf_parse(world_vf(0), &vf);
	assert_int_equal(reservation_read(world.tree->host, vf, &reservation, NULL), 0);
	reservation.stage = RESERVATION_PLUGGING;
	reservation.until_ms = reservation_clock_ms() + 60000;
	assert_int_equal(reservation_save(world.tree->host, &reservation, NULL), 0);
	world_close(0);
	world_settle();
	assert_int_equal(world.kernel->vfs[0].vlan, 10);
	reservation.until_ms = reservation_clock_ms() - 1;
	assert_int_equal(reservation_save(world.tree->host, &reservation, NULL), 0);
	world_settle();
	assert_untouched(0);
}

/* Killed between libvirt's success and its own end. */
static void completes_what_a_killed_manager_began(void **state)
{
	struct reservation reservation;
	struct bdf vf;

	(void)state;
	world_attach_well((struct attach_request){ 0 });
	bdf_parse(world_vf(0), &vf);
	assert_int_equal(reservation_read(world.tree->host, vf, &reservation, NULL), 0);
	reservation.stage = RESERVATION_PLUGGING;
	reservation.until_ms = reservation_clock_ms() - 1;
	assert_int_equal(reservation_save(world.tree->host, &reservation, NULL), 0);
	world.kernel->vfs[0].max_rate = 0;
	world_settle();
	assert_int_equal(world.kernel->vfs[0].max_rate, 200);
	assert_int_equal(reservation_read(world.tree->host, vf, &reservation, NULL), 0);
	assert_int_equal(reservation.stage, RESERVATION_PLUGGED);
	assert_int_equal(world_detach("web1", "nic1", 5, NULL), 0);
	assert_nothing_happened();
}

static void ignores_reservations_of_another_boot(void **state)
{
	struct reservation reservation;
	struct bdf vf;

	(void)state;
	world_attach_well((struct attach_request){ 0 });
	tree_file(world.tree, "proc/sys/kernel/random/boot_id", "boot-2\n");
	bdf_parse(world_vf(0), &vf);
	assert_int_equal(reservation_read(world.tree->host, vf, &reservation, NULL), -ENOENT);
}

static void holds_a_vf_whose_reservation_cannot_be_read(void **state)
{
	CLEANUP(cleanup_pf) struct pf pf = { .function.bdf = world_card };

	(void)state;
	tree_file(world.tree, "run/vfctl/reservations/0000:01:10.2.json", "{");
	assert_int_equal(pf_fill_state(world.tree->host, &pf, NULL), 0);
	pf_fill_holders(world.tree->host, &pf);
	assert_int_equal(pf.vfs[0].holder.kind, HOLDER_NONE);
	assert_int_equal(pf.vfs[1].holder.kind, HOLDER_UNKNOWN);
}

/* Each of many processes reserves what it finds free; no VF may have two. */
static void gives_no_vf_twice(void **state)
{
	enum { RACERS = 4, ROUNDS = 250 };
	int pipes[2];

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	for (unsigned i = 0; i < RACERS; i++) {
		if (fork())
			continue;
		for (unsigned round = 0; round < ROUNDS; round++) {
			CLEANUP(cleanup_pf) struct pf pf = { .function.bdf = world_card };
			CLEANUP(cleanup_fd) int lock = -1;
			struct reservation mine = { .pf = world_card,
				.stage = RESERVATION_PLUGGED };
			char taken[16];

			if (lock_take(world.tree->host, "race", 30, &lock, NULL) < 0 ||
					pf_fill_state(world.tree->host, &pf, NULL) < 0)
				_exit(1);
			pf_fill_holders(world.tree->host, &pf);
			for (unsigned vf = 0; vf < WORLD_VFS && !*mine.vm; vf++) {
				if (pf.vfs[vf].holder.kind)
					continue;
				mine.vf = pf.vfs[vf].function.bdf;
				mine.index = vf;
				snprintf(mine.vm, sizeof(mine.vm), "racer%u", i);
			}
			if (!*mine.vm)
				continue;
			if (reservation_save(world.tree->host, &mine, NULL) < 0)
				_exit(1);
			cleanup_fd(&lock);
			lock = -1;
			snprintf(taken, sizeof(taken), "+%u%u\n", i, mine.index);
			if (write(pipes[1], taken, 4) != 4)
				_exit(1);
			if (lock_take(world.tree->host, "race", 30, &lock, NULL) < 0)
				_exit(1);
			taken[0] = '-';
			if (write(pipes[1], taken, 4) != 4 ||
					reservation_remove(world.tree->host, mine.vf, NULL) < 0)
				_exit(1);
		}
		_exit(0);
	}
	close(pipes[1]);
	{
		int owner[WORLD_VFS] = { -1, -1, -1, -1 }, status;
		unsigned taken = 0;
		char said[5] = "";

		while (read(pipes[0], said, 4) == 4) {
			unsigned vf = (unsigned)(said[2] - '0');

			assert_int_equal(owner[vf], said[0] == '+' ? -1 : said[1] - '0');
			owner[vf] = said[0] == '+' ? said[1] - '0' : -1;
			taken += said[0] == '+';
		}
		for (unsigned i = 0; i < RACERS; i++) {
			assert_true(wait(&status) > 0);
			assert_int_equal(status, 0);
		}
		assert_int_equal(taken, RACERS * ROUNDS);
	}
	close(pipes[0]);
}

/* --- A daemon that does not answer -------------------------------------------------------------- */

static void gives_up_a_daemon_that_hangs(void **state)
{
	struct domain_status status;
	struct err err = { 0 };

	(void)state;
	world.libvirt->hangs = 1;
	assert_int_equal(hypervisor_find(world.hypervisor, "web1", &status, &err), -ETIMEDOUT);
	assert_says(err.msg, "did not answer");
	assert_int_equal(hypervisor_find(world.hypervisor, "web1", &status, NULL), -ETIMEDOUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)
		TEST(puts_back_all_settings),
		TEST(finds_the_nic_by_each_of_its_names),
		TEST(lets_bridges_forget_where_the_guest_was),
		TEST(takes_both_halves_of_a_pair),
		TEST(leaves_the_nic_to_a_guest_that_does_not_react),
		TEST(says_that_the_guest_refuses),
		TEST(needs_no_event),
		TEST(waits_where_an_unplug_is_under_way),
		TEST(is_done_when_the_machine_ends),
		TEST(gives_back_the_vf_of_a_machine_that_ended),
		TEST(leaves_a_vf_that_is_being_plugged),
		TEST(completes_what_a_killed_manager_began),
		TEST(ignores_reservations_of_another_boot),
		TEST(holds_a_vf_whose_reservation_cannot_be_read),
		TEST(gives_no_vf_twice),
		TEST(gives_up_a_daemon_that_hangs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
