/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MIGRATE_MIGRATE_INTERNAL_H
#define MIGRATE_MIGRATE_INTERNAL_H

#include "migrate/migrate.h"

/* What the files of the source share. */

enum { ASK_MS = 60000 };

/* The time of a phase begins, and ends. */
void migrate_enter(struct migrate *migrate, enum migrate_phase phase);
void migrate_leave(struct migrate *migrate, enum migrate_phase phase);

/* Asks the target what the NICs can have there, and, unless it is for the plan, to hold it. */
int migrate_ask_nics(
		struct migrate *migrate, bool plan, struct diagnostics *notes, struct err *err);

#endif
