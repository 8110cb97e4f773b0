/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_IMPORT_H
#define POLICY_IMPORT_H

#include "policy/desired.h"

/*
 * Other tools' files as policy files.
 *
 * Facts about the formats: SriovNetworkNodePolicy and SriovNetworkNodeState from api/v1 of
 * k8snetworkplumbingwg/sriov-network-operator; nmstate from rust/src/lib/ifaces of nmstate/nmstate;
 * systemd.link(5), and src/shared/netif-sriov.c of systemd/systemd; doc/netplan-yaml.md and src/sriov.c
 * of canonical/netplan; nm-settings-keyfile(5).
 */
struct import {
	const char *file;         /* as errors call it */
	const char *node;         /* the one to import for, or NULL */
	struct desired_set set;   /* one for each card; its file is a name for it, "eth0.conf" */
	struct diagnostics wrong; /* what makes the file bad: FILE:LINE:COLUMN: what */
	struct diagnostics
			left; /* what it says and a policy file cannot, or says otherwise; the same */
};

struct import_format {
	const char *name; /* "nmstate" */
	const char *help; /* what files it reads */
	bool takes_node;  /* a file may be about several nodes */
	const char *const
			*kinds; /* of Kubernetes' objects that it reads, ends with NULL; or NULL */
	int (*parse)(struct import *import, const char *text, size_t length, struct err *err);
};

/* The INDEXth format, or NULL after the last. */
const struct import_format *import_format_at(size_t index);
const struct import_format *import_format_find(const char *name); /* or NULL */

/* A file, and what is wanted of it. */
struct import_source {
	const char *file; /* as errors call it */
	const char *text;
	size_t length;
	/* The host name of a node, or its labels, "role=big,rack=3", or both. If there is any label,
	 * these are all that the node has. NULL: the file must be about one node. */
	const char *node;
};

/* Reads the text. -EINVAL if import->wrong has any error; the set is then incomplete. Otherwise each
 * policy file of the set, printed, is valid. */
int import_read(const struct import_format *format, const struct import_source *source,
		struct import *import, struct err *err);
void cleanup_import(struct import *import);

#endif
