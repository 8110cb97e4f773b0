/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guest/system.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
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

/* Calls STEP with each line of a file. */
static int each_line(
		const char *path, int (*step)(const char *line, struct err *err), struct err *err)
{
	CLEANUP(cleanup_free) char *list = NULL;
	char *rest, *line;
	int rc = file_read(AT_FDCWD, path, LIST_LIMIT, &list, NULL, err);

	rest = list;
	while (!rc && (line = strsep(&rest, "\n"))) {
		if (*line)
			rc = step(line, err);
	}
	return rc;
}

static int load_file(const char *name, struct err *err)
{
	CLEANUP(cleanup_free) char *path = text_format("/modules/%s.ko", name);
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, "cannot open %s", path);
	if (syscall(SYS_finit_module, fd, "", 0) < 0 && errno != EEXIST)
		return err_sys(err, "cannot load %s", name);
	return 0;
}

int module_load(const char *name, struct err *err)
{
	CLEANUP(cleanup_free) char *order = text_format("/modules/%s.order", name);

	if (access(order, F_OK) < 0)
		return err_set(err, ENOENT,
				"this guest has no module %s, or its kernel has it built in", name);
	return each_line(order, load_file, err);
}

int module_unload(const char *name, struct err *err)
{
	if (syscall(SYS_delete_module, name, O_NONBLOCK) < 0)
		return err_sys(err, "cannot unload %s", name);
	return 0;
}

/* One that fails does not keep the others from being loaded. */
static int load_or_complain(const char *name, struct err *err)
{
	struct err cause = { 0 };

	(void)err;
	if (module_load(name, &cause) < 0)
		complain(&cause);
	return 0;
}

static void load_all(void)
{
	struct err err = { 0 };

	if (each_line("/load", load_or_complain, &err) < 0)
		complain(&err);
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

static pid_t shell; /* 0: it does not run */
static int64_t shell_started_ms = -SHELL_PAUSE_MS;

struct pollfd system_polled(void)
{
	bool waits = !shell && clock_ms() - shell_started_ms >= SHELL_PAUSE_MS;

	return (struct pollfd){ .fd = waits ? STDIN_FILENO : -1, .events = POLLIN };
}

void system_keep_shell(void)
{
	struct pollfd polled = system_polled();
	pid_t ended;

	while ((ended = waitpid(-1, NULL, WNOHANG)) > 0)
		shell = ended == shell ? 0 : shell;
	if (polled.fd < 0 || poll(&polled, 1, 0) <= 0)
		return;
	tcflush(STDIN_FILENO, TCIFLUSH);
	shell_started_ms = clock_ms();
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
	static const int commands[OPS] = {
		[OP_HALT] = RB_HALT_SYSTEM, [OP_REBOOT] = RB_AUTOBOOT, [OP_POWEROFF] = RB_POWER_OFF
	};

	if (op == OP_HANG || op == OP_CRASH)
		return panic(op == OP_HANG ? "0" : "-1", err);
	reboot(commands[op]);
	return err_sys(err, "the kernel refuses");
}
