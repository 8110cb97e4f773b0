/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHECKS_PROVISION_VF_COUNT_SWEEP_H
#define CHECKS_PROVISION_VF_COUNT_SWEEP_H

#include "check.h"

/*
 * The step that makes and removes each number of VFs once, because each takes the kernel seconds,
 * and records what it finds each time. Several checks judge its records.
 *
 * Its evidence is an array of items whose values are records, one per number in the order in which
 * they were made:
 *
 *   {"asked":N, "autoprobe":BOOL, "refused":TEXT or null,
 * "made":COUNTS, "removed":COUNTS, "kept":TEXT or null, "mac":TEXT, "vlan":N, "ms":N}
 *
 * refused: why the VFs were not made; kept: why they were not removed. COUNTS is
 * {"reported","links","on_bus","in_config","bound"}; "made" is read once drivers have had time to
 * bind. mac and vlan are what the PF reports about the new VF 0. With the first number only, the
 * step then sets VF_COUNT_SWEEP_VLAN and the MAC vf_count_sweep_mac() on it. Autoprobe is on with
 * the last number only.
 *
 * A card with more than 8 VFs is tried with 1 to 8, with each doubling, and with all of them.
 */
extern const struct check step_vf_count_sweep;

enum { VF_COUNT_SWEEP_VLAN = 42 };
struct mac vf_count_sweep_mac(const struct dut *dut);

/* The record of the INDEXth number, or NULL. */
const struct record *vf_count_sweep_item(const struct check_run *run, size_t index);

#endif
