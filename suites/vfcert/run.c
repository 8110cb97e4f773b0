/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/number.h"
#include "reports/formats.h"
#include "reports/quirks.h"
#include "reports/results.h"
#include "rig/interrupt.h"
#include "vfcert/call.h"
#include "vfcert/conduct.h"
#include "vfcert/lists.h"
#include "vfcert/output.h"
#include "vfcert/progress.h"
#include "vfcert/share.h"
#include "vfcert/vfcert.h"

/* vfcert run: bring up a rig, conduct the checks, apply the quirks, leave the results. */

#define DEFAULT_FOLDER "vfcert-results"
#define DEFAULT_SEED   1
#define SEED_LIMIT     1000000 /* of a seed that nobody chose: short enough to type again */
#define ROUNDS_LIMIT   10000
#define RIGS_LIMIT     4 /* that nobody asked for: each takes the memory of a machine */

struct run {
	const struct verb_call *call;
	struct rig_setup setup;
	const char *folder;
	const char *suites[64], *checks[192];
	struct selection selection;
	struct rounds rounds;
	struct share share;
	struct record *listing; /* of vfsuite, NULL where it cannot be had without a rig */
	struct quirks *quirks;
	struct profile *profile;
	struct record *results;
	char *console;
};

static void cleanup_run(struct run *run)
{
	cleanup_setup(&run->setup);
	quirks_free(run->quirks);
	profile_free(run->profile);
	record_free(run->results);
	record_free(run->listing);
	free(run->console);
}

static int read_number(const struct verb_call *call, const char *flag, uint64_t min, uint64_t max,
		uint64_t *value, struct err *err)
{
	const char *text = call_value(call, flag);

	if (!text || number_parse(text, min, max, value) == 0)
		return 0;
	return err_set(err, EINVAL, "--%s '%s': must be a number from %llu to %llu", flag, text,
			(unsigned long long)min, (unsigned long long)max);
}

/* A shuffle without a seed is another one each time, and its seed is in the results. */
static int read_rounds(struct run *run, struct err *err)
{
	uint64_t seed = DEFAULT_SEED, count = 1;
	int rc;

	run->rounds.shuffle = call_has(run->call, "shuffle");
	if (run->rounds.shuffle)
		seed = (uint64_t)clock_us() % SEED_LIMIT;
	rc = read_number(run->call, "seed", 0, INT64_MAX - ROUNDS_LIMIT, &seed, err);
	if (!rc)
		rc = read_number(run->call, "repeat", 1, ROUNDS_LIMIT, &count, err);
	run->rounds.first_seed = (int64_t)seed;
	run->rounds.count = (unsigned)count;
	return rc;
}

static int read_call(struct run *run, struct err *err)
{
	CLEANUP(cleanup_free) char *quirks = file_path("%s/fixtures/quirks", data_dir());
	CLEANUP(cleanup_free) char *profiles = file_path("%s/suites/profiles", data_dir());
	CLEANUP(cleanup_free) char *command = call_command(run->call);
	int rc;

	run->folder = call_value(run->call, "output") ? call_value(run->call, "output")
						      : DEFAULT_FOLDER;
	run->selection = (struct selection){ run->suites,
		call_values(run->call, "suite", run->suites, 64), run->checks,
		call_values(run->call, "check", run->checks, 192) };
	rc = read_rounds(run, err);
	if (rc < 0)
		return rc;
	run->results = conduct_begin(command, run->rounds.first_seed);
	rc = setup_from_call(run->call, &run->setup, err);
	if (!rc)
		rc = profile_load(profiles, NULL, &run->profile, err);
	if (!rc)
		rc = workers_wanted(
				call_value(run->call, "jobs"), RIGS_LIMIT, &run->share.rigs, err);
	if (!rc && run->setup.options.kind != RIG_EMULATED && call_value(run->call, "jobs"))
		rc = err_set(err, EINVAL, "--jobs is for the emulated rig only: there is one card");
	return rc < 0 ? rc : quirks_load(quirks, &run->quirks, err);
}

/* A wrong name is told in milliseconds where the list can be had without a rig. */
static int check_names(struct run *run, struct err *err)
{
	CLEANUP(cleanup_record) struct record *ids = NULL;

	if (lists_ask(run->setup.tools_dir, &run->listing, NULL) < 0)
		return 0;
	return select_checks(&run->selection, record_get(run->listing, "checks"), &ids, err);
}

static int run_on_rigs(struct run *run, struct conduct *conduct, struct err *err)
{
	struct progress progress = progress_begin("");
	int rc;

	fprintf(stderr, "vfcert run: on %u rigs at a time\n", run->share.rigs);
	conduct->events = progress_events(&progress);
	rc = share_conduct(&run->share, conduct, record_get(run->listing, "checks"), run->results,
			err);
	progress_clear(&progress);
	return rc;
}

static int run_on_rig(struct run *run, struct conduct *conduct, struct err *err)
{
	CLEANUP(cleanup_rig) struct rig *rig = NULL;
	struct progress progress;
	int64_t began_ms = clock_ms();
	struct err down = { 0 };
	int rc = rig_up(&run->setup.options, &rig, err);

	if (rc < 0) {
		conduct_failed(run->results, err);
		return rc;
	}
	record_put_real(results_run(run->results), "rig_up_s",
			(double)(clock_ms() - began_ms) / 1000);
	progress = progress_begin("");
	conduct->channel = rig_channel(rig);
	conduct->rig = rig_identity(rig);
	conduct->actor = rig;
	conduct->events = progress_events(&progress);
	rc = rounds_conduct(&run->rounds, conduct, run->results, err);
	progress_clear(&progress);
	run->console = rig_console_tail(rig);
	if (rig_down(TAKE(rig), &down) < 0 && !rc) {
		conduct_failed(run->results, &down);
		return err_set(err, down.code, "%s", down.msg);
	}
	return rc;
}

static int conduct(struct run *run, struct err *err)
{
	struct conduct conduct = { .selection = run->selection, .quirks = run->quirks };

	run->share.options = &run->setup.options;
	run->share.rounds = &run->rounds;
	run->share.folder = run->folder;
	if (run->rounds.shuffle)
		fprintf(stderr, "vfcert run: shuffled by seed %lld\n",
				(long long)run->rounds.first_seed);
	if (run->setup.options.kind == RIG_EMULATED)
		run->share.rigs = share_rigs(
				&run->share, &conduct, record_get(run->listing, "checks"));
	else
		run->share.rigs = 1;
	return run->share.rigs > 1 ? run_on_rigs(run, &conduct, err)
				   : run_on_rig(run, &conduct, err);
}

static int print_results(const struct run *run)
{
	CLEANUP(cleanup_source) struct source *source = source_of(run->results);

	if (call_has(run->call, "json")) {
		CLEANUP(cleanup_free) char *text = record_print_pretty(run->results);

		return puts(text) < 0 ? -EIO : 0;
	}
	if (!record_length(record_get(run->results, "checks")))
		return 0;
	if (format_terminal(source, call_colour(STDOUT_FILENO), stdout) < 0)
		return -EIO;
	rounds_print(run->results, stdout);
	return fflush(stdout) ? -EIO : 0;
}

static int run_verb(struct verb_call *call)
{
	CLEANUP(cleanup_run) struct run run = { .call = call };
	struct err err = { 0 }, late = { 0 };
	int rc = read_call(&run, &err);

	if (!rc)
		rc = check_names(&run, &err);
	if (!rc)
		rc = rig_check(&run.setup.options, &err);
	if (!rc)
		rc = output_claim(run.folder, &err);
	if (!rc)
		rc = output_write_results(run.folder, run.results, &err);
	if (rc < 0)
		return call_failed(call, &err);
	rc = conduct(&run, &err);
	if (output_write(run.folder, run.results, run.console, run.profile, &late) < 0 ||
			print_results(&run) < 0)
		return call_failed(call, &late);
	fprintf(stderr, "results: %s (%s/report.html)\n", run.folder, run.folder);
	if (rc < 0)
		call_failed(call, &err);
	if (rc == -EINVAL)
		return EXIT_USAGE;
	if (rc < 0)
		return EXIT_UNUSABLE;
	return results_good(run.results) && rounds_agree(run.results) ? EXIT_GOOD : EXIT_FAILED;
}

static const struct flag run_flags[] = {
	{ "suite", 's', "SUITE", "Run the checks of this suite; may be repeated" },
	{ "check", 'c', "ID",
			"Run this check, or those that fit a pattern: 'vlan.*'; may be repeated" },
	{ "seed", 0, "N", "Fixes every random choice (1; with --shuffle any)" },
	{ "repeat", 0, "N", "Run all of it N times and compare the verdicts" },
	{ "jobs", 'j', "N",
			"Emulated rigs to share the run out to (one for each processor, at most "
			"4)" },
	{ "shuffle", 0, NULL, "Run the checks in a random order, another one each time" },
	{ "output", 'o', "DIR", "Folder for the results (" DEFAULT_FOLDER ")" },
	{ "json", 0, NULL, "Print the results as JSON instead of a summary" },
	RIG_FLAGS,
	{ 0 },
};

const struct verb run_verbs[] = {
	{ .name = "run",
			.args = "",
			.summary = "Run checks on a rig and leave the results in a folder",
			.details = "Brings up the rig, runs all checks or those that are asked "
				   "for, and writes results.json, identity.json, junit.xml, "
				   "results.ktap, summary.md, metrics.prom and report.html. A folder that holds anything but a "
				   "former result is not touched.\n\n"
				   "With --repeat the results are those of the last round, and "
				   "each check whose verdict was not the same in all rounds is "
				   "named with its rounds and their seeds. --shuffle --seed S "
				   "gives the order of the round with the seed S again.\n\n"
				   "Exit status: 0 every check passes, is skipped, or fails as a "
				   "quirk foretells; 1 a check fails, is broken, has changed, or "
				   "differs between rounds; 2 bad usage; 3 the rig could not be "
				   "used, or the run was interrupted: what was found until then is "
				   "in the folder, marked as incomplete.",
			.flags = run_flags,
			.run = run_verb },
	{ 0 },
};
