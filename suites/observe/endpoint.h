/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OBSERVE_ENDPOINT_H
#define OBSERVE_ENDPOINT_H

#include "base/mac.h"
#include "observe/dut.h"

/*
 * An endpoint: a network interface that sends and hears test frames, on a packet socket below the
 * host's network stack. It hears all that the interface's driver hands up, whatever the address.
 *
 * Test frames have the ethertype 0x88b5 (IEEE 802 local experimental) and carry a token, so that
 * each burst is counted by itself. Frames that the endpoint itself sent are not heard, unless the
 * card returns them.
 */
struct endpoint;

struct tag {
	uint16_t proto; /* 0x8100 or 0x88a8; 0: no tag */
	uint16_t vlan;
	uint8_t priority;
};

enum { BURST_FRAMES = 8 }; /* frames of one burst, unless it says otherwise */

/* What follows addresses and tags in frames of another protocol; mark and token come behind it. A
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

/* What was heard of one burst. The tags are those of the last frame as it came off the wire. */
struct heard {
	unsigned frames;
	unsigned tags;
	struct tag outer, inner;
};

/* Makes NAME promiscuous as long as the descriptor EAR is open. For the link partner alone, which is
 * the wire's ear, and once for a whole session: drivers take the mode over at their leisure (virtio-net
 * in a work of its own), and frames that come before are lost. */
int endpoint_hear_all(const struct host *host, const char *name, int *ear, struct err *err);

/* Opens NAME in the namespace NS_FD; the calling thread comes back to HOME_NS. */
int endpoint_open(const struct host *host, int ns_fd, int home_netns, const char *name,
		struct endpoint **endpoint, struct err *err);
void endpoint_close(struct endpoint *endpoint);

const char *endpoint_name(const struct endpoint *endpoint);
struct mac endpoint_mac(const struct endpoint *endpoint);

/* Becomes a member of a multicast group, as long as the endpoint is open. */
int endpoint_join(struct endpoint *endpoint, struct mac group, struct err *err);

/* What an endpoint's interface is asked to hear beyond its own address, as long as the ear is open;
 * ADDRESS counts for the first two. The link partner and VFs only, never the PF. */
enum ear { EAR_GROUP, EAR_ADDRESS, EAR_PROMISCUOUS, EAR_ALL_GROUPS };
int endpoint_open_ear(struct endpoint *endpoint, enum ear ear, struct mac address, struct err *err);
int endpoint_close_ear(
		struct endpoint *endpoint, enum ear ear, struct mac address, struct err *err);

/* Sends the burst's frames under a fresh TOKEN. */
int endpoint_send(struct endpoint *endpoint, const struct burst *burst, uint64_t *token,
		struct err *err);

/* Sends up to FRAMES frames of BURST without waiting for room; a TOKEN of 0 becomes a fresh one. The
 * number that the interface took is the result, or -errno. */
int endpoint_flood(struct endpoint *endpoint, const struct burst *burst, unsigned frames,
		uint64_t *token, struct err *err);

/* What has been heard of TOKEN once FRAMES frames are there or DEADLINE has passed. */
struct heard endpoint_listen(struct endpoint *endpoint, uint64_t token, unsigned frames,
		struct deadline deadline);

#endif
