/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUN_REQUEST_H
#define RUN_REQUEST_H

#include "run/execute.h"

/* The requests of a run to vfsuite (suites/protocol.md). */

/* channel_hello() within the rig's time to answer. */
int request_hello(const struct run *run, struct err *err);

/* The checks that vfsuite has. The caller frees DECLARED. */
int request_checks(const struct run *run, struct record **declared, struct err *err);

/* Puts the identity of the card into RESULTS: vfsuite's members, and the rig as the controller knows
 * it, because the machine under test cannot know whether it is emulated. */
int request_identity(const struct run *run, struct record *results, struct err *err);

/* A request to run the checks IDS, for the caller to send. */
struct record *request_run(const struct run *run, const struct record *ids);

#endif
