/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VM_VHOST_H
#define VM_VHOST_H

#include "host/hypervisor.h"

/*
 * Whether AppArmor keeps /dev/vhost-net from QEMU of a running machine. libvirt writes a profile for each machine,
 * and allows the device only if the machine has a virtio NIC then (libvirt 11.3, src/security/virt-aa-helper.c,
 * get_files(), needsvhost). It does not write it again when a NIC is plugged in, so that the plug fails: QEMU's
 * "getfd" says "No file descriptor supplied via SCM_RIGHTS".
 */
bool vhost_is_denied(const struct host *host, const struct domain_status *vm);

#endif
