/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROOF_DEFECT_H
#define PROOF_DEFECT_H

#include <stdbool.h>
#include <stddef.h>

#include "data/ini.h"
#include "data/record.h"
#include "rig/rig.h"

/* A way to break a rig on purpose, read from a file (fixtures/defects/README.md). */
struct defect {
	char *id;         /* the file's name without .ini */
	struct ini *file; /* laid over the topology */
	const char *title;
	const char *topology;     /* the name of the one that it is proved on; NULL: any */
	bool slow;                /* takes long; runs only when it is named */
	bool dealt;               /* VFs are dealt as in an ordinary run */
	bool null;                /* harmless: no check may fail */
	struct record *expect;    /* array: ids of the checks that must fail */
	struct record *allow;     /* object: by id, why other checks may fail too */
	struct record *suites;    /* array: names or patterns of suites to run */
	struct record *checks;    /* array: ids or patterns of checks to run too */
	struct record *begin;     /* array: actions of the rig before the first check */
	struct record *ignored;   /* array: actions that the rig only pretends to do */
	struct record *pretended; /* array: system calls that appear to succeed but are not made */
	struct boot_defect boot_defect;
	struct record *registers; /* array, as in the request "run" */
	struct record *config;    /* the same */
	struct record *functions; /* the same */
};

/* Reads and expands the file. Errors name file and line. */
int defect_load(const char *path, struct defect **defect, struct err *err);
void defect_free(struct defect *defect);
void cleanup_defect(struct defect **defect);

/* The defects of the folder in the order of their names: all, or the named ones. -EINVAL for an
 * unknown name. */
struct defects {
	struct defect **list;
	size_t count;
};
int defects_load(const char *folder, char *const *names, size_t name_count, struct defects *defects,
		struct err *err);
void cleanup_defects(struct defects *defects);

/* Removes the slow ones. */
void defects_drop_slow(struct defects *defects);

/* -EINVAL if the defect names a check that is not in vfsuite's list. */
int defect_validate(const struct defect *defect, const struct record *declared, struct err *err);

#endif
