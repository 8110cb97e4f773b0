/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RIG_FOLDER_H
#define RIG_FOLDER_H

#include <stdbool.h>

#include "base/err.h"

/*
 * The private folder of a running rig: RUN_DIR/vfcert-PID-XXXXXX, mode 0700. A lock in it, held by
 * the program that made it and whose process id it holds, tells a folder in use from one whose program was killed; such are
 * removed when the next folder is made.
 */
struct folder {
	char *path;
	int lock;
};

#define FOLDER_NONE ((struct folder){ .lock = -1 })

/* PATH is the folder to make, or NULL for a private one in RUN_DIR. */
int folder_make(const char *run_dir, const char *path, struct folder *folder, struct err *err);

void folder_remove(struct folder *folder);

#endif
