/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_CERTIFICATE_PROOF_SUMMARY_H
#define REPORTS_CERTIFICATE_PROOF_SUMMARY_H

#include <stdbool.h>

#include "data/record.h"

/* What a proof (suites/proof/proof.h) shows, for code that has only its record. */

/* Whether the proof is complete, no sound rig shows a failure, at least one defect was tried,
 * and for each defect there was no error, and no check missed it, raised a false alarm, or was
 * broken although expected to catch it. */
bool proof_holds(const struct record *proof);

/* {"started","defects":N,"nulls":N,"checks":[ids that have caught a defect, sorted]}: how many
 * rigs were broken on purpose, how many were changed harmlessly, and which checks have been seen to
 * fail. */
struct record *proof_summary(const struct record *proof);

#endif
