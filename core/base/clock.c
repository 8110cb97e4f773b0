/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/clock.h"

#include <limits.h>
#include <poll.h>
#include <time.h>

int64_t clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_ms(void)
{
	return clock_us() / 1000;
}

struct deadline deadline_in(int64_t ms)
{
	return (struct deadline){ clock_ms() + ms };
}

int deadline_left(struct deadline deadline)
{
	int64_t left = deadline.at_ms - clock_ms();

	if (left < 0)
		return 0;
	return left > INT_MAX ? INT_MAX : (int)left;
}

bool clock_poll(bool (*condition)(void *), void *argument, struct deadline deadline, int every_ms)
{
	for (;;) {
		int left = deadline_left(deadline);

		if (condition(argument))
			return true;
		if (!left)
			return false;
		poll(NULL, 0, left < every_ms ? left : every_ms);
	}
}
