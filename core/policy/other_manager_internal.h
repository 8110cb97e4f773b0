/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_OTHER_MANAGER_INTERNAL_H
#define POLICY_OTHER_MANAGER_INTERNAL_H

#include "policy/other_manager.h"

/* One function for each kind of file. All work on texts, so that they can be fuzzed. */

/* The names of one card. */
struct card_names {
	char id_path[BDF_TEXT + 4]; /* systemd's "pci-0000:01:00.0" */
	const char *netdev, *driver;
	bool renamed;                    /* the interface, whose original name is then unknown */
	char mac[18], permanent_mac[18]; /* or "" */
};

struct manager_file {
	char *file; /* its path, for messages */
	char *text;
};

struct manager_files {
	size_t count;
	struct manager_file *items;
};

/* One .link or .network file and then its drop-ins, in the order in which systemd reads them. */
void find_systemd_files(const struct manager_files *files, const struct card_names *names,
		struct diagnostics *managers);

/* NetworkManager's connection keyfiles, and its configuration; each file counts by itself. */
void find_nm_connections(const struct manager_files *files, const struct card_names *names,
		struct diagnostics *managers);
void find_nm_configuration(const struct manager_files *files, const struct card_names *names,
		struct diagnostics *managers);

/* All of netplan's files in their order: a definition may be spread over several. */
void find_netplan_files(const struct manager_files *files, const struct card_names *names,
		struct diagnostics *managers);

/* Whether VALUE matches one of the patterns in LIST, which SEPARATORS divide. Ignores case. */
bool pattern_list_matches(const char *list, const char *separators, const char *value);

#endif
