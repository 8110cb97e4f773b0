/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_FAULTS_H
#define BASE_FAULTS_H

#include <stddef.h>

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

void faults_free(struct faults *faults);
void cleanup_faults(struct faults *faults);

#endif
