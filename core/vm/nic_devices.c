/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vm/nic_devices.h"

#include <stdio.h>
#include <string.h>

static const struct domain_nic *partner_of(
		const struct domain *domain, const struct domain_nic *nic)
{
	for (size_t i = 0; i < domain->nic_count; i++) {
		if (domain_nics_are_pair(&domain->nics[i], nic))
			return &domain->nics[i];
	}
	return NULL;
}

/* A standby has its name from the VF that is away. */
static void name_half(const struct domain *domain, struct nic_devices *devices)
{
	char alias[ALIAS_ROOM], standby[ALIAS_ROOM], *end;

	domain_nic_name(domain, devices->standby, devices->nic);
	end = strrchr(devices->nic, '-');
	if (!end || end == devices->nic)
		return;
	*end = '\0';
	nic_aliases(devices->nic, alias, standby);
	if (strcmp(standby, devices->standby->alias) != 0)
		*end = '-';
}

static void fill(const struct domain *domain, const struct domain_nic *nic,
		struct nic_devices *devices)
{
	const struct domain_nic *partner = nic->alias ? partner_of(domain, nic) : NULL;
	bool is_standby = nic->alias && nic->teaming == TEAMING_PERSISTENT;

	*devices = (struct nic_devices){ .main = is_standby ? partner : nic,
		.standby = is_standby ? nic : partner };
	if (devices->main)
		domain_nic_name(domain, devices->main, devices->nic);
	else
		name_half(domain, devices);
}

int nic_devices_find(const struct domain *domain, const char *name, struct nic_devices *devices,
		struct err *err)
{
	char alias[ALIAS_ROOM], standby[ALIAS_ROOM];
	const struct domain_nic *nic = NULL;
	struct err cause = { 0 };
	int rc = domain_find_nic(domain, name, &nic, &cause);

	if (rc == -ENOENT && strlen(name) <= NIC_MOST) {
		nic_aliases(name, alias, standby);
		nic = domain_nic_with_alias(domain, standby);
		rc = nic ? 0 : rc;
	}
	if (rc < 0)
		return err_pass(err, &cause, "%s", cause.msg);
	fill(domain, nic, devices);
	return 0;
}
