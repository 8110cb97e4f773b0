/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROOF_DEFECT_H
#define PROOF_DEFECT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ini.h"
#include "base/record.h"
#include "rig/rig.h"

/* A way to break a rig on purpose, from one file (fixtures/defects/README.md). */
struct defect {
	char *id;         /* the file's name without .ini */
	struct ini *file; /* laid over the topology */
	const char *title;
	bool apart;               /* takes long: runs only when it is named */
	bool null;                /* breaks nothing: nothing may fail */
	struct record *expect;    /* array of ids: the checks that must fail */
	struct record *allow;     /* object: id to the reason why it may fail too */
	struct record *suites;    /* array of names or patterns: what is run */
	struct record *checks;    /* array of ids or patterns: run as well */
	struct record *begin;     /* array: actions that the rig does before any check */
	struct record *ignored;   /* array: actions that the rig claims to do and does not */
	struct record *pretended; /* array: system calls that are not made and told as done */
	struct boot_defect boot_defect;
	struct record *registers; /* array, as the request "run" takes it */
	struct record *config;    /* the same */
	struct record *functions; /* the same */
};

/* Reads and expands the file. Errors name file and line. */
int defect_load(const char *path, struct defect **defect, struct err *err);
void defect_free(struct defect *defect);
void cleanup_defect(struct defect **defect);

/* The defects of the folder in the order of their names: all, or those named. A name that is not
 * there is -EINVAL. */
struct defects {
	struct defect **list;
	size_t count;
};
int defects_load(const char *folder, char *const *names, size_t name_count, struct defects *defects,
		struct err *err);
void cleanup_defects(struct defects *defects);

/* Takes those that stand apart out. */
void defects_drop_apart(struct defects *defects);

/* -EINVAL where the defect speaks of a check or suite that is not in the list of vfsuite. */
int defect_validate(const struct defect *defect, const struct record *declared, struct err *err);

#endif
