/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "host/config.h"
#include "ready/readiness_internal.h"
#include "sriov/shared_group.h"

/* Whether VFs are isolated from each other and from the host. */

enum { NAMED_MOST = 4 }; /* members of a group in a message */

void check_acs(struct checked_card *card)
{
	const struct pf *pf = &card->pf;
	char bdf[BDF_TEXT];
	size_t on = 0;

	while (on < pf->hop_count && pf->hops[on].enabled)
		on++;
	if (on == pf->hop_count) {
		if (on)
			requirement_of_card(card, "acs", REQUIREMENT_MET, NULL,
					"on at every port above (%zu)", on);
		return;
	}
	bdf_format(pf->hops[on].bdf, bdf);
	if (!pf->hops[on].bridge_to_pci && config_remedy(pf->hops[on].length))
		requirement_of_card(card, "acs", REQUIREMENT_UNKNOWN,
				unread_remedy(pf->hops[on].length),
				"config space of %s cannot be read", bdf);
	else if (pf->hops[on].capable && pf->function.iommu_group < 0)
		requirement_of_card(card, "acs", REQUIREMENT_MISSING,
				"Switch on the IOMMU: the kernel then switches ACS on too",
				"off at %s, which has it", bdf);
	else
		requirement_of_card(card, "acs", REQUIREMENT_MISSING,
				"Use a slot below a root port or switch with ACS, and switch ACS "
				"on in the firmware's setup",
				"%s on the path to the card: %s", bdf, pf->hops[on].services);
}

void check_groups(struct checked_card *card)
{
	CLEANUP(cleanup_shared_groups) struct shared_groups groups = { 0 };

	shared_groups_read(card->host, &card->pf, &groups);
	for (size_t i = 0; i < groups.count; i++) {
		const struct shared_group *group = &groups.list[i];
		CLEANUP(cleanup_free) char *members = shared_group_members(group, NAMED_MOST);
		bool pf_alone = !group->vf_count && !group->bridge_count;

		requirement_of_card(card, "iommu-group",
				pf_alone ? REQUIREMENT_WEAK : REQUIREMENT_MISSING,
				pf_alone ? "Nothing, unless a guest is to have the PF itself"
					 : "Switch on ACS above the card, or use a slot whose ports "
					   "have it",
				"group %d holds %s: %s", group->number, members,
				shared_group_meaning(group));
	}
}

void check_iommu_mode(struct checked_card *card)
{
	char path[64], type[32];

	if (card->pf.function.iommu_group < 0)
		return;
	snprintf(path, sizeof(path), "sys/kernel/iommu_groups/%d/type",
			card->pf.function.iommu_group);
	if (host_read(card->host, path, type, sizeof(type), NULL) < 0)
		return;
	if (!strcmp(type, "identity"))
		requirement_of_card(card, "iommu-mode", REQUIREMENT_WEAK,
				"Remove iommu=pt or iommu.passthrough=1 from the kernel's command "
				"line; VFIO isolates guests nevertheless",
				"passthrough: the host's own drivers reach all memory");
	else
		requirement_of_card(card, "iommu-mode", REQUIREMENT_MET, NULL, "translating (%s)",
				type);
}
