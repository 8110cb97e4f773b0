/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GUEST_REQUEST_H
#define GUEST_REQUEST_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>

#include "base/err.h"
#include "base/mac.h"

/* A request of suites/guest/protocol.md. */

enum { REQUEST_LIMIT = 4096, REQUEST_MODULE = 56 };

enum request_op {
	OP_HELLO,
	OP_INTERFACES,
	OP_SET,
	OP_ADD_VLAN,
	OP_SEND,
	OP_LISTEN,
	OP_REFLECT,
	OP_HEARD,
	OP_SENT,
	OP_STOP,
	OP_LOAD,
	OP_UNLOAD,
	OP_HALT,
	OP_HANG,
	OP_CRASH,
	OP_REBOOT,
	OP_POWEROFF,
	OPS,
};

/* The members that a request has given. */
enum request_member {
	HAS_INTERFACE = 1 << 0,
	HAS_UP = 1 << 1,
	HAS_MTU = 1 << 2,
	HAS_MAC = 1 << 3,
	HAS_ADDRESS = 1 << 4,
	HAS_VLAN = 1 << 5,
	HAS_PRIORITY = 1 << 6,
	HAS_TO = 1 << 7,
	HAS_FROM = 1 << 8,
	HAS_FRAMES = 1 << 9,
	HAS_OCTETS = 1 << 10,
	HAS_MARK = 1 << 11,
	HAS_EVERY = 1 << 12,
	HAS_JOB = 1 << 13,
	HAS_MODULE = 1 << 14,
};

struct request {
	int64_t id; /* 0: the request has none */
	enum request_op op;
	unsigned given; /* enum request_member */
	char interface[IFNAMSIZ];
	bool up;
	unsigned mtu, vlan, priority, frames, octets, every_us, job;
	struct mac mac, to, from;
	struct in_addr address;
	unsigned prefix; /* of the address */
	uint64_t mark;
	char module[REQUEST_MODULE];
};

/* -EINVAL: the error says what is wrong; the id is there if the line has one. */
int request_parse(const char *line, size_t length, struct request *request, struct err *err);

#endif
