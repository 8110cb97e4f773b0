/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_DESIRED_INTERNAL_H
#define POLICY_DESIRED_INTERNAL_H

#include "data/ini.h"
#include "policy/desired.h"

/* The parts of the reader of policy files: desired_load.c and desired_files.c find the files,
 * desired.c and desired_vfs.c parse their sections. */

/* A policy file and its drop-ins, in the order in which they are read. */
struct policy_source {
	char *name;   /* "/etc/vfctl/10-lan.conf" */
	bool broken;  /* a file cannot be read or is malformed */
	bool partial; /* a drop-in with errors was taken out */
	size_t count;
	struct ini **inis; /* the file first; without malformed lines, which are reported */
};

struct policy_sources {
	size_t count;
	struct policy_source *items;
};

/* Finds and reads them. PARTIAL: drop-ins that cannot be read or are malformed are taken out. */
int policy_sources_load(const struct host *host, bool partial, struct policy_sources *sources,
		struct diagnostics *diagnostics, struct err *err);

/* Reads one file; PATH is as the user gave it. */
void policy_source_read(
		const char *path, struct policy_source *source, struct diagnostics *diagnostics);

void policy_source_add(struct policy_source *source, struct ini *ini);
struct policy_source *policy_sources_add(struct policy_sources *sources, const char *name);
void cleanup_policy_sources(struct policy_sources *sources);

/* Adds to SET what the source says of its card. A DROP_IN alone needs no [Match]. */
void desired_build(const struct policy_source *source, bool drop_in, struct desired_set *set,
		struct diagnostics *diagnostics);

/* Takes out file INDEX, and reports that. */
void policy_source_take_out(
		struct policy_source *source, size_t index, struct diagnostics *diagnostics);

/* Sets what KEY says in a [Match] or [PF] SECTION, or for VF INDEX in an [SR-IOV] section. -ENOENT:
 * there is no such key; -EINVAL or -ERANGE: it TAKES something else. Then nothing is set. */
int desired_set(struct desired *desired, const char *section, const char *key, const char *text,
		const char **takes);
int desired_set_vf(struct desired *desired, unsigned index, const char *key, const char *text,
		const char **takes);

/* VirtualFunction= into a bit for each of DESIRED_VFS_MOST VFs. -EINVAL. */
enum { DESIRED_VFS_MOST = 4096 };
int desired_parse_indexes(const char *text, bool seen[DESIRED_VFS_MOST]);

/* The [SR-IOV] sections of all inis, into desired->vfs. */
void desired_read_vfs(const struct policy_source *source, struct desired *desired,
		struct diagnostics *diagnostics);

#endif
