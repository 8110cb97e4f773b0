/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/start_world.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "tests/assert.h"

const char start_file[] = "<?xml version='1.0'?>\n"
			  "<!-- <devices></devices> -->\n"
			  "<domain type='kvm'>\n"
			  "  <name>lab</name>\n"
			  "  <uuid>" START_UUID "</uuid>\n"
			  "  <memory unit='KiB'>524288</memory>\n"
			  "  <os><type arch='x86_64' machine='q35'>hvm</type></os>\n"
			  "  <devices>\n"
			  "    <disk type='file' device='disk'><source file='/a>b'/>"
			  "<target dev='vda' bus='virtio'/></disk>\n"
			  "  </devices>\n"
			  "</domain>\n";

int start_begin(void **state)
{
	int rc = world_begin(state);

	world.libvirt->domains[0].running = false;
	return rc;
}

int start_planned(const struct started *what, struct start *start, struct err *err)
{
	struct nic_request fast[START_NICS_MOST] = { 0 };
	struct start_request request = { .vm = what->xml ? NULL : "web1",
		.file = "lab.xml",
		.text = what->xml,
		.nics = what->requests ? what->requests : fast,
		.nic_count = what->nics,
		.wait_s = 5 };

	for (unsigned i = 0; i < what->nics; i++)
		fast[i].profile = "fast";
	return start_plan(world.tree->host, world.hypervisor, &request, start, err);
}

int start_go(const struct started *what, struct err *err)
{
	CLEANUP(cleanup_start) struct start start = { 0 };
	int rc = start_planned(what, &start, err);

	return rc ? rc : start_run(world.tree->host, &world.hypervisor, &start, &world.notes, err);
}

void start_well(const struct started *what)
{
	struct err err = { 0 };

	if (start_go(what, &err) < 0)
		fail_msg("%s", err.msg);
}

void start_end(void)
{
	for (size_t i = world.libvirt->count; i > 0; i--) {
		struct fake_domain *domain = &world.libvirt->domains[i - 1];

		if (domain->running && i != 2)
			assert_int_equal(hypervisor_destroy(world.hypervisor, domain->uuid, NULL),
					0);
	}
	world_settle();
}

static size_t read_reservations(struct reservation **list)
{
	struct diagnostics notes = { 0 };
	size_t count = 0;

	assert_int_equal(reservations_read(world.tree->host, list, &count, &notes, NULL), 0);
	assert_int_equal(notes.count, 0);
	return count;
}

void start_age_reservations(void)
{
	CLEANUP(cleanup_free) struct reservation *list = NULL;
	size_t count = read_reservations(&list);

	for (size_t i = 0; i < count; i++) {
		list[i].until_ms = reservation_clock_ms() - 1;
		assert_int_equal(reservation_save(world.tree->host, &list[i], NULL), 0);
	}
}

size_t start_count_reservations(enum reservation_stage stage)
{
	CLEANUP(cleanup_free) struct reservation *list = NULL;
	size_t count = read_reservations(&list), found = 0;

	for (size_t i = 0; i < count; i++)
		found += list[i].stage == stage;
	return found;
}

void assert_not_started(void)
{
	assert_nothing_happened();
	assert_null(strstr(world.libvirt->domains[0].config, "<interface"));
	assert_false(world.libvirt->domains[0].running);
	assert_int_equal(world.libvirt->count, 2);
}
