/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_IMPORT_H
#define POLICY_IMPORT_H

#include "policy/desired.h"

/*
 * Converts files of other tools to policy files.
 *
 * Sources for the formats: SriovNetworkNodePolicy and SriovNetworkNodeState from api/v1 of
 * k8snetworkplumbingwg/sriov-network-operator; nmstate from rust/src/lib/ifaces of nmstate/nmstate;
 * systemd.link(5), and src/shared/netif-sriov.c of systemd/systemd; doc/netplan-yaml.md and
 * src/sriov.c of canonical/netplan; nm-settings-keyfile(5).
 */
struct import {
	const char *file;         /* as errors call it */
	const char *node;         /* the node to import for, or NULL */
	struct desired_set set;   /* one for each card; each has a file name, such as "eth0.conf" */
	struct diagnostics wrong; /* errors in the file: FILE:LINE:COLUMN: what */
	struct diagnostics left;  /* what a policy file cannot express exactly; the same */
};

struct import_format {
	const char *name;         /* "nmstate" */
	const char *help;         /* which files it reads */
	bool takes_node;          /* a file may concern several nodes */
	const char *const *kinds; /* of Kubernetes objects that it reads, ends with NULL; or NULL */
	int (*parse)(struct import *import, const char *text, size_t length, struct err *err);
};

/* Returns the format at INDEX, or NULL after the last. */
const struct import_format *import_format_at(size_t index);
const struct import_format *import_format_find(const char *name); /* or NULL */

/* A file, and the node to import for. */
struct import_source {
	const char *file; /* as errors call it */
	const char *text;
	size_t length;
	/* The host name of a node, its labels, "role=big,rack=3", or both. If any label is
	 * given, the node has no others. NULL: the file must concern only one node. */
	const char *node;
};

/* Reads the text. -EINVAL: import->wrong has errors; the set is then incomplete. Otherwise each
 * policy file of the set is valid when printed. */
int import_read(const struct import_format *format, const struct import_source *source,
		struct import *import, struct err *err);
void cleanup_import(struct import *import);

#endif
