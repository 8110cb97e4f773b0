/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MANAGERS_OTHER_MANAGER_INTERNAL_H
#define MANAGERS_OTHER_MANAGER_INTERNAL_H

#include "managers/other_manager.h"

/*
 * One source file for each kind of file that can manage VFs, each with a row in the table of
 * other_manager.c. The functions find_...() work on texts, so that they can be fuzzed.
 */

enum { CARD_ALIASES_MOST = 8, CARD_ALIAS_ROOM = 128 };

/* The names of one card. */
struct card_names {
	const struct host *host; /* for reading sysfs attributes; NULL: none can be read */
	char bdf[BDF_TEXT];
	char id_path[CARD_ALIAS_ROOM]; /* from udev's database, or "" */
	const char *netdev, *driver;
	bool renamed; /* the interface; its original name is then unknown */
	char mac[NETDEV_ADDRESS_TEXT], permanent_mac[MAC_TEXT]; /* or "" */
	size_t alias_count; /* further names of the interface, from udev's database */
	char aliases[CARD_ALIASES_MOST][CARD_ALIAS_ROOM];
	size_t above_count; /* the bridges above the card */
	char above[PATH_LIMIT][BDF_TEXT];
};

struct manager_file {
	char *file; /* path for messages */
	char *text;
};

struct manager_files {
	size_t count;
	struct manager_file *items;
};

/* One search for one card. NOTES is for files that cannot be read. */
struct manager_scan {
	const struct host *host;
	const struct card_names *names;
	struct diagnostics *managers, *notes;
};

void manager_files_free(struct manager_files *files);

/* Adds the file if it exists. A file that cannot be read, is too large or is not text becomes a
 * note. */
void manager_file_read(
		const struct manager_scan *scan, const char *path, struct manager_files *files);

/* Adds the files of conf_files_list(). */
void manager_files_read(const struct manager_scan *scan, const char *const folders[],
		const char *below, const char *suffix, struct manager_files *files);

/* Adds the files of one folder whose names match PATTERN (fnmatch), without hidden files,
 * folders, and files left behind by editors and packages. */
void manager_folder_read(const struct manager_scan *scan, const char *folder, const char *pattern,
		struct manager_files *files);

/* Whether something concerns the card. MAY: the files cannot show it. */
enum fit { FIT_NO, FIT_MAY, FIT_YES };

/* Stands in a text for words that only a running program knows. */
#define UNKNOWN_CHAR '\001'

/* WORD is a pattern of fnmatch(3) and may contain UNKNOWN_CHAR. */
enum fit word_fits(const char *word, const char *value);
enum fit name_fits(const char *word, const struct card_names *names);
enum fit address_fits(const char *word, const struct card_names *names);

/* Compares with ID_PATH of udev: "pci-0000:01:00.0", or
 * "platform-40000000.pcie-pci-0000:01:00.0" below a host bridge that is a platform device. */
enum fit id_path_fits(const char *word, const struct card_names *names);

/* PATH is that of an attribute such as sriov_numvfs, below sys/. */
enum fit attribute_path_fits(const char *path, const struct card_names *names);

/* Whether the last component of PATH is an attribute that creates VFs or keeps them. */
bool path_is_sriov_attribute(const char *path);

/* Whether VALUE matches one of the patterns in LIST, which SEPARATORS separate. Ignores case. */
bool pattern_list_matches(const char *list, const char *separators, const char *value);

/* Returns the best fit of any word in a list. */
enum fit list_fits(const char *list, const char *separators, const struct card_names *names,
		enum fit (*fits)(const char *word, const struct card_names *names));

/* Whether WORD is a module parameter that creates VFs on the card: "max_vfs=7". */
bool is_vf_parameter(const char *word, const struct card_names *names);

/* Adds "FILE:LINE: WHO makes VFs of it", or "may make". */
void manager_report(struct diagnostics *managers, const char *file, unsigned line, const char *who,
		const char *does, enum fit fit);

/* The kinds of files: each function reads its files and reports. */
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

/* One .link or .network file and its drop-ins, in the order in which systemd reads them. */
void find_systemd_files(const struct manager_files *files, const struct card_names *names,
		struct diagnostics *managers);

/* NetworkManager's connection keyfiles, and its configuration; each file on its own. */
void find_nm_connections(const struct manager_files *files, const struct card_names *names,
		struct diagnostics *managers);
void find_nm_configuration(const struct manager_files *files, const struct card_names *names,
		struct diagnostics *managers);

/* All files of netplan in order: several files may contribute to a definition. */
void find_netplan_files(const struct manager_files *files, const struct card_names *names,
		struct diagnostics *managers);

/* udev rules; each file on its own. */
void find_udev_rules(const struct manager_files *files, const struct card_names *names,
		struct diagnostics *managers);

/* Interfaces of ifupdown; each file on its own. */
void find_ifupdown(const struct manager_files *files, const struct card_names *names,
		struct diagnostics *managers);

/* Scripts of the shell or of another language. */
void find_scripts(const struct manager_files *files, const struct card_names *names,
		struct diagnostics *managers);

/* A list of sysfs attributes that WHO writes. */
void find_attributes(const struct manager_file *file, const char *who,
		const struct card_names *names, struct diagnostics *managers);

/* YAML and JSON in which an object names a card and its VFs. */
void find_declared(const struct manager_files *files, const struct card_names *names,
		struct diagnostics *managers);

#endif
