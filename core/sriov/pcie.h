/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRIOV_PCIE_H
#define SRIOV_PCIE_H

/* Places in configuration space, as the PCI Express Base Specification 6.0 lays them down. */
enum {
	/* 7.5.3 PCI Express capability */
	PCIE_CAPABILITY = 0x10,
	PCIE_FLAGS = 0x02,
	PCIE_DEVICE_CAPABILITIES_2 = 0x24,
	PCIE_DEVICE_CONTROL_2 = 0x28,
	PCIE_ARI_FORWARDING = 1 << 5, /* in both of them */

	PCIE_ROOT_PORT = 4,
	PCIE_UPSTREAM = 5,
	PCIE_DOWNSTREAM = 6,

	/* 7.7.11 access control services */
	PCIE_EXT_ACS = 0x0d,
	ACS_CAPABILITY = 0x04,
	ACS_CONTROL = 0x06,
	ACS_SOURCE_VALIDATION = 1 << 0,
	ACS_REQUEST_REDIRECT = 1 << 2,
	ACS_COMPLETION_REDIRECT = 1 << 3,
	ACS_UPSTREAM_FORWARDING = 1 << 4,

	/* 7.8.8 alternative routing-ID interpretation */
	PCIE_EXT_ARI = 0x0e,

	/* 9.3.3 single root I/O virtualization */
	PCIE_EXT_SRIOV = 0x10,
	SRIOV_CONTROL = 0x08,
	SRIOV_CONTROL_ARI = 1 << 4,
	SRIOV_TOTAL_VFS = 0x0e,
	SRIOV_FIRST_OFFSET = 0x14,
	SRIOV_STRIDE = 0x16,

	PATH_LIMIT = 16, /* switches above a function */
};

#define PCIE_PORT_TYPE(flags) ((flags) >> 4 & 15)

#endif
