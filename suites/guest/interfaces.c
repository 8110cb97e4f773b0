/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guest/interfaces.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"

#define NETS "/sys/class/net"

enum { ATTRIBUTE_LIMIT = 4096 };

static int open_socket(struct err *err)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd < 0 ? err_sys(err, "cannot open a socket") : fd;
}

static struct ifreq ifreq_of(const char *name)
{
	struct ifreq request = { 0 };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%.*s", IFNAMSIZ - 1, name);
	return request;
}

/* The value without its newline, or NULL. */
static char *read_attribute(const char *name, const char *attribute)
{
	CLEANUP(cleanup_free) char *path = text_format(NETS "/%s/%s", name, attribute);
	char *text = NULL;

	if (file_read(AT_FDCWD, path, ATTRIBUTE_LIMIT, &text, NULL, NULL) < 0)
		return NULL;
	text[strcspn(text, "\n")] = '\0';
	return text;
}

/* The last component of a link's target, or NULL. */
static char *read_link(const char *name, const char *attribute)
{
	CLEANUP(cleanup_free) char *path = text_format(NETS "/%s/%s", name, attribute);
	char target[ATTRIBUTE_LIMIT];
	ssize_t length = readlink(path, target, sizeof(target) - 1);
	const char *slash;

	if (length <= 0)
		return NULL;
	target[length] = '\0';
	slash = strrchr(target, '/');
	return text_format("%s", slash ? slash + 1 : target);
}

static void put_text(
		struct record *record, const char *key, const char *name, const char *attribute)
{
	CLEANUP(cleanup_free) char *text = read_attribute(name, attribute);

	record_put_str(record, key, text);
}

static void put_link(
		struct record *record, const char *key, const char *name, const char *attribute)
{
	CLEANUP(cleanup_free) char *text = read_link(name, attribute);

	record_put_str(record, key, text);
}

static void put_number(
		struct record *record, const char *key, const char *name, const char *attribute)
{
	CLEANUP(cleanup_free) char *text = read_attribute(name, attribute);

	if (text && *text)
		record_put_int(record, key, strtoll(text, NULL, 10));
	else
		record_put_null(record, key);
}

/* "virtio0" lies below the PCI function. */
static void put_place(struct record *record, const char *name)
{
	CLEANUP(cleanup_free) char *device = read_link(name, "device");
	CLEANUP(cleanup_free) char *path = text_format(NETS "/%s/device/..", name);
	CLEANUP(cleanup_free) char *above = realpath(path, NULL);

	if (device && !strncmp(device, "virtio", 6) && above)
		record_put_str(record, "address", strrchr(above, '/') + 1);
	else
		record_put_str(record, "address", device);
}

static int ask_ethtool(int fd, const char *name, void *command)
{
	struct ifreq request = ifreq_of(name);

	request.ifr_data = command;
	return ioctl(fd, SIOCETHTOOL, &request);
}

static void put_permanent(struct record *record, int fd, const char *name)
{
	enum { ROOM = 32 };
	_Alignas(struct ethtool_perm_addr) uint8_t bytes[sizeof(struct ethtool_perm_addr) + ROOM];
	struct ethtool_perm_addr *ask = (struct ethtool_perm_addr *)bytes;
	char text[MAC_TEXT];
	struct mac mac;

	ask->cmd = ETHTOOL_GPERMADDR;
	ask->size = ROOM;
	record_put_null(record, "permanent_mac");
	if (ask_ethtool(fd, name, ask) < 0 || ask->size != sizeof(mac.octet))
		return;
	memcpy(mac.octet, ask->data, sizeof(mac.octet));
	if (!mac_is_zero(mac))
		record_put_str(record, "permanent_mac", mac_format(mac, text));
}

static bool is_failover(int fd, const char *name)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };

	return ask_ethtool(fd, name, &info) == 0 && !strcmp(info.driver, "net_failover");
}

/* virtio_net names the port of a standby "sby" (virtnet_get_phys_port_name(), since 4.18). */
static const char *failover_role(int fd, const char *name)
{
	CLEANUP(cleanup_free) char *master = read_link(name, "master");
	CLEANUP(cleanup_free) char *port = read_attribute(name, "phys_port_name");

	if (is_failover(fd, name))
		return "master";
	if (!master || !is_failover(fd, master))
		return NULL;
	return port && !strcmp(port, "sby") ? "standby" : "primary";
}

static struct record *interface_record(int fd, const char *name)
{
	CLEANUP(cleanup_free) char *carrier = read_attribute(name, "carrier");
	CLEANUP(cleanup_free) char *flags = read_attribute(name, "flags");
	struct record *record = record_object();

	record_put_str(record, "name", name);
	put_text(record, "mac", name, "address");
	put_permanent(record, fd, name);
	put_link(record, "driver", name, "device/driver");
	put_place(record, name);
	record_put_bool(record, "up", flags && strtoul(flags, NULL, 16) & IFF_UP);
	record_put_bool(record, "carrier", carrier && *carrier == '1');
	put_number(record, "mtu", name, "mtu");
	put_number(record, "rx_packets", name, "statistics/rx_packets");
	put_number(record, "tx_packets", name, "statistics/tx_packets");
	put_link(record, "master", name, "master");
	record_put_str(record, "failover", failover_role(fd, name));
	return record;
}

struct record *interfaces_list(void)
{
	CLEANUP(cleanup_fd) int fd = open_socket(NULL);
	CLEANUP(cleanup_dir) DIR *dir = opendir(NETS);
	struct record *list = record_array();
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] != '.' && strcmp(entry->d_name, "lo") != 0)
			record_add(list, interface_record(fd, entry->d_name));
	}
	return list;
}

int interface_find(const char *name, int *index, struct mac *mac, struct err *err)
{
	CLEANUP(cleanup_fd) int fd = open_socket(err);
	struct ifreq request = ifreq_of(name);

	if (fd < 0)
		return fd;
	if (ioctl(fd, SIOCGIFINDEX, &request) < 0)
		return err_sys(err, "no interface %s", name);
	*index = request.ifr_ifindex;
	if (ioctl(fd, SIOCGIFHWADDR, &request) < 0)
		return err_sys(err, "%s has no MAC address", name);
	memcpy(mac->octet, request.ifr_hwaddr.sa_data, sizeof(mac->octet));
	return 0;
}

static int change(int fd, unsigned long what, struct ifreq *request, const char *words,
		struct err *err)
{
	if (ioctl(fd, what, request) < 0)
		return err_sys(err, "cannot set %s of %s", words, request->ifr_name);
	return 0;
}

static int set_mac(int fd, const struct request *request, struct err *err)
{
	struct ifreq ifreq = ifreq_of(request->interface);

	ifreq.ifr_hwaddr.sa_family = ARPHRD_ETHER;
	memcpy(ifreq.ifr_hwaddr.sa_data, request->mac.octet, sizeof(request->mac.octet));
	return change(fd, SIOCSIFHWADDR, &ifreq, "the MAC", err);
}

static int set_mtu(int fd, const struct request *request, struct err *err)
{
	struct ifreq ifreq = ifreq_of(request->interface);

	ifreq.ifr_mtu = (int)request->mtu;
	return change(fd, SIOCSIFMTU, &ifreq, "the MTU", err);
}

static int set_up(int fd, const struct request *request, struct err *err)
{
	struct ifreq ifreq = ifreq_of(request->interface);
	int rc = change(fd, SIOCGIFFLAGS, &ifreq, "the state", err);
	int flags = ifreq.ifr_flags & ~IFF_UP;

	ifreq.ifr_flags = (short)(request->up ? flags | IFF_UP : flags);
	return rc ? rc : change(fd, SIOCSIFFLAGS, &ifreq, "the state", err);
}

static int set_address(int fd, const struct request *request, struct err *err)
{
	struct ifreq ifreq = ifreq_of(request->interface);
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = request->address };
	int rc;

	memcpy(&ifreq.ifr_addr, &address, sizeof(address));
	rc = change(fd, SIOCSIFADDR, &ifreq, "the address", err);
	address.sin_addr.s_addr = request->prefix ? htonl(UINT32_MAX << (32 - request->prefix)) : 0;
	memcpy(&ifreq.ifr_netmask, &address, sizeof(address));
	return rc ? rc : change(fd, SIOCSIFNETMASK, &ifreq, "the netmask", err);
}

int interface_set(const struct request *request, struct err *err)
{
	static const struct {
		enum request_member has;
		int (*set)(int fd, const struct request *request, struct err *err);
	} steps[] = { { HAS_MAC, set_mac }, { HAS_MTU, set_mtu }, { HAS_UP, set_up },
		{ HAS_ADDRESS, set_address } };
	CLEANUP(cleanup_fd) int fd = open_socket(err);
	int rc = fd < 0 ? fd : 0;

	for (size_t i = 0; !rc && i < sizeof(steps) / sizeof(*steps); i++) {
		if (request->given & steps[i].has)
			rc = steps[i].set(fd, request, err);
	}
	return rc;
}

int interface_add_vlan(const struct request *request, struct err *err)
{
	CLEANUP(cleanup_fd) int fd = open_socket(err);
	struct vlan_ioctl_args names = { .cmd = SET_VLAN_NAME_TYPE_CMD,
		.u.name_type = VLAN_NAME_TYPE_RAW_PLUS_VID_NO_PAD };
	struct vlan_ioctl_args add = { .cmd = ADD_VLAN_CMD, .u.VID = (int)request->vlan };

	if (fd < 0)
		return fd;
	snprintf(add.device1, sizeof(add.device1), "%s", request->interface);
	if (ioctl(fd, SIOCSIFVLAN, &names) < 0 || ioctl(fd, SIOCSIFVLAN, &add) < 0)
		return err_sys(err, "cannot add VLAN %u of %s", request->vlan, request->interface);
	return 0;
}
