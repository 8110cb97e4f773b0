/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CATALOG_VNIC_H
#define CATALOG_VNIC_H

#include "base/mac.h"
#include "catalog/definition.h"

/* A vNIC of a VM, in a file /var/lib/vfctl/vnics/NAME.vnic, section [vNIC], which the manager
 * writes; NAME is the unique id of the vNIC. */
struct vnic {
	struct definition head;
	char vm[100], nic[32]; /* "web1", "nic1" */
	char profile[NAME_MOST + 1];
	bool passthrough; /* the VM has a VF; else a NIC on a bridge */
	bool linked, plugged;
	char mac[MAC_TEXT];
};

extern const struct definition_kind vnic_kind;

#endif
