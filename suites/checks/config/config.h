/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHECKS_CONFIG_CONFIG_H
#define CHECKS_CONFIG_CONFIG_H

#include "check.h"
#include "host/config.h"

/*
 * The suite config. Its table is in config.c; the checks are in config_rules.c (what can be read),
 * config_sriov.c and config_vf.c (what writes to the PF's SR-IOV capability and to VFs do).
 */

/* Applies the rule of core/pci/rules.h whose id follows "config." in the check's id. */
enum verdict config_rule(struct check_run *run);

/* Reads the value at OFFSET of FUNCTION ("pf", "vf0"), after the run's fault injection. */
uint32_t config_observe(struct check_run *run, struct config *config, const char *function,
		unsigned offset);

enum verdict config_numvfs_above_total(struct check_run *run);
enum verdict config_numvfs_holds(struct check_run *run);
enum verdict config_pages_take(struct check_run *run);
enum verdict config_vf_bars_size(struct check_run *run);
enum verdict config_vf_bars_grow(struct check_run *run);
enum verdict config_read_only(struct check_run *run);
enum verdict config_offset_without_ari(struct check_run *run);
enum verdict config_offset_steady(struct check_run *run);

enum verdict config_vf_command_read_only(struct check_run *run);
enum verdict config_vf_bars_read_only(struct check_run *run);
enum verdict config_vf_mse_gates(struct check_run *run);
enum verdict config_vf_command_gates_nothing(struct check_run *run);

#endif
