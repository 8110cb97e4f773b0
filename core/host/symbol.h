/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_SYMBOL_H
#define HOST_SYMBOL_H

#include <stdint.h>

#include "host/host.h"

/* Finds the address of a function of the running kernel, NAME or MODULE:NAME, in proc/kallsyms.
 * -ENOENT: there is none; -EEXIST: several have that name; -EPERM: the kernel hides addresses from
 * this user. */
int kernel_symbol(const struct host *host, const char *name, uint64_t *address, struct err *err);

#endif
