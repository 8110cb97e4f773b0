/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROOF_PROOF_H
#define PROOF_PROOF_H

#include <stdbool.h>
#include <stdio.h>

#include "data/record.h"
#include "proof/defect.h"

/*
 * Proof that the checks detect defects, as a record of the schema "vfcert-proof/1":
 *
 *   {"schema":"vfcert-proof/1", "run":{...}, "suite":{...}, "quirks":text,
 *    "sound":{"identity", "summary", "total_s":R, "failures":[], "known":[], "topology":name,
 *             "others":[{the same members as sound}]},
 *    "defects":[{"id","title","topology":name,"null":bool,"expected":[],"caught":[],"missed":[],
 *                "false_alarms":[],"broken":[],"allowed":[],"changed":[],"notes":{id:text},
 *                "checks":N,"total_s":R,"error":text or null}]}
 *
 * The member topology is there if defects name it; without it the topology is that of the command line.
 * Defects on several topologies have a sound rig on each, and "others" are those after the first.
 *
 * suite and quirks are those of the run on the sound rig (reports/results/results.h); a proof is valid for
 * results of the same suite.
 *
 * A check catches a defect when it fails on the broken rig and passes on the sound one. A check that is
 * known to fail on the sound rig cannot catch anything. An expected check that is broken has neither
 * caught nor missed the defect.
 */

/* Takes RUN. SOUND are the results on the rig without a defect, or NULL if there are none yet. TOPOLOGY is
 * that rig's if defects name it, or NULL. */
struct record *proof_begin(struct record *run, const char *topology, const struct record *sound);

/* Adds the results on another sound rig. */
void proof_add_sound(struct record *proof, const char *topology, const struct record *sound);

/* Makes a row of the matrix by comparing RESULTS, which may be incomplete, with those on the sound rig of
 * the same topology. */
struct record *proof_row(const struct defect *defect, const struct record *sound,
		const struct record *results);

/* Takes and adds ROW, which may be NULL. */
void proof_add(struct record *proof, struct record *row);

/* Adds to "unproved" the checks that pass on this sound rig and have caught no defect on any topology.
 * For each sound rig, after the last row. */
void proof_finish(struct record *proof, const struct record *sound);

/* Prints a line for a row, the NUMBERth of COUNT. */
void proof_print_row(const struct record *row, size_t number, size_t count, FILE *out);

/* Prints the detection matrix for a terminal, or as Markdown. Each returns 0 or -errno. */
int proof_print(const struct record *proof, FILE *out);
int proof_markdown(const struct record *proof, FILE *out);

#endif
