/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/import_vf_groups.h"

#include <stdlib.h>
#include <string.h>

#include "base/number.h"

enum { WORDS = DESIRED_VFS_MOST / 64 };

static const char *name_of(const struct node *policy)
{
	const char *name = node_text(node_get(node_get(policy, "metadata"), "name"));

	return name ? name : "without a name";
}

static uint64_t number_of(const struct node *node)
{
	uint64_t number = 0;

	if (node_text(node))
		number_parse(node_text(node), 0, UINT32_MAX, &number);
	return number;
}

static bool do_overlap(const struct vf_group *a, const struct vf_group *b)
{
	for (size_t i = 0; i < WORDS; i++) {
		if (a->vfs[i] & b->vfs[i])
			return true;
	}
	return false;
}

static struct vf_plan *plan_of(struct vf_plans *plans, size_t card)
{
	for (size_t i = 0; i < plans->count; i++) {
		if (plans->items[i].card == card)
			return &plans->items[i];
	}
	plans->items = reallocarray(plans->items, plans->count + 1, sizeof(*plans->items));
	if (!plans->items)
		abort();
	plans->items[plans->count] = (struct vf_plan){ .card = card };
	return &plans->items[plans->count++];
}

/* Removes the groups that GROUP replaces. Returns whether any group stays. */
static bool drop_groups(struct import *import, struct vf_plan *plan, const struct vf_group *group)
{
	size_t kept = 0;

	for (size_t i = 0; i < plan->group_count; i++) {
		const struct vf_group *old = &plan->groups[i];

		if (strcmp(old->resource, group->resource) != 0 && !do_overlap(old, group))
			plan->groups[kept++] = *old;
		else if (old->policy != group->policy)
			import_left(import, old->policy,
					"policy %.60s gives way to policy %.60s on card %s",
					name_of(old->policy), name_of(group->policy),
					import->set.items[plan->card].file);
	}
	plan->group_count = kept;
	return kept;
}

/* Returns the node that takes effect: that of the later policy, or the larger one. */
static const struct node *merge_number(struct import *import, const struct node *before,
		const struct node *now, bool largest)
{
	bool keep = largest && number_of(before) > number_of(now);
	const struct node *loser = keep ? now : before, *winner = keep ? before : now;

	if (number_of(loser) && number_of(loser) != number_of(winner))
		import_left(import, loser, "%s %s: another policy for this card has %s%s",
				loser->key, node_text(loser),
				number_of(winner) ? node_text(winner) : "none",
				largest ? ", and the larger number counts" : " and precedence");
	return winner;
}

void vf_plan_merge(struct import *import, struct vf_plans *plans, size_t card,
		const struct vf_group *group, const struct node *spec, bool same_priority)
{
	struct vf_plan *plan = plan_of(plans, card);
	bool largest = drop_groups(import, plan, group) || same_priority;

	plan->count = merge_number(import, plan->count, node_get(spec, "numVfs"), largest);
	plan->mtu = merge_number(import, plan->mtu, node_get(spec, "mtu"), largest);
	plan->groups = reallocarray(plan->groups, plan->group_count + 1, sizeof(*plan->groups));
	if (!plan->groups)
		abort();
	plan->groups[plan->group_count++] = *group;
}

void vf_plans_apply(struct import *import, const struct vf_plans *plans)
{
	const char *takes;

	for (size_t i = 0; i < plans->count; i++) {
		const struct vf_plan *plan = &plans->items[i];
		struct desired *desired = &import->set.items[plan->card];

		import_set(import, desired, "PF", "SR-IOVVirtualFunctions", plan->count);
		if (!node_text(plan->mtu) || strcmp(node_text(plan->mtu), "0") != 0) /* not given */
			import_set(import, desired, "PF", "MTUBytes", plan->mtu);
		for (size_t k = 0; k < plan->group_count; k++) {
			const struct vf_group *group = &plan->groups[k];

			for (unsigned vf = 0; vf < DESIRED_VFS_MOST; vf++) {
				if (group->vfs[vf / 64] >> vf % 64 & 1 &&
						!strcmp(group->type, "vfio-pci"))
					desired_set_vf(desired, vf, "Driver", group->type, &takes);
			}
		}
	}
}

void cleanup_vf_plans(struct vf_plans *plans)
{
	for (size_t i = 0; i < plans->count; i++)
		free(plans->items[i].groups);
	free(plans->items);
}
