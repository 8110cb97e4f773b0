/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checks/arms.h"

#include <stddef.h>

enum { SOON_MS = 40, LATE_MS = 700 };

/* What arrived of a burst. A loss is told by the fences: to wait for it would take the whole
 * deadline. */
static int arrived(struct scene *scene, const char *name, struct endpoint *from,
		struct endpoint *at, struct burst burst, struct heard *heard)
{
	uint64_t token;
	int patience_ms;

	if (scene_send(scene, from, burst, &token) < 0)
		return -1;
	*heard = endpoint_listen(at, token, BURST_FRAMES, dut_deadline(scene->dut, SOON_MS));
	if (heard->frames == BURST_FRAMES) {
		*heard = scene_expect(scene, name, at, token);
		return 0;
	}
	/* A fence that is lost has waited long enough for the burst as well. */
	patience_ms = scene->patience_ms;
	scene->patience_ms = LATE_MS;
	scene_silence(scene, name, from, at, token, heard);
	scene->patience_ms = patience_ms;
	scene->run->err.code = 0;
	return 0;
}

enum verdict arm_reaches(struct scene *scene, const char *name, struct endpoint *from,
		struct endpoint *at, struct burst burst, struct heard *heard)
{
	struct heard unused, *what = heard ? heard : &unused;

	if (arrived(scene, name, from, at, burst, what) < 0)
		return check_broken(scene->run, "cannot send from %s", endpoint_name(from));
	if (what->frames == BURST_FRAMES)
		return VERDICT_PASS;
	return check_fail(scene->run, "%s heard %u of %d frames from %s: %s", endpoint_name(at),
			what->frames, BURST_FRAMES, endpoint_name(from), name);
}

enum verdict arm_silent(struct scene *scene, const char *name, struct endpoint *from,
		struct endpoint *at, struct burst burst)
{
	struct heard heard;

	if (scene_leak(scene, name, from, at, burst, &heard) < 0)
		return check_broken(scene->run, "silence at %s is not proven", endpoint_name(at));
	if (!heard.frames)
		return VERDICT_PASS;
	return check_fail(scene->run, "%s heard %u of %d frames from %s: %s", endpoint_name(at),
			heard.frames, BURST_FRAMES, endpoint_name(from), name);
}

enum verdict arm_control(
		struct scene *scene, struct endpoint *from, struct endpoint *at, struct burst burst)
{
	struct heard heard;

	if (arrived(scene, "control", from, at, burst, &heard) == 0 && heard.frames == BURST_FRAMES)
		return VERDICT_PASS;
	return check_broken(scene->run, "the positive arm failed: %s does not reach %s",
			endpoint_name(from), endpoint_name(at));
}

enum verdict arm_leaves_with(struct scene *scene, unsigned vf, struct tag tag)
{
	struct burst burst = { .to = endpoint_mac(scene->partner) };
	struct heard heard;
	enum verdict verdict;

	verdict = arm_reaches(scene, "on the wire", scene->vf[vf], scene->partner, burst, &heard);
	if (verdict != VERDICT_PASS)
		return verdict;
	if (!tag.proto && heard.tags)
		return check_fail(scene->run,
				"the frames are on the wire with VLAN %u, not untagged",
				heard.outer.vlan);
	if (tag.proto && !heard.tags)
		return check_fail(scene->run, "the frames are on the wire untagged, not in VLAN %u",
				tag.vlan);
	if (heard.outer.proto != tag.proto || heard.outer.vlan != tag.vlan ||
			heard.outer.priority != tag.priority || heard.tags > (tag.proto != 0))
		return check_fail(scene->run,
				"the frames are on the wire with %u tags, the outer %04x VLAN %u "
				"priority %u; %04x VLAN %u priority %u is set",
				heard.tags, heard.outer.proto, heard.outer.vlan,
				heard.outer.priority, tag.proto, tag.vlan, tag.priority);
	return VERDICT_PASS;
}

enum verdict arm_enters_under(struct scene *scene, unsigned vf, struct tag tag)
{
	struct burst burst = { .to = endpoint_mac(scene->vf[vf]), .outer = tag };
	struct heard heard;
	enum verdict verdict;

	verdict = arm_reaches(scene, "at the VF", scene->partner, scene->vf[vf], burst, &heard);
	if (verdict == VERDICT_PASS && heard.tags)
		return check_fail(
				scene->run, "VF %u sees the tag of VLAN %u", vf, heard.outer.vlan);
	return verdict;
}
