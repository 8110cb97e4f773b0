/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/table.h"
#include "base/text.h"
#include "run/output.h"
#include "run/vary.h"

/* All folders are claimed before the first run, so that none keeps earlier results that could be
 * mistaken for new ones. */

/* A value that does not exist is the user's error. A combination of values that exclude each
 * other is skipped. What cannot be checked now (without a network) will fail in its run. */
static int check_values(const struct vary *vary, const struct rig_options *base, struct err *err)
{
	for (size_t i = 0; i < vary->axis_count; i++) {
		for (size_t k = 0; k < vary->axes[i].count; k++) {
			struct rig_options options =
					vary_set(base, vary->axes[i].axis, vary->axes[i].values[k]);
			struct err cause = { 0 };
			int rc = rig_check(&options, &cause);

			if (rc == -EINVAL || rc == -EINTR)
				return err_pass(err, &cause, "%s", cause.msg);
		}
	}
	return 0;
}

static int save(const char *folder, const struct record *record, struct err *err)
{
	CLEANUP(cleanup_free) char *path = text_format("%s/" OUTPUT_VARY, folder);

	return record_save(AT_FDCWD, path, record, err);
}

struct jobs {
	struct run_job *list;
	char **names, **folders;
	size_t count;
};

static void cleanup_jobs(struct jobs *jobs)
{
	for (size_t i = 0; i < jobs->count; i++) {
		run_job_free(&jobs->list[i]);
		free(jobs->names[i]);
		free(jobs->folders[i]);
	}
	free(jobs->list);
	free(jobs->names);
	free(jobs->folders);
}

static int begin_jobs(struct jobs *jobs, const struct vary *vary, const struct run_job *base,
		const char *command, struct err *err)
{
	size_t count = vary_count(vary);
	int rc = 0;

	jobs->list = calloc(count, sizeof(*jobs->list));
	jobs->names = calloc(count, sizeof(*jobs->names));
	jobs->folders = calloc(count, sizeof(*jobs->folders));
	if (!jobs->list || !jobs->names || !jobs->folders)
		abort();
	for (size_t i = 0; !rc && i < count; i++) {
		jobs->names[i] = vary_name(vary, i);
		jobs->folders[i] = text_format("%s/%s", base->folder, jobs->names[i]);
		jobs->list[i] = *base;
		jobs->list[i].folder = jobs->folders[i];
		jobs->list[i].prefix = jobs->names[i];
		jobs->list[i].options = vary_apply(vary, i, &base->options);
		jobs->count++;
		rc = run_job_begin(&jobs->list[i], command, err);
	}
	return rc;
}

/* Writes results to the folder that give the reason. */
static int skip(struct run_job *job, const struct err *cause, struct err *err)
{
	run_failed(job->results, cause);
	return output_write(job->folder, job->results, NULL, job->profile, err);
}

static int run_or_skip(struct run_job *job, struct record *record, size_t index, struct err *err)
{
	struct err cause = { 0 };
	enum exit_status status;

	if (rig_check(&job->options, &cause) == -EINVAL) {
		vary_skip(record, index, cause.msg);
		return skip(job, &cause, err);
	}
	cause = (struct err){ 0 };
	status = run_job_execute(job, &cause);
	vary_settle(record, index, status, job->results);
	if (cause.code) {
		fprintf(stderr, "%s: ", job->prefix);
		text_print_safe(cause.msg, stderr);
		fputc('\n', stderr);
	}
	return cause.code == EINTR ? err_set(err, EINTR, "%s", cause.msg) : 0;
}

static int run_jobs(struct jobs *jobs, const char *folder, struct record *record, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < jobs->count; i++) {
		struct err late = { 0 };

		rc = run_or_skip(&jobs->list[i], record, i, err);
		run_job_free(&jobs->list[i]);
		if (!rc && i + 1 == jobs->count)
			vary_complete(record);
		if (save(folder, record, &late) < 0 && !rc)
			rc = err_pass(err, &late, "%s", late.msg);
	}
	return rc;
}

int vary_run(const struct vary *vary, const struct run_job *base, const char *command,
		struct record **record, struct err *err)
{
	CLEANUP(cleanup_jobs) struct jobs jobs = { .count = 0 };
	CLEANUP(cleanup_record) struct record *fresh = vary_begin(vary, command);
	int rc = check_values(vary, &base->options, err);

	if (!rc)
		rc = output_claim(base->folder, err);
	if (!rc)
		rc = save(base->folder, fresh, err);
	if (!rc)
		rc = begin_jobs(&jobs, vary, base, command, err);
	if (rc < 0)
		return rc;
	rc = run_jobs(&jobs, base->folder, fresh, err);
	*record = TAKE(fresh);
	return rc;
}
