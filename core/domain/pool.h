/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DOMAIN_POOL_H
#define DOMAIN_POOL_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bdf.h"
#include "base/err.h"
#include "base/name.h"

/*
 * A network of libvirt as its XML describes it (formatnetwork of libvirt 12), as far as it is a pool of
 * VFs: <forward mode='hostdev'>. While it is active, the XML lists the VFs of its <pf>. A port
 * (formatnetworkport) is a device of it that a machine has.
 */
struct pool_group {
	char name[NAME_ROOM];
	bool is_default;
	uint16_t vlan; /* 0: none */
	bool trunk;    /* of several VLANs */
};

struct pool_vf {
	struct bdf vf;
	bool is_given; /* to a machine, by libvirt */
};

struct pool {
	char name[NAME_ROOM * 2];
	bool is_hostdev;
	char pf[IFNAMSIZ]; /* "" where VFs are listed only */
	size_t vf_count;
	struct pool_vf *vfs;
	struct pool_group own; /* without a name */
	size_t group_count;
	struct pool_group *groups;
};

/* As domain_parse(); the caller frees POOL in any case. */
int pool_parse(const char *file, const char *text, size_t length, struct pool *pool,
		struct err *err);
void cleanup_pool(struct pool *pool);

/* The VLAN that a NIC gets, with GROUP or, if it is NULL, as libvirt chooses. -EINVAL: there is no such
 * group, or it is a trunk, which a VF cannot be. */
int pool_vlan(const struct pool *pool, const char *group, uint16_t *vlan, struct err *err);

/* The VF of a port, and the machine that has it. -ENOENT without ERR: the port has none. */
int pool_port_parse(const char *text, size_t length, struct bdf *vf, char owner[NAME_ROOM],
		struct err *err);

#endif
