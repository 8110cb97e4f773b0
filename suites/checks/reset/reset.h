/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHECKS_RESET_RESET_H
#define CHECKS_RESET_RESET_H

#include "checks/expect.h"

/*
 * The suite reset. Its table is in reset.c; the checks are in files by subject: reset_residue.c
 * (what a VF keeps), reset_neighbour.c (what the other VFs notice), reset_pf.c (what happens to the
 * settings when the PF is reset).
 */

/* Puts VF 0, 1, 2 into the VLANs RED, BLUE, RED, and VF 3 into none. */
enum { RED = 10, BLUE = 20 };
int open_tenants(struct check_run *run, unsigned count, struct traffic *traffic);

/* A burst from VF to the wire and one back must both arrive whole; on the wire they are in the
 * VF's VLAN. */
enum verdict both_ways(struct traffic *traffic, unsigned vf);

enum verdict reset_rings_cleared(struct check_run *run);
enum verdict reset_write_back_cleared(struct check_run *run);
enum verdict reset_buffers_cleared(struct check_run *run);
enum verdict reset_mailbox_cleared(struct check_run *run);
enum verdict reset_interrupts_cleared(struct check_run *run);
enum verdict reset_counters_cleared(struct check_run *run);
enum verdict reset_queues_off(struct check_run *run);
enum verdict reset_no_dma(struct check_run *run);
enum verdict reset_vlans_forgotten(struct check_run *run);
enum verdict reset_config_kept(struct check_run *run);
enum verdict reset_registers_answer(struct check_run *run);

enum verdict reset_neighbours_frames(struct check_run *run);
enum verdict reset_neighbours_config(struct check_run *run);
enum verdict reset_neighbours_registers(struct check_run *run);
enum verdict reset_twice(struct check_run *run);
enum verdict reset_parallel(struct check_run *run);
enum verdict reset_during_traffic(struct check_run *run);
enum verdict reset_rebind_during_traffic(struct check_run *run);
enum verdict reset_refused(struct check_run *run);

extern const struct check step_pf_cycle;
enum verdict reset_pf_cycle_before(struct check_run *run);
enum verdict reset_pf_cycle_down(struct check_run *run);
enum verdict reset_pf_cycle_raw(struct check_run *run);
enum verdict reset_pf_cycle_cooperative(struct check_run *run);
enum verdict reset_mtu_raw(struct check_run *run);
enum verdict reset_pf_flr(struct check_run *run);

#endif
