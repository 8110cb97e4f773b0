/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VM_VM_READ_H
#define VM_VM_READ_H

#include "catalog/vnic.h"
#include "domain/domain.h"
#include "host/hypervisor.h"
#include "vm/vf_choice.h"

/* Reads one side of a machine; the caller frees DOMAIN in any case. */
int vm_read(struct hypervisor *hypervisor, const struct domain_status *vm, enum domain_side side,
		struct domain *domain, struct err *err);

/* The VFs that the configurations of all machines name, and that libvirt has given to machines from its
 * pools. A configuration that cannot be read
 * promises nothing: libvirt could not start it either. */
struct promises {
	size_t count;
	struct vf_promise *list;
};

int promises_read(struct hypervisor *hypervisor, struct promises *promises, struct err *err);
void promises_add(
		struct promises *promises, const struct domain *domain); /* those of one machine */
void promises_free(struct promises *promises);

/* Puts the vNIC into the catalog; the caller holds the lock. An older one of the NIC counts for
 * nothing: the machine has no such NIC. */
int vnic_store(const struct host *host, const struct vnic *vnic, struct err *err);

/* Removes the vNIC from the catalog; the caller holds the lock. One that is not there is not an
 * error. */
int vnic_forget(const struct host *host, const char *name, struct err *err);

/* Removes the vNICs of machines that were to arrive and have not (not plugged in, and libvirt knows no
 * such machine); the caller holds the lock. */
void vnics_settle(const struct host *host, struct hypervisor *hypervisor);

/* The name of the vNIC in the catalog, for the caller to free: a machine may be renamed, and
 * keeps its UUID. */
char *vnic_name(const char *uuid, const char *nic);

#endif
