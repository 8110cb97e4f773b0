/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * For trouble.sh: replaces vfsuite on the machine under test, where vfsuite itself is called vfctl.
 * Starts the shell script that is appended to this program, and then executes the real vfsuite,
 * which does not notice the script.
 */

#define MARK "\n# trouble:"

/* The text after the last mark in the file; the program itself contains a mark too. NULL: no
 * script. */
static char *read_script(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *bytes = NULL, *mark = NULL, *next;

	if (fd >= 0 && fstat(fd, &st) == 0)
		bytes = malloc((size_t)st.st_size + 1);
	if (!bytes || read(fd, bytes, (size_t)st.st_size) != st.st_size)
		return NULL;
	bytes[st.st_size] = '\0';
	for (next = bytes; next; mark = next ? next : mark)
		next = memmem(next + 1, (size_t)(bytes + st.st_size - next - 1), MARK,
				strlen(MARK));
	return mark ? mark + 1 : NULL;
}

static void start(char *script)
{
	char suite[16];
	int nowhere = open("/dev/null", O_RDWR), console = open("/dev/console", O_WRONLY);

	snprintf(suite, sizeof(suite), "%d", (int)getpid());
	/* The script must not be a child of vfsuite, whose children are checks. */
	if (fork()) {
		wait(NULL);
		return;
	}
	if (fork())
		_exit(0);
	setsid();
	dup2(nowhere, 0);
	dup2(console, 1);
	dup2(console, 2);
	execl("/bin/bash", "bash", "-c", script, "trouble", suite, NULL);
	_exit(127);
}

int main(int argc, char **argv)
{
	char real[PATH_MAX], own[PATH_MAX], *slash, *script;

	snprintf(real, sizeof(real), "%s", argv[0]);
	slash = strrchr(real, '/');
	if (argc != 2 || !slash)
		return 2;
	strcpy(slash, "/vfctl");
	snprintf(own, sizeof(own), "%.*s/../libexec/vfsuite", (int)(slash - real), real);
	script = strcmp(argv[1], "--serve") ? NULL : read_script(own);
	if (script)
		start(script);
	execl(real, real, argv[1], NULL);
	return 127;
}
