/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DATA_INI_FOLDER_H
#define DATA_INI_FOLDER_H

#include "base/err.h"

/* Calls TAKE for each file NAME.ini in FOLDER, in the order of their names; hidden files do not
 * count. The first error of TAKE ends it. Returns the number of files, or the error; WHAT names the
 * files if FOLDER cannot be read: "the quirks". */
typedef int ini_folder_fn(void *argument, const char *path, const char *name, struct err *err);
int ini_folder_each(const char *folder, const char *what, ini_folder_fn *take, void *argument,
		struct err *err);

#endif
