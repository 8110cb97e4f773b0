/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/vfio.h"

#include <fcntl.h>
#include <linux/vfio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/cleanup.h"
#include "base/text.h"

int vfio_group_viable(const struct host *host, int group, bool *viable, struct err *err)
{
	CLEANUP(cleanup_free) char *path = text_format("dev/vfio/%d", group);
	CLEANUP(cleanup_fd) int fd = host_open_file(host, path, O_RDWR);
	struct vfio_group_status status = { .argsz = sizeof(status) };

	if (fd < 0)
		return err_set(err, -fd, "cannot open VFIO group %d: %s", group, strerror(-fd));
	if (ioctl(fd, VFIO_GROUP_GET_STATUS, &status) < 0)
		return err_sys(err, "cannot ask for the state of VFIO group %d", group);
	*viable = status.flags & VFIO_GROUP_FLAGS_VIABLE;
	return 0;
}
