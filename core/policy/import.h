/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_IMPORT_H
#define POLICY_IMPORT_H

#include "policy/desired.h"

/*
 * Other tools' files as policy files.
 *
 * Facts about the formats: SriovNetworkNodePolicy from api/v1 of
 * k8snetworkplumbingwg/sriov-network-operator; nmstate from rust/src/lib/ifaces of nmstate/nmstate;
 * systemd.link(5).
 */
struct import {
	const char *file;         /* as errors call it */
	struct desired_set set;   /* one for each card; its file is a name for it, "eth0.conf" */
	struct diagnostics wrong; /* what makes the file bad: FILE:LINE:COLUMN: what */
	struct diagnostics
			left; /* what it says and a policy file cannot, or says otherwise; the same */
};

enum import_format {
	IMPORT_NODE_POLICY, /* SriovNetworkNodePolicy, also several of them, and lists */
	IMPORT_NMSTATE,
	IMPORT_SYSTEMD_LINK,
	IMPORT_COUNT,
};

extern const char *const import_formats[IMPORT_COUNT]; /* "sriov-network-node-policy", ... */

/* Reads TEXT. -EINVAL where anything is in import->wrong; its set is of no use then. What is in the
 * set prints as policy files that are right. */
int import_read(enum import_format format, const char *file, const char *text, size_t length,
		struct import *import, struct err *err);
void cleanup_import(struct import *import);

#endif
