/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VFCERT_LAB_TERMINAL_H
#define VFCERT_LAB_TERMINAL_H

#include "base/err.h"

/*
 * Opens a root shell in the machine whose sockets (suites/rig/rig.h) lie in FOLDER, and stays until
 * it ends. From a terminal: in raw mode, so that Ctrl-C reaches the machine; Ctrl-] leaves. From
 * anything else: standard input is a script, STATUS that of its last command.
 */
int terminal_attach(const char *folder, int *status, struct err *err);

#endif
