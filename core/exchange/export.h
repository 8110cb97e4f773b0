/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef EXCHANGE_EXPORT_H
#define EXCHANGE_EXPORT_H

#include <stdio.h>

#include "base/string_set.h"
#include "catalog/network.h"
#include "policy/desired.h"
#include "sriov/inventory.h"

/*
 * What is wanted of a card, as other tools' files. What the other tool cannot express is in LEFT, one
 * line each.
 */
struct export
{
	const struct desired *desired;
	const struct pf *pf;           /* the card that DESIRED is for */
	const struct network *network; /* gives name and VLAN; or NULL */
	bool unmanaged;                /* libvirt is not to bind drivers */
};

struct export_format {
	const char *name;   /* "systemd-link" */
	const char *help;   /* what it writes */
	bool takes_network; /* it uses NETWORK and UNMANAGED */
	/* -EINVAL: nothing is there to write, or the other tool cannot know the card. */
	int (*print)(const struct export *export, FILE *out, struct string_set *left,
			struct err *err);
};

/* The INDEXth format, or NULL after the last. */
const struct export_format *export_format_at(size_t index);
const struct export_format *export_format_find(const char *name); /* or NULL */

/* TEXT is for the caller to free. -EINVAL as print() says. */
int export_text(const struct export_format *format, const struct export *export, char **text,
		struct string_set *left, struct err *err);

/* The state of PF, as if a policy file wanted it. */
void desired_of_pf(const struct host *host, const struct pf *pf, struct desired *desired);

#endif
