/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VM_NIC_DEVICES_H
#define VM_NIC_DEVICES_H

#include "domain/domain.h"
#include "vm/nic_plan.h"

/* The devices of one NIC in a description, which owns them. A failover pair is one NIC, and goes by the
 * name of its VF, also while that is away. */
struct nic_devices {
	char nic[NIC_NAME_ROOM];          /* "nic1" */
	const struct domain_nic *main;    /* the VF, or the NIC on a bridge; NULL: missing */
	const struct domain_nic *standby; /* or NULL */
};

/* NAME is that of the NIC, or of one of its devices, as of domain_find_nic(), with the same errors. */
int nic_devices_find(const struct domain *domain, const char *name, struct nic_devices *devices,
		struct err *err);

#endif
