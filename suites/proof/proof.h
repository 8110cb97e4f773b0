/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROOF_PROOF_H
#define PROOF_PROOF_H

#include <stdbool.h>
#include <stdio.h>

#include "base/record.h"
#include "proof/defect.h"

/*
 * Proof that the checks catch what they exist for, as a record of the schema "vfcert-proof/1":
 *
 *   {"schema":"vfcert-proof/1", "run":{...}, "suite":{...}, "quirks":text,
 *    "sound":{"identity", "summary", "failures":[]},
 *    "defects":[{"id","title","null":bool,"expected":[],"caught":[],"missed":[],"false_alarms":[],
 *                "broken":[],"allowed":[],"changed":[],"notes":{id:text},"checks":N,
 *                "total_s":R,"error":text or null}]}
 *
 * suite and quirks are those of the run on the sound rig (reports/results/results.h): a proof is worth something
 * for results of the same suite.
 *
 * A check has caught a defect when it fails on the broken rig and passes on the sound one. One that
 * is known to fail on the sound rig cannot catch anything there. An expected check that is broken is
 * neither caught nor missed: nothing can be said.
 */

/* RUN is taken. SOUND are the results on the rig without a defect; NULL: there are none yet. */
struct record *proof_begin(struct record *run, const struct record *sound);

/* Compares RESULTS, which may be incomplete, with SOUND: a row of the matrix. */
struct record *proof_row(const struct defect *defect, const struct record *sound,
		const struct record *results);

/* Adds ROW (taken); NULL is none. */
void proof_add(struct record *proof, struct record *row);

/* Adds "unproved": the checks that pass on the sound rig and have caught nothing. */
void proof_finish(struct record *proof, const struct record *sound);

/* One line for a row, as soon as it is known: the NUMBERth of COUNT. */
void proof_print_row(const struct record *row, size_t number, size_t count, FILE *out);

/* The detection matrix, for a terminal and as Markdown. Each returns 0 or -errno. */
int proof_print(const struct record *proof, FILE *out);
int proof_markdown(const struct record *proof, FILE *out);

#endif
