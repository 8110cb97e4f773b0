/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DOMAIN_DOMAIN_CHECK_H
#define DOMAIN_DOMAIN_CHECK_H

#include "domain/domain.h"
#include "sriov/inventory.h"

/* What will surprise the owner of a domain: it starts and runs, but a later change fails, or its
 * traffic goes where nobody expects it. */
struct domain_warning {
	const char *rule; /* its stable name, "no-spare-port" */
	char *text;
};

struct domain_warnings {
	size_t count;
	struct domain_warning *list;
};

/* INVENTORY as of nic_place_find(). The caller passes the result to domain_warnings_free(). */
void domain_check(const struct domain *domain, const struct inventory *inventory,
		struct domain_warnings *warnings);
void domain_warnings_free(struct domain_warnings *warnings);
void cleanup_domain_warnings(struct domain_warnings *warnings);

#endif
