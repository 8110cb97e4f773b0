/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sriov/holder.h"

#include <stdio.h>
#include <string.h>

#include "drivers/drivers.h"
#include "host/netns_search.h"

/*
 * A VF is held by whatever would lose it. The reasons are tried from the strongest to the weakest,
 * and what cannot be seen counts as held: a VF with a network driver and no interface here has its
 * interface in another network namespace.
 */

/* Drivers that make a VF a network interface have a net folder in their own namespace only; what
 * other drivers (vfio-pci, a storage or crypto driver) do with it is not seen there. */
static bool is_network_class(const struct function *vf)
{
	return vf->class_code >> 16 == 0x02;
}

bool holder_is_network(const struct function *vf)
{
	return *vf->driver && is_network_class(vf) && !driver_handover(vf->driver);
}

/* What a device is, by the folders and words that its driver puts into sysfs. */
static enum holder_kind kind_of_upper(const struct host *host, const char *upper)
{
	static const struct {
		const char *type;
		enum holder_kind kind;
	} types[] = { { "DEVTYPE=vlan", HOLDER_VLAN }, { "DEVTYPE=bridge", HOLDER_BRIDGE },
		{ "DEVTYPE=bond", HOLDER_BOND } };
	char path[64], text[512];

	/* Every port of Open vSwitch stands under this one device of its kernel part. */
	if (!strcmp(upper, "ovs-system"))
		return HOLDER_OVS;
	snprintf(path, sizeof(path), "sys/class/net/%.16s/uevent", upper);
	if (host_read(host, path, text, sizeof(text), NULL) < 0)
		return HOLDER_STACKED;
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (strstr(text, types[i].type))
			return types[i].kind;
	}
	/* macvtap names no type; its character device hangs below it. */
	snprintf(path, sizeof(path), "sys/class/net/%.16s/macvtap", upper);
	return host_exists(host, path) ? HOLDER_MACVTAP : HOLDER_STACKED;
}

static void find_use_of_netdev(
		const struct host *host, const struct function *vf, struct holder *holder)
{
	unsigned addresses = 0;
	struct netdev net;
	char upper[IFNAMSIZ];

	if (netdev_uses(host, vf->netdev, &addresses, upper, sizeof(upper), NULL) < 0)
		return; /* it has gone */
	if (*upper) {
		holder->kind = kind_of_upper(host, upper);
		snprintf(holder->what, sizeof(holder->what), "%s", upper);
		return;
	}
	if (netdev_read(host, vf->netdev, &net, NULL) < 0)
		return;
	if (net.up || addresses) {
		holder->kind = addresses ? HOLDER_ADDRESS : HOLDER_UP;
		snprintf(holder->what, sizeof(holder->what), "%s", vf->netdev);
	}
	netdev_free(&net);
}

/* libvirt and others give QEMU the name of its guest as an argument: -name guest=lan1,... */
static bool find_guest(const struct host *host, const struct vfio_user *user, struct holder *holder)
{
	char path[40], words[4096], name[24] = "";
	size_t length;

	snprintf(path, sizeof(path), "proc/%d/cmdline", (int)user->pid);
	if (host_read_bytes(host, path, words, sizeof(words), &length) < 0)
		return false;
	for (const char *word = words; word < words + length; word += strlen(word) + 1) {
		const char *next = word + strlen(word) + 1;

		if (strcmp(word, "-name") != 0 || next >= words + length)
			continue;
		next += strncmp(next, "guest=", 6) ? 0 : 6;
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(next, ","), next);
	}
	snprintf(holder->what, sizeof(holder->what), "%s (%s, pid %d)", name, user->command,
			(int)user->pid);
	return *name;
}

void holder_find(const struct host *host, const struct vfio_users *users, const struct function *vf,
		struct holder *holder)
{
	const struct vfio_user *user = vfio_user_of(host, users, vf->bdf);

	*holder = (struct holder){ .kind = HOLDER_NONE };
	if (user && find_guest(host, user, holder)) {
		holder->kind = HOLDER_VM;
	} else if (user) {
		holder->kind = HOLDER_VFIO;
		snprintf(holder->what, sizeof(holder->what), "%s (pid %d)", user->command,
				(int)user->pid);
	} else if (*vf->netdev) {
		find_use_of_netdev(host, vf, holder);
	} else if (driver_handover(vf->driver) == HANDOVER_UIO) {
		holder->kind = HOLDER_DRIVER;
		snprintf(holder->what, sizeof(holder->what), "%s", vf->driver);
	} else if (holder_is_network(vf)) {
		holder->kind = HOLDER_NAMESPACE;
		if (netns_search(host, vf->bdf, holder->what, sizeof(holder->what)) < 0)
			snprintf(holder->what, sizeof(holder->what), "another network namespace");
	}
}

const char *holder_text(const struct holder *holder, char *text, size_t size)
{
	/* %s is the interface, device, or process; twice where the way out names it. */
	static const char *const texts[] = {
		[HOLDER_NONE] = "",
		[HOLDER_NAMESPACE] = "its interface is in %s: return it first",
		[HOLDER_UP] = "its interface %s is up: ip link set %s down",
		[HOLDER_ADDRESS] = "its interface %s has an address: ip address flush dev %s",
		[HOLDER_STACKED] = "its interface is used by %s: take it out of there",
		[HOLDER_VLAN] = "the VLAN %s stands on its interface: ip link del %s",
		[HOLDER_MACVTAP] = "the macvtap %s stands on its interface: ip link del %s",
		[HOLDER_BRIDGE] = "its interface is a port of the bridge %s: take it out of there",
		[HOLDER_BOND] = "its interface is a member of the bond %s: take it out of there",
		[HOLDER_OVS] = "its interface is a port of Open vSwitch (%s): ovs-vsctl del-port",
		[HOLDER_DRIVER] = "%s may have handed it to a process, which cannot be seen: end "
				  "that, and unbind the driver",
		[HOLDER_VFIO] = "%s has it open through VFIO: shut that down",
		[HOLDER_VM] = "the virtual machine %s has it: detach it there, or shut it down",
	};

	snprintf(text, size, texts[holder->kind], holder->what, holder->what);
	return text;
}

int holder_check_vfio(const struct host *host, struct bdf bdf, struct err *err)
{
	struct vfio_users users;
	const struct vfio_user *user;
	char text[BDF_TEXT];
	int rc = 0;

	vfio_users_read(host, &users);
	user = vfio_user_of(host, &users, bdf);
	if (user)
		rc = err_set(err, EBUSY, "%s: %s (pid %d) has it open through VFIO: shut that down",
				bdf_format(bdf, text), user->command, (int)user->pid);
	vfio_users_free(&users);
	return rc;
}
