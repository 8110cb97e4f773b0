/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checks/config/config.h"

#include "base/cleanup.h"
#include "observe/dut.h"
#include "pci/pcie.h"
#include "pci/rules.h"

/*
 * Writes to the SR-IOV capability of a PF without VFs. Each check restores what it wrote: the
 * kernel writes these registers itself when it enables VFs, but not the page size.
 */

/* The SR-IOV capability of a PF without VFs. */
struct sriov_regs {
	struct check_run *run;
	struct config *config;
	unsigned at;
	uint16_t control, number;
	uint32_t page, bars[SPACE_BARS];
};

static uint16_t sriov_word(const struct sriov_regs *regs, unsigned offset)
{
	return config_word(regs->config, regs->at + offset);
}

static int sriov_write(const struct sriov_regs *regs, unsigned offset, uint16_t value)
{
	return config_write_word(regs->config, regs->at + offset, value, &regs->run->err);
}

static int sriov_write_long(const struct sriov_regs *regs, unsigned offset, uint32_t value)
{
	return config_write_long(regs->config, regs->at + offset, value, &regs->run->err);
}

static uint32_t observed_long(const struct sriov_regs *regs, unsigned offset)
{
	return config_observe(regs->run, regs->config, "pf", regs->at + offset);
}

static uint16_t observed_word(const struct sriov_regs *regs, unsigned offset)
{
	return (uint16_t)observed_long(regs, offset);
}

static int sriov_regs_open(struct check_run *run, struct sriov_regs *regs)
{
	*regs = (struct sriov_regs){ .run = run };
	if (config_open(run->dut->host, run->dut->pf, &regs->config, &run->err) < 0)
		return -1;
	regs->at = config_extended(regs->config, PCIE_EXT_SRIOV);
	if (!regs->at || sriov_word(regs, SRIOV_CONTROL) & SRIOV_CONTROL_ENABLE) {
		cleanup_config(&regs->config);
		regs->config = NULL;
		return err_set(&run->err, EBUSY, "%s is no PF without VFs", run->dut->pf_netdev);
	}
	regs->control = sriov_word(regs, SRIOV_CONTROL);
	regs->number = sriov_word(regs, SRIOV_NUM_VFS);
	regs->page = config_long(regs->config, regs->at + SRIOV_SYSTEM_PAGE);
	for (unsigned i = 0; i < SPACE_BARS; i++)
		regs->bars[i] = config_long(regs->config, regs->at + SRIOV_VF_BARS + 4 * i);
	return 0;
}

static void sriov_regs_close(struct sriov_regs *regs)
{
	if (!regs->config)
		return;
	sriov_write(regs, SRIOV_CONTROL, regs->control);
	sriov_write(regs, SRIOV_NUM_VFS, regs->number);
	sriov_write_long(regs, SRIOV_SYSTEM_PAGE, regs->page);
	for (unsigned i = 0; i < SPACE_BARS; i++)
		sriov_write_long(regs, SRIOV_VF_BARS + 4 * i, regs->bars[i]);
	config_close(regs->config);
}

static enum verdict not_writable(struct check_run *run)
{
	return check_broken(run, "the PF's SR-IOV capability cannot be written");
}

enum verdict config_numvfs_above_total(struct check_run *run)
{
	CLEANUP(sriov_regs_close) struct sriov_regs regs = { 0 };
	unsigned total, kept;

	if (sriov_regs_open(run, &regs) < 0)
		return not_writable(run);
	total = sriov_word(&regs, SRIOV_TOTAL_VFS);
	if (sriov_write(&regs, SRIOV_NUM_VFS, (uint16_t)(total + 1)) < 0)
		return check_broken(run, "cannot write NumVFs");
	kept = observed_word(&regs, SRIOV_NUM_VFS);
	evidence_int(run, "TotalVFs", total, NULL);
	evidence_int(run, "NumVFs after one more was written", kept, NULL);
	return kept > total ? check_fail(run, "NumVFs reads %u of %u", kept, total) : VERDICT_PASS;
}

enum verdict config_numvfs_holds(struct check_run *run)
{
	CLEANUP(sriov_regs_close) struct sriov_regs regs = { 0 };
	unsigned total;

	if (sriov_regs_open(run, &regs) < 0)
		return not_writable(run);
	total = sriov_word(&regs, SRIOV_TOTAL_VFS);
	for (unsigned number = 1; number <= total;
			number = number < total ? (number + total + 1) / 2 : total + 1) {
		unsigned kept;

		if (sriov_write(&regs, SRIOV_NUM_VFS, (uint16_t)number) < 0)
			return check_broken(run, "cannot write NumVFs");
		kept = observed_word(&regs, SRIOV_NUM_VFS);
		evidence_int(run, "NumVFs held", kept, NULL);
		if (kept != number)
			return check_fail(
					run, "NumVFs reads %u after %u was written", kept, number);
	}
	return total ? VERDICT_PASS : check_fail(run, "TotalVFs is 0");
}

enum verdict config_pages_take(struct check_run *run)
{
	CLEANUP(sriov_regs_close) struct sriov_regs regs = { 0 };
	uint32_t supported;

	if (sriov_regs_open(run, &regs) < 0)
		return not_writable(run);
	supported = config_long(regs.config, regs.at + SRIOV_SUPPORTED_PAGES);
	evidence_text(run, "Supported Page Sizes", "%x", supported);
	if (!supported)
		return check_fail(run, "no page size is supported");
	for (uint32_t page = 1; page; page <<= 1) {
		uint32_t kept;

		if (!(supported & page))
			continue;
		if (sriov_write_long(&regs, SRIOV_SYSTEM_PAGE, page) < 0)
			return check_broken(run, "cannot write System Page Size");
		kept = observed_long(&regs, SRIOV_SYSTEM_PAGE);
		if (kept != page)
			return check_fail(run, "System Page Size reads %x after %x was written",
					kept, page);
	}
	return VERDICT_PASS;
}

/* The size that VF BAR NUMBER reports; 0 if it does not exist. *WIDE: it takes two registers. */
static uint64_t bar_size(const struct sriov_regs *regs, unsigned number, bool *wide)
{
	unsigned at = SRIOV_VF_BARS + 4 * number;
	uint64_t mask;

	sriov_write_long(regs, at, ~0u);
	mask = observed_long(regs, at);
	*wide = (mask & 6) == 4 && number + 1 < SPACE_BARS;
	if (*wide) {
		sriov_write_long(regs, at + 4, ~0u);
		mask |= (uint64_t)observed_long(regs, at + 4) << 32;
	} else if (mask) {
		mask |= 0xffffffffull << 32;
	}
	mask &= ~15ull;
	return mask ? ~mask + 1 : 0;
}

/* With System Page Size PAGE (in units of 4K) each VF BAR must be a whole number of pages. */
static enum verdict bars_fit(struct sriov_regs *regs, uint32_t page)
{
	struct check_run *run = regs->run;
	uint64_t bytes = (uint64_t)page << 12;
	unsigned seen = 0;
	bool wide;

	if (sriov_write_long(regs, SRIOV_SYSTEM_PAGE, page) < 0)
		return check_broken(run, "cannot write System Page Size");
	for (unsigned i = 0; i < SPACE_BARS; i += 1 + wide) {
		uint64_t size = bar_size(regs, i, &wide);

		if (!size)
			continue;
		seen++;
		evidence_int(run, "bytes of each VF in a VF BAR", (int64_t)size, "bytes");
		if (size & (size - 1))
			return check_fail(run, "VF BAR %u has %llu bytes, which is no power of two",
					i, (unsigned long long)size);
		if (size < bytes)
			return check_fail(run,
					"VF BAR %u has %llu bytes for each VF, and the page is "
					"%llu KiB",
					i, (unsigned long long)size,
					(unsigned long long)bytes >> 10);
	}
	return seen ? VERDICT_PASS : check_fail(run, "there is no VF BAR");
}

enum verdict config_vf_bars_size(struct check_run *run)
{
	CLEANUP(sriov_regs_close) struct sriov_regs regs = { 0 };

	if (sriov_regs_open(run, &regs) < 0)
		return not_writable(run);
	return bars_fit(&regs, 1);
}

enum { PAGE_64K = 1 << 4 };

enum verdict config_vf_bars_grow(struct check_run *run)
{
	CLEANUP(sriov_regs_close) struct sriov_regs regs = { 0 };

	if (sriov_regs_open(run, &regs) < 0)
		return not_writable(run);
	if (!(config_long(regs.config, regs.at + SRIOV_SUPPORTED_PAGES) & PAGE_64K))
		return check_unsupported(run, "the card does not support pages of 64 KiB");
	return bars_fit(&regs, PAGE_64K);
}

enum verdict config_read_only(struct check_run *run)
{
	CLEANUP(sriov_regs_close) struct sriov_regs regs = { 0 };
	static const struct {
		unsigned offset;
		const char *name;
	} words[] = { { 0x00, "its id" }, { SRIOV_INITIAL_VFS, "InitialVFs" },
		{ SRIOV_TOTAL_VFS, "TotalVFs" },
		{ SRIOV_DEPENDENCY_LINK, "Function Dependency Link" },
		{ SRIOV_FIRST_OFFSET, "First VF Offset" }, { SRIOV_STRIDE, "VF Stride" },
		{ SRIOV_VF_DEVICE, "VF Device ID" },
		{ SRIOV_SUPPORTED_PAGES, "Supported Page Sizes" } };

	if (sriov_regs_open(run, &regs) < 0)
		return not_writable(run);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		uint16_t before = sriov_word(&regs, words[i].offset), after;

		if (sriov_write(&regs, words[i].offset, (uint16_t)~before) < 0)
			return check_broken(run, "cannot write configuration space");
		after = observed_word(&regs, words[i].offset);
		if (after == before)
			continue;
		sriov_write(&regs, words[i].offset, before);
		return check_fail(run, "%s reads %04x after a write, and %04x before",
				words[i].name, after, before);
	}
	evidence_int(run, "registers that were written to",
			(int64_t)(sizeof(words) / sizeof(*words)), NULL);
	return VERDICT_PASS;
}

enum verdict config_offset_without_ari(struct check_run *run)
{
	CLEANUP(sriov_regs_close) struct sriov_regs regs = { 0 };
	CLEANUP(cleanup_card) struct card card = { 0 };
	struct finding finding;
	uint16_t total;

	if (sriov_regs_open(run, &regs) < 0)
		return not_writable(run);
	total = sriov_word(&regs, SRIOV_TOTAL_VFS);
	if (sriov_write(&regs, SRIOV_CONTROL, (uint16_t)(regs.control & ~SRIOV_CONTROL_ARI)) < 0 ||
			sriov_write(&regs, SRIOV_NUM_VFS, total) < 0)
		return check_broken(run, "cannot switch ARI off");
	dut_inject_faults(run->dut);
	if (card_read(run->dut->host, run->dut->pf, &card, &run->err) < 0)
		return check_broken(run, "the card's configuration space cannot be read");
	rule_apply(rule_find("ari-reach"), &card, &finding);
	evidence_int(run, "First VF Offset without ARI", sriov_word(&regs, SRIOV_FIRST_OFFSET),
			NULL);
	if (finding.state == RULE_IDLE)
		return check_skip(run, "the rule does not apply: %s", finding.text);
	return finding.state == RULE_BROKEN ? check_fail(run, "%s", finding.text) : VERDICT_PASS;
}

enum verdict config_offset_steady(struct check_run *run)
{
	CLEANUP(sriov_regs_close) struct sriov_regs regs = { 0 };
	uint32_t first[4] = { 0 };
	uint16_t total;

	if (sriov_regs_open(run, &regs) < 0)
		return not_writable(run);
	total = sriov_word(&regs, SRIOV_TOTAL_VFS);
	/* Tries each combination twice, with the others in between. */
	for (unsigned i = 0; i < 8; i++) {
		uint16_t ari = i & 1 ? SRIOV_CONTROL_ARI : 0;
		uint32_t now;

		if (sriov_write(&regs, SRIOV_CONTROL,
				    (uint16_t)((regs.control & ~SRIOV_CONTROL_ARI) | ari)) < 0 ||
				sriov_write(&regs, SRIOV_NUM_VFS, i & 2 ? total : 1) < 0 ||
				sriov_write_long(&regs, SRIOV_SYSTEM_PAGE, i & 4 ? 1 << 1 : 1) < 0)
			return check_broken(run, "cannot write the SR-IOV capability");
		now = i < 4 ? config_long(regs.config, regs.at + SRIOV_FIRST_OFFSET)
			    : observed_long(&regs, SRIOV_FIRST_OFFSET);
		if (i < 4)
			first[i] = now;
		else if (first[i & 3] != now)
			return check_fail(run,
					"First VF Offset and VF Stride read %08x, and before %08x "
					"with the same ARI and NumVFs",
					now, first[i & 3]);
	}
	evidence_text(run, "VF Stride and First VF Offset with ARI", "%08x", first[3]);
	evidence_text(run, "VF Stride and First VF Offset without ARI", "%08x", first[2]);
	return VERDICT_PASS;
}
