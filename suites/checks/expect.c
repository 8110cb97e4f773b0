/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checks/expect.h"

#include <stddef.h>

enum { SOON_MS = 40, LATE_MS = 700 };

/* Counts the frames of a burst that arrive. The fences reveal a loss early; without them each
 * loss would cost the whole deadline. */
static int arrived(struct traffic *traffic, const char *name, struct endpoint *from,
		struct endpoint *at, struct burst burst, struct received *received)
{
	uint64_t token;
	int patience_ms;

	if (traffic_send(traffic, from, burst, &token) < 0)
		return -1;
	*received = endpoint_receive(at, token, BURST_FRAMES, dut_deadline(traffic->dut, SOON_MS));
	if (received->frames == BURST_FRAMES) {
		*received = traffic_await(traffic, name, at, token);
		return 0;
	}
	/* The wait for a lost fence is long enough for the burst as well. */
	patience_ms = traffic->patience_ms;
	traffic->patience_ms = LATE_MS;
	traffic_prove_silence(traffic, name, from, at, token, received);
	traffic->patience_ms = patience_ms;
	traffic->run->err.code = 0;
	traffic->run->lost_path = NULL;
	return 0;
}

static enum verdict miscounted(struct traffic *traffic, const char *name,
		const struct endpoint *from, const struct endpoint *at,
		const struct received *received)
{
	char named[CHECK_TEXT];

	check_name_vfs(traffic->run, name, named);
	return check_fail(traffic->run, "%s received %u of %d frames from %s: %s",
			endpoint_name(at), received->frames, BURST_FRAMES, endpoint_name(from),
			named);
}

enum verdict expect_reaches(struct traffic *traffic, const char *name, struct endpoint *from,
		struct endpoint *at, struct burst burst, struct received *received)
{
	struct received unused, *what = received ? received : &unused;

	if (arrived(traffic, name, from, at, burst, what) < 0)
		return check_broken(traffic->run, "cannot send from %s", endpoint_name(from));
	if (what->frames == BURST_FRAMES)
		return VERDICT_PASS;
	return miscounted(traffic, name, from, at, what);
}

enum verdict expect_silent(struct traffic *traffic, const char *name, struct endpoint *from,
		struct endpoint *at, struct burst burst)
{
	struct received received;

	if (traffic_probe_silence(traffic, name, from, at, burst, &received) < 0)
		return check_broken(traffic->run, "silence at %s is not proven", endpoint_name(at));
	if (!received.frames)
		return VERDICT_PASS;
	return miscounted(traffic, name, from, at, &received);
}

enum verdict expect_control(struct traffic *traffic, const char *id, struct endpoint *from,
		struct endpoint *at, struct burst burst)
{
	struct received received;

	if (arrived(traffic, "control", from, at, burst, &received) == 0 &&
			received.frames == BURST_FRAMES)
		return VERDICT_PASS;
	return check_needs(traffic->run, id, "%s does not reach %s", endpoint_name(from),
			endpoint_name(at));
}

enum verdict expect_egress_tag(struct traffic *traffic, unsigned vf, struct tag tag)
{
	struct burst burst = { .to = endpoint_mac(traffic->partner) };
	struct received received;
	enum verdict verdict;

	verdict = expect_reaches(traffic, "on the wire", traffic->vf[vf], traffic->partner, burst,
			&received);
	if (verdict != VERDICT_PASS)
		return verdict;
	if (!tag.proto && received.tags)
		return check_fail(traffic->run,
				"the frames are on the wire with VLAN %u, not untagged",
				received.outer.vlan);
	if (tag.proto && !received.tags)
		return check_fail(traffic->run,
				"the frames are on the wire untagged, not in VLAN %u", tag.vlan);
	if (received.outer.proto != tag.proto || received.outer.vlan != tag.vlan ||
			received.outer.priority != tag.priority || received.tags > (tag.proto != 0))
		return check_fail(traffic->run,
				"the frames are on the wire with %u tags, the outer %04x VLAN %u "
				"priority %u; %04x VLAN %u priority %u is set",
				received.tags, received.outer.proto, received.outer.vlan,
				received.outer.priority, tag.proto, tag.vlan, tag.priority);
	return VERDICT_PASS;
}

enum verdict expect_ingress_tag(struct traffic *traffic, unsigned vf, struct tag tag)
{
	struct burst burst = { .to = endpoint_mac(traffic->vf[vf]), .outer = tag };
	struct received received;
	enum verdict verdict;

	verdict = expect_reaches(
			traffic, "at the VF", traffic->partner, traffic->vf[vf], burst, &received);
	if (verdict == VERDICT_PASS && received.tags)
		return check_fail(traffic->run, "VF %u sees the tag of VLAN %u",
				check_vf(traffic->run, vf), received.outer.vlan);
	return verdict;
}
