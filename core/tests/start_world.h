/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_START_WORLD_H
#define TESTS_START_WORLD_H

#include "tests/vm_world.h"
#include "vm/start.h"

/* What the tests of vm start share: web1 is stopped, and there is a file of a machine that
 * libvirt does not know. */
#define START_UUID "6d0f4a1c-0000-4000-8000-000000000003"
extern const char start_file[];

/* For cmocka's setup. */
int start_begin(void **state);

/* Plans and runs web1, or the machine of XML; NICS of the profile "fast", or those that are
 * given. */
struct started {
	const char *xml;
	unsigned nics;
	const struct nic_request *requests; /* NULL: the profile "fast" for each */
};
int start_planned(const struct started *what, struct start *start, struct err *err);
int start_go(const struct started *what, struct err *err);
void start_well(const struct started *what);

/* The machine ends as libvirt lets it end; the reservations are settled. */
void start_end(void);

/* As though the process that made the reservations had been killed long ago. */
void start_age_reservations(void);
size_t start_count_reservations(enum reservation_stage stage);

/* Nothing runs, nothing is reserved, recorded or configured. */
void assert_not_started(void);

#endif
