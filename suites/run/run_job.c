/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/run_job.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "reports/results/results.h"
#include "rig/rig_kind.h"
#include "run/output.h"
#include "run/progress.h"

int run_job_begin(struct run_job *job, const char *command, struct err *err)
{
	int rc = output_claim(job->folder, err);

	if (rc < 0)
		return rc;
	job->results = run_begin(command, job->repeat.first_seed);
	return output_write_results(job->folder, job->results, err);
}

static int run_on_rigs(struct run_job *job, const struct parallel *parallel, struct run *run,
		struct err *err)
{
	struct progress progress = progress_begin(job->prefix);
	int rc;

	fprintf(stderr, "vfcert run: on %u rigs at a time\n", parallel->rigs);
	run->events = progress_events(&progress);
	rc = parallel_execute(parallel, run, record_get(job->listing, "checks"), job->results, err);
	progress_clear(&progress);
	return rc;
}

static int run_on_rig(struct run_job *job, struct run *run, struct err *err)
{
	CLEANUP(cleanup_rig) struct rig *rig = NULL;
	struct progress progress;
	int64_t began_ms = clock_ms();
	int rc = rig_up(&job->options, &rig, err);

	if (rc < 0) {
		run_failed(job->results, err);
		return rc;
	}
	record_put_real(results_run(job->results), "rig_up_s",
			(double)(clock_ms() - began_ms) / 1000);
	progress = progress_begin(job->prefix);
	run->rig = rig;
	run->events = progress_events(&progress);
	rc = repeat_execute(&job->repeat, run, job->results, err);
	progress_clear(&progress);
	job->console = rig_console_tail(rig);
	rig_down(TAKE(rig));
	return rc;
}

/* Says how many checks a run of all leaves out. */
static void say_lacking(const struct run_job *job, struct selection selection)
{
	CLEANUP(cleanup_record) struct record *possible = NULL;
	CLEANUP(cleanup_record) struct record *all = NULL;
	const struct record *checks = record_get(job->listing, "checks");

	if (!checks || select_checks(&selection, checks, &possible, NULL) < 0)
		return;
	selection.lacking = NULL;
	if (select_checks(&selection, checks, &all, NULL) < 0 ||
			record_length(all) == record_length(possible))
		return;
	fprintf(stderr,
			"vfcert run: without %zu checks for which this rig lacks guests or a second "
			"host (--topology guests, --topology two-hosts)\n",
			record_length(all) - record_length(possible));
}

static int execute(struct run_job *job, struct err *err)
{
	struct run run = { .selection = job->selection,
		.quirks = job->quirks,
		.deals = true,
		.vfs_limit = job->vfs_limit };
	struct parallel parallel = { job->rigs, &job->options, &job->repeat, job->folder };

	run.selection.lacking = rig_lacks(&job->options);
	say_lacking(job, run.selection);
	if (job->repeat.shuffle)
		fprintf(stderr, "vfcert run: shuffled by seed %lld\n",
				(long long)job->repeat.first_seed);
	parallel.rigs = job->options.kind->many
			? parallel_rigs(&parallel, &run, record_get(job->listing, "checks"))
			: 1;
	return parallel.rigs > 1 ? run_on_rigs(job, &parallel, &run, err)
				 : run_on_rig(job, &run, err);
}

enum exit_status run_job_execute(struct run_job *job, struct err *err)
{
	struct err late = { 0 };
	int rc = execute(job, err);

	if (output_write(job->folder, job->results, job->console, job->profile, &late) < 0) {
		*err = late;
		return EXIT_UNUSABLE;
	}
	fprintf(stderr, "results: %s (%s/report.html)\n", job->folder, job->folder);
	if (rc < 0)
		return rc == -EINVAL ? EXIT_USAGE : EXIT_UNUSABLE;
	return results_good(job->results) && repeat_agrees(job->results) ? EXIT_GOOD : EXIT_FAILED;
}

void run_job_free(struct run_job *job)
{
	record_free(TAKE(job->results));
	free(TAKE(job->console));
}
