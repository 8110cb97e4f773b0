/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "checks/expect.h"
#include "checks/hardware_faults/hardware_faults.h"
#include "checks/suites.h"
#include "observe/carrier.h"
#include "observe/facts.h"
#include "sriov/vfs.h"

/*
 * Faults from outside: the wire is cut, a function signals a PCIe error, the card is removed. The
 * rig causes them while VFs are in use; afterwards the checks test what must survive.
 */

enum {
	VLAN = 10,
	LOST_MS = 2000,     /* until the PF notices that the wire is cut */
	LINK_MS = 6000,     /* until it has a link again: negotiation takes seconds */
	SILENT_MS = 100,    /* many times what a frame takes from VF to wire */
	REMOVAL_MS = 20000, /* for the kernel to let go of a card that is gone */
};

/* Mends the wire at the end of a check. */
struct wire {
	struct check_run *run;
	bool cut;
};

static int wire_cut(struct wire *wire, struct check_run *run)
{
	*wire = (struct wire){ run, true };
	return check_ask_rig(run, "link-down", NULL);
}

static int wire_mend(struct wire *wire)
{
	if (!wire->cut)
		return 0;
	wire->cut = false;
	return check_ask_rig(wire->run, "link-up", NULL);
}

static void cleanup_wire(struct wire *wire)
{
	wire_mend(wire);
}

static bool pf_carrier_becomes(struct check_run *run, bool expected)
{
	int64_t start = clock_ms();
	bool became = carrier_becomes(
			run->dut, run->dut->pf_netdev, expected, expected ? LINK_MS : LOST_MS);

	if (became)
		evidence_int(run, expected ? "PF has a carrier after" : "PF lost its carrier after",
				clock_ms() - start, "ms");
	return became;
}

static bool passes(
		struct traffic *traffic, struct endpoint *from, struct endpoint *to, uint16_t vlan)
{
	struct burst burst = { .to = endpoint_mac(to) };
	uint64_t token;

	if (from == traffic->partner && vlan)
		burst.outer = (struct tag){ 0x8100, vlan, 0 };
	traffic->run->err = (struct err){ 0 };
	if (traffic_send(traffic, from, burst, &token) < 0)
		return false;
	return endpoint_receive(to, token, BURST_FRAMES, dut_deadline(traffic->dut, 100)).frames ==
			BURST_FRAMES;
}

/* Whether frames pass both ways between VF 0 and the wire. */
static bool vf_passes(void *argument)
{
	struct traffic *traffic = argument;

	return passes(traffic, traffic->vf[0], traffic->partner, 0) &&
			passes(traffic, traffic->partner, traffic->vf[0], traffic->vlan[0]);
}

bool hardware_faults_traffic_returns(struct traffic *traffic, int ms)
{
	int64_t start = clock_ms();
	bool returned = clock_poll(vf_passes, traffic, dut_deadline(traffic->dut, ms), 50);

	if (returned)
		evidence_int(traffic->run, "VF 0 reaches the wire and back after",
				clock_ms() - start, "ms");
	return returned;
}

int hardware_faults_open(struct check_run *run, struct traffic *traffic)
{
	struct vf_settings settings[2] = { { .given = VF_VLAN, .vlan = VLAN, .proto = 0x8100 } };

	if (traffic_open(run, settings, 2, traffic) < 0)
		return -1;
	if (vf_passes(traffic))
		return 0;
	return err_set(&run->err, EIO, "VF 0 and the wire do not reach each other at the start");
}

static enum verdict link_lost(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	CLEANUP(cleanup_wire) struct wire wire = { 0 };
	struct received out, in;
	uint64_t outward, inward;
	bool noticed;

	if (hardware_faults_open(run, &traffic) < 0 || wire_cut(&wire, run) < 0)
		return check_broken(run, "the wire cannot be cut");
	noticed = pf_carrier_becomes(run, false);
	/* A port that is down may refuse to send, which also counts as silence. */
	if (traffic_send(&traffic, traffic.vf[0],
			    (struct burst){ .to = endpoint_mac(traffic.partner) }, &outward) < 0)
		outward = 0;
	if (traffic_send(&traffic, traffic.partner,
			    (struct burst){ .to = endpoint_mac(traffic.vf[0]),
					    .outer = { 0x8100, VLAN, 0 } },
			    &inward) < 0)
		inward = 0;
	run->err = (struct err){ 0 };
	/* Frames that arrive later do not count: drivers and switches may hold them until the link
	 * is back. */
	out = endpoint_receive(traffic.partner, outward, 1, dut_deadline(run->dut, SILENT_MS));
	in = endpoint_receive(traffic.vf[0], inward, 1, deadline_in(0));
	if (wire_mend(&wire) < 0 ||
			!hardware_faults_traffic_returns(
					&traffic, LINK_MS + HARDWARE_FAULTS_TRAFFIC_MS))
		return check_broken(run,
				"no frame passes after the wire was mended, so the silence before "
				"proves nothing");
	evidence_int(run, "frames through the cut wire", out.frames + in.frames, NULL);
	if (!noticed)
		return check_fail(run, "the PF has a carrier %d ms after its wire was cut",
				(int)(LOST_MS * run->dut->scale));
	if (out.frames || in.frames)
		return check_fail(run, "%u frames passed the cut wire", out.frames + in.frames);
	return VERDICT_PASS;
}

/* Cuts the wire until the PF notices, and mends it. */
static int interrupt_link(struct check_run *run, struct wire *wire)
{
	if (wire_cut(wire, run) < 0)
		return -1;
	if (!pf_carrier_becomes(run, false))
		return err_set(&run->err, ETIMEDOUT, "the PF does not notice that its wire is cut");
	return wire_mend(wire);
}

static enum verdict link_returns(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	CLEANUP(cleanup_wire) struct wire wire = { 0 };

	if (hardware_faults_open(run, &traffic) < 0 || interrupt_link(run, &wire) < 0)
		return check_broken(run, "the wire cannot be cut and mended");
	if (!pf_carrier_becomes(run, true))
		return check_fail(run, "the PF has no carrier %d ms after its wire was mended",
				(int)(LINK_MS * run->dut->scale));
	if (!hardware_faults_traffic_returns(&traffic, HARDWARE_FAULTS_TRAFFIC_MS))
		return check_fail(run, "VF 0 and the wire do not reach each other any more");
	return VERDICT_PASS;
}

/* Tests the port VLAN of VF 0 both ways, and that VF 0 receives only its own MAC. */
enum verdict hardware_faults_policy_holds(struct traffic *traffic)
{
	struct burst out = { .to = endpoint_mac(traffic->partner) };
	struct burst in = { .to = endpoint_mac(traffic->vf[0]) };
	struct received received;
	enum verdict verdict = expect_reaches(
			traffic, "on the wire", traffic->vf[0], traffic->partner, out, &received);

	if (verdict == VERDICT_PASS && (!received.tags || received.outer.vlan != VLAN))
		return check_fail(traffic->run, "VF 0 has left its VLAN");
	if (verdict != VERDICT_PASS)
		return verdict;
	return expect_silent(traffic, "untagged from the wire to a VF in a VLAN", traffic->partner,
			traffic->vf[0], in);
}

static enum verdict link_keeps_policy(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	CLEANUP(cleanup_wire) struct wire wire = { 0 };

	if (hardware_faults_open(run, &traffic) < 0 || interrupt_link(run, &wire) < 0)
		return check_broken(run, "the wire cannot be cut and mended");
	if (!hardware_faults_traffic_returns(&traffic, LINK_MS + HARDWARE_FAULTS_TRAFFIC_MS))
		return check_fail(run, "VF 0 and the wire do not reach each other any more");
	return hardware_faults_policy_holds(&traffic);
}

/* The first of PF and VFs that still exists; "": none. */
static const char *remainder_on_bus(
		const struct dut *dut, const struct bdf *vfs, unsigned count, char text[BDF_TEXT])
{
	if (function_has(dut->host, dut->pf, "config"))
		return bdf_format(dut->pf, text);
	for (unsigned i = 0; i < count; i++) {
		if (function_has(dut->host, vfs[i], "config"))
			return bdf_format(vfs[i], text);
	}
	return "";
}

/* The emulated slot does not signal that the card is gone, so the check writes to "remove" in
 * sysfs, which does what a hot-plug driver does. */
static enum verdict unplugged(struct check_run *run)
{
	struct dut *dut = run->dut;
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	struct function_ids ids;
	struct bdf vfs[DUT_VFS];
	char text[BDF_TEXT];
	const char *left;
	int64_t start;
	int index;

	for (unsigned i = 0; i < dut->listed; i++)
		vfs[i] = dut->vfs[i].bdf;
	if (hardware_faults_open(run, &traffic) < 0 || check_ask_rig(run, "unplug-pf", NULL) < 0)
		return check_broken(run, "the card cannot be removed");
	if (function_ids_read(dut, dut->pf, &ids, NULL) == 0 && ids.vendor != 0xffff)
		return check_broken(run, "the card still answers: it was not removed");
	start = clock_ms();
	if (function_write(dut->host, dut->pf, "remove", "1", &run->err) < 0)
		return check_fail(run, "the kernel does not release the PF");
	evidence_int(run, "PF and VFs removed in", clock_ms() - start, "ms");
	traffic.vf_count = 0; /* nothing is left to restore */
	if (clock_ms() - start > (int64_t)(REMOVAL_MS * dut->scale))
		return check_fail(run, "the removal took more than %d s",
				(int)(REMOVAL_MS * dut->scale / 1000));
	left = remainder_on_bus(dut, vfs, dut->listed, text);
	if (*left)
		return check_fail(run, "%s is still on the bus, without a card", left);
	for (unsigned i = 0; i < dut->vf_count; i++) {
		if (dut_vf_index(dut, i, &index, NULL) == 0)
			return check_fail(run, "VF %u still has an interface", check_vf(run, i));
	}
	return VERDICT_PASS;
}

enum { WIRED = NEED_WIRE | NEED_VF_NET | NEED_VF_SETTINGS };

const struct check suite_hardware_faults[] = {
	{ .id = "faults.link-lost",
			.title = "The PF notices that its wire is cut, and no frame passes",
			.why = "Bonds and schedulers move traffic away when the carrier is lost.",
			.needs = WIRED | NEED_RIG_LINK,
			.vfs = 2,
			.timeout_s = 50,
			.fn = link_lost },
	{ .id = "faults.link-returns",
			.title = "After the wire was cut and mended, VFs reach the wire again",
			.why = "Every switch restarts some day.",
			.needs = WIRED | NEED_RIG_LINK,
			.vfs = 2,
			.timeout_s = 50,
			.fn = link_returns },
	{ .id = "faults.link-keeps-policy",
			.title = "VFs keep their port VLAN while the wire is cut and mended",
			.why = "A driver that sets up the card again must set up its VFs, too.",
			.needs = WIRED | NEED_RIG_LINK,
			.vfs = 2,
			.timeout_s = 50,
			.fn = link_keeps_policy },
	{ .id = "faults.pf-correctable",
			.title = "A correctable PCIe error of the PF is reported and harms nothing",
			.why = "Administrators find failing links by these errors.",
			.needs = WIRED | NEED_RIG_AER,
			.vfs = 2,
			.timeout_s = 40,
			.fn = hardware_faults_pf_correctable },
	{ .id = "faults.pf-nonfatal",
			.title = "A non-fatal PCIe error of the PF is reported, and VFs survive it",
			.why = "One lost completion must not take all guests off the network.",
			.needs = WIRED | NEED_RIG_AER,
			.vfs = 2,
			.timeout_s = 60,
			.fn = hardware_faults_pf_nonfatal },
	{ .id = "faults.port-correctable",
			.title = "A correctable PCIe error of the port above harms nothing",
			.why = "Administrators find failing links by these errors.",
			.needs = WIRED | NEED_RIG_AER,
			.vfs = 2,
			.timeout_s = 40,
			.fn = hardware_faults_port_correctable },
	{ .id = "faults.port-nonfatal",
			.title = "After a non-fatal PCIe error of the port above, VFs come back",
			.why = "The kernel's recovery involves the drivers of PF and VFs.",
			.needs = WIRED | NEED_RIG_AER,
			.vfs = 2,
			.slow = true,
			.removes_vfs = true,
			.timeout_s = 60,
			.fn = hardware_faults_port_nonfatal },
	{ .id = "faults.unplugged",
			.title = "When the card is removed with VFs in use, the kernel keeps "
				 "nothing of it",
			.why = "A program that touches a VF without a card hangs.",
			.needs = WIRED | NEED_RIG_UNPLUG,
			.vfs = 4,
			.slow = true,
			.destroys_rig = true,
			.timeout_s = 60,
			.fn = unplugged },
	{ 0 },
};
