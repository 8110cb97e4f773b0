/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checks/config/config.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "host/bar.h"
#include "observe/dut.h"
#include "pci/pcie.h"
#include "sriov/vfs.h"

/* Writes to the configuration space of VFs. */

enum {
	/* I/O, memory, parity error response, SERR, INTx: fixed bits in a VF. */
	COMMAND_FIXED = 0x0543,
};

enum verdict config_vf_command_read_only(struct check_run *run)
{
	for (unsigned i = 0; i < run->dut->listed; i++) {
		CLEANUP(cleanup_config) struct config *config = NULL;
		uint16_t before, after;
		char name[IFNAMSIZ];

		dut_vf_name(run->dut, i, name);
		if (config_open(run->dut->host, run->dut->vfs[i].bdf, &config, &run->err) < 0)
			return check_broken(
					run, "VF %u has no configuration space", check_vf(run, i));
		before = config_word(config, HEADER_COMMAND);
		if (config_write_word(config, HEADER_COMMAND, before ^ COMMAND_FIXED, &run->err) <
				0)
			return check_broken(run, "cannot write COMMAND of VF %u", check_vf(run, i));
		after = (uint16_t)config_observe(run, config, name, HEADER_COMMAND);
		config_write_word(config, HEADER_COMMAND, before, &run->err);
		evidence_text(run, "COMMAND of a VF", "%04x, and %04x after a write", before,
				after);
		if ((before ^ after) & COMMAND_FIXED)
			return check_fail(run, "COMMAND of VF %u takes the bits %04x",
					check_vf(run, i), (before ^ after) & COMMAND_FIXED);
	}
	return VERDICT_PASS;
}

enum verdict config_vf_bars_read_only(struct check_run *run)
{
	static const unsigned offsets[] = { 0x10, 0x14, 0x18, 0x1c, 0x20, 0x24, HEADER_ROM_BAR };

	for (unsigned i = 0; i < run->dut->listed; i++) {
		CLEANUP(cleanup_config) struct config *config = NULL;
		char name[IFNAMSIZ];

		dut_vf_name(run->dut, i, name);
		if (config_open(run->dut->host, run->dut->vfs[i].bdf, &config, &run->err) < 0)
			return check_broken(
					run, "VF %u has no configuration space", check_vf(run, i));
		for (size_t k = 0; k < sizeof(offsets) / sizeof(*offsets); k++) {
			uint32_t before = config_long(config, offsets[k]), after;

			/* All ones except the enable bit of a ROM. */
			if (config_write_long(config, offsets[k], ~1u, &run->err) < 0)
				return check_broken(run, "cannot write to VF %u", check_vf(run, i));
			after = config_observe(run, config, name, offsets[k]);
			config_write_long(config, offsets[k], before, &run->err);
			if (after)
				return check_fail(run, "VF %u reads %08x at %02x after a write",
						check_vf(run, i), after, offsets[k]);
		}
	}
	evidence_int(run, "VFs examined", run->dut->listed, NULL);
	return VERDICT_PASS;
}

/* The registers of VF 0 without its driver. PLACE is a register whose value is neither 0 nor all
 * ones: where nothing decodes, real machines read all ones, and emulated ones read zero. */
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

/* The register's value while BITS of the word at OFFSET are clear. */
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

enum verdict config_vf_mse_gates(struct check_run *run)
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

enum verdict config_vf_command_gates_nothing(struct check_run *run)
{
	CLEANUP(cleanup_config) struct config *vf = NULL;
	CLEANUP(decoding_close) struct decoding decoding = { 0 };
	uint32_t with, without;

	if (config_open(run->dut->host, run->dut->vfs[0].bdf, &vf, &run->err) < 0 ||
			decoding_open(run, &decoding) < 0)
		return check_broken(run, "the registers of VF 0 cannot be read");
	with = bar_read(&decoding.bar, decoding.place);
	without = read_without(vf, HEADER_COMMAND, HEADER_COMMAND_MEMORY, &decoding);
	evidence_text(run, "a register with and without COMMAND.MEM", "%08x, %08x", with, without);
	if (without != with)
		return check_fail(
				run, "VF 0 is silent with memory switched off in its own COMMAND");
	return VERDICT_PASS;
}
