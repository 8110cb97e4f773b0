/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef EXCHANGE_EXPORT_H
#define EXCHANGE_EXPORT_H

#include "base/string_set.h"
#include "catalog/network.h"
#include "policy/desired.h"
#include "sriov/inventory.h"

/*
 * What is wanted of a card, as other tools' files. What the other tool has no word for is in LEFT, a
 * line each. The texts are for the caller to free.
 */

/* All that PF is now, as if a policy file wanted it. */
void desired_of_pf(const struct host *host, const struct pf *pf, struct desired *desired);

/* systemd.link(5), version 251 or newer. PF is the card that DESIRED is for. */
char *export_systemd_link(
		const struct desired *desired, const struct pf *pf, struct string_set *left);

/* libvirt's network whose guests get VFs of PF. NETWORK, or NULL: gives name and VLAN. */
char *export_libvirt_network(const struct desired *desired, const struct pf *pf,
		const struct network *network, bool managed, struct string_set *left);

#endif
