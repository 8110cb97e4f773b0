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
 * before and after are null if the check did not run, or the identity has no such member. pace is
 * the median factor by which the checks of AFTER took longer. A duration is beyond noise if it
 * differs from the pace by more than the factor noise, and by more than a tenth of a second.
 */
int changes_between(struct results_reader *before, struct results_reader *after,
		struct record **changes, struct err *err);

#endif
