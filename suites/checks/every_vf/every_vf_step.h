/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHECKS_EVERY_VF_EVERY_VF_STEP_H
#define CHECKS_EVERY_VF_EVERY_VF_STEP_H

#include "check.h"
#include "observe/vf_paths.h"

/*
 * The step that looks at all VFs of the list at once: the paths of observe/vf_paths.h, then those with a
 * port VLAN for each VF, then a reset of each VF. The checks of the suite judge its records.
 *
 * Its evidence is an array of items whose values are records, one for each VF, in the order of their numbers:
 *
 *   {"vf":N, "tried":BITS, "frames":[N for each enum vf_path], "foreign":N, "retried":N, "wrong_tags":N,
 *    "vectors":N, "raised":N, "reset":TEXT or null, "after_reset":[N, N] or absent}
 *
 * raised: those of its interrupts that were raised while frames passed in both directions. reset: why the VF was not reset. after_reset: frames that it received and sent after that.
 */
extern const struct check step_every_vf;

/* The record of the INDEXth VF, or NULL. */
const struct record *every_vf_item(const struct check_run *run, size_t index);

#endif
