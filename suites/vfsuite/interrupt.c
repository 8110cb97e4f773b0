/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>

#include "vfsuite/vfsuite.h"

static volatile sig_atomic_t signalled;

bool interrupted(void)
{
	return signalled != 0;
}

static void take_signal(int number)
{
	signalled = number;
}

void interrupt_watch(void)
{
	struct sigaction action = { .sa_handler = take_signal };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}
