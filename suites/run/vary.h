/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUN_VARY_H
#define RUN_VARY_H

#include <stdio.h>

#include "base/record.h"
#include "base/verb.h"
#include "run/run_job.h"

/*
 * The same run on several rigs: --vary kernel=6.1,6.12 --vary nic=igb,virtio is four combinations,
 * "kernel-6.1_nic-igb" and so on, the first axis changing slowest. What becomes of them is a record
 * of the schema "vfcert-vary/1":
 *
 *   {"schema", "run":{"started","command","complete"}, "combinations":[{"name","kernel","qemu","nic",
 *    "status","why","card","software":{"kernel","qemu"},"summary":{...},"unexpected":[{"check",
 *    "verdict","reason"}],"total_s"}]}
 *
 * status is "good", "failed", "unusable" (the rig did not come up, or the run broke off), "skipped" (what
 * was asked for does not go together), or "not run"; kernel, qemu and nic are what was asked for, where it varies; the
 * results themselves are in the folder NAME beside the record.
 */
enum vary_axis {
	VARY_KERNEL,
	VARY_QEMU,
	VARY_NIC,
};
#define VARY_AXES 3

struct vary {
	size_t axis_count; /* 0: nothing varies */
	struct {
		enum vary_axis axis;
		char **values;
		size_t count;
	} axes[VARY_AXES]; /* in their order on the command line */
};

/* TEXTS are "kernel=6.1,6.12". -EINVAL: an unknown axis, one that is there twice, a value that is
 * empty or there twice, or more than 256 combinations. */
int vary_parse(const char *const *texts, size_t count, struct vary *vary, struct err *err);
void vary_free(struct vary *vary);

bool vary_has(const struct vary *vary, enum vary_axis axis);
const char *vary_axis_name(enum vary_axis axis);

/* The option of the rig that the axis sets. */
const char *vary_axis_option(enum vary_axis axis);

size_t vary_count(const struct vary *vary);

/* The value of AXIS in the combination INDEX; NULL where that does not vary. */
const char *vary_value(const struct vary *vary, size_t index, enum vary_axis axis);

/* The combination's name, which a folder can have; another one for each. For the caller to free. */
char *vary_name(const struct vary *vary, size_t index);

/* BASE with one value of one axis, or with all of a combination. */
struct rig_options vary_set(const struct rig_options *base, enum vary_axis axis, const char *value);
struct rig_options vary_apply(
		const struct vary *vary, size_t index, const struct rig_options *base);

/* The record while no combination has run. */
struct record *vary_begin(const struct vary *vary, const char *command);

/* The combination has ended with STATUS and RESULTS; or it was skipped. */
void vary_settle(struct record *record, size_t index, enum exit_status status,
		const struct record *results);
void vary_skip(struct record *record, size_t index, const char *why);
void vary_complete(struct record *record);

/* Runs the combinations one after the other, each in a folder of its own in BASE's, which also gets
 * the RECORD, the caller's. A combination that cannot be brought up does not end the others. -EINVAL,
 * before anything has run: a value cannot be had. Values that do not go together are skipped. After a signal -EINTR, with the record as far as it
 * came. */
int vary_run(const struct vary *vary, const struct run_job *base, const char *command,
		struct record **record, struct err *err);

/* The worst of all: a combination that was not run counts as unusable, and so do all where every one
 * was skipped. */
enum exit_status vary_worst(const struct record *record);

/* The summary table, and under it what was unexpected in which combination. */
int vary_print(const struct record *record, FILE *out);

#endif
