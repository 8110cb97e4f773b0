/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OBSERVE_ENDPOINT_H
#define OBSERVE_ENDPOINT_H

#include "base/mac.h"
#include "observe/dut.h"

/*
 * An endpoint: a network interface that sends and receives test frames, on a packet socket below
 * the host's network stack. It receives all frames that the interface's driver delivers, whatever
 * their address.
 *
 * Test frames have the ethertype 0x88b5 (IEEE 802 local experimental) and carry a token, so that
 * each burst is counted separately. An endpoint does not receive the frames that it sent, unless
 * the card returns them.
 */
struct endpoint;

struct tag {
	uint16_t proto; /* 0x8100 or 0x88a8; 0: no tag */
	uint16_t vlan;
	uint8_t priority;
};

enum { BURST_FRAMES = 8 }; /* frames of one burst, unless it says otherwise */

/* What follows addresses and tags in frames of another protocol; mark and token come after it. A
 * type below 1536 is a length (IEEE 802.3, 3.2.6). */
struct payload {
	uint16_t type;
	uint8_t length;
	uint8_t octets[24];
};

struct burst {
	struct mac to, from;
	struct tag outer, inner;
	unsigned frames;               /* 0: BURST_FRAMES */
	unsigned octets;               /* of each frame without its checksum; 0: 64 */
	const struct payload *payload; /* NULL: a test frame */
};

/* What an endpoint has received of one burst. The tags are those that the last frame had on the
 * wire. */
struct received {
	unsigned frames;
	unsigned tags;
	struct tag outer, inner;
};

/* Keeps NAME promiscuous as long as the descriptor *FD is open. Only for the link partner, which
 * observes the wire, and once for a whole session: drivers may switch the mode later (virtio-net
 * does so in a work item), and lose the frames that arrive before. */
int endpoint_make_promiscuous(const struct host *host, const char *name, int *fd, struct err *err);

/* Opens NAME in the namespace NS_FD; the calling thread returns to HOME_NS. */
int endpoint_open(const struct host *host, int ns_fd, int home_netns, const char *name,
		struct endpoint **endpoint, struct err *err);
void endpoint_close(struct endpoint *endpoint);

const char *endpoint_name(const struct endpoint *endpoint);
struct mac endpoint_mac(const struct endpoint *endpoint);

/* Joins a multicast group, as long as the endpoint is open. */
int endpoint_join(struct endpoint *endpoint, struct mac group, struct err *err);

/* What an endpoint's interface is asked to receive beyond its own address, until the filter is
 * dropped or the endpoint is closed; ADDRESS is for the first two. Only for the link partner and
 * VFs, never for the PF. */
enum rx_filter { RX_GROUP, RX_ADDRESS, RX_PROMISCUOUS, RX_ALL_GROUPS };
int endpoint_add_filter(struct endpoint *endpoint, enum rx_filter filter, struct mac address,
		struct err *err);
int endpoint_drop_filter(struct endpoint *endpoint, enum rx_filter filter, struct mac address,
		struct err *err);

/* Sends the burst's frames under a fresh TOKEN. */
int endpoint_send(struct endpoint *endpoint, const struct burst *burst, uint64_t *token,
		struct err *err);

/* Sends up to FRAMES frames of BURST without waiting for queue space; a TOKEN of 0 becomes a
 * fresh one. Returns how many frames the interface accepted, or -errno. */
int endpoint_flood(struct endpoint *endpoint, const struct burst *burst, unsigned frames,
		uint64_t *token, struct err *err);

/* Waits for FRAMES frames of TOKEN or until DEADLINE; returns what has been received so far. */
struct received endpoint_receive(struct endpoint *endpoint, uint64_t token, unsigned frames,
		struct deadline deadline);

#endif
