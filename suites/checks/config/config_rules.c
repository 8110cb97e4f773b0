/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "base/cleanup.h"
#include "checks/config/config.h"
#include "observe/dut.h"
#include "pci/rules.h"

/* Applies the rules that vfctl rules applies to a dump, here to the card with its VFs. */

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

enum verdict config_rule(struct check_run *run)
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
		return check_skip(run, "the rule does not apply: %s", finding.text);
	if (finding.state == RULE_BROKEN)
		return check_fail(run, "%s", finding.text);
	return VERDICT_PASS;
}

uint32_t config_observe(
		struct check_run *run, struct config *config, const char *function, unsigned offset)
{
	struct space space = { 0 };

	dut_inject_faults(run->dut);
	space.length = config_read(config, space.bytes);
	fault_injection_pretend(&run->dut->injection, function, &space);
	return space_long(&space, offset);
}
