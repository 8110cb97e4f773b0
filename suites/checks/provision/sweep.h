/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHECKS_PROVISION_SWEEP_H
#define CHECKS_PROVISION_SWEEP_H

#include "check.h"

/*
 * The sweep: the step that makes and removes each number of VFs once, since each takes the kernel
 * seconds, and notes what there is each time. Many statements are judged from it.
 *
 * Its evidence is an array of items whose values are records, one per number in the order in which
 * they were made:
 *
 *   {"asked":N, "autoprobe":BOOL, "refused":TEXT or null,
 *    "made":CENSUS, "removed":CENSUS, "kept":TEXT or null, "mac":TEXT, "vlan":N, "ms":N}
 *
 * refused: why the VFs were not made; kept: why they were not removed. A census is
 * {"reported","links","on_bus","in_config","bound"}; "made" is taken when drivers had their time to
 * bind. mac and vlan are those that the PF reports of VF 0, before the sweep sets SWEEP_VLAN and the
 * MAC sweep_mac() on it, at the first number alone. Autoprobe is on at the last number alone.
 *
 * A card of more than 8 VFs is tried with 1 to 8, with each doubling, and with all of them.
 */
extern const struct check step_sweep;

enum { SWEEP_VLAN = 42 };
struct mac sweep_mac(const struct dut *dut);

/* What was noted of the INDEXth number, or NULL. */
const struct record *sweep_item(const struct check_run *run, size_t index);

#endif
