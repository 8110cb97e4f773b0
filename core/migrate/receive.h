/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MIGRATE_RECEIVE_H
#define MIGRATE_RECEIVE_H

#include "base/diagnostics.h"
#include "host/hypervisor.h"

/* The target's side of a session (migrate/peer.h), on two descriptors. */
struct receive {
	const struct host *host;
	struct hypervisor **hypervisor;
	int in, out;   /* IN is made non-blocking */
	int silence_s; /* after which the other side counts as lost */
	int wait_s;    /* for the lock */
};

/*
 * Answers requests until the end of file, an error, or silence; then gives back what it holds. 0: the session
 * came to its end. -EPROTO: the other side does not keep to the protocol. -ETIMEDOUT: it was
 * silent. -EINTR: a signal came. NOTES says what else happened.
 */
int receive_run(const struct receive *receive, struct diagnostics *notes, struct err *err);

#endif
