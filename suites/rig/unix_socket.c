/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rig/unix_socket.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/cleanup.h"

int unix_connect(const char *folder, const char *name, struct err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	CLEANUP(cleanup_fd)
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s", folder, name) >=
			(int)sizeof(address.sun_path))
		return err_set(err, EINVAL, "the folder %s has too long a name for sockets",
				folder);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return err_sys(err, "cannot connect to %s", address.sun_path);
	return TAKE_FD(fd);
}
