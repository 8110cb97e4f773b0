/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRIOV_OTHER_FUNCTIONS_H
#define SRIOV_OTHER_FUNCTIONS_H

#include "host/host.h"

/*
 * Where the PF of a function is that is none itself. Some cards have their interfaces on other
 * functions than those that make VFs (Chelsio T5: interfaces on function 4, VFs on 0 to 3), and a
 * guest has VFs whose PF its host keeps.
 *
 * The lists are texts, "0000:01:00.0 (eth0), 0000:01:00.1", for the caller to free; "": none.
 */
enum function_trait { FUNCTION_MAKES_VFS, FUNCTION_HAS_INTERFACE };

/* The other functions of the same device with TRAIT. VFs are left out. */
char *other_functions(const struct host *host, struct bdf bdf, enum function_trait trait);

/* Whether the function is a VF without its PF here. Its driver tells, or its name in pci.ids,
 * which is slow: for errors. */
bool function_is_guest_vf(const struct host *host, struct bdf bdf);

/* All of them. */
char *guest_vfs(const struct host *host);

#endif
