/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netdev/rtnetlink.h"

#include <errno.h>
#include <linux/netlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/clock.h"

static void cleanup_socket(struct nl_sock **socket)
{
	nl_socket_free(*socket);
}

static int take_error(struct sockaddr_nl *from, struct nlmsgerr *error, void *argument)
{
	const struct nlmsghdr *header = (const struct nlmsghdr *)((char *)error - NLMSG_HDRLEN);
	struct rtnetlink_refusal *refusal = argument;
	size_t used = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(*error));
	struct nlattr *words;

	(void)from;
	refusal->code = -error->error;
	if (!(header->nlmsg_flags & NLM_F_ACK_TLVS))
		return NL_STOP;
	if (!(header->nlmsg_flags & NLM_F_CAPPED))
		used += NLMSG_ALIGN(error->msg.nlmsg_len - NLMSG_HDRLEN);
	if (used > header->nlmsg_len)
		return NL_STOP;
	words = nla_find((struct nlattr *)((char *)header + used), (int)(header->nlmsg_len - used),
			NLMSGERR_ATTR_MSG);
	if (words)
		nla_strlcpy(refusal->words, words, sizeof(refusal->words));
	return NL_STOP;
}

static int connect_socket(const struct host *host, struct rtnetlink_refusal *refusal,
		struct nl_sock **socket, struct nl_cb **callbacks, struct err *err)
{
	CLEANUP(cleanup_socket) struct nl_sock *fresh = NULL;
	int on = 1, rc;

	*refusal = (struct rtnetlink_refusal){ 0 };
	if (!host_is_live(host))
		return err_set(err, EOPNOTSUPP,
				"%s is a recorded tree: interfaces can be changed on the running "
				"machine only",
				host_root(host));
	fresh = nl_socket_alloc();
	if (!fresh)
		abort();
	rc = nl_connect(fresh, NETLINK_ROUTE);
	if (rc < 0)
		return err_set(err, EIO, "cannot connect to rtnetlink: %s", nl_geterror(rc));
	/* The kernel's own words for a refusal, and no echo of the request before them. Old kernels
	 * have neither; then there are no words. */
	setsockopt(nl_socket_get_fd(fresh), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(nl_socket_get_fd(fresh), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	*callbacks = nl_socket_get_cb(fresh);
	nl_cb_err(*callbacks, NL_CB_CUSTOM, take_error, refusal);
	*socket = TAKE(fresh);
	return 0;
}

/* RC is libnl's, which folds the kernel's errno into a few codes. */
static int result(int rc, const struct rtnetlink_refusal *refusal, struct err *err)
{
	if (refusal->code)
		return -refusal->code;
	if (rc == -NLE_DUMP_INTR)
		return -EAGAIN;
	return rc < 0 ? err_set(err, EIO, "%s", nl_geterror(rc)) : 0;
}

int rtnetlink_change(const struct host *host, struct nl_msg *change,
		struct rtnetlink_refusal *refusal, struct err *err)
{
	CLEANUP(cleanup_socket) struct nl_sock *socket = NULL;
	struct nl_cb *callbacks;
	int64_t start;
	int rc = connect_socket(host, refusal, &socket, &callbacks, err);

	if (rc < 0)
		return rc;
	nl_cb_put(callbacks);
	start = clock_us();
	rc = nl_send_auto(socket, change);
	if (rc >= 0)
		rc = nl_wait_for_ack(socket);
	host_waited(host, start);
	return result(rc, refusal, err);
}

struct taker {
	rtnetlink_take_fn *take;
	void *argument;
};

static int take_message(struct nl_msg *message, void *argument)
{
	const struct taker *taker = argument;

	taker->take(nlmsg_hdr(message), taker->argument);
	return NL_OK;
}

int rtnetlink_ask(const struct host *host, struct nl_msg *request, rtnetlink_take_fn *take,
		void *argument, struct rtnetlink_refusal *refusal, struct err *err)
{
	CLEANUP(cleanup_socket) struct nl_sock *socket = NULL;
	struct taker taker = { take, argument };
	struct nl_cb *callbacks;
	int rc = connect_socket(host, refusal, &socket, &callbacks, err);

	if (rc < 0)
		return rc;
	nl_cb_set(callbacks, NL_CB_VALID, NL_CB_CUSTOM, take_message, &taker);
	nl_cb_put(callbacks);
	nl_socket_disable_auto_ack(socket);
	rc = nl_send_auto(socket, request);
	if (rc >= 0)
		rc = nl_recvmsgs_default(socket);
	return result(rc, refusal, err);
}
