/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_VFIO_USERS_H
#define HOST_VFIO_USERS_H

#include <sys/types.h>

#include "host/host.h"

/*
 * The processes that have a function open through VFIO, by its group (/dev/vfio/GROUP) or by its
 * own device (/dev/vfio/devices/vfioN). Without privilege only one's own processes are seen.
 */
struct vfio_user {
	char node[32]; /* "12" or "devices/vfio3" */
	pid_t pid;
	char command[20];
};

struct vfio_users {
	size_t count;
	struct vfio_user *items;
};

/* One pass over proc. Where there is no proc, nobody is found. */
void vfio_users_read(const struct host *host, struct vfio_users *users);
void vfio_users_free(struct vfio_users *users);

/* Who has the function open, or NULL. */
const struct vfio_user *vfio_user_of(
		const struct host *host, const struct vfio_users *users, struct bdf bdf);

#endif
