/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/iommu_fault_watch.h"

#include "base/cleanup.h"
#include "host/interrupts.h"
#include "host/kernel_log.h"

enum { FAULT_MS = 100, POLL_MS = 2 };

int iommu_fault_watch_begin(const struct dut *dut, struct bdf bdf, struct iommu_fault_watch *watch,
		struct err *err)
{
	int rc;

	*watch = (struct iommu_fault_watch){ .dut = dut, .log = -1 };
	rc = iommu_unit_open(dut->host, bdf, &watch->unit, err);
	if (!rc)
		rc = kernel_log_open(dut->host, false, &watch->log, err);
	return rc ? rc : iommu_fault_watch_restart(watch, err);
}

void iommu_fault_watch_end(struct iommu_fault_watch *watch)
{
	if (!watch->dut)
		return;
	iommu_unit_close(&watch->unit);
	cleanup_fd(&watch->log);
	*watch = (struct iommu_fault_watch){ .log = -1 };
}

static int taken(const struct iommu_fault_watch *watch, uint64_t *count, struct err *err)
{
	*count = 0;
	if (!watch->unit.name[0])
		return 0;
	return interrupts_taken(watch->dut->host, watch->unit.name, count, err);
}

int iommu_fault_watch_restart(struct iommu_fault_watch *watch, struct err *err)
{
	return taken(watch, &watch->before, err);
}

static bool has_fault(void *argument)
{
	const struct iommu_fault_watch *watch = argument;
	uint64_t now;

	return taken(watch, &now, NULL) < 0 || now > watch->before;
}

int iommu_fault_watch_count(struct iommu_fault_watch *watch, uint64_t *count, struct err *err)
{
	int rc;

	if (watch->unit.name[0])
		clock_poll(has_fault, watch, dut_deadline(watch->dut, FAULT_MS), POLL_MS);
	rc = taken(watch, count, err);
	*count -= watch->before;
	return rc;
}

static bool in_log(struct iommu_fault_watch *watch, uint64_t page, struct iommu_fault *fault)
{
	char line[512];

	while (kernel_log_next(watch->log, line, sizeof(line))) {
		if (!iommu_fault_parse(line, fault) || fault->address != page)
			continue;
		watch->logged = *fault;
		watch->in_log = true;
	}
	*fault = watch->logged;
	return watch->in_log && fault->address == page;
}

const char *iommu_fault_watch_find(
		struct iommu_fault_watch *watch, uint64_t address, struct iommu_fault *fault)
{
	uint64_t page = address & ~0xfffull;

	for (unsigned i = 0; i < iommu_unit_records(&watch->unit); i++) {
		iommu_unit_record(&watch->unit, i, fault);
		if (fault->address == page)
			return "the IOMMU's fault record";
	}
	return in_log(watch, page, fault) ? "the kernel log" : NULL;
}
