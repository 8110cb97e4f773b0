/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "checks/migration/hosts.h"
#include "checks/session.h"
#include "checks/suites.h"

/* vm1 moves to the second host and back. */

struct course {
	struct hosts hosts;
	struct journey away, back;
};

static struct tenants *tenants_of(void *subject)
{
	return &((struct course *)subject)->hosts.pair.tenants;
}

/* --- On the second host ----------------------------------------------------------------------- */

/* -errno if that cannot be seen. */
static int runs_on(struct hosts *hosts, bool peer)
{
	CLEANUP(cleanup_free) char *traces = hosts_traces(hosts, peer);

	return traces ? strstr(traces, "machine vm1 running") != NULL : -EPROTO;
}

static enum verdict runs_there(struct check_run *run, void *subject)
{
	struct hosts *hosts = &((struct course *)subject)->hosts;
	int here = runs_on(hosts, false), there = runs_on(hosts, true);

	if (here < 0 || there < 0)
		return check_broken(run, "the hosts cannot be looked at");
	evidence_text(run, "runs", "on host1: %s, on " PEER ": %s", here ? "yes" : "no",
			there ? "yes" : "no");
	if (here)
		return check_fail(run, "vm1 still runs on host1");
	return there ? VERDICT_PASS : check_fail(run, "vm1 does not run on " PEER);
}

static enum verdict is_same_run(struct check_run *run, void *subject)
{
	const struct course *course = subject;

	evidence_int(run, "frames sent by one job", course->away.stream.sent, NULL);
	evidence_by_guest(run);
	evidence_int(run, "of them on the wire", course->away.stream.arrived, NULL);
	return course->away.same_run
			? VERDICT_PASS
			: check_fail(run, "vm1 has lost the jobs that it had before: it was booted");
}

static enum verdict frames_go_on(struct check_run *run, void *subject)
{
	struct course *course = subject;
	const struct journey *away = &course->away;
	enum { SILENCE_MS = 15000 };

	journey_note(&course->hosts, away);
	evidence_text(run, "phases", "%.300s", away->call.output);
	if (!away->settled)
		return check_fail(run, "after the migration no more frames of vm1 reach the wire");
	if (!away->stream.heard)
		return check_fail(run, "vm1 hears nothing of what was sent to it meanwhile");
	/* The bound is what TCP's first retransmissions outlast; the figure is in the evidence. */
	return away->stream.silence_ms < SILENCE_MS * (int64_t)run->dut->scale
			? VERDICT_PASS
			: check_fail(run, "no frame of vm1 reaches the wire for %lld ms",
					  (long long)away->stream.silence_ms);
}

/* The peer's VFs as `ip link` shows them. */
static char *vf_line_with(struct hosts *hosts, const char *words)
{
	CLEANUP(cleanup_free) char *traces = hosts_traces(hosts, true);
	char *rest = traces, *line;

	while (traces && (line = strsep(&rest, "\n"))) {
		if (strstr(line, words))
			return text_format("%s", line + strspn(line, " "));
	}
	return NULL;
}

static enum verdict has_vf_there(struct check_run *run, void *subject)
{
	struct course *course = subject;
	struct pair *pair = &course->hosts.pair;

	if (pair_await(pair, true) < 0)
		return check_fail(run, "vm1 does not get a VF on " PEER);
	evidence_text(run, "interfaces", "master %s, VF %s (%s), standby %s", pair->master.name,
			pair->primary.name, pair->primary.driver, pair->standby.name);
	evidence_by_guest(run);
	return VERDICT_PASS;
}

static enum verdict settings_there(struct check_run *run, void *subject)
{
	struct course *course = subject;
	struct tenants *tenants = &course->hosts.pair.tenants;
	char mac[MAC_TEXT];
	CLEANUP(cleanup_free)
	char *line = vf_line_with(&course->hosts, mac_format(tenants->red.mac, mac));
	static const char *const wanted[] = { "vlan 10,", "spoof checking on",
		"max_tx_rate 400Mbps", "trust off" };

	if (!line)
		return check_fail(run, "no VF of " PEER " has the MAC of vm1");
	evidence_text(run, "the VF", "%.200s", line);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
		if (!strstr(line, wanted[i]))
			return check_fail(run, "the VF of vm1 on " PEER " has not '%s': %.200s",
					wanted[i], line);
	}
	return strstr(line, "qos") ? check_fail(run, "the VF of vm1 has a priority: %.200s", line)
				   : VERDICT_PASS;
}

static enum verdict bound_there(struct check_run *run, void *subject)
{
	struct course *course = subject;
	CLEANUP(cleanup_free) char *line = vf_line_with(&course->hosts, "driven by vfio-pci");

	evidence_text(run, "on VFIO", "%s", line ? line : "none");
	return line ? VERDICT_PASS : check_fail(run, "no VF of " PEER " is on vfio-pci");
}

static enum verdict sends_there(struct check_run *run, void *subject)
{
	struct tenants *tenants = tenants_of(subject);

	(void)run;
	return tenant_is_connected(tenants, &tenants->red, "on " PEER);
}

/* While the guest has its VF, its standby carries nothing. */
static enum verdict sends_by_vf_there(struct check_run *run, void *subject)
{
	struct tenants *tenants = tenants_of(subject);
	static const char count[] = "for f in /sys/class/net/vfcert-red/brif/vnet*; do f=${f##*/}; "
				    "cat /sys/class/net/$f/statistics/rx_packets; done";
	CLEANUP(call_end) struct call before = { 0 };
	CLEANUP(call_end) struct call after = { 0 };
	struct received received;

	if (peer_call(run, count, &before) < 0 ||
			tenant_sends(tenants, &tenants->red, "on the wire", frames_to_wire(tenants),
					&received) < 0 ||
			peer_call(run, count, &after) < 0)
		return check_broken(run, "frames cannot be sent and counted");
	if (!*before.output)
		return check_fail(run, "vm1 has no standby on the bridge of " PEER);
	evidence_text(run, "by the bridge of " PEER, "%s before, %s after", call_last(&before),
			call_last(&after));
	if (received.frames != BURST_FRAMES)
		return check_fail(run, "%u of %d frames reach the wire", received.frames,
				BURST_FRAMES);
	return !strcmp(before.output, after.output)
			? VERDICT_PASS
			: check_fail(run, "frames of vm1 go by its standby, although it has a VF");
}

static enum verdict others_untouched_there(struct check_run *run, void *subject)
{
	struct course *course = subject;
	CLEANUP(cleanup_free) char *before = text_format("%s", course->hosts.bare);
	CLEANUP(cleanup_free) char *now = hosts_traces(&course->hosts, true);
	char *rest = before, *line;
	unsigned changed = 0;

	while (now && (line = strsep(&rest, "\n"))) {
		if (*line && strstr(line, "vf ") && !strstr(now, line))
			changed++;
	}
	if (!now)
		return check_broken(run, PEER " cannot be looked at");
	evidence_int(run, "VFs of " PEER " with other settings than before", changed, NULL);
	return changed == 1 ? VERDICT_PASS
			    : check_fail(run, "%u VFs of " PEER " have changed, and one was given",
					      changed);
}

static enum verdict recorded_there(struct check_run *run, void *subject)
{
	CLEANUP(call_end) struct call call = { 0 };

	(void)subject;
	if (peer_call(run, "vfctl show eth0", &call) < 0 || call.status)
		return check_broken(run, "vfctl show cannot be called on " PEER);
	return strstr(call.output, "vm1/nic1")
			? VERDICT_PASS
			: check_fail(run, "vfctl show on " PEER " does not say that vm1 has a VF");
}

static enum verdict vf_back_here(struct check_run *run, void *subject)
{
	struct tenants *tenants = tenants_of(subject);

	(void)run;
	return tenants_vf_is_back(tenants, tenants->red.vf, "after the migration");
}

static enum verdict clean_here(struct check_run *run, void *subject)
{
	struct course *course = subject;
	static const char *const left[] = { "file ", "machine vm1" };
	CLEANUP(cleanup_free) char *traces = hosts_traces(&course->hosts, false);

	for (size_t i = 0; traces && i < sizeof(left) / sizeof(*left); i++) {
		char *line = strstr(traces, left[i]);

		if (line)
			return check_fail(run, "host1 still has: %.*s", (int)strcspn(line, "\n"),
					line);
	}
	return traces ? VERDICT_PASS : check_broken(run, "host1 cannot be looked at");
}

static enum verdict starts_there(struct check_run *run, void *subject)
{
	CLEANUP(call_end) struct call call = { 0 };
	CLEANUP(call_end) struct call xml = { 0 };
	const char *bridge;

	(void)subject;
	if (peer_call(run, "virsh -q dominfo vm1 | grep Persistent", &call) < 0 ||
			peer_call(run, "virsh -q dumpxml --inactive vm1", &xml) < 0 || xml.status)
		return check_broken(run, "libvirt on " PEER " cannot be asked");
	evidence_text(run, "libvirt", "%s", call_last(&call));
	bridge = strstr(xml.output, "<source bridge=");
	if (!strstr(call.output, "yes"))
		return check_fail(run,
				"vm1 has no configuration on " PEER ": it is gone once it ends");
	/* The NIC was plugged into the running machine alone. */
	return bridge ? check_fail(run, "the configuration of vm1 has a NIC that it had not before")
		      : VERDICT_PASS;
}

static const struct statement on_peer[] = {
	{ "migration.runs-there", runs_there },
	{ "migration.same-run", is_same_run },
	{ "migration.frames-go-on", frames_go_on },
	{ "migration.has-vf-there", has_vf_there },
	{ "migration.settings-there", settings_there },
	{ "migration.vfio-there", bound_there },
	{ "migration.connected-there", sends_there },
	{ "migration.by-vf-there", sends_by_vf_there },
	{ "migration.other-vfs-there", others_untouched_there },
	{ "migration.recorded-there", recorded_there },
	{ "migration.starts-there", starts_there },
	{ "migration.vf-back-here", vf_back_here },
	{ "migration.clean-here", clean_here },
};

/* --- And back --------------------------------------------------------------------------------- */

static enum verdict comes_back(struct check_run *run, void *subject)
{
	struct course *course = subject;
	struct tenants *tenants = tenants_of(subject);

	journey_note(&course->hosts, &course->back);
	if (course->back.call.status)
		return check_fail(run, "vfctl migrate ends with %d: %.200s",
				course->back.call.status, call_last(&course->back.call));
	if (pair_await(&course->hosts.pair, true) < 0)
		return check_fail(run, "vm1 does not get a VF on host1 again");
	return tenant_is_connected(tenants, &tenants->red, "back on host1");
}

static enum verdict clean_there(struct check_run *run, void *subject)
{
	struct hosts *hosts = &((struct course *)subject)->hosts;

	(void)run;
	return host_is_as_before(hosts, true, hosts->bare, "after vm1 has left");
}

static const struct statement back_here[] = {
	{ "migration.comes-back", comes_back },
	{ "migration.clean-there", clean_there },
};

/* --- The course ------------------------------------------------------------------------------- */

static void course_end(struct course *course)
{
	journey_end(&course->away);
	journey_end(&course->back);
	hosts_close(&course->hosts);
}

#define TRY(run, statements, subject) \
	session_try(run, statements, sizeof(statements) / sizeof(*(statements)), subject)

static enum verdict run_course(struct check_run *run)
{
	CLEANUP(course_end)
	struct course course = { .away = { .host = PEER },
		.back = { .host = "host1", .from_peer = true } };

	if (hosts_open(run, &course.hosts) < 0)
		return check_broken(run, "the hosts cannot be set up");
	if (hosts_plug(&course.hosts) < 0)
		return check_fail(run, "vm1 does not get its NIC");
	if (journey_run(&course.hosts, &course.away) < 0)
		return check_fail(run, "vm1 does not move: %.200s", call_last(&course.away.call));
	if (course.away.call.status)
		return check_fail(run, "vfctl migrate ends with %d: %.200s",
				course.away.call.status, call_last(&course.away.call));
	TRY(run, on_peer, &course);
	if (journey_run(&course.hosts, &course.back) < 0)
		return check_fail(run, "vm1 does not move back: %.200s",
				call_last(&course.back.call));
	TRY(run, back_here, &course);
	return VERDICT_PASS;
}

static const struct check course_of_migration = {
	.id = "migration.course",
	.needs = NEED_GUESTS | NEED_PEER | NEED_WIRE | NEED_VF_SETTINGS,
	.timeout_s = 150,
	.fn = run_course,
};

#define STATEMENT(name, says, because)                                              \
	{                                                                           \
		.id = "migration." name, .title = says, .why = because,             \
		.needs = NEED_GUESTS | NEED_PEER | NEED_WIRE | NEED_VF_SETTINGS,    \
		.step = &course_of_migration, .timeout_s = 5, .fn = session_verdict \
	}

const struct check suite_migration[] = {
	STATEMENT("runs-there",
			"After a migration the guest runs on the other host, and there alone",
			"It runs twice, under one MAC, and writes to one disk."),
	STATEMENT("same-run", "The guest goes on with what it was doing",
			"It was booted, and its users have lost their work."),
	STATEMENT("frames-go-on", "Its frames go on; the outage is in the evidence",
			"The migration costs the guest its network."),
	STATEMENT("has-vf-there", "The guest has a VF on the other host",
			"It stays slow until somebody notices."),
	STATEMENT("settings-there", "That VF has the MAC, the VLAN and the limits of the profile",
			"The guest is in another network, or may do more than before."),
	STATEMENT("vfio-there", "That VF is bound to VFIO",
			"The host drives what the guest drives."),
	STATEMENT("connected-there", "The guest sends and hears in its VLAN from the other host",
			"It is in no network, or in that of others."),
	STATEMENT("by-vf-there", "It sends through its VF there, not by its standby",
			"The card's speed is paid for and not used."),
	STATEMENT("other-vfs-there", "No other VF of the other host changes",
			"Another tenant loses its VLAN or its MAC."),
	STATEMENT("recorded-there", "The manager there says which NIC has the VF",
			"An administrator cannot find out whom a change would hit."),
	STATEMENT("starts-there", "The machine's configuration has moved with it, unchanged",
			"The machine is gone once it ends, or starts with other NICs."),
	STATEMENT("vf-back-here", "The VF that it had is as before",
			"The next user of that VF gets settings of a former one."),
	STATEMENT("clean-here", "Nothing of the machine is left on the first host",
			"The VF stays reserved, the profile in use, the machine defined twice."),
	STATEMENT("comes-back", "The guest can move back and has a VF again",
			"A host once left for maintenance is left for ever."),
	STATEMENT("clean-there", "Then nothing of it is left on the other host",
			"Each migration leaves a reservation or a setting behind."),
	{ 0 },
};
