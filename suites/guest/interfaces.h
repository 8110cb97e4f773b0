/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GUEST_INTERFACES_H
#define GUEST_INTERFACES_H

#include "data/record.h"
#include "guest/request.h"

/* The network interfaces that this guest has. */

/* An array with one object per interface, as suites/guest/protocol.md has it; without lo. */
struct record *interfaces_list(void);

/* Carries out what a request "set" has given. */
int interface_set(const struct request *request, struct err *err);

/* Adds a VLAN of an interface, which gets the name INTERFACE.VLAN. */
int interface_add_vlan(const struct request *request, struct err *err);

/* The kernel's index and the MAC of an interface. */
int interface_find(const char *name, int *index, struct mac *mac, struct err *err);

#endif
