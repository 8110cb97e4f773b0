/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHECKS_PERSISTENCE_PERSISTENCE_H
#define CHECKS_PERSISTENCE_PERSISTENCE_H

#include "check.h"
#include "checks/manager.h"
#include "checks/session.h"
#include "observe/traffic.h"

/*
 * The suite persistence. Its table is in persistence.c, the checks are in files by what happens to
 * the host: persistence_boot.c (it boots), persistence_slot.c (it boots, and the card is elsewhere),
 * persistence_cut.c (its power is cut in the middle of a change), persistence_fault.c (it is in
 * trouble), persistence_policy.c (a policy file is), persistence_unit.c (systemd boots it).
 */

/* Steps that boot the host with a policy applied, and look at what came back. */
extern const struct check step_reboot, step_reset, step_power_cut;

/* The same with the card in another slot, and back in its own (persistence_slot.c). */
extern const struct check step_reslot;

/* What came back after a boot. */
struct returned {
	struct intent intent;
	struct traffic traffic;
};

/* Tries the statements on it, and leaves the card and the host's folders empty. */
enum verdict persistence_look(
		struct check_run *run, const struct statement *statements, size_t count);

/* The statements about another slot, and that about VLANs, of a struct returned. */
enum { PERSISTENCE_STATEMENTS = 10 };
extern const struct statement persistence_after_reslot[PERSISTENCE_STATEMENTS];
enum verdict persistence_vlan_kept(struct check_run *run, void *subject);

/* The same for the manager's units (persistence_unit.c). */
extern const struct check step_unit;

/* Applies a policy and leaves by the action that the check's id is. */
enum verdict persistence_leave(struct check_run *run);

/* A change that is broken off after each of its durable steps; the check's id says which. */
enum verdict persistence_cut(struct check_run *run);
enum verdict persistence_after_cut(struct check_run *run);
enum verdict persistence_killed(struct check_run *run);

/* Policy 0 is applied; and whatever there was is gone. */
enum verdict persistence_begin(struct check_run *run);
enum verdict persistence_end(struct check_run *run, enum verdict verdict);

/* vfctl restore, with a card as a boot leaves it: the card is as INTENT wants it. What is said names WORD
 * (NULL: nothing need be said), and where it FAILS the exit status tells. */
enum verdict persistence_restores(
		struct check_run *run, const struct intent *intent, const char *word, bool fails);

/* A host in trouble (persistence_fault.c, persistence_policy.c). */
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
