/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/counters.h"

#include "base/cleanup.h"
#include "checks/expect.h"
#include "checks/suites.h"

/*
 * Compares counters with the frames that the check counted where they arrived. A driver may update
 * its counters late, so the checks read them until they have grown enough, or until a deadline.
 */

enum { RED = 10, BLUE = 20, LATE_MS = 50, PF_LATE_MS = 60 };

typedef int read_counters(const struct dut *, unsigned, struct counters *, struct err *);

static struct counters growth(struct counters before, struct counters after)
{
	return (struct counters){ after.rx_packets - before.rx_packets,
		after.tx_packets - before.tx_packets, after.rx_bytes - before.rx_bytes,
		after.tx_bytes - before.tx_bytes };
}

struct wait {
	const struct dut *dut;
	read_counters *read;
	struct counters before, grown;
	uint64_t rx, tx;
	int rc;
};

static bool has_grown(void *argument)
{
	struct wait *wait = argument;
	struct counters now;

	wait->rc = wait->read(wait->dut, 0, &now, NULL);
	wait->grown = growth(wait->before, now);
	return wait->rc < 0 ||
			(wait->grown.rx_packets >= wait->rx && wait->grown.tx_packets >= wait->tx);
}

/* Waits until VF 0's counters have grown by RX and TX packets since BEFORE, for at most LATE_MS;
 * returns how much they have grown. */
static int grown(struct check_run *run, read_counters *read, struct counters before, uint64_t rx,
		uint64_t tx, int late_ms, struct counters *by)
{
	struct wait wait = { run->dut, read, before, .rx = rx, .tx = tx };

	clock_poll(has_grown, &wait, dut_deadline(run->dut, late_ms), 5);
	*by = wait.grown;
	evidence_int(run, "rx packets", (int64_t)by->rx_packets, NULL);
	evidence_int(run, "tx packets", (int64_t)by->tx_packets, NULL);
	evidence_int(run, "rx bytes", (int64_t)by->rx_bytes, NULL);
	evidence_int(run, "tx bytes", (int64_t)by->tx_bytes, NULL);
	return wait.rc;
}

static enum verdict counted(
		struct check_run *run, const char *what, uint64_t packets, uint64_t expected)
{
	return packets == expected ? VERDICT_PASS
				   : check_fail(run, "%llu %s were counted, %llu frames passed",
						     (unsigned long long)packets, what,
						     (unsigned long long)expected);
}

/* Sends a burst each way, and reads the counters with READ. */
static enum verdict both_ways(struct check_run *run, read_counters *read, int late_ms, bool rx)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	struct counters before, by;
	enum verdict verdict;

	if (traffic_open(run, NULL, 1, &traffic) < 0)
		return check_broken(run, "cannot listen");
	if (read(run->dut, 0, &before, &run->err) < 0)
		return check_fail(run, "there are no counters");
	if (rx)
		verdict = expect_reaches(&traffic, "wire to VF 0", traffic.partner, traffic.vf[0],
				(struct burst){ .to = endpoint_mac(traffic.vf[0]) }, NULL);
	else
		verdict = expect_reaches(&traffic, "VF 0 to wire", traffic.vf[0], traffic.partner,
				(struct burst){ .to = endpoint_mac(traffic.partner) }, NULL);
	if (verdict != VERDICT_PASS)
		return verdict;
	if (grown(run, read, before, rx ? BURST_FRAMES : 0, rx ? 0 : BURST_FRAMES, late_ms, &by) <
			0)
		return check_broken(run, "the counters cannot be read again");
	return rx ? counted(run, "received packets", by.rx_packets, BURST_FRAMES)
		  : counted(run, "sent packets", by.tx_packets, BURST_FRAMES);
}

static enum verdict vf_rx(struct check_run *run)
{
	return both_ways(run, counters_of_vf, LATE_MS, true);
}

static enum verdict vf_tx(struct check_run *run)
{
	return both_ways(run, counters_of_vf, LATE_MS, false);
}

static enum verdict pf_rx(struct check_run *run)
{
	return both_ways(run, counters_by_pf, PF_LATE_MS, true);
}

static enum verdict pf_tx(struct check_run *run)
{
	return both_ways(run, counters_by_pf, PF_LATE_MS, false);
}

/* The frame check sequence may be counted or not. */
static enum verdict vf_bytes(struct check_run *run)
{
	enum { OCTETS = 1000, CHECKSUM = 4 };
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	struct counters before, by;
	enum verdict verdict;

	if (traffic_open(run, NULL, 1, &traffic) < 0 ||
			counters_of_vf(run->dut, 0, &before, &run->err) < 0)
		return check_broken(run, "there are no counters");
	verdict = expect_reaches(&traffic, "wire to VF 0", traffic.partner, traffic.vf[0],
			(struct burst){ .to = endpoint_mac(traffic.vf[0]), .octets = OCTETS },
			NULL);
	if (verdict != VERDICT_PASS)
		return verdict;
	if (grown(run, counters_of_vf, before, BURST_FRAMES, 0, LATE_MS, &by) < 0)
		return check_broken(run, "the counters cannot be read again");
	if (by.rx_bytes >= BURST_FRAMES * (OCTETS - 14) &&
			by.rx_bytes <= BURST_FRAMES * (OCTETS + CHECKSUM))
		return VERDICT_PASS;
	return check_fail(run, "%llu received bytes were counted, %d frames of %d octets passed",
			(unsigned long long)by.rx_bytes, BURST_FRAMES, OCTETS);
}

/* The partner sends OTHERS, which are not for VF 0; VF 0's counters must not change. */
static enum verdict untouched_by(struct check_run *run, const struct vf_settings settings[],
		struct burst others, bool to_neighbour)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	struct counters before, by;
	struct received received;

	if (traffic_open(run, settings, 2, &traffic) < 0 ||
			counters_of_vf(run->dut, 0, &before, &run->err) < 0)
		return check_broken(run, "there are no counters");
	others.to = endpoint_mac(traffic.vf[to_neighbour ? 1 : 0]);
	/* The fence is one frame for VF 0. */
	if (traffic_probe_silence(&traffic, "at VF 0", traffic.partner, traffic.vf[0], others,
			    &received) < 0)
		return check_broken(run, "what VF 0 receives cannot be determined");
	if (grown(run, counters_of_vf, before, 1, 0, LATE_MS, &by) < 0)
		return check_broken(run, "the counters cannot be read again");
	if (by.rx_packets < 1)
		return check_broken(run, "the fence was not counted");
	return counted(run, "received packets", by.rx_packets, 1);
}

static enum verdict of_neighbour(struct check_run *run)
{
	return untouched_by(run, NULL, (struct burst){ 0 }, true);
}

static enum verdict of_filtered(struct check_run *run)
{
	struct vf_settings settings[2] = {
		{ .given = VF_VLAN, .vlan = RED, .proto = 0x8100 },
		{ .given = VF_VLAN, .vlan = BLUE, .proto = 0x8100 },
	};

	return untouched_by(run, settings, (struct burst){ .outer = { 0x8100, BLUE, 0 } }, false);
}

enum { WIRED = NEED_WIRE | NEED_VF_NET | NEED_VF_SETTINGS };

const struct check suite_counters[] = {
	{ .id = "counters.vf-received",
			.title = "A VF counts the frames that it received",
			.why = "Guests bill and raise alarms by their counters.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = vf_rx },
	{ .id = "counters.vf-sent",
			.title = "A VF counts the frames that it sent",
			.why = "Guests bill and raise alarms by their counters.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = vf_tx },
	{ .id = "counters.vf-bytes",
			.title = "A VF counts the bytes of the frames that it received",
			.why = "Guests bill and raise alarms by their counters.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = vf_bytes },
	{ .id = "counters.of-neighbour",
			.title = "Frames to another VF leave a VF's counters unchanged",
			.why = "A counter that grows with a neighbour's traffic reveals it.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = of_neighbour },
	{ .id = "counters.of-filtered",
			.title = "Frames that a VF's VLAN keeps out leave its counters unchanged",
			.why = "The guest would believe that it received them.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = of_filtered },
	{ .id = "counters.pf-reports-received",
			.title = "The PF reports the frames that a VF received",
			.why = "The host has no other view of a guest's traffic.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = pf_rx },
	{ .id = "counters.pf-reports-sent",
			.title = "The PF reports the frames that a VF sent",
			.why = "The host has no other view of a guest's traffic.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 10,
			.fn = pf_tx },
	{ 0 },
};
