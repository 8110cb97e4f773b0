/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHECKS_GUEST_TENANTS_H
#define CHECKS_GUEST_TENANTS_H

#include "checks/manager.h"
#include "observe/guest.h"
#include "observe/traffic.h"

/*
 * Two guests as the tenants of a card. The manager gives vm1 VF 0 in the network red (VLAN 10) and vm2 VF 1 in
 * blue (VLAN 20). Before, every VF has settings of its own, which differ in everything from those that a
 * tenant gets: what is not put back is seen.
 *
 * The checks act through the program vfctl. They observe through the wire, the kernel, and the guest's agent.
 */
enum { TENANTS = 2, TENANT_VFS = 4, RED_VLAN = 10, BLUE_VLAN = 20, TENANT_RATE = 400 };

struct tenant {
	const char *vm, *profile;
	unsigned vf; /* that the manager is told to give, or ANY_VF */
	uint16_t vlan;
	struct mac mac;
	const char *label; /* of its NIC, for the manager */
	struct guest *guest;
	struct guest_interface nic; /* in the guest, while it has one */
	bool broadcast_only;        /* a card may know no way to it for unicast */
};

#define ANY_VF (~0u)

struct tenants {
	struct check_run *run;
	struct dut *dut;
	struct traffic traffic; /* of PF and wire */
	struct tenant red, blue;
	struct vf_settings before[TENANT_VFS];
	uint32_t mtu;
};

/* Makes VFs with their settings, writes networks and profiles, and finds the agents. */
int tenants_open(struct check_run *run, struct tenants *tenants);

/* Takes what the guests still have, and removes the VFs. */
void tenants_close(struct tenants *tenants);

/* Takes the NIC of a tenant that has one, if need be by a restart of its guest, which takes all of them. */
void tenant_take_nic(struct tenants *tenants, struct tenant *tenant);

/* Writes a file of the manager. */
int tenants_write(struct tenants *tenants, const char *path, const char *text);

/* vfctl attach; "--vf" names the tenant's VF, if it is not ANY_VF. tenant_attach() then waits until the guest's interface is up and
 * has a carrier; -1 with run->err. */
int tenant_call_attach(struct tenants *tenants, const struct tenant *tenant, struct call *call);
int tenant_attach(struct tenants *tenants, struct tenant *tenant);
int tenant_await_nic(struct tenants *tenants, struct tenant *tenant);

/* vfctl detach VM LABEL */
int tenant_detach(struct tenants *tenants, struct tenant *tenant);

/* virsh, or any other program, with a deadline; 0 if it ended with 0. */
int tenants_run(struct tenants *tenants, const char *const argv[]);

/* Writes to TEXT how VF differs from WANT, "" if it does not. Only settings given in WANT count. */
int tenants_compare(struct tenants *tenants, unsigned vf, const struct vf_settings *want,
		char *text, size_t size);

/* Sets the tenant's VF to the one that has its MAC. -ENOENT: none has. */
int tenants_find_vf(struct tenants *tenants, struct tenant *tenant);

/* What a tenant's VF is to have while the guest has it. */
struct vf_settings tenant_settings(const struct tenant *tenant);

/* Passes if VF is as before: driver, interface, all settings, nobody has it open. */
enum verdict tenants_vf_is_back(struct tenants *tenants, unsigned vf, const char *when);

/* --- Frames ---------------------------------------------------------------------------------- */

/* A mark that no frame has had. */
uint64_t tenants_mark(const struct tenants *tenants);

/* Sends FRAMES (to, from, vlan and octets count; a mark of 0 becomes a fresh one) from the guest and counts
 * them on the wire. Proves that no more of them come: -1 if it cannot. */
int tenant_sends(struct tenants *tenants, const struct tenant *tenant, const char *name,
		struct guest_frames frames, struct received *received);

/* Sends BURST from the wire and counts what the guest hears of it. Proves that it will hear no more: -1 if it
 * cannot. */
int tenant_hears(struct tenants *tenants, const struct tenant *tenant, const char *name,
		struct burst burst, struct guest_heard *heard);

/* Sends a burst from one guest to another (or, with TO_ALL, a broadcast) and counts what the other hears of it.
 * Proves that it will hear no more: -1 if it cannot. */
int tenant_tells(struct tenants *tenants, const struct tenant *from, const struct tenant *to,
		bool to_all, struct guest_heard *heard);

/* The frame that must get through in each direction. */
struct guest_frames frames_to_wire(const struct tenants *tenants);
struct burst burst_to(const struct tenant *tenant);

/* Passes if the guest hears nothing of BURST, which comes from the wire. */
enum verdict tenant_hears_none(struct tenants *tenants, const struct tenant *tenant,
		const char *what, struct burst burst);

/* Passes if whole bursts get through in both directions, in the tenant's VLAN. */
enum verdict tenant_is_connected(
		struct tenants *tenants, const struct tenant *tenant, const char *when);

#endif
