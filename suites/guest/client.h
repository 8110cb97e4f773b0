/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GUEST_CLIENT_H
#define GUEST_CLIENT_H

#include "base/clock.h"
#include "data/record.h"

/* The host's end of a guest's port: a connected socket, over which requests go one at a time. */
struct guest_client;

int guest_client_open(const char *socket_path, struct guest_client **client, struct err *err);
void guest_client_close(struct guest_client *client);
void cleanup_guest_client(struct guest_client **client);

/* Sends REQUEST (taken) with a fresh id and receives its answer, which may be NULL. Drops events and late
 * answers. -EREMOTEIO: the guest answers with an error, which ERR has; -ETIMEDOUT: it does not answer;
 * -EPIPE: its port is closed. */
int guest_client_ask(struct guest_client *client, struct record *request, struct deadline deadline,
		struct record **answer, struct err *err);

#endif
