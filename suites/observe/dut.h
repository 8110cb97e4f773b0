/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OBSERVE_DUT_H
#define OBSERVE_DUT_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/mac.h"
#include "host/host.h"
#include "observe/fault_injection.h"

/*
 * The device under test: a PF, its link partner, and the VFs that are set up for checks.
 *
 * Each VF has an admin MAC, a network driver, and its interface up in a separate network namespace,
 * under the name vf0, vf1, ... So the host sends nothing through the VFs, and the host's routing
 * cannot carry a test frame. PF and partner stay in the namespace in which vfsuite runs.
 */

enum { DUT_VFS = 4 }; /* the most that are set up */

struct dut_vf {
	struct bdf bdf;
	struct mac mac; /* the admin MAC; without VF settings the VF's own */
};

struct dut {
	struct host *host;
	struct bdf pf;
	char pf_netdev[IFNAMSIZ];
	char partner[IFNAMSIZ]; /* "": no wire */
	unsigned total_vfs;
	unsigned vf_count; /* VFs that are set up */
	struct dut_vf vfs[DUT_VFS];
	int home_netns, vf_netns; /* vf_netns -1: no VFs are set up */
	int promiscuous_fd;       /* keeps the partner promiscuous; -1: no wire */
	uint64_t seed;
	double scale; /* factor for every deadline */
	struct fault_injection injection;
};

/* PF is a BDF, a MAC or an interface name; PARTNER a MAC or an interface name, or NULL. */
int dut_open(struct host *host, const char *pf, const char *partner, struct dut *dut,
		struct err *err);
void dut_close(struct dut *dut); /* does not touch VFs */

/* Whether the PF's driver has settings per VF. The driver reports them only while there are VFs. */
bool dut_has_vf_settings(const struct dut *dut);

/* Sets up COUNT VFs; 0 removes all. If more are set up already, they stay. */
int dut_setup_vfs(struct dut *dut, unsigned count, struct err *err);

/* Takes over VFs that exist, for instance after a boot. Their drivers are bound. */
int dut_adopt_vfs(struct dut *dut, struct err *err);

/* Unbinds and binds the VF's driver and moves its interface back into the VFs' namespace.
 * Needed after an FLR, or after a change of the admin MAC, which a VF reads only when its driver
 * probes. */
int dut_rebind_vf(struct dut *dut, unsigned vf, struct err *err);

/* Unbinds the VF's driver, resets the VF by FLR, and binds the driver again, as every attach to
 * a guest and every detach does. */
int dut_reset_vf(struct dut *dut, unsigned vf, struct err *err);

/* Call it after something else has removed the VFs. */
void dut_forget_vfs(struct dut *dut);

/* Moves each VF's interface into the VFs' namespace, sets it up, and waits for its carrier. */
int dut_settle_vfs(struct dut *dut, struct err *err);

/* The MAC of VF's interface, as the VF's own driver reports it. */
int dut_vf_mac(const struct dut *dut, unsigned vf, struct mac *mac, struct err *err);

/* The kernel's index of VF's interface, which changes with each probe. */
int dut_vf_index(const struct dut *dut, unsigned vf, int *index, struct err *err);

/* Changes the MAC of VF's interface, as the VF's user would. */
int dut_change_vf_mac(const struct dut *dut, unsigned vf, struct mac mac, struct err *err);

/* A unicast, locally administered MAC that depends on the seed: a different one for each NUMBER. */
struct mac dut_test_mac(const struct dut *dut, unsigned number);

/* Applies the run's fault injection (observe/fault_injection.h), if any. A check calls this, or
 * something that does, each time it turns from acting to observing. */
void dut_inject_faults(const struct dut *dut);

/* A deadline, scaled to the speed of the machine. */
struct deadline dut_deadline(const struct dut *dut, int ms);

#endif
