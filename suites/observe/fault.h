/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OBSERVE_FAULT_H
#define OBSERVE_FAULT_H

#include "host/iommu.h"
#include "observe/dut.h"

/*
 * Faults of the IOMMU since the watch began.
 *
 * That there was one is told by the unit's fault interrupt, which the kernel counts. Whose it was
 * is told by the unit's fault records, and by the kernel log. The log is rate-limited and the
 * records are not readable on every host, so a fault may be counted and not attributed; it still
 * counts. One that is attributed to another function does not.
 */
struct fault_watch {
	const struct dut *dut;
	struct iommu_unit unit;
	uint64_t before;
	int log;
	struct iommu_fault told; /* the last one that was found in the log */
	bool in_log;
};

/* Of the unit that translates for BDF. Without an IOMMU there is nothing to watch, and no fault. */
int fault_watch_begin(
		const struct dut *dut, struct bdf bdf, struct fault_watch *watch, struct err *err);
void fault_watch_end(struct fault_watch *watch);

/* What has been counted so far is forgotten. */
int fault_watch_restart(struct fault_watch *watch, struct err *err);

/* How many fault interrupts there were, once there is one or the time is up. Several faults may
 * share one. */
int fault_watch_count(struct fault_watch *watch, uint64_t *count, struct err *err);

/* The fault at the page of ADDRESS and who told it; NULL: nobody did. An address that no other
 * check uses makes it certain that it is this one. */
const char *fault_watch_find(
		struct fault_watch *watch, uint64_t address, struct iommu_fault *fault);

#endif
