/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHECKS_PERSISTENCE_PERSISTENCE_H
#define CHECKS_PERSISTENCE_PERSISTENCE_H

#include "check.h"
#include "checks/manager.h"
#include "checks/session.h"
#include "observe/traffic.h"

/*
 * The suite persistence. Its tables are in persistence.c, persistence_boot_checks.c and
 * persistence_cut.c; the checks are in files by what happens to the host: persistence_boot.c (it
 * boots), persistence_slot.c (it boots with the card in another slot), persistence_cut.c (a change
 * is interrupted), persistence_trouble.c (disk, clock or interface fail), persistence_policy.c (a
 * policy file has errors), persistence_unit.c (systemd boots it).
 */

/* The needs of checks that boot the host, or that write to the host's own folders. */
enum { BOOTS = NEED_RIG_BOOT | NEED_VF_NET | NEED_VF_SETTINGS | NEED_CONFIG };

/* Steps that boot the host with a policy applied, and check what the boot restored. */
extern const struct check step_reboot, step_reset, step_power_cut;

/* Does the same with the card moved to another slot and back (persistence_slot.c). */
extern const struct check step_reslot;

/* What a boot should have restored, and the traffic to test it with. */
struct boot_result {
	struct intent intent;
	struct traffic traffic;
};

/* After a boot: judges the statements, then removes VFs and policy files. */
enum verdict persistence_after_boot(
		struct check_run *run, const struct statement *statements, size_t count);

/* The statements about another slot, and the one about VLANs; their subject is a struct
 * boot_result. */
enum { PERSISTENCE_STATEMENTS = 10 };
extern const struct statement persistence_after_reslot[PERSISTENCE_STATEMENTS];
enum verdict persistence_vlan_kept(struct check_run *run, void *subject);

/* The same for the manager's units (persistence_unit.c). */
extern const struct check step_unit;

/* Applies a policy and asks for the boot action that the check's id names. */
enum verdict persistence_leave(struct check_run *run);

/* Applies policy 0; removes VFs and policy files and returns VERDICT, or broken if that fails. */
enum verdict persistence_begin(struct check_run *run);
enum verdict persistence_end(struct check_run *run, enum verdict verdict);

/* Resets the card to its state after a boot and calls vfctl restore: the card must then match
 * INTENT. The output must contain WORD (NULL: anything); if FAILS is set, the exit status must not
 * be 0. */
enum verdict persistence_restores(
		struct check_run *run, const struct intent *intent, const char *word, bool fails);

/* A host in trouble (persistence_trouble.c, persistence_policy.c). */
enum verdict persistence_disk_full(struct check_run *run);
enum verdict persistence_read_only(struct check_run *run);
enum verdict persistence_store_damaged(struct check_run *run);
enum verdict persistence_policy_unreadable(struct check_run *run);
enum verdict persistence_policy_bad(struct check_run *run);
enum verdict persistence_card_absent(struct check_run *run);
enum verdict persistence_bad_drop_in(struct check_run *run);
enum verdict persistence_one_of_two(struct check_run *run);
enum verdict persistence_clock(struct check_run *run);
enum verdict persistence_renamed(struct check_run *run);
enum verdict persistence_two_at_once(struct check_run *run);

#endif
