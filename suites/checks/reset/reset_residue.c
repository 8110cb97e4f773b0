/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "checks/isolation/isolation.h"
#include "checks/reset/reset.h"
#include "drivers/registers.h"
#include "host/bar.h"
#include "host/config.h"
#include "observe/mailbox.h"
#include "pci/pcie.h"
#include "pci/space.h"
#include "sriov/vfs.h"

/*
 * What a VF keeps across its function-level reset: the next guest gets whatever the previous one
 * left. These checks are skipped if core/drivers does not know the registers of the card's VFs.
 */

/* A VF without its driver, its registers mapped and answering. */
struct unbound_vf {
	struct dut *dut; /* NULL: not open */
	unsigned vf;
	struct bdf bdf;
	struct bar bar;
};

/* Also enables memory in the VF's COMMAND, which some cards need. */
static int unbound_vf_open(struct check_run *run, unsigned vf, struct unbound_vf *vf_regs)
{
	CLEANUP(cleanup_config) struct config *config = NULL;
	struct dut *dut = run->dut;
	struct bdf bdf = dut->vfs[vf].bdf;

	if (function_unbind(dut->host, bdf, &run->err) < 0)
		return -1;
	*vf_regs = (struct unbound_vf){ .dut = dut, .vf = vf, .bdf = bdf };
	if (config_open(dut->host, bdf, &config, &run->err) < 0 ||
			config_write_word(config, HEADER_COMMAND,
					config_word(config, HEADER_COMMAND) | HEADER_COMMAND_MEMORY,
					&run->err) < 0)
		return -1;
	return bar_map(dut->host, bdf, 0, &vf_regs->bar, &run->err);
}

/* Binds the driver again. */
static void unbound_vf_close(struct unbound_vf *vf_regs)
{
	bar_unmap(&vf_regs->bar);
	/* vfsuite compares the state after the check, and reports a missing driver. */
	if (vf_regs->dut)
		dut_rebind_vf(vf_regs->dut, vf_regs->vf, NULL);
}

static const struct vf_registers no_registers;

/* The registers of this card's VFs; none if the card is not known. */
static const struct vf_registers *registers_of(const struct check_run *run)
{
	const struct card_registers *card = card_registers_of(run->dut->host, run->dut->pf);

	return card && card->vf ? card->vf : &no_registers;
}

static enum verdict unknown_card(struct check_run *run)
{
	return check_skip(run, "the registers of VFs of this card are not known");
}

static int reset_unbound_vf(struct check_run *run, const struct unbound_vf *vf_regs)
{
	int rc = function_reset(run->dut->host, vf_regs->bdf, &run->err);

	dut_inject_faults(run->dut);
	return rc;
}

/* Writes each register, resets the VF, and counts the values that remain. Clears those, since
 * they would disturb the VF's driver. */
static enum verdict leaves_none(struct check_run *run, const struct vf_register *registers)
{
	CLEANUP(unbound_vf_close) struct unbound_vf vf_regs = { 0 };
	uint32_t before[VF_REGISTERS_LIMIT], held[VF_REGISTERS_LIMIT];
	const char *first = NULL;
	unsigned count = 0, kept = 0;

	if (!registers)
		return unknown_card(run);
	if (unbound_vf_open(run, 0, &vf_regs) < 0)
		return check_broken(run, "the registers of VF 0 cannot be reached");
	for (; registers[count].name; count++) {
		const struct vf_register *reg = &registers[count];

		before[count] = bar_read(&vf_regs.bar, reg->offset);
		bar_write(&vf_regs.bar, reg->offset, reg->value);
		held[count] = bar_read(&vf_regs.bar, reg->offset);
		if (!held[count] || held[count] == ~0u)
			return check_broken(run, "%s of VF 0 does not hold what is written to it",
					reg->name);
	}
	if (reset_unbound_vf(run, &vf_regs) < 0)
		return check_fail(run, "VF 0 cannot be reset");
	for (unsigned i = 0; i < count; i++) {
		uint32_t after = bar_read(&vf_regs.bar, registers[i].offset);

		evidence_text(run, registers[i].name, "%08x before the reset, %08x after it",
				held[i], after);
		kept += after == held[i];
		if (after == held[i] && !first)
			first = registers[i].name;
		bar_write(&vf_regs.bar, registers[i].offset, before[i]);
	}
	if (kept)
		return check_fail(run,
				"%u of %u registers of VF 0 keep their content, the first is %s",
				kept, count, first);
	return VERDICT_PASS;
}

enum verdict reset_rings_cleared(struct check_run *run)
{
	return leaves_none(run, registers_of(run)->rings);
}

enum verdict reset_write_back_cleared(struct check_run *run)
{
	return leaves_none(run, registers_of(run)->write_back);
}

enum verdict reset_buffers_cleared(struct check_run *run)
{
	return leaves_none(run, registers_of(run)->buffers);
}

enum verdict reset_mailbox_cleared(struct check_run *run)
{
	return leaves_none(run, registers_of(run)->mailbox);
}

enum verdict reset_interrupts_cleared(struct check_run *run)
{
	return leaves_none(run, registers_of(run)->interrupts);
}

enum verdict reset_counters_cleared(struct check_run *run)
{
	const struct vf_register *counters = registers_of(run)->counters;
	CLEANUP(unbound_vf_close) struct unbound_vf vf_regs = { 0 };
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	enum verdict verdict;
	unsigned kept = 0;

	if (!counters)
		return unknown_card(run);
	if (traffic_open(run, NULL, 1, &traffic) < 0)
		return check_broken(run, "cannot listen");
	verdict = both_ways(&traffic, 0);
	if (verdict != VERDICT_PASS)
		return check_broken(run, "VF 0 receives no frames to count");
	if (unbound_vf_open(run, 0, &vf_regs) < 0)
		return check_broken(run, "the registers of VF 0 cannot be reached");
	for (unsigned i = 0; counters[i].name; i++) {
		if (bar_read(&vf_regs.bar, counters[i].offset) < BURST_FRAMES)
			return check_broken(run, "%s of VF 0 has not counted the frames",
					counters[i].name);
	}
	if (reset_unbound_vf(run, &vf_regs) < 0)
		return check_fail(run, "VF 0 cannot be reset");
	for (unsigned i = 0; counters[i].name; i++) {
		uint32_t after = bar_read(&vf_regs.bar, counters[i].offset);

		evidence_int(run, counters[i].name, after, "frames");
		kept += after >= BURST_FRAMES;
	}
	return kept ? check_fail(run, "VF 0 still counts the frames from before its reset")
		    : VERDICT_PASS;
}

static bool is_on(const struct unbound_vf *vf_regs, const struct vf_register *queue)
{
	return bar_read(&vf_regs->bar, queue->offset) & queue->value;
}

enum verdict reset_queues_off(struct check_run *run)
{
	const struct vf_register *queues = registers_of(run)->queues;
	CLEANUP(unbound_vf_close) struct unbound_vf vf_regs = { 0 };
	uint32_t receives, sends;
	char name[80];

	if (!queues)
		return unknown_card(run);
	if (unbound_vf_open(run, 0, &vf_regs) < 0)
		return check_broken(run, "the registers of VF 0 cannot be reached");
	/* The rings have no descriptors, so the queues are on but move nothing. */
	for (unsigned i = 0; i < 2; i++)
		bar_write(&vf_regs.bar, queues[i].offset, queues[i].value);
	if (!is_on(&vf_regs, &queues[0]) || !is_on(&vf_regs, &queues[1]))
		return check_broken(run, "the queues of VF 0 cannot be switched on");
	if (reset_unbound_vf(run, &vf_regs) < 0)
		return check_fail(run, "VF 0 cannot be reset");
	receives = bar_read(&vf_regs.bar, queues[0].offset);
	sends = bar_read(&vf_regs.bar, queues[1].offset);
	for (unsigned i = 0; i < 2; i++)
		bar_write(&vf_regs.bar, queues[i].offset, 0);
	snprintf(name, sizeof(name), "%s and %s after the reset", queues[0].name, queues[1].name);
	evidence_text(run, name, "%08x %08x", receives, sends);
	if (receives & queues[0].value || sends & queues[1].value)
		return check_fail(run, "the %s queue of VF 0 is on after its reset",
				receives & queues[0].value ? "receive" : "transmit");
	return VERDICT_PASS;
}

/* A frame for the VF arrives after the reset, while the previous guest's buffers are still
 * mapped. */
enum verdict reset_no_dma(struct check_run *run)
{
	CLEANUP(tenant_close) struct tenant tenant = { 0 };
	enum verdict verdict = tenant_prepare(run, TENANT_VF, &tenant);
	unsigned damage, first;

	if (verdict == VERDICT_PASS)
		verdict = tenant_still_receives(&tenant);
	if (verdict == VERDICT_PASS)
		verdict = tenant_plant(&tenant, tenant.good_in);
	if (verdict != VERDICT_PASS)
		return verdict;
	dma_receive(&tenant.dma, tenant.good_in.address, 0, BURST_FRAMES);
	if (function_reset(run->dut->host, tenant.dma.bdf, &run->err) < 0 ||
			dma_set_master(&tenant.dma, true, &run->err) < 0)
		return check_fail(run, "VF %u cannot be reset", check_vf(run, TENANT_VF));
	dut_inject_faults(run->dut);
	verdict = tenant_send_through(&tenant);
	if (verdict != VERDICT_PASS)
		return verdict;
	damage = tenant_damage(&tenant, &first);
	evidence_int(run, "bytes written after the reset", damage, "bytes");
	if (damage)
		return check_fail(run, "VF %u writes frames into the buffers of its former guest",
				check_vf(run, TENANT_VF));
	return VERDICT_PASS;
}

enum { STRANGE_VLAN = 77, FREE_VF = 3 };

/* The previous guest joined a VLAN; the next guest must not receive it. */
enum verdict reset_vlans_forgotten(struct check_run *run)
{
	struct mailbox_message join = { .request = MAILBOX_ADD_VLAN, .number = STRANGE_VLAN };
	CLEANUP(traffic_close) struct traffic traffic = { 0 };
	CLEANUP(mailbox_close) struct mailbox mailbox = { 0 };
	struct burst tagged = { .outer = { 0x8100, STRANGE_VLAN, 0 } };
	enum mailbox_answer answer;
	enum verdict verdict;

	if (!mailbox_known(run->dut))
		return unknown_card(run);
	if (mailbox_open(run->dut, FREE_VF, &mailbox, &run->err) < 0 ||
			mailbox_ask(&mailbox, &join, &answer, &run->err) < 0)
		return check_broken(run, "VF %u does not reach its PF", check_vf(run, FREE_VF));
	if (answer != MAILBOX_DONE)
		return check_unsupported(run, "the PF lets no VF join a VLAN");
	if (function_reset(run->dut->host, run->dut->vfs[FREE_VF].bdf, &run->err) < 0 ||
			mailbox_shut(&mailbox, &run->err) < 0)
		return check_fail(run, "VF %u does not come back from its reset",
				check_vf(run, FREE_VF));
	if (traffic_open(run, NULL, 4, &traffic) < 0)
		return check_broken(run, "cannot listen");
	tagged.to = endpoint_mac(traffic.vf[FREE_VF]);
	verdict = expect_silent(&traffic, "in the VLAN of the former guest", traffic.partner,
			traffic.vf[FREE_VF], tagged);
	return verdict == VERDICT_PASS ? both_ways(&traffic, FREE_VF) : verdict;
}

static int read_space(struct check_run *run, unsigned vf, struct space *space)
{
	CLEANUP(cleanup_config) struct config *config = NULL;
	int rc = config_open(run->dut->host, run->dut->vfs[vf].bdf, &config, &run->err);

	*space = (struct space){ .bdf = run->dut->vfs[vf].bdf };
	if (!rc)
		space->length = config_read(config, space->bytes);
	return rc;
}

/* The kernel must restore what a bound function loses in a reset. */
enum verdict reset_config_kept(struct check_run *run)
{
	struct space before, after;
	unsigned msix;
	uint16_t commands[2], controls[2];
	int rc;

	if (read_space(run, 0, &before) < 0)
		return check_broken(run, "VF 0 has no configuration space");
	rc = function_reset(run->dut->host, run->dut->vfs[0].bdf, &run->err);
	dut_inject_faults(run->dut);
	if (read_space(run, 0, &after) < 0)
		return check_broken(run, "VF 0 has no configuration space");
	dut_rebind_vf(run->dut, 0, &run->err);
	if (rc < 0)
		return check_fail(run, "VF 0 cannot be reset");
	msix = space_capability(&before, MSIX_CAPABILITY);
	commands[0] = space_word(&before, HEADER_COMMAND);
	commands[1] = space_word(&after, HEADER_COMMAND);
	controls[0] = msix ? space_word(&before, msix + MSIX_CONTROL) : 0;
	controls[1] = msix ? space_word(&after, msix + MSIX_CONTROL) : 0;
	evidence_text(run, "COMMAND", "%04x, and %04x after the reset", commands[0], commands[1]);
	evidence_text(run, "MSI-X control", "%04x, and %04x after the reset", controls[0],
			controls[1]);
	if (commands[0] != commands[1])
		return check_fail(run,
				"COMMAND of VF 0 is %04x after its reset, and was %04x before",
				commands[1], commands[0]);
	if (controls[0] != controls[1])
		return check_fail(run,
				"MSI-X control of VF 0 is %04x after its reset, and was %04x "
				"before",
				controls[1], controls[0]);
	if (memcmp(before.bytes + HEADER_BARS, after.bytes + HEADER_BARS, 24))
		return check_fail(run, "the reset changed the BARs of VF 0");
	return VERDICT_PASS;
}

enum verdict reset_registers_answer(struct check_run *run)
{
	const struct vf_register *status = registers_of(run)->status;
	CLEANUP(unbound_vf_close) struct unbound_vf vf_regs = { 0 };
	uint32_t before, after;

	if (!status)
		return unknown_card(run);
	if (unbound_vf_open(run, 0, &vf_regs) < 0)
		return check_broken(run, "the registers of VF 0 cannot be reached");
	before = bar_read(&vf_regs.bar, status->offset);
	if (!before || before == ~0u)
		return check_broken(run, "%s of VF 0 reads %08x", status->name, before);
	if (reset_unbound_vf(run, &vf_regs) < 0)
		return check_fail(run, "VF 0 cannot be reset");
	after = bar_read(&vf_regs.bar, status->offset);
	evidence_text(run, status->name, "%08x, and %08x after the reset", before, after);
	return after == before ? VERDICT_PASS
			       : check_fail(run, "%s of VF 0 reads %08x after its reset",
						 status->name, after);
}
