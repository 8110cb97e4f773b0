/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VFCERT_LISTS_H
#define VFCERT_LISTS_H

#include "data/record.h"

/* Reads the list of the vfsuite in the folder TOOLS_DIR, which needs no rig:
 * {"suites":[{"id","title"}], "checks":[...]}. */
int vfsuite_list(const char *tools_dir, struct record **listing, struct err *err);

#endif
