/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "checks/reset/reset.h"
#include "drivers/registers.h"
#include "host/config.h"
#include "pci/pcie.h"
#include "pci/space.h"
#include "sriov/vfs.h"

/* Other VFs must not notice a reset. Each check prepares all VFs, resets one, and examines the
 * others. */

enum { ALL = 4 };

int open_tenants(struct check_run *run, unsigned count, struct traffic *traffic)
{
	struct vf_settings settings[ALL] = {
		{ .given = VF_VLAN, .vlan = RED, .proto = 0x8100 },
		{ .given = VF_VLAN, .vlan = BLUE, .proto = 0x8100 },
		{ .given = VF_VLAN, .vlan = RED, .proto = 0x8100 },
	};

	return traffic_open(run, settings, count, traffic);
}

enum verdict both_ways(struct traffic *traffic, unsigned vf)
{
	struct tag tag = { traffic->vlan[vf] ? 0x8100 : 0, traffic->vlan[vf], 0 };
	struct burst in = { .to = endpoint_mac(traffic->vf[vf]), .outer = tag };
	struct burst out = { .to = endpoint_mac(traffic->partner) };
	struct received received;
	enum verdict verdict = expect_reaches(traffic, "from the VF to the wire", traffic->vf[vf],
			traffic->partner, out, &received);

	if (verdict != VERDICT_PASS)
		return verdict;
	if ((received.tags ? received.outer.vlan : 0) != tag.vlan)
		return check_fail(traffic->run, "VF %u in VLAN %u sends in VLAN %u",
				check_vf(traffic->run, vf), tag.vlan,
				received.tags ? received.outer.vlan : 0);
	return expect_reaches(traffic, "from the wire to the VF", traffic->partner, traffic->vf[vf],
			in, NULL);
}

static enum verdict all_both_ways(struct traffic *traffic, unsigned first)
{
	enum verdict verdict = VERDICT_PASS;

	for (unsigned i = first; verdict == VERDICT_PASS && i < traffic->vf_count; i++)
		verdict = both_ways(traffic, i);
	return verdict;
}

/* Unbinds VF's driver until the check ends. */
struct unbind {
	struct dut *dut;
	unsigned vf;
};

static int unbind_begin(struct check_run *run, unsigned vf, struct unbind *unbind)
{
	*unbind = (struct unbind){ run->dut, vf };
	return function_unbind(run->dut->host, run->dut->vfs[vf].bdf, &run->err);
}

static void unbind_end(struct unbind *unbind)
{
	if (unbind->dut)
		dut_rebind_vf(unbind->dut, unbind->vf, NULL);
}

enum verdict reset_neighbours_frames(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	CLEANUP(unbind_end) struct unbind unbind = { 0 };

	if (open_tenants(run, ALL, &traffic) < 0 || unbind_begin(run, 0, &unbind) < 0)
		return check_broken(run, "cannot put the VFs into their VLANs");
	if (function_reset(run->dut->host, run->dut->vfs[0].bdf, &run->err) < 0)
		return check_fail(run, "VF 0 cannot be reset");
	return all_both_ways(&traffic, 1);
}

static int read_space(struct check_run *run, unsigned vf, struct space *space)
{
	CLEANUP(cleanup_config) struct config *config = NULL;
	int rc = config_open(run->dut->host, run->dut->vfs[vf].bdf, &config, &run->err);

	*space = (struct space){ .bdf = run->dut->vfs[vf].bdf };
	if (!rc)
		space->length = config_read(config, space->bytes);
	return rc;
}

/* Clears the bits of the two status registers, which change by themselves. */
static void blank_status(struct space *space)
{
	unsigned express = space_capability(space, PCIE_CAPABILITY);

	memset(space->bytes + HEADER_STATUS, 0, 2);
	if (express)
		memset(space->bytes + express + 0x0a, 0, 2);
}

enum verdict reset_neighbours_config(struct check_run *run)
{
	CLEANUP(unbind_end) struct unbind unbind = { 0 };
	struct space before[ALL], after;

	if (unbind_begin(run, 0, &unbind) < 0)
		return check_broken(run, "VF 0 cannot be unbound from its driver");
	for (unsigned i = 1; i < ALL; i++) {
		if (read_space(run, i, &before[i]) < 0)
			return check_broken(
					run, "VF %u has no configuration space", check_vf(run, i));
		blank_status(&before[i]);
	}
	if (function_reset(run->dut->host, run->dut->vfs[0].bdf, &run->err) < 0)
		return check_fail(run, "VF 0 cannot be reset");
	dut_inject_faults(run->dut);
	for (unsigned i = 1; i < ALL; i++) {
		if (read_space(run, i, &after) < 0)
			return check_fail(run, "VF %u has no configuration space any more",
					check_vf(run, i));
		blank_status(&after);
		for (unsigned at = 0; at < before[i].length; at++) {
			if (before[i].bytes[at] != after.bytes[at])
				return check_fail(run,
						"the reset of VF 0 changed byte %03x of VF %u's "
						"configuration space from %02x to %02x",
						at, check_vf(run, i), before[i].bytes[at],
						after.bytes[at]);
		}
	}
	evidence_int(run, "bytes compared for each VF", before[1].length, "bytes");
	return VERDICT_PASS;
}

static void unmap_all(struct bar (*bars)[ALL])
{
	for (unsigned i = 0; i < ALL; i++)
		bar_unmap(&(*bars)[i]);
}

enum verdict reset_neighbours_registers(struct check_run *run)
{
	CLEANUP(unbind_end) struct unbind unbind = { 0 };
	CLEANUP(unmap_all) struct bar bars[ALL] = { 0 };
	const struct card_registers *card = card_registers_of(run->dut->host, run->dut->pf);
	const struct vf_register *settled = card && card->vf ? card->vf->settled : NULL;
	uint32_t before[ALL][VF_REGISTERS_LIMIT];
	unsigned count = 0;

	if (!settled)
		return check_skip(run, "the registers of VFs of this card are not known");
	while (settled[count].name)
		count++;
	for (unsigned i = 1; i < ALL; i++) {
		int rc = bar_map(run->dut->host, run->dut->vfs[i].bdf, 0, &bars[i], &run->err);

		if (rc < 0)
			return check_skip(run,
					"the kernel does not allow mapping registers of bound VFs");
		for (unsigned k = 0; k < count; k++)
			before[i][k] = bar_read(&bars[i], settled[k].offset);
	}
	if (unbind_begin(run, 0, &unbind) < 0)
		return check_broken(run, "VF 0 cannot be unbound from its driver");
	if (function_reset(run->dut->host, run->dut->vfs[0].bdf, &run->err) < 0)
		return check_fail(run, "VF 0 cannot be reset");
	dut_inject_faults(run->dut);
	for (unsigned i = 1; i < ALL; i++) {
		for (unsigned k = 0; k < count; k++) {
			uint32_t after = bar_read(&bars[i], settled[k].offset);

			if (after != before[i][k])
				return check_fail(run,
						"the reset of VF 0 changed %s of VF %u from %08x "
						"to %08x",
						settled[k].name, check_vf(run, i), before[i][k],
						after);
		}
	}
	evidence_int(run, "registers compared for each VF", count, NULL);
	return VERDICT_PASS;
}

enum verdict reset_twice(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	struct bdf vf = run->dut->vfs[0].bdf;

	if (open_tenants(run, 1, &traffic) < 0 ||
			function_unbind(run->dut->host, vf, &run->err) < 0)
		return check_broken(run, "cannot put the VF into its VLAN");
	if (function_reset(run->dut->host, vf, &run->err) < 0 ||
			function_reset(run->dut->host, vf, &run->err) < 0) {
		dut_rebind_vf(run->dut, 0, NULL);
		return check_fail(run, "VF 0 cannot be reset twice");
	}
	if (dut_rebind_vf(run->dut, 0, &run->err) < 0 || traffic_reopen_vf(&traffic, 0) < 0)
		return check_fail(run, "VF 0 does not come back from two resets");
	return both_ways(&traffic, 0);
}

/* Starts a process that acts on VF; its exit status is 0 if that succeeded. */
static pid_t start(struct check_run *run, unsigned vf,
		int (*act)(const struct host *, struct bdf, struct err *))
{
	pid_t pid = fork();

	if (!pid)
		_exit(act(run->dut->host, run->dut->vfs[vf].bdf, NULL) < 0);
	return pid;
}

static bool ended_well(pid_t pid)
{
	int status;

	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

enum verdict reset_parallel(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	pid_t pids[ALL];
	unsigned good = 0, back = 0;

	if (open_tenants(run, ALL, &traffic) < 0)
		return check_broken(run, "cannot put the VFs into their VLANs");
	for (unsigned i = 0; i < ALL; i++)
		function_unbind(run->dut->host, run->dut->vfs[i].bdf, &run->err);
	for (unsigned i = 0; i < ALL; i++)
		pids[i] = start(run, i, function_reset);
	for (unsigned i = 0; i < ALL; i++)
		good += ended_well(pids[i]);
	for (unsigned i = 0; i < ALL; i++)
		back += dut_rebind_vf(run->dut, i, &run->err) == 0 &&
				traffic_reopen_vf(&traffic, i) == 0;
	evidence_int(run, "VFs that were reset at the same time", good, NULL);
	if (good < ALL || back < ALL)
		return check_fail(run, "of %d VFs %u were reset and %u came back", ALL, good, back);
	return all_both_ways(&traffic, 0);
}

/* Sends bursts of the neighbours, over the wire and inside the card, while PID runs. */
static enum verdict traffic_while(struct traffic *traffic, pid_t pid)
{
	enum verdict verdict = VERDICT_PASS;
	unsigned rounds = 0;
	int status;
	pid_t ended = 0;

	while (verdict == VERDICT_PASS && !ended) {
		struct burst burst = { .to = endpoint_mac(traffic->vf[3]) };

		ended = waitpid(pid, &status, WNOHANG);
		verdict = both_ways(traffic, 1);
		if (verdict == VERDICT_PASS)
			verdict = expect_reaches(traffic, "from VF 2 to VF 3", traffic->vf[2],
					traffic->vf[3], burst, NULL);
		rounds++;
	}
	if (!ended)
		ended = waitpid(pid, &status, 0);
	evidence_int(traffic->run, "rounds of bursts meanwhile", rounds, NULL);
	if (verdict == VERDICT_PASS && (ended != pid || status))
		return check_fail(traffic->run, "the operation on VF 0 failed");
	return verdict;
}

/* Puts VF 1 into a VLAN, and VF 2 and VF 3 into none. */
static int open_neighbours(struct check_run *run, struct traffic *traffic)
{
	struct vf_settings settings[ALL] = {
		[1] = { .given = VF_VLAN, .vlan = BLUE, .proto = 0x8100 },
	};

	return traffic_open(run, settings, ALL, traffic);
}

enum verdict reset_during_traffic(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	CLEANUP(unbind_end) struct unbind unbind = { 0 };

	if (open_neighbours(run, &traffic) < 0 || unbind_begin(run, 0, &unbind) < 0)
		return check_broken(run, "cannot prepare the VFs");
	return traffic_while(&traffic, start(run, 0, function_reset));
}

static int unbind_and_bind(const struct host *host, struct bdf bdf, struct err *err)
{
	int rc = function_unbind(host, bdf, err);

	return rc ? rc : function_bind(host, bdf, NULL, err);
}

enum verdict reset_rebind_during_traffic(struct check_run *run)
{
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	enum verdict verdict;

	if (open_neighbours(run, &traffic) < 0)
		return check_broken(run, "cannot prepare the VFs");
	verdict = traffic_while(&traffic, start(run, 0, unbind_and_bind));
	if (verdict == VERDICT_PASS && dut_settle_vfs(run->dut, &run->err) < 0)
		return check_fail(run, "VF 0 does not come back after a rebind");
	return verdict;
}

enum verdict reset_refused(struct check_run *run)
{
	struct bdf vf = run->dut->vfs[0].bdf;
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	struct err refusal = { 0 };
	char methods[64] = "";

	function_read(run->dut->host, vf, "reset_method", methods, sizeof(methods), NULL);
	if (*methods)
		return check_skip(run, "the VFs can be reset (%s): there is nothing to refuse",
				methods);
	if (function_reset(run->dut->host, vf, &refusal) == 0)
		return check_fail(run,
				"a reset of VF 0 succeeds, although the VF has no way to be reset");
	evidence_text(run, "refused", "%s", refusal.msg);
	if (traffic_open(run, NULL, 1, &traffic) < 0)
		return check_broken(run, "cannot listen");
	return both_ways(&traffic, 0);
}
