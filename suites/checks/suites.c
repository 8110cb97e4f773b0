/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checks/suites.h"

const struct suite suites[] = {
	{ "ready", "Readiness of host and card", suite_ready },
	{ "provision", "Making and removing VFs", suite_provision },
	{ "inventory", "What the manager reports", suite_inventory },
	{ "iommu", "IOMMU groups and ACS", suite_iommu },
	{ "mac", "MAC addresses", suite_mac },
	{ "vlan", "Port VLANs", suite_vlan },
	{ 0 },
};
