/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MIGRATE_PEER_H
#define MIGRATE_PEER_H

#include "base/diagnostics.h"
#include "base/lines.h"
#include "base/process.h"
#include "data/record.h"

/*
 * The session with the vfctl of another host: "vfctl vm receive", started by ssh. One request, one
 * answer, a line of JSON each. What it answers is not trusted; its messages reach people with the
 * host's name in front.
 *
 * A request is { "version": 1, "id": N, "do": "hello" | "reserve" | "wait" | "plug" | "release", ... }, an
 * answer { "version": 1, "id": N, "ok": true, "notes": [...], ... } or { ..., "ok": false, "message":
 * "...", "refusal": "..." or null }.
 */
enum { PEER_VERSION = 1, PEER_LINE_MOST = 65536, PEER_NOTES_MOST = 32 };

struct peer {
	char host[256];
	struct process process;
	int to;       /* -1: there is no session */
	int said;     /* what the command and the other host's vfctl say on standard error */
	size_t heard; /* of it */
	struct lines from;
	int64_t id; /* of the last request */
};

#define PEER_NONE \
	((struct peer){ .process = PROCESS_NONE, .to = -1, .said = -1, .from = { .fd = -1 } })

/* The list of SSH ends with NULL. -EINVAL: HOST is no name of a host. */
int peer_open(const char *const *ssh, const char *host, struct peer *peer, struct err *err);

/* Makes the request VERB with the members of MORE, which it takes (NULL: none), and waits for the answer,
 * for the caller to free. DESPITE_SIGNALS: a pending signal does not end the wait. NOTES gets those of the
 * other host. After any error other than a refusal the session cannot be used again. -EPROTO: the answer breaks the protocol. */
struct peer_ask {
	const char *verb;
	struct record *more;
	int limit_ms;
	bool despite_signals;
};
int peer_ask(struct peer *peer, const struct peer_ask *ask, struct record **answer,
		struct diagnostics *notes, struct err *err);

/* Ends the session, whereupon the other host gives back what it holds, and waits until it has. */
void peer_close(struct peer *peer);

#endif
