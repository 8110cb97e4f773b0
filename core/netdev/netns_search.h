/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NETDEV_NETNS_SEARCH_H
#define NETDEV_NETNS_SEARCH_H

#include "host/host.h"

/* Which other network namespace has the interface of a function: "network namespace ns5" where it has
 * a name (run/netns), else "network namespace of nginx (pid 42)", a process in it. -ENOENT: none that
 * can be entered has it; on a recorded tree none can. */
int netns_search(const struct host *host, struct bdf bdf, char *text, size_t size);

#endif
