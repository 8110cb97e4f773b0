/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_IMPORT_LINK_H
#define POLICY_IMPORT_LINK_H

#include "policy/import_internal.h"

struct pf_selectors {
	size_t count;
	struct pf_selector *items;
};

/* Adds the cards that the [Match] sections select, one for each value of a list. RENAMED is the
 * name of the card in [Link] Name=, or NULL. If no card is selected, import->wrong says why. */
void link_match(struct import *import, const struct ini *ini, const char *renamed,
		struct pf_selectors *cards);
void cleanup_pf_selectors(struct pf_selectors *selectors);

#endif
