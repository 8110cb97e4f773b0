/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guest/system.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"

enum { LIST_LIMIT = 65536, SHELL_PAUSE_MS = 1000 };

static void complain(const struct err *err)
{
	fprintf(stderr, "vfguest: %s\n", err->msg);
}

static void mount_all(void)
{
	static const struct {
		const char *type, *folder;
	} mounts[] = { { "devtmpfs", "/dev" }, { "proc", "/proc" }, { "sysfs", "/sys" } };

	for (size_t i = 0; i < sizeof(mounts) / sizeof(*mounts); i++) {
		mkdir(mounts[i].folder, 0755);
		mount(mounts[i].type, mounts[i].folder, mounts[i].type, 0, NULL);
	}
}

static void take_console(void)
{
	int fd = open("/dev/console", O_RDWR);

	for (int stream = 0; fd >= 0 && stream < 3; stream++)
		dup2(fd, stream);
	if (fd > 2)
		close(fd);
}

int module_load(const char *name, struct err *err)
{
	CLEANUP(cleanup_free) char *path = text_format("/modules/%s.ko", name);
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, "this guest has no module %s", name);
	if (syscall(SYS_finit_module, fd, "", 0) < 0 && errno != EEXIST)
		return err_sys(err, "cannot load %s", name);
	return 0;
}

int module_unload(const char *name, struct err *err)
{
	if (syscall(SYS_delete_module, name, O_NONBLOCK) < 0)
		return err_sys(err, "cannot unload %s", name);
	return 0;
}

static void load_all(void)
{
	CLEANUP(cleanup_free) char *list = NULL;
	struct err err = { 0 };
	char *rest, *name;

	if (file_read(AT_FDCWD, "/load", LIST_LIMIT, &list, NULL, &err) < 0)
		complain(&err);
	rest = list;
	while (rest && (name = strsep(&rest, "\n"))) {
		err = (struct err){ 0 };
		if (*name && module_load(name, &err) < 0)
			complain(&err);
	}
}

void system_start(void)
{
	mount_all();
	take_console();
	load_all();
}

/* A session of its own with the console as its terminal, for job control. */
static void run_shell(void)
{
	static char *const argv[] = { "sh", NULL };
	static char *const environment[] = { "PATH=/bin", "HOME=/", "TERM=linux", NULL };

	setsid();
	ioctl(STDIN_FILENO, TIOCSCTTY, 1);
	execve("/bin/busybox", argv, environment);
	_exit(127);
}

void system_keep_shell(void)
{
	static int64_t started_ms = -SHELL_PAUSE_MS;
	static pid_t shell;
	pid_t ended;

	while ((ended = waitpid(-1, NULL, WNOHANG)) > 0)
		shell = ended == shell ? 0 : shell;
	if (shell > 0 || clock_ms() - started_ms < SHELL_PAUSE_MS)
		return;
	started_ms = clock_ms();
	shell = fork();
	if (!shell)
		run_shell();
}

static int write_text(const char *path, const char *text, struct err *err)
{
	CLEANUP(cleanup_fd) int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		return err_sys(err, "cannot write %s", path);
	return 0;
}

/* panic() boots after kernel.panic seconds, at once if it is negative, and stays in a loop if it is 0.
 * There no work item runs any more, so nobody answers a request to unplug, and drivers do not let go of
 * their devices. */
static int panic(const char *timeout, struct err *err)
{
	int rc = write_text("/proc/sys/kernel/panic", timeout, err);

	return rc ? rc : write_text("/proc/sysrq-trigger", "c", err);
}

int system_end(enum request_op op, struct err *err)
{
	static const int commands[OPS] = { [OP_HALT] = RB_HALT_SYSTEM,
		[OP_REBOOT] = RB_AUTOBOOT,
		[OP_POWEROFF] = RB_POWER_OFF };

	if (op == OP_HANG || op == OP_CRASH)
		return panic(op == OP_HANG ? "0" : "-1", err);
	reboot(commands[op]);
	return err_sys(err, "the kernel refuses");
}
