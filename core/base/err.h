/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <errno.h>

/*
 * The cause of a failure, owned by the caller. The first cause wins: a later err_set() on the
 * way out changes nothing. The message is one line without a newline; it names the action, the
 * device or file, and, where there is one, the way out.
 */
struct err {
	int code; /* an errno value, 0: nothing went wrong */
	char msg[400];
	const char *refusal; /* the stable name of a rule that forbids it, or NULL */
};

/* Records the cause, unless there is one, and returns -code. ERR may be NULL. */
int err_set(struct err *err, int code, const char *format, ...)
		__attribute__((format(printf, 3, 4)));

/* The same with errno as the code and ": " and its text at the end of the message. */
int err_sys(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts words in front of the message of a recorded cause: "eth0: cannot ...". */
void err_prefix(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
