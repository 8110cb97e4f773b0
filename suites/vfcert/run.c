/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/number.h"
#include "reports/formats/formats.h"
#include "reports/results/quirks.h"
#include "reports/results/results.h"
#include "rig/image.h"
#include "rig/rig_kind.h"
#include "run/run_job.h"
#include "run/supervisor.h"
#include "run/vary.h"
#include "vfcert/call.h"
#include "vfcert/lists.h"
#include "vfcert/setup.h"

/* vfcert run: brings up a rig, runs the checks, applies the quirks, and writes the results. */

#define DEFAULT_FOLDER "vfcert-results"
#define DEFAULT_SEED   1
#define SEED_LIMIT     1000000 /* of a random seed, short enough to type */
enum { VF_SAMPLE = 16, VFS_LIMIT = 4096 };
#define ROUNDS_LIMIT 10000
#define RIGS_LIMIT   4 /* by default; each needs the memory of a machine */

struct run_options {
	const struct verb_call *call;
	struct rig_setup setup;
	struct call_values suites, checks;
	struct record *listing; /* vfsuite's; NULL if that takes a rig */
	struct quirks *quirks;
	struct certification_profile *profile;
	struct vary vary;
	struct run_job job;
	struct record *varied; /* the record of the combinations */
};

static void cleanup_run(struct run_options *run)
{
	cleanup_setup(&run->setup);
	quirks_free(run->quirks);
	cert_profile_free(run->profile);
	record_free(run->listing);
	cleanup_call_values(&run->suites);
	cleanup_call_values(&run->checks);
	vary_free(&run->vary);
	run_job_free(&run->job);
	record_free(run->varied);
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

/* A shuffle without a seed gets a random one, which the results contain. */
static int read_repeat(struct run_options *run, struct err *err)
{
	uint64_t seed = DEFAULT_SEED, count = 1;
	int rc;

	run->job.repeat.shuffle = call_has(run->call, "shuffle");
	if (run->job.repeat.shuffle)
		seed = (uint64_t)clock_us() % SEED_LIMIT;
	rc = read_number(run->call, "seed", 0, INT64_MAX - ROUNDS_LIMIT, &seed, err);
	if (!rc)
		rc = read_number(run->call, "repeat", 1, ROUNDS_LIMIT, &count, err);
	run->job.repeat.first_seed = (int64_t)seed;
	run->job.repeat.count = (unsigned)count;
	return rc;
}

/* How many VFs are looked at: a number, or "sample" or "all" (0). */
static int read_vfs(const struct verb_call *call, unsigned *limit, struct err *err)
{
	const char *text = call_value(call, "vfs");
	uint64_t number = 0;

	if (!text || !strcmp(text, "sample"))
		number = VF_SAMPLE;
	else if (strcmp(text, "all") && number_parse(text, 1, VFS_LIMIT, &number) < 0)
		return err_set(err, EINVAL,
				"--vfs '%s': must be all, sample, or a number from 1 to %d", text,
				VFS_LIMIT);
	*limit = (unsigned)number;
	return 0;
}

/* The rig must have the option that an axis sets, and the user must not set it too. */
static int check_axes(const struct run_options *run, struct err *err)
{
	const struct rig_kind *kind = run->setup.options.kind;

	for (int i = 0; i < VARY_AXES; i++) {
		const char *name = vary_axis_name((enum vary_axis)i);
		const char *option = vary_axis_option((enum vary_axis)i);

		if (!vary_has(&run->vary, (enum vary_axis)i))
			continue;
		if (!rig_kind_has_option(kind, option))
			return err_set(err, EINVAL, "--vary %s= is not for the %s rig", name,
					kind->name);
		if (call_has(run->call, option))
			return err_set(err, EINVAL, "--vary %s= and --%s exclude each other", name,
					option);
	}
	return 0;
}

static int read_vary(struct run_options *run, struct err *err)
{
	CLEANUP(cleanup_call_values) struct call_values axes = call_values(run->call, "vary");
	int rc = vary_parse(axes.list, axes.count, &run->vary, err);

	return rc < 0 ? rc : check_axes(run, err);
}

static int read_call(struct run_options *run, struct err *err)
{
	CLEANUP(cleanup_free) char *quirks = data_path("fixtures/quirks");
	CLEANUP(cleanup_free) char *profiles = data_path("suites/profiles");
	const char *folder = call_value(run->call, "output");
	struct run_job *job = &run->job;
	int rc;

	job->folder = folder ? folder : DEFAULT_FOLDER;
	job->prefix = "";
	run->suites = call_values(run->call, "suite");
	run->checks = call_values(run->call, "check");
	job->selection = (struct selection){ .suites = run->suites.list,
		.suite_count = run->suites.count,
		.checks = run->checks.list,
		.check_count = run->checks.count };
	rc = read_repeat(run, err);
	if (!rc)
		rc = read_vfs(run->call, &job->vfs_limit, err);
	if (!rc)
		rc = setup_from_call(run->call, &run->setup, err);
	if (!rc)
		rc = read_vary(run, err);
	if (!rc)
		rc = cert_profile_load(profiles, NULL, &run->profile, err);
	if (!rc)
		rc = workers_wanted(call_value(run->call, "jobs"), 1, RIGS_LIMIT, &job->rigs, err);
	if (!rc && !run->setup.options.kind->many && call_has(run->call, "jobs"))
		rc = err_set(err, EINVAL, "--jobs: there is only one %s rig",
				run->setup.options.kind->name);
	if (!rc)
		rc = quirks_load(quirks, &run->quirks, err);
	job->options = run->setup.options;
	job->profile = run->profile;
	job->quirks = run->quirks;
	return rc;
}

/* Whether all the checks need it. */
static bool all_need(const struct record *checks, const struct record *ids, const char *need)
{
	for (size_t i = 0; i < record_length(ids); i++) {
		const struct record *check = select_find(checks, record_text(record_at(ids, i)));

		if (!record_has_text(record_get(check, "needs"), need))
			return false;
	}
	return record_length(ids) > 0;
}

/* Who names no topology gets the one on which the checks can run, where the usual one would skip them all. */
static void choose_topology(struct run_options *run, const struct record *ids)
{
	static const struct {
		const char *need, *topology;
	} special[] = { { "peer", "two-hosts" }, { "guests", "guests" } };
	const struct record *checks = record_get(run->listing, "checks");
	struct rig_options *options = &run->job.options;

	if (!rig_kind_has_option(options->kind, "topology") || rig_option(options, "topology") ||
			vary_has(&run->vary, VARY_NIC))
		return;
	for (size_t i = 0; i < sizeof(special) / sizeof(*special); i++) {
		if (!all_need(checks, ids, special[i].need))
			continue;
		rig_progress(options, "topology %s, since all chosen checks need it",
				special[i].topology);
		rig_options_set(options, "topology", special[i].topology);
		return;
	}
}

/* Reports wrong names at once, if vfsuite can list its checks here. */
static int check_names(struct run_options *run, struct err *err)
{
	CLEANUP(cleanup_record) struct record *ids = NULL;
	int rc;

	if (vfsuite_list(run->setup.tools_dir, &run->listing, NULL) < 0)
		return 0;
	run->job.listing = run->listing;
	rc = select_checks(&run->job.selection, record_get(run->listing, "checks"), &ids, err);
	if (!rc)
		choose_topology(run, ids);
	return rc;
}

static int print_json(const struct record *record)
{
	CLEANUP(cleanup_free) char *text = record_print_pretty(record);

	return puts(text) < 0 || fflush(stdout) ? -EIO : 0;
}

static int print_results(const struct run_options *run)
{
	const struct record *results = run->job.results;
	CLEANUP(cleanup_reader) struct results_reader *reader = reader_from_record(results);
	struct format_options options = { .profile = run->profile,
		.colour = call_colour(STDOUT_FILENO) };

	if (call_has(run->call, "json"))
		return print_json(results);
	if (!results_length(results))
		return 0;
	if (format_find("terminal", strlen("terminal"))->print(reader, &options, stdout) < 0)
		return -EIO;
	repeat_print(results, stdout);
	return fflush(stdout) ? -EIO : 0;
}

static int run_one(struct run_options *run, const char *command)
{
	struct err err = { 0 };
	enum exit_status status;
	int rc = rig_check(&run->job.options, &err);

	if (!rc)
		rc = run_job_begin(&run->job, command, &err);
	if (rc < 0)
		return call_failed(run->call, &err);
	status = run_job_execute(&run->job, &err);
	if (print_results(run) < 0)
		return EXIT_UNUSABLE;
	if (err.code)
		call_failed(run->call, &err);
	return status;
}

static int run_varied(struct run_options *run, const char *command)
{
	struct err err = { 0 };
	int rc = vary_run(&run->vary, &run->job, command, &run->varied, &err);

	if (run->varied &&
			(call_has(run->call, "json") ? print_json(run->varied)
						     : vary_print(run->varied, stdout)) < 0)
		return EXIT_UNUSABLE;
	return rc < 0 ? call_failed(run->call, &err) : (int)vary_worst(run->varied);
}

static int run_here(void *argument)
{
	struct verb_call *call = argument;
	CLEANUP(cleanup_run) struct run_options run = { .call = call };
	CLEANUP(cleanup_free) char *command = call_command(call);
	struct err err = { 0 };
	int rc = read_call(&run, &err);

	if (!rc)
		rc = check_names(&run, &err);
	if (rc < 0)
		return call_failed(call, &err);
	return run.vary.axis_count ? run_varied(&run, command) : run_one(&run, command);
}

static int run_verb(struct verb_call *call)
{
	return supervisor_run(run_here, call);
}

static const struct flag run_flags[] = {
	{ "suite", 's', "SUITE", "Run the checks of this suite; may be repeated" },
	{ "check", 'c', "ID",
			"Run this check, or those that match a pattern: 'vlan.*'; may be repeated" },
	{ "seed", 0, "N", "Seed of every random choice (default: 1; with --shuffle a random one)" },
	{ "vfs", 0, "WHICH",
			"VFs to look at: all, a number, or sample (the default: all up to 16, or 16 "
			"that the seed deals)" },
	{ "repeat", 0, "N", "Run all checks N times and compare the verdicts" },
	{ "jobs", 'j', "N",
			"Emulated rigs to use in parallel (default: one for each processor, at "
			"most 4)" },
	{ "shuffle", 0, NULL, "Run the checks in a random order" },
	{ "vary", 0, "AXIS=VALUES",
			"Run on each of several rigs: kernel=6.1,6.12, qemu=10.0,11.1, "
			"libvirt=9.0,11.3 or nic=igb,virtio; several axes are combined" },
	{ "output", 'o', "DIR", "Folder for the results (" DEFAULT_FOLDER ")" },
	{ "json", 0, NULL, "Print the results as JSON instead of a summary" },
	TOOLS_FLAG,
	{ 0 },
};

const struct verb run_verbs[] = {
	{ .name = "run",
			.args = "",
			.summary = "Run checks on a rig and write the results to a folder",
			.details = "Brings up the rig, runs all checks or the selected ones, and writes "
				   "results.json, identity.json, junit.xml, results.ktap, summary.md, "
				   "metrics.prom and report.html. A folder that contains anything but "
				   "earlier results is an error.\n\n"
				   "Every VF is looked at (every-vf.*). The other checks use four that the "
				   "seed deals among those that work: a VF that does not work costs one "
				   "failure, which names it. A check that cannot judge because of that is "
				   "skipped, and names the check that states what fails; if that one is "
				   "not in the run, the exit status is 1.\n\n"
				   "With --repeat the results are those of the last round. Each check "
				   "whose verdict differs between rounds is listed with its rounds and "
				   "their seeds. --shuffle --seed S repeats the order of the round with "
				   "the seed S.\n\n"
				   "With --vary each combination has its results in a folder of its own "
				   "in the output folder, and a table follows (vary.json there). A nic "
				   "is a topology, and a libvirt the Debian release that has it. Debian's "
				   "kernels, QEMUs and releases are downloaded and kept (vfcert list "
				   "kernels, list qemus, list libvirts). A version that does not exist is "
				   "an error before any run. A combination whose QEMU has no such card "
				   "is skipped; one whose rig does not come up is reported, and the "
				   "others run. The exit status is that of the worst combination.\n\n"
				   "A kernel of your own: --kernel arch/x86/boot/bzImage --modules "
				   "DIR, after make modules_install INSTALL_MOD_PATH=DIR. To find "
				   "the commit that broke a check, let git bisect run this script "
				   "in the kernel's tree; status 125 means that a commit cannot be "
				   "tested:\n\n"
				   "make -j8 bzImage modules || exit 125\n\n"
				   "make INSTALL_MOD_PATH=/tmp/m INSTALL_MOD_STRIP=1 "
				   "modules_install || exit 125\n\n"
				   "vfcert run --kernel arch/x86/boot/bzImage --modules /tmp/m "
				   "--check vlan.egress-tagged -o /tmp/out; status=$?\n\n"
				   "[ $status -lt 2 ] && exit $status || exit 125\n\n"
				   "Exit status: 0 every check passes, is skipped, or fails as a "
				   "quirk predicts; 1 a check fails, is broken, has changed, or "
				   "differs between rounds; 2 bad usage; 3 the rig could not be "
				   "used (for example because the kernel does not boot), or the run "
				   "was interrupted. Then the folder has the results until that point, "
				   "marked as incomplete.",
			.flags = run_flags,
			.more_flags = rig_flags,
			.run = run_verb },
	{ 0 },
};
