/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VFCERT_LISTS_H
#define VFCERT_LISTS_H

#include "base/record.h"

/* What the vfsuite in the folder TOOLS_DIR lists without a rig: {"suites":[{"id","title"}],
 * "checks":[...]}. */
int lists_ask(const char *tools_dir, struct record **listing, struct err *err);

#endif
