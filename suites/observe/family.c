/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/family.h"

#include <stddef.h>

static const struct family *const families[] = { &family_82576, NULL };

const struct family *family_of(const struct dut *dut)
{
	long vendor, device;

	if (function_number(dut->host, dut->pf, "vendor", &vendor, NULL) < 0 ||
			function_number(dut->host, dut->pf, "device", &device, NULL) < 0)
		return NULL;
	for (size_t i = 0; families[i]; i++) {
		if (families[i]->knows(vendor, device))
			return families[i];
	}
	return NULL;
}

int family_spoof_bits(const struct dut *dut, unsigned vf, bool *mac, bool *vlan, struct err *err)
{
	const struct family *family = family_of(dut);
	struct bar pf = { 0 };
	int rc;

	if (!family)
		return err_set(err, EOPNOTSUPP, "the registers of %s are not known",
				dut->pf_netdev);
	rc = bar_map(dut->host, dut->pf, 0, &pf, err);
	if (rc < 0)
		return rc;
	sabotage_apply(&dut->sabotage);
	family->spoof_bits(&pf, vf, mac, vlan);
	bar_unmap(&pf);
	return 0;
}
