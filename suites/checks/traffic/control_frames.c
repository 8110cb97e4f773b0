/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/cleanup.h"
#include "checks/expect.h"
#include "checks/suites.h"

/*
 * Control frames of the link (IEEE 802.1Q, 8.6.3: the addresses 01:80:c2:00:00:00 to 0f). They
 * control the port, which belongs to the host, so an untrusted VF must not send them: one guest's
 * pause frame stops the port for all.
 */

struct control {
	const char *name;
	uint8_t last_octet; /* of 01:80:c2:00:00:xx */
	struct payload payload;
};

/* Opcode, then the length of the pause in units of 512 bit times. */
static const struct control pause = { "pause", 0x01, { 0x8808, 4, { 0x00, 0x01, 0x00, 0x01 } } };
/* Opcode, classes, and a time for each of the eight classes. */
static const struct control class_pause = { "priority flow control", 0x01,
	{ 0x8808, 20, { 0x01, 0x01, 0x00, 0x01, 0x00, 0x01 } } };
/* One TLV: a chassis id. */
static const struct control lldp = { "LLDP", 0x0e,
	{ 0x88cc, 9, { 0x02, 0x07, 0x04, 0x02, 0, 0, 0, 0, 1 } } };
/* Subtype LACP, version 1, actor information. */
static const struct control lacp = { "LACP", 0x02, { 0x8809, 4, { 0x01, 0x01, 0x01, 0x14 } } };
/* LLC for spanning tree, then a configuration BPDU. */
static const struct control stp = { "STP", 0x00,
	{ 38, 7, { 0x42, 0x42, 0x03, 0x00, 0x00, 0x00, 0x00 } } };
/* EAPOL start. */
static const struct control eapol = { "EAPOL", 0x03, { 0x888e, 4, { 0x02, 0x01, 0x00, 0x00 } } };

static struct burst burst_of(const struct control *control)
{
	return (struct burst){
		.to = { { 0x01, 0x80, 0xc2, 0x00, 0x00, control->last_octet } },
		.payload = &control->payload,
	};
}

/* A frame of this kind that VF 0 sends must not reach the wire. */
static enum verdict stays_inside(struct check_run *run, const struct control *control)
{
	struct vf_settings untrusted = { .given = VF_SPOOFCHK | VF_TRUST, .spoofchk = true };
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	enum verdict verdict;

	if (traffic_open(run, &untrusted, 1, &traffic) < 0)
		return check_broken(run, "cannot listen");
	verdict = expect_silent(
			&traffic, control->name, traffic.vf[0], traffic.partner, burst_of(control));
	if (verdict != VERDICT_PASS)
		return verdict;
	return expect_control(&traffic, "every-vf.sends", traffic.vf[0], traffic.partner,
			(struct burst){ .to = endpoint_mac(traffic.partner) });
}

/* A frame of this kind from the wire is for the port's owner, and must reach no VF. */
static enum verdict stays_outside(struct check_run *run, const struct control *control)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	struct burst burst = burst_of(control);

	if (traffic_open(run, NULL, 2, &traffic) < 0)
		return check_broken(run, "cannot listen");
	for (unsigned i = 0; i < traffic.vf_count; i++) {
		enum verdict verdict = expect_silent(
				&traffic, control->name, traffic.partner, traffic.vf[i], burst);

		if (verdict != VERDICT_PASS)
			return verdict;
	}
	return VERDICT_PASS;
}

static enum verdict pause_out(struct check_run *run)
{
	return stays_inside(run, &pause);
}

static enum verdict class_pause_out(struct check_run *run)
{
	return stays_inside(run, &class_pause);
}

static enum verdict lldp_out(struct check_run *run)
{
	return stays_inside(run, &lldp);
}

static enum verdict lacp_out(struct check_run *run)
{
	return stays_inside(run, &lacp);
}

static enum verdict stp_out(struct check_run *run)
{
	return stays_inside(run, &stp);
}

static enum verdict eapol_out(struct check_run *run)
{
	return stays_inside(run, &eapol);
}

static enum verdict pause_in(struct check_run *run)
{
	return stays_outside(run, &pause);
}

static enum verdict lldp_in(struct check_run *run)
{
	return stays_outside(run, &lldp);
}

static enum verdict lacp_in(struct check_run *run)
{
	return stays_outside(run, &lacp);
}

enum { WIRED = NEED_WIRE | NEED_VF_NET | NEED_VF_SETTINGS };

const struct check suite_control_frames[] = {
	{ .id = "control-frames.pause-out",
			.title = "Pause frames of an untrusted VF do not leave the port",
			.why = "One guest could stop the port for all.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = pause_out },
	{ .id = "control-frames.class-pause-out",
			.title = "Priority flow control of an untrusted VF does not leave the port",
			.why = "One guest could stop a class of traffic for all.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = class_pause_out },
	{ .id = "control-frames.lldp-out",
			.title = "LLDP of an untrusted VF does not leave the port",
			.why = "A guest could tell the switch that the port belongs to another "
			       "host.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = lldp_out },
	{ .id = "control-frames.lacp-out",
			.title = "LACP of an untrusted VF does not leave the port",
			.why = "A guest could break the host's bond.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = lacp_out },
	{ .id = "control-frames.stp-out",
			.title = "Spanning tree of an untrusted VF does not leave the port",
			.why = "A guest could change the network's topology, or have the port shut "
			       "down.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = stp_out },
	{ .id = "control-frames.eapol-out",
			.title = "EAPOL of an untrusted VF does not leave the port",
			.why = "A guest could log off the port.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = eapol_out },
	{ .id = "control-frames.pause-in",
			.title = "Pause frames from the wire reach no VF",
			.why = "They are for the port.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = pause_in },
	{ .id = "control-frames.lldp-in",
			.title = "LLDP from the wire reaches no VF that did not ask for it",
			.why = "It informs a guest about the host's network.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = lldp_in },
	{ .id = "control-frames.lacp-in",
			.title = "LACP from the wire reaches no VF that did not ask for it",
			.why = "It is for the host's bond.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = lacp_in },
	{ 0 },
};
