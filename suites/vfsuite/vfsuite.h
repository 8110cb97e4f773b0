/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VFSUITE_VFSUITE_H
#define VFSUITE_VFSUITE_H

#include <stdbool.h>
#include <stdio.h>

#include "check.h"
#include "observe/dut.h"
#include "sriov/lease.h"

/* The program on the machine under test: suites/protocol.md. */

/* The checks of all suites as records, for the controller. */
struct record *listing_record(void);

/* The check with this id, or NULL, and its suite. */
const struct check *listing_find(const char *id, const struct suite **suite);

/* What card, software and platform are: the answer to a request "identify". */
int identity_read(struct host *host, const struct record *request, struct record **identity,
		struct err *err);

/* Answers requests from IN on OUT until "quit", the end of IN, or a signal. Returns an
 * enum exit_status. */
int serve(struct host *host, int in_fd, FILE *out, bool debug);

/* "vfsuite: WHAT: MESSAGE" on standard error; with DEBUG also where the error arose. */
void error_print(const char *what, const struct err *err, bool debug);

/* Where the events of a run go; false: nobody listens any more, end the run. */
struct listener {
	bool (*event)(void *argument, struct record *event); /* EVENT is taken */
	/* Asks for an action of the rig (EVENT is taken) and waits for the answer; NULL: nobody
	 * listens any more. */
	struct record *(*ask)(void *argument, struct record *event);
	void *argument;
};

/* The device under test and the lease on its PF. Both outlive a request that keeps its VFs for the
 * next one. */
struct session {
	struct host *host;
	struct dut dut;
	struct lease *lease; /* NULL: no device is open */
	char *pf, *partner;  /* as the request named them */
	bool partner_was_down;
	bool abandoned; /* a process hangs in the kernel: no device may be opened */
};

/* For the run that REQUEST asks for: takes over what the former run kept, where it is of the same
 * card, or opens the device, with the PF up and without VFs. */
int session_begin(struct session *session, const struct record *request, struct err *err);

/* Puts everything back to what it was before session_begin(), or leaves it as it is. */
int session_end(struct session *session, struct err *err);
void session_drop(struct session *session);

/* Leaves all as it is, and does not even close what belongs to the device: the kernel might wait for a
 * lock in that, for ever. */
void session_abandon(struct session *session);

/* Runs the checks of a request "run". *ABORTED: NULL, or what was left in which state, for the
 * caller to free. *KERNEL_US: time that the run spent in the kernel's own operations. */
int run_checks(struct session *session, const struct record *request, struct listener listener,
		char **aborted, int64_t *kernel_us, struct err *err);

/* What is left of a check that could not be put back. */
struct leftover {
	char *dirty; /* NULL, or which device is in which state; the caller's */
	bool stuck;  /* nothing of the card may be touched any more, or whoever does it may hang */
};

/* Runs one check in a child of its own and leaves the device as it was; the result is that of the
 * event "check-end". OBSERVED is the evidence of its step, or NULL. RESUME is the member of the
 * request for a check that has crossed a boot, or NULL. */
struct record *run_check(struct dut *dut, const struct check *check, const struct record *observed,
		const struct record *resume, const struct listener *listener,
		struct leftover *leftover);

/* Has the rig break the functions of the kernel that stay broken for all of the run. */
int break_lasting(const struct dut *dut, const struct listener *listener, struct err *err);

#endif
