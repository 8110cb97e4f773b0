/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vfcert/lab_terminal.h"

#include <ctype.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <termios.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/lines.h"
#include "base/signals.h"
#include "base/text.h"
#include "rig/channel.h"
#include "rig/unix_socket.h"

/*
 * The socket "console" carries the shell's bytes; "control" reports that the shell has ended or the
 * machine has restarted. After a restart the shell is requested again with the same token, since the
 * request may have reached the machine before or after the restart.
 *
 * A second shell inside the first one runs a script, without prompts and echo, and with a pipe for
 * its output, so that programs do not take that for a terminal. Marks of random digits before and
 * after the output of the script separate it from that of the first shell. The script's exit status
 * follows the last mark.
 */

#define LEAVE_KEY 0x1d /* Ctrl-] */
/* Ends an unfinished line, then the line for the shell, then the input. */
#define END_OF_INPUT "\004\004\004"
#define SEND_TIME_MS 60000 /* a busy machine may read late */
#define QUIET_MS     100   /* for the last output after the shell has ended */
#define MARK_LENGTH  18
#define READ_SIZE    4096

struct terminal {
	int console;
	struct channel *control;
	char *request; /* for a shell */
	bool interactive;
	struct termios former;
	char mark[MARK_LENGTH + 1];
	char held[READ_SIZE + MARK_LENGTH]; /* output that may begin a mark */
	size_t held_count;
	bool prompted;  /* the shell has printed something; it loses earlier input */
	unsigned marks; /* seen so far */
	int status;
};

static void terminal_free(struct terminal *terminal)
{
	if (terminal->interactive)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal->former);
	channel_free(terminal->control);
	cleanup_fd(&terminal->console);
	free(terminal->request);
}

/* $TERM if the image's init accepts it. */
static const char *terminal_type(void)
{
	const char *type = getenv("TERM");

	for (const char *c = type; c && *c; c++) {
		if (!isalnum((unsigned char)*c) && !strchr("._+-", *c))
			return "linux";
	}
	return type && *type ? type : "linux";
}

static int draw_number(uint64_t *number, struct err *err)
{
	if (getrandom(number, sizeof(*number), 0) != sizeof(*number))
		return err_sys(err, "no random number");
	return 0;
}

static int open_shell(struct terminal *terminal, struct err *err)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	const char *type = terminal->interactive ? terminal_type() : "dumb";
	uint64_t token;
	int rc = draw_number(&token, err);

	if (rc < 0)
		return rc;
	if (terminal->interactive)
		ioctl(STDIN_FILENO, TIOCGWINSZ, &size);
	terminal->request = text_format(
			"console %s %u %u %016" PRIx64, type, size.ws_row, size.ws_col, token);
	return channel_send_line(terminal->control, terminal->request, err);
}

static int send_bytes(struct terminal *terminal, const char *bytes, size_t count, struct err *err)
{
	int rc = lines_send(terminal->console, bytes, count, deadline_in(SEND_TIME_MS), err);

	if (rc == -EPIPE)
		return err_set(err, EPIPE, "the machine has ended");
	if (rc == -ETIMEDOUT)
		return err_set(err, ETIMEDOUT, "the machine does not read its terminal");
	return rc;
}

static int make_raw(struct terminal *terminal, struct err *err)
{
	struct termios raw;

	if (tcgetattr(STDIN_FILENO, &terminal->former) < 0)
		return err_sys(err, "cannot read the terminal's settings");
	raw = terminal->former;
	cfmakeraw(&raw);
	if (tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) < 0)
		return err_sys(err, "cannot change the terminal's settings");
	terminal->interactive = true;
	return 0;
}

static int start_script(struct terminal *terminal, struct err *err)
{
	CLEANUP(cleanup_free) char *line = NULL;
	char number[MARK_LENGTH - 1];
	uint64_t random;
	int rc = draw_number(&random, err);

	if (rc < 0)
		return rc;
	snprintf(number, sizeof(number), "%016" PRIx64, random);
	snprintf(terminal->mark, sizeof(terminal->mark), "\036%s\036", number);
	line = text_format("stty -echo -onlcr -isig; printf '\\036%%s\\036' %s; bash --noprofile "
			   "--norc /proc/self/fd/0 2>&1 | cat; printf '\\036%%s\\036%%d' %s "
			   "${PIPESTATUS[0]}; exit\n",
			number, number);
	terminal->prompted = true;
	return send_bytes(terminal, line, strlen(line), err);
}

/* Prints the text between the first mark and the second. */
static void print_script_output(struct terminal *terminal, const char *bytes, size_t count)
{
	memcpy(terminal->held + terminal->held_count, bytes, count);
	terminal->held_count += count;
	for (;;) {
		char *held = terminal->held, *end = held + terminal->held_count;
		char *mark = memmem(held, terminal->held_count, terminal->mark, MARK_LENGTH);
		char *next = mark ? mark + MARK_LENGTH : end;

		/* Text that may be the beginning of a mark waits for the rest. */
		for (char *c = end; !mark && end - c < MARK_LENGTH && c > held; c--) {
			if (c[-1] == '\036')
				next = c - 1;
		}
		if (terminal->marks == 1)
			file_write_all(STDOUT_FILENO, held, (size_t)((mark ? mark : next) - held));
		if (terminal->marks >= 2 && !mark)
			return; /* the status ends the output */
		terminal->held_count = (size_t)(end - next);
		memmove(held, next, terminal->held_count);
		if (!mark)
			return;
		terminal->marks++;
	}
}

/* Reads what the machine prints. Returns false at the end. */
static bool take_output(struct terminal *terminal)
{
	char bytes[READ_SIZE];
	ssize_t count = read(terminal->console, bytes, sizeof(bytes));

	if (count < 0)
		return errno == EAGAIN || errno == EINTR;
	if (terminal->interactive)
		file_write_all(STDOUT_FILENO, bytes, (size_t)count);
	else if (terminal->prompted &&
			terminal->held_count + (size_t)count <= sizeof(terminal->held))
		print_script_output(terminal, bytes, (size_t)count);
	return count > 0;
}

/* Sends standard input. Returns 1 if there may be more, 0 at its end. */
static int take_input(struct terminal *terminal, struct err *err)
{
	char bytes[READ_SIZE], *leave;
	ssize_t count = read(STDIN_FILENO, bytes, sizeof(bytes));
	int rc;

	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return 1;
	if (count <= 0 && terminal->interactive)
		return 0;
	if (count <= 0)
		return send_bytes(terminal, END_OF_INPUT, strlen(END_OF_INPUT), err);
	leave = terminal->interactive ? memchr(bytes, LEAVE_KEY, (size_t)count) : NULL;
	rc = send_bytes(terminal, bytes, leave ? (size_t)(leave - bytes) : (size_t)count, err);
	return rc < 0 ? rc : !leave;
}

/* Opens the shell again after the machine has restarted. */
static int open_again(struct terminal *terminal, struct err *err)
{
	int rc;

	if (terminal->marks == 1)
		return err_set(err, ECONNRESET,
				"the machine has restarted before the script ended");
	if (terminal->marks)
		return 0;
	terminal->prompted = false;
	rc = channel_send_line(terminal->control, terminal->request, err);
	return rc < 0 ? rc : -ETIMEDOUT;
}

/* Returns 0 if the shell has ended, -ETIMEDOUT while it runs, or an error. */
static int read_control(struct terminal *terminal, struct err *err)
{
	enum { EXITED, READY };
	static const char *const events[] = {
		[EXITED] = "console-exited", [READY] = "ready", NULL
	};
	struct err cause = { 0 };
	int rc = channel_await_any(terminal->control, events, deadline_in(0), &cause);

	if (rc == -EPIPE)
		return err_set(err, EPIPE, "the machine has ended");
	if (rc < 0 && rc != -ETIMEDOUT)
		return err_set(err, -rc, "%s", cause.msg);
	if (rc == READY)
		return open_again(terminal, err);
	return rc;
}

static int relay(struct terminal *terminal, struct err *err)
{
	bool input = true;
	int rc = -ETIMEDOUT;

	while (rc == -ETIMEDOUT) {
		/* A script is read only after its shell has started. */
		bool listens = input && (terminal->interactive || terminal->marks);
		struct pollfd polled[3] = {
			{ .fd = listens ? STDIN_FILENO : -1, .events = POLLIN },
			{ .fd = terminal->console, .events = POLLIN },
			{ .fd = channel_fd(terminal->control), .events = POLLIN },
		};

		rc = signals_poll(polled, 3, deadline_in(INT32_MAX), err);
		if (rc < 0 && rc != -ETIMEDOUT)
			return rc;
		/* Control comes first: a restarted machine reports there before its shell prints. */
		rc = polled[2].revents ? read_control(terminal, err) : -ETIMEDOUT;
		if (rc != -ETIMEDOUT)
			return rc;
		if (polled[1].revents && !take_output(terminal))
			return err_set(err, EPIPE, "the machine has ended");
		if (polled[1].revents && !terminal->interactive && !terminal->prompted) {
			int sent = start_script(terminal, err);

			if (sent < 0)
				return sent;
		}
		if (polled[0].revents) {
			int more = take_input(terminal, err);

			if (more < 0)
				return more;
			if (!more && terminal->interactive)
				return 0;
			input = more;
		}
	}
	return rc;
}

/* Prints the last output, which may arrive after the report that the shell has ended. */
static void drain(struct terminal *terminal)
{
	struct pollfd polled = { .fd = terminal->console, .events = POLLIN };

	while (signals_poll(&polled, 1, deadline_in(QUIET_MS), NULL) > 0) {
		if (!take_output(terminal))
			return;
	}
}

static int script_status(const struct terminal *terminal)
{
	if (terminal->marks < 2 || !terminal->held_count)
		return -1;
	return atoi(terminal->held);
}

int terminal_attach(const char *folder, int *status, struct err *err)
{
	CLEANUP(terminal_free) struct terminal terminal = { .console = -1 };
	CLEANUP(cleanup_free) char *lock_path = text_format("%s/terminal.lock", folder);
	CLEANUP(cleanup_fd) int lock = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	bool from_terminal = isatty(STDIN_FILENO);
	int fd, rc = 0;

	if (lock < 0)
		return err_sys(err, "cannot create %s", lock_path);
	if (flock(lock, LOCK_EX | LOCK_NB) < 0)
		return err_set(err, EBUSY, "another terminal is connected to this lab");
	fd = unix_connect(folder, "control", err);
	if (fd < 0)
		return fd;
	terminal.control = channel_new(fd, fd);
	terminal.console = unix_connect(folder, "console", err);
	if (terminal.console < 0)
		return terminal.console;
	if (from_terminal)
		rc = make_raw(&terminal, err);
	if (!rc)
		rc = open_shell(&terminal, err);
	if (!rc)
		rc = relay(&terminal, err);
	drain(&terminal);
	if (rc < 0)
		return rc;
	*status = from_terminal ? 0 : script_status(&terminal);
	return *status < 0 ? err_set(err, EPIPE, "the script did not end") : 0;
}
