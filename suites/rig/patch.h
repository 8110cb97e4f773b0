/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RIG_PATCH_H
#define RIG_PATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/record.h"
#include "rig/qmp.h"

/*
 * Functions of the machine's kernel that return at once, with a given value: a driver that takes what
 * it should refuse, or does nothing and says that it did. Or ones that never return: a driver that
 * hangs. The actions "break-functions" and "mend-functions" of suites/protocol.md.
 */
enum { PATCHES_LIMIT = 32, PATCH_BYTES = 12 };

struct patches {
	bool listening; /* QEMU's gdb stub does */
	size_t count;
	struct {
		uint64_t address;
		uint8_t former[PATCH_BYTES];
	} list[PATCHES_LIMIT];
};

/* FOLDER is the machine's. ARGUMENTS come from the machine under test, and reach nothing but its own
 * memory. After an error in the middle the functions before it are broken; patches_undo() mends. */
int patches_apply(struct patches *patches, struct qmp *qmp, const char *folder,
		const struct record *arguments, struct err *err);
int patches_undo(struct patches *patches, const char *folder, struct err *err);

#endif
