/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef APPLY_LINK_LOSS_LOG_H
#define APPLY_LINK_LOSS_LOG_H

#include "sriov/inventory.h"

/*
 * The causes of a PF's losses of link, from the kernel log, since its policy was applied. A wire
 * that is pulled harms no setting, a reset by the driver can. The kernel counts both alike, but
 * some drivers log which it was. link_loss_log_begin() writes a line into the log; losses are
 * counted from that line on.
 */
struct link_loss_log {
	bool begun;        /* the line is in the log */
	long wire, resets; /* losses by either, as the driver logged them */
};

void link_loss_log_begin(const struct host *host, const struct pf *pf);

/* False if the causes cannot be known: a driver whose messages are not known, no kernel log, or
 * a log that no longer has the line. */
bool link_loss_log_read(const struct host *host, const struct pf *pf, struct link_loss_log *log);

/* Counts one line of the kernel log; link_loss_log_read() does so for each. */
void link_loss_log_count(struct link_loss_log *log, const struct pf *pf, const char *line);

#endif
