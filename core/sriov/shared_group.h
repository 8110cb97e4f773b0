/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRIOV_SHARED_GROUP_H
#define SRIOV_SHARED_GROUP_H

#include "sriov/inventory.h"

/*
 * An IOMMU group in which the PF or one of its VFs is not alone. VFIO gives a group to one process
 * as a whole, once no function of it has a driver of the host; bridges may keep theirs (Linux,
 * Documentation/driver-api/vfio.rst).
 */
struct shared_group {
	int number;
	bool has_pf;
	unsigned vf_count, first_vf; /* VFs of the PF in the group, and one of them */
	size_t other_count, bridge_count;
	struct bdf *others; /* the remaining members: OTHER_COUNT, of which BRIDGE_COUNT are bridges */
};

struct shared_groups {
	size_t count;
	struct shared_group *list; /* that of the PF first */
};

/* Reads the groups of PF, after pf_fill(). A VF alone with bridges is not in the list. The caller
 * frees GROUPS in any case. */
void shared_groups_read(const struct host *host, const struct pf *pf, struct shared_groups *groups);
void cleanup_shared_groups(struct shared_groups *groups);

/* Returns "the PF, 2 of its VFs, 0000:00:01.0", with at most MOST members that are not the card's
 * own, for the caller to free. */
char *shared_group_members(const struct shared_group *group, size_t most);

/* What it means for giving VFs to guests. */
const char *shared_group_meaning(const struct shared_group *group);

#endif
