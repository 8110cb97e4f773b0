/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/vf_paths.h"

#include <string.h>

#include "netdev/netns.h"
#include "observe/carrier.h"
#include "observe/endpoint.h"

enum {
	GROUP = 16, /* VFs at a time: their bursts fit every queue */
	CARRIER_MS = 5000,
	ARRIVAL_MS = 700,
	SMALLEST = 60, /* octets without the checksum (IEEE 802.3, 3.2.8) */
	FULL = 1514,
	LARGEST = 1518, /* with a tag (IEEE 802.3, 3.2.7) */
	FIRST_VLAN = 1001,
};

const char *const vf_path_checks[VF_PATHS] = {
	[VF_DRIVER] = "every-vf.driver",
	[VF_CARRIER] = "every-vf.carrier",
	[VF_RECEIVES] = "every-vf.receives",
	[VF_SENDS] = "every-vf.sends",
	[VF_RECEIVES_FULL] = "every-vf.receives-full",
	[VF_SENDS_FULL] = "every-vf.sends-full",
	[VF_FROM_PF] = "every-vf.from-pf",
	[VF_TO_PF] = "every-vf.to-pf",
	[VF_TO_NEXT] = "every-vf.to-neighbour",
	[VF_OTHER_VLAN] = "every-vf.other-vlan",
	[VF_FORGED] = "every-vf.forged",
	[VF_VLAN_IN] = "every-vf.vlan-in",
	[VF_VLAN_OUT] = "every-vf.vlan-out",
};

enum party { NOBODY, WIRE, PF, VF, NEXT_VF };

/* The frames of each path. What must not arrive is counted at the end of the attempt: a later path over
 * the same queues is its fence. */
static const struct {
	enum party from, to;
	unsigned octets;
	bool silent;
	unsigned needs; /* the paths that must work before */
} paths[VF_PATHS] = {
	[VF_RECEIVES] = { WIRE, VF, SMALLEST },
	[VF_SENDS] = { VF, WIRE, SMALLEST },
	[VF_RECEIVES_FULL] = { WIRE, VF, FULL, .needs = 1 << VF_RECEIVES },
	[VF_SENDS_FULL] = { VF, WIRE, FULL, .needs = 1 << VF_SENDS },
	[VF_FROM_PF] = { PF, VF, FULL, .needs = 1 << VF_RECEIVES | 1 << VF_RECEIVES_FULL },
	[VF_TO_PF] = { VF, PF, FULL, .needs = 1 << VF_SENDS | 1 << VF_SENDS_FULL },
	[VF_TO_NEXT] = { VF, NEXT_VF, FULL, .needs = 1 << VF_SENDS | 1 << VF_SENDS_FULL },
	[VF_OTHER_VLAN] = { WIRE, VF, FULL, true, 1 << VF_RECEIVES | 1 << VF_RECEIVES_FULL },
	[VF_FORGED] = { VF, WIRE, FULL, true, 1 << VF_SENDS | 1 << VF_SENDS_FULL },
	[VF_VLAN_IN] = { WIRE, VF, LARGEST, .needs = 1 << VF_RECEIVES | 1 << VF_RECEIVES_FULL },
	[VF_VLAN_OUT] = { VF, WIRE, FULL, .needs = 1 << VF_SENDS | 1 << VF_SENDS_FULL },
};

/* One try with up to GROUP VFs. */
struct attempt {
	struct dut *dut;
	unsigned from, count;
	struct vf_paths *seen; /* of the first of them */
	struct endpoint *vf[GROUP], *partner, *pf;
	uint64_t tokens[VF_PATHS][GROUP]; /* 0: not sent */
	struct err *err;
};

unsigned vf_path_frames(enum vf_path path)
{
	if (paths[path].silent)
		return 0;
	return paths[path].from ? BURST_FRAMES : 1;
}

uint16_t vf_paths_vlan(const struct dut *dut, unsigned vf)
{
	return (uint16_t)(FIRST_VLAN + dut->vfs[vf].number % 2048);
}

static struct dut_vf *vf_at(const struct attempt *attempt, unsigned i)
{
	return &attempt->dut->vfs[attempt->from + i];
}

static bool works(const struct vf_paths *seen, enum vf_path path)
{
	return seen->frames[path] == vf_path_frames(path);
}

static void note(const struct attempt *attempt, unsigned i, enum vf_path path, unsigned frames)
{
	struct vf_paths *seen = &attempt->seen[i];
	struct dut_vf *vf = vf_at(attempt, i);

	seen->tried |= 1u << path;
	seen->frames[path] = frames;
	if (path >= VF_USABLE)
		return;
	if (!works(seen, path) && !vf->fails)
		vf->fails = vf_path_checks[path];
	else if (works(seen, path) && vf->fails == vf_path_checks[path])
		vf->fails = NULL;
}

/* Whether what PATH stands on has been tried, and works. */
static bool may_try(const struct attempt *attempt, unsigned i, enum vf_path path)
{
	const struct vf_paths *seen = &attempt->seen[i];
	unsigned needs = paths[path].needs | 1u << VF_CARRIER;

	for (enum vf_path p = 0; p < path; p++) {
		if (needs & 1u << p && !(seen->tried & 1u << p && works(seen, p)))
			return false;
	}
	return true;
}

static int try_carriers(const struct attempt *attempt)
{
	struct dut *dut = attempt->dut;
	struct deadline deadline = dut_deadline(dut, CARRIER_MS);
	int64_t began_us = clock_us();
	char name[IFNAMSIZ];
	int rc = netns_enter(dut->vf_netns, attempt->err);

	for (unsigned i = 0; !rc && i < attempt->count; i++) {
		if (!attempt->seen[i].frames[VF_DRIVER])
			continue;
		dut_vf_name(dut, attempt->from + i, name);
		note(attempt, i, VF_CARRIER,
				carrier_becomes(dut, name, true,
						(int)(deadline_left(deadline) / dut->scale)));
	}
	host_waited(dut->host, began_us);
	return netns_enter(dut->home_netns, attempt->err) < 0 ? -EIO : rc;
}

static int open_endpoints(struct attempt *attempt)
{
	struct dut *dut = attempt->dut;
	int home = dut->home_netns;
	char name[IFNAMSIZ];
	int rc = endpoint_open(
			dut->host, home, home, dut->partner, &attempt->partner, attempt->err);

	if (!rc)
		rc = endpoint_open(
				dut->host, home, home, dut->pf_netdev, &attempt->pf, attempt->err);
	for (unsigned i = 0; !rc && i < attempt->count; i++) {
		if (!attempt->seen[i].frames[VF_CARRIER])
			continue;
		dut_vf_name(dut, attempt->from + i, name);
		rc = endpoint_open(dut->host, dut->vf_netns, home, name, &attempt->vf[i],
				attempt->err);
	}
	return rc;
}

/* The next VF of the attempt that can receive; the VF itself if it is alone. */
static unsigned next_of(const struct attempt *attempt, unsigned i)
{
	unsigned next = i;

	do
		next = (next + 1) % attempt->count;
	while (next != i && !may_try(attempt, next, VF_FROM_PF));
	return next;
}

static struct endpoint *endpoint_of(const struct attempt *attempt, enum party party, unsigned i)
{
	switch (party) {
	case WIRE:
		return attempt->partner;
	case PF:
		return attempt->pf;
	case NEXT_VF:
		return attempt->vf[next_of(attempt, i)];
	default:
		return attempt->vf[i];
	}
}

static struct burst burst_of(const struct attempt *attempt, enum vf_path path, unsigned i)
{
	struct burst burst = { .octets = paths[path].octets };
	unsigned tag_of = path == VF_OTHER_VLAN ? next_of(attempt, i) : i;

	burst.to = endpoint_mac(endpoint_of(attempt, paths[path].to, i));
	burst.from = endpoint_mac(endpoint_of(attempt, paths[path].from, i));
	if (path == VF_FORGED)
		burst.from = endpoint_mac(attempt->pf);
	if (path == VF_OTHER_VLAN || path == VF_VLAN_IN)
		burst.outer = (struct tag){ 0x8100,
			vf_paths_vlan(attempt->dut, attempt->from + tag_of), 0 };
	return burst;
}

static bool is_tagged(const struct attempt *attempt, unsigned i, struct received received)
{
	return received.tags == 1 &&
			received.outer.vlan == vf_paths_vlan(attempt->dut, attempt->from + i);
}

static bool wants_burst(const struct attempt *attempt, enum vf_path path, unsigned i)
{
	bool lonely = next_of(attempt, i) == i;

	if (lonely && (paths[path].to == NEXT_VF || path == VF_OTHER_VLAN))
		return false;
	return may_try(attempt, i, path) &&
			!(attempt->seen[i].tried & 1u << path && works(&attempt->seen[i], path));
}

static int send_bursts(struct attempt *attempt, enum vf_path path)
{
	int rc = 0;

	dut_inject_faults(attempt->dut);
	memset(attempt->tokens[path], 0, sizeof(attempt->tokens[path]));
	for (unsigned i = 0; !rc && i < attempt->count; i++) {
		struct burst burst;

		if (!wants_burst(attempt, path, i))
			continue;
		burst = burst_of(attempt, path, i);
		rc = endpoint_send(endpoint_of(attempt, paths[path].from, i), &burst,
				&attempt->tokens[path][i], attempt->err);
	}
	return rc;
}

/* Counts what has arrived; returns whether all has. */
static bool count_bursts(struct attempt *attempt, enum vf_path path)
{
	struct deadline deadline = dut_deadline(attempt->dut, ARRIVAL_MS);
	bool all = true;

	for (unsigned i = 0; i < attempt->count; i++) {
		uint64_t token = attempt->tokens[path][i];
		struct received received;

		if (!token)
			continue;
		received = endpoint_receive(endpoint_of(attempt, paths[path].to, i), token,
				BURST_FRAMES, deadline);
		note(attempt, i, path, received.frames);
		all &= works(&attempt->seen[i], path);
		if (path == VF_VLAN_OUT && received.frames && !is_tagged(attempt, i, received))
			attempt->seen[i].wrong_tags++;
	}
	return all;
}

/* Sends a burst for each VF, then counts what has arrived. A burst that is not whole gets a second try:
 * a frame may be lost when a link has just come up, and a path is one on which bursts arrive. */
static int try_frames(struct attempt *attempt, enum vf_path path)
{
	int rc = send_bursts(attempt, path);

	if (rc || paths[path].silent || count_bursts(attempt, path))
		return rc;
	rc = send_bursts(attempt, path);
	if (!rc)
		count_bursts(attempt, path);
	for (unsigned i = 0; i < attempt->count; i++)
		attempt->seen[i].retried += attempt->tokens[path][i] != 0;
	return rc;
}

/* Counts what must not have arrived: the bursts of the silent paths, and at each VF those for others. */
static void count_silence(struct attempt *attempt)
{
	for (enum vf_path path = 0; path < VF_PATHS; path++) {
		for (unsigned i = 0; i < attempt->count; i++) {
			uint64_t token = attempt->tokens[path][i];
			struct endpoint *at = endpoint_of(attempt, paths[path].to, i);

			if (token && paths[path].silent)
				note(attempt, i, path,
						endpoint_receive(at, token, 1, deadline_in(0))
								.frames);
			for (unsigned k = 0; token && k < attempt->count; k++) {
				if (attempt->vf[k] && attempt->vf[k] != at && k != i)
					attempt->seen[k].foreign += endpoint_receive(
							attempt->vf[k], token, 1, deadline_in(0))
										    .frames;
			}
		}
	}
}

static void attempt_end(struct attempt *attempt)
{
	for (unsigned i = 0; i < attempt->count; i++)
		endpoint_close(attempt->vf[i]);
	endpoint_close(attempt->partner);
	endpoint_close(attempt->pf);
}

static int try_group(struct attempt *attempt, enum vf_path first, enum vf_path end)
{
	int rc = 0;

	for (unsigned i = 0; first <= VF_DRIVER && i < attempt->count; i++)
		note(attempt, i, VF_DRIVER, !vf_at(attempt, i)->fails);
	if (first <= VF_CARRIER)
		rc = try_carriers(attempt);
	if (rc || end <= VF_RECEIVES || !attempt->dut->partner[0])
		return rc;
	rc = open_endpoints(attempt);
	for (enum vf_path path = first > VF_RECEIVES ? first : VF_RECEIVES; !rc && path < end;
			path++)
		rc = try_frames(attempt, path);
	if (!rc)
		count_silence(attempt);
	return rc;
}

int vf_paths_try(struct dut *dut, struct vf_range vfs, enum vf_path first, enum vf_path end,
		struct vf_paths seen[], struct err *err)
{
	int rc = 0;

	for (unsigned at = vfs.from; !rc && at < vfs.to; at += GROUP) {
		struct vf_paths unused[GROUP] = { 0 };
		struct attempt attempt = { .dut = dut,
			.from = at,
			.count = vfs.to - at < GROUP ? vfs.to - at : GROUP,
			.seen = seen ? &seen[at - vfs.from] : unused,
			.err = err };

		rc = try_group(&attempt, first, end);
		attempt_end(&attempt);
	}
	return rc;
}
