/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VM_VF_CHOICE_H
#define VM_VF_CHOICE_H

#include "catalog/catalog.h"
#include "sriov/inventory.h"

/* VFs that can be given to a virtual machine to connect it to a network. */
struct vf_candidate {
	struct bdf pf, vf;
	unsigned index;
	size_t card_count;    /* VFs of its card in the list */
	char name[NAME_ROOM]; /* "VF 3 of 0000:01:00.0 (eth0)" */
};

struct vf_candidates {
	size_t count;
	struct vf_candidate *list;  /* of the card with the most of them first */
	struct diagnostics reasons; /* why a card or a VF is not in the list, a line for each */
};

/* A VF that is given to a machine by a description that is not in use yet, or by a pool of libvirt. */
struct vf_promise {
	struct bdf vf;
	char what[120]; /* "in the configuration of VM web1" */
};

/* What VFs are looked for. */
struct vf_wish {
	const struct network *network;
	const struct vf_promise *promises;
	size_t promise_count;
	/* One card or VF, "eth0", "0000:01:00.0", "eth0/3" or "0000:01:10.6"; NULL: any. */
	const char *only;
	const struct bdf *own;   /* the VF that the NIC has; NULL: none */
	const struct bdf *among; /* one of these; NULL: any */
	size_t among_count;
};

/*
 * A VF can be given if nobody holds it, if no promise names it, if it is alone in its IOMMU group, and if
 * its card may carry the network, is up, and has the network's MTU. The NIC's own VF is first, if its card
 * still does. -ENODEV: there is no such card as ONLY.
 */
int vf_candidates_find(const struct host *host, const struct catalog *catalog,
		const struct vf_wish *wish, struct vf_candidates *candidates, struct err *err);

/* Describes the VF at that address. -ENODEV: it is no VF of a card of this host. */
int vf_candidate_of(const struct host *host, struct bdf vf, struct vf_candidate *candidate,
		struct err *err);
void cleanup_vf_candidates(struct vf_candidates *candidates);

#endif
