/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef EXCHANGE_EXPORT_H
#define EXCHANGE_EXPORT_H

#include <stdio.h>

#include "base/string_set.h"
#include "catalog/network.h"
#include "policy/desired.h"
#include "sriov/inventory.h"

/*
 * The wanted state of a card in the format of another tool. LEFT has one line for each setting that
 * the other tool cannot express.
 */
struct export
{
	const struct desired *desired;
	const struct pf *pf;           /* the card that DESIRED is for */
	const struct network *network; /* the source of name and VLAN; or NULL */
	bool unmanaged;                /* libvirt must not bind drivers */
};

struct export_format {
	const char *name;   /* "systemd-link" */
	const char *help;   /* what it writes */
	bool takes_network; /* it uses NETWORK and UNMANAGED */
	/* -EINVAL: there is nothing to write, or the other tool cannot identify the card. */
	int (*print)(const struct export *export, FILE *out, struct string_set *left,
			struct err *err);
};

/* Returns the format at INDEX, or NULL after the last. */
const struct export_format *export_format_at(size_t index);
const struct export_format *export_format_find(const char *name); /* or NULL */

/* The caller frees TEXT. -EINVAL as for print(). */
int export_text(const struct export_format *format, const struct export *export, char **text,
		struct string_set *left, struct err *err);

/* Sets DESIRED to the current state of PF. */
void desired_of_pf(const struct host *host, const struct pf *pf, struct desired *desired);

#endif
