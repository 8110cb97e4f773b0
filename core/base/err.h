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
	struct err_origin {
		const char *file, *function; /* of static duration; NULL: not known */
		int line;
	} origin; /* the place in the source that recorded the cause */
};

#define ERR_HERE ((struct err_origin){ __FILE__, __func__, __LINE__ })

/* Records the cause, unless there is one, and returns -code. ERR may be NULL. */
#define err_set(err, code, ...) err_set_at(err, ERR_HERE, code, __VA_ARGS__)
int err_set_at(struct err *err, struct err_origin origin, int code, const char *format, ...)
		__attribute__((format(printf, 4, 5)));

/* The same with errno as the code and ": " and its text at the end of the message. */
#define err_sys(err, ...) err_sys_at(err, ERR_HERE, __VA_ARGS__)
int err_sys_at(struct err *err, struct err_origin origin, const char *format, ...)
		__attribute__((format(printf, 3, 4)));

/* Records CAUSE and the place where it arose, with words around its message: for a cause that
 * another struct err holds. */
#define err_pass(err, cause, ...) err_set_at(err, (cause)->origin, (cause)->code, __VA_ARGS__)

/* "core/host/config.c:88 in config_open()". */
#define ERR_ORIGIN_TEXT 160
const char *err_origin_print(const struct err *err, char text[ERR_ORIGIN_TEXT]);

/* Puts words in front of the message of a recorded cause: "eth0: cannot ...". */
void err_prefix(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
