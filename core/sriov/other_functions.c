/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sriov/other_functions.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "drivers/drivers.h"
#include "host/config.h"
#include "sriov/pf.h"

enum { LISTED_MOST = 8, CLASS_BRIDGE = 0x06 };

/* Whether NAME has the word "VF", or the words "virtual function". */
static bool names_vf(const char *name)
{
	if (strcasestr(name, "virtual function"))
		return true;
	for (const char *at = name; (at = strstr(at, "VF")); at += 2) {
		if ((at == name || !isalnum((unsigned char)at[-1])) &&
				!isalnum((unsigned char)at[2]))
			return true;
	}
	return false;
}

bool function_is_guest_vf(const struct host *host, struct bdf bdf)
{
	struct function function;
	char name[256];

	if (function_has(host, bdf, "physfn") || function_has(host, bdf, "sriov_totalvfs") ||
			function_fill(host, bdf, &function, NULL) < 0 ||
			function.class_code >> 16 == CLASS_BRIDGE)
		return false;
	if (driver_is_for_vfs(function.driver))
		return true;
	return names_vf(config_names(host, function.vendor, function.device, name, sizeof(name)));
}

/* Behind a port everything on the bus is one device, whose functions have several device numbers
 * with ARI. */
static bool is_same_device(const struct host *host, struct bdf a, struct bdf b)
{
	struct bdf above[PATH_LIMIT];
	size_t depth = 0;

	if (a.domain != b.domain || a.bus != b.bus || bdf_equal(a, b))
		return false;
	return a.device == b.device ||
			(!function_path(host, a, above, PATH_LIMIT, &depth, NULL) && depth);
}

static bool has_trait(const struct host *host, struct bdf bdf, enum function_trait trait)
{
	char name[IFNAMSIZ];

	if (trait == FUNCTION_MAKES_VFS)
		return function_has(host, bdf, "sriov_totalvfs");
	return !function_netdev(host, bdf, name, sizeof(name));
}

struct listing {
	const struct host *host;
	const struct bdf *of; /* NULL: VFs without their PF are listed */
	enum function_trait trait;
};

static bool is_listed(const struct listing *listing, struct bdf bdf)
{
	if (!listing->of)
		return function_is_guest_vf(listing->host, bdf);
	return is_same_device(listing->host, *listing->of, bdf) &&
			!function_has(listing->host, bdf, "physfn") &&
			has_trait(listing->host, bdf, listing->trait);
}

static char *list(const struct listing *listing)
{
	char *text = NULL, **names, name[BDF_TEXT + IFNAMSIZ + 4];
	size_t size, count = 0, found = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	if (host_names(listing->host, "sys/bus/pci/devices", &names, &count, NULL) < 0)
		names = NULL;
	for (size_t i = 0; i < count; i++) {
		struct function function = { 0 };

		if (bdf_parse(names[i], &function.bdf) < 0 || !is_listed(listing, function.bdf) ||
				found++ >= LISTED_MOST)
			continue;
		function_netdev(listing->host, function.bdf, function.netdev,
				sizeof(function.netdev));
		fprintf(out, "%s%s", found > 1 ? ", " : "", pf_name(&function, name, sizeof(name)));
	}
	if (found > LISTED_MOST)
		fprintf(out, " and %zu more", found - LISTED_MOST);
	host_names_free(names, count);
	if (fclose(out))
		abort();
	return text;
}

char *other_functions(const struct host *host, struct bdf bdf, enum function_trait trait)
{
	return list(&(struct listing){ .host = host, .of = &bdf, .trait = trait });
}

char *guest_vfs(const struct host *host)
{
	return list(&(struct listing){ .host = host });
}
