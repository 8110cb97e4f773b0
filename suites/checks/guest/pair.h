/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHECKS_GUEST_PAIR_H
#define CHECKS_GUEST_PAIR_H

#include "checks/guest/bridges.h"
#include "checks/guest/stream.h"

/*
 * A failover pair: a VF of vm1, and its standby on the bridge of the same network. The guest's driver of the
 * standby (virtio_net) makes an interface that has both as its halves, by their MAC.
 */

/* What frames went through while the VF came or went, and how long none did. */
struct passage {
	struct stream stream;
	bool settled; /* the guest has, or has not, the VF, and frames get through */
	int64_t took_ms;
	bool failed;    /* the program that did it */
	char said[200]; /* by it */
};

struct pair {
	struct tenants tenants;
	struct guest_interface master, primary, standby; /* as the guest sees them; name "": none */
	struct crossing crossing;
	unsigned nics_before; /* of vm1 */
	bool joined;          /* the guest uses the VF as a half */
	struct passage away, back;
};

/* Plugs the pair in and waits until the guest uses the VF, which it need not: -1 with run->err. */
int pair_attach(struct pair *pair);

/* What the guest has of the pair now. */
int pair_look(struct pair *pair);

/* Take the VF from the guest, as a migration does, and have the manager give it one again, with frames in both
 * directions meanwhile. */
int pair_unplug_vf(struct pair *pair);
int pair_plug_vf(struct pair *pair);

/* Waits until the guest has the VF (or has it not) and a carrier. */
int pair_await(struct pair *pair, bool with_vf);

#endif
