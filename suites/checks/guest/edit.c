/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "checks/guest/bridges.h"
#include "checks/guest/pool.h"
#include "checks/guest/stream.h"
#include "checks/session.h"
#include "checks/suites.h"
#include "host/host_file.h"

/* One NIC of vm1 becomes another, again and again: with the guest watching, or after an unplug. */

enum { EDITED_MAC = 68, NOBODYS_MAC = 90 }; /* numbers for dut_test_mac() */
enum { EDIT_MS = 30000, SILENCE_MS = 1500, FAST_RATE = 700 };

static struct tenants *tenants_of(void *subject)
{
	return subject;
}

/* --- The manager's part ----------------------------------------------------------------------- */

static int write_files(struct tenants *tenants)
{
	static const struct {
		const char *path, *text;
	} files[] = {
		{ "etc/vfctl/networks/green.network", "[Network]\nVM=yes\nVLANId=30\n" },
		{ "etc/vfctl/profiles/green.profile",
				"[Profile]\nNetwork=green\nPassthrough=yes\n" },
		{ "etc/vfctl/profiles/red-fast.profile",
				"[Profile]\nNetwork=red\nPassthrough=yes\nMaxRate=700\nTrust=yes\n" },
	};
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof(files) / sizeof(*files); i++)
		rc = tenants_write(tenants, files[i].path, files[i].text);
	return rc;
}

/* vfctl vm edit vm1 nic1 WHAT VALUE, which must succeed. */
static enum verdict edit(struct tenants *tenants, const char *what, const char *value)
{
	struct check_run *run = tenants->run;
	const char *const args[] = { "vm", "edit", "vm1", "nic1", what, value, NULL };
	CLEANUP(call_end) struct call call = { 0 };
	int64_t began_us = clock_us();

	if (manager_call(run, args, &call) < 0)
		return check_broken(run, "vfctl vm edit cannot be called");
	evidence_text(run, "edit", "status %d: %.200s", call.status, call_last(&call));
	evidence_int(run, "edit", (clock_us() - began_us) / 1000, "ms");
	return call.status ? check_fail(run, "vfctl vm edit ends with %d: %.200s", call.status,
					     call_last(&call))
			   : VERDICT_PASS;
}

/* The same, and the guest has the NIC again, in the same place. */
static enum verdict edit_by_plug(struct tenants *tenants, const char *what, const char *value)
{
	struct check_run *run = tenants->run;
	struct tenant *red = &tenants->red;
	struct guest_interface before = red->nic;
	enum verdict verdict = edit(tenants, what, value);

	if (verdict != VERDICT_PASS)
		return verdict;
	if (tenant_await_nic(tenants, red) < 0)
		return check_fail(run, "after the edit vm1 has no such NIC");
	evidence_text(run, "in the guest", "%s, driver %s, before at %s", red->nic.address,
			red->nic.driver, before.address);
	evidence_by_guest(run);
	return strcmp(before.address, red->nic.address)
			? check_fail(run, "the NIC was at %s in the guest, and is at %s",
					  before.address, red->nic.address)
			: VERDICT_PASS;
}

static enum verdict has_settings(struct tenants *tenants, const struct vf_settings *want)
{
	struct check_run *run = tenants->run;
	char text[300];

	if (tenants_compare(tenants, tenants->red.vf, want, text, sizeof(text)) < 0)
		return check_broken(run, "the settings of VF %u cannot be read", tenants->red.vf);
	return *text ? check_fail(run, "VF %u: %s", tenants->red.vf, text) : VERDICT_PASS;
}

/* --- With a VF -------------------------------------------------------------------------------- */

static enum verdict changes_in_place(struct check_run *run, void *subject)
{
	static const char *const argv[] = { "vfctl", "vm", "edit", "vm1", "nic1", "--profile",
		"red-fast", NULL };
	struct tenants *tenants = tenants_of(subject);
	struct vf_settings want = tenant_settings(&tenants->red);
	CLEANUP(call_end) struct call call = { 0 };
	struct stream stream;
	int rc = stream_begin(tenants, &tenants->red, &stream), ended;

	if (!rc)
		rc = stream_run(&stream, argv, EDIT_MS, &call);
	ended = stream_end(&stream);
	stream_note(&stream);
	if (rc < 0 || ended < 0)
		return check_fail(run, "no frames go on while the NIC is changed");
	if (call.status)
		return check_fail(run, "vfctl vm edit ends with %d: %.200s", call.status,
				call_last(&call));
	if (stream.silence_ms > SILENCE_MS || !stream.heard)
		return check_fail(run, "the guest is silent for %lld ms",
				(long long)stream.silence_ms);
	want.trust = true;
	want.max_rate = FAST_RATE;
	return has_settings(tenants, &want);
}

static enum verdict changes_network(struct check_run *run, void *subject)
{
	struct tenants *tenants = tenants_of(subject);
	struct burst former = { .to = tenants->red.mac, .outer = { 0x8100, RED_VLAN, 0 } };
	enum verdict verdict = edit_by_plug(tenants, "--profile", "blue");
	struct vf_settings want;

	(void)run;
	if (verdict != VERDICT_PASS)
		return verdict;
	tenants->red.vlan = BLUE_VLAN;
	verdict = tenant_is_connected(tenants, &tenants->red, "in the other network");
	if (verdict == VERDICT_PASS)
		verdict = tenant_hears_none(
				tenants, &tenants->red, "frames of the former network", former);
	want = tenant_settings(&tenants->red);
	return verdict == VERDICT_PASS ? has_settings(tenants, &want) : verdict;
}

/* No interface of the guest has it, and frames to it stay out. The evidence says whether the card leads frames
 * to MACs that nobody has to the guest as well. */
static enum verdict former_mac_is_free(struct tenants *tenants, struct mac former)
{
	struct check_run *run = tenants->run;
	struct burst to_former = burst_to(&tenants->red), to_nobody = to_former;
	struct guest_heard of_former, of_nobody;
	struct guest_interface nic;

	to_former.to = former;
	to_nobody.to = dut_test_mac(run->dut, NOBODYS_MAC);
	if (guest_find_mac(tenants->red.guest, former, &nic, NULL) != -ENOENT)
		return check_fail(run, "vm1 has an interface with the former MAC");
	if (tenant_hears(tenants, &tenants->red, "to the former MAC", to_former, &of_former) < 0 ||
			tenant_hears(tenants, &tenants->red, "to a MAC of nobody", to_nobody,
					&of_nobody) < 0)
		return check_broken(run, "what vm1 hears cannot be determined");
	if (!of_former.frames)
		return VERDICT_PASS;
	return check_fail(run, "vm1 hears %llu frames to the former MAC, and %llu to one of nobody",
			(unsigned long long)of_former.frames, (unsigned long long)of_nobody.frames);
}

static enum verdict changes_mac(struct check_run *run, void *subject)
{
	struct tenants *tenants = tenants_of(subject);
	struct mac former = tenants->red.mac;
	enum verdict verdict;
	char mac[MAC_TEXT];

	tenants->red.mac = dut_test_mac(run->dut, EDITED_MAC);
	verdict = edit_by_plug(tenants, "--mac", mac_format(tenants->red.mac, mac));
	if (verdict == VERDICT_PASS)
		verdict = tenant_is_connected(tenants, &tenants->red, "with another MAC");
	return verdict == VERDICT_PASS ? former_mac_is_free(tenants, former) : verdict;
}

static enum verdict refused_before_a_change(struct check_run *run, void *subject)
{
	static const char *const args[] = { "vm", "edit", "vm1", "nic1", "--profile", "green",
		NULL };
	struct tenants *tenants = tenants_of(subject);
	const struct vf_settings want = tenant_settings(&tenants->red);
	CLEANUP(call_end) struct call call = { 0 };
	CLEANUP(cleanup_free) char *allow = NULL;
	enum verdict verdict;
	char bdf[BDF_TEXT];

	allow = text_format("[Match]\nPath=%s\n\n[Allow]\nAll=no\nNetworks=red blue\n",
			bdf_format(run->dut->pf, bdf));
	if (host_folder_create(run->dut->host, "etc/vfctl/allow", &run->err) < 0 ||
			tenants_write(tenants, "etc/vfctl/allow/card.allow", allow) < 0 ||
			manager_call(run, args, &call) < 0 ||
			host_file_remove(run->dut->host, "etc/vfctl/allow/card.allow", &run->err) <
					0)
		return check_broken(run, "vfctl vm edit cannot be called");
	evidence_text(run, "edit", "status %d: %.200s", call.status, call_last(&call));
	if (!call.status || !strstr(call.output, "[no-suitable-vf]"))
		return check_fail(run, "the edit does not say [no-suitable-vf]: %.200s",
				call_last(&call));
	verdict = has_settings(tenants, &want);
	return verdict == VERDICT_PASS
			? tenant_is_connected(tenants, &tenants->red, "after the edit was refused")
			: verdict;
}

static const struct statement with_vf[] = {
	{ "guest.edit-in-place", changes_in_place },
	{ "guest.edit-other-network", changes_network },
	{ "guest.edit-other-mac", changes_mac },
	{ "guest.edit-refused", refused_before_a_change },
};

/* --- On bridges, and back --------------------------------------------------------------------- */

/* Whether the bridge has learned that the guest is behind its port on the PF: -1 if it cannot be read. */
static int has_learned(struct tenants *tenants)
{
	CLEANUP(cleanup_free)
	char *port = text_format("%s.%u", tenants->dut->pf_netdev, BLUE_VLAN);
	const char *const argv[] = { "bridge", "fdb", "show", "brport", port, NULL };
	CLEANUP(call_end) struct call call = { 0 };
	char mac[MAC_TEXT];

	if (program_call(tenants->run, argv, &call) < 0 || call.status)
		return -1;
	return strstr(call.output, mac_format(tenants->red.mac, mac)) != NULL;
}

/* A broadcast by the VF is what the PF, and so the bridge, sees of it. The guest itself stays silent until
 * it has heard the wire. */
static enum verdict reached_at_once(struct check_run *run, void *subject)
{
	struct tenants *tenants = tenants_of(subject);
	struct guest_frames all = { .to = mac_broadcast };
	struct received received;
	struct guest_heard heard;
	enum verdict verdict;

	if (tenant_sends(tenants, &tenants->red, "by the VF, to all", all, &received) < 0 ||
			has_learned(tenants) != 1)
		return check_broken(run, "the bridge does not learn where the guest is");
	verdict = edit_by_plug(tenants, "--profile", "blue-bridge");
	if (verdict != VERDICT_PASS)
		return verdict;
	if (tenant_hears(tenants, &tenants->red, "on the bridge, before it sends",
			    burst_to(&tenants->red), &heard) < 0 ||
			heard.frames != BURST_FRAMES)
		return check_fail(run,
				"on the bridge the guest hears %llu of %d frames before it sends",
				(unsigned long long)heard.frames, BURST_FRAMES);
	return tenant_is_connected(tenants, &tenants->red, "on the bridge");
}

/* The interface stays, with what it has counted. */
static enum verdict moves_to_bridge(struct check_run *run, void *subject)
{
	struct tenants *tenants = tenants_of(subject);
	struct tenant *red = &tenants->red;
	struct guest_interface before, after;
	enum verdict verdict;

	if (guest_find_mac(red->guest, red->mac, &before, &run->err) < 0)
		return check_broken(run, "vm1 does not list its interfaces");
	verdict = edit(tenants, "--profile", "red-bridge");
	if (verdict != VERDICT_PASS)
		return verdict;
	if (guest_find_mac(red->guest, red->mac, &after, &run->err) < 0)
		return check_fail(run, "vm1 has lost the interface");
	evidence_int(run, "frames sent before", before.tx_packets, NULL);
	evidence_int(run, "frames sent by it since", after.tx_packets, NULL);
	evidence_by_guest(run);
	if (after.tx_packets < before.tx_packets)
		return check_fail(run, "vm1 has another interface than before");
	red->vlan = RED_VLAN;
	return tenant_is_connected(tenants, red, "on the bridge of the other network");
}

/* vfctl is killed as soon as the machine has no NIC: before it plugs in the VF. */
static enum verdict killed_on_the_way(struct check_run *run, void *subject)
{
	static const char *const argv[] = { "sh", "-c",
		"vfctl vm edit vm1 nic1 --profile red & p=$!; n=400\n"
		"while set -- /sys/class/net/" RED_BRIDGE
		"/brif/vnet*; [ -e \"$1\" ] && [ $n -gt 0 ]\n"
		"do n=$((n - 1)); busybox usleep 20000; done\n"
		"kill -9 $p; wait $p; [ $? = 137 ]",
		NULL };
	static const char *const args[] = { "vm", "upgrade", "vm1", NULL };
	struct tenants *tenants = tenants_of(subject);
	CLEANUP(call_end) struct call killed = { 0 };
	CLEANUP(call_end) struct call call = { 0 };
	int rc = program_call(run, argv, &killed);

	evidence_text(run, "killed", "status %d", killed.status);
	if (rc < 0 || killed.status)
		return check_broken(run, "vfctl vm edit cannot be killed on its way");
	/* What libvirt may still do has its time. */
	rc = manager_call(run, args, &call);
	evidence_text(run, "upgrade", "status %d: %.200s", call.status, call.output);
	if (rc < 0 || call.status)
		return check_fail(run, "after the kill vfctl vm upgrade ends with %d: %.200s",
				call.status, call_last(&call));
	if (tenant_await_nic(tenants, &tenants->red) < 0)
		return check_fail(run, "after the kill vm1 does not get its NIC again");
	if (tenants_find_vf(tenants, &tenants->red) < 0)
		return check_fail(run, "after the kill no VF has the MAC of the NIC");
	return tenant_is_connected(tenants, &tenants->red, "after a kill");
}

static enum verdict leaves_nothing(struct check_run *run, void *subject)
{
	struct tenants *tenants = tenants_of(subject);
	char **names = NULL, tap[IFNAMSIZ];
	size_t marks = 0;

	if (tenant_detach(tenants, &tenants->red) < 0)
		return check_fail(run, "vm1 does not give its NIC back");
	if (bridge_find_tap(tenants, RED_BRIDGE, tenants->red.mac, tap) < 0)
		return check_broken(run, "the bridge cannot be read");
	host_names(run->dut->host, "run/vfctl/edits", &names, &marks, NULL);
	host_names_free(names, marks);
	if (*tap)
		return check_fail(run, "after the detach the NIC is still on the bridge");
	if (marks)
		return check_fail(run, "the mark of an edit that was killed stays");
	return tenants_vf_is_back(tenants, tenants->red.vf, "after the edited NIC is gone");
}

static const struct statement on_bridge[] = {
	{ "guest.edit-reached-at-once", reached_at_once },
	{ "guest.edit-moves-bridge", moves_to_bridge },
	{ "guest.edit-killed", killed_on_the_way },
	{ "guest.edit-detached", leaves_nothing },
};

/* --- The course ------------------------------------------------------------------------------- */

#define TRY(run, statements, subject) \
	session_try(run, statements, sizeof(statements) / sizeof(*(statements)), subject)

static void edits_end(struct tenants *tenants)
{
	tenants_close(tenants);
	bridges_close(tenants);
	pool_close(tenants);
}

static enum verdict run_course(struct check_run *run)
{
	CLEANUP(edits_end) struct tenants tenants = { .run = NULL };

	if (tenants_open(run, &tenants) < 0 || bridges_open(&tenants) < 0 ||
			write_files(&tenants) < 0)
		return check_broken(run, "the host of the guests cannot be set up");
	if (tenant_attach(&tenants, &tenants.red) < 0)
		return check_fail(run, "vm1 does not get its VF");
	TRY(run, with_vf, &tenants);
	TRY(run, on_bridge, &tenants);
	if (pool_open(&tenants) < 0)
		return check_broken(run, "libvirt gives vm2 no VF of its pool");
	session_try(run, pool_statements, pool_statement_count, &tenants);
	return VERDICT_PASS;
}

static const struct check course_of_edits = {
	.id = "guest.edit-course",
	.needs = NEED_GUESTS | NEED_WIRE | NEED_VF_SETTINGS,
	.timeout_s = 180,
	.fn = run_course,
};

#define STATEMENT(name, says, because)                                                         \
	{                                                                                      \
		.id = "guest." name, .title = says, .why = because,                            \
		.needs = NEED_GUESTS | NEED_WIRE | NEED_VF_SETTINGS, .step = &course_of_edits, \
		.timeout_s = 5, .fn = session_verdict                                          \
	}

const struct check suite_guest_edit[] = {
	STATEMENT("edit-in-place", "Another rate and trust of a VF cost its guest no frame's time",
			"A guest loses its network for what the card could have changed."),
	STATEMENT("edit-other-network",
			"A NIC that gets another network is in that one alone, in the same place",
			"The guest stays in its former network, or its interface has another name."),
	STATEMENT("edit-other-mac", "A NIC that gets another MAC has that one alone",
			"Neighbours find the guest no longer, or two guests."),
	STATEMENT("edit-refused", "An edit that cannot be is refused before anything changes",
			"The guest loses its network to an attempt."),
	STATEMENT("edit-reached-at-once",
			"A guest that goes from a VF to the bridge is reached before it sends",
			"A guest that waits for requests is lost until the bridge forgets."),
	STATEMENT("edit-moves-bridge",
			"A NIC on a bridge gets another network, and the guest keeps it",
			"The guest loses its addresses and connections for nothing."),
	STATEMENT("edit-killed",
			"What an edit that was killed has taken, the next vfctl gives back",
			"A guest stays without its NIC because a terminal was closed."),
	STATEMENT("edit-detached", "An edited NIC is detached as any other, and leaves nothing",
			"What a NIC was before it was edited stays for ever."),
	STATEMENT("pool-connected", "A VF of libvirt's pool works in the pool's VLAN",
			"The guest is in no network, or in another."),
	STATEMENT("pool-others-kept",
			"What libvirt has given from a pool is given to no second guest",
			"Both fail, at best."),
	STATEMENT("pool-detached", "A VF of a pool is given back as it was",
			"The pool shrinks with each use, or its VFs keep a tenant's settings."),
	{ 0 },
};
