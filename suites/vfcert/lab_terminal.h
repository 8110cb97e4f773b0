/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VFCERT_LAB_TERMINAL_H
#define VFCERT_LAB_TERMINAL_H

#include "base/err.h"

/*
 * Opens a root shell in the machine whose sockets (rig_lend_console()) are in FOLDER, and returns when it
 * ends. On a terminal the shell is in raw mode, so that Ctrl-C reaches the machine; Ctrl-] leaves.
 * Otherwise standard input is a script, and STATUS becomes that of its last command.
 */
int terminal_attach(const char *folder, int *status, struct err *err);

#endif
