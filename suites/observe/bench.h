/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OBSERVE_BENCH_H
#define OBSERVE_BENCH_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/mac.h"
#include "host/host.h"
#include "observe/sabotage.h"

/*
 * The bench: the PF under test, its link partner, and the VFs that stand ready for checks.
 *
 * Standing VFs have an admin MAC each, a network driver, and their interfaces up in a network
 * namespace of their own, the stage, under the names vf0, vf1, ... So nothing of the host talks
 * through them, and the host's own routing cannot carry a test frame. PF and partner stay in the
 * namespace in which vfsuite runs.
 */

enum { BENCH_VFS = 4 }; /* at most so many stand */

struct bench_vf {
	struct bdf bdf;
	struct mac mac; /* the admin MAC, or without policies the VF's own */
};

struct bench {
	struct host *host;
	struct bdf pf;
	char pf_netdev[IFNAMSIZ];
	char partner[IFNAMSIZ]; /* "": no wire */
	unsigned total_vfs;
	unsigned vf_count; /* VFs that stand */
	struct bench_vf vfs[BENCH_VFS];
	int home_ns, stage_ns; /* stage_ns -1: no VFs stand */
	int partner_ear;       /* keeps the partner promiscuous; -1: no wire */
	uint64_t seed;
	double scale; /* on every deadline */
	struct sabotage sabotage;
};

/* PF is a BDF, a MAC or an interface name; PARTNER a MAC or an interface name, or NULL. */
int bench_open(struct host *host, const char *pf, const char *partner, struct bench *bench,
		struct err *err);
void bench_close(struct bench *bench); /* VFs are left alone */

/* Whether the PF's driver has settings per VF. It tells only while there are VFs. */
bool bench_has_policy(const struct bench *bench);

/* Makes COUNT VFs stand; 0 takes them away. Fewer than stand now is fine: the rest keeps standing. */
int bench_stand(struct bench *bench, unsigned count, struct err *err);

/* Takes the VFs that are there, whoever made them, for standing ones. Their drivers are bound. */
int bench_adopt(struct bench *bench, struct err *err);

/* Binds the VF's driver anew and brings its interface back onto the stage: after an FLR or a
 * change of its admin MAC, since a VF reads that only when its driver probes. */
int bench_rebind(struct bench *bench, unsigned vf, struct err *err);

/* Takes the VF's driver away, resets the VF by FLR, and binds the driver anew: what every attach to
 * a guest and every detach does. */
int bench_reset(struct bench *bench, unsigned vf, struct err *err);

/* The VFs that stood are gone, by no doing of the bench. */
void bench_forget(struct bench *bench);

/* Waits until every standing VF has its interface on the stage and up, whoever moved it. */
int bench_settle(struct bench *bench, struct err *err);

/* The MAC of VF's interface on the stage, as its own driver has it. */
int bench_staged_mac(const struct bench *bench, unsigned vf, struct mac *mac, struct err *err);

/* The kernel's index of VF's interface on the stage: a new one after each probe. */
int bench_staged_index(const struct bench *bench, unsigned vf, int *index, struct err *err);

/* Gives VF's interface on the stage another MAC, as its user would. */
int bench_change_mac(const struct bench *bench, unsigned vf, struct mac mac, struct err *err);

/* A unicast, locally administered MAC that the seed fixes: another one for each NUMBER. */
struct mac bench_mac(const struct bench *bench, unsigned number);

/* A deadline that is scaled to the machine. */
struct deadline bench_deadline(const struct bench *bench, int ms);

#endif
