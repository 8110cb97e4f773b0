/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "domain/nic_place.h"

#include <stdio.h>
#include <string.h>

struct nic_place nic_place_find(const struct inventory *inventory, const struct domain_nic *nic)
{
	for (size_t i = 0; inventory && nic->has_host && i < inventory->count; i++) {
		const struct pf *pf = &inventory->pfs[i];

		if (bdf_equal(pf->function.bdf, nic->host))
			return (struct nic_place){ pf, NULL };
		for (size_t k = 0; k < pf->vf_count; k++) {
			if (bdf_equal(pf->vfs[k].function.bdf, nic->host))
				return (struct nic_place){ pf, &pf->vfs[k] };
		}
	}
	return (struct nic_place){ NULL, NULL };
}

static void put_function(
		const struct inventory *inventory, const struct domain_nic *nic, char *text)
{
	struct nic_place place = nic_place_find(inventory, nic);
	char bdf[BDF_TEXT], where[16] = "";

	if (!nic->has_host) {
		snprintf(text, NIC_SOURCE_ROOM, "-");
		return;
	}
	if (!place.pf) {
		snprintf(text, NIC_SOURCE_ROOM, "%s", bdf_format(nic->host, bdf));
		return;
	}
	if (place.vf)
		snprintf(where, sizeof(where), "VF %u of ", place.vf->index);
	snprintf(text, NIC_SOURCE_ROOM, "%s%s%s%s%s", place.vf ? where : "PF ",
			bdf_format(place.pf->function.bdf, bdf),
			*place.pf->function.netdev ? " (" : "", place.pf->function.netdev,
			*place.pf->function.netdev ? ")" : "");
}

static const char *or_dash(const char *text)
{
	return text ? text : "-";
}

const char *nic_source_text(const struct inventory *inventory, const struct domain_nic *nic,
		char text[NIC_SOURCE_ROOM])
{
	switch (nic->kind) {
	case NIC_HOSTDEV:
	case NIC_PCI:
		put_function(inventory, nic, text);
		break;
	case NIC_BRIDGE:
		snprintf(text, NIC_SOURCE_ROOM, "bridge %.100s", or_dash(nic->bridge));
		break;
	case NIC_NETWORK:
		snprintf(text, NIC_SOURCE_ROOM, "network %.60s%s%.60s", or_dash(nic->network),
				nic->bridge ? ", bridge " : "", nic->bridge ? nic->bridge : "");
		break;
	case NIC_DIRECT:
		snprintf(text, NIC_SOURCE_ROOM, "%.60s%s%.60s", or_dash(nic->dev),
				nic->mode ? ", " : "", nic->mode ? nic->mode : "");
		break;
	default:
		snprintf(text, NIC_SOURCE_ROOM, "%.150s",
				or_dash(nic->dev                            ? nic->dev
								: nic->path ? nic->path
									    : nic->target));
	}
	return text;
}

const struct vnic *nic_vnic(const struct catalog *catalog, const struct domain *domain,
		const struct domain_nic *nic)
{
	char name[NIC_NAME_ROOM];

	domain_nic_name(domain, nic, name);
	for (size_t i = 0; catalog && i < catalog->vnics.count; i++) {
		const struct vnic *vnic = definition_at(&catalog->vnics, i);

		if (!strcmp(vnic->vm, domain->name) && !strcmp(vnic->nic, name))
			return vnic;
	}
	return NULL;
}
