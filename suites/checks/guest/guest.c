/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/guest.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "checks/suites.h"
#include "host/host.h"

/*
 * The guests of the machine under test before anything is plugged into them. What guests say of a VF means
 * something only if they answer, and if an interface that they see later was not there before.
 */

static const char of_the_rig[] =
		"It is about the guests of the rig, which no defect of a card changes.";

/* Calls JUDGE for each guest, until one does not pass. */
static enum verdict each_guest(struct check_run *run,
		enum verdict (*judge)(struct check_run *run, struct guest *guest))
{
	enum verdict verdict = VERDICT_PASS;
	char **names = NULL;
	size_t count = 0;

	if (guest_names(run->dut->host, &names, &count, &run->err) < 0 || !count)
		verdict = check_broken(run, "the guests cannot be listed");
	for (size_t i = 0; verdict == VERDICT_PASS && i < count; i++) {
		CLEANUP(cleanup_guest) struct guest *guest = NULL;

		if (guest_open(run->dut, names[i], &guest, &run->err) < 0)
			verdict = check_broken(run, "%s has no agent", names[i]);
		else
			verdict = judge(run, guest);
	}
	host_names_free(names, count);
	return verdict;
}

static enum verdict judge_answer(struct check_run *run, struct guest *guest)
{
	CLEANUP(cleanup_free) char *answered = text_format("%s answers after", guest_name(guest));
	CLEANUP(cleanup_free) char *runs = text_format("kernel of %s", guest_name(guest));
	char release[80];
	int64_t start_us = clock_us();

	if (guest_kernel(guest, release, sizeof(release), &run->err) < 0)
		return check_broken(run, "the agent does not answer");
	evidence_int(run, answered, clock_us() - start_us, "us");
	evidence_text(run, runs, "%s", release);
	evidence_by_guest(run);
	return *release ? VERDICT_PASS
			: check_broken(run, "%s does not know its kernel", guest_name(guest));
}

static enum verdict agent_answers(struct check_run *run)
{
	return each_guest(run, judge_answer);
}

static enum verdict judge_no_interface(struct check_run *run, struct guest *guest)
{
	CLEANUP(cleanup_free) char *name = text_format("interfaces of %s", guest_name(guest));
	struct guest_interface list[GUEST_INTERFACES];
	size_t count;

	if (guest_interfaces(guest, list, &count, &run->err) < 0)
		return check_broken(run, "the agent does not list its interfaces");
	evidence_int(run, name, (int64_t)count, NULL);
	evidence_by_guest(run);
	if (count)
		return check_broken(run, "%s has the interface %s from the start",
				guest_name(guest), list[0].name);
	return VERDICT_PASS;
}

static enum verdict no_interface(struct check_run *run)
{
	return each_guest(run, judge_no_interface);
}

const struct check suite_guest[] = {
	{ .id = "guest.agent-answers",
			.title = "The agent in each guest answers",
			.why = "Nothing that a guest should see can be checked.",
			.needs = NEED_GUESTS,
			.timeout_s = 10,
			.unbreakable = of_the_rig,
			.fn = agent_answers },
	{ .id = "guest.no-interface",
			.title = "A guest has no network interface before one is plugged in",
			.why = "An interface that was there before would be taken for the VF.",
			.needs = NEED_GUESTS,
			.timeout_s = 10,
			.unbreakable = of_the_rig,
			.fn = no_interface },
	{ 0 },
};
