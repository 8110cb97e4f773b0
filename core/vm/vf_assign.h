/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VM_VF_ASSIGN_H
#define VM_VF_ASSIGN_H

#include "vm/vf_choice.h"

/*
 * Gives one VF to each of several NICs, and no VF twice. TAKEN gets for each list the place of its
 * VF in it, or MATCHING_NONE (vm/matching.h). A NIC goes without only if it cannot be served
 * together with all those served before it.
 */
void vf_assign(const struct vf_candidates *const lists[], size_t count, ptrdiff_t *taken);

#endif
