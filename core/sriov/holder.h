/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRIOV_HOLDER_H
#define SRIOV_HOLDER_H

#include "sriov/inventory.h"

/* Finds the holder of each of COUNT VFs of PF, whose functions are filled in. What the host's
 * processes and interfaces use is read once for all of them. */
void holders_find(const struct host *host, struct bdf pf, struct vf *vfs, size_t count);

/* Whether the driver of the VF creates a network interface for it. */
bool holder_is_network(const struct function *vf);

/* Returns "qemu-system-x86 (pid 812) has it open through VFIO: shut that down", or "" for a free
 * VF. */
const char *holder_text(const struct holder *holder, char *text, size_t size);

/* Returns "vfio", as in the JSON of vfctl. */
const char *holder_kind_name(enum holder_kind kind);

/* The word with which an administrator who knows better takes the VF anyway (--despite-holder):
 * the driver, or the interface that could not be read. NULL: the holder itself is visible and must
 * release the VF. */
const char *holder_word(const struct holder *holder);

/* Whether the VF may be taken: it is free, or held by what DESPITE names. DESPITE may be NULL. */
bool holder_yields(const struct holder *holder, const char *despite);

/* -EBUSY: a process has the function open through VFIO; an unbind would block until it closes
 * it. */
int holder_check_vfio(const struct host *host, struct bdf bdf, struct err *err);

#endif
