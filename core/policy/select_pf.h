/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_SELECT_PF_H
#define POLICY_SELECT_PF_H

#include "policy/desired.h"
#include "sriov/inventory.h"

/* A policy file and the card that it is for. */
struct selection {
	const struct desired *desired;
	struct pf pf;   /* as pf_fill_state() fills it, with its holders */
	struct err err; /* why there is no card: ENODEV: none; ENOTUNIQ: several, or one that
			 * another file is for too; EINVAL: the file has errors */
};

struct selections {
	size_t count; /* one for each file of the set */
	struct selection *items;
	struct diagnostics unreadable; /* of the inventory: cards that a file may be for */
};

/* Finds the cards of all files of the set. */
int selections_read(const struct host *host, const struct desired_set *set,
		struct selections *selections, struct err *err);
void selections_free(struct selections *selections);
void cleanup_selections(struct selections *selections);

/* Whether the selector matches the card. */
bool pf_selector_fits(const struct host *host, const struct pf_selector *selector,
		const struct function *pf);

/* Returns "Path=0000:01:00.0 Port=1". */
const char *pf_selector_text(const struct pf_selector *selector, char *text, size_t size);

/* The permanent address of the card's interface, independent of the current one. -ENOENT: none. */
int pf_permanent_mac(const struct host *host, const struct function *pf, struct mac *mac);

#endif
