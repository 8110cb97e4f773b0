/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "checks/guest/pair.h"
#include "checks/session.h"
#include "checks/suites.h"

/* What goes through a failover pair, and what remains of it. */

static enum verdict open_failed(struct check_run *run)
{
	return check_broken(run, "the host of the guests cannot be set up");
}

/* --- With the VF ------------------------------------------------------------------------------ */

static enum verdict halves_are_joined(struct check_run *run, void *subject)
{
	struct pair *pair = subject;

	if (pair_look(pair) < 0)
		return check_broken(run, "vm1 does not list its interfaces");
	evidence_text(run, "interfaces", "master %s, VF %s (%s), standby %s (%s)",
			pair->master.name, pair->primary.name, pair->primary.driver,
			pair->standby.name, pair->standby.driver);
	evidence_by_guest(run);
	evidence_text(run, "on the bridge", "%s",
			pair->crossing.tap ? endpoint_name(pair->crossing.tap) : "none");
	if (!*pair->master.name || !*pair->primary.name || !*pair->standby.name)
		return check_fail(run, "vm1 has not joined the halves to one interface");
	if (!*pair->primary.driver || !strcmp(pair->primary.driver, pair->standby.driver))
		return check_fail(run, "the driver of the VF is '%s', and that of the standby '%s'",
				pair->primary.driver, pair->standby.driver);
	return pair->crossing.tap ? VERDICT_PASS
				  : check_fail(run, "no bridge has the host's end of the standby");
}

/* The host's end of the standby, whichever bridge it is on: -1 if that cannot be read. */
static int find_end(struct tenants *tenants, char tap[IFNAMSIZ])
{
	int rc = bridge_find_tap(tenants, RED_BRIDGE, tenants->red.mac, tap);

	return rc || *tap ? rc : bridge_find_tap(tenants, BLUE_BRIDGE, tenants->red.mac, tap);
}

/* All interfaces of vm1 are the pair's. */
static enum verdict halves_have_one_mac(struct check_run *run, void *subject)
{
	struct tenants *tenants = &((struct pair *)subject)->tenants;
	const struct tenant *red = &tenants->red;
	const struct vf_settings want = { .given = VF_MAC, .mac = red->mac };
	struct guest_interface list[GUEST_INTERFACES];
	char text[300], mac[MAC_TEXT], tap[IFNAMSIZ];
	size_t count;

	if (guest_interfaces(red->guest, list, &count, &run->err) < 0)
		return check_broken(run, "vm1 does not list its interfaces");
	for (size_t i = 0; i < count; i++) {
		evidence_text(run, "MAC", "%s: %s", list[i].name, mac_format(list[i].mac, mac));
		evidence_by_guest(run);
		if (!mac_equal(list[i].mac, red->mac))
			return check_fail(run, "%s of vm1 has the MAC %s", list[i].name, mac);
	}
	if (tenants_compare(tenants, red->vf, &want, text, sizeof(text)) < 0 ||
			find_end(tenants, tap) < 0)
		return check_broken(run, "the halves cannot be read");
	evidence_text(run, "on the host", "VF %u: %s; standby: %s", red->vf,
			*text ? text : "as wanted", *tap ? tap : "none has it");
	if (*text)
		return check_fail(run, "VF %u: %s", red->vf, text);
	return *tap ? VERDICT_PASS : check_fail(run, "no standby has the MAC of the VF");
}

static enum verdict standby_is_in_its_place(struct check_run *run, void *subject)
{
	struct pair *pair = subject;
	struct tenants *tenants = &pair->tenants;
	char in_red[IFNAMSIZ], in_blue[IFNAMSIZ];

	if (bridge_find_tap(tenants, RED_BRIDGE, tenants->red.mac, in_red) < 0 ||
			bridge_find_tap(tenants, BLUE_BRIDGE, tenants->red.mac, in_blue) < 0)
		return check_broken(run, "the bridges cannot be read");
	evidence_text(run, RED_BRIDGE, "%s", *in_red ? in_red : "not a port");
	evidence_text(run, BLUE_BRIDGE, "%s", *in_blue ? in_blue : "not a port");
	if (*in_blue)
		return check_fail(run, "the standby is on the bridge of another network");
	return *in_red ? VERDICT_PASS
		       : check_fail(run, "the standby is not on the bridge of its network");
}

/* EXPECTED: of a burst, by the bridge. The whole burst must be in the VLAN of the network. */
static enum verdict sends_by(struct check_run *run, struct pair *pair, unsigned expected)
{
	struct tenants *tenants = &pair->tenants;
	struct guest_interface before = pair->primary;
	struct received received;
	unsigned by_bridge;

	if (crossing_sends(tenants, &pair->crossing, &tenants->red, &received, &by_bridge) < 0)
		return check_fail(run, "nothing that vm1 sends reaches the wire");
	if (!pair_look(pair) && *pair->primary.name) {
		evidence_int(run, "by the VF", pair->primary.tx_packets - before.tx_packets,
				"frames");
		evidence_by_guest(run);
	}
	if (received.frames != BURST_FRAMES)
		return check_fail(run, "%u of %d frames of vm1 reach the wire", received.frames,
				BURST_FRAMES);
	if (received.tags != 1 || received.outer.vlan != RED_VLAN)
		return check_fail(run, "frames of vm1 have %u tags and VLAN %u on the wire, not %d",
				received.tags, received.outer.vlan, RED_VLAN);
	if (by_bridge != expected)
		return check_fail(run, "%u of %d frames of vm1 go by the bridge, not %u", by_bridge,
				BURST_FRAMES, expected);
	return VERDICT_PASS;
}

static enum verdict sends_by_vf(struct check_run *run, void *subject)
{
	return sends_by(run, subject, 0);
}

static enum verdict hears_all(struct check_run *run, struct tenants *tenants)
{
	struct guest_heard heard;

	if (tenant_hears(tenants, &tenants->red, "in its VLAN", burst_to(&tenants->red), &heard) <
			0)
		return check_fail(run, "nothing from the wire reaches vm1");
	if (heard.frames != BURST_FRAMES)
		return check_fail(run, "%llu of %d frames reach vm1",
				(unsigned long long)heard.frames, BURST_FRAMES);
	return heard.untagged == heard.frames ? VERDICT_PASS
					      : check_fail(run, "vm1 sees the tag of its VLAN");
}

static int64_t frames_to_tap(const struct pair *pair)
{
	CLEANUP(cleanup_free)
	char *path = text_format("sys/class/net/%s/statistics/tx_packets",
			pair->crossing.tap ? endpoint_name(pair->crossing.tap) : "none");
	char text[32] = "0";

	host_read(pair->tenants.dut->host, path, text, sizeof(text), NULL);
	return strtoll(text, NULL, 10);
}

static enum verdict hears_by_vf(struct check_run *run, void *subject)
{
	struct pair *pair = subject;
	int64_t before = frames_to_tap(pair), by_bridge;
	enum verdict verdict = hears_all(run, &pair->tenants);

	by_bridge = frames_to_tap(pair) - before;
	evidence_int(run, "by the bridge", by_bridge, "frames");
	if (verdict != VERDICT_PASS)
		return verdict;
	return by_bridge < BURST_FRAMES
			? VERDICT_PASS
			: check_fail(run, "what the VF receives comes by the bridge as well");
}

static const struct statement plugged[] = {
	{ "guest.pair-joined", halves_are_joined },
	{ "guest.pair-one-mac", halves_have_one_mac },
	{ "guest.pair-standby-place", standby_is_in_its_place },
};

static const struct statement with_vf[] = {
	{ "guest.pair-sends-by-vf", sends_by_vf },
	{ "guest.pair-hears-by-vf", hears_by_vf },
};

/* --- On the standby --------------------------------------------------------------------------- */

static enum verdict passage_is_over(
		struct check_run *run, const struct passage *passage, const char *what)
{
	evidence_int(run, what, passage->took_ms, "ms");
	if (*passage->said)
		evidence_text(run, "said", "%.150s", passage->said);
	stream_note(&passage->stream);
	if (passage->failed)
		return check_fail(run, "%s: it fails: %.150s", what, passage->said);
	if (!passage->settled)
		return check_fail(run, "%u of %u frames reach the wire, and then no more: %s",
				passage->stream.arrived, passage->stream.sent, what);
	return passage->stream.heard ? VERDICT_PASS
				     : check_fail(run, "vm1 hears nothing: %s", what);
}

static enum verdict survives_unplug(struct check_run *run, void *subject)
{
	return passage_is_over(run, &((struct pair *)subject)->away, "the VF is unplugged");
}

static enum verdict sends_by_standby(struct check_run *run, void *subject)
{
	return sends_by(run, subject, BURST_FRAMES);
}

static enum verdict standby_is_in_its_vlan(struct check_run *run, void *subject)
{
	struct tenants *tenants = &((struct pair *)subject)->tenants;
	struct burst untagged = { .to = tenants->red.mac };
	struct burst foreign = { .to = tenants->red.mac, .outer = { 0x8100, BLUE_VLAN, 0 } };
	enum verdict verdict = hears_all(run, tenants);

	if (verdict == VERDICT_PASS)
		verdict = tenant_hears_none(
				tenants, &tenants->red, "frames of another VLAN", foreign);
	return verdict == VERDICT_PASS
			? tenant_hears_none(tenants, &tenants->red, "untagged frames", untagged)
			: verdict;
}

/* What a VF still has, the card gives to the VF, and not to the bridge. */
static enum verdict mac_is_free(struct check_run *run, void *subject)
{
	struct tenants *tenants = &((struct pair *)subject)->tenants;
	const struct vf_settings with = { .given = VF_MAC, .mac = tenants->red.mac };
	char text[300];

	for (unsigned vf = 0; vf < TENANT_VFS; vf++) {
		if (tenants_compare(tenants, vf, &with, text, sizeof(text)) < 0)
			return check_broken(run, "the MAC of VF %u cannot be read", vf);
		evidence_text(run, "VF", "%u: %s", vf, *text ? text : "has the MAC of the pair");
		if (!*text)
			return check_fail(run, "VF %u, which vm1 has no longer, keeps its MAC", vf);
	}
	return hears_all(run, tenants);
}

static const struct statement on_standby[] = {
	{ "guest.pair-survives-unplug", survives_unplug },
	{ "guest.pair-sends-by-standby", sends_by_standby },
	{ "guest.pair-standby-vlan", standby_is_in_its_vlan },
	{ "guest.pair-mac-free", mac_is_free },
};

/* --- Back ------------------------------------------------------------------------------------- */

static enum verdict survives_plug(struct check_run *run, void *subject)
{
	return passage_is_over(run, &((struct pair *)subject)->back, "the VF is plugged in again");
}

static enum verdict back_on_vf(struct check_run *run, void *subject)
{
	struct pair *pair = subject;
	struct tenants *tenants = &pair->tenants;
	struct vf_settings want;
	enum verdict verdict = sends_by(run, pair, 0);
	char text[300];

	if (verdict == VERDICT_PASS)
		verdict = hears_all(run, tenants);
	if (verdict != VERDICT_PASS)
		return verdict;
	if (tenants_find_vf(tenants, &tenants->red) < 0)
		return check_fail(run, "no VF has the MAC of the pair");
	want = tenant_settings(&tenants->red);
	if (tenants_compare(tenants, tenants->red.vf, &want, text, sizeof(text)) < 0)
		return check_broken(run, "the settings of VF %u cannot be read", tenants->red.vf);
	return *text ? check_fail(run, "VF %u: %s", tenants->red.vf, text) : VERDICT_PASS;
}

static const struct statement back[] = {
	{ "guest.pair-survives-plug", survives_plug },
	{ "guest.pair-back-on-vf", back_on_vf },
};

/* --- Gone ------------------------------------------------------------------------------------- */

static enum verdict nothing_is_left(struct pair *pair, const char *when)
{
	struct tenants *tenants = &pair->tenants;
	struct check_run *run = tenants->run;
	struct guest_interface list[GUEST_INTERFACES];
	char tap[IFNAMSIZ];
	size_t count;

	if (guest_interfaces(tenants->red.guest, list, &count, &run->err) < 0 ||
			bridge_find_tap(tenants, RED_BRIDGE, tenants->red.mac, tap) < 0)
		return check_broken(run, "what is left of the pair cannot be read");
	evidence_int(run, "interfaces", (int64_t)count, NULL);
	evidence_by_guest(run);
	evidence_text(run, "on the bridge", "%s", *tap ? tap : "nothing");
	if (*tap)
		return check_fail(run, "%s: the standby is still a port of the bridge", when);
	if (count != pair->nics_before)
		return check_fail(run, "%s: vm1 has %zu interfaces, and had %u", when, count,
				pair->nics_before);
	return tenants_vf_is_back(tenants, tenants->red.vf, when);
}

static enum verdict both_are_gone(struct check_run *run, void *subject)
{
	struct pair *pair = subject;

	if (tenant_detach(&pair->tenants, &pair->tenants.red) < 0)
		return check_fail(run, "vm1 does not give the pair back");
	return nothing_is_left(pair, "when vfctl detach has ended");
}

static enum verdict half_is_gone(struct check_run *run, void *subject)
{
	static const char *const unplug[] = { "virsh", "-q", "detach-device-alias", "vm1",
		"ua-nic1", NULL };
	struct pair *pair = subject;
	struct tenants *tenants = &pair->tenants;

	tenants->red.vf = 0;
	if (pair_attach(pair) < 0 || !pair->joined)
		return check_fail(run, "vm1 does not get its pair again");
	if (tenants_run(tenants, unplug) < 0 || pair_await(pair, false) < 0)
		return check_broken(run, "the VF cannot be taken from vm1");
	if (tenant_detach(tenants, &tenants->red) < 0)
		return check_fail(run, "without its VF vm1 does not give the standby back");
	return nothing_is_left(pair, "when vfctl detach has ended");
}

static enum verdict gone_by_standby(struct check_run *run, void *subject)
{
	struct pair *pair = subject;
	struct tenants *tenants = &pair->tenants;
	size_t vnics = 0;
	char **names = NULL;
	int rc;

	tenants->red.vf = 0;
	if (pair_attach(pair) < 0 || !pair->joined)
		return check_fail(run, "vm1 does not get its pair again");
	tenants->red.label = "nic1-standby";
	rc = tenant_detach(tenants, &tenants->red);
	tenants->red.label = "nic1";
	if (rc < 0)
		return check_fail(run, "vm1 does not give the pair back");
	if (host_names(run->dut->host, "var/lib/vfctl/vnics", &names, &vnics, &run->err) < 0)
		return check_broken(run, "the vNICs cannot be listed");
	host_names_free(names, vnics);
	evidence_int(run, "vNICs left", (int64_t)vnics, NULL);
	if (vnics)
		return check_fail(run, "the pair is gone, and its vNIC stays");
	return nothing_is_left(pair, "when the standby was detached");
}

static const struct statement gone[] = {
	{ "guest.pair-detached", both_are_gone },
	{ "guest.pair-half-detached", half_is_gone },
	{ "guest.pair-standby-detached", gone_by_standby },
};

/* --- The course ------------------------------------------------------------------------------- */

static void pair_end(struct pair *pair)
{
	crossing_close(&pair->crossing);
	tenants_close(&pair->tenants);
	bridges_close(&pair->tenants);
}

static int pair_open(struct check_run *run, struct pair *pair)
{
	struct tenants *tenants = &pair->tenants;
	struct guest_interface list[GUEST_INTERFACES];
	size_t count = 0;
	int rc = tenants_open(run, tenants);

	tenants->red.profile = "pair";
	if (!rc)
		rc = bridges_open(tenants);
	if (!rc)
		rc = guest_interfaces(tenants->red.guest, list, &count, &run->err);
	pair->nics_before = (unsigned)count;
	return rc;
}

#define TRY(run, statements, subject) \
	session_try(run, statements, sizeof(statements) / sizeof(*(statements)), subject)

static int crossing_watch(struct tenants *tenants, struct crossing *crossing)
{
	const struct mac mac = tenants->red.mac;
	int rc = crossing_open(tenants, RED_BRIDGE, mac, crossing);

	return rc || crossing->tap ? rc : crossing_open(tenants, BLUE_BRIDGE, mac, crossing);
}

/* What is not reached is broken, and does not take the verdict from what is. */
static enum verdict run_course(struct check_run *run)
{
	CLEANUP(pair_end) struct pair pair = { .nics_before = 0 };
	struct tenants *tenants = &pair.tenants;

	if (pair_open(run, &pair) < 0)
		return open_failed(run);
	if (pair_attach(&pair) < 0)
		return check_fail(run, "vm1 does not get its pair");
	if (crossing_watch(tenants, &pair.crossing) < 0)
		return check_broken(run, "the host's end of the standby cannot be watched");
	TRY(run, plugged, &pair);
	if (!pair.joined)
		return VERDICT_PASS;
	TRY(run, with_vf, &pair);
	if (pair_unplug_vf(&pair) < 0)
		return VERDICT_PASS;
	TRY(run, on_standby, &pair);
	if (pair_plug_vf(&pair) < 0)
		return VERDICT_PASS;
	TRY(run, back, &pair);
	TRY(run, gone, &pair);
	return VERDICT_PASS;
}

static const struct check course_of_pair = {
	.id = "guest.pair-course",
	.needs = NEED_GUESTS | NEED_WIRE | NEED_VF_SETTINGS,
	.timeout_s = 120,
	.fn = run_course,
};

#define STATEMENT(name, says, because)                                                        \
	{                                                                                     \
		.id = "guest.pair-" name, .title = says, .why = because,                      \
		.needs = NEED_GUESTS | NEED_WIRE | NEED_VF_SETTINGS, .step = &course_of_pair, \
		.timeout_s = 5, .fn = session_verdict                                         \
	}

const struct check suite_guest_pair[] = {
	STATEMENT("joined", "A guest joins a VF and its standby to one interface",
			"Applications use one of the halves, and lose it with the VF."),
	STATEMENT("one-mac", "Both halves of a pair have one MAC",
			"The guest does not join them, or its neighbours lose it."),
	STATEMENT("standby-place", "The standby is on the bridge of the VF's network",
			"A migration moves the guest to another network."),
	STATEMENT("sends-by-vf", "While a guest has the VF of its pair, it sends through it",
			"The card's speed is paid for and not used."),
	STATEMENT("hears-by-vf", "What the wire sends to a pair comes by its VF alone",
			"Frames come twice, or by the slower way."),
	STATEMENT("survives-unplug",
			"When the VF of a pair is unplugged, frames go on to the same neighbour",
			"Each migration costs the guest its network."),
	STATEMENT("sends-by-standby", "Without its VF a guest sends by the standby, in its VLAN",
			"After the unplug the guest is mute, or in another network."),
	STATEMENT("standby-vlan", "The standby hears its VLAN and nothing else",
			"After the unplug the guest is deaf, or reads another network."),
	STATEMENT("mac-free", "Without the VF the card leaves the MAC of the pair to the bridge",
			"The card delivers frames for the guest to a VF that nobody drives."),
	STATEMENT("survives-plug", "When the VF is plugged in again, frames go on",
			"The end of a migration costs the guest its network."),
	STATEMENT("back-on-vf", "With its VF again, the guest sends and hears through it",
			"The guest stays slow until somebody notices."),
	STATEMENT("detached", "A detach takes both halves of a pair, and puts the VF back",
			"The standby stays in the network, under the guest's MAC."),
	STATEMENT("half-detached", "A detach takes the standby of a pair whose VF is gone",
			"The NIC can be got rid of no longer, and its profile is in use for ever."),
	STATEMENT("standby-detached", "A detach of the standby takes its VF, too",
			"The VF has no standby any more, and a vNIC stays of which nothing is left."),
	{ 0 },
};
