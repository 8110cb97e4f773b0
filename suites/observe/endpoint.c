/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/endpoint.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "netdev/netdev.h"
#include "netdev/netns.h"

/*
 * A frame: addresses, tags, ethertype, the start of the payload if there is one, then MARK, the
 * token, a sequence number, zeroes. The receiving kernel removes the outer tag from the frame and reports it
 * separately (PACKET_AUXDATA); inner tags stay in the frame.
 */

enum {
	ETHERTYPE_TEST = 0x88b5,
	ETHERTYPE_AD = 0x88a8,
	FRAME_OCTETS = 64,
	FRAME_LIMIT = 65536,
	ROOM = 4 << 20, /* of a socket buffer: bursts of the largest frames */
	FLOOD_BATCH = 32,
	COUNTS = 512,
};

static const uint8_t mark[8] = { 'v', 'f', 'c', 'e', 'r', 't', '0', '1' };

struct burst_count {
	uint64_t token;
	struct received received;
};

struct endpoint {
	char name[IFNAMSIZ];
	struct mac mac;
	int index, socket;
	struct burst_count counts[COUNTS]; /* a ring: the oldest token is forgotten first */
	unsigned next_count;
};

static int socket_option(int fd, int option, const void *value, socklen_t size, struct err *err)
{
	if (setsockopt(fd, SOL_PACKET, option, value, size) < 0)
		return err_sys(err, "cannot set option %d of a packet socket", option);
	return 0;
}

/* Without the privilege, the kernel's default sizes stay. */
static void make_room(int fd)
{
	int room = ROOM;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
}

static int listen_on(struct endpoint *endpoint, struct err *err)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = endpoint->index };
	int on = 1, rc;

	/* Protocol 0: no frame of another interface is queued before the bind. */
	endpoint->socket = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (endpoint->socket < 0)
		return err_sys(err, "cannot open a packet socket on %s (run as root)",
				endpoint->name);
	make_room(endpoint->socket);
	rc = socket_option(endpoint->socket, PACKET_AUXDATA, &on, sizeof(on), err);
	if (!rc)
		rc = socket_option(endpoint->socket, PACKET_IGNORE_OUTGOING, &on, sizeof(on), err);
	if (!rc && bind(endpoint->socket, (struct sockaddr *)&address, sizeof(address)) < 0)
		rc = err_sys(err, "cannot listen on %s", endpoint->name);
	return rc;
}

int endpoint_make_promiscuous(const struct host *host, const char *name, int *fd, struct err *err)
{
	struct packet_mreq request = { .mr_type = PACKET_MR_PROMISC };
	struct netdev netdev = { 0 };
	int rc = netdev_read(host, name, &netdev, err);

	if (rc < 0)
		return rc;
	request.mr_ifindex = netdev.index;
	netdev_free(&netdev);
	*fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (*fd < 0)
		return err_sys(err, "cannot open a packet socket on %s (run as root)", name);
	return socket_option(*fd, PACKET_ADD_MEMBERSHIP, &request, sizeof(request), err);
}

int endpoint_open(const struct host *host, int ns_fd, int home_netns, const char *name,
		struct endpoint **endpoint, struct err *err)
{
	struct endpoint *fresh = calloc(1, sizeof(*fresh));
	struct netdev netdev = { 0 };
	int rc;

	if (!fresh)
		return err_set(err, ENOMEM, "no memory for an endpoint");
	fresh->socket = -1;
	snprintf(fresh->name, sizeof(fresh->name), "%s", name);
	rc = netns_enter(ns_fd, err);
	if (!rc)
		rc = netdev_read(host, name, &netdev, err);
	fresh->index = netdev.index;
	fresh->mac = netdev.mac;
	netdev_free(&netdev);
	if (!rc)
		rc = listen_on(fresh, err);
	if (netns_enter(home_netns, err) < 0)
		rc = -EIO;
	if (rc < 0) {
		endpoint_close(fresh);
		return rc;
	}
	*endpoint = fresh;
	return 0;
}

void endpoint_close(struct endpoint *endpoint)
{
	if (!endpoint)
		return;
	cleanup_fd(&endpoint->socket);
	free(endpoint);
}

const char *endpoint_name(const struct endpoint *endpoint)
{
	return endpoint->name;
}

struct mac endpoint_mac(const struct endpoint *endpoint)
{
	return endpoint->mac;
}

static int change_filter(struct endpoint *endpoint, int option, enum rx_filter filter,
		struct mac address, struct err *err)
{
	static const unsigned short types[] = { [RX_GROUP] = PACKET_MR_MULTICAST,
		[RX_ADDRESS] = PACKET_MR_UNICAST,
		[RX_PROMISCUOUS] = PACKET_MR_PROMISC,
		[RX_ALL_GROUPS] = PACKET_MR_ALLMULTI };
	struct packet_mreq request = { .mr_ifindex = endpoint->index,
		.mr_type = types[filter],
		.mr_alen = sizeof(address.octet) };

	memcpy(request.mr_address, address.octet, sizeof(address.octet));
	return socket_option(endpoint->socket, option, &request, sizeof(request), err);
}

int endpoint_add_filter(struct endpoint *endpoint, enum rx_filter filter, struct mac address,
		struct err *err)
{
	return change_filter(endpoint, PACKET_ADD_MEMBERSHIP, filter, address, err);
}

int endpoint_drop_filter(struct endpoint *endpoint, enum rx_filter filter, struct mac address,
		struct err *err)
{
	return change_filter(endpoint, PACKET_DROP_MEMBERSHIP, filter, address, err);
}

int endpoint_join(struct endpoint *endpoint, struct mac group, struct err *err)
{
	return endpoint_add_filter(endpoint, RX_GROUP, group, err);
}

static uint8_t *put(uint8_t *at, const void *data, size_t size)
{
	memcpy(at, data, size);
	return at + size;
}

static uint8_t *put_tag(uint8_t *at, struct tag tag)
{
	uint16_t words[2] = { htons(tag.proto), htons((uint16_t)(tag.priority << 13 | tag.vlan)) };

	return tag.proto ? put(at, words, sizeof(words)) : at;
}

static int draw_token(uint64_t *token, struct err *err)
{
	if (getrandom(token, sizeof(*token), 0) != sizeof(*token))
		return err_sys(err, "cannot draw a token");
	return 0;
}

/* Returns the length of the frame, which is at most FRAME_LIMIT. SEQUENCE: where its number goes. */
static size_t build(const struct burst *burst, uint64_t token, uint8_t frame[FRAME_LIMIT],
		uint8_t **sequence)
{
	const struct payload *payload = burst->payload;
	uint16_t type = htons(payload ? payload->type : ETHERTYPE_TEST);
	size_t octets = burst->octets ? burst->octets : FRAME_OCTETS;
	uint8_t *at = frame;

	octets = octets > FRAME_LIMIT ? FRAME_LIMIT : octets;
	memset(frame, 0, octets > FRAME_OCTETS ? octets : FRAME_OCTETS);
	at = put(at, burst->to.octet, 6);
	at = put(at, burst->from.octet, 6);
	at = put_tag(at, burst->outer);
	at = put_tag(at, burst->inner);
	at = put(at, &type, sizeof(type));
	if (payload)
		at = put(at, payload->octets, payload->length);
	at = put(at, mark, sizeof(mark));
	*sequence = put(at, &token, sizeof(token));
	return octets;
}

int endpoint_send(struct endpoint *endpoint, const struct burst *burst, uint64_t *token,
		struct err *err)
{
	unsigned frames = burst->frames ? burst->frames : BURST_FRAMES;
	uint8_t frame[FRAME_LIMIT], *sequence;
	size_t octets;

	if (draw_token(token, err) < 0)
		return -EIO;
	octets = build(burst, *token, frame, &sequence);
	for (unsigned i = 0; i < frames; i++) {
		struct pollfd room = { .fd = endpoint->socket, .events = POLLOUT };
		uint32_t number = htonl(i);

		put(sequence, &number, sizeof(number));
		poll(&room, 1, 1000);
		if (send(endpoint->socket, frame, octets, 0) < 0)
			return err_sys(err, "cannot send frame %u of %u on %s", i + 1, frames,
					endpoint->name);
	}
	return 0;
}

int endpoint_flood(struct endpoint *endpoint, const struct burst *burst, unsigned frames,
		uint64_t *token, struct err *err)
{
	struct mmsghdr batch[FLOOD_BATCH] = { 0 };
	uint8_t frame[FRAME_LIMIT], *sequence;
	struct iovec data = { .iov_base = frame };
	unsigned sent = 0;

	if (!*token && draw_token(token, err) < 0)
		return -EIO;
	data.iov_len = build(burst, *token, frame, &sequence);
	for (unsigned i = 0; i < FLOOD_BATCH; i++)
		batch[i].msg_hdr = (struct msghdr){ .msg_iov = &data, .msg_iovlen = 1 };
	while (sent < frames) {
		unsigned want = frames - sent < FLOOD_BATCH ? frames - sent : FLOOD_BATCH;
		int taken = sendmmsg(endpoint->socket, batch, want, 0);

		if (taken < 0 && errno != EAGAIN && errno != ENOBUFS)
			return err_sys(err, "cannot send on %s", endpoint->name);
		if (taken <= 0)
			break;
		sent += (unsigned)taken;
	}
	return (int)sent;
}

static struct tag take_tag(const uint8_t *at)
{
	uint16_t proto, tci;

	memcpy(&proto, at, 2);
	memcpy(&tci, at + 2, 2);
	proto = ntohs(proto);
	tci = ntohs(tci);
	if (proto != ETHERTYPE_VLAN && proto != ETHERTYPE_AD)
		return (struct tag){ 0 };
	return (struct tag){ proto, tci & 0xfff, (uint8_t)(tci >> 13) };
}

static struct burst_count *count_of(struct endpoint *endpoint, uint64_t token)
{
	struct burst_count *burst;

	for (unsigned i = 0; i < COUNTS; i++) {
		if (endpoint->counts[i].token == token)
			return &endpoint->counts[i];
	}
	burst = &endpoint->counts[endpoint->next_count++ % COUNTS];
	*burst = (struct burst_count){ .token = token };
	return burst;
}

/* Counts a frame if it is a test frame. STRIPPED is the tag that the kernel removed. */
static void count_frame(
		struct endpoint *endpoint, const uint8_t *frame, size_t length, struct tag stripped)
{
	struct tag tags[3] = { stripped };
	unsigned count = stripped.proto != 0;
	const uint8_t *at = frame + 12, *end = frame + length;
	struct burst_count *burst;
	uint64_t token;

	while (count < 3 && end - at >= 4 && take_tag(at).proto) {
		tags[count++] = take_tag(at);
		at += 4;
	}
	at = memmem(at, (size_t)(end - at), mark, sizeof(mark));
	if (!at || end - at < (ptrdiff_t)(sizeof(mark) + sizeof(token)))
		return;
	memcpy(&token, at + sizeof(mark), sizeof(token));
	burst = count_of(endpoint, token);
	burst->received = (struct received){ burst->received.frames + 1, count, tags[0], tags[1] };
}

static struct tag tag_beside(struct msghdr *message)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		struct tpacket_auxdata data;

		if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA)
			continue;
		memcpy(&data, CMSG_DATA(c), sizeof(data));
		if (!(data.tp_status & TP_STATUS_VLAN_VALID))
			break;
		return (struct tag){ data.tp_status & TP_STATUS_VLAN_TPID_VALID ? data.tp_vlan_tpid
										: ETHERTYPE_VLAN,
			data.tp_vlan_tci & 0xfff, (uint8_t)(data.tp_vlan_tci >> 13) };
	}
	return (struct tag){ 0 };
}

static void drain(struct endpoint *endpoint)
{
	uint8_t frame[256];
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	} control;

	for (;;) {
		struct iovec data = { frame, sizeof(frame) };
		struct msghdr message = { .msg_iov = &data,
			.msg_iovlen = 1,
			.msg_control = &control,
			.msg_controllen = sizeof(control) };
		ssize_t length = recvmsg(endpoint->socket, &message, 0);

		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			return;
		if (length >= 14)
			count_frame(endpoint, frame, (size_t)length, tag_beside(&message));
	}
}

struct received endpoint_receive(struct endpoint *endpoint, uint64_t token, unsigned frames,
		struct deadline deadline)
{
	struct burst_count *burst = count_of(endpoint, token);

	for (;;) {
		struct pollfd ready = { .fd = endpoint->socket, .events = POLLIN };
		int left = deadline_left(deadline);

		drain(endpoint);
		if (burst->received.frames >= frames || !left)
			return burst->received;
		poll(&ready, 1, left);
	}
}
