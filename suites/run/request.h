/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUN_REQUEST_H
#define RUN_REQUEST_H

#include "run/execute.h"

/* The requests of a run to vfsuite (suites/protocol.md). */

/* Calls channel_hello() with the rig's time limit for an answer. */
int request_hello(const struct run *run, struct err *err);

/* Asks for the list of vfsuite's checks. The caller frees DECLARED. */
int request_checks(const struct run *run, struct record **declared, struct err *err);

/* Puts the identity of the card into RESULTS: vfsuite's members, and the rig as the controller knows
 * it, because the machine under test cannot know whether it is emulated. */
int request_identity(const struct run *run, struct record *results, struct err *err);

/* Makes a request to run the checks IDS; the caller sends it. */
struct record *request_run(const struct run *run, const struct record *ids);

#endif
