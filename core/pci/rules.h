/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PCI_RULES_H
#define PCI_RULES_H

#include "pci/space.h"

/*
 * Requirements of the PCI Express Base Specification (6.0) for the configuration spaces of a card
 * with SR-IOV. Rules are pure functions of a struct card.
 */
enum rule_state {
	RULE_FOLLOWED,
	RULE_BROKEN,
	RULE_IDLE, /* the card has nothing that the rule is about */
};

struct finding {
	enum rule_state state;
	char text[300]; /* which function, and its value */
};

struct rule {
	const char *id;     /* "initial-vfs" */
	const char *clause; /* "9.3.3.5" */
	const char *title;
	void (*apply)(const struct card *card, struct finding *finding);
};

extern const struct rule rules[]; /* the last one has no id */

/* Returns NULL if there is no such rule. */
const struct rule *rule_find(const char *id);

void rule_apply(const struct rule *rule, const struct card *card, struct finding *finding);

#endif
