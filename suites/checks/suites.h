/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHECKS_SUITES_H
#define CHECKS_SUITES_H

#include "check.h"

/* Each table has its own file. */
extern const struct check suite_ready[];
extern const struct check suite_provision[];
extern const struct check suite_inventory[];
extern const struct check suite_every_vf[];
extern const struct check suite_iommu[];
extern const struct check suite_isolation[];
extern const struct check suite_config[];
extern const struct check suite_mac[];
extern const struct check suite_vlan[];
extern const struct check suite_hardware_faults[];
extern const struct check suite_stress[];
extern const struct check suite_address[];
extern const struct check suite_spoof[];
extern const struct check suite_trust[];
extern const struct check suite_promiscuous[];
extern const struct check suite_multicast[];
extern const struct check suite_priority[];
extern const struct check suite_mailbox[];
extern const struct check suite_rate[];
extern const struct check suite_link[];
extern const struct check suite_mtu[];
extern const struct check suite_counters[];
extern const struct check suite_control_frames[];
extern const struct check suite_neighbour[];
extern const struct check suite_leak[];
extern const struct check suite_reset[];
extern const struct check suite_guest[];
extern const struct check suite_guest_plug[];
extern const struct check suite_guest_trouble[];
extern const struct check suite_guest_pair[];
extern const struct check suite_guest_fallback[];
extern const struct check suite_guest_edit[];
extern const struct check suite_guest_mixed[];
extern const struct check suite_restarts[];
extern const struct check suite_migration[];
extern const struct check suite_migration_refused[];
extern const struct check suite_migration_stopped[];
extern const struct check suite_stress_guest[];
extern const struct check suite_persistence[];
extern const struct check suite_persistence_boots[];
extern const struct check suite_persistence_changes[];

#endif
