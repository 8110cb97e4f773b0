/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pci/acs.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "host/config.h"
#include "pci/pcie.h"

/* The services that isolate peers, in the order of their bits. Translation blocking and those
 * after it are not needed if an IOMMU translates. */
static const struct {
	const char *name;
	uint16_t bit;
} services[] = {
	{ "SrcValid", ACS_SOURCE_VALIDATION },
	{ "ReqRedir", ACS_REQUEST_REDIRECT },
	{ "CmpltRedir", ACS_COMPLETION_REDIRECT },
	{ "UpstreamFwd", ACS_UPSTREAM_FORWARDING },
};

static void read_services(struct config *config, struct acs_hop *hop)
{
	unsigned at = config_extended(config, PCIE_EXT_ACS);
	uint16_t capability, control, all = 0;
	size_t used = 0;

	if (!at) {
		snprintf(hop->services, sizeof(hop->services), "%s",
				config_remedy(hop->length) ? "not readable" : "no ACS");
		return;
	}
	capability = config_word(config, at + ACS_CAPABILITY);
	control = config_word(config, at + ACS_CONTROL);
	for (size_t i = 0; i < sizeof(services) / sizeof(*services); i++) {
		all |= services[i].bit;
		used += (size_t)snprintf(hop->services + used, sizeof(hop->services) - used,
				"%s%s%c", i ? " " : "", services[i].name,
				capability & control & services[i].bit ? '+' : '-');
	}
	hop->capable = (capability & all) == all;
	hop->enabled = (capability & control & all) == all;
}

/* Whether the function at BDF is a hop; fills HOP if so. */
static bool read_hop(const struct host *host, struct bdf bdf, struct acs_hop *hop)
{
	CLEANUP(cleanup_config) struct config *config = NULL;
	unsigned express;

	*hop = (struct acs_hop){ .bdf = bdf };
	if (!config_open(host, bdf, &config, NULL))
		hop->length = config_length(config);
	if (hop->length < 256) {
		snprintf(hop->services, sizeof(hop->services), "not readable");
		return true;
	}
	express = config_capability(config, PCIE_CAPABILITY);
	switch (express ? PCIE_PORT_TYPE(config_word(config, express + PCIE_FLAGS)) : -1) {
	case PCIE_ROOT_PORT:
	case PCIE_DOWNSTREAM:
		read_services(config, hop);
		break;
	case PCIE_UPSTREAM:
		return false;
	default:
		hop->bridge_to_pci = true;
		snprintf(hop->services, sizeof(hop->services), "bridge to conventional PCI");
	}
	return true;
}

int acs_walk(const struct host *host, struct bdf bdf, struct acs_hop *hops, size_t limit,
		size_t *count, struct err *err)
{
	struct bdf above[PATH_LIMIT];
	size_t depth, found = 0;
	int rc = function_path(host, bdf, above, PATH_LIMIT, &depth, err);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < depth; i++) {
		struct acs_hop hop;

		if (!read_hop(host, above[i], &hop))
			continue;
		if (found == limit)
			return err_set(err, E2BIG, "more than %zu ports above a function", limit);
		hops[found++] = hop;
	}
	*count = found;
	return 0;
}
