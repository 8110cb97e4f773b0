/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/durable.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/signals.h"
#include "base/text.h"

/*
 * Each thread of the program stops at entry to a system call, which shows the arguments, and at
 * exit, which shows whether the call succeeded.
 */

enum { OUTPUT_LIMIT = 1 << 20 };

/* Attributes are files that the kernel provides, as in sysfs; programs only write to them. */
enum kind { NO_FILE, A_FILE, ATTRIBUTE };

/* What a call works on. */
enum target { ON_FD, ON_PATH, ON_PATH_AT, ON_TWO_AT, ON_OPEN, ON_SOCKET };

static const struct call {
	long number;
	const char *name;
	enum target target;
} calls[] = {
	{ SYS_write, "write", ON_FD },
	{ SYS_writev, "write", ON_FD },
	{ SYS_pwrite64, "write", ON_FD },
	{ SYS_pwritev, "write", ON_FD },
	{ SYS_pwritev2, "write", ON_FD },
	{ SYS_sendfile, "write", ON_FD },
	{ SYS_fsync, "fsync", ON_FD },
	{ SYS_fdatasync, "fsync", ON_FD },
	{ SYS_sync_file_range, "fsync", ON_FD },
	{ SYS_syncfs, "fsync", ON_FD },
	{ SYS_ftruncate, "truncate", ON_FD },
	{ SYS_fallocate, "truncate", ON_FD },
	{ SYS_fchmod, "chmod", ON_FD },
	{ SYS_openat, "create", ON_OPEN },
	{ SYS_openat2, "create", ON_OPEN },
	{ SYS_renameat, "rename", ON_TWO_AT },
	{ SYS_renameat2, "rename", ON_TWO_AT },
	{ SYS_linkat, "link", ON_TWO_AT },
	{ SYS_symlinkat, "symlink", ON_PATH },
	{ SYS_unlinkat, "unlink", ON_PATH_AT },
	{ SYS_mkdirat, "mkdir", ON_PATH_AT },
	{ SYS_truncate, "truncate", ON_PATH },
	{ SYS_sendto, "netlink", ON_SOCKET },
	{ SYS_sendmsg, "netlink", ON_SOCKET },
#ifdef __x86_64__ /* calls that newer architectures lack */
	{ SYS_open, "create", ON_OPEN },
	{ SYS_creat, "create", ON_PATH },
	{ SYS_rename, "rename", ON_PATH },
	{ SYS_link, "link", ON_PATH },
	{ SYS_symlink, "symlink", ON_PATH },
	{ SYS_unlink, "unlink", ON_PATH },
	{ SYS_rmdir, "unlink", ON_PATH },
	{ SYS_mkdir, "mkdir", ON_PATH },
#endif
};

struct thread {
	pid_t tid;               /* 0: none */
	const struct call *call; /* the call in progress, if it may be a step; or NULL */
	char what[160];          /* the file or message of that call */
	enum kind kind;
	bool pretended;
	uint64_t result; /* of a pretended call */
};

struct watcher {
	const struct host *host;
	const struct record *pretend;
	struct thread threads[DURABLE_THREADS];
	struct durable *durable;
	int limit;
};

static struct thread *thread_of(struct watcher *watcher, pid_t tid)
{
	struct thread *room = NULL;

	for (size_t i = 0; i < DURABLE_THREADS; i++) {
		if (watcher->threads[i].tid == tid)
			return &watcher->threads[i];
		if (!room && !watcher->threads[i].tid)
			room = &watcher->threads[i];
	}
	if (room)
		*room = (struct thread){ .tid = tid };
	return room;
}

static bool peek(pid_t tid, uint64_t address, void *data, size_t size)
{
	struct iovec own = { data, size }, other = { (void *)(uintptr_t)address, size };

	return process_vm_readv(tid, &own, 1, &other, 1, 0) == (ssize_t)size;
}

/* Reads byte by byte: a path may end just before a page that cannot be read. */
static void peek_text(pid_t tid, uint64_t address, char *text, size_t size)
{
	size_t length = 0;

	while (length + 1 < size && peek(tid, address + length, text + length, 1) && text[length])
		length++;
	text[length] = '\0';
}

/* Duplicates the program's descriptor into this process. */
static int borrow(pid_t tid, int fd)
{
	CLEANUP(cleanup_fd) int pidfd = (int)syscall(SYS_pidfd_open, tid, 0);

	return pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
}

static bool is_attribute(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && (fs.f_type == SYSFS_MAGIC || fs.f_type == PROC_SUPER_MAGIC);
}

/* NO_FILE unless FD is a file or folder that has a name. */
static enum kind what_is(const struct watcher *watcher, pid_t tid, int fd, char *what, size_t size)
{
	CLEANUP(cleanup_free) char *link = text_format("proc/%d/fd/%d", (int)tid, fd);
	CLEANUP(cleanup_fd) int copy = borrow(tid, fd);
	struct stat st;

	if (copy < 0 || fstat(copy, &st) < 0 || !(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)) ||
			!st.st_nlink)
		return NO_FILE;
	host_link_target(watcher->host, link, what, size);
	return is_attribute(copy) ? ATTRIBUTE : A_FILE;
}

/* Whether the message at ADDRESS asks rtnetlink to change something. */
static bool is_change(pid_t tid, uint64_t address, char *what, size_t size)
{
	struct nlmsghdr header;

	if (!peek(tid, address, &header, sizeof(header)) || header.nlmsg_type < RTM_BASE ||
			(header.nlmsg_type - RTM_BASE) % 4 == 2)
		return false;
	snprintf(what, size, "message of type %d", header.nlmsg_type);
	return true;
}

static bool is_netlink(pid_t tid, int fd)
{
	CLEANUP(cleanup_fd) int copy = borrow(tid, fd);
	int domain = 0, protocol = -1;
	socklen_t size = sizeof(int);

	return copy >= 0 && getsockopt(copy, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 &&
			getsockopt(copy, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) == 0 &&
			domain == AF_NETLINK && protocol == NETLINK_ROUTE;
}

static bool changes_socket(
		pid_t tid, const struct call *call, const uint64_t *args, char *what, size_t size)
{
	struct msghdr message;
	struct iovec piece;

	if (!is_netlink(tid, (int)args[0]))
		return false;
	if (call->number == SYS_sendto)
		return is_change(tid, args[1], what, size);
	return peek(tid, args[1], &message, sizeof(message)) && message.msg_iovlen &&
			peek(tid, (uint64_t)(uintptr_t)message.msg_iov, &piece, sizeof(piece)) &&
			is_change(tid, (uint64_t)(uintptr_t)piece.iov_base, what, size);
}

/* Whether an open creates or truncates a file. The open descriptor shows later which file that
 * is. */
static bool opens_anew(pid_t tid, const struct call *call, const uint64_t *args)
{
	bool at = call->number == SYS_openat || call->number == SYS_openat2;
	uint64_t flags = args[at ? 2 : 1];

	if (call->number == SYS_openat2 && !peek(tid, args[2], &flags, sizeof(flags)))
		return false;
	return flags & (O_CREAT | O_TRUNC) || (flags & O_TMPFILE) == O_TMPFILE;
}

static bool counts(const struct watcher *watcher, struct thread *thread, const struct call *call,
		const uint64_t *args)
{
	char *what = thread->what;
	size_t size = sizeof(thread->what);

	switch (call->target) {
	case ON_FD:
		thread->kind = what_is(watcher, thread->tid, (int)args[0], what, size);
		return thread->kind != NO_FILE;
	case ON_SOCKET:
		return changes_socket(thread->tid, call, args, what, size);
	case ON_OPEN:
		return opens_anew(thread->tid, call, args);
	case ON_PATH:
		peek_text(thread->tid, args[0], what, size);
		return true;
	case ON_PATH_AT:
		peek_text(thread->tid, args[1], what, size);
		return true;
	case ON_TWO_AT:
		peek_text(thread->tid, args[3], what, size);
		return true;
	}
	return false;
}

static const char *name_of(const struct thread *thread)
{
	return thread->kind == ATTRIBUTE ? "attribute" : thread->call->name;
}

static bool is_pretended(const struct watcher *watcher, const struct thread *thread)
{
	for (size_t i = 0; i < record_length(watcher->pretend); i++) {
		const char *name = record_text(record_at(watcher->pretend, i));

		if (name && !strcmp(name, name_of(thread)))
			return true;
	}
	return false;
}

#ifdef __x86_64__
/* Replaces the call with one that does not exist; set_result() then makes it appear to succeed. */
static void skip_call(pid_t tid)
{
	ptrace(PTRACE_POKEUSER, tid, offsetof(struct user_regs_struct, orig_rax), -1L);
}

static void set_result(pid_t tid, uint64_t result)
{
	ptrace(PTRACE_POKEUSER, tid, offsetof(struct user_regs_struct, rax), (long)result);
}
#else
#error "how a system call is skipped is known for x86-64 only"
#endif

/* Returns true if the program must stop here. */
static bool enter(struct watcher *watcher, struct thread *thread,
		const struct __ptrace_syscall_info *info)
{
	thread->call = NULL;
	thread->kind = A_FILE;
	thread->pretended = false;
	thread->result = 0;
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		if ((uint64_t)calls[i].number != info->entry.nr)
			continue;
		if (!counts(watcher, thread, &calls[i], info->entry.args))
			return false;
		thread->call = &calls[i];
		if (watcher->limit == 0)
			return true;
		thread->pretended = is_pretended(watcher, thread);
		/* A pretended write appears to have written all of it. */
		if (calls[i].number == SYS_write || calls[i].number == SYS_pwrite64)
			thread->result = info->entry.args[2];
		if (thread->pretended)
			skip_call(thread->tid);
		return false;
	}
	return false;
}

static bool leave(struct watcher *watcher, struct thread *thread,
		const struct __ptrace_syscall_info *info)
{
	struct durable *durable = watcher->durable;
	const char *name;

	if (!thread->call || (info->exit.is_error && !thread->pretended))
		return false;
	if (thread->call->target == ON_OPEN &&
			what_is(watcher, thread->tid, (int)info->exit.rval, thread->what,
					sizeof(thread->what)) != A_FILE)
		return false;
	name = name_of(thread);
	if (thread->pretended)
		set_result(thread->tid, thread->result);
	durable->steps++;
	snprintf(durable->last, sizeof(durable->last), "%s %s", name, thread->what);
	record_put_int(durable->counts, name, record_int(durable->counts, name, 0) + 1);
	return watcher->limit >= 0 && durable->steps >= (unsigned)watcher->limit;
}

static bool passes_call(struct watcher *watcher, pid_t tid)
{
	struct thread *thread = thread_of(watcher, tid);
	struct __ptrace_syscall_info info;

	if (!thread || ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof(info), &info) <= 0)
		return false;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		return enter(watcher, thread, &info);
	return info.op == PTRACE_SYSCALL_INFO_EXIT && leave(watcher, thread, &info);
}

static void stop(const struct watcher *watcher)
{
	watcher->durable->stopped = true;
	for (size_t i = 0; i < DURABLE_THREADS; i++)
		watcher->durable->tids[i] = watcher->threads[i].tid;
}

/* Follows the program until it ends or must stop. */
static int watch(struct watcher *watcher, pid_t first, struct err *err)
{
	struct durable *durable = watcher->durable;

	for (;;) {
		int status, signal_number = 0;
		pid_t tid = waitpid(-1, &status, __WALL);

		if (tid < 0 && errno == EINTR)
			continue;
		if (tid < 0)
			return err_sys(err, "cannot watch the program");
		if (!WIFSTOPPED(status)) {
			struct thread *thread = thread_of(watcher, tid);

			if (thread)
				*thread = (struct thread){ 0 };
			if (tid != first)
				continue;
			durable->status = status;
			return 0;
		}
		if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
			if (passes_call(watcher, tid)) {
				stop(watcher);
				return 0;
			}
		} else if (status >> 16 == 0 && WSTOPSIG(status) != SIGSTOP) {
			signal_number = WSTOPSIG(status); /* pass it on */
		}
		ptrace(PTRACE_SYSCALL, tid, 0, (long)signal_number);
	}
}

static void become(const char *const argv[], int input, int output)
{
	dup2(input, 0);
	dup2(output, 1);
	dup2(output, 2);
	signals_unblock();
	ptrace(PTRACE_TRACEME, 0, 0, 0);
	raise(SIGSTOP);
	execvp(argv[0], (char *const *)argv);
	_exit(127);
}

static int start(const struct watcher *watcher, const char *const argv[], pid_t *pid,
		struct err *err)
{
	CLEANUP(cleanup_fd) int input = host_open_file(watcher->host, "dev/null", O_RDONLY);
	long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
	int status;

	*pid = fork();
	if (*pid == 0)
		become(argv, input, watcher->durable->output_fd);
	if (*pid < 0)
		return err_sys(err, "cannot start %s", argv[0]);
	if (waitpid(*pid, &status, 0) != *pid || !WIFSTOPPED(status) ||
			ptrace(PTRACE_SETOPTIONS, *pid, 0, options) < 0 ||
			ptrace(PTRACE_SYSCALL, *pid, 0, 0) < 0) {
		err_sys(err, "cannot watch %s", argv[0]);
		kill(*pid, SIGKILL);
		waitpid(*pid, NULL, 0);
		return -EIO;
	}
	return 0;
}

int durable_run(const struct host *host, const char *const argv[], int steps,
		const struct record *pretend, struct durable *durable, struct err *err)
{
	struct watcher watcher = {
		.host = host, .pretend = pretend, .durable = durable, .limit = steps
	};
	pid_t pid;
	int rc;

	*durable = DURABLE_NONE;
	durable->counts = record_object();
	durable->output_fd = memfd_create("output", MFD_CLOEXEC);
	if (durable->output_fd < 0)
		return err_sys(err, "cannot keep the output of %s", argv[0]);
	rc = start(&watcher, argv, &pid, err);
	if (!rc)
		rc = watch(&watcher, pid, err);
	if (rc < 0)
		return rc;
	lseek(durable->output_fd, 0, SEEK_SET);
	return file_read_fd(durable->output_fd, argv[0], OUTPUT_LIMIT, &durable->output, NULL, err);
}

void durable_end(struct durable *durable)
{
	int status;
	pid_t tid;

	for (size_t i = 0; i < DURABLE_THREADS; i++) {
		if (durable->tids[i])
			kill(durable->tids[i], SIGKILL);
	}
	/* Some children may not have been seen yet. */
	while (durable->stopped && (tid = waitpid(-1, &status, __WALL)) > 0) {
		if (WIFSTOPPED(status))
			kill(tid, SIGKILL);
	}
	cleanup_fd(&durable->output_fd);
	free(durable->output);
	record_free(durable->counts);
	*durable = DURABLE_NONE;
}

char *durable_text(const struct record *counts)
{
	const struct record *count;
	const char *name;
	char *text = text_format("%s", "");

	for (size_t i = 0; record_member(counts, i, &name, &count); i++) {
		char *longer = text_format(
				"%s%s%s %.0f", text, i ? ", " : "", name, record_number(count));

		free(text);
		text = longer;
	}
	return text;
}
