/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHECKS_MIGRATION_HOSTS_H
#define CHECKS_MIGRATION_HOSTS_H

#include "checks/guest/pair.h"
#include "checks/peer.h"

/*
 * Two hosts, between which vm1 moves with its NIC, a failover pair in the network red. Both have VFs with
 * settings of their own and the same networks and profiles; vm1 is on the first, the machine under test.
 *
 * The checks act through the program vfctl. They observe the wire, on which all that the guest sends is seen
 * whichever host it comes from, the kernels of both hosts, and the guest's agent.
 */
struct hosts {
	struct pair pair;
	char *here, *there; /* the traces of both, with the NIC plugged in */
	char *bare;         /* those of the second before anything came to it */
};

/* Sets both hosts up. hosts_plug() also plugs vm1's NIC in, and keeps the traces. */
int hosts_open(struct check_run *run, struct hosts *hosts);
int hosts_plug(struct hosts *hosts);
void hosts_close(struct hosts *hosts);

/* All that the manager and libvirt could leave on a host, a line each: settings and drivers of VFs, reservations,
 * vNICs, machines, ports of bridges. For the caller to free; NULL with run->err. */
char *hosts_traces(struct hosts *hosts, bool peer);

/* Pass if the traces are those BEFORE, or those of both with the NIC plugged in. */
enum verdict host_is_as_before(
		struct hosts *hosts, bool peer, const char *before, const char *when);
enum verdict hosts_are_as_before(struct hosts *hosts, const char *when);

/* Calls a script on the second; 0 if it ended with 0. */
int hosts_there(struct hosts *hosts, const char *script);

/* Opens the agent again where the guest is now. */
int hosts_find_guest(struct hosts *hosts, bool peer);

/* vfctl migrate vm1 HOST, with up to four more arguments. */
int hosts_migrate(
		struct hosts *hosts, const char *host, const char *const more[], struct call *call);

/* A migration while frames go in both directions. */
struct journey {
	const char *host; /* to which */
	bool from_peer;   /* vfctl runs on the second host */
	int signal;       /* is sent to vfctl, 0: none, */
	const char *when; /* once it has printed this */
	struct call call;
	struct stream stream;
	int64_t took_ms; /* of vfctl */
	bool same_run;   /* the guest's jobs are those from before */
	bool settled;    /* frames get through after it */
};

int journey_run(struct hosts *hosts, struct journey *journey);
void journey_end(struct journey *journey);

/* The outage as evidence. */
void journey_note(struct hosts *hosts, const struct journey *journey);

#endif
