/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OBSERVE_IOMMU_FAULT_WATCH_H
#define OBSERVE_IOMMU_FAULT_WATCH_H

#include "host/iommu.h"
#include "observe/dut.h"

/*
 * Faults of the IOMMU since the watch began.
 *
 * The kernel's count of the unit's fault interrupt shows that there was a fault. The unit's fault
 * records, or the kernel log, show which function caused it. The log is rate-limited and the
 * records cannot be read on every host, so a fault may be counted and not attributed; it still
 * counts. A fault attributed to another function does not count.
 */
struct iommu_fault_watch {
	const struct dut *dut;
	struct iommu_unit unit;
	uint64_t before;
	int log;
	struct iommu_fault logged; /* the last one in the log */
	bool in_log;
};

/* Watches the unit that translates for BDF. Without an IOMMU it never counts a fault. */
int iommu_fault_watch_begin(const struct dut *dut, struct bdf bdf, struct iommu_fault_watch *watch,
		struct err *err);
void iommu_fault_watch_end(struct iommu_fault_watch *watch);

/* Forgets the faults so far. */
int iommu_fault_watch_restart(struct iommu_fault_watch *watch, struct err *err);

/* Waits for a fault, for a bounded time, and counts the fault interrupts. Several faults may share
 * one. */
int iommu_fault_watch_count(struct iommu_fault_watch *watch, uint64_t *count, struct err *err);

/* Finds the fault at the page of ADDRESS; returns the name of the source that reported it, or
 * NULL. Use an address that no other check uses, so that the fault cannot be another check's. */
const char *iommu_fault_watch_find(
		struct iommu_fault_watch *watch, uint64_t address, struct iommu_fault *fault);

#endif
