/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "host/host.h"

/*
 * A PCI function as sysfs shows it: sys/bus/pci/devices/BDF, a link to the folder of the function
 * in the tree of buses.
 */

#define FUNCTIONS "sys/bus/pci/devices"

static const char *function_path_of(struct bdf bdf, const char *attribute, char path[PATH_MAX])
{
	char text[BDF_TEXT];

	snprintf(path, PATH_MAX, FUNCTIONS "/%s/%s", bdf_format(bdf, text), attribute);
	return path;
}

int function_read(const struct host *host, struct bdf bdf, const char *attribute, char *value,
		size_t size, struct err *err)
{
	char path[PATH_MAX];

	return host_read(host, function_path_of(bdf, attribute, path), value, size, err);
}

int function_number(const struct host *host, struct bdf bdf, const char *attribute, long *number,
		struct err *err)
{
	char value[32], *end;
	long parsed;
	int rc = function_read(host, bdf, attribute, value, sizeof(value), err);

	if (rc < 0)
		return rc;
	errno = 0;
	parsed = strtol(value, &end, strncmp(value, "0x", 2) ? 10 : 16);
	if (end == value || *end || errno) {
		char text[BDF_TEXT];

		return err_set(err, EPROTO, "%s: %s holds no number but '%s'",
				bdf_format(bdf, text), attribute, value);
	}
	*number = parsed;
	return 0;
}

int function_write(const struct host *host, struct bdf bdf, const char *attribute,
		const char *value, struct err *err)
{
	char path[PATH_MAX];

	return host_write(host, function_path_of(bdf, attribute, path), value, err);
}

bool function_has(const struct host *host, struct bdf bdf, const char *attribute)
{
	char path[PATH_MAX];

	return host_exists(host, function_path_of(bdf, attribute, path));
}

int function_link(const struct host *host, struct bdf bdf, const char *attribute, char *name,
		size_t size)
{
	char path[PATH_MAX];

	return host_link_name(host, function_path_of(bdf, attribute, path), name, size);
}

/* Returns the port number of an interface of the function itself, and -1 for a representor of
 * one of its VFs or SFs (phys_port_name "pf0vf3"). */
static long port_of(const struct host *host, struct bdf bdf, const char *folder, const char *name)
{
	char attribute[256], port[64];
	long number = 0;

	snprintf(attribute, sizeof(attribute), "%s/%s/phys_port_name", folder, name);
	if (!function_read(host, bdf, attribute, port, sizeof(port), NULL) &&
			!strncmp(port, "pf", 2) && (strstr(port, "vf") || strstr(port, "sf")))
		return -1;
	snprintf(attribute, sizeof(attribute), "%s/%s/dev_port", folder, name);
	if (function_number(host, bdf, attribute, &number, NULL) < 0 || number < 0)
		return 0;
	return number;
}

static int first_netdev(const struct host *host, struct bdf bdf, const char *folder, char *name,
		size_t size)
{
	char path[PATH_MAX], **names;
	size_t count;
	long best = LONG_MAX;
	int rc = host_names(host, function_path_of(bdf, folder, path), &names, &count, NULL);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < count; i++) {
		long port = port_of(host, bdf, folder, names[i]);

		if (port < 0 || port >= best)
			continue;
		best = port;
		snprintf(name, size, "%s", names[i]);
	}
	host_names_free(names, count);
	return best == LONG_MAX ? -ENOENT : 0;
}

/* Finds the interface of a virtio function: it belongs to the virtio device below the function. */
static int virtio_netdev(const struct host *host, struct bdf bdf, char *name, size_t size)
{
	char path[PATH_MAX], folder[64], **names;
	size_t count;
	int rc = host_names(host, function_path_of(bdf, "", path), &names, &count, NULL);

	if (rc < 0)
		return rc;
	rc = -ENOENT;
	for (size_t i = 0; i < count && rc < 0; i++) {
		if (strncmp(names[i], "virtio", 6) || strlen(names[i]) > 32)
			continue;
		snprintf(folder, sizeof(folder), "%.32s/net", names[i]);
		rc = first_netdev(host, bdf, folder, name, size);
	}
	host_names_free(names, count);
	return rc;
}

int function_netdev(const struct host *host, struct bdf bdf, char *name, size_t size)
{
	char driver[64] = "";

	name[0] = '\0';
	if (!first_netdev(host, bdf, "net", name, size))
		return 0;
	function_link(host, bdf, "driver", driver, sizeof(driver));
	if (!strcmp(driver, "virtio-pci"))
		return virtio_netdev(host, bdf, name, size) < 0 ? -ENOENT : 0;
	return -ENOENT;
}

bool function_has_netdev_anywhere(const struct host *host, struct bdf bdf)
{
	char path[PATH_MAX], folder[64], **names;
	bool has = function_has(host, bdf, "net");
	size_t count;

	if (has || host_names(host, function_path_of(bdf, "", path), &names, &count, NULL) < 0)
		return has;
	for (size_t i = 0; i < count && !has; i++) {
		snprintf(folder, sizeof(folder), "%.32s/net", names[i]);
		has = !strncmp(names[i], "virtio", 6) && function_has(host, bdf, folder);
	}
	host_names_free(names, count);
	return has;
}

int function_path(const struct host *host, struct bdf bdf, struct bdf *above, size_t limit,
		size_t *count, struct err *err)
{
	char path[64], target[PATH_MAX], text[BDF_TEXT], *slash;
	size_t found = 0;
	int rc;

	snprintf(path, sizeof(path), FUNCTIONS "/%s", bdf_format(bdf, text));
	rc = host_link_target(host, path, target, sizeof(target));
	if (rc < 0)
		return err_set(err, -rc, "%s: no such PCI function", text);
	/* Takes the components of ../../../devices/pci0000:00/0000:00:01.0/0000:01:00.0 from the
	 * end. */
	while ((slash = strrchr(target, '/'))) {
		struct bdf here;

		if (!bdf_parse(slash + 1, &here) && !bdf_equal(here, bdf)) {
			if (found == limit)
				return err_set(err, E2BIG, "%s is more than %zu bridges deep", text,
						limit);
			above[found++] = here;
		}
		*slash = '\0';
	}
	*count = found;
	return 0;
}
