/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRIOV_PF_H
#define SRIOV_PF_H

#include "sriov/inventory.h"

/* The steps that inventory_read() and pf_read() are made of. */

/* Ids, names, counts: what INVENTORY_COUNTS includes, for pf->function.bdf. */
int pf_fill_counts(const struct host *host, struct pf *pf, struct err *err);

/* That, the interface, and each VF's driver and settings: what a lease compares, at the cost of a few
 * system calls per VF. */
int pf_fill_state(const struct host *host, struct pf *pf, struct err *err);

/* -EMSGSIZE where the kernel could not list the settings of the VFs (pf->net.vfs_unread): what is
 * to be changed is then not known. */
int pf_require_settings(const struct pf *pf, struct err *err);

/* Who holds each of its VFs; after pf_fill_state(). */
void pf_fill_holders(const struct host *host, struct pf *pf);

/* All the rest. Config space that cannot be read is no error: its facts stay at 0. */
int pf_fill(const struct host *host, struct pf *pf, struct err *err);

/* One function's own attributes. */
int function_fill(const struct host *host, struct bdf bdf, struct function *function,
		struct err *err);

/* "0000:01:00.0 (eth0)", without the brackets where there is no interface. */
const char *pf_name(const struct function *function, char *text, size_t size);

#endif
