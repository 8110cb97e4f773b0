/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RIG_UNIX_SOCKET_H
#define RIG_UNIX_SOCKET_H

#include "base/err.h"

/* Connects to the socket NAME in FOLDER and returns a non-blocking descriptor. -EINVAL if the
 * path is too long for a socket. */
int unix_connect(const char *folder, const char *name, struct err *err);

#endif
