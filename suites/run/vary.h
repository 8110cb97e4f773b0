/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUN_VARY_H
#define RUN_VARY_H

#include <stdio.h>

#include "command/verb.h"
#include "data/record.h"
#include "run/run_job.h"

/*
 * The same run on several rigs: --vary kernel=6.1,6.12 --vary nic=igb,virtio is four combinations,
 * "kernel-6.1_nic-igb" and so on; the first axis changes slowest. The outcome is a record of the schema
 * "vfcert-vary/1":
 *
 *   {"schema", "run":{"started","command","complete"}, "combinations":[{"name","kernel","qemu","libvirt",
 *    "nic","status","why","card","software":{"kernel","qemu"},"summary":{...},"unexpected":[{"check",
 *    "verdict","reason"}],"total_s"}]}
 *
 * status is "good", "failed", "unusable" (the rig did not come up, or the run was interrupted), "skipped"
 * (the values exclude each other), or "not run". kernel, qemu, libvirt and nic are the values of the axes, null for
 * one that does not vary. The results are in the folder NAME beside the record.
 */
enum vary_axis {
	VARY_KERNEL,
	VARY_QEMU,
	VARY_LIBVIRT,
	VARY_NIC,
};
#define VARY_AXES 4

struct vary {
	size_t axis_count; /* 0: nothing varies */
	struct {
		enum vary_axis axis;
		char **values;
		size_t count;
	} axes[VARY_AXES]; /* in their order on the command line */
};

/* TEXTS are like "kernel=6.1,6.12". -EINVAL: an unknown or repeated axis, an empty or repeated value, or
 * more than 256 combinations. */
int vary_parse(const char *const *texts, size_t count, struct vary *vary, struct err *err);
void vary_free(struct vary *vary);

bool vary_has(const struct vary *vary, enum vary_axis axis);
const char *vary_axis_name(enum vary_axis axis);

/* The option of the rig that the axis sets. */
const char *vary_axis_option(enum vary_axis axis);

size_t vary_count(const struct vary *vary);

/* The value of AXIS in the combination INDEX; NULL for an axis that does not vary. */
const char *vary_value(const struct vary *vary, size_t index, enum vary_axis axis);

/* The combination's unique name, which is safe for a folder; the caller frees it. */
char *vary_name(const struct vary *vary, size_t index);

/* BASE with one value of one axis, or with all values of a combination. */
struct rig_options vary_set(const struct rig_options *base, enum vary_axis axis, const char *value);
struct rig_options vary_apply(
		const struct vary *vary, size_t index, const struct rig_options *base);

/* The record before any combination has run. */
struct record *vary_begin(const struct vary *vary, const char *command);

/* Records that a combination has ended with STATUS and RESULTS, or was skipped; and that all
 * have run. */
void vary_settle(struct record *record, size_t index, enum exit_status status,
		const struct record *results);
void vary_skip(struct record *record, size_t index, const char *why);
void vary_complete(struct record *record);

/* Runs the combinations one after the other, each in its own folder in BASE's, and writes the
 * record to BASE's folder. The caller frees RECORD, even after an error.
 *
 * -EINVAL before any run if a value does not exist. Combinations whose values exclude each other
 * are skipped. If a rig does not come up, the others still run. -EINTR after a signal. */
int vary_run(const struct vary *vary, const struct run_job *base, const char *command,
		struct record **record, struct err *err);

/* The worst status. A combination that was not run counts as unusable; if all were skipped, the
 * whole counts as unusable. */
enum exit_status vary_worst(const struct record *record);

/* Prints the summary table, and the unexpected verdicts of each combination. */
int vary_print(const struct record *record, FILE *out);

#endif
