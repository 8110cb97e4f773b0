/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checks/arms.h"

#include <stddef.h>

enum verdict arm_reaches(struct scene *scene, const char *name, struct endpoint *from,
		struct endpoint *at, struct burst burst, struct heard *heard)
{
	struct heard unused, *what = heard ? heard : &unused;

	if (scene_reach(scene, name, from, at, burst, what) < 0)
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

	if (scene_reach(scene, "control", from, at, burst, &heard) == 0 &&
			heard.frames == BURST_FRAMES)
		return VERDICT_PASS;
	return check_broken(scene->run, "the positive arm failed: %s does not reach %s",
			endpoint_name(from), endpoint_name(at));
}
