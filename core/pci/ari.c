/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pci/ari.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "pci/pcie.h"

/* The low byte of the routing id: the function number with ARI; without ARI, the number of the
 * function on device 0. */
static unsigned number_of(struct bdf bdf)
{
	return bdf_rid(bdf) & 255;
}

static const struct space *lowest_pf(const struct card *card)
{
	const struct space *lowest = &card->pf;

	for (size_t i = 0; i < card->sibling_count; i++) {
		const struct space *space = &card->siblings[i];

		if (space_extended(space, PCIE_EXT_SRIOV) &&
				bdf_compare(space->bdf, lowest->bdf) < 0)
			lowest = space;
	}
	return lowest;
}

/* Whether each function number below that of PF is on the card with its whole configuration
 * space. Numbers begin at the first function of the device. */
static bool all_below_are_known(const struct card *card, const struct space *pf)
{
	unsigned first = card->port.length ? 0 : number_of(pf->bdf) & ~7u, known = 0;

	for (size_t i = 0; i < card->sibling_count; i++) {
		const struct space *space = &card->siblings[i];

		known += space->length == SPACE_SIZE && bdf_compare(space->bdf, pf->bdf) < 0;
	}
	return known == number_of(pf->bdf) - first;
}

enum ari_state ari_of_card(const struct card *card)
{
	const struct space *pf = lowest_pf(card);
	unsigned at = space_extended(pf, PCIE_EXT_SRIOV);

	if (space_word(pf, at + SRIOV_CONTROL) & SRIOV_CONTROL_ARI)
		return ARI_ON;
	return card->complete || all_below_are_known(card, pf) ? ARI_OFF : ARI_UNKNOWN;
}

enum ari_state ari_of_function(const struct host *host, struct bdf pf)
{
	CLEANUP(cleanup_card) struct card card = { 0 };

	return card_read_device(host, pf, &card, NULL) < 0 ? ARI_OFF : ari_of_card(&card);
}
