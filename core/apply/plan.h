/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef APPLY_PLAN_H
#define APPLY_PLAN_H

#include "policy/desired.h"
#include "sriov/inventory.h"

/*
 * The steps from what a card is to what its policy file wants, in an order that works:
 *
 * The PF's interface down and up where the card was reset past its driver; MTU, which resets many
 * cards; the PF up, since several drivers leave VFs of a PF that is down
 * dead; 0 before another number of VFs, which the kernel demands; autoprobe off while VFs are new, so
 * that their drivers find the final address and VLAN when they probe (a driver that has probed
 * before keeps the old address, and writes it over the administrator's as soon as it is trusted);
 * the settings; autoprobe back, drivers; rates last, which some cards take with a link only.
 */
enum step_kind {
	STEP_RESTART, /* the PF's interface down and up, since the card was reset past its driver */
	STEP_MTU,     /* number */
	STEP_UP,      /* the PF's interface */
	STEP_AUTOPROBE, /* number: 0 or 1 */
	STEP_COUNT,     /* number */
	STEP_UNBIND,    /* vf */
	STEP_SETTINGS,  /* vf, settings.given */
	STEP_BIND,      /* vf, driver */
	STEP_PROBE,     /* vf: the driver that the kernel chooses, or none */
	STEP_ASSERT,    /* number of settings that read as wanted and are written again */
};

struct step {
	enum step_kind kind;
	unsigned vf, number;
	struct vf_settings settings;
	char driver[NAME_ROOM];
};

struct plan {
	const struct desired *desired;
	const char *despite_holder; /* whose VFs are taken all the same: holder_word(), or NULL */
	struct bdf pf;
	char name[NAME_ROOM]; /* "0000:01:00.0 (eth0)" */
	bool autoprobe;       /* as it is to be when all is done */
	bool interrupted;     /* an earlier change of the card did not come to its end */
	size_t count;
	struct step *steps;
};

/* PF is as pf_fill_state() fills it, with its holders. Changes nothing. -ERANGE: the card has no
 * such VF; -EBUSY: the plan would change a VF that is held; the message names the holder. The
 * caller frees PLAN in any case, and before DESIRED. */
int plan_make(const struct host *host, const struct desired *desired, const struct pf *pf,
		const char *despite_holder, struct plan *plan, struct err *err);
void plan_free(struct plan *plan);
void cleanup_plan(struct plan *plan);

/* Whether it has a step that changes something, and does not only write it again. */
bool plan_changes(const struct plan *plan);

/* Whether it creates VFs. */
bool plan_makes_vfs(const struct plan *plan);

/* Whether it takes VF INDEX out of use for a while. */
bool plan_touches(const struct plan *plan, unsigned index);

/* "VF 3: set MAC 52:54:00:00:00:03, VLAN 10" */
const char *step_text(const struct step *step, char *text, size_t size);
const char *step_name(enum step_kind kind); /* "policy" */

/* The address that a VF's own interface uses. False: it has no interface here. */
bool vf_interface_mac(const struct host *host, const struct vf *vf, struct mac *mac);

#endif
