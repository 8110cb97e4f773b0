/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netdev/netns.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>

#include "base/cleanup.h"

int netns_own(const struct host *host, int *ns_fd, struct err *err)
{
	int fd = host_open_kernel_link(host, "proc/thread-self/ns/net", O_RDONLY);

	if (fd < 0)
		return err_set(err, -fd, "cannot open this process's network namespace: %s",
				strerror(-fd));
	*ns_fd = fd;
	return 0;
}

int netns_enter(int ns_fd, struct err *err)
{
	if (setns(ns_fd, CLONE_NEWNET) < 0)
		return err_sys(err, "cannot enter a network namespace (run as root)");
	return 0;
}

int netns_new(const struct host *host, int *ns_fd, struct err *err)
{
	static const char quiet[] = "proc/sys/net/ipv6/conf/default/disable_ipv6";
	CLEANUP(cleanup_fd) int home = -1;
	int rc = netns_own(host, &home, err);

	if (rc < 0)
		return rc;
	if (unshare(CLONE_NEWNET) < 0)
		return err_sys(err, "cannot make a network namespace (run as root)");
	if (host_exists(host, quiet))
		rc = host_write(host, quiet, "1", err);
	if (!rc)
		rc = netns_own(host, ns_fd, err);
	if (netns_enter(home, err) < 0)
		return -EIO;
	return rc;
}
