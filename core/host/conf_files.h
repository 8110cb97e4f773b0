/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_CONF_FILES_H
#define HOST_CONF_FILES_H

#include "host/host.h"

/*
 * Lists files of one kind in several folders by systemd's rule: a file in an earlier folder hides
 * one of the same name in a later folder, and a link to /dev/null hides the name everywhere.
 *
 * FOLDERS ends with NULL; BELOW is a subfolder of each ("10-lan.conf.d"), or ""; SUFFIX ends the
 * names (".conf"). Returns paths relative to the root, sorted by file name, for host_names_free().
 * Absent folders are not an error.
 */
int conf_files_list(const struct host *host, const char *const folders[], const char *below,
		const char *suffix, char ***paths, size_t *count, struct err *err);

#endif
