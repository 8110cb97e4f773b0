/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef APPLY_STORE_H
#define APPLY_STORE_H

#include "base/diagnostics.h"
#include "policy/desired.h"
#include "sriov/inventory.h"

/*
 * What the manager remembers of each card: var/lib/vfctl/cards has what was applied last and to which
 * card; run/vfctl, which a boot empties, has which cards were restored and which are being changed.
 */

/* What was applied last to the card at an address. */
struct applied {
	char file[256]; /* the policy file */
	bool has_mac, despite_owner;
	struct mac mac; /* permanent */
	uint16_t vendor, device;
	/* The state after verification, from which a later reset can be detected, but only in the same
	 * boot and for the same interface. */
	char boot_id[40];
	int ifindex;
	long link_losses;
};

/* -ENOENT if nothing was applied, or if the file is damaged. A damaged file is renamed if
 * RENAME_DAMAGED is set; NOTES reports it in either case. */
int store_load(const struct host *host, struct bdf pf, bool rename_damaged, struct applied *applied,
		struct diagnostics *notes);

/* Stores that DESIRED was applied to PF in its present state, in this boot. */
int store_save(const struct host *host, const struct desired *desired, const struct pf *pf,
		bool despite_owner, struct err *err);

/* The addresses of all cards in the store, for the caller to free. Returns their number. */
size_t store_list(const struct host *host, struct bdf **list);
int store_forget(const struct host *host, struct bdf pf, struct err *err);

/* Whether store_save() was called for the card in this boot. */
bool store_is_restored(const struct host *host, struct bdf pf);

/* Stores until store_end() that a change of the card has begun, and the autoprobe that it will end
 * with: a process that is killed may leave autoprobe off. */
int store_begin(const struct host *host, struct bdf pf, bool autoprobe, struct err *err);
int store_end(const struct host *host, struct bdf pf, struct err *err);
bool store_was_interrupted(const struct host *host, struct bdf pf, bool *autoprobe);

/* How often the PF lost its link since it was applied; -1 if that is unknown. */
long store_link_losses(const struct host *host, const struct applied *applied, const struct pf *pf);

#endif
