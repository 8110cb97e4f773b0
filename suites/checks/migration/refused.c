/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "checks/migration/hosts.h"
#include "checks/session.h"
#include "checks/suites.h"

/* What must not be tried: each is refused before anything moves, with the reason, and changes nothing. Nor does
 * a plan. */

/* BREAK makes the second host unfit, and MEND fit again: scripts. */
struct obstacle {
	const char *break_it, *mend, *words;
};

static enum verdict migrate_refused(struct hosts *hosts, const char *host, const char *words)
{
	struct check_run *run = hosts->pair.tenants.run;
	CLEANUP(call_end) struct call call = { 0 };

	if (hosts_migrate(hosts, host, NULL, &call) < 0)
		return check_broken(run, "vfctl migrate cannot be called");
	evidence_text(run, "vfctl migrate", "status %d: %.250s", call.status, call_last(&call));
	if (!call.status)
		return check_fail(run, "the migration succeeds");
	return strstr(call.output, words)
			? VERDICT_PASS
			: check_fail(run, "the refusal does not say \"%s\": %.250s", words,
					  call_last(&call));
}

static enum verdict judge(struct hosts *hosts, const struct obstacle *obstacle)
{
	struct check_run *run = hosts->pair.tenants.run;
	enum verdict verdict, mended;

	if (hosts_there(hosts, obstacle->break_it) < 0)
		return check_broken(run, PEER " cannot be made unfit");
	verdict = migrate_refused(hosts, PEER, obstacle->words);
	if (hosts_there(hosts, obstacle->mend) < 0)
		return check_broken(run, PEER " cannot be made fit again");
	mended = verdict == VERDICT_PASS ? hosts_are_as_before(hosts, "after the refusal")
					 : verdict;
	return mended == VERDICT_PASS
			? tenant_is_connected(&hosts->pair.tenants, &hosts->pair.tenants.red,
					  "after the refusal")
			: mended;
}

#define OBSTACLE(function, break_script, mend_script, said)                                  \
	static enum verdict function(struct check_run *run, void *subject)                   \
	{                                                                                    \
		static const struct obstacle obstacle = { break_script, mend_script, said }; \
                                                                                             \
		(void)run;                                                                   \
		return judge(subject, &obstacle);                                            \
	}

#define NETWORK "/etc/vfctl/networks/red.network"
#define PROFILE "/etc/vfctl/profiles/pair.profile"
#define ALLOW   "/etc/vfctl/allow/card.allow"

/* The VFs have drivers and interfaces; one whose interface the host uses is not free. */
OBSTACLE(no_free_vf,
		"for f in /sys/class/net/$1/device/virtfn*/net/*; do ip link set ${f##*/} up; done",
		"for f in /sys/class/net/$1/device/virtfn*/net/*; do ip link set ${f##*/} down; done",
		"[no-suitable-vf]")
OBSTACLE(no_profile, "mv " PROFILE " /tmp/", "mv /tmp/pair.profile /etc/vfctl/profiles/",
		"[profile-missing]")
OBSTACLE(other_vlan, "sed -i s/VLANId=10/VLANId=11/ " NETWORK,
		"sed -i s/VLANId=11/VLANId=10/ " NETWORK, "[network-differs]")
OBSTACLE(no_bridge, "ip link set vfcert-red name vfcert-lost",
		"ip link set vfcert-lost name vfcert-red", "[network-has-no-bridge]")
OBSTACLE(not_allowed,
		"mkdir -p /etc/vfctl/allow; d=$(readlink -f /sys/class/net/$1/device); printf "
		"'[Match]\\nPath=%s\\n\\n[Allow]\\nAll=no\\nNetworks=blue\\n' ${d##*/} >" ALLOW,
		"rm " ALLOW, "may not carry red")
OBSTACLE(name_taken,
		"virsh -q define /run/vfcert-guests/disk/vm1.xml || "
		"{ sed s/@TYPE@/kvm/ /run/vfcert-guests/disk/vm1.xml >/tmp/vm1.xml; "
		"virsh -q define /tmp/vm1.xml; }",
		"virsh -q undefine vm1", "[vm-exists]")
OBSTACLE(libvirt_gone, "mv /run/libvirt/libvirt-sock /run/libvirt/lost",
		"mv /run/libvirt/lost /run/libvirt/libvirt-sock", "no daemon of libvirt")

static enum verdict unknown_host(struct check_run *run, void *subject)
{
	enum verdict verdict = migrate_refused(subject, "host3", "host3");

	(void)run;
	return verdict == VERDICT_PASS ? hosts_are_as_before(subject, "after the refusal")
				       : verdict;
}

static enum verdict itself(struct check_run *run, void *subject)
{
	enum verdict verdict = migrate_refused(subject, "host1", "[same-host]");

	(void)run;
	return verdict == VERDICT_PASS ? hosts_are_as_before(subject, "after the refusal")
				       : verdict;
}

static enum verdict plan_changes_nothing(struct check_run *run, void *subject)
{
	static const char *const plan[] = { "--plan", NULL };
	CLEANUP(call_end) struct call call = { 0 };

	if (hosts_migrate(subject, PEER, plan, &call) < 0 || call.status)
		return check_fail(run, "vfctl migrate --plan ends with %d: %.250s", call.status,
				call_last(&call));
	evidence_text(run, "the plan", "%.300s", call.output);
	return hosts_are_as_before(subject, "after a plan");
}

static const struct statement statements[] = {
	{ "migration.plan-changes-nothing", plan_changes_nothing },
	{ "migration.no-vf-refused", no_free_vf },
	{ "migration.no-profile-refused", no_profile },
	{ "migration.other-vlan-refused", other_vlan },
	{ "migration.no-bridge-refused", no_bridge },
	{ "migration.not-allowed-refused", not_allowed },
	{ "migration.name-taken-refused", name_taken },
	{ "migration.no-libvirt-refused", libvirt_gone },
	{ "migration.unknown-host-refused", unknown_host },
	{ "migration.same-host-refused", itself },
};

static enum verdict run_refusals(struct check_run *run)
{
	CLEANUP(hosts_close) struct hosts hosts = { .here = NULL };

	if (hosts_open(run, &hosts) < 0)
		return check_broken(run, "the hosts cannot be set up");
	if (hosts_plug(&hosts) < 0)
		return check_fail(run, "vm1 does not get its NIC");
	session_try(run, statements, sizeof(statements) / sizeof(*statements), &hosts);
	return VERDICT_PASS;
}

static const struct check refusals = {
	.id = "migration.refusals",
	.needs = NEED_GUESTS | NEED_PEER | NEED_WIRE | NEED_VF_SETTINGS,
	.timeout_s = 150,
	.fn = run_refusals,
};

/* A VF without a standby. */
static enum verdict bare_vf_refused(struct check_run *run)
{
	CLEANUP(hosts_close) struct hosts hosts = { .here = NULL };
	struct tenants *tenants = &hosts.pair.tenants;
	enum verdict verdict;

	if (hosts_open(run, &hosts) < 0)
		return check_broken(run, "the hosts cannot be set up");
	tenants->red.profile = "red";
	if (tenant_attach(tenants, &tenants->red) < 0)
		return check_fail(run, "vm1 does not get its VF");
	verdict = migrate_refused(&hosts, PEER, "[vf-without-standby]");
	return verdict == VERDICT_PASS
			? tenant_is_connected(tenants, &tenants->red, "after the refusal")
			: verdict;
}

#define STATEMENT(name, says, because)                                           \
	{                                                                        \
		.id = "migration." name, .title = says, .why = because,          \
		.needs = NEED_GUESTS | NEED_PEER | NEED_WIRE | NEED_VF_SETTINGS, \
		.step = &refusals, .timeout_s = 5, .fn = session_verdict         \
	}

const struct check suite_migration_refused[] = {
	STATEMENT("plan-changes-nothing", "A plan of a migration changes nothing on either host",
			"Nobody dares to ask what would happen."),
	STATEMENT("no-vf-refused",
			"No migration to a host without a free VF, unless the profile permits",
			"The guest arrives and has no VF, and nobody knows."),
	STATEMENT("no-profile-refused", "No migration to a host that does not know the profile",
			"The VF there gets none of its settings."),
	STATEMENT("other-vlan-refused", "No migration to a host where the network has another VLAN",
			"The guest arrives in another network."),
	STATEMENT("no-bridge-refused", "No migration to a host without the network's bridge",
			"The standby, on which it depends meanwhile, leads nowhere."),
	STATEMENT("not-allowed-refused", "No migration to a card that may not carry the network",
			"A card for guests' networks carries that of the storage."),
	STATEMENT("name-taken-refused", "No migration to a host with a machine of that name",
			"libvirt refuses it when the VF is gone already."),
	STATEMENT("no-libvirt-refused", "No migration to a host whose libvirt does not answer",
			"The VF is unplugged for nothing."),
	STATEMENT("unknown-host-refused", "No migration to a host that cannot be reached",
			"The VF is unplugged for nothing."),
	STATEMENT("same-host-refused", "No migration from a host to itself",
			"It would end what it shall move."),
	{ .id = "migration.bare-vf-refused",
			.title = "No migration of a guest with a VF that has no standby",
			.why = "It has no network while it moves, and keeps the VF of the host that it "
			       "left.",
			.needs = NEED_GUESTS | NEED_PEER | NEED_WIRE | NEED_VF_SETTINGS,
			.timeout_s = 60,
			.fn = bare_vf_refused },
	{ 0 },
};
