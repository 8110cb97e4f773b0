/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <errno.h>

/*
 * The cause of a failure, owned by the caller. The first cause is kept: a later err_set() on the
 * way out changes nothing. The message is one line without a newline; it names the action, the
 * device or file and, if there is one, the remedy.
 */
struct err {
	int code; /* an errno value, 0: no error */
	char msg[400];
	const char *refusal; /* the stable name of the rule that forbids the action, or NULL */
	struct err_origin {
		const char *file, *function; /* a string of static duration; NULL: unknown */
		int line;
	} origin; /* where in the source the cause was recorded */
};

#define ERR_HERE ((struct err_origin){ __FILE__, __func__, __LINE__ })

/* Records the cause, unless one is recorded already, and returns -code. ERR may be NULL. */
#define err_set(err, code, ...) err_set_at(err, ERR_HERE, code, __VA_ARGS__)
int err_set_at(struct err *err, struct err_origin origin, int code, const char *format, ...)
		__attribute__((format(printf, 4, 5)));

/* The same with errno as the code; appends ": " and the text of errno to the message. */
#define err_sys(err, ...) err_sys_at(err, ERR_HERE, __VA_ARGS__)
int err_sys_at(struct err *err, struct err_origin origin, const char *format, ...)
		__attribute__((format(printf, 3, 4)));

/* Records CAUSE, which another struct err holds, with its place of origin; FORMAT puts words
 * around its message. */
#define err_pass(err, cause, ...) err_set_at(err, (cause)->origin, (cause)->code, __VA_ARGS__)

/* "core/host/config.c:88 in config_open()". */
#define ERR_ORIGIN_TEXT 160
const char *err_origin_print(const struct err *err, char text[ERR_ORIGIN_TEXT]);

/* Puts text in front of the message of a recorded cause: "eth0: cannot ...". */
void err_prefix(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
