/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/ethtool.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/cleanup.h"

void netdev_driver_says(const struct host *host, const char *name, char *version,
		size_t version_size, char *firmware, size_t firmware_size)
{
	CLEANUP(cleanup_fd) int fd = -1;
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	struct ifreq request = { .ifr_data = (char *)&info };

	*version = *firmware = '\0';
	if (!host->live || strlen(name) >= sizeof(request.ifr_name))
		return;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	strcpy(request.ifr_name, name);
	if (fd < 0 || ioctl(fd, SIOCETHTOOL, &request) < 0)
		return;
	snprintf(version, version_size, "%.*s", (int)sizeof(info.version), info.version);
	/* A driver that knows no version of the firmware says "N/A". */
	if (strncmp(info.fw_version, "N/A", 4))
		snprintf(firmware, firmware_size, "%.*s", (int)sizeof(info.fw_version),
				info.fw_version);
}
