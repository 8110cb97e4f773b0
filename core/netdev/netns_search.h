/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NETDEV_NETNS_SEARCH_H
#define NETDEV_NETNS_SEARCH_H

#include "host/host.h"

/* Finds the other network namespace that has the interface of a function: "network namespace
 * ns5" if it has a name (run/netns), else "network namespace of nginx (pid 42)", a process in it.
 * -ENOENT: no namespace that can be entered has it, or the tree is a recorded one. */
int netns_search(const struct host *host, struct bdf bdf, char *text, size_t size);

#endif
