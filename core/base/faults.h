/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_FAULTS_H
#define BASE_FAULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/ini.h"

/*
 * All that is wrong with the files of a person, so that they are told at once: one line each,
 * FILE:LINE:COLUMN: what and what to do.
 */
struct faults {
	char **lines;
	size_t count;
};

void fault_add(struct faults *faults, const char *format, ...)
		__attribute__((format(printf, 2, 3)));

/* The same, with the place of ENTRY in front. */
void fault_at(struct faults *faults, const struct ini *ini, const struct ini_entry *entry,
		const char *format, ...) __attribute__((format(printf, 4, 5)));

void faults_free(struct faults *faults);
void cleanup_faults(struct faults *faults);

/* Values of entries. One that is not of its kind is a fault, false, and leaves *VALUE alone.
 * A truth is yes, no, true, false, on, off, 1 or 0. */
bool entry_bool(const struct ini *ini, const struct ini_entry *entry, bool *value,
		struct faults *faults);
bool entry_number(const struct ini *ini, const struct ini_entry *entry, uint64_t min, uint64_t max,
		uint64_t *value, struct faults *faults);

#endif
