/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MIGRATE_MOVING_NIC_H
#define MIGRATE_MOVING_NIC_H

#include <net/if.h>

#include "base/mac.h"
#include "data/record.h"
#include "vm/nic_plan.h"

/* What two hosts tell each other of a NIC of a machine that moves. What comes from the other side
 * is checked here: names are names, addresses are addresses, and counts have a limit. */

enum { MOVING_NICS_MOST = 64 };

/* Networks have the same name on both hosts, and have to be alike. */
struct moving_network {
	char name[NAME_ROOM]; /* "": none */
	uint32_t vlan, mtu;
};

struct moving_nic {
	char nic[NIC_MOST + 1], profile[NAME_ROOM], mac[MAC_TEXT];
	bool live, config;             /* the side has a VF for it */
	unsigned boot;                 /* of the VF: order from 1, 0: none */
	bool has_standby, is_bridged;  /* which of its devices are on a bridge */
	struct moving_network network; /* of its profile */
	struct moving_network standby; /* of the standby */

	/* The target's answer. */
	char bridge[IFNAMSIZ]; /* for the device that is on one; "": there is none */
	char vf[NAME_ROOM];    /* "VF 3 of 0000:01:00.0 (eth0)"; "": none can be given */
};

struct moving_nics {
	size_t count;
	struct moving_nic list[MOVING_NICS_MOST];
};

struct record *moving_nics_to_record(const struct moving_nics *nics);
int moving_nics_from_record(const struct record *array, struct moving_nics *nics, struct err *err);

/* The answer: in the same order, with the same names. */
struct record *moving_answer_to_record(const struct moving_nics *nics);
int moving_answer_from_record(
		const struct record *array, struct moving_nics *nics, struct err *err);

#endif
