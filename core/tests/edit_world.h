/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_EDIT_WORLD_H
#define TESTS_EDIT_WORLD_H

#include "tests/vm_world.h"
#include "vm/edit.h"

/*
 * What the tests of vm edit share. The networks red (VLAN 10, br0) and blue (VLAN 20, br1), and profiles:
 *
 *   fast, swift         a VF in red, with 200 and with 500 Mbit/s and trust
 *   other               a VF in blue
 *   slow, calm          on the bridge of red, of blue
 *   pair, quick-pair    a VF as fast and as swift, with a standby as slow
 */
#define EDIT_MAC "02:00:00:00:00:77"

/* For cmocka's setup. */
int edit_begin(void **state);

/* Gives web1 the NIC nic1 with EDIT_MAC. */
void edit_attach(const char *profile, unsigned sides);

/* Plans and runs; what REQUEST leaves open is nic1 of web1. */
int edit_go(struct edit_request request, struct err *err);
void edit_well(struct edit_request request);
int edit_planned(struct edit_request request, struct edit *edit, struct err *err);

/* nic1 is in every way as PROFILE says, and an edit would find nothing to do. */
void assert_is(const char *profile);

/* Detaches it, and nothing is left. */
void assert_leaves_nothing(void);

#endif
