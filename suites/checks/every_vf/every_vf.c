/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "checks/every_vf/every_vf_step.h"
#include "checks/suites.h"
#include "observe/endpoint.h"

/*
 * What every VF must do and must not do, and not only those that the other checks use. A VF that fails a
 * statement is not judged by those that stand on it: these are skipped, and name the one that failed.
 */

enum { NAMED = 4 }; /* VFs in a reason */

/* The VFs of a check, by what it finds. */
struct tally {
	unsigned pass, fail, untried;
	char failing[300];     /* "VF 3: 0 of 8 frames; VF 6: 2 of 8 frames" */
	const char *stands_on; /* what the first untried VF fails, or NULL */
	unsigned untried_vf;
};

static unsigned count(const struct record *item, const char *member)
{
	return (unsigned)record_int(item, member, 0);
}

static unsigned frames(const struct record *item, enum vf_path path)
{
	return (unsigned)record_number(record_at(record_get(item, "frames"), path));
}

static bool was_tried(const struct record *item, enum vf_path path)
{
	return count(item, "tried") & 1u << path;
}

static void note_fail(struct check_run *run, struct tally *tally, const struct record *item,
		const char *what)
{
	size_t used = strlen(tally->failing);
	char name[16];

	snprintf(name, sizeof(name), "VF %u", count(item, "vf"));
	evidence_text(run, "fails", "%s: %s", name, what);
	if (tally->fail++ < NAMED)
		snprintf(tally->failing + used, sizeof(tally->failing) - used, "%s%s: %s",
				used ? "; " : "", name, what);
}

/* The first of the paths that everything stands on and the VF lacks. */
static const char *first_failed(const struct record *item)
{
	for (enum vf_path path = 0; path < VF_USABLE; path++) {
		if (was_tried(item, path) && frames(item, path) != vf_path_frames(path))
			return vf_path_checks[path];
	}
	return NULL;
}

static void note_untried(struct tally *tally, const struct record *item)
{
	if (!tally->untried++) {
		tally->stands_on = first_failed(item);
		tally->untried_vf = count(item, "vf");
	}
}

static enum verdict judge(struct check_run *run, const struct tally *tally)
{
	evidence_int(run, "VFs that pass", tally->pass, NULL);
	if (tally->fail)
		return check_fail(run, tally->fail > NAMED ? "%s; and %u more" : "%s",
				tally->failing, tally->fail - NAMED);
	if (tally->stands_on)
		return check_needs(run, tally->stands_on, "VF %u fails it", tally->untried_vf);
	if (tally->untried)
		return check_unsupported(
				run, "it could not be tried with VF %u", tally->untried_vf);
	return tally->pass ? VERDICT_PASS : check_broken(run, "no VF was looked at");
}

/* Judges the path that the check's id states. */
static enum verdict path_works(struct check_run *run)
{
	const struct record *item;
	struct tally tally = { 0 };
	enum vf_path path = 0;

	while (path < VF_PATHS - 1 && strcmp(vf_path_checks[path], run->check->id))
		path++;
	for (size_t i = 0; (item = every_vf_item(run, i)); i++) {
		char what[60];

		snprintf(what, sizeof(what), "%u of %u frames", frames(item, path),
				vf_path_frames(path));
		if (path == VF_DRIVER || path == VF_CARRIER)
			snprintf(what, sizeof(what),
					path == VF_DRIVER ? "no interface" : "no carrier");
		else if (!vf_path_frames(path))
			snprintf(what, sizeof(what), "%u frames came through", frames(item, path));
		if (!was_tried(item, path))
			note_untried(&tally, item);
		else if (frames(item, path) != vf_path_frames(path))
			note_fail(run, &tally, item, what);
		else if (path == VF_VLAN_OUT && count(item, "wrong_tags"))
			note_fail(run, &tally, item, "on the wire without the tag of its VLAN");
		else
			tally.pass++;
	}
	return judge(run, &tally);
}

static enum verdict only_own(struct check_run *run)
{
	const struct record *item;
	struct tally tally = { 0 };

	for (size_t i = 0; (item = every_vf_item(run, i)); i++) {
		char what[60];

		snprintf(what, sizeof(what), "%u frames for others", count(item, "foreign"));
		if (count(item, "foreign"))
			note_fail(run, &tally, item, what);
		else if (!was_tried(item, VF_RECEIVES_FULL) ||
				frames(item, VF_RECEIVES_FULL) != vf_path_frames(VF_RECEIVES_FULL))
			note_untried(&tally, item);
		else
			tally.pass++;
	}
	return judge(run, &tally);
}

/* A vector that no frame raises may be for something else, but not in one VF alone. */
static enum verdict interrupts(struct check_run *run)
{
	const struct record *item;
	struct tally tally = { 0 };
	unsigned most = 0;

	for (size_t i = 0; (item = every_vf_item(run, i)); i++)
		most = count(item, "raised") > most ? count(item, "raised") : most;
	evidence_int(run, "interrupts that frames raise in a VF", most, NULL);
	for (size_t i = 0; (item = every_vf_item(run, i)); i++) {
		char what[60];

		snprintf(what, sizeof(what), "%u of %u interrupts were raised",
				count(item, "raised"), count(item, "vectors"));
		if (!was_tried(item, VF_SENDS_FULL) ||
				frames(item, VF_RECEIVES_FULL) !=
						vf_path_frames(VF_RECEIVES_FULL) ||
				frames(item, VF_SENDS_FULL) != vf_path_frames(VF_SENDS_FULL))
			note_untried(&tally, item);
		else if (!most || count(item, "raised") < most)
			note_fail(run, &tally, item, what);
		else
			tally.pass++;
	}
	return judge(run, &tally);
}

static enum verdict comes_back(struct check_run *run)
{
	const struct record *item;
	struct tally tally = { 0 };

	for (size_t i = 0; (item = every_vf_item(run, i)); i++) {
		const struct record *after = record_get(item, "after_reset");
		unsigned in = (unsigned)record_number(record_at(after, 0));
		unsigned out = (unsigned)record_number(record_at(after, 1));
		char what[80];

		snprintf(what, sizeof(what),
				"after its reset it receives %u and sends %u of %d frames", in, out,
				BURST_FRAMES);
		if (first_failed(item))
			note_untried(&tally, item);
		else if (!after)
			note_fail(run, &tally, item, record_str(item, "reset", "it was not reset"));
		else if (in != BURST_FRAMES || out != BURST_FRAMES)
			note_fail(run, &tally, item, what);
		else
			tally.pass++;
	}
	return judge(run, &tally);
}

enum { WIRED = NEED_WIRE | NEED_VF_NET, IN_VLANS = WIRED | NEED_VF_SETTINGS };

#define EVERY_VF .step = &step_every_vf, .every_vf = true, .timeout_s = 10

const struct check suite_every_vf[] = {
	{ .id = "every-vf.driver",
			.title = "Every VF gets a network driver and an interface",
			.why = "A VF without one is of no use to the host.",
			EVERY_VF,
			.needs = NEED_VF_NET,
			.fn = path_works },
	{ .id = "every-vf.carrier",
			.title = "Every VF gets a carrier",
			.why = "A VF without a carrier sends nothing.",
			EVERY_VF,
			.needs = NEED_VF_NET,
			.fn = path_works },
	{ .id = "every-vf.receives",
			.title = "Every VF receives frames of the smallest size from the wire",
			.why = "A card with one deaf VF fails the guest that happens to get it.",
			EVERY_VF,
			.needs = WIRED,
			.fn = path_works },
	{ .id = "every-vf.sends",
			.title = "Frames of the smallest size from every VF are on the wire",
			.why = "A card with one mute VF fails the guest that happens to get it.",
			EVERY_VF,
			.needs = WIRED,
			.fn = path_works },
	{ .id = "every-vf.receives-full",
			.title = "Every VF receives frames of full size from the wire",
			.why = "If only short frames pass, ping works and transfers hang.",
			EVERY_VF,
			.needs = WIRED,
			.fn = path_works },
	{ .id = "every-vf.sends-full",
			.title = "Frames of full size from every VF are on the wire",
			.why = "If only short frames pass, ping works and transfers hang.",
			EVERY_VF,
			.needs = WIRED,
			.fn = path_works },
	{ .id = "every-vf.from-pf",
			.title = "Every VF receives the frames of the PF",
			.why = "The host must reach its guests.",
			EVERY_VF,
			.needs = WIRED,
			.fn = path_works },
	{ .id = "every-vf.to-pf",
			.title = "The PF receives the frames of every VF",
			.why = "Guests must reach their host.",
			EVERY_VF,
			.needs = WIRED,
			.fn = path_works },
	{ .id = "every-vf.to-neighbour",
			.title = "Every VF reaches the next VF",
			.why = "Guests of one host must reach each other.",
			EVERY_VF,
			.needs = WIRED,
			.fn = path_works },
	{ .id = "every-vf.only-own",
			.title = "No VF receives the frames that are for another",
			.why = "A guest would read its neighbour's traffic.",
			EVERY_VF,
			.needs = WIRED,
			.fn = only_own },
	{ .id = "every-vf.other-vlan",
			.title = "No VF in a port VLAN receives the frames of another VLAN",
			.why = "Port VLANs exist for this isolation.",
			EVERY_VF,
			.needs = IN_VLANS,
			.fn = path_works },
	{ .id = "every-vf.forged",
			.title = "No VF sends frames under the PF's MAC",
			.why = "A guest could draw the host's traffic to itself.",
			EVERY_VF,
			.needs = IN_VLANS,
			.fn = path_works },
	{ .id = "every-vf.vlan-in",
			.title = "Every VF receives the largest frames of its port VLAN",
			.why = "The tag makes a frame longer than those without one.",
			EVERY_VF,
			.needs = IN_VLANS,
			.fn = path_works },
	{ .id = "every-vf.vlan-out",
			.title = "Frames of every VF leave with the tag of its port VLAN",
			.why = "Untagged frames end up in another network.",
			EVERY_VF,
			.needs = IN_VLANS,
			.fn = path_works },
	{ .id = "every-vf.interrupts",
			.title = "Every VF raises as many of its interrupts as the others",
			.why = "A VF without an interrupt works by chance, when a timer polls it.",
			EVERY_VF,
			.needs = WIRED,
			.fn = interrupts },
	{ .id = "every-vf.reset",
			.title = "Every VF receives and sends after its function-level reset",
			.why = "Every attach to a guest and every detach resets the VF.",
			EVERY_VF,
			.needs = WIRED | NEED_FLR,
			.fn = comes_back },
	{ 0 },
};
