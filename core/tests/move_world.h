/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_MOVE_WORLD_H
#define TESTS_MOVE_WORLD_H

#include "migrate/migrate.h"
#include "tests/vm_world.h"

/*
 * What the tests of migrations share. The world is the source; the target is another tree, on which
 * a second process runs "vfctl vm receive", started as ssh would be by a script. Its bridge has another
 * name.
 */
extern struct vm_world target;

/* For main(): runs what the script starts, and returns true, in such a process. */
bool move_is_other_process(int argc, char **argv, int *status);

/* For cmocka's setup and teardown. */
int move_begin(void **state);
int move_end(void **state);

/* A file of the manager on both hosts; %BRIDGE% is that of the host. */
void move_files(const char *path, const char *text);

/* What "vfctl vm receive" does on the target, or what is there in its place: words of sh. */
void move_answer_with(const char *commands);

struct moved {
	const char *vm; /* NULL: web1 */
	int limit_s;    /* 0: 30 */
	const char *host, *data_uri;
	bool plan_only;
};
int move_go(const struct moved *what, struct migrate *migrate, struct err *err);
int move(const struct moved *what, struct err *err); /* the same without the result */

/* Waits until the target's process has ended. */
void move_wait(void);

/* Lets all reservations of both hosts expire, and the next vfctl settle them. SAID gets what both
 * say. */
void move_settle(struct diagnostics *said);

/* Runs vfctl vm upgrade on the target. */
void move_upgrade_target(void);

/* COUNT failover NICs of web1, which are in SIDES. */
void move_attach(unsigned count, unsigned sides);

/* web1 runs at the source with COUNT VFs and standbys, and nothing is left at the target; or the
 * other way round. */
void assert_stayed(unsigned count);
void assert_moved(unsigned count);

size_t count_in(const char *xml, const char *words);
size_t count_reservations(const struct vm_world *of);

#endif
