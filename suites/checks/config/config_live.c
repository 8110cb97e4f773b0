/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checks/config/config_live.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "host/bar.h"
#include "observe/dut.h"
#include "pci/pcie.h"
#include "pci/rules.h"
#include "sriov/vfs.h"

/* Writes to configuration space, and what comes of them. What is written is put back in any case;
 * the kernel itself writes these registers anew when it enables VFs, but for the page size. */

/* The SR-IOV capability of a PF without VFs. */
struct idle {
	struct check_run *run;
	struct config *config;
	unsigned at;
	uint16_t control, number;
	uint32_t page, bars[SPACE_BARS];
};

static uint16_t sriov_word(const struct idle *idle, unsigned offset)
{
	return config_word(idle->config, idle->at + offset);
}

static int sriov_write(const struct idle *idle, unsigned offset, uint16_t value)
{
	return config_write_word(idle->config, idle->at + offset, value, &idle->run->err);
}

static int sriov_write_long(const struct idle *idle, unsigned offset, uint32_t value)
{
	return config_write_long(idle->config, idle->at + offset, value, &idle->run->err);
}

/* From acting to observing. */
static uint32_t observe(
		struct check_run *run, struct config *config, const char *function, unsigned offset)
{
	struct space space = { 0 };

	dut_inject_faults(run->dut);
	space.length = config_read(config, space.bytes);
	fault_injection_pretend(&run->dut->injection, function, &space);
	return space_long(&space, offset);
}

static uint32_t observed_long(const struct idle *idle, unsigned offset)
{
	return observe(idle->run, idle->config, "pf", idle->at + offset);
}

static uint16_t observed_word(const struct idle *idle, unsigned offset)
{
	return (uint16_t)observed_long(idle, offset);
}

static int idle_open(struct check_run *run, struct idle *idle)
{
	*idle = (struct idle){ .run = run };
	if (config_open(run->dut->host, run->dut->pf, &idle->config, &run->err) < 0)
		return -1;
	idle->at = config_extended(idle->config, PCIE_EXT_SRIOV);
	if (!idle->at || sriov_word(idle, SRIOV_CONTROL) & SRIOV_CONTROL_ENABLE) {
		cleanup_config(&idle->config);
		idle->config = NULL;
		return err_set(&run->err, EBUSY, "%s is no PF without VFs", run->dut->pf_netdev);
	}
	idle->control = sriov_word(idle, SRIOV_CONTROL);
	idle->number = sriov_word(idle, SRIOV_NUM_VFS);
	idle->page = config_long(idle->config, idle->at + SRIOV_SYSTEM_PAGE);
	for (unsigned i = 0; i < SPACE_BARS; i++)
		idle->bars[i] = config_long(idle->config, idle->at + SRIOV_VF_BARS + 4 * i);
	return 0;
}

static void idle_close(struct idle *idle)
{
	if (!idle->config)
		return;
	sriov_write(idle, SRIOV_CONTROL, idle->control);
	sriov_write(idle, SRIOV_NUM_VFS, idle->number);
	sriov_write_long(idle, SRIOV_SYSTEM_PAGE, idle->page);
	for (unsigned i = 0; i < SPACE_BARS; i++)
		sriov_write_long(idle, SRIOV_VF_BARS + 4 * i, idle->bars[i]);
	config_close(idle->config);
}

#define OPEN_IDLE(run, idle)                          \
	CLEANUP(idle_close) struct idle idle = { 0 }; \
	if (idle_open(run, &idle) < 0)                \
	return check_broken(run, "the PF's SR-IOV capability cannot be written to")

enum verdict idle_numvfs_above_total(struct check_run *run)
{
	unsigned total, kept;

	OPEN_IDLE(run, idle);
	total = sriov_word(&idle, SRIOV_TOTAL_VFS);
	if (sriov_write(&idle, SRIOV_NUM_VFS, (uint16_t)(total + 1)) < 0)
		return check_broken(run, "cannot write NumVFs");
	kept = observed_word(&idle, SRIOV_NUM_VFS);
	evidence_int(run, "TotalVFs", total, NULL);
	evidence_int(run, "NumVFs after one more was written", kept, NULL);
	return kept > total ? check_fail(run, "NumVFs reads %u of %u", kept, total) : VERDICT_PASS;
}

enum verdict idle_numvfs_holds(struct check_run *run)
{
	unsigned total;

	OPEN_IDLE(run, idle);
	total = sriov_word(&idle, SRIOV_TOTAL_VFS);
	for (unsigned number = 1; number <= total;
			number = number < total ? (number + total + 1) / 2 : total + 1) {
		unsigned kept;

		if (sriov_write(&idle, SRIOV_NUM_VFS, (uint16_t)number) < 0)
			return check_broken(run, "cannot write NumVFs");
		kept = observed_word(&idle, SRIOV_NUM_VFS);
		evidence_int(run, "NumVFs held", kept, NULL);
		if (kept != number)
			return check_fail(
					run, "NumVFs reads %u after %u was written", kept, number);
	}
	return total ? VERDICT_PASS : check_fail(run, "TotalVFs is 0");
}

enum verdict idle_pages_take(struct check_run *run)
{
	uint32_t supported;

	OPEN_IDLE(run, idle);
	supported = config_long(idle.config, idle.at + SRIOV_SUPPORTED_PAGES);
	evidence_text(run, "Supported Page Sizes", "%x", supported);
	if (!supported)
		return check_fail(run, "no page size is supported");
	for (uint32_t page = 1; page; page <<= 1) {
		uint32_t kept;

		if (!(supported & page))
			continue;
		if (sriov_write_long(&idle, SRIOV_SYSTEM_PAGE, page) < 0)
			return check_broken(run, "cannot write System Page Size");
		kept = observed_long(&idle, SRIOV_SYSTEM_PAGE);
		if (kept != page)
			return check_fail(run, "System Page Size reads %x after %x was written",
					kept, page);
	}
	return VERDICT_PASS;
}

/* What VF BAR NUMBER says of its size, 0: it is not there. *WIDE: it takes two. */
static uint64_t bar_size(const struct idle *idle, unsigned number, bool *wide)
{
	unsigned at = SRIOV_VF_BARS + 4 * number;
	uint64_t mask;

	sriov_write_long(idle, at, ~0u);
	mask = observed_long(idle, at);
	*wide = (mask & 6) == 4 && number + 1 < SPACE_BARS;
	if (*wide) {
		sriov_write_long(idle, at + 4, ~0u);
		mask |= (uint64_t)observed_long(idle, at + 4) << 32;
	} else if (mask) {
		mask |= 0xffffffffull << 32;
	}
	mask &= ~15ull;
	return mask ? ~mask + 1 : 0;
}

/* With System Page Size PAGE (in units of 4K) each VF BAR must be whole pages. */
static enum verdict bars_fit(struct idle *idle, uint32_t page)
{
	struct check_run *run = idle->run;
	uint64_t bytes = (uint64_t)page << 12;
	unsigned seen = 0;
	bool wide;

	if (sriov_write_long(idle, SRIOV_SYSTEM_PAGE, page) < 0)
		return check_broken(run, "cannot write System Page Size");
	for (unsigned i = 0; i < SPACE_BARS; i += 1 + wide) {
		uint64_t size = bar_size(idle, i, &wide);

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

enum verdict idle_vf_bars_size(struct check_run *run)
{
	OPEN_IDLE(run, idle);
	return bars_fit(&idle, 1);
}

enum { PAGE_64K = 1 << 4 };

enum verdict idle_vf_bars_grow(struct check_run *run)
{
	OPEN_IDLE(run, idle);
	if (!(config_long(idle.config, idle.at + SRIOV_SUPPORTED_PAGES) & PAGE_64K))
		return check_unsupported(run, "the card does not support pages of 64 KiB");
	return bars_fit(&idle, PAGE_64K);
}

enum verdict idle_read_only(struct check_run *run)
{
	static const struct {
		unsigned offset;
		const char *name;
	} words[] = { { 0x00, "its id" }, { SRIOV_INITIAL_VFS, "InitialVFs" },
		{ SRIOV_TOTAL_VFS, "TotalVFs" },
		{ SRIOV_DEPENDENCY_LINK, "Function Dependency Link" },
		{ SRIOV_FIRST_OFFSET, "First VF Offset" }, { SRIOV_STRIDE, "VF Stride" },
		{ SRIOV_VF_DEVICE, "VF Device ID" },
		{ SRIOV_SUPPORTED_PAGES, "Supported Page Sizes" } };

	OPEN_IDLE(run, idle);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		uint16_t before = sriov_word(&idle, words[i].offset), after;

		if (sriov_write(&idle, words[i].offset, (uint16_t)~before) < 0)
			return check_broken(run, "cannot write configuration space");
		after = observed_word(&idle, words[i].offset);
		if (after == before)
			continue;
		sriov_write(&idle, words[i].offset, before);
		return check_fail(run, "%s reads %04x after a write, and %04x before",
				words[i].name, after, before);
	}
	evidence_int(run, "registers that were written to",
			(int64_t)(sizeof(words) / sizeof(*words)), NULL);
	return VERDICT_PASS;
}

enum verdict idle_offset_without_ari(struct check_run *run)
{
	CLEANUP(cleanup_card) struct card card = { 0 };
	struct finding finding;
	uint16_t total;

	OPEN_IDLE(run, idle);
	total = sriov_word(&idle, SRIOV_TOTAL_VFS);
	if (sriov_write(&idle, SRIOV_CONTROL, (uint16_t)(idle.control & ~SRIOV_CONTROL_ARI)) < 0 ||
			sriov_write(&idle, SRIOV_NUM_VFS, total) < 0)
		return check_broken(run, "cannot switch ARI off");
	dut_inject_faults(run->dut);
	if (card_read(run->dut->host, run->dut->pf, &card, &run->err) < 0)
		return check_broken(run, "the card's configuration space cannot be read");
	rule_apply(rule_find("ari-reach"), &card, &finding);
	evidence_int(run, "First VF Offset without ARI", sriov_word(&idle, SRIOV_FIRST_OFFSET),
			NULL);
	if (finding.state == RULE_IDLE)
		return check_skip(run, "nothing to look at: %s", finding.text);
	return finding.state == RULE_BROKEN ? check_fail(run, "%s", finding.text) : VERDICT_PASS;
}

enum verdict idle_offset_steady(struct check_run *run)
{
	uint32_t first[4] = { 0 };
	uint16_t total;

	OPEN_IDLE(run, idle);
	total = sriov_word(&idle, SRIOV_TOTAL_VFS);
	/* Each combination twice, with the others in between. */
	for (unsigned i = 0; i < 8; i++) {
		uint16_t ari = i & 1 ? SRIOV_CONTROL_ARI : 0;
		uint32_t now;

		if (sriov_write(&idle, SRIOV_CONTROL,
				    (uint16_t)((idle.control & ~SRIOV_CONTROL_ARI) | ari)) < 0 ||
				sriov_write(&idle, SRIOV_NUM_VFS, i & 2 ? total : 1) < 0 ||
				sriov_write_long(&idle, SRIOV_SYSTEM_PAGE, i & 4 ? 1 << 1 : 1) < 0)
			return check_broken(run, "cannot write the SR-IOV capability");
		now = i < 4 ? config_long(idle.config, idle.at + SRIOV_FIRST_OFFSET)
			    : observed_long(&idle, SRIOV_FIRST_OFFSET);
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

enum {
	/* I/O, memory, parity error response, SERR, INTx: all of them fixed in a VF. */
	COMMAND_FIXED = 0x0543,
	COMMAND_MEMORY = 1 << 1,
};

enum verdict vf_command_read_only(struct check_run *run)
{
	for (unsigned i = 0; i < run->dut->vf_count; i++) {
		CLEANUP(cleanup_config) struct config *config = NULL;
		uint16_t before, after;
		char name[16];

		snprintf(name, sizeof(name), "vf%u", i);
		if (config_open(run->dut->host, run->dut->vfs[i].bdf, &config, &run->err) < 0)
			return check_broken(run, "VF %u has no configuration space", i);
		before = config_word(config, HEADER_COMMAND);
		if (config_write_word(config, HEADER_COMMAND, before ^ COMMAND_FIXED, &run->err) <
				0)
			return check_broken(run, "cannot write COMMAND of VF %u", i);
		after = (uint16_t)observe(run, config, name, HEADER_COMMAND);
		config_write_word(config, HEADER_COMMAND, before, &run->err);
		evidence_text(run, "COMMAND of a VF", "%04x, and %04x after a write", before,
				after);
		if ((before ^ after) & COMMAND_FIXED)
			return check_fail(run, "COMMAND of VF %u takes the bits %04x", i,
					(before ^ after) & COMMAND_FIXED);
	}
	return VERDICT_PASS;
}

enum verdict vf_bars_read_only(struct check_run *run)
{
	static const unsigned offsets[] = { 0x10, 0x14, 0x18, 0x1c, 0x20, 0x24, HEADER_ROM_BAR };

	for (unsigned i = 0; i < run->dut->vf_count; i++) {
		CLEANUP(cleanup_config) struct config *config = NULL;
		char name[16];

		snprintf(name, sizeof(name), "vf%u", i);
		if (config_open(run->dut->host, run->dut->vfs[i].bdf, &config, &run->err) < 0)
			return check_broken(run, "VF %u has no configuration space", i);
		for (size_t k = 0; k < sizeof(offsets) / sizeof(*offsets); k++) {
			uint32_t before = config_long(config, offsets[k]), after;

			/* All ones but the enable bit of a ROM. */
			if (config_write_long(config, offsets[k], ~1u, &run->err) < 0)
				return check_broken(run, "cannot write to VF %u", i);
			after = observe(run, config, name, offsets[k]);
			config_write_long(config, offsets[k], before, &run->err);
			if (after)
				return check_fail(run, "VF %u reads %08x at %02x after a write", i,
						after, offsets[k]);
		}
	}
	evidence_int(run, "VFs looked at", run->dut->vf_count, NULL);
	return VERDICT_PASS;
}

/* The registers of VF 0 without its driver, at PLACE one that holds a value: where nothing decodes,
 * machines read all ones, and emulated ones read zero. */
struct decoding {
	struct dut *dut;
	struct bar bar;
	uint32_t place;
};

enum { PROBED_BYTES = 0x1000, BARS = 6 };

static bool holds_value(const struct bar *bar, uint32_t place)
{
	uint32_t value = bar_read(bar, place);

	return value && value != ~0u && bar_read(bar, place) == value;
}

static int decoding_open(struct check_run *run, struct decoding *decoding)
{
	struct bdf vf = run->dut->vfs[0].bdf;

	*decoding = (struct decoding){ .dut = run->dut };
	if (function_unbind(run->dut->host, vf, &run->err) < 0)
		return -1;
	for (unsigned bar = 0; bar < BARS; bar++) {
		if (bar_map(run->dut->host, vf, bar, &decoding->bar, NULL) < 0)
			continue;
		decoding->place = 0;
		while (decoding->place < PROBED_BYTES &&
				!holds_value(&decoding->bar, decoding->place))
			decoding->place += 4;
		if (decoding->place < PROBED_BYTES)
			return 0;
		bar_unmap(&decoding->bar);
	}
	return err_set(&run->err, EIO, "no register of VF 0 holds a value");
}

static void decoding_close(struct decoding *decoding)
{
	bar_unmap(&decoding->bar);
	if (decoding->dut)
		dut_rebind_vf(decoding->dut, 0, NULL);
}

/* The value of the register while BITS of the word at OFFSET are clear. */
static uint32_t read_without(struct config *config, unsigned offset, uint16_t bits,
		const struct decoding *decoding)
{
	uint16_t before = config_word(config, offset);
	uint32_t value;

	config_write_word(config, offset, (uint16_t)(before & ~bits), NULL);
	value = bar_read(&decoding->bar, decoding->place);
	config_write_word(config, offset, before, NULL);
	return value;
}

enum verdict vf_mse_gates(struct check_run *run)
{
	CLEANUP(cleanup_config) struct config *pf = NULL;
	CLEANUP(decoding_close) struct decoding decoding = { 0 };
	uint32_t with, without;
	unsigned at;

	if (config_open(run->dut->host, run->dut->pf, &pf, &run->err) < 0 ||
			!(at = config_extended(pf, PCIE_EXT_SRIOV)) ||
			decoding_open(run, &decoding) < 0)
		return check_broken(run, "the registers of VF 0 cannot be read");
	with = bar_read(&decoding.bar, decoding.place);
	without = read_without(pf, at + SRIOV_CONTROL, SRIOV_CONTROL_MEMORY, &decoding);
	evidence_text(run, "a register with and without VF MSE", "%08x, %08x", with, without);
	if (without == with)
		return check_fail(run, "VF 0 answers with VF MSE of its PF clear");
	return VERDICT_PASS;
}

enum verdict vf_command_gates_nothing(struct check_run *run)
{
	CLEANUP(cleanup_config) struct config *vf = NULL;
	CLEANUP(decoding_close) struct decoding decoding = { 0 };
	uint32_t with, without;

	if (config_open(run->dut->host, run->dut->vfs[0].bdf, &vf, &run->err) < 0 ||
			decoding_open(run, &decoding) < 0)
		return check_broken(run, "the registers of VF 0 cannot be read");
	with = bar_read(&decoding.bar, decoding.place);
	without = read_without(vf, HEADER_COMMAND, COMMAND_MEMORY, &decoding);
	evidence_text(run, "a register with and without COMMAND.MEM", "%08x, %08x", with, without);
	if (without != with)
		return check_fail(
				run, "VF 0 is silent with memory switched off in its own COMMAND");
	return VERDICT_PASS;
}
