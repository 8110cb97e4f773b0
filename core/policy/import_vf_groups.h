/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_IMPORT_VF_GROUPS_H
#define POLICY_IMPORT_VF_GROUPS_H

#include "policy/import_internal.h"

/*
 * Merges several SriovNetworkNodePolicy objects for one card, as the operator's api/v1/helper.go
 * does. The policies come in order of priority, lowest first. Each replaces those before it, except
 * for VFs that only those concern. Then, and also among policies of equal priority, the card gets
 * the largest of their numbers of VFs and of their MTUs.
 */
struct vf_group {
	const struct node *policy; /* its metadata has the name */
	const char *resource, *type;
	uint64_t vfs[DESIRED_VFS_MOST / 64]; /* one bit for each VF */
};

struct vf_plan {
	size_t card; /* index in import->set */
	const struct node *count, *mtu;
	size_t group_count;
	struct vf_group *groups;
};

struct vf_plans {
	size_t count;
	struct vf_plan *items;
};

/* SPEC is that of the policy. SAME_PRIORITY: the previous policy has the same priority. */
void vf_plan_merge(struct import *import, struct vf_plans *plans, size_t card,
		const struct vf_group *group, const struct node *spec, bool same_priority);

/* Writes all plans into import->set. */
void vf_plans_apply(struct import *import, const struct vf_plans *plans);
void cleanup_vf_plans(struct vf_plans *plans);

#endif
