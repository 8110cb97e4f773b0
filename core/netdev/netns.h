/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NETDEV_NETNS_H
#define NETDEV_NETNS_H

#include "host/host.h"

/*
 * Network namespaces. An unnamed one exists as long as a descriptor of it is open; physical
 * interfaces inside then return to the initial namespace.
 */

/* Creates a namespace without IPv6, so that the kernel itself sends nothing into it. The caller
 * closes NS_FD. */
int netns_new(const struct host *host, int *ns_fd, struct err *err);

/* The namespace of the calling thread. */
int netns_own(const struct host *host, int *ns_fd, struct err *err);

/* Moves the calling thread into the namespace. */
int netns_enter(int ns_fd, struct err *err);

#endif
