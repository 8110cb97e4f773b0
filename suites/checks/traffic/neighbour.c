/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "checks/expect.h"
#include "checks/suites.h"
#include "observe/mailbox.h"

/*
 * Noisy neighbours: whatever one VF does, the frames of the others must arrive, and in time.
 *
 * Losses can be measured anywhere: after each wave of noise, a burst between VF 1 and the wire must
 * arrive whole. Latency can be measured only if sender, noise and echo each have a CPU, and the
 * CPUs are real.
 */

enum { ROGUE = 3, WAVES = 6, WAVE_FRAMES = 128, STORM_FRAMES = 32, WAVE_WRITES = 2000 };
enum { ROUNDS = 200, CPUS_NEEDED = 3, RATIO_BOUND = 20, SLACK_US = 2000 };

static enum verdict neighbour_passes(struct traffic *traffic)
{
	enum verdict verdict = expect_reaches(traffic, "wire to VF 1", traffic->partner,
			traffic->vf[1], (struct burst){ .to = endpoint_mac(traffic->vf[1]) }, NULL);

	if (verdict != VERDICT_PASS)
		return verdict;
	return expect_reaches(traffic, "VF 1 to wire", traffic->vf[1], traffic->partner,
			(struct burst){ .to = endpoint_mac(traffic->partner) }, NULL);
}

/* FROM sends waves of FRAMES small frames, NOISE; after each wave, VF 1 must not lose frames. */
static enum verdict beside(
		struct traffic *traffic, struct endpoint *from, struct burst noise, unsigned frames)
{
	enum verdict verdict = VERDICT_PASS;
	unsigned sent = 0;
	uint64_t token = 0;

	noise.from = endpoint_mac(from);
	for (unsigned wave = 0; verdict == VERDICT_PASS && wave < WAVES; wave++) {
		int taken = endpoint_flood(from, &noise, frames, &token, &traffic->run->err);

		if (taken < 0)
			return check_broken(traffic->run, "cannot send noise");
		sent += (unsigned)taken;
		verdict = neighbour_passes(traffic);
	}
	evidence_int(traffic->run, "frames of noise", sent, NULL);
	return verdict;
}

static enum verdict send_flood(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (traffic_open(run, NULL, 2, &traffic) < 0)
		return check_broken(run, "cannot listen");
	return beside(&traffic, traffic.vf[0],
			(struct burst){ .to = endpoint_mac(traffic.partner) }, WAVE_FRAMES);
}

static enum verdict receive_flood(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (traffic_open(run, NULL, 2, &traffic) < 0)
		return check_broken(run, "cannot listen");
	return beside(&traffic, traffic.partner,
			(struct burst){ .to = endpoint_mac(traffic.vf[0]) }, WAVE_FRAMES);
}

static enum verdict broadcast_storm(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };

	if (traffic_open(run, NULL, 2, &traffic) < 0)
		return check_broken(run, "cannot listen");
	return beside(&traffic, traffic.vf[0], (struct burst){ .to = mac_broadcast }, STORM_FRAMES);
}

static enum verdict register_flood(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	CLEANUP(mailbox_close) struct mailbox mailbox = { 0 };
	enum verdict verdict = VERDICT_PASS;

	if (!mailbox_known(run->dut))
		return check_skip(run, "no harmless register of this card is known");
	if (traffic_open(run, NULL, 2, &traffic) < 0)
		return check_broken(run, "cannot listen");
	if (mailbox_open(run->dut, ROGUE, &mailbox, &run->err) < 0)
		return check_broken(run, "the registers of VF %u cannot be mapped",
				check_vf(run, ROGUE));
	for (unsigned wave = 0; verdict == VERDICT_PASS && wave < WAVES; wave++) {
		mailbox_scribble(&mailbox, WAVE_WRITES);
		verdict = neighbour_passes(&traffic);
	}
	evidence_int(run, "register writes", WAVES * WAVE_WRITES, NULL);
	return verdict;
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Measures round trips of single frames between VF 1 and the wire; reports the 99th percentile. */
static int round_trips(struct traffic *traffic, const char *name, int64_t *p99)
{
	struct burst there = { .to = endpoint_mac(traffic->partner), .frames = 1 };
	struct burst back = { .to = endpoint_mac(traffic->vf[1]), .frames = 1 };
	int64_t times[ROUNDS];

	for (unsigned i = 0; i < ROUNDS; i++) {
		struct deadline deadline = dut_deadline(traffic->dut, 1000);
		int64_t start = clock_us();
		uint64_t token;

		if (traffic_send(traffic, traffic->vf[1], there, &token) < 0 ||
				!endpoint_receive(traffic->partner, token, 1, deadline).frames ||
				traffic_send(traffic, traffic->partner, back, &token) < 0 ||
				!endpoint_receive(traffic->vf[1], token, 1, deadline).frames)
			return -1;
		times[i] = clock_us() - start;
	}
	qsort(times, ROUNDS, sizeof(*times), by_value);
	*p99 = times[ROUNDS * 99 / 100];
	evidence_text(traffic->run, name, "median %lld us, p99 %lld us",
			(long long)times[ROUNDS / 2], (long long)*p99);
	return 0;
}

/* Starts a process that sends small frames from VF 0 until it is killed. */
static pid_t start_flood(struct traffic *traffic)
{
	struct burst noise = { .to = endpoint_mac(traffic->partner),
		.from = endpoint_mac(traffic->vf[0]) };
	uint64_t token = 0;
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (endpoint_flood(traffic->vf[0], &noise, WAVE_FRAMES, &token, NULL) >= 0)
		;
	_exit(0);
}

static enum verdict latency(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	int64_t idle = 0, flooded = 0;
	pid_t flood;
	int rc;

	if (run->dut->scale > 1)
		return check_skip(run, "the CPUs are emulated, so times on them prove nothing");
	if (sysconf(_SC_NPROCESSORS_ONLN) < CPUS_NEEDED)
		return check_skip(run,
				"fewer than %d CPUs: the noise would take the CPU of the echo",
				CPUS_NEEDED);
	if (traffic_open(run, NULL, 2, &traffic) < 0)
		return check_broken(run, "cannot listen");
	if (round_trips(&traffic, "idle", &idle) < 0)
		return check_broken(run, "VF 1 loses frames without any noise");
	flood = start_flood(&traffic);
	if (flood < 0)
		return check_broken(run, "cannot start the noise");
	rc = round_trips(&traffic, "beside a flood", &flooded);
	kill(flood, SIGKILL);
	waitpid(flood, NULL, 0);
	if (rc < 0)
		return check_fail(run, "VF 1 loses frames beside a flood of VF 0");
	if (flooded <= idle * RATIO_BOUND + SLACK_US)
		return VERDICT_PASS;
	return check_fail(run,
			"beside a flood of VF 0 a round trip of VF 1 takes %lld us, idle %lld us "
			"(p99)",
			(long long)flooded, (long long)idle);
}

enum { WIRED = NEED_WIRE | NEED_VF_NET };

const struct check suite_neighbour[] = {
	{ .id = "neighbour.send-flood",
			.title = "A VF loses no frames beside a neighbour that floods the wire",
			.why = "The card must share its wire among the VFs.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 15,
			.fn = send_flood },
	{ .id = "neighbour.receive-flood",
			.title = "A VF loses no frames beside a neighbour that is flooded",
			.why = "An attack on one guest must not affect the others.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 15,
			.fn = receive_flood },
	{ .id = "neighbour.broadcast-storm",
			.title = "A VF loses no frames beside bursts of broadcasts",
			.why = "Every VF must take the broadcasts and its own frames.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 15,
			.fn = broadcast_storm },
	{ .id = "neighbour.register-flood",
			.title = "A VF loses no frames beside a neighbour that writes registers",
			.why = "Register writes of all VFs share one link to the card.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 15,
			.fn = register_flood },
	{ .id = "neighbour.latency",
			.title = "Round trips of a VF stay short beside a flood of small frames",
			.why = "A guest that waits too long is as good as cut off.",
			.needs = WIRED,
			.vfs = 4,
			.timeout_s = 20,
			.unbreakable = "it is skipped on emulated CPUs",
			.fn = latency },
	{ 0 },
};
