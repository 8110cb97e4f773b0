/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_HOST_H
#define HOST_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bdf.h"
#include "base/err.h"

/*
 * The machine as a directory: "/" for the running one, or a recorded tree that contains sys/, proc/
 * and dev/. All access to the machine goes through it. What only a running kernel can do
 * (rtnetlink, namespaces, VFIO) is -EOPNOTSUPP on a recorded tree.
 *
 * A recorded tree may be hostile: no link in it can lead out of it, and no device node in it is
 * opened.
 */
struct host;

int host_open(const char *root, struct host **host, struct err *err);
void host_close(struct host *host);
void cleanup_host(struct host **host);

bool host_is_live(const struct host *host);     /* the running machine, not a recorded tree */
const char *host_root(const struct host *host); /* absolute */

/* The microseconds that the kernel has taken so far for requested changes: host_write(),
 * function_write() and the setters of host/netlink.h. */
int64_t host_kernel_us(const struct host *host);

/* Adds the time since BEGAN_US (clock_us()): the wait for a link to come up. */
void host_waited(const struct host *host, int64_t began_us);

/* Returns a path for messages, with the root in front, for the caller to free. Do not open it:
 * that would follow links out of the root. */
char *host_path(const struct host *host, const char *path);

/*
 * Files below the root: PATH is relative to it ("sys/bus/pci/devices"). One value per file, read
 * without its final newline; -EFBIG: it does not fit. -EPERM: the write needs privilege.
 */

/* As open(2), or -errno. -EOPNOTSUPP: PATH is a device node of a recorded tree. */
int host_open_file(const struct host *host, const char *path, int flags);

/* The same for a link that the kernel resolves without a path, such as proc/PID/ns/net. */
int host_open_kernel_link(const struct host *host, const char *path, int flags);

int host_read(const struct host *host, const char *path, char *value, size_t size, struct err *err);
int host_read_bytes(const struct host *host, const char *path, char *bytes, size_t size,
		size_t *length); /* at most SIZE - 1 bytes of any kind, and a zero; 0 or -errno */
int host_write(const struct host *host, const char *path, const char *value, struct err *err);
bool host_exists(const struct host *host, const char *path);

/* The last component of the target of a link: "igb" of .../driver. -ENOENT without ERR: there is
 * no link. */
int host_link_name(const struct host *host, const char *path, char *name, size_t size);

/* The whole target of a link. -EINVAL: PATH is not a link. */
int host_link_target(const struct host *host, const char *path, char *target, size_t size);

/* Whether PATH is a link to /dev/null, with which administrators disable a file. */
bool host_is_masked(const struct host *host, const char *path);

/* The names in a folder, sorted, for host_names_free(). -ENOENT: the folder does not exist. */
int host_names(const struct host *host, const char *path, char ***names, size_t *count,
		struct err *err);
void host_names_free(char **names, size_t count);

/* The same for its subfolders only, without links to folders. */
int host_folders(const struct host *host, const char *path, char ***names, size_t *count,
		struct err *err);

/*
 * Attributes of PCI functions, sys/bus/pci/devices/BDF/ATTRIBUTE, with the same rules. NUMBER also
 * reads what sysfs prints as 0x8086 or -1.
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

/* Most bridges above a function, of which a switch is two and a root port one. */
enum { PATH_LIMIT = 32 };

/* The bridges above BDF, from its parent to the root port. -E2BIG: more than LIMIT. */
int function_path(const struct host *host, struct bdf bdf, struct bdf *above, size_t limit,
		size_t *count, struct err *err);

#endif
