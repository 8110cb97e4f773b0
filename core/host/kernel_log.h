/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_KERNEL_LOG_H
#define HOST_KERNEL_LOG_H

#include <stdbool.h>

#include "host/host.h"

/* The kernel log, record by record, through dev/kmsg. */

/* Opens the log at the oldest record, or after the newest. */
int kernel_log_open(const struct host *host, bool from_start, int *fd, struct err *err);

/* Reads the text of the next record, without its header, into LINE; false: there is none yet.
 * Skips records that were overwritten before they could be read. */
bool kernel_log_next(int fd, char *line, size_t size);

/* Adds a line, if that is possible. */
void kernel_log_write(const struct host *host, const char *line);

#endif
