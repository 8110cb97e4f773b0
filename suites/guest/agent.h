/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GUEST_AGENT_H
#define GUEST_AGENT_H

/* Runs as the first program of a guest: boots it, and answers requests on its port for ever. */
void agent_run(void) __attribute__((noreturn));

#endif
