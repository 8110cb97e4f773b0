/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHECKS_GUEST_POOL_H
#define CHECKS_GUEST_POOL_H

#include "checks/guest/tenants.h"
#include "checks/session.h"

/* A pool of libvirt on the card, in the VLAN of red, of which libvirt has given vm2 a VF of its choice. It is
 * closed after the tenants. */
int pool_open(struct tenants *tenants);
void pool_close(struct tenants *tenants);

/* The subject is the tenants; vm1 has no NIC at first. */
extern const struct statement pool_statements[];
extern const size_t pool_statement_count;

#endif
