/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUN_REBOOT_H
#define RUN_REBOOT_H

#include "run/execute.h"

/*
 * Reboots the machine under test for a check and resumes the run: the old vfsuite ends with the
 * machine, and the new one gets a request for that check and the remaining ones.
 *
 * EVENT is the check's request. IDS are the check's id and those of the remaining checks. ID becomes
 * that of the new request.
 */
int reboot_resume(const struct run *run, const struct record *event, const struct record *ids,
		int64_t *id, struct err *err);

#endif
