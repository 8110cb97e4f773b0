/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/family.h"

#include <stddef.h>

static const struct family *const families[] = { &family_82576, NULL };

const struct family *family_of(const struct bench *bench)
{
	long vendor, device;

	if (function_number(bench->host, bench->pf, "vendor", &vendor, NULL) < 0 ||
			function_number(bench->host, bench->pf, "device", &device, NULL) < 0)
		return NULL;
	for (size_t i = 0; families[i]; i++) {
		if (families[i]->knows(vendor, device))
			return families[i];
	}
	return NULL;
}

int family_spoof_bits(
		const struct bench *bench, unsigned vf, bool *mac, bool *vlan, struct err *err)
{
	const struct family *family = family_of(bench);
	struct bar pf = { 0 };
	int rc;

	if (!family)
		return err_set(err, EOPNOTSUPP, "the registers of %s are not known",
				bench->pf_netdev);
	rc = bar_map(bench->host, bench->pf, 0, &pf, err);
	if (rc < 0)
		return rc;
	sabotage_apply(&bench->sabotage);
	family->spoof_bits(&pf, vf, mac, vlan);
	bar_unmap(&pf);
	return 0;
}
