/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHECKS_CONFIG_CONFIG_LIVE_H
#define CHECKS_CONFIG_CONFIG_LIVE_H

#include "check.h"

/* What only a running card can show of its configuration space: what it makes of writes. Those
 * named idle_ are for a PF without VFs, the others for VFs that stand. All put back what they
 * wrote. */
enum verdict idle_numvfs_above_total(struct check_run *run);
enum verdict idle_numvfs_holds(struct check_run *run);
enum verdict idle_pages_take(struct check_run *run);
enum verdict idle_vf_bars_size(struct check_run *run);
enum verdict idle_vf_bars_grow(struct check_run *run);
enum verdict idle_read_only(struct check_run *run);
enum verdict idle_offset_without_ari(struct check_run *run);
enum verdict idle_offset_steady(struct check_run *run);
enum verdict vf_command_read_only(struct check_run *run);
enum verdict vf_bars_read_only(struct check_run *run);
enum verdict vf_mse_gates(struct check_run *run);
enum verdict vf_command_gates_nothing(struct check_run *run);

#endif
