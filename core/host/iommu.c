/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/iommu.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/text.h"

enum { PAGE = 4096, RECORD_BYTES = 16 };

/* Reads an attribute of a unit, which the kernel prints in hexadecimal without 0x. */
static int read_hex(const struct host *host, const char *unit, const char *attribute,
		uint64_t *value, struct err *err)
{
	CLEANUP(cleanup_free)
	char *path = text_format("sys/class/iommu/%s/intel-iommu/%s", unit, attribute);
	char text[32], *end;
	int rc = host_read(host, path, text, sizeof(text), err);

	if (rc < 0)
		return rc;
	*value = strtoull(text, &end, 16);
	return end == text || *end ? err_set(err, EPROTO, "%s holds no number", path) : 0;
}

static unsigned records_offset(const struct iommu_unit *unit)
{
	return (unsigned)(unit->capability >> 24 & 0x3ff) * RECORD_BYTES;
}

/* Without permission for dev/mem the records stay unread: the kernel log and the count of
 * interrupts remain. */
static void map_registers(const struct host *host, uint64_t address, struct iommu_unit *unit)
{
	CLEANUP(cleanup_fd) int fd = host_open_file(host, "dev/mem", O_RDONLY | O_SYNC);
	void *page;

	if (fd < 0 || address % PAGE)
		return;
	page = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, (off_t)address);
	if (page != MAP_FAILED)
		unit->page = page;
}

int iommu_unit_open(
		const struct host *host, struct bdf bdf, struct iommu_unit *unit, struct err *err)
{
	char name[BDF_TEXT];
	uint64_t address;
	int rc;

	*unit = (struct iommu_unit){ 0 };
	rc = function_link(host, bdf, "iommu", unit->name, sizeof(unit->name));
	if (rc == -ENOENT)
		return 0;
	if (rc < 0 || strncmp(unit->name, "dmar", 4))
		return err_set(err, EOPNOTSUPP,
				"%s is behind the IOMMU unit %s: only faults of Intel's are known",
				bdf_format(bdf, name), unit->name);
	rc = read_hex(host, unit->name, "cap", &unit->capability, err);
	if (!rc)
		rc = read_hex(host, unit->name, "address", &address, err);
	if (!rc)
		map_registers(host, address, unit);
	return rc;
}

void iommu_unit_close(struct iommu_unit *unit)
{
	if (unit->page)
		munmap((void *)(uintptr_t)unit->page, PAGE);
	*unit = (struct iommu_unit){ 0 };
}

unsigned iommu_unit_records(const struct iommu_unit *unit)
{
	unsigned count = (unsigned)(unit->capability >> 40 & 0xff) + 1;
	unsigned room = (PAGE - records_offset(unit) % PAGE) / RECORD_BYTES;

	if (!unit->page || records_offset(unit) >= PAGE)
		return 0;
	return count < room ? count : room;
}

void iommu_unit_record(const struct iommu_unit *unit, unsigned number, struct iommu_fault *fault)
{
	const volatile uint64_t *record =
			(const volatile uint64_t *)((const volatile char *)unit->page +
					records_offset(unit) + number * RECORD_BYTES);
	uint64_t low = record[0], high = record[1];

	*fault = (struct iommu_fault){ .requester = (uint16_t)high,
		.address = low & ~(uint64_t)(PAGE - 1),
		.read = high >> 62 & 1,
		.reason = (uint8_t)(high >> 32) };
}

/* Parses "DMAR: [DMA Write NO_PASID] Request device [01:10.2] fault addr 0x3000 [fault reason
 * 0x05] ...". */
bool iommu_fault_parse(const char *line, struct iommu_fault *fault)
{
	const char *at = strstr(line, "Request device ["), *kind = strstr(line, "[DMA ");
	unsigned bus, device, function, reason;
	unsigned long long address;

	if (!at || !kind ||
			sscanf(at,
					"Request device [%2x:%2x.%1u] fault addr 0x%llx [fault "
					"reason 0x%2x]",
					&bus, &device, &function, &address, &reason) != 5)
		return false;
	*fault = (struct iommu_fault){ .requester = (uint16_t)(bus << 8 | (device & 0x1f) << 3 |
						       (function & 7)),
		.address = address & ~(uint64_t)(PAGE - 1),
		.read = !strncmp(kind, "[DMA Read", 9),
		.reason = (uint8_t)reason };
	return true;
}
