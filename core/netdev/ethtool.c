/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netdev/ethtool.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/cleanup.h"

static int read_info(const char *name, struct ethtool_drvinfo *info)
{
	CLEANUP(cleanup_fd) int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = { .ifr_data = (char *)info };

	*info = (struct ethtool_drvinfo){ .cmd = ETHTOOL_GDRVINFO };
	if (strlen(name) >= sizeof(request.ifr_name))
		return -ENOENT;
	strcpy(request.ifr_name, name);
	return fd < 0 || ioctl(fd, SIOCETHTOOL, &request) < 0 ? -ENOENT : 0;
}

int netdev_bus_address(const char *name, char *address, size_t size)
{
	struct ethtool_drvinfo info;

	if (read_info(name, &info) < 0 || !*info.bus_info)
		return -ENOENT;
	snprintf(address, size, "%.*s", (int)sizeof(info.bus_info), info.bus_info);
	return 0;
}

void netdev_driver_says(const struct host *host, const char *name, char *version,
		size_t version_size, char *firmware, size_t firmware_size)
{
	struct ethtool_drvinfo info;

	*version = *firmware = '\0';
	if (!host_is_live(host) || read_info(name, &info) < 0)
		return;
	snprintf(version, version_size, "%.*s", (int)sizeof(info.version), info.version);
	/* A driver that does not know the firmware version reports "N/A". */
	if (strncmp(info.fw_version, "N/A", 4))
		snprintf(firmware, firmware_size, "%.*s", (int)sizeof(info.fw_version),
				info.fw_version);
}

static int read_recorded_mac(const struct host *host, const char *name, struct mac *mac)
{
	char path[64], text[32];

	snprintf(path, sizeof(path), "sys/class/net/%.16s/address", name);
	if (host_read(host, path, text, sizeof(text), NULL) < 0 || mac_parse(text, mac) < 0)
		return -ENOENT;
	return 0;
}

int netdev_permanent_mac(const struct host *host, const char *name, struct mac *mac)
{
	CLEANUP(cleanup_fd) int fd = -1;
	union {
		struct ethtool_perm_addr header;
		uint8_t bytes[sizeof(struct ethtool_perm_addr) + 32];
	} address = { .header = { .cmd = ETHTOOL_GPERMADDR, .size = 32 } };
	struct ifreq request = { .ifr_data = (char *)&address };

	if (!host_is_live(host))
		return read_recorded_mac(host, name, mac);
	if (strlen(name) >= sizeof(request.ifr_name))
		return -ENOENT;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	strcpy(request.ifr_name, name);
	if (fd < 0 || ioctl(fd, SIOCETHTOOL, &request) < 0 || address.header.size != 6)
		return -ENOENT;
	memcpy(mac->octet, address.bytes + sizeof(address.header), sizeof(mac->octet));
	return mac_is_zero(*mac) ? -ENOENT : 0;
}

int netdev_register(const struct host *host, const char *name, unsigned word, uint32_t *value)
{
	CLEANUP(cleanup_fd) int fd = -1;
	CLEANUP(cleanup_free) struct ethtool_regs *dump = NULL;
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	struct ifreq request = { .ifr_data = (char *)&info };

	if (!host_is_live(host) || strlen(name) >= sizeof(request.ifr_name))
		return -EOPNOTSUPP;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	strcpy(request.ifr_name, name);
	if (fd < 0 || ioctl(fd, SIOCETHTOOL, &request) < 0 ||
			info.regdump_len < (word + 1) * sizeof(*value))
		return -EOPNOTSUPP;
	dump = calloc(1, sizeof(*dump) + info.regdump_len);
	if (!dump)
		abort();
	*dump = (struct ethtool_regs){ .cmd = ETHTOOL_GREGS, .len = info.regdump_len };
	request.ifr_data = (char *)dump;
	if (ioctl(fd, SIOCETHTOOL, &request) < 0)
		return -EOPNOTSUPP;
	memcpy(value, dump->data + word * sizeof(*value), sizeof(*value));
	return 0;
}
