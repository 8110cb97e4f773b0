/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_HOST_H
#define HOST_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bdf.h"
#include "base/err.h"

/*
 * The machine as a directory: "/" for the running one, or a recorded tree that holds sys/, proc/
 * and dev/. Everything that touches the machine goes through it. What only a running kernel can do
 * (rtnetlink, namespaces, VFIO) is -EOPNOTSUPP on a recorded tree.
 *
 * A recorded tree may be hostile: no link in it leads out of it, and no device node in it is
 * opened.
 */
struct host;

int host_open(const char *root, struct host **host, struct err *err);
void host_close(struct host *host);
void cleanup_host(struct host **host);

bool host_is_live(const struct host *host);     /* the running machine, no recorded tree */
const char *host_root(const struct host *host); /* absolute */

/* The microseconds that the kernel took for the changes asked of it so far: host_write(),
 * function_write() and the setters of host/netlink.h. */
int64_t host_kernel_us(const struct host *host);

/* Counts the time since BEGAN_US (clock_us()) in as well: a wait for a link to come up. */
void host_waited(const struct host *host, int64_t began_us);

/* A path for messages, with the root in front; the caller frees it. It must not be opened: that
 * would follow links out of the root. */
char *host_path(const struct host *host, const char *path);

/*
 * Files below the root: PATH is relative to it ("sys/bus/pci/devices"). One value per file, read
 * without its final newline; one that does not fit is -EFBIG. A write that needs privilege is
 * -EPERM.
 */

/* As open(2), or -errno. -EOPNOTSUPP: PATH is a device node of a recorded tree. */
int host_open_file(const struct host *host, const char *path, int flags);

/* The same for a link whose target the kernel knows and no path names, such as proc/PID/ns/net. */
int host_open_kernel_link(const struct host *host, const char *path, int flags);

int host_read(const struct host *host, const char *path, char *value, size_t size, struct err *err);
int host_read_bytes(const struct host *host, const char *path, char *bytes, size_t size,
		size_t *length); /* the first SIZE - 1, and a zero, whatever they are; 0 or -errno */
int host_write(const struct host *host, const char *path, const char *value, struct err *err);
bool host_exists(const struct host *host, const char *path);

/* The last component of what the link points to: "igb" of .../driver. -ENOENT without err where
 * there is no link. */
int host_link_name(const struct host *host, const char *path, char *name, size_t size);

/* All that the link holds. -EINVAL: it is no link. */
int host_link_target(const struct host *host, const char *path, char *target, size_t size);

/* Whether the path is a link to /dev/null, by which administrators switch a file off. */
bool host_is_masked(const struct host *host, const char *path);

/* The names in a folder, sorted, for host_names_free(). An absent folder is -ENOENT. */
int host_names(const struct host *host, const char *path, char ***names, size_t *count,
		struct err *err);
void host_names_free(char **names, size_t count);

/* The same for the folders in it alone, without links to folders. */
int host_folders(const struct host *host, const char *path, char ***names, size_t *count,
		struct err *err);

/*
 * Attributes of PCI functions: sys/bus/pci/devices/BDF/ATTRIBUTE. The same rules. NUMBER also reads
 * what sysfs prints as 0x8086 or -1.
 */
int function_read(const struct host *host, struct bdf bdf, const char *attribute, char *value,
		size_t size, struct err *err);
int function_number(const struct host *host, struct bdf bdf, const char *attribute, long *number,
		struct err *err);
int function_write(const struct host *host, struct bdf bdf, const char *attribute,
		const char *value, struct err *err);
bool function_has(const struct host *host, struct bdf bdf, const char *attribute);
int function_link(const struct host *host, struct bdf bdf, const char *attribute, char *name,
		size_t size);

/* The network interface of a function; -ENOENT and "" where it has none in this network namespace.
 * Where a function has several, the one with the lowest port; representors of VFs do not count. */
int function_netdev(const struct host *host, struct bdf bdf, char *name, size_t size);

/* Whether the driver of the function has an interface in any network namespace: the folder of its
 * interfaces is there then, and lists those of this namespace. */
bool function_has_netdev_anywhere(const struct host *host, struct bdf bdf);

/* The functions above BDF from the one next to it up to the root port, at most LIMIT. */
int function_path(const struct host *host, struct bdf bdf, struct bdf *above, size_t limit,
		size_t *count, struct err *err);

#endif
