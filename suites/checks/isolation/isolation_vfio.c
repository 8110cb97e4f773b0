/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "checks/isolation/isolation.h"
#include "host/config.h"
#include "host/vfio.h"
#include "observe/facts.h"
#include "pci/pcie.h"

/* What a guest sees of its VF through VFIO, and what VFIO lets it do. */

enum {
	CONFIG_VENDOR = 0x00,
	BARS = 6,
	VECTORS_ROOM = 16,
	VECTOR_MS = 500,
};

static const char undriven[] = "how VFs of this card do DMA is not known";

/* Opens VF 1 through VFIO. Anything but VERDICT_PASS is the check's verdict. */
static enum verdict open_vf(struct check_run *run, bool no_reset, struct dma *dma)
{
	struct vfio_options options = { .no_reset = no_reset };

	if (dma_way_of(run->dut, TENANT_VF) == DMA_BARE)
		return check_fail(run,
				"VF %u is in no translating IOMMU group: VFIO cannot open it",
				check_vf(run, TENANT_VF));
	if (dma_take(run->dut, TENANT_VF, options, dma, &run->err) < 0)
		return check_fail(run, "VF %u cannot be opened through VFIO",
				check_vf(run, TENANT_VF));
	return VERDICT_PASS;
}

static enum verdict config_ids(struct check_run *run, void *subject)
{
	static const struct {
		unsigned offset;
		const char *attribute;
	} ids[] = { { 0x00, "vendor" }, { 0x02, "device" }, { 0x2c, "subsystem_vendor" },
		{ 0x2e, "subsystem_device" } };
	struct dma *dma = subject;
	enum verdict verdict = VERDICT_PASS;

	for (size_t i = 0; verdict == VERDICT_PASS && i < sizeof(ids) / sizeof(*ids); i++) {
		uint16_t word;
		long on_host;

		if (function_number(run->dut->host, dma->bdf, ids[i].attribute, &on_host,
				    &run->err) < 0 ||
				vfio_device_config(dma->vfio, ids[i].offset, &word, &run->err) < 0)
			return check_broken(run, "cannot read an id");
		evidence_text(run, ids[i].attribute, "%04x through VFIO, %04lx from the host", word,
				on_host);
		if (word != on_host)
			return check_fail(run, "the guest sees %s %04x, the host %04lx",
					ids[i].attribute, word, on_host);
	}
	return verdict;
}

/* Reads the bus master bit from the function itself, not through VFIO. */
static int real_master(struct check_run *run, const struct dma *dma, bool *on)
{
	struct function_ids ids;
	int rc = function_ids_read(run->dut, dma->bdf, &ids, &run->err);

	*on = ids.command & HEADER_COMMAND_MASTER;
	return rc;
}

static enum verdict master_off(struct check_run *run, void *subject)
{
	static const bool steps[] = { false, true, false };
	static const char *const names[] = { "at opening", "turned on", "turned off" };
	struct dma *dma = subject;
	enum verdict verdict = VERDICT_PASS;

	for (unsigned i = 0; verdict == VERDICT_PASS && i < 3; i++) {
		uint16_t command;
		bool on;

		if (i && vfio_device_set_master(dma->vfio, steps[i], &run->err) < 0)
			return check_fail(run, "bus mastering cannot be %s", names[i]);
		if (vfio_device_config(dma->vfio, HEADER_COMMAND, &command, &run->err) < 0 ||
				real_master(run, dma, &on) < 0)
			return check_broken(run, "cannot read the VF's command register");
		evidence_text(run, names[i], "%s, the guest sees %s", on ? "on" : "off",
				command & HEADER_COMMAND_MASTER ? "on" : "off");
		if (on != steps[i] || !(command & HEADER_COMMAND_MASTER) != !steps[i])
			return check_fail(run, "bus mastering is %s, %s", on ? "on" : "off",
					names[i]);
	}
	return verdict;
}

/* Reads the sizes of the VF's BARs from sysfs: lines of "start end flags". */
static int read_sizes(struct check_run *run, const struct dma *dma, uint64_t sizes[BARS])
{
	char text[2048], *rest = text, *line;
	int rc = function_read(run->dut->host, dma->bdf, "resource", text, sizeof(text), &run->err);

	for (unsigned i = 0; !rc && i < BARS && (line = strsep(&rest, "\n")); i++) {
		unsigned long long start, end;

		if (sscanf(line, "%llx %llx", &start, &end) != 2)
			rc = err_set(&run->err, EPROTO, "resource holds '%s'", line);
		else
			sizes[i] = end ? end - start + 1 : 0;
	}
	return rc;
}

static enum verdict look_at_bar(struct check_run *run, struct dma *dma, unsigned number,
		uint64_t expected, unsigned *mapped)
{
	CLEANUP(bar_unmap) struct bar bar = { 0 };
	bool mappable;
	size_t size;

	if (vfio_device_bar_size(dma->vfio, number, &size, &mappable, &run->err) < 0)
		return check_broken(run, "cannot ask for BAR %u", number);
	if (size != expected)
		return check_fail(run, "BAR %u has %zu bytes for the guest, %llu for the host",
				number, size, (unsigned long long)expected);
	if (!size)
		return VERDICT_PASS;
	evidence_text(run, "BAR", "%u: %zu bytes%s", number, size, mappable ? ", mappable" : "");
	if (!mappable)
		return VERDICT_PASS;
	if (vfio_device_map_bar(dma->vfio, number, &bar, &run->err) < 0)
		return check_fail(run, "VFIO reports that BAR %u can be mapped", number);
	if (bar_read(&bar, 0) == ~0u)
		return check_fail(run, "BAR %u reads as all ones", number);
	(*mapped)++;
	return VERDICT_PASS;
}

static enum verdict bars(struct check_run *run, void *subject)
{
	struct dma *dma = subject;
	enum verdict verdict = VERDICT_PASS;
	uint64_t sizes[BARS] = { 0 };
	unsigned mapped = 0;

	if (read_sizes(run, dma, sizes) < 0 ||
			vfio_device_set_master(dma->vfio, false, &run->err) < 0)
		return check_broken(run, "cannot read the VF's resources");
	for (unsigned i = 0; i < BARS && verdict == VERDICT_PASS; i++)
		verdict = look_at_bar(run, dma, i, sizes[i], &mapped);
	if (verdict == VERDICT_PASS && !mapped)
		return check_fail(run, "no BAR of VF %u can be mapped", check_vf(run, TENANT_VF));
	return verdict;
}

static uint64_t fired(int fd, struct deadline deadline)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	uint64_t times = 0;

	poll(&ready, 1, deadline_left(deadline));
	if (read(fd, &times, sizeof(times)) != sizeof(times))
		return 0;
	return times;
}

/* Raises each vector once; it must fire once, and none may fire again later. */
static enum verdict raise_each(
		struct check_run *run, struct dma *dma, const int fds[], unsigned vectors)
{
	/* Ignore interrupts that an earlier user left pending, which fire when the vectors are
	 * enabled. */
	for (unsigned i = 0; i < vectors; i++)
		evidence_int(run, "pending", (int64_t)fired(fds[i], deadline_in(0)), NULL);
	for (unsigned i = 0; i < vectors; i++) {
		uint64_t times;

		dma_raise(dma, i);
		times = fired(fds[i], dut_deadline(run->dut, VECTOR_MS));
		evidence_text(run, "vector", "%u fired %llu times", i, (unsigned long long)times);
		if (times != 1)
			return check_fail(run, "vector %u fired %llu times, not once", i,
					(unsigned long long)times);
	}
	for (unsigned i = 0; i < vectors; i++) {
		if (fired(fds[i], deadline_in(0)))
			return check_fail(run, "vector %u fired again without being raised", i);
	}
	return VERDICT_PASS;
}

static enum verdict try_vectors(struct check_run *run, struct dma *dma)
{
	int fds[VECTORS_ROOM];
	enum verdict verdict = VERDICT_PASS;
	unsigned count, opened = 0;

	if (vfio_device_vectors(dma->vfio, &count, &run->err) < 0)
		return check_broken(run, "cannot ask for the VF's vectors");
	evidence_int(run, "MSI-X vectors", count, NULL);
	if (count != dma_vectors(dma))
		return check_fail(run, "the guest sees %u MSI-X vectors, the VF has %u", count,
				dma_vectors(dma));
	for (; opened < count; opened++) {
		fds[opened] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		if (fds[opened] < 0)
			break;
	}
	if (opened < count || vfio_device_set_vectors(dma->vfio, fds, count, &run->err) < 0)
		verdict = check_broken(run, "the vectors cannot be connected to event descriptors");
	if (verdict == VERDICT_PASS)
		verdict = raise_each(run, dma, fds, count);
	vfio_device_set_vectors(dma->vfio, NULL, 0, NULL);
	while (opened)
		close(fds[--opened]);
	return verdict;
}

static enum verdict vectors(struct check_run *run, void *subject)
{
	struct dma *dma = subject;

	if (!dma_is_known(run->dut, TENANT_VF))
		return check_skip(run, "%s", undriven);
	if (dma_start(dma, &run->err) < 0)
		return check_broken(run, "VF %u cannot be driven", check_vf(run, TENANT_VF));
	return try_vectors(run, dma);
}

/* The PF has its usual driver, so no token is ever set, and any token must be refused. */
static enum verdict token(struct check_run *run, void *subject)
{
	struct vfio_options options = { .token = "5c1d0c1f-2e7c-4d65-9c0a-6a1f3b0f9d11",
		.no_reset = true };
	struct dma *dma = subject;
	struct err refusal = { 0 };

	dma_let_go(dma);
	if (vfio_device_open(run->dut->host, dma->bdf, options, &dma->vfio, &refusal) == 0)
		return check_fail(run, "VF %u was opened with a token that nobody has set",
				check_vf(run, TENANT_VF));
	evidence_text(run, "refused", "%s", refusal.msg);
	if (refusal.code != EINVAL && refusal.code != EACCES)
		return check_broken(
				run, "the token was refused for another cause: %s", refusal.msg);
	return VERDICT_PASS;
}

static enum verdict second_open(struct check_run *run, void *subject)
{
	struct dma *dma = subject;
	CLEANUP(cleanup_vfio_device) struct vfio_device *second = NULL;
	struct err refusal = { 0 };

	if (vfio_device_open(run->dut->host, dma->bdf, (struct vfio_options){ .no_reset = true },
			    &second, &refusal) == 0)
		return check_fail(run, "VF %u was opened twice", check_vf(run, TENANT_VF));
	evidence_text(run, "refused", "%s", refusal.msg);
	if (refusal.code != EBUSY)
		return check_fail(run, "the second opening is refused, but not as busy: %s",
				refusal.msg);
	return VERDICT_PASS;
}

/* The VF was opened with the reset that a guest gets, and its queues run. */
static enum verdict start_vf(struct check_run *run, struct dma *dma)
{
	enum verdict verdict;

	if (!dma_is_known(run->dut, TENANT_VF))
		return check_skip(run, "%s", undriven);
	verdict = open_vf(run, false, dma);
	if (verdict != VERDICT_PASS)
		return verdict;
	if (dma_start(dma, &run->err) < 0)
		return check_broken(run, "VF %u cannot be driven", check_vf(run, TENANT_VF));
	return VERDICT_PASS;
}

enum verdict isolation_device_reset(struct check_run *run)
{
	CLEANUP(dma_close) struct dma dma = { 0 };
	enum verdict verdict = start_vf(run, &dma);

	if (verdict != VERDICT_PASS)
		return verdict;
	if (!dma_is_running(&dma))
		return check_broken(run, "the VF's queues are off before the reset");
	if (vfio_device_reset(dma.vfio, &run->err) < 0)
		return check_fail(run, "a guest cannot reset VF %u", check_vf(run, TENANT_VF));
	evidence_text(run, "queues after the reset", "%s", dma_is_running(&dma) ? "on" : "off");
	if (dma_is_running(&dma))
		return check_fail(run, "the queues of VF %u still run after its reset",
				check_vf(run, TENANT_VF));
	return VERDICT_PASS;
}

/* VFIO must refuse the mapping. */
static enum verdict refuses_map(struct check_run *run, struct dma *dma, uint64_t iova, void *memory,
		const char *what)
{
	struct err refusal = { 0 };

	if (vfio_device_map(dma->vfio, iova, memory, PAGE_BYTES, VFIO_ACCESS_BOTH, &refusal) == 0)
		return check_fail(run, "VFIO maps %s", what);
	evidence_text(run, what, "%s", refusal.msg);
	return VERDICT_PASS;
}

static enum verdict map_interrupts(struct check_run *run, void *subject)
{
	struct dma *dma = subject;
	struct dma_page page;
	enum verdict verdict;

	if (dma_page_take(dma, VFIO_ACCESS_BOTH, &page, &run->err) < 0)
		return check_broken(run, "an ordinary page cannot be mapped");
	verdict = refuses_map(
			run, dma, 0xfee00000, page.memory, "a page over the interrupt addresses");
	if (verdict != VERDICT_PASS)
		return verdict;
	return refuses_map(run, dma, 1ull << 60, page.memory, "a page beyond the address width");
}

static enum verdict map_read_only(struct check_run *run, void *subject)
{
	struct dma *dma = subject;
	struct dma_page page;

	if (dma_page_take(dma, VFIO_ACCESS_BOTH, &page, &run->err) < 0 ||
			dma_page_unmap(dma, &page, &run->err) < 0)
		return check_broken(run, "an ordinary page cannot be mapped");
	if (mprotect(page.memory, PAGE_BYTES, PROT_READ) < 0)
		return check_broken(run, "the page cannot be made read-only");
	return refuses_map(run, dma, page.address, page.memory,
			"a page for writing that its owner may only read");
}

enum verdict isolation_driver_holds(struct check_run *run)
{
	CLEANUP(cleanup_vfio_device) struct vfio_device *device = NULL;
	struct bdf bdf = run->dut->vfs[TENANT_VF].bdf;
	struct err refusal = { 0 };
	char driver[64] = "";

	function_link(run->dut->host, bdf, "driver", driver, sizeof(driver));
	if (!*driver)
		return check_broken(run, "VF %u has no driver", check_vf(run, TENANT_VF));
	if (group_of(run->dut, bdf) < 0)
		return check_fail(run, "VF %u has no IOMMU group", check_vf(run, TENANT_VF));
	if (vfio_device_open(run->dut->host, bdf, (struct vfio_options){ .no_reset = true },
			    &device, &refusal) == 0)
		return check_fail(run, "VF %u was opened through VFIO while %s drives it",
				check_vf(run, TENANT_VF), driver);
	evidence_text(run, "refused", "%s", refusal.msg);
	return VERDICT_PASS;
}

/* Interrupts must be remapped, and VFIO must not be told to run without that. */
enum verdict isolation_unsafe_interrupts(struct check_run *run)
{
	struct bdf bdf = run->dut->vfs[TENANT_VF].bdf;
	char unsafe[8] = "N";
	unsigned all, remapped;

	if (host_read(run->dut->host,
			    "sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts",
			    unsafe, sizeof(unsafe), &run->err) < 0)
		return check_broken(run, "cannot ask VFIO's IOMMU driver");
	if (interrupts_count(run->dut, bdf, &all, &remapped, &run->err) < 0 || !all)
		return check_broken(run, "VF %u has no interrupt in use", check_vf(run, TENANT_VF));
	evidence_text(run, "allow_unsafe_interrupts", "%s", unsafe);
	evidence_text(run, "vectors of the VF", "%u, %u remapped", all, remapped);
	if (*unsafe == 'Y')
		return check_fail(run, "VFIO was told to run without interrupt remapping");
	if (remapped < all)
		return check_fail(run, "%u of %u interrupts are not remapped", all - remapped, all);
	return VERDICT_PASS;
}

/* Bus mastering comes before anything turns it on; the token comes last, since it closes the VF. */
static const struct statement statements[] = {
	{ "isolation.master-off", master_off },
	{ "isolation.config-ids", config_ids },
	{ "isolation.bars", bars },
	{ "isolation.second-open", second_open },
	{ "isolation.map-interrupts", map_interrupts },
	{ "isolation.map-read-only", map_read_only },
	{ "isolation.vectors", vectors },
	{ "isolation.token", token },
};

static enum verdict guest(struct check_run *run)
{
	CLEANUP(dma_close) struct dma dma = { 0 };
	enum verdict verdict = open_vf(run, true, &dma);

	if (verdict == VERDICT_PASS)
		session_try(run, statements, sizeof(statements) / sizeof(*statements), &dma);
	return verdict;
}

const struct check step_guest = {
	.id = "isolation.guest",
	.title = "A guest gets a VF and examines it",
	.timeout_s = 20,
	.fn = guest,
};
