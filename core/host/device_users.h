/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_DEVICE_USERS_H
#define HOST_DEVICE_USERS_H

#include <sys/types.h>

#include "host/host.h"

/*
 * The processes that have devices open: nodes below /dev, and the BARs of PCI functions in sysfs.
 * Without privilege, or in a container, a process sees only some of them.
 */
struct device_user {
	/* "vfio/12", "vfio/devices/vfio3", "uio0", "infiniband/uverbs1"; of a BAR
	 * "0000:01:10.0/resource0" */
	char node[48];
	pid_t pid;
	char command[20];
};

struct device_users {
	size_t count;
	struct device_user *items;
	const char *unseen; /* why users may be missing, for messages; NULL: none is */
};

/* Reads proc once, for any number of functions. */
void device_users_read(const struct host *host, struct device_users *users);
void device_users_free(struct device_users *users);

/* The process that has the function open: through its VFIO group, a device that any driver
 * created below it, or a BAR. NULL: none was seen. */
const struct device_user *device_user_of(
		const struct host *host, const struct device_users *users, struct bdf bdf);

/* A process with a VFIO device whose group or node it has closed, or that it got from another
 * process: it may have any function that is bound to VFIO. NULL: none. */
const struct device_user *device_user_of_some_vfio(const struct device_users *users);

/* Whether the disk ("nvme0n1"), or a partition of it, is mounted, used as swap, or part of
 * another block device. WHERE gets the path of the file or folder that shows it. */
bool device_disk_is_used(const struct host *host, const char *disk, char *where, size_t size);

#endif
