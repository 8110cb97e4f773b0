/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CATALOG_VNIC_H
#define CATALOG_VNIC_H

#include "base/mac.h"
#include "catalog/definition.h"
#include "sriov/refusal.h"

struct catalog;

/*
 * A vNIC of a VM, as far as networks and profiles care. In a file /var/lib/vfctl/vnics/NAME.vnic,
 * section [vNIC], which the manager writes; NAME is the vNIC's unique id.
 */
struct vnic {
	struct definition head;
	char vm[100], nic[32]; /* "web1", "nic1" */
	char profile[NAME_MOST + 1];
	bool passthrough; /* what the VM has: a PCI function, or a NIC on a bridge */
	bool linked, plugged;
	char mac[MAC_TEXT];
};

extern const struct definition_kind vnic_kind;

void vnic_check(const struct catalog *catalog, const struct vnic *vnic,
		struct objections *objections);

/* A plugged passthrough vNIC does not change: it is unplugged, changed, and plugged. Plugging and
 * unplugging are no changes. */
int vnic_check_change(const struct vnic *old, const struct vnic *fresh, struct err *err);

/* Whether all plugged passthrough vNICs of VM may be unplugged for a live migration. The refusal
 * names those that may not. */
int vnics_check_migration(const struct catalog *catalog, const char *vm, struct err *err);

#endif
