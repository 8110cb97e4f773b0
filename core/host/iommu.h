/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_IOMMU_H
#define HOST_IOMMU_H

#include <stdbool.h>
#include <stdint.h>

#include "host/host.h"

/*
 * The IOMMU unit that translates for a function, and the faults that it has recorded. Only Intel's
 * (VT-d) is supported.
 *
 * The kernel reports a fault in its log, which is rate-limited, and clears the fault record of the
 * unit. The requester and address stay readable in the other fields of the record until the next
 * fault uses it (VT-d 3.4, 11.4.14). They are read through dev/mem, which the kernel allows under
 * iomem=relaxed.
 */
struct iommu_unit {
	char name[16];             /* "dmar0", as in proc/interrupts; "": none */
	const volatile void *page; /* NULL: the records cannot be read */
	uint64_t capability;
};

struct iommu_fault {
	uint16_t requester; /* bus << 8 | device << 3 | function */
	uint64_t address;   /* of the page */
	bool read;
	uint8_t reason;
};

/* For a function without a unit, UNIT has no name. -EOPNOTSUPP: a unit of another vendor. */
int iommu_unit_open(
		const struct host *host, struct bdf bdf, struct iommu_unit *unit, struct err *err);
void iommu_unit_close(struct iommu_unit *unit);

/* How many faults the unit can record; 0: the records cannot be read. */
unsigned iommu_unit_records(const struct iommu_unit *unit);
void iommu_unit_record(const struct iommu_unit *unit, unsigned number, struct iommu_fault *fault);

/* Parses the fault that a line of the kernel log reports; false: it reports none. */
bool iommu_fault_parse(const char *line, struct iommu_fault *fault);

#endif
