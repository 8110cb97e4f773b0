/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_RESULTS_CHANGES_H
#define REPORTS_RESULTS_CHANGES_H

#include "reports/results/results_reader.h"

/*
 * What changed between two runs, as a record of the schema "vfcert-changes/1":
 *
 *   {"schema","identity":[{"member","before","after"}],
 *    "verdicts":[{"id","before","after","worse":bool,"reason"}],    worse first
 *    "durations":[{"id","before_s","after_s"}],                     beyond noise
 *    "worse":N,"better":N,"same":N,                                 in checks, by verdict
 *    "pace":R,"noise":R}
 *
 * before and after are null where the check did not run, or the identity has no such member. pace is by
 * what factor the checks of AFTER took longer in the median; a duration is beyond noise where it is off
 * the pace by more than the factor noise, and by more than a tenth of a second.
 */
int changes_between(struct results_reader *before, struct results_reader *after,
		struct record **changes, struct err *err);

#endif
