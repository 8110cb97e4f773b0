/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROOF_REGISTERS_H
#define PROOF_REGISTERS_H

#include "data/ini.h"
#include "data/record.h"

/* Adds the writes of a [Register NAME] section to the array REGISTERS, one for each VF and index that it
 * names, in the form of the request "run" (suites/protocol.md). */
int registers_expand(const struct ini *file, const struct ini_section *section,
		struct record *registers, struct err *err);

#endif
