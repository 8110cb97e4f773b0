/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "host/hypervisor_migrate.h"
#include "tests/assert.h"
#include "tests/vm_world.h"

/* Migrations between two daemons. */

static struct fake_libvirt *target_daemon;
static struct hypervisor *target;

static int begin(void **state)
{
	int rc = world_begin(state);
	struct err err = { 0 };

	target_daemon = world_daemon(FAKE_TARGET, NULL);
	if (hypervisor_open_uri("target:///system", &target, &err) < 0) {
		fprintf(stderr, "%s\n", err.msg);
		abort();
	}
	return rc;
}

static int end(void **state)
{
	hypervisor_close(target);
	return world_end(state);
}

static const struct migration wanted = {
	.uuid = WORLD_UUID,
	.xml = "<domain><name>web1</name></domain>",
	.persistent_xml = "<domain><name>web1</name><title/></domain>",
	.limit_s = 30,
};

static int migrate(enum fake_phase fails, struct migration *migration, struct err *err)
{
	world.libvirt->migration_fails = fails;
	return hypervisor_migrate(world.hypervisor, target, migration, err);
}

static void goes_to_the_target(void **state)
{
	struct migration migration = wanted;
	struct domain_status now;
	CLEANUP(cleanup_free) char *xml = NULL;
	struct err err = { 0 };

	(void)state;
	migration.uri = "tcp://[2001:db8::1]:49152";
	if (migrate(PHASE_NONE, &migration, &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(migration.end, MIGRATION_AT_TARGET);
	assert_int_equal(migration.downtime_ms, 37);
	assert_string_equal(world.libvirt->migration_uri, "tcp://[2001:db8::1]:49152");
	assert_int_equal(hypervisor_find(world.hypervisor, WORLD_UUID, &now, NULL), -ENODEV);
	assert_int_equal(hypervisor_find(target, WORLD_UUID, &now, NULL), 0);
	assert_true(now.persistent && now.state == DOMAIN_RUNNING);
	assert_int_equal(hypervisor_xml(target, WORLD_UUID, DOMAIN_CONFIG, &xml, NULL), 0);
	assert_string_equal(xml, migration.persistent_xml);
}

/* VIR_MIGRATE_LIVE, PERSIST_DEST, UNDEFINE_SOURCE, POSTCOPY */
static void asks_for_what_fits_the_machine(void **state)
{
	struct migration migration = wanted;
	struct domain_status now;

	(void)state;
	assert_int_equal(migrate(PHASE_NONE, &migration, NULL), 0);
	assert_int_equal(world.libvirt->migration_flags, 1 | 8 | 16);
	migration.uuid = WORLD_UUID2;
	migration.persistent_xml = NULL;
	assert_int_equal(migrate(PHASE_NONE, &migration, NULL), 0);
	assert_int_equal(world.libvirt->migration_flags, 1);
	assert_int_equal(hypervisor_find(target, WORLD_UUID2, &now, NULL), 0);
	assert_false(now.persistent);
}

static void says_where_the_machine_is_after_each_failure(void **state)
{
	static const struct {
		enum fake_phase fails;
		enum migration_end end;
		int code;
		const char *words;
	} cases[] = {
		{ PHASE_BEGIN, MIGRATION_AT_SOURCE, EREMOTEIO, "not possible with this device" },
		{ PHASE_PREPARE, MIGRATION_AT_SOURCE, ECONNRESET, "socket is closed" },
		{ PHASE_PERFORM, MIGRATION_AT_SOURCE, EREMOTEIO, "unexpectedly failed" },
		{ PHASE_UNSURE, MIGRATION_UNKNOWN, ECONNRESET, "socket is closed" },
		{ PHASE_CONFIRM, MIGRATION_AT_TARGET, 0, "" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct migration migration = wanted;
		struct err err = { 0 };

		assert_int_equal(migrate(cases[i].fails, &migration, &err), -cases[i].code);
		assert_int_equal(migration.end, cases[i].end);
		assert_says(err.msg, cases[i].words);
		end(state);
		begin(state);
	}
}

static unsigned asked;
static struct migration_progress seen;

static bool cancel_third(void *argument)
{
	(void)argument;
	return ++asked > 2;
}

static void note_progress(void *argument, const struct migration_progress *progress)
{
	(void)argument;
	seen = *progress;
}

static void reports_progress_until_it_is_cancelled(void **state)
{
	struct migration migration = wanted;
	struct err err = { 0 };

	(void)state;
	asked = 0;
	migration.cancelled = cancel_third;
	migration.progress = note_progress;
	assert_int_equal(migrate(PHASE_ENDLESS, &migration, &err), -ECANCELED);
	assert_int_equal(migration.end, MIGRATION_AT_SOURCE);
	assert_says(err.msg, "was cancelled");
	assert_int_equal(seen.total, 4096);
	assert_int_equal(seen.remaining, 1024);
	assert_int_equal(seen.elapsed_ms, 1200);
}

static void ends_when_the_time_is_over(void **state)
{
	struct migration migration = wanted;
	struct err err = { 0 };

	(void)state;
	migration.limit_s = 1;
	assert_int_equal(migrate(PHASE_ENDLESS, &migration, &err), -ETIMEDOUT);
	assert_int_equal(migration.end, MIGRATION_AT_SOURCE);
	assert_says(err.msg, "within 1 s");
}

static bool hurries;

struct deadline __real_deadline_in(int64_t ms);
struct deadline __wrap_deadline_in(int64_t ms);

struct deadline __wrap_deadline_in(int64_t ms)
{
	enum { MOST_MS = 400 };

	return __real_deadline_in(hurries && ms > MOST_MS ? MOST_MS : ms);
}

/* Neither connection is of use any more: a thread waits on both. */
static void gives_up_a_daemon_that_does_not_even_abort(void **state)
{
	struct migration migration = wanted;
	struct domain_status now;
	struct err err = { 0 };
	int rc;

	(void)state;
	hurries = true;
	rc = migrate(PHASE_STUCK, &migration, &err);
	hurries = false;
	assert_int_equal(rc, -ETIMEDOUT);
	assert_int_equal(migration.end, MIGRATION_UNKNOWN);
	assert_says(err.msg, "virsh list");
	assert_int_equal(hypervisor_find(world.hypervisor, WORLD_UUID, &now, NULL), -ETIMEDOUT);
	assert_int_equal(hypervisor_find(target, WORLD_UUID, &now, NULL), -ETIMEDOUT);
}

static void needs_both_connections(void **state)
{
	struct migration migration = wanted;
	struct domain_status now;

	(void)state;
	target_daemon->lost_for = getpid();
	assert_int_equal(hypervisor_find(target, WORLD_UUID, &now, NULL), -ECONNRESET);
	assert_int_equal(migrate(PHASE_NONE, &migration, NULL), -ECONNRESET);
	assert_int_equal(migration.end, MIGRATION_AT_SOURCE);
	assert_int_equal(world.libvirt->migrated, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
		TEST(goes_to_the_target),
		TEST(asks_for_what_fits_the_machine),
		TEST(says_where_the_machine_is_after_each_failure),
		TEST(reports_progress_until_it_is_cancelled),
		TEST(ends_when_the_time_is_over),
		TEST(gives_up_a_daemon_that_does_not_even_abort),
		TEST(needs_both_connections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
