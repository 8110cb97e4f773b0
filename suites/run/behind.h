/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUN_BEHIND_H
#define RUN_BEHIND_H

/*
 * Work behind a process that only waits for it: whoever kills that one without a word (SIGKILL) does not
 * keep the work from ending its machines, removing its folders, and writing what it has found.
 */

/* The status that WORK gives, in a child. A signal to this process goes on to the child, which takes it
 * as a program does that catches interrupts (rig/interrupt.h), and the end of this process as SIGTERM. */
int behind(int (*work)(void *argument), void *argument);

#endif
