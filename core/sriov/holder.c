/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sriov/holder.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "drivers/drivers.h"
#include "host/device_users.h"
#include "netdev/netdev_uses.h"
#include "netdev/netns_search.h"
#include "netdev/port.h"
#include "sriov/reservation.h"

/*
 * A VF is held by anything that would lose it; it counts as free only if that can be shown. The
 * searches run from the strongest reason to the weakest; each decides, or leaves the VF to the
 * next.
 */

/* What uses the devices of the host. */
struct uses {
	struct device_users processes;
	struct netdev_uses interfaces;
	struct reservation *reservations;
	size_t reservation_count;
	struct diagnostics unread_reservations;
};

struct search {
	const struct host *host;
	const struct uses *uses;
	const struct function *vf;
	struct holder *holder;
};

static void know(const struct search *search, const char *format, ...)
		__attribute__((format(printf, 2, 3)));

static void know(const struct search *search, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(search->holder->known, sizeof(search->holder->known), format, arguments);
	va_end(arguments);
}

static void know_file(const struct search *search, const char *path)
{
	CLEANUP(cleanup_free) char *place = host_path(search->host, path);

	know(search, "%s", place);
}

static bool decide(const struct search *search, enum holder_kind kind, const char *what)
{
	search->holder->kind = kind;
	snprintf(search->holder->what, sizeof(search->holder->what), "%s", what);
	return true;
}

bool holder_is_network(const struct function *vf)
{
	return *vf->driver && !driver_handover(vf->driver) &&
			(vf->class_code >> 16 == 0x02 || driver_is_network(vf->driver));
}

/* libvirt and others pass the name of the guest to QEMU as an argument: -name guest=lan1,... */
static bool find_guest(
		const struct host *host, const struct device_user *user, char *text, size_t size)
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
	snprintf(text, size, "%s (%s, pid %d)", name, user->command, (int)user->pid);
	return *name;
}

static bool find_process(const struct search *search)
{
	const struct device_user *user =
			device_user_of(search->host, &search->uses->processes, search->vf->bdf);
	CLEANUP(cleanup_free) char *place = NULL;
	char text[NAME_ROOM], path[40];

	if (!user)
		return false;
	snprintf(path, sizeof(path), "proc/%d/fd", (int)user->pid);
	place = host_path(search->host, path);
	know(search, "%s is open in %s", user->node, place);
	if (find_guest(search->host, user, text, sizeof(text)))
		return decide(search, HOLDER_VM, text);
	snprintf(text, sizeof(text), "%s (pid %d)", user->command, (int)user->pid);
	return decide(search, strncmp(user->node, "vfio/", 5) ? HOLDER_OPEN : HOLDER_VFIO, text);
}

/* Administrators choose the names of vDPA devices; each is below the function that it was
 * created on. */
static bool find_vdpa(const struct search *search)
{
	char folder[BDF_TEXT + 2] = "/", path[PATH_MAX], target[PATH_MAX], **names;
	bool found = false;
	size_t count;

	if (host_names(search->host, "sys/bus/vdpa/devices", &names, &count, NULL) < 0)
		return false;
	bdf_format(search->vf->bdf, folder + 1);
	strcat(folder, "/");
	for (size_t i = 0; i < count && !found; i++) {
		snprintf(path, sizeof(path), "sys/bus/vdpa/devices/%s", names[i]);
		if (host_link_target(search->host, path, target, sizeof(target)) < 0 ||
				!strstr(target, folder))
			continue;
		know_file(search, path);
		found = decide(search, HOLDER_VDPA, names[i]);
	}
	host_names_free(names, count);
	return found;
}

static bool find_disk(const struct search *search)
{
	char folder[BDF_TEXT + 2] = "/", path[PATH_MAX], target[PATH_MAX];
	char where[PATH_MAX], **names;
	bool found = false;
	size_t count;

	if (search->vf->class_code >> 16 != 0x01 ||
			host_names(search->host, "sys/class/block", &names, &count, NULL) < 0)
		return false;
	bdf_format(search->vf->bdf, folder + 1);
	strcat(folder, "/");
	for (size_t i = 0; i < count && !found; i++) {
		snprintf(path, sizeof(path), "sys/class/block/%s", names[i]);
		found = !host_link_target(search->host, path, target, sizeof(target)) &&
				strstr(target, folder) &&
				device_disk_is_used(search->host, names[i], where, sizeof(where)) &&
				decide(search, HOLDER_BLOCK, names[i]);
	}
	if (found)
		know_file(search, where);
	host_names_free(names, count);
	return found;
}

/* For drivers that hand the VF to a process: no process that was seen has it. */
static bool find_unseen_process(const struct search *search)
{
	enum handover handover = driver_handover(search->vf->driver);
	const struct device_user *some;

	if (handover != HANDOVER_VFIO && handover != HANDOVER_UIO)
		return false;
	some = handover == HANDOVER_VFIO ? device_user_of_some_vfio(&search->uses->processes)
					 : NULL;
	if (search->uses->processes.unseen)
		know(search, "%s", search->uses->processes.unseen);
	else if (some)
		know(search, "%s (pid %d) has a VFIO device open that has no name", some->command,
				(int)some->pid);
	else
		know(search, "no process has it open through %s",
				handover == HANDOVER_VFIO ? "VFIO" : "UIO");
	return decide(search, some || search->uses->processes.unseen ? HOLDER_UNKNOWN : HOLDER_NONE,
			some || search->uses->processes.unseen ? search->vf->driver : "");
}

static bool has_no_driver(const struct search *search)
{
	if (*search->vf->driver && driver_handover(search->vf->driver) != HANDOVER_STUB)
		return false;
	know(search, "%s",
			*search->vf->driver ? "its driver keeps it from all use"
					    : "no driver is bound");
	return decide(search, HOLDER_NONE, "");
}

/* The kind of a device, from the folders and words that its driver puts into sysfs. */
static enum holder_kind kind_of_upper(const struct host *host, const char *upper)
{
	static const struct {
		const char *type;
		enum holder_kind kind;
	} types[] = { { "DEVTYPE=vlan", HOLDER_VLAN }, { "DEVTYPE=bridge", HOLDER_BRIDGE },
		{ "DEVTYPE=bond", HOLDER_BOND } };
	char path[64], text[512];

	/* Every port of Open vSwitch has this one device of its kernel module above it. */
	if (!strcmp(upper, "ovs-system"))
		return HOLDER_OVS;
	snprintf(path, sizeof(path), "sys/class/net/%.16s/uevent", upper);
	if (host_read(host, path, text, sizeof(text), NULL) < 0)
		return HOLDER_STACKED;
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (strstr(text, types[i].type))
			return types[i].kind;
	}
	/* macvtap has no DEVTYPE; its character device is below it. */
	snprintf(path, sizeof(path), "sys/class/net/%.16s/macvtap", upper);
	return host_exists(host, path) ? HOLDER_MACVTAP : HOLDER_STACKED;
}

/* An interface that is gone decides nothing: it may be in another namespace by now. Any other
 * error means that the VF cannot be shown to be free. */
static bool judge_error(const struct search *search, int rc, const struct err *err)
{
	if (rc == -ENODEV)
		return false;
	know(search, "%s", err->msg);
	return decide(search, HOLDER_UNKNOWN, search->vf->netdev);
}

/* Whether the RDMA device of the VF may have users that were not seen. A recorded tree may lack
 * the processes; on it, an RDMA device alone does not count as in use. */
static bool rdma_users_are_unseen(const struct search *search)
{
	return search->uses->processes.unseen && host_is_live(search->host) &&
			function_has(search->host, search->vf->bdf, "infiniband");
}

/* Whether NAME, an interface of the VF, holds it. What was found is the word on a free VF, too. */
static bool is_used(const struct search *search, const char *name)
{
	char upper[IFNAMSIZ], path[80];
	struct err err = { 0 };
	struct netdev_use use;
	int rc;

	netdev_upper(search->host, name, upper, sizeof(upper));
	if (*upper) {
		snprintf(path, sizeof(path), "sys/class/net/%s/upper_%s", name, upper);
		know_file(search, path);
		return decide(search, kind_of_upper(search->host, upper), upper);
	}
	rc = netdev_uses_of(search->host, &search->uses->interfaces, name, &use, &err);
	if (rc < 0)
		return judge_error(search, rc, &err);
	if (rdma_users_are_unseen(search)) {
		know(search, "its RDMA device: %s", search->uses->processes.unseen);
		return decide(search, HOLDER_UNKNOWN, name);
	}
	know(search, "%s is %s", name,
			use.addresses            ? "addressed"
					: use.up ? "up"
						 : "down, without address or anything on it");
	if (use.addresses || use.up)
		return decide(search, use.addresses ? HOLDER_ADDRESS : HOLDER_UP, name);
	decide(search, HOLDER_NONE, "");
	return false;
}

/* A VF of a card with two ports on one function (mlx4) has an interface on each. */
static bool find_use_of_netdev(const struct search *search)
{
	struct port *ports;
	size_t count = function_ports(search->host, search->vf->bdf, &ports);
	bool used = false;

	for (size_t i = 0; i < count && !used; i++)
		used = is_used(search, ports[i].name);
	free(ports);
	return used || (count && *search->holder->known);
}

/* The folder net of a function exists while its driver has an interface in any namespace, and
 * lists those of the current namespace (Linux 6.12, lib/kobject.c: children have a namespace, the
 * folder has none). */
static bool find_interface_elsewhere(const struct search *search)
{
	char where[NAME_ROOM] = "another network namespace";

	if (!function_has_netdev_anywhere(search->host, search->vf->bdf))
		return false;
	know(search, "its driver %s has an interface that is not here", search->vf->driver);
	netns_search(search->host, search->vf->bdf, where, sizeof(where));
	return decide(search, HOLDER_NAMESPACE, where);
}

static bool find_driver(const struct search *search)
{
	if (!driver_is_network(search->vf->driver)) {
		know(search, "the driver %s is bound, and has no interface", search->vf->driver);
		return decide(search, HOLDER_DRIVER, search->vf->driver);
	}
	know(search, "its driver %s shows no interface, in no namespace", search->vf->driver);
	if (!rdma_users_are_unseen(search))
		return decide(search, HOLDER_NONE, "");
	know(search, "its RDMA device: %s", search->uses->processes.unseen);
	return decide(search, HOLDER_UNKNOWN, search->vf->driver);
}

static void find(const struct host *host, const struct uses *uses, struct vf *vf)
{
	static bool (*const searches[])(const struct search *) = { find_process, find_vdpa,
		find_disk, has_no_driver, find_unseen_process, find_use_of_netdev,
		find_interface_elsewhere, find_driver };
	struct search search = { host, uses, &vf->function, &vf->holder };

	vf->holder = (struct holder){ .kind = HOLDER_NONE };
	for (size_t i = 0; i < sizeof(searches) / sizeof(*searches); i++) {
		if (searches[i](&search))
			return;
	}
}

/* In switchdev mode a VF is connected by its representor: one that is in a bridge or in Open vSwitch
 * was put there for the VF's user. */
static void find_use_of_representor(const struct host *host, const struct port *port, struct vf *vf)
{
	const struct search search = { .host = host, .vf = &vf->function, .holder = &vf->holder };
	char upper[IFNAMSIZ], path[80];

	netdev_upper(host, port->name, upper, sizeof(upper));
	if (vf->holder.kind || !*upper)
		return;
	snprintf(path, sizeof(path), "sys/class/net/%s/upper_%s", port->name, upper);
	know_file(&search, path);
	decide(&search, HOLDER_REPRESENTOR, port->name);
}

/* Adds to a machine that has the VF which of its NICs it is. */
static void find_reservation(const struct host *host, const struct uses *uses, struct vf *vf)
{
	const struct search search = { host, uses, &vf->function, &vf->holder };
	char text[BDF_TEXT];

	bdf_format(vf->function.bdf, text);
	for (size_t i = 0; i < uses->reservation_count; i++) {
		const struct reservation *reservation = &uses->reservations[i];
		struct holder *holder = &vf->holder;

		if (!bdf_equal(reservation->vf, vf->function.bdf))
			continue;
		if (holder->kind < HOLDER_VFIO)
			know(&search, "/run/vfctl/reservations/%s.json", text);
		holder->kind = holder->kind < HOLDER_VFIO ? HOLDER_RESERVED : HOLDER_VM;
		snprintf(holder->what, sizeof(holder->what), "%.40s/%.20s", reservation->vm,
				reservation->nic);
	}
	for (size_t i = 0; i < uses->unread_reservations.count; i++) {
		if (vf->holder.kind || !strstr(uses->unread_reservations.lines[i], text))
			continue;
		know(&search, "%s", uses->unread_reservations.lines[i]);
		decide(&search, HOLDER_UNKNOWN, text);
	}
}

void holders_find(const struct host *host, struct bdf pf, struct vf *vfs, size_t count)
{
	struct uses uses;
	struct port *ports;
	size_t port_count;

	if (!count)
		return;
	port_count = function_ports(host, pf, &ports);
	device_users_read(host, &uses.processes);
	netdev_uses_read(host, &uses.interfaces);
	uses.unread_reservations = (struct diagnostics){ 0 };
	reservations_read(host, &uses.reservations, &uses.reservation_count,
			&uses.unread_reservations, NULL);
	for (size_t i = 0; i < count; i++) {
		find(host, &uses, &vfs[i]);
		for (size_t k = 0; k < port_count; k++) {
			if (ports[k].kind == PORT_VF && !ports[k].external &&
					ports[k].number == vfs[i].index)
				find_use_of_representor(host, &ports[k], &vfs[i]);
		}
		find_reservation(host, &uses, &vfs[i]);
	}
	device_users_free(&uses.processes);
	netdev_uses_free(&uses.interfaces);
	free(uses.reservations);
	diagnostics_free(&uses.unread_reservations);
	free(ports);
}

/* A VFIO group can be opened only once, and a process with a device of the group keeps it open.
 * -EBUSY is the kernel's answer for that (Linux 6.12, vfio_group_fops_open()); any other error says
 * nothing. */
static int try_group(const struct host *host, struct bdf bdf)
{
	CLEANUP(cleanup_fd) int fd = -1;
	char path[40] = "dev/vfio/";

	if (!host_is_live(host) ||
			function_link(host, bdf, "iommu_group", path + 9, sizeof(path) - 9) < 0)
		return -ENOENT;
	fd = host_open_file(host, path, O_RDWR);
	return fd < 0 ? fd : 0;
}

int holder_check_vfio(const struct host *host, struct bdf bdf, struct err *err)
{
	const struct device_user *user;
	struct device_users users;
	char driver[NAME_ROOM] = "", text[BDF_TEXT];
	int rc;

	function_link(host, bdf, "driver", driver, sizeof(driver));
	if (driver_handover(driver) != HANDOVER_VFIO)
		return 0;
	rc = try_group(host, bdf);
	if (!rc)
		return 0;
	device_users_read(host, &users);
	user = device_user_of(host, &users, bdf);
	if (user)
		rc = err_set(err, EBUSY, "%s: %s (pid %d) has it open through VFIO: shut that down",
				bdf_format(bdf, text), user->command, (int)user->pid);
	else if (rc == -EBUSY)
		err_set(err, EBUSY,
				"%s: a process that cannot be seen has it open through VFIO: "
				"shut that down",
				bdf_format(bdf, text));
	else
		rc = 0;
	device_users_free(&users);
	return rc;
}
