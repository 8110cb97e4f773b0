/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef READY_READINESS_H
#define READY_READINESS_H

#include "host/host.h"
#include "ready/requirement.h"

/* Checks whether a host is ready for SR-IOV, and what to change if it is not. NAME is a PF or
 * any other PCI function; NULL checks the host and all PFs. The caller frees READINESS in any case.
 * */
int readiness_read(const struct host *host, const char *name, struct readiness *readiness,
		struct err *err);

#endif
