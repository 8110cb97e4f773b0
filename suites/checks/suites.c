/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checks/suites.h"

const struct suite suites[] = {
	{ "ready", "Readiness of host and card", suite_ready },
	{ "provision", "Making and removing VFs", suite_provision },
	{ "inventory", "What the manager reports", suite_inventory },
	{ "iommu", "IOMMU groups and ACS", suite_iommu },
	{ "isolation", "What a hostile guest can reach", suite_isolation },
	{ "config", "Configuration space", suite_config },
	{ "mac", "MAC addresses", suite_mac },
	{ "vlan", "Port VLANs", suite_vlan },
	{ "address", "MAC addresses that collide or move", suite_address },
	{ "spoof", "Spoof check", suite_spoof },
	{ "trust", "Trusted VFs", suite_trust },
	{ "promiscuous", "Promiscuous VFs", suite_promiscuous },
	{ "multicast", "Multicast and broadcast", suite_multicast },
	{ "priority", "Priority tags", suite_priority },
	{ "mailbox", "VF-to-PF mailbox", suite_mailbox },
	{ "rate", "Transmit rates", suite_rate },
	{ "link", "Link state", suite_link },
	{ "mtu", "Frame sizes", suite_mtu },
	{ "counters", "Counters", suite_counters },
	{ "control-frames", "Control frames", suite_control_frames },
	{ "neighbour", "Noisy neighbours", suite_neighbour },
	{ "leak", "Leak matrix", suite_leak },
	{ "faults", "Faults of the rig", suite_faults },
	{ 0 },
};
