/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sriov/shared_group.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

static bool is_bridge(const struct host *host, struct bdf bdf)
{
	long class_code;

	return !function_number(host, bdf, "class", &class_code, NULL) && class_code >> 16 == 0x06;
}

static bool is_vf_of(const struct pf *pf, struct bdf bdf)
{
	for (size_t i = 0; i < pf->vf_count; i++) {
		if (bdf_equal(pf->vfs[i].function.bdf, bdf))
			return true;
	}
	return false;
}

static void read_others(const struct host *host, const struct pf *pf, struct shared_group *group)
{
	char path[64], **names;
	size_t count;
	struct bdf bdf;

	snprintf(path, sizeof(path), "sys/kernel/iommu_groups/%d/devices", group->number);
	if (host_names(host, path, &names, &count, NULL) < 0)
		return;
	group->others = calloc(count + 1, sizeof(*group->others));
	if (!group->others)
		abort();
	for (size_t i = 0; i < count; i++) {
		if (bdf_parse(names[i], &bdf) < 0 || bdf_equal(bdf, pf->function.bdf) ||
				is_vf_of(pf, bdf))
			continue;
		group->others[group->other_count++] = bdf;
		group->bridge_count += is_bridge(host, bdf);
	}
	host_names_free(names, count);
}

static struct shared_group *find(struct shared_groups *groups, int number)
{
	for (size_t i = 0; i < groups->count; i++) {
		if (groups->list[i].number == number)
			return &groups->list[i];
	}
	groups->list[groups->count] = (struct shared_group){ .number = number };
	return &groups->list[groups->count++];
}

/* Bridges beside the PF count while it has no VFs: these will be in its group, too. */
static bool is_shared(const struct pf *pf, const struct shared_group *group)
{
	size_t functions =
			group->has_pf + group->vf_count + group->other_count - group->bridge_count;

	return functions > 1 || (group->has_pf && group->bridge_count && !pf->vf_count);
}

static void drop_unshared(const struct pf *pf, struct shared_groups *groups)
{
	size_t kept = 0;

	for (size_t i = 0; i < groups->count; i++) {
		if (is_shared(pf, &groups->list[i]))
			groups->list[kept++] = groups->list[i];
		else
			free(groups->list[i].others);
	}
	groups->count = kept;
}

void shared_groups_read(const struct host *host, const struct pf *pf, struct shared_groups *groups)
{
	*groups = (struct shared_groups){ 0 };
	groups->list = calloc(pf->vf_count + 1, sizeof(*groups->list));
	if (!groups->list)
		abort();
	if (pf->function.iommu_group >= 0)
		find(groups, pf->function.iommu_group)->has_pf = true;
	for (size_t i = pf->vf_count; i; i--) {
		const struct vf *vf = &pf->vfs[i - 1];
		struct shared_group *group;

		if (vf->function.iommu_group < 0)
			continue;
		group = find(groups, vf->function.iommu_group);
		group->vf_count++;
		group->first_vf = vf->index;
	}
	for (size_t i = 0; i < groups->count; i++)
		read_others(host, pf, &groups->list[i]);
	drop_unshared(pf, groups);
}

void cleanup_shared_groups(struct shared_groups *groups)
{
	for (size_t i = 0; i < groups->count; i++)
		free(groups->list[i].others);
	free(groups->list);
	*groups = (struct shared_groups){ 0 };
}

char *shared_group_members(const struct shared_group *group, size_t most)
{
	size_t size, named = group->other_count < most ? group->other_count : most;
	char *text = NULL, bdf[BDF_TEXT];
	const char *comma = "";
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	if (group->has_pf) {
		fputs("the PF", out);
		comma = ", ";
	}
	if (group->vf_count == 1)
		fprintf(out, "%sVF %u", comma, group->first_vf);
	else if (group->vf_count)
		fprintf(out, "%s%u of its VFs", comma, group->vf_count);
	for (size_t i = 0; i < named; i++)
		fprintf(out, ", %s", bdf_format(group->others[i], bdf));
	if (named < group->other_count)
		fprintf(out, " and %zu more", group->other_count - named);
	if (fclose(out))
		abort();
	return text;
}

const char *shared_group_meaning(const struct shared_group *group)
{
	if (group->has_pf && group->vf_count)
		return "none of these VFs can be given to a guest while the host uses the PF";
	if (group->has_pf && group->bridge_count)
		return "VFs made now join it, and no guest can have them while the host uses the PF";
	if (group->has_pf)
		return "the PF can be given to a guest only together with them";
	return "a guest can have them only all together";
}
