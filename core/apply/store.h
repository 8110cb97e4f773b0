/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef APPLY_STORE_H
#define APPLY_STORE_H

#include "base/diagnostics.h"
#include "policy/desired.h"
#include "sriov/inventory.h"

/*
 * What the manager remembers of each card: in var/lib/vfctl/cards what was applied last, and to
 * which card, across boots; in run/vfctl/restored that it was restored in this boot.
 */

/* What was applied last to the card at an address. */
struct applied {
	char file[256]; /* the policy file */
	bool has_mac, despite_owner;
	struct mac mac; /* permanent */
	uint16_t vendor, device;
	/* How the card was when it had been verified, so that one can tell whether it was reset since:
	 * only in the same boot, and for the same interface. */
	char boot_id[40];
	int ifindex;
	long link_losses;
};

/* -ENOENT: nothing was. A file that is damaged is -ENOENT too, and is set aside under a name that
 * NOTES tells; where that cannot be done, or SET_ASIDE is false, NOTES says so. */
int store_load(const struct host *host, struct bdf pf, bool set_aside, struct applied *applied,
		struct diagnostics *notes);

/* Remembers DESIRED as applied to PF as it is now, and in this boot. */
int store_save(const struct host *host, const struct desired *desired, const struct pf *pf,
		bool despite_owner, struct err *err);

/* The addresses with something remembered, for the caller to free. */
size_t store_list(const struct host *host, struct bdf **list);
int store_forget(const struct host *host, struct bdf pf, struct err *err);

/* Whether store_save() has been called for the card in this boot. */
bool store_is_restored(const struct host *host, struct bdf pf);

/* Remembers in this boot that a change of the card is under way, and what its autoprobe is to be
 * afterwards: a process that is killed may leave it off. */
int store_begin(const struct host *host, struct bdf pf, bool autoprobe, struct err *err);
int store_end(const struct host *host, struct bdf pf, struct err *err);
bool store_was_interrupted(const struct host *host, struct bdf pf, bool *autoprobe);

/* How often the PF's link was lost since then; -1: not known. */
long store_link_losses(const struct host *host, const struct applied *applied, const struct pf *pf);

#endif
