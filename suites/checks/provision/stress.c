/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "checks/suites.h"
#include "observe/dma.h"
#include "observe/facts.h"
#include "observe/traffic.h"
#include "sriov/lease.h"
#include "sriov/vfs.h"

/*
 * Repeats one operation many times beside traffic, and measures its cost: memory, descriptors, VFs.
 * These checks run only on request.
 */

enum {
	ENABLE_ROUNDS = 50,
	RESET_ROUNDS = 200,
	REBIND_ROUNDS = 100,
	CHURNERS = DUT_VFS,
	CHURN_ROUNDS = 250, /* settings of each */
	/* Caches fill in the first rounds, which do not count. */
	WARM_UP_PERCENT = 20,
	/* With dropped caches, free memory varies by up to 2.7 MiB, after 80 rebinds as well as
	 * after 240. The smallest leak that matters, a descriptor ring of 64 KiB, adds up to 5 MiB
	 * in 80 rounds. */
	LEAK_KIB = 4096,
	HELD_MS = 500,      /* how long a removal that must wait is watched */
	RELEASED_MS = 5000, /* until it ends after the VF is closed */
	TRAFFIC_MS = 2000,
};

/* What must not grow. */
struct resources {
	long available_kib;
	size_t descriptors;
	struct vf_counts counts;
};

static int resources_read(struct check_run *run, struct resources *resources)
{
	const struct host *host = run->dut->host;
	char text[4096];
	const char *line;
	char **names;
	int rc = host_write(host, "proc/sys/vm/drop_caches", "3", &run->err);

	if (!rc)
		rc = host_read(host, "proc/meminfo", text, sizeof(text), &run->err);
	if (rc < 0)
		return rc;
	line = strstr(text, "MemAvailable:");
	resources->available_kib = line ? strtol(line + strlen("MemAvailable:"), NULL, 10) : 0;
	rc = host_names(host, "proc/self/fd", &names, &resources->descriptors, &run->err);
	if (rc < 0)
		return rc;
	host_names_free(names, resources->descriptors);
	return vf_counts_read(run->dut, &resources->counts, &run->err);
}

static enum verdict resources_judge(struct check_run *run, const struct resources *before)
{
	struct resources now;
	long lost;

	if (resources_read(run, &now) < 0)
		return check_broken(run, "cannot measure memory, descriptors and VFs");
	lost = before->available_kib - now.available_kib;
	evidence_int(run, "memory lost since the first rounds", lost, "KiB");
	evidence_int(run, "open files", (int64_t)now.descriptors, NULL);
	if (lost > LEAK_KIB)
		return check_fail(run, "%ld KiB of memory are gone", lost);
	if (now.descriptors != before->descriptors)
		return check_fail(run, "%zu files are open, %zu were", now.descriptors,
				before->descriptors);
	if (now.counts.on_bus != before->counts.on_bus || now.counts.links != before->counts.links)
		return check_fail(run, "%u VFs are on the bus, %u were", now.counts.on_bus,
				before->counts.on_bus);
	return VERDICT_PASS;
}

/* An operation that is repeated ROUNDS times. STEP returns a verdict each time. */
struct stress_loop {
	const char *name;
	unsigned rounds;
	enum verdict (*step)(struct check_run *run, struct traffic *traffic);
};

static enum verdict repeat(
		struct check_run *run, struct traffic *traffic, const struct stress_loop *loop)
{
	struct resources before = { 0 };
	int64_t start = clock_ms();

	for (unsigned i = 0; i < loop->rounds; i++) {
		enum verdict verdict;

		if (i == loop->rounds * WARM_UP_PERCENT / 100 && resources_read(run, &before) < 0)
			return check_broken(run, "cannot measure memory, descriptors and VFs");
		verdict = loop->step(run, traffic);
		if (verdict != VERDICT_PASS) {
			evidence_int(run, "rounds before the failure", i, NULL);
			return verdict;
		}
	}
	evidence_int(run, loop->name, loop->rounds, "times");
	evidence_int(run, "on average", (clock_ms() - start) / loop->rounds, "ms");
	return resources_judge(run, &before);
}

static bool bursts_pass(struct traffic *traffic, struct endpoint *from, struct endpoint *to)
{
	struct burst burst = { .to = endpoint_mac(to) };
	uint64_t token;

	return traffic_send(traffic, from, burst, &token) == 0 &&
			endpoint_receive(to, token, BURST_FRAMES,
					dut_deadline(traffic->dut, TRAFFIC_MS))
					.frames == BURST_FRAMES;
}

/* VF 1 must exchange frames with the wire while VF 0 is disturbed. */
static enum verdict neighbour_passes(struct traffic *traffic)
{
	if (bursts_pass(traffic, traffic->vf[1], traffic->partner) &&
			bursts_pass(traffic, traffic->partner, traffic->vf[1]))
		return VERDICT_PASS;
	return check_fail(traffic->run, "VF 1 and the wire do not reach each other any more");
}

static enum verdict enable_once(struct check_run *run, struct traffic *traffic)
{
	struct vf_counts counts;

	(void)traffic;
	if (vfs_set_count(run->dut->host, run->dut->pf, 2, &run->err) < 0)
		return check_fail(run, "2 VFs cannot be made");
	if (vfs_set_count(run->dut->host, run->dut->pf, 0, &run->err) < 0)
		return check_fail(run, "2 VFs cannot be removed");
	if (vf_counts_read(run->dut, &counts, &run->err) < 0)
		return check_broken(run, "cannot count the VFs");
	return counts.on_bus ? check_fail(run, "%u VFs were left behind", counts.on_bus)
			     : VERDICT_PASS;
}

static enum verdict enable(struct check_run *run)
{
	CLEANUP(cleanup_lease) struct lease *lease = NULL;

	if (lease_begin(run->dut->host, run->dut->pf, &lease, &run->err) < 0 ||
			vfs_set_autoprobe(run->dut->host, run->dut->pf, false, &run->err) < 0)
		return check_broken(run, "cannot prepare the PF");
	return repeat(run, NULL,
			&(struct stress_loop){
					"VFs made and removed", ENABLE_ROUNDS, enable_once });
}

static enum verdict reset_once(struct check_run *run, struct traffic *traffic)
{
	if (function_reset(run->dut->host, run->dut->vfs[0].bdf, &run->err) < 0)
		return check_fail(run, "VF 0 cannot be reset");
	return neighbour_passes(traffic);
}

static enum verdict rebind_once(struct check_run *run, struct traffic *traffic)
{
	if (dut_rebind_vf(run->dut, 0, &run->err) < 0)
		return check_fail(run, "VF 0 does not come back");
	return neighbour_passes(traffic);
}

/* At the end, VF 0 must reach the wire. */
static enum verdict comes_back(struct check_run *run, struct traffic *traffic)
{
	if (traffic_reopen_vf(traffic, 0) < 0 ||
			!bursts_pass(traffic, traffic->vf[0], traffic->partner))
		return check_fail(run, "VF 0 does not reach the wire at the end");
	return VERDICT_PASS;
}

static enum verdict reset(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	enum verdict verdict;

	if (traffic_open(run, NULL, 2, &traffic) < 0 ||
			function_unbind(run->dut->host, run->dut->vfs[0].bdf, &run->err) < 0)
		return check_broken(run, "cannot unbind VF 0 from its driver");
	verdict = repeat(
			run, &traffic, &(struct stress_loop){ "resets", RESET_ROUNDS, reset_once });
	if (dut_rebind_vf(run->dut, 0, &run->err) < 0 && verdict == VERDICT_PASS)
		return check_fail(run, "VF 0 does not come back");
	return verdict == VERDICT_PASS ? comes_back(run, &traffic) : verdict;
}

static enum verdict rebind(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	enum verdict verdict;

	if (traffic_open(run, NULL, 2, &traffic) < 0)
		return check_broken(run, "cannot listen");
	verdict = repeat(run, &traffic,
			&(struct stress_loop){ "rebinds", REBIND_ROUNDS, rebind_once });
	return verdict == VERDICT_PASS ? comes_back(run, &traffic) : verdict;
}

/* Changes the settings of one VF over and over, as a busy administrator would. */
static int churn(const struct dut *dut, unsigned vf)
{
	for (unsigned i = 0; i < CHURN_ROUNDS; i++) {
		struct vf_settings settings = { .given = VF_VLAN | VF_SPOOFCHK | VF_TRUST,
			.vlan = (uint16_t)(i % 2 ? 100 + vf : 0),
			.proto = (uint16_t)(i % 2 ? 0x8100 : 0),
			.spoofchk = i % 3,
			.trust = i % 5 == 0 };

		if (vf_change_settings(dut->host, dut->pf, dut->vfs[vf].number, &settings, NULL) <
				0)
			return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}

/* Starts one process for each VF. */
static void start_churners(const struct dut *dut, pid_t pids[CHURNERS])
{
	for (unsigned vf = 0; vf < CHURNERS; vf++) {
		pids[vf] = fork();
		if (pids[vf] == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			_exit(churn(dut, vf));
		}
	}
}

/* Sends the PF's traffic until all processes have ended. */
static enum verdict pass_beside(struct traffic *traffic, pid_t pids[CHURNERS])
{
	enum verdict verdict = VERDICT_PASS;
	unsigned running = CHURNERS, bursts = 0, failed = 0;

	while (running) {
		for (unsigned vf = 0; vf < CHURNERS; vf++) {
			int status = 1;

			if (!pids[vf] || (pids[vf] > 0 && !waitpid(pids[vf], &status, WNOHANG)))
				continue;
			failed += status != 0;
			pids[vf] = 0;
			running--;
		}
		if (verdict == VERDICT_PASS && !bursts_pass(traffic, traffic->pf, traffic->partner))
			verdict = check_fail(traffic->run, "PF and wire do not reach each other");
		bursts++;
	}
	evidence_int(traffic->run, "bursts of the PF meanwhile", bursts, NULL);
	if (failed)
		return check_fail(traffic->run,
				"%u of %d administrators had a setting refused or "
				"reported differently",
				failed, CHURNERS);
	return verdict;
}

static enum verdict churned(struct check_run *run)
{
	struct vf_settings settings[CHURNERS] = { { .given = VF_VLAN | VF_SPOOFCHK | VF_TRUST,
			.spoofchk = true } };
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	pid_t pids[CHURNERS];
	struct resources before;
	enum verdict verdict;

	for (unsigned vf = 1; vf < CHURNERS; vf++)
		settings[vf] = settings[0];
	if (traffic_open(run, settings, CHURNERS, &traffic) < 0 || resources_read(run, &before) < 0)
		return check_broken(run, "cannot set the VFs");
	start_churners(run->dut, pids);
	verdict = pass_beside(&traffic, pids);
	evidence_int(run, "settings by each of 4 processes", CHURN_ROUNDS * 3L, NULL);
	for (unsigned vf = 0; verdict == VERDICT_PASS && vf < CHURNERS; vf++) {
		if (traffic_set_vf(&traffic, vf, &settings[vf]) < 0)
			verdict = check_fail(
					run, "VF %u cannot be set any more", check_vf(run, vf));
		else if (!bursts_pass(&traffic, traffic.vf[vf], traffic.partner))
			verdict = check_fail(run, "VF %u does not reach the wire any more",
					check_vf(run, vf));
	}
	return verdict == VERDICT_PASS ? resources_judge(run, &before) : verdict;
}

static bool has_ended(void *argument)
{
	pid_t *pid = argument;

	if (*pid && waitpid(*pid, NULL, WNOHANG) == *pid)
		*pid = 0;
	return !*pid;
}

/* Starts a process that removes the VFs once GO has a byte. It starts before the VF is opened,
 * since a copy of that descriptor would keep the VF open for ever. */
static pid_t start_remover(const struct dut *dut, int go[2])
{
	pid_t pid = fork();
	char byte;

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(go[1]);
	if (read(go[0], &byte, 1) == 1)
		function_write(dut->host, dut->pf, "sriov_numvfs", "0", NULL);
	_exit(0);
}

static enum verdict judge_removal(struct check_run *run, struct dma *dma, pid_t *remover)
{
	int64_t start;
	bool at_once = clock_poll(has_ended, remover, dut_deadline(run->dut, HELD_MS), 20);

	evidence_text(run, "while the VF was open", "%s",
			at_once ? "the kernel answered" : "the write waited");
	/* Does not use the number of VFs: reading that also waits for the removal. */
	if (!function_has(run->dut->host, run->dut->vfs[0].bdf, "config"))
		return check_fail(run, "a VF was removed while it was open");
	dma_let_go(dma);
	dma->taken = false; /* there is no VF to bind a driver to */
	start = clock_ms();
	if (!clock_poll(has_ended, remover, dut_deadline(run->dut, RELEASED_MS), 20))
		return check_fail(run, "the removal has not ended %d ms after the VF was closed",
				(int)(RELEASED_MS * run->dut->scale));
	evidence_int(run, "ended after the VF was closed", clock_ms() - start, "ms");
	return VERDICT_PASS;
}

static enum verdict held(struct check_run *run)
{
	CLEANUP(dma_close) struct dma dma = { 0 };
	enum verdict verdict;
	pid_t remover;
	int go[2];

	if (pipe(go) < 0)
		return check_broken(run, "cannot make a pipe");
	remover = start_remover(run->dut, go);
	close(go[0]);
	if (remover < 0 || dma_take(run->dut, 0, (struct vfio_options){ 0 }, &dma, &run->err) < 0 ||
			write(go[1], "", 1) != 1) {
		close(go[1]);
		return check_broken(run, "VF 0 cannot be opened through VFIO");
	}
	close(go[1]);
	verdict = judge_removal(run, &dma, &remover);
	/* The check ends without VFs. */
	if (verdict != VERDICT_PASS)
		return verdict;
	if (dut_setup_vfs(run->dut, 0, &run->err) < 0 &&
			vfs_set_count(run->dut->host, run->dut->pf, 0, &run->err) < 0)
		return check_fail(run, "the VFs cannot be removed afterwards");
	return VERDICT_PASS;
}

const struct check suite_stress[] = {
	{ .id = "stress.enable",
			.title = "VFs can be made and removed 50 times without leaving anything "
				 "behind",
			.why = "Hosts do it for years, and a leak ends with a reboot.",
			.needs = NEED_CONFIG,
			.slow = true,
			.timeout_s = 300,
			.fn = enable },
	{ .id = "stress.reset",
			.title = "A VF can be reset 200 times beside traffic without leaving "
				 "anything behind",
			.why = "Each guest that starts or stops resets its VF.",
			.needs = NEED_WIRE | NEED_VF_NET | NEED_FLR | NEED_CONFIG,
			.vfs = 2,
			.slow = true,
			.timeout_s = 120,
			.fn = reset },
	{ .id = "stress.rebind",
			.title = "A VF's driver can be bound 100 times beside traffic without "
				 "leaving anything behind",
			.why = "Each guest that starts or stops unbinds and binds the driver.",
			.needs = NEED_WIRE | NEED_VF_NET | NEED_CONFIG,
			.vfs = 2,
			.slow = true,
			.timeout_s = 120,
			.fn = rebind },
	{ .id = "stress.policy",
			.title = "Four processes can set VFs at the same time, and each finds what "
				 "it set",
			.why = "Guests start at the same time.",
			.needs = NEED_WIRE | NEED_VF_NET | NEED_VF_SETTINGS | NEED_CONFIG,
			.vfs = 4,
			.slow = true,
			.timeout_s = 120,
			.fn = churned },
	{ .id = "stress.held",
			.title = "VFs whose removal waits for a user are removed soon after the "
				 "user closes them",
			.why = "A removal that hangs also blocks the host's management.",
			.needs = NEED_IOMMU | NEED_VFIO | NEED_VF_NET | NEED_CONFIG,
			.vfs = 2,
			.slow = true,
			.removes_vfs = true,
			.unbreakable = "a removal that never ends leaves no machine that could "
				       "report it",
			.timeout_s = 60,
			.fn = held },
	{ 0 },
};
