/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/process_id.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"

/* 0: unknown. The name of the program, which may hold anything, ends with the last parenthesis. */
static uint64_t read_started(int pid)
{
	enum { FIELD = 22, FIRST = 3, ROOM = 4096 };
	CLEANUP(cleanup_free) char *path = text_format("/proc/%d/stat", pid);
	CLEANUP(cleanup_free) char *text = NULL;
	char *at;

	if (file_read(AT_FDCWD, path, ROOM, &text, NULL, NULL) < 0)
		return 0;
	at = strrchr(text, ')');
	for (int field = FIRST; at && field <= FIELD; field++)
		at = strchr(at + 1, ' ');
	return at ? strtoull(at + 1, NULL, 10) : 0;
}

static uint64_t own_namespace(void)
{
	struct stat st;

	return stat("/proc/self/ns/pid", &st) < 0 ? 0 : st.st_ino;
}

struct process_id process_id_self(void)
{
	int pid = (int)getpid();

	return (struct process_id){ pid, read_started(pid), own_namespace() };
}

bool process_id_has_ended(const struct process_id *id)
{
	uint64_t started;

	if (id->pid <= 0 || !id->started || !id->pid_namespace ||
			id->pid_namespace != own_namespace())
		return false;
	if (kill(id->pid, 0) < 0 && errno == ESRCH)
		return true;
	/* A tree without other users' processes does not show them (hidepid). */
	started = read_started(id->pid);
	return started && started != id->started;
}
