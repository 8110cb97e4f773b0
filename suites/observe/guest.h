/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OBSERVE_GUEST_H
#define OBSERVE_GUEST_H

#include <net/if.h>

#include "data/record.h"
#include "observe/dut.h"

/*
 * A guest of the machine under test, as its agent sees it from the inside (suites/guest/protocol.md). What a
 * guest says is evidence by a guest, which certifies nothing without an observation of the host.
 *
 * The agent answers one request at a time, and each has a deadline, which dut_deadline() scales: -ETIMEDOUT
 * (the guest hangs or is off), -EPIPE (its machine has ended, or GUEST is NULL), -EREMOTEIO (it refuses, and
 * says why).
 */
struct guest;

enum { GUEST_INTERFACES = 16, GUEST_SOURCES = 8, GUEST_UNTAGGED = -1 };

/* Whether the machine under test has guests, and their names ("vm1", ...), sorted, for host_names_free(). */
bool guests_exist(const struct host *host);
int guest_names(const struct host *host, char ***names, size_t *count, struct err *err);

/* NAME is that of libvirt's domain. One client at a time can be connected. */
int guest_open(const struct dut *dut, const char *name, struct guest **guest, struct err *err);

/* The same by the agent's socket at PATH: of a guest on another machine. */
int guest_open_at(const struct dut *dut, const char *name, const char *path, struct guest **guest,
		struct err *err);
void guest_close(struct guest *guest);
void cleanup_guest(struct guest **guest);
const char *guest_name(const struct guest *guest);

/* The release of the guest's kernel. */
int guest_kernel(struct guest *guest, char *release, size_t size, struct err *err);

/* Waits until the agent answers, as after a start or a reboot of the guest. */
int guest_await(const struct dut *dut, const char *name, int ms, struct guest **guest,
		struct err *err);

struct guest_interface {
	char name[IFNAMSIZ], master[IFNAMSIZ]; /* "": none, as for all texts */
	char driver[32], address[32];          /* the address of its PCI function in the guest */
	struct mac mac, permanent;             /* zero: unknown */
	bool up, carrier;
	unsigned mtu;
	int64_t rx_packets, tx_packets;
	enum { FAILOVER_NONE, FAILOVER_MASTER, FAILOVER_PRIMARY, FAILOVER_STANDBY } failover;
};

/* The interfaces without lo; at most GUEST_INTERFACES. */
int guest_interfaces(struct guest *guest, struct guest_interface list[GUEST_INTERFACES],
		size_t *count, struct err *err);

/* The interface with that MAC that is not a master. -ENOENT: none. guest_await_mac() waits until there is one,
 * or, with PRESENT false, until there is none: -ETIMEDOUT. */
int guest_find_mac(struct guest *guest, struct mac mac, struct guest_interface *interface,
		struct err *err);
int guest_await_mac(struct guest *guest, struct mac mac, bool present, int ms,
		struct guest_interface *interface, struct err *err);

/* Change an interface of the guest. ADDRESS: "192.0.2.1/24". */
int guest_set_up(struct guest *guest, const char *interface, bool up, struct err *err);
int guest_set_mtu(struct guest *guest, const char *interface, unsigned mtu, struct err *err);
int guest_set_mac(struct guest *guest, const char *interface, struct mac mac, struct err *err);
int guest_set_address(
		struct guest *guest, const char *interface, const char *address, struct err *err);
int guest_add_vlan(struct guest *guest, const char *interface, unsigned vlan, struct err *err);

/* Frames that the guest sends. Their mark is the token with which an endpoint (observe/endpoint.h) counts
 * them. */
struct guest_frames {
	struct mac to, from; /* from zero: the interface's own MAC */
	uint64_t mark;
	unsigned frames;
	unsigned octets;   /* of each without its checksum; 0: 64 */
	unsigned vlan;     /* of an 802.1Q tag; 0: untagged */
	unsigned every_us; /* for guest_stream() */
};

/* Sends them all at once. */
int guest_send(struct guest *guest, const char *interface, const struct guest_frames *frames,
		struct err *err);

/* Jobs run in the guest until they are stopped: one that sends frames at a steady pace; one that counts the
 * frames of a mark; one that also sends each back to its sender. */
int guest_stream(struct guest *guest, const char *interface, const struct guest_frames *frames,
		unsigned *job, struct err *err);
int guest_listen(struct guest *guest, const char *interface, uint64_t mark, unsigned *job,
		struct err *err);
int guest_reflect(struct guest *guest, const char *interface, uint64_t mark, unsigned *job,
		struct err *err);
int guest_stop(struct guest *guest, unsigned job, struct err *err);

struct guest_heard {
	uint64_t frames, reflected;
	uint64_t untagged;                /* frames without a VLAN tag */
	int vlan;                         /* of the first tagged frame; GUEST_UNTAGGED: none */
	uint32_t lowest, highest;         /* sequence numbers, of a sender that counts */
	uint64_t missing;                 /* of them; duplicates hide some */
	double longest_gap_ms, silent_ms; /* between two frames; since the last */
	struct mac sources[GUEST_SOURCES];
	size_t source_count;
};
int guest_heard(struct guest *guest, unsigned job, struct guest_heard *heard, struct err *err);

struct guest_sent {
	uint64_t sent, refused; /* refused: by the interface, also while it is down or gone */
	bool done;
};
int guest_sent(struct guest *guest, unsigned job, struct guest_sent *sent, struct err *err);

int guest_load(struct guest *guest, const char *module, struct err *err);
int guest_unload(struct guest *guest, const char *module, struct err *err);

/* Ends the guest's kernel: "halt", "hang" (it ignores everything from then on, and its devices stay as they
 * are), "crash" (it panics and boots), "reboot", "poweroff". */
int guest_end(struct guest *guest, const char *how, struct err *err);

#endif
