/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NETDEV_RTNETLINK_H
#define NETDEV_RTNETLINK_H

#include "host/host.h"

struct nl_msg;
struct nlmsghdr;

/*
 * One exchange with rtnetlink, on a socket of its own, so that the calling thread's network
 * namespace answers.
 */

/* What the kernel says of a request that it refuses. */
struct rtnetlink_refusal {
	int code; /* errno; 0: none */
	char words[160];
};

/* Sends CHANGE and waits for the acknowledgement. -EIO: no exchange took place; any other error is
 * the kernel's, REFUSAL->code. */
int rtnetlink_change(const struct host *host, struct nl_msg *change,
		struct rtnetlink_refusal *refusal, struct err *err);

/* Sends REQUEST, and passes each message of the answer to TAKE. With NLM_F_DUMP in the request, the
 * answer has any number of messages, and -EAGAIN means that the kernel's list changed meanwhile.
 * Other errors are as of rtnetlink_change(). */
typedef void rtnetlink_take_fn(const struct nlmsghdr *message, void *argument);
int rtnetlink_ask(const struct host *host, struct nl_msg *request, rtnetlink_take_fn *take,
		void *argument, struct rtnetlink_refusal *refusal, struct err *err);

#endif
