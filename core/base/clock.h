/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Monotonic time in milliseconds and in microseconds. */
int64_t clock_ms(void);
int64_t clock_us(void);

/* A moment after which nobody waits any longer. */
struct deadline {
	int64_t at_ms;
};

struct deadline deadline_in(int64_t ms);

/* Milliseconds left, never negative: fit for poll(). */
int deadline_left(struct deadline deadline);

/* Asks CONDITION at once and then every EVERY_MS until it holds (true) or DEADLINE has passed
 * (false). It is asked once more at the deadline itself. */
bool clock_poll(bool (*condition)(void *), void *argument, struct deadline deadline, int every_ms);

#endif
