/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/diagnostics.h"
#include "command/verb.h"
#include "data/record.h"
#include "host/host.h"
#include "sriov/inventory.h"

/* What the verbs of vfctl share. */

extern const struct verb verbs_inspect[]; /* list, show, check */
extern const struct verb verbs_change[];  /* set, vf */
extern const struct verb verbs_rules[];   /* rules */
extern const struct verb verbs_desired[]; /* verify, plan, status */
extern const struct verb verbs_apply[];   /* apply, restore */
extern const struct verb verbs_vm[];      /* vm list, vm show */
extern const struct verb verbs_plug[];    /* vm start, attach, detach */
extern const struct verb verbs_upgrade[]; /* vm upgrade */
extern const struct verb verbs_edit[];    /* vm edit */
extern const struct verb verbs_migrate[]; /* migrate, vm receive */

/* The machine of --root, or the running one. */
int call_host(const struct verb_call *call, struct host **host, struct err *err);

/* Takes the lock for changes, and settles reservations; a verb that calls it has the flag --wait. FD is the caller's.
 * -EINVAL for a recorded tree without --write-tree. */
int call_lock(const struct verb_call *call, const struct host *host, int *fd, struct err *err);
#define FLAG_DESPITE_HOLDER                                                                       \
	{                                                                                         \
		"despite-holder", 0, "NAME", "Take VFs although their use by NAME cannot be seen" \
	}

#define FLAG_WAIT                                                                         \
	{                                                                                 \
		"wait", 0, "S",                                                           \
				"Wait at most S seconds for another vfctl that changes, " \
				"30 if not given"                                         \
	}

/* Verbs that refuse a card whose VFs another program's files manage have this flag. */
#define FLAG_DESPITE_OWNER                                                                  \
	{                                                                                   \
		"despite-owner", 0, NULL,                                                   \
				"Even where files of another program manage the card's VFs" \
	}

/* Prints an object with its schema ("vfctl-list/1") first, and takes RECORD. */
int call_print(const struct verb_call *call, const char *schema, const char *key,
		struct record *record);

/* EXIT_GOOD, or the exit status for output that could not be written. */
int call_printed(const struct verb_call *call);

/* A line "  name          text" on standard output. */
void fact_print(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints diagnostics to standard error. Returns EXIT_USAGE if STATUS is EXIT_GOOD and there is
 * an error among them, else STATUS. */
int diagnostics_print(
		const struct verb_call *call, const struct diagnostics *diagnostics, int status);

/* Lines "note: NOTE MORE" on standard error. */
void notes_print(const struct diagnostics *notes, const char *more);

/* One VF, for people. */
void vf_print(const struct vf *vf);

#endif
