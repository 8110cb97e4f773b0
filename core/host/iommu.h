/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_IOMMU_H
#define HOST_IOMMU_H

#include <stdbool.h>
#include <stdint.h>

#include "host/host.h"

/*
 * The IOMMU unit that translates for a function, and the faults that it has recorded. Only Intel's
 * (VT-d) is known.
 *
 * The kernel reports a fault in its log, which is rate-limited, and clears the unit's fault record.
 * Who and where stay readable in the record's other fields until the next fault takes it (VT-d 3.4,
 * 11.4.14); they are read through dev/mem, which the kernel allows under iomem=relaxed.
 */
struct iommu_unit {
	char name[16];             /* "dmar0", as proc/interrupts has it; "": none */
	const volatile void *page; /* NULL: the records cannot be read */
	uint64_t capability;
};

struct iommu_fault {
	uint16_t requester; /* bus << 8 | device << 3 | function */
	uint64_t address;   /* of the page */
	bool read;
	uint8_t reason;
};

/* A function without a unit gives one without a name. -EOPNOTSUPP: another maker's. */
int iommu_unit_open(
		const struct host *host, struct bdf bdf, struct iommu_unit *unit, struct err *err);
void iommu_unit_close(struct iommu_unit *unit);

/* How many faults the unit can hold; 0 where they cannot be read. */
unsigned iommu_unit_records(const struct iommu_unit *unit);
void iommu_unit_record(const struct iommu_unit *unit, unsigned number, struct iommu_fault *fault);

/* The fault that a line of the kernel log reports; false: it reports none. */
bool iommu_fault_parse(const char *line, struct iommu_fault *fault);

#endif
