/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Monotonic time in milliseconds and in microseconds. */
int64_t clock_ms(void);
int64_t clock_us(void);

/* The time at which a wait ends. */
struct deadline {
	int64_t at_ms;
};

struct deadline deadline_in(int64_t ms);

/* Milliseconds left, never negative, as poll() takes them. */
int deadline_left(struct deadline deadline);

/* Checks CONDITION at once and then every EVERY_MS. Returns true once it holds, false if
 * DEADLINE passes first. Checks it one last time at the deadline. */
bool clock_poll(bool (*condition)(void *), void *argument, struct deadline deadline, int every_ms);

#endif
