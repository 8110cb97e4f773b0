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
