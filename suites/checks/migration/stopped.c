/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "checks/migration/hosts.h"
#include "checks/suites.h"

/* Migrations that are stopped on the way, and what the guest has afterwards. */

#define MOVING "copy" /* what vfctl prints when the memory begins to move */

static enum verdict open_failed(struct check_run *run)
{
	return check_broken(run, "the hosts cannot be set up");
}

/* The guest is where it was and has what it had. */
static enum verdict is_as_before(
		struct hosts *hosts, const struct journey *journey, const char *when)
{
	struct tenants *tenants = &hosts->pair.tenants;
	struct check_run *run = tenants->run;
	enum verdict verdict;

	journey_note(hosts, journey);
	evidence_text(run, "vfctl migrate", "status %d: %.250s", journey->call.status,
			call_last(&journey->call));
	if (!journey->call.status)
		return check_fail(run, "the migration succeeds");
	if (!journey->same_run)
		return check_fail(run, "%s: vm1 was booted", when);
	if (pair_await(&hosts->pair, true) < 0)
		return check_fail(run, "%s: vm1 does not have its VF again", when);
	verdict = hosts_are_as_before(hosts, when);
	return verdict == VERDICT_PASS ? tenant_is_connected(tenants, &tenants->red, when)
				       : verdict;
}

static enum verdict cancelled(struct check_run *run)
{
	CLEANUP(hosts_close) struct hosts hosts = { .here = NULL };
	CLEANUP(journey_end)
	struct journey journey = { .host = PEER, .signal = SIGINT, .when = MOVING };

	if (hosts_open(run, &hosts) < 0)
		return open_failed(run);
	if (hosts_plug(&hosts) < 0)
		return check_fail(run, "vm1 does not get its NIC");
	if (journey_run(&hosts, &journey) < 0)
		return check_fail(run, "vm1 is lost: %.200s", call_last(&journey.call));
	return is_as_before(&hosts, &journey, "after ctrl-C");
}

/* QEMU on the second host finds no kernel, so the machine cannot arrive. */
static enum verdict target_fails(struct check_run *run)
{
	static const char break_it[] = "mount --bind /dev/null /run/vfcert-guests/disk/kernel";
	static const char mend[] = "umount /run/vfcert-guests/disk/kernel";
	CLEANUP(hosts_close) struct hosts hosts = { .here = NULL };
	CLEANUP(journey_end) struct journey journey = { .host = PEER };
	int rc;

	if (hosts_open(run, &hosts) < 0)
		return open_failed(run);
	if (hosts_plug(&hosts) < 0)
		return check_fail(run, "vm1 does not get its NIC");
	if (hosts_there(&hosts, break_it) < 0)
		return check_broken(run, PEER " cannot be broken");
	rc = journey_run(&hosts, &journey);
	if (hosts_there(&hosts, mend) < 0)
		return check_broken(run, PEER " cannot be mended");
	if (rc < 0)
		return check_fail(run, "vm1 is lost: %.200s", call_last(&journey.call));
	return is_as_before(&hosts, &journey, "after the other host failed");
}

/* Nothing can tidy up after a killed process but the next one. */
static enum verdict killed(struct check_run *run)
{
	static const char *const upgrade[] = { "vm", "upgrade", "vm1", NULL };
	CLEANUP(hosts_close) struct hosts hosts = { .here = NULL };
	CLEANUP(journey_end)
	struct journey journey = { .host = PEER, .signal = SIGKILL, .when = MOVING };
	CLEANUP(call_end) struct call call = { 0 };

	if (hosts_open(run, &hosts) < 0)
		return open_failed(run);
	if (hosts_plug(&hosts) < 0)
		return check_fail(run, "vm1 does not get its NIC");
	if (journey_run(&hosts, &journey) < 0)
		return check_fail(run, "vm1 is lost");
	if (!journey.settled)
		return check_fail(run, "after vfctl was killed vm1 is in no network");
	if (manager_call(run, upgrade, &call) < 0 || call.status)
		return check_fail(run, "vfctl vm upgrade ends with %d: %.250s", call.status,
				call_last(&call));
	if (hosts_there(&hosts, "vfctl restore") < 0)
		return check_fail(run, "vfctl restore fails on " PEER);
	return is_as_before(&hosts, &journey, "after vfctl was killed, and the next one");
}

/* By the profile the guest may do without a VF. */
static enum verdict goes_without_vf(struct check_run *run)
{
	static const char profile[] = "[Profile]\nNetwork=red\nPassthrough=yes\nMigratable=yes\n"
				      "Failover=red-bridge\nFallback=yes\nMaxRate=400\n";
	static const char take[] =
			"for f in /sys/class/net/$1/device/virtfn*/net/*; do ip link set ${f##*/} up; done";
	static const char give[] =
			"for f in /sys/class/net/$1/device/virtfn*/net/*; do ip link set ${f##*/} down; done";
	CLEANUP(hosts_close) struct hosts hosts = { .here = NULL };
	CLEANUP(journey_end) struct journey journey = { .host = PEER };
	CLEANUP(call_end) struct call call = { 0 };
	struct tenants *tenants = &hosts.pair.tenants;
	CLEANUP(cleanup_free)
	char *copy = text_format("printf '%s' >/etc/vfctl/profiles/pair.profile", profile);

	if (hosts_open(run, &hosts) < 0 ||
			tenants_write(tenants, "etc/vfctl/profiles/pair.profile", profile) < 0 ||
			hosts_there(&hosts, copy) < 0)
		return open_failed(run);
	if (hosts_plug(&hosts) < 0)
		return check_fail(run, "vm1 does not get its NIC");
	if (hosts_there(&hosts, take) < 0)
		return check_broken(run, "the VFs of " PEER " cannot be taken");
	if (journey_run(&hosts, &journey) < 0 || journey.call.status)
		return check_fail(run, "vm1 does not move: %.250s", call_last(&journey.call));
	journey_note(&hosts, &journey);
	if (pair_await(&hosts.pair, false) < 0)
		return check_fail(run, "vm1 has a VF on " PEER ", where none is free");
	if (tenant_is_connected(tenants, &tenants->red, "on its standby") != VERDICT_PASS)
		return VERDICT_FAIL;
	if (hosts_there(&hosts, give) < 0)
		return check_broken(run, "the VFs of " PEER " cannot be given back");
	if (peer_call(run, "vfctl vm upgrade vm1", &call) < 0 || call.status)
		return check_fail(run, "vfctl vm upgrade ends with %d: %.250s", call.status,
				call_last(&call));
	if (pair_await(&hosts.pair, true) < 0)
		return check_fail(run, "vfctl vm upgrade gives vm1 no VF");
	return tenant_is_connected(tenants, &tenants->red, "on its VF");
}

#define CHECK(name, says, because, seconds, function)                            \
	{                                                                        \
		.id = "migration." name, .title = says, .why = because,          \
		.needs = NEED_GUESTS | NEED_PEER | NEED_WIRE | NEED_VF_SETTINGS, \
		.timeout_s = seconds, .fn = function                             \
	}

const struct check suite_migration_stopped[] = {
	CHECK("cancelled", "After ctrl-C the guest is where it was, with its VF",
			"It stays on its standby, and a VF of the other host stays reserved.", 90,
			cancelled),
	CHECK("target-fails", "After the other host failed the guest is where it was, with its VF",
			"It stays on its standby, and a VF of the other host stays reserved.", 90,
			target_fails),
	CHECK("killed", "After vfctl was killed the next one puts all in order on both hosts",
			"The guest stays slow, and VFs stay reserved for ever.", 120, killed),
	CHECK("without-vf",
			"Where the profile permits it, the guest arrives without a VF, and gets one later",
			"A host in need of maintenance cannot be left.", 120, goes_without_vf),
	{ 0 },
};
