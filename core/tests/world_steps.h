/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_WORLD_STEPS_H
#define TESTS_WORLD_STEPS_H

#include "tests/vm_world.h"

/*
 * Every write of a file of the manager, change of the kernel and call of libvirt that changes something
 * is a step of the world, at any of which the test can let it fail, or the process be killed. The program
 * is linked with --wrap for the functions in world_steps_wraps of meson.build.
 */
struct world_steps {
	unsigned done;
	unsigned fails_at, dies_at, signal_at; /* counted from 1; 0: none */
	void (*die)(void);                     /* NULL: SIGKILL */
};

extern struct world_steps steps;

/* Counts from the beginning, and hooks the world. */
void steps_begin(void);

/* One step of a hook of the test's own: whether it is to fail. */
bool step(void);

#endif
