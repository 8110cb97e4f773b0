/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DOMAIN_DOMAIN_PRINT_H
#define DOMAIN_DOMAIN_PRINT_H

#include <stdio.h>

#include "catalog/catalog.h"
#include "data/record.h"
#include "domain/domain.h"
#include "sriov/inventory.h"

/* Domains for people and programs. INVENTORY as of nic_place_find(); CATALOG gives the profiles of
 * NICs, and may be NULL. */

/* A line per domain: how many NICs and VFs it has, and how many more can be plugged in. */
void domains_print(const struct domain *domains, size_t count, const struct inventory *inventory,
		FILE *out);

/* One domain with its NICs, and the warnings of domain_check(). */
void domain_print(const struct domain *domain, const struct inventory *inventory,
		const struct catalog *catalog, FILE *out);

/* The whole model, and the same warnings. Unknown values are null. */
struct record *domain_to_record(const struct domain *domain, const struct inventory *inventory,
		const struct catalog *catalog);

#endif
