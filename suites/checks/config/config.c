/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "base/cleanup.h"
#include "checks/config/config_live.h"
#include "checks/suites.h"
#include "observe/dut.h"
#include "pci/rules.h"

/*
 * Configuration space against the PCI Express Base Specification 6.0, whose clauses are named. The
 * first part are the rules of sriov/rules_table.h, each a check on the card as it stands with VFs:
 * what vfctl rules says of a dump. The second part is what only writes can show.
 */

static void pretend_all(const struct dut *dut, struct card *card)
{
	char name[24];

	fault_injection_pretend(&dut->injection, "pf", &card->pf);
	fault_injection_pretend(&dut->injection, "port", &card->port);
	for (size_t i = 0; i < card->vf_count; i++) {
		snprintf(name, sizeof(name), "vf%zu", i);
		fault_injection_pretend(&dut->injection, name, &card->vfs[i]);
	}
}

/* The check's id is that of the rule behind "config.". */
static enum verdict follows_rule(struct check_run *run)
{
	const struct rule *rule = rule_find(run->check->id + sizeof("config.") - 1);
	CLEANUP(cleanup_card) struct card card = { 0 };
	struct finding finding;

	dut_inject_faults(run->dut);
	if (card_read(run->dut->host, run->dut->pf, &card, &run->err) < 0)
		return check_broken(run, "the card's configuration spaces cannot be read");
	pretend_all(run->dut, &card);
	rule_apply(rule, &card, &finding);
	evidence_text(run, "found", "%s", finding.text);
	if (finding.state == RULE_IDLE)
		return check_skip(run, "nothing to look at: %s", finding.text);
	if (finding.state == RULE_BROKEN)
		return check_fail(run, "%s", finding.text);
	return VERDICT_PASS;
}

#define RULE_UNLESS(unbreakable_, id_, function_, clause_, title_, why_) \
	{ .id = "config." id_,                                           \
		.title = title_,                                         \
		.why = why_ " (PCIe 6.0, " clause_ ".)",                 \
		.needs = NEED_CONFIG,                                    \
		.vfs = 2,                                                \
		.timeout_s = 5,                                          \
		.unbreakable = unbreakable_,                             \
		.fn = follows_rule },
#define RULE(...) RULE_UNLESS(NULL, __VA_ARGS__)
#define RULE_OF_SILICON(...)                                                                  \
	RULE_UNLESS("no emulated card has the capability; core/tests/test_rules.c breaks it", \
			__VA_ARGS__)

const struct check suite_config[] = {
#include "pci/rules_table.h"
	{ .id = "config.numvfs-above-total",
			.title = "NumVFs does not hold a number above TotalVFs",
			.why = "Software that trusts it counts VFs that do not exist. (PCIe 6.0, "
			       "9.3.3.7.)",
			.needs = NEED_CONFIG,
			.timeout_s = 5,
			.fn = idle_numvfs_above_total },
	{ .id = "config.numvfs-holds",
			.title = "NumVFs holds each number that was tried up to TotalVFs",
			.why = "The number of VFs could not be chosen. (PCIe 6.0, 9.3.3.7.)",
			.needs = NEED_CONFIG,
			.timeout_s = 5,
			.fn = idle_numvfs_holds },
	{ .id = "config.pages-take",
			.title = "System Page Size takes each size that is supported",
			.why = "VFs would be misplaced on machines with larger pages. (PCIe 6.0, "
			       "9.3.3.13.)",
			.needs = NEED_CONFIG,
			.timeout_s = 5,
			.fn = idle_pages_take },
	{ .id = "config.vf-bars-size",
			.title = "A VF BAR tells a size that is a power of two and at least a page",
			.why = "The kernel cannot place the VFs' memory. (PCIe 6.0, 9.3.3.14.)",
			.needs = NEED_CONFIG,
			.timeout_s = 5,
			.fn = idle_vf_bars_size },
	{ .id = "config.vf-bars-grow",
			.title = "The part of each VF in a VF BAR grows with System Page Size",
			.why = "With larger pages, one page that a guest maps holds the registers "
			       "of several VFs. (PCIe 6.0, 9.3.3.13.)",
			.needs = NEED_CONFIG,
			.timeout_s = 5,
			.fn = idle_vf_bars_grow },
	{ .id = "config.read-only",
			.title = "The read-only registers of the SR-IOV capability ignore writes",
			.why = "A stray write would change what the card is. (PCIe 6.0, 9.3.3.)",
			.needs = NEED_CONFIG,
			.timeout_s = 5,
			.fn = idle_read_only },
	{ .id = "config.offset-without-ari",
			.title = "With ARI switched off the VFs move to where they can be reached",
			.why = "Behind a port without ARI the VFs are lost. (PCIe 6.0, 9.3.3.3.5, "
			       "6.13.)",
			.needs = NEED_CONFIG,
			.timeout_s = 5,
			.fn = idle_offset_without_ari },
	{ .id = "config.offset-steady",
			.title = "First VF Offset and VF Stride depend on ARI and NumVFs alone",
			.why = "VFs would not be where the kernel has computed them. (PCIe 6.0, "
			       "9.3.3.9, 9.3.3.10.)",
			.needs = NEED_CONFIG,
			.timeout_s = 5,
			.fn = idle_offset_steady },
	{ .id = "config.vf-command-read-only",
			.title = "A VF's COMMAND takes nothing but Bus Master Enable",
			.why = "What the guest switches there must be without effect, and read as "
			       "such. (PCIe 6.0, 9.3.4.1.3.)",
			.needs = NEED_CONFIG,
			.vfs = 2,
			.timeout_s = 5,
			.fn = vf_command_read_only },
	{ .id = "config.vf-bars-read-only",
			.title = "The BARs in a VF's header ignore writes",
			.why = "A guest could move a VF's memory over another's. (PCIe 6.0, "
			       "9.3.4.1.11, 9.3.4.1.15.)",
			.needs = NEED_CONFIG,
			.vfs = 2,
			.timeout_s = 5,
			.fn = vf_bars_read_only },
	{ .id = "config.vf-mse-gates",
			.title = "VFs decode memory only while VF MSE of their PF is set",
			.why = "The host moves VF BARs under VFs that still answer at the old "
			       "place. (PCIe 6.0, 9.3.3.3.4.)",
			.needs = NEED_CONFIG,
			.vfs = 2,
			.timeout_s = 10,
			.fn = vf_mse_gates },
	{ .id = "config.vf-command-gates-nothing",
			.title = "A VF decodes memory whatever its own COMMAND says",
			.why = "A driver that leaves that bit alone, as it may, finds a dead VF. "
			       "(PCIe 6.0, 9.3.4.1.3.)",
			.needs = NEED_CONFIG,
			.vfs = 2,
			.timeout_s = 10,
			.fn = vf_command_gates_nothing },
	{ 0 },
};
