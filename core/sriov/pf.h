/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRIOV_PF_H
#define SRIOV_PF_H

#include "sriov/inventory.h"

/* The steps of inventory_read() and pf_read(). */

/* Reads ids, names and counts of pf->function.bdf: what INVENTORY_COUNTS includes. */
int pf_fill_counts(const struct host *host, struct pf *pf, struct err *err);

/* Reads each VF with its driver; with the settings that pf->net has. */
void pf_fill_vfs(const struct host *host, struct pf *pf);

/* Reads the same, the interface, and the driver and settings of each VF: what a lease compares,
 * at the cost of a few system calls per VF. */
int pf_fill_state(const struct host *host, struct pf *pf, struct err *err);

/* -EMSGSIZE where the kernel could not list the settings of the VFs (pf->net.vfs_unread): what is
 * to be changed is then not known. */
int pf_require_settings(const struct pf *pf, struct err *err);

/* Refuses settings that VFs of the card cannot have, such as a MAC on an InfiniBand card; GIVEN are
 * those wanted of VF. */
int pf_check_link_layer(const struct pf *pf, unsigned vf, unsigned given, struct err *err);

/* Finds the holder of each VF; after pf_fill_state(). */
void pf_fill_holders(const struct host *host, struct pf *pf);

/* Reads everything else. If configuration space cannot be read that is not an error: its values
 * stay 0. */
int pf_fill(const struct host *host, struct pf *pf, struct err *err);

/* Reads the attributes of one function. */
int function_fill(const struct host *host, struct bdf bdf, struct function *function,
		struct err *err);

/* Whether it is a network card, by its class, or has an interface; after function_fill(). */
bool function_is_network(const struct function *function);

/* Returns "0000:01:00.0 (eth0)", without the parentheses if there is no interface. */
const char *pf_name(const struct function *function, char *text, size_t size);

#endif
