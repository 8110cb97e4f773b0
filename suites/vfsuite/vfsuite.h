/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VFSUITE_VFSUITE_H
#define VFSUITE_VFSUITE_H

#include <stdbool.h>
#include <stdio.h>

#include "check.h"
#include "observe/dut.h"
#include "reports/results/check_result.h"
#include "sriov/lease.h"

/* The program on the machine under test: suites/protocol.md. */

/* The checks of all suites as records, for the controller. */
struct record *listing_record(void);

/* The check with this id, or NULL, and its suite. */
const struct check *listing_find(const char *id, const struct suite **suite);

/* Describes card, software and platform: the answer to a request "identify". */
int identity_read(struct host *host, const struct record *request, struct record **identity,
		struct err *err);

/* Answers requests from IN on OUT until "quit", the end of IN, or a signal. Returns an
 * enum exit_status. */
int serve_requests(struct host *host, int in_fd, FILE *out, bool debug);

/* Prints "vfsuite: WHAT: MESSAGE" to standard error; with DEBUG also where the error arose. */
void error_print(const char *what, const struct err *err, bool debug);

/* Receives the events of a run. event() returns false if the controller is gone and the run must
 * end. */
struct listener {
	bool (*event)(void *argument, struct record *event); /* takes EVENT */
	/* Asks for an action of the rig (takes EVENT) and waits for the answer; NULL: the
	 * controller is gone. */
	struct record *(*ask)(void *argument, struct record *event);
	void *argument;
};

/* The device under test and the lease on its PF. Both outlive a request that keeps its VFs for the
 * next one. */
struct session {
	struct host *host;
	struct dut dut;
	struct lease *lease; /* NULL: no device is open */
	char *pf, *partner;  /* as the request names them */
	bool partner_was_down;
	bool abandoned; /* a process hangs in the kernel: no device may be opened */
};

/* Prepares the run that REQUEST asks for: continues with the VFs that the previous run kept on
 * the same card, or opens the card, with the PF up and without VFs. */
int session_begin(struct session *session, const struct record *request, struct err *err);

/* session_end() restores the state before session_begin(); session_drop() leaves the state as it
 * is. */
int session_end(struct session *session, struct err *err);
void session_drop(struct session *session);

/* Leaves the state as it is and does not even close the device's descriptors, since close()
 * might wait for a lock in the kernel for ever. */
void session_abandon(struct session *session);

/* Runs the checks of a request "run". *ABORTED is NULL, or the state in which the card was left,
 * which the caller frees. *KERNEL_US: time that the run spent in the kernel's own operations. */
int run_checks(struct session *session, const struct record *request, struct listener listener,
		char **aborted, int64_t *kernel_us, struct err *err);

/* The state after a check, if vfsuite could not restore it. */
struct leftover {
	char *dirty; /* NULL, or names device and state; the caller frees it */
	bool stuck; /* a process hangs in the kernel: another that touches the card may hang, too */
};

/* Runs one check in a child and restores the device. OBSERVED is the evidence of its step, or
 * NULL. RESUME is the member of the request for a check that has crossed a boot, or NULL. The
 * caller passes RESULT to check_result_free(). */
void run_check(struct dut *dut, const struct check *check, const struct record *observed,
		const struct record *resume, const struct listener *listener,
		struct check_result *result, struct leftover *leftover);

/* Asks the rig to break the kernel functions that stay broken for the whole run. */
int break_lasting(const struct dut *dut, const struct listener *listener, struct err *err);

#endif
