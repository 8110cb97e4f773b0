/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OBSERVE_DUT_H
#define OBSERVE_DUT_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/mac.h"
#include "host/host.h"
#include "netdev/vf_settings.h"
#include "observe/fault_injection.h"

/*
 * The device under test: a PF, its link partner, and its VFs.
 *
 * All VFs of the card are made, and those that are looked at are listed. The first of the list are set
 * up: each has an admin MAC, a network driver, and its interface up in a separate network namespace,
 * under the name vf0, vf1, ... by its number. So the host sends nothing through the VFs, and the host's
 * routing cannot carry a test frame. PF and partner stay in the namespace in which vfsuite runs.
 *
 * A check's "VF 0" is the first of the list, and may have any number. Where VFs are dealt, their order
 * depends on the seed, and a VF on which no frame passes (observe/vf_paths.h) goes to the end of the
 * list: the checks that state that it must work fail, and the others take another one.
 */

enum { DUT_VFS = 256 }; /* the most that are looked at */

struct dut_vf {
	unsigned number;
	struct bdf bdf;
	struct mac mac;    /* the admin MAC; without VF settings the VF's own */
	bool set_up;       /* has been; see fails */
	const char *fails; /* the check that states what the VF cannot do; NULL: it works */
};

struct dut {
	struct host *host;
	struct bdf pf;
	char pf_netdev[IFNAMSIZ];
	char partner[IFNAMSIZ]; /* "": no wire */
	unsigned total_vfs;     /* 0: the card or its driver offers no SR-IOV */
	unsigned vfs_limit;     /* how many are looked at; 0: as many as vfsuite can */
	bool deals;             /* by the seed */
	unsigned made;          /* VFs that exist */
	unsigned listed;        /* of these, looked at */
	unsigned vf_count;      /* of these, set up and not failing: the first of the list */
	struct dut_vf vfs[DUT_VFS];
	const char *none_works; /* what all dealt VFs fail, or NULL; each try would cost all its waits */
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

/* Sets up COUNT VFs; 0 removes all. If more are set up already, they stay. vf_count becomes less than
 * COUNT if a VF does not come up, or where VFs are dealt, if too many do not work. */
int dut_setup_vfs(struct dut *dut, unsigned count, struct err *err);

/* Takes the run's seed, and whether VFs are dealt. VFs that exist are dealt again. */
void dut_deal(struct dut *dut, bool deals, uint64_t seed);

/* How many VFs are looked at: all that the card offers, or as many as are to be or can be. */
unsigned dut_vfs_to_list(const struct dut *dut);

/* The first VF of the list that does not work, or NULL. */
const struct dut_vf *dut_failing_vf(const struct dut *dut);

/* Takes over VFs that exist, for instance after a boot. Their drivers are bound. */
int dut_adopt_vfs(struct dut *dut, struct err *err);

/* The name of VF's interface in the VFs' namespace. */
void dut_vf_name(const struct dut *dut, unsigned vf, char name[IFNAMSIZ]);

/* VF's settings by the PF, without reading back: what the checks themselves want to hear refused. */
int dut_set_vf(const struct dut *dut, unsigned vf, const struct vf_settings *settings,
		struct err *err);

/* What the PF reports of VF. -ENODATA: the PF's driver reports nothing of it. */
int dut_read_vf(const struct dut *dut, unsigned vf, struct vf_settings *settings, struct err *err);

/* Moves VF's interface into the VFs' namespace and sets it up; does not wait for its carrier. */
int dut_bring_up(struct dut *dut, unsigned vf, struct err *err);

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
