/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef APPLY_DRIFT_H
#define APPLY_DRIFT_H

#include "policy/desired.h"
#include "sriov/inventory.h"

/* Settings in which a card differs from its policy file. */
struct drift {
	int vf; /* -1: the card itself */
	char setting[24], want[64], found[64];
};

struct drifts {
	size_t count;
	struct drift *items;
	unsigned settings; /* that were compared */
};

/* PF is as pf_fill_state() fills it. */
void drift_find(const struct host *host, const struct desired *desired, const struct pf *pf,
		struct drifts *drifts);
void drifts_add(struct drifts *drifts, int vf, const char *setting, const char *want,
		const char *found);
void drifts_free(struct drifts *drifts);
void cleanup_drifts(struct drifts *drifts);

/* Adds a note for each optional setting that DESIRED has and the driver of the card NAME does
 * not offer. NET is the card's interface. */
void drift_note_lacking(const struct desired *desired, const char *name, const struct netdev *net,
		struct diagnostics *notes);

/* "VF 3: MAC is 52:.., not 52:.." */
const char *drift_text(const struct drift *drift, char *text, size_t size);

#endif
