/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RIG_PATCH_H
#define RIG_PATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data/record.h"
#include "rig/qmp.h"

/*
 * Makes functions of the machine's kernel return a given value at once, or never: a driver that
 * accepts what it should reject, claims to have done what it has not, or hangs. These are the
 * actions "break-functions" and "mend-functions" of suites/protocol.md.
 */
enum { PATCHES_LIMIT = 32, PATCH_BYTES = 12 };

struct patches {
	bool listening; /* QEMU's gdb stub runs */
	size_t count;
	struct {
		uint64_t address;
		uint8_t former[PATCH_BYTES];
	} list[PATCHES_LIMIT];
};

/* FOLDER is the machine's. ARGUMENTS come from the machine under test, and can change only its own
 * memory. After an error some functions may be patched; patches_undo() restores all. */
int patches_apply(struct patches *patches, struct qmp *qmp, const char *folder,
		const struct record *arguments, struct err *err);
int patches_undo(struct patches *patches, const char *folder, struct err *err);

#endif
