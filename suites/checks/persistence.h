/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHECKS_PERSISTENCE_H
#define CHECKS_PERSISTENCE_H

#include "check.h"
#include "checks/manager.h"

/*
 * The suite persistence. Its table is in persistence.c, the checks are in files by what happens to
 * the host: persistence_boot.c (it boots), persistence_cut.c (its power is cut in the middle of a
 * change), persistence_fault.c (it is in trouble),
 * persistence_unit.c (systemd boots it).
 */

/* Steps that boot the host with a policy applied, and look at what came back. */
extern const struct check step_reboot, step_reset, step_power_cut;

/* The same for the manager's units (persistence_unit.c). */
extern const struct check step_unit;

/* Applies a policy and leaves by the action that the check's id is. */
enum verdict persistence_leave(struct check_run *run);

/* A change that is broken off after each of its durable steps; the check's id says which. */
enum verdict persistence_cut(struct check_run *run);
enum verdict persistence_after_cut(struct check_run *run);
enum verdict persistence_killed(struct check_run *run);

/* A host in trouble (persistence_fault.c). */
enum verdict persistence_disk_full(struct check_run *run);
enum verdict persistence_read_only(struct check_run *run);
enum verdict persistence_store_damaged(struct check_run *run);
enum verdict persistence_policy_unreadable(struct check_run *run);
enum verdict persistence_policy_bad(struct check_run *run);
enum verdict persistence_card_absent(struct check_run *run);
enum verdict persistence_clock(struct check_run *run);
enum verdict persistence_renamed(struct check_run *run);
enum verdict persistence_two_at_once(struct check_run *run);

#endif
