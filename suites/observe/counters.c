/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/counters.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "netdev/netns.h"

enum { ANSWER_LIMIT = 65536 };

struct request {
	struct nlmsghdr header;
	struct ifinfomsg link;
	struct rtattr mask_attribute;
	uint32_t mask;
	struct rtattr name_attribute;
	char name[IFNAMSIZ];
};

struct answer {
	uint8_t *bytes; /* the caller frees it */
	size_t length;
};

static void answer_free(struct answer *answer)
{
	free(answer->bytes);
}

/* Asks for the kernel's description of interface NAME in this namespace. */
static int ask(const char *name, uint32_t mask, struct answer *answer, struct err *err)
{
	CLEANUP(cleanup_fd) int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	struct request request = {
		.header = { .nlmsg_len = sizeof(request),
				.nlmsg_type = RTM_GETLINK,
				.nlmsg_flags = NLM_F_REQUEST },
		.mask_attribute = { RTA_LENGTH(sizeof(mask)), IFLA_EXT_MASK },
		.mask = mask,
		.name_attribute = { RTA_LENGTH(IFNAMSIZ), IFLA_IFNAME },
	};
	ssize_t got;

	snprintf(request.name, sizeof(request.name), "%s", name);
	if (fd < 0 || send(fd, &request, sizeof(request), 0) < 0)
		return err_sys(err, "cannot ask the kernel about %s", name);
	answer->bytes = malloc(ANSWER_LIMIT);
	if (!answer->bytes)
		abort();
	got = recv(fd, answer->bytes, ANSWER_LIMIT, 0);
	if (got < (ssize_t)NLMSG_LENGTH(sizeof(struct ifinfomsg)) ||
			((struct nlmsghdr *)answer->bytes)->nlmsg_type != RTM_NEWLINK)
		return err_set(err, ENODEV, "the kernel reports nothing about %s", name);
	answer->length = (size_t)got;
	return 0;
}

/* The attribute TYPE among those in LENGTH bytes from FIRST. */
static const struct rtattr *find(const struct rtattr *first, size_t length, unsigned type)
{
	int left = (int)length;

	for (const struct rtattr *a = first; RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		if ((a->rta_type & NLA_TYPE_MASK) == type)
			return a;
	}
	return NULL;
}

static const struct rtattr *inside(const struct rtattr *outer, unsigned type)
{
	return outer ? find(RTA_DATA(outer), RTA_PAYLOAD(outer), type) : NULL;
}

static const struct rtattr *top(const struct answer *answer, unsigned type)
{
	size_t skip = NLMSG_LENGTH(sizeof(struct ifinfomsg));

	return find((const struct rtattr *)(answer->bytes + skip), answer->length - skip, type);
}

static uint64_t number(const struct rtattr *attribute)
{
	uint64_t value = 0;

	if (attribute && RTA_PAYLOAD(attribute) >= sizeof(value))
		memcpy(&value, RTA_DATA(attribute), sizeof(value));
	return value;
}

int counters_of_vf(const struct dut *dut, unsigned vf, struct counters *counters, struct err *err)
{
	CLEANUP(answer_free) struct answer answer = { 0 };
	struct rtnl_link_stats64 stats = { 0 };
	const struct rtattr *attribute;
	char name[IFNAMSIZ];
	int rc = netns_enter(dut->vf_netns, err);

	if (rc < 0)
		return rc;
	dut_vf_name(dut, vf, name);
	rc = ask(name, 0, &answer, err);
	if (netns_enter(dut->home_netns, err) < 0)
		return -EIO;
	if (rc < 0)
		return rc;
	attribute = top(&answer, IFLA_STATS64);
	if (!attribute)
		return err_set(err, ENODATA, "%s has no counters", name);
	/* Newer kernels append to the struct. */
	memcpy(&stats, RTA_DATA(attribute),
			RTA_PAYLOAD(attribute) < sizeof(stats) ? RTA_PAYLOAD(attribute)
							       : sizeof(stats));
	*counters = (struct counters){ stats.rx_packets, stats.tx_packets, stats.rx_bytes,
		stats.tx_bytes };
	return 0;
}

int counters_by_pf(const struct dut *dut, unsigned vf, struct counters *counters, struct err *err)
{
	CLEANUP(answer_free) struct answer answer = { 0 };
	const struct rtattr *list, *info, *stats;
	int rc = ask(dut->pf_netdev, RTEXT_FILTER_VF, &answer, err);
	int left;

	if (rc < 0)
		return rc;
	list = top(&answer, IFLA_VFINFO_LIST);
	info = list ? RTA_DATA(list) : NULL;
	left = list ? (int)RTA_PAYLOAD(list) : 0;
	for (unsigned i = 0; i < dut->vfs[vf].number && info && RTA_OK(info, left); i++)
		info = RTA_NEXT(info, left);
	stats = info && RTA_OK(info, left) ? inside(info, IFLA_VF_STATS) : NULL;
	if (!stats)
		return err_set(err, ENODATA, "%s reports no counters of VF %u", dut->pf_netdev,
				dut->vfs[vf].number);
	*counters = (struct counters){ number(inside(stats, IFLA_VF_STATS_RX_PACKETS)),
		number(inside(stats, IFLA_VF_STATS_TX_PACKETS)),
		number(inside(stats, IFLA_VF_STATS_RX_BYTES)),
		number(inside(stats, IFLA_VF_STATS_TX_BYTES)) };
	return 0;
}
