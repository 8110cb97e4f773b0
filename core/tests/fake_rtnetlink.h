/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_FAKE_RTNETLINK_H
#define TESTS_FAKE_RTNETLINK_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>

#include "netdev/vf_settings.h"

/*
 * A kernel whose rtnetlink knows one PF with any number of VFs. It decodes the requests and writes
 * the answers byte by byte as Linux does (6.12, rtnl_fill_ifinfo() and rtnl_fill_vfinfo()). As an
 * InfiniBand card it offers what IPoIB does (ipoib_netdev_ops_pf). The
 * program has to be linked with --wrap for the functions in fake_rtnetlink_wraps of meson.build; a
 * recorded tree then passes for the running machine.
 */
enum { FAKE_VFS_MOST = 4096, FAKE_NEIGHBOURS = 8 };

/* What a bridge has learned, or an administrator has told it. */
struct fake_neighbour {
	int port; /* index of its interface; 0: there is no such entry */
	struct mac mac;
	uint16_t vlan, state; /* NUD_REACHABLE */
};

struct fake_rtnetlink {
	const char *name;    /* of the PF's interface; its index is FAKE_INDEX */
	const char *altname; /* NULL: none */
	bool up;
	unsigned vf_count;
	struct vf_settings vfs[FAKE_VFS_MOST];

	struct fake_neighbour neighbours[FAKE_NEIGHBOURS];

	bool infiniband;            /* mlx5 with an interface of IPoIB */
	bool reports_no_vf_5;       /* the driver fails to report VF 5 */
	bool refuses_one;           /* -EMSGSIZE for a question about one interface */
	bool refuses_all;           /* -EMSGSIZE for a question about all interfaces */
	bool cuts_off;              /* the last VF is missing in the list, whose length counts it */
	int (*before_change)(void); /* NULL, or what is called first: an errno refuses the change */
	unsigned interrupts;        /* how many of the next dumps end as interrupted */
	unsigned asked, dumped;     /* questions so far */
};

enum { FAKE_INDEX = 7000 };

/* Answers from OTHER, which may be in memory that processes share. */
void fake_rtnetlink_use(struct fake_rtnetlink *other);

/* The one kernel, emptied; and as it is. */
struct fake_rtnetlink *fake_rtnetlink_new(const char *name, unsigned vf_count);
struct fake_rtnetlink *fake_rtnetlink_now(void);

/* The answer to a question about the PF, to be freed. */
struct nlmsghdr *fake_rtnetlink_link(bool with_vfs);

#endif
