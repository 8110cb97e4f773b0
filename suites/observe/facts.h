/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OBSERVE_FACTS_H
#define OBSERVE_FACTS_H

#include "observe/dut.h"

/*
 * Facts about card and platform, read from config space and from the kernel, not from the manager,
 * whose reports are compared with them.
 */

/* The SR-IOV capability of the PF (SR-IOV 1.1, 3.3). */
struct sriov_capability {
	uint16_t control; /* bit 0 VF Enable, bit 3 VF MSE, bit 4 ARI Capable Hierarchy */
	uint16_t initial_vfs, total_vfs, num_vfs;
	uint16_t first_offset, stride, vf_device;
	unsigned vf_bars; /* VF BARs that exist, with an address or without */
};
int sriov_capability_read(
		const struct dut *dut, struct sriov_capability *capability, struct err *err);

/* The number of VFs according to each place that reports it. */
struct vf_counts {
	unsigned reported;  /* sriov_numvfs */
	unsigned links;     /* virtfnN links of the PF */
	unsigned on_bus;    /* functions whose physfn is the PF */
	unsigned bound;     /* of these, with a driver */
	unsigned in_config; /* NumVFs of the capability while VF Enable is set, else 0 */
};
int vf_counts_read(const struct dut *dut, struct vf_counts *counts, struct err *err);

/* Ids from config space. */
struct function_ids {
	uint16_t vendor, device, subvendor, subdevice, command;
	uint32_t class_code;
	unsigned readable; /* bytes of config space that can be read */
};
int function_ids_read(
		const struct dut *dut, struct bdf bdf, struct function_ids *ids, struct err *err);

/* Whether the function's Device Capabilities claim FLR (PCIe 6.0, 7.5.3.3). */
int function_claims_flr(const struct dut *dut, struct bdf bdf, bool *claims, struct err *err);

/* ARI on the path to the PF (PCIe 6.0, 6.13). PORT is false if the PF is on the root complex. */
struct ari {
	bool pf_capable, port, port_capable, port_forwards, hierarchy;
};
int ari_read(const struct dut *dut, struct ari *ari, struct err *err);

/* ACS of one port above the PF (PCIe 6.0, 6.12.1, 7.7.11). */
struct acs_port {
	struct bdf bdf;
	bool capable;     /* has the capability */
	uint16_t control; /* bits 0 source validation, 2 request redirect, 3 completion redirect,
			     4 upstream forwarding */
};
enum { ACS_ISOLATING = 0x1d }; /* those four */
int acs_ports_read(const struct dut *dut, struct acs_port *ports, size_t limit, size_t *count,
		struct err *err);

/* IOMMU groups, from the kernel. Group -1: the function has none. */
int group_of(const struct dut *dut, struct bdf bdf);
int group_members(const struct dut *dut, int group, struct bdf *members, size_t limit,
		size_t *count, struct err *err);
int group_type(const struct dut *dut, int group, char *type, size_t size, struct err *err);

/* Counts the message interrupts that the function uses, and those of them that the IOMMU remaps
 * (the kernel names their chip IR-...). */
int interrupts_count(const struct dut *dut, struct bdf bdf, unsigned *all, unsigned *remapped,
		struct err *err);

/* How often each message interrupt of the function was handled. Of a function with more than
 * VECTORS, only the first. */
enum { VECTORS = 64 };
struct vectors {
	unsigned count;
	uint64_t raised[VECTORS];
};
int vectors_read(const struct dut *dut, struct bdf bdf, struct vectors *vectors, struct err *err);

/* Whether a line of the kernel log reports a fault of the kernel itself: a warning with a
 * backtrace, a bug, an oops, a sanitizer's finding, a stuck queue. */
bool log_complains(const char *line);

#endif
