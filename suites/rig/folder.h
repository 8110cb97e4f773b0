/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RIG_FOLDER_H
#define RIG_FOLDER_H

#include <stdbool.h>

#include "base/err.h"

/*
 * The private folder of a running rig: RUN_DIR/vfcert-PID-XXXXXX, mode 0700. The program that made it
 * holds a lock on the file "lock" in it, which contains its process id. Making a folder removes those
 * whose program was killed.
 */
struct folder {
	char *path;
	int lock;
};

#define FOLDER_NONE ((struct folder){ .lock = -1 })

/* PATH is the folder to make; NULL: one of that form in RUN_DIR. */
int folder_make(const char *run_dir, const char *path, struct folder *folder, struct err *err);

void folder_remove(struct folder *folder);

#endif
