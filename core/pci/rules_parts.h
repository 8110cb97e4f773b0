/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PCI_RULES_PARTS_H
#define PCI_RULES_PARTS_H

#include "pci/rules.h"

/* What the files of rules share; for nobody else. */

/* The first breach stands; what follows changes nothing. */
void breaks(struct finding *finding, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* There is nothing to apply the rule to, or what has been found in order. */
void idles(struct finding *finding, const char *why);
void found(struct finding *finding, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "PF", "VF 3", "port", "function 2" and a space's address: how findings name a function. */
struct subject {
	const struct space *space;
	char name[32];
};

/* Which functions a rule goes through. */
enum subjects { THE_PF = 1, THE_VFS = 2, THE_PORT = 4, EACH = THE_PF | THE_VFS | THE_PORT };

/* Applies ONE to those that are there and whose config space is whole: 256 bytes, or 4096 where
 * EXTENDED. Idle where that is none. */
void for_each(const struct card *card, enum subjects which, bool extended,
		void (*one)(const struct card *, const struct subject *, struct finding *),
		struct finding *finding);

/* 0 where the PF has no SR-IOV capability: the finding is then idle. */
unsigned sriov_at(const struct card *card, struct finding *finding);

#define RULE(id, function, ...) void function(const struct card *card, struct finding *finding);
#include "pci/rules_table.h"

#endif
