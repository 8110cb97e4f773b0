/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUN_SUPERVISOR_H
#define RUN_SUPERVISOR_H

/*
 * Runs WORK in a child and waits for it. When this process is killed, even by SIGKILL, the child still
 * stops its machines, removes its folders, and writes its results.
 *
 * Returns WORK's status. A signal to this process is passed on to the child, which must wait with
 * signals_poll() (base/signals.h); the child receives SIGTERM when this process dies.
 */
int supervisor_run(int (*work)(void *argument), void *argument);

#endif
