/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules: RULE(id, function, clause, title, what goes wrong for users where it is broken). The
 * table of rules and the checks of the suite config are both made from this list, so that there is
 * one text for each rule. RULE_OF_SILICON is the same for rules about what no emulated card has. No
 * include guard: it is included where a list is wanted.
 */
#ifndef RULE_OF_SILICON
#define RULE_OF_SILICON RULE
#endif
RULE("capability-once", capability_once, "9.3.3.1",
		"The PF has one SR-IOV capability of a known version, and no VF has one",
		"Software works on the first that it finds.")
RULE("header-types", header_types, "9.3.4.1.9", "PF and VFs are endpoints with a header of type 0",
		"Software that enumerates takes a function for a bridge, or a VF for a device.")
RULE("initial-vfs", initial_vfs, "9.3.3.5",
		"InitialVFs is TotalVFs where VFs do not migrate, and never more",
		"The kernel refuses to enable VFs where they differ.")
RULE("num-vfs", num_vfs, "9.3.3.7", "NumVFs is at most TotalVFs",
		"VFs are used that the card does not have.")
RULE("offset-stride", offset_stride, "9.3.3.9, 9.3.3.10",
		"First VF Offset and VF Stride are not 0 where they are used",
		"VFs have the address of the PF, or all the same one.")
RULE("vfs-on-bus", vfs_on_bus, "9.2.1.2",
		"The addresses of all VFs are on the buses behind the port",
		"Requests to such a VF never arrive.")
RULE("vfs-distinct", vfs_distinct, "9.2.1.2",
		"No VF has the address of another function of the device",
		"One of the two cannot be reached, and the IOMMU takes them for one.")
RULE("vfs-present", vfs_present, "9.3.3.7", "Each VF that is enabled answers at its address",
		"The manager promises VFs that are not there.")
RULE("ari-reach", ari_reach, "9.3.3.3.5, 6.13",
		"VFs have addresses that only ARI can reach where ARI is on, and only there",
		"The port does not forward to device numbers above 0 on its own bus.")
RULE("dependency-link", dependency_link, "9.3.3.8",
		"The Function Dependency Link leads through PFs of the device back to its own",
		"PFs that must be given away together are given away one by one.")
RULE("vf-device-id", vf_device_id, "9.3.3.11", "VF Device ID is an id", "No driver finds its VFs.")
RULE("page-sizes", page_sizes, "9.3.3.12",
		"4K, 8K, 64K, 256K, 1M and 4M are among the Supported Page Sizes",
		"VFs cannot be mapped on a machine with such pages.")
RULE("system-page", system_page, "9.3.3.13", "System Page Size is one supported size",
		"Where VFs begin in their BARs is undefined.")
RULE("vf-bars-formed", vf_bars_formed, "9.3.3.14",
		"The VF BARs are memory BARs of 32 or 64 bits, and 64 bits take two of them",
		"The VFs' memory is put where nothing decodes it.")
RULE("vf-bars-aligned", vf_bars_aligned, "9.3.3.14",
		"The VF BARs begin on a boundary of System Page Size",
		"A page that one guest has mapped holds another VF's registers.")
RULE("vf-bars-sized", vf_bars_sized, "9.3.3.14",
		"Each VF's part of a VF BAR is whole pages of System Page Size",
		"A page that one guest has mapped holds another VF's registers.")
RULE("vf-ids", vf_ids, "9.3.4.1.1, 9.3.4.1.2", "Vendor and device id of VFs read ffff",
		"Software that does not know SR-IOV takes VFs for devices.")
RULE("vf-class", vf_class, "9.3.4.1.6, 9.3.4.1.13",
		"VFs have the class and the subsystem vendor of their PF",
		"Drivers that go by the class are bound to the wrong functions.")
RULE("vf-command", vf_command, "9.3.4.1.3",
		"In a VF's COMMAND nothing but Bus Master Enable is set",
		"A guest believes that it switches what it cannot switch, or switches it.")
RULE("vf-no-intx", vf_no_intx, "9.3.4.1.18", "VFs have no interrupt pin",
		"A guest waits for an interrupt that VFs cannot raise.")
RULE("vf-bars-zero", vf_bars_zero, "9.3.4.1.11", "The BARs in the header of VFs read 0",
		"Software gives addresses to BARs that the PF's capability places.")
RULE("vf-rom-zero", vf_rom_zero, "9.3.4.1.15", "VFs have no expansion ROM BAR",
		"A guest's firmware runs what it finds there.")
RULE("pf-flr", pf_flr, "9.2.2.3", "The PF can be reset by FLR",
		"A PF that hangs takes the host down with it.")
RULE("vf-flr", vf_flr, "9.2.2.2", "Each VF can be reset by FLR",
		"The state of one guest is handed to the next.")
RULE("ari-capability", ari_capability, "7.8.8",
		"All functions of the device have the ARI capability, or none",
		"Functions are found with ARI and not without, or the reverse.")
RULE("ari-next", ari_next, "7.8.8.2",
		"ARI's Next Function Number leads upwards, to each function of the device",
		"The kernel misses functions, or walks in a circle.")
RULE("acs-port", acs_port, "6.12.1.1, 7.7.11",
		"The port above has the ACS services that a port must have with ACS",
		"Isolation is claimed that the port cannot give.")
RULE_OF_SILICON("acs-function", acs_function, "6.12.1.2, 7.7.11",
		"A function's ACS has no services that only ports have",
		"IOMMU groups are made by services that do not exist.")
RULE("msix-place", msix_place, "7.7.2",
		"MSI-X table and pending bits are inside memory BARs that exist",
		"Interrupts cannot be set up, or other registers are overwritten.")
RULE("msix-overlap", msix_overlap, "7.7.2", "MSI-X table and pending bits do not overlap",
		"A vector's address changes when another is pending.")
RULE("aer", aer, "7.8.4, 9.4.2", "AER is of a known version, and VFs have it only where the PF has",
		"Errors of VFs are lost, or a guest's are blamed on the host.")
RULE("chain", chain, "7.5.1.1.11", "The chain of capabilities is aligned, has no loop, and ends",
		"Software hangs, or misses capabilities.")
RULE("extended-chain", extended_chain, "7.6.3",
		"The chain of extended capabilities is aligned, has no loop, and ends",
		"Software hangs, or misses capabilities.")
RULE("ids-once", ids_once, "7.5.1.1.11, 7.6.3",
		"No capability that there can be one of is there twice",
		"The operating system sets up one, and the card goes by the other.")
#undef RULE_OF_SILICON
#undef RULE
