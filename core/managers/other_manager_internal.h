/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MANAGERS_OTHER_MANAGER_INTERNAL_H
#define MANAGERS_OTHER_MANAGER_INTERNAL_H

#include "managers/other_manager.h"

/*
 * One file for each kind of file that can manage VFs, each with a row in the table of
 * other_manager.c. The functions find_...() work on texts, so that they can be fuzzed.
 */

enum { CARD_ALIASES_MOST = 8, CARD_ABOVE_MOST = 16, CARD_ALIAS_ROOM = 128 };

/* The names of one card. */
struct card_names {
	const struct host *host; /* for attributes of sysfs; NULL: none can be read */
	char bdf[BDF_TEXT];
	char id_path[CARD_ALIAS_ROOM]; /* from udev's database, or "" */
	const char *netdev, *driver;
	bool renamed;                    /* the interface, whose original name is then unknown */
	char mac[18], permanent_mac[18]; /* or "" */
	size_t alias_count;              /* further names of the interface, from udev's database */
	char aliases[CARD_ALIASES_MOST][CARD_ALIAS_ROOM];
	size_t above_count; /* the bridges above the card */
	char above[CARD_ABOVE_MOST][BDF_TEXT];
};

struct manager_file {
	char *file; /* its path, for messages */
	char *text;
};

struct manager_files {
	size_t count;
	struct manager_file *items;
};

/* One look at one card. NOTES is for files that cannot be read. */
struct manager_scan {
	const struct host *host;
	const struct card_names *names;
	struct diagnostics *managers, *notes;
};

void manager_files_free(struct manager_files *files);

/* Adds the file, or nothing where it is absent. One that cannot be read, is too large or is no text
 * becomes a note. */
void manager_file_read(
		const struct manager_scan *scan, const char *path, struct manager_files *files);

/* Adds the files of conf_files_list(). */
void manager_files_read(const struct manager_scan *scan, const char *const folders[],
		const char *below, const char *suffix, struct manager_files *files);

/* Adds those files of one folder whose names match PATTERN (fnmatch); hidden ones, folders, and
 * those that editors and packages leave behind do not count. */
void manager_folder_read(const struct manager_scan *scan, const char *folder, const char *pattern,
		struct manager_files *files);

/* Whether something is for the card. MAY: that cannot be decided from the files. */
enum fit { FIT_NO, FIT_MAY, FIT_YES };

/* Stands in a text for words that only a running program knows. */
#define UNKNOWN_CHAR '\001'

/* WORD is a pattern of fnmatch(3), perhaps with UNKNOWN_CHARs. */
enum fit word_fits(const char *word, const char *value);
enum fit name_fits(const char *word, const struct card_names *names);
enum fit address_fits(const char *word, const struct card_names *names);

/* ID_PATH of udev: "pci-0000:01:00.0", or "platform-40000000.pcie-pci-0000:01:00.0" behind a host
 * bridge that the platform describes. */
enum fit id_path_fits(const char *word, const struct card_names *names);

/* The path of an attribute such as sriov_numvfs below sys/. */
enum fit attribute_path_fits(const char *path, const struct card_names *names);

/* Whether the last component of PATH is an attribute that makes or keeps VFs. */
bool path_is_sriov_attribute(const char *path);

/* Whether VALUE matches one of the patterns in LIST, which SEPARATORS divide. Ignores case. */
bool pattern_list_matches(const char *list, const char *separators, const char *value);

/* The word of a list that fits best. */
enum fit list_fits(const char *list, const char *separators, const struct card_names *names,
		enum fit (*fits)(const char *word, const struct card_names *names));

/* A module's parameter that makes VFs of the card: "max_vfs=7". */
bool is_vf_parameter(const char *word, const struct card_names *names);

/* Adds "FILE:LINE: WHO makes VFs of it", or that it may. */
void manager_report(struct diagnostics *managers, const char *file, unsigned line, const char *who,
		const char *does, enum fit fit);

/* The kinds: each reads its files and reports. */
void scan_link_files(const struct manager_scan *scan);
void scan_network_files(const struct manager_scan *scan);
void scan_networkmanager(const struct manager_scan *scan);
void scan_netplan(const struct manager_scan *scan);
void scan_udev(const struct manager_scan *scan);
void scan_units(const struct manager_scan *scan);
void scan_ifupdown(const struct manager_scan *scan);
void scan_ifcfg(const struct manager_scan *scan);
void scan_scripts(const struct manager_scan *scan);
void scan_attribute_files(const struct manager_scan *scan);
void scan_tuned(const struct manager_scan *scan);
void scan_modprobe(const struct manager_scan *scan);
void scan_declared(const struct manager_scan *scan);

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

/* udev's rules; each file counts by itself. */
void find_udev_rules(const struct manager_files *files, const struct card_names *names,
		struct diagnostics *managers);

/* Interfaces of ifupdown; each file counts by itself. */
void find_ifupdown(const struct manager_files *files, const struct card_names *names,
		struct diagnostics *managers);

/* Shell scripts, or those of another language. */
void find_scripts(const struct manager_files *files, const struct card_names *names,
		struct diagnostics *managers);

/* Attributes of sysfs in a list, which WHO writes. */
void find_attributes(const struct manager_file *file, const char *who,
		const struct card_names *names, struct diagnostics *managers);

/* YAML and JSON of which some object names a card and its VFs. */
void find_declared(const struct manager_files *files, const struct card_names *names,
		struct diagnostics *managers);

#endif
