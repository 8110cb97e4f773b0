/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pci/rules.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "pci/pcie.h"
#include "pci/rules_parts.h"

/* The table, and how a rule goes through a card. */

const struct rule rules[] = {
#define RULE(id, function, clause, title, why) { id, clause, title, function },
#include "pci/rules_table.h"
	{ 0 },
};

const struct rule *rule_find(const char *id)
{
	for (const struct rule *rule = rules; rule->id; rule++) {
		if (!strcmp(rule->id, id))
			return rule;
	}
	return NULL;
}

void rule_apply(const struct rule *rule, const struct card *card, struct finding *finding)
{
	*finding = (struct finding){ .state = RULE_FOLLOWED };
	rule->apply(card, finding);
}

void breaks(struct finding *finding, const char *format, ...)
{
	va_list args;

	if (finding->state == RULE_BROKEN)
		return;
	finding->state = RULE_BROKEN;
	va_start(args, format);
	vsnprintf(finding->text, sizeof(finding->text), format, args);
	va_end(args);
}

void idles(struct finding *finding, const char *why)
{
	if (finding->state != RULE_FOLLOWED)
		return;
	finding->state = RULE_IDLE;
	snprintf(finding->text, sizeof(finding->text), "%s", why);
}

void found(struct finding *finding, const char *format, ...)
{
	va_list args;

	if (finding->state != RULE_FOLLOWED)
		return;
	va_start(args, format);
	vsnprintf(finding->text, sizeof(finding->text), format, args);
	va_end(args);
}

struct walk {
	const struct card *card;
	bool extended;
	void (*one)(const struct card *, const struct subject *, struct finding *);
	struct finding *finding;
	unsigned visited;
};

static void visit(struct walk *walk, const struct space *space, const char *name, size_t number)
{
	struct subject subject = { .space = space };

	if (space->length < (walk->extended ? 4096u : 256u))
		return;
	snprintf(subject.name, sizeof(subject.name), name, number);
	walk->visited++;
	walk->one(walk->card, &subject, walk->finding);
}

void for_each(const struct card *card, enum subjects which, bool extended,
		void (*one)(const struct card *, const struct subject *, struct finding *),
		struct finding *finding)
{
	struct walk walk = { card, extended, one, finding, 0 };

	if (which & THE_PORT)
		visit(&walk, &card->port, "the port", 0);
	if (which & THE_PF)
		visit(&walk, &card->pf, "the PF", 0);
	for (size_t i = 0; which & THE_VFS && i < card->vf_count; i++)
		visit(&walk, &card->vfs[i], "VF %zu", i);
	if (!walk.visited)
		idles(finding,
				which == THE_VFS ? "no VF is enabled"
						 : "its configuration space cannot be read");
	else if (!*finding->text)
		found(finding, "%u functions", walk.visited);
}

unsigned sriov_at(const struct card *card, struct finding *finding)
{
	unsigned at = space_extended(&card->pf, PCIE_EXT_SRIOV);

	if (!at)
		idles(finding, "the PF has no SR-IOV capability that can be read");
	return at;
}
