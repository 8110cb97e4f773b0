/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROOF_CONFIG_WRITES_H
#define PROOF_CONFIG_WRITES_H

#include "data/ini.h"
#include "data/record.h"

/* Adds the writes of a [Config NAME] section to the array WRITES, one for each function that it names, in
 * the form of the request "run" (suites/protocol.md). */
int config_writes_add(const struct ini *file, const struct ini_section *section,
		struct record *writes, struct err *err);

#endif
