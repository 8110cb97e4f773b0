/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_CONF_FILES_H
#define HOST_CONF_FILES_H

#include "host/host.h"

/*
 * Files of one kind in several folders, by systemd's rule: a file in an earlier folder hides one of
 * the same name in a later one, and a link to /dev/null hides the name altogether.
 *
 * FOLDERS ends with NULL; BELOW is a folder in each ("10-lan.conf.d"), or ""; SUFFIX ends the names
 * (".conf"). The paths are relative to the root, in the order of their names, for
 * host_names_free(). Absent folders are fine.
 */
int conf_files_list(const struct host *host, const char *const folders[], const char *below,
		const char *suffix, char ***paths, size_t *count, struct err *err);

#endif
