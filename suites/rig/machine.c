/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rig/machine.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/signals.h"
#include "base/text.h"
#include "rig/unix_socket.h"

/*
 * QEMU is controlled over QMP and ended by SIGKILL. That equals a power cut, because the only writable
 * disk has no cache.
 */

#define CONNECT_TIME_MS 20000
#define QMP_TIME_MS     20000
#define STATE_TIME_MS   60000 /* writing or reading the state, on a slow disk */
#define POLL_MS         5
#define ENDING_MS       1000 /* after QEMU has closed its sockets, for it to exit */
#define TAIL_SIZE       16384
#define CAUSE_LINES     200 /* a panic's trace is shorter */

/* The log of QEMU's own output. */
static int open_log(const char *folder, struct err *err)
{
	CLEANUP(cleanup_free) char *path = text_format("%s/qemu.log", folder);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);

	return fd < 0 ? err_sys(err, "cannot create %s", path) : fd;
}

/* QEMU creates its sockets some time after it has started. */
static int connect_to(struct machine *machine, const char *name, struct err *err)
{
	struct deadline deadline = deadline_in(CONNECT_TIME_MS);

	for (;;) {
		struct pollfd polled = { .fd = machine->process.fd, .events = POLLIN };
		struct err cause = { 0 };
		int fd = unix_connect(machine->folder, name, &cause), rc;

		if (fd >= 0)
			return fd;
		if (fd == -EINVAL)
			return err_set(err, EINVAL, "%s", cause.msg);
		if (!deadline_left(deadline))
			return err_set(err, ETIMEDOUT, "QEMU does not start: %s", cause.msg);
		rc = signals_poll(&polled, 1, deadline_in(POLL_MS), err);
		if (rc > 0)
			machine_explain(machine, err);
		if (rc != -ETIMEDOUT)
			return rc < 0 ? rc : -EPIPE;
	}
}

/* QEMU's own message is a better reason than a closed connection. */
static int judge(struct machine *machine, int rc, const struct err *cause, struct err *err)
{
	if (rc == -EPIPE)
		machine_explain(machine, err);
	return rc < 0 ? err_pass(err, cause, "%s", cause->msg) : rc;
}

static void cleanup_machine(struct machine **machine)
{
	machine_end(*machine);
}

int machine_start(const struct argv *command, const char *folder, struct machine **machine,
		struct err *err)
{
	CLEANUP(cleanup_machine) struct machine *fresh = calloc(1, sizeof(*fresh));
	CLEANUP(cleanup_fd) int log = open_log(folder, err);
	struct err cause = { 0 };
	int fd, rc;

	if (!fresh)
		abort();
	fresh->process = PROCESS_NONE;
	fresh->control = -1;
	fresh->folder = text_format("%s", folder);
	if (log < 0)
		return log;
	rc = process_start((const char *const *)command->list,
			(struct process_streams){ -1, log, log }, &fresh->process, err);
	if (rc < 0)
		return rc;
	fd = connect_to(fresh, "qmp", err);
	if (fd < 0)
		return fd;
	rc = qmp_open(fd, deadline_in(QMP_TIME_MS), &fresh->qmp, &cause);
	if (rc < 0)
		return judge(fresh, rc, &cause, err);
	fresh->control = connect_to(fresh, "control", err);
	if (fresh->control < 0)
		return fresh->control;
	*machine = TAKE(fresh);
	return 0;
}

void machine_end(struct machine *machine)
{
	if (!machine)
		return;
	process_end(&machine->process, 0);
	qmp_close(machine->qmp);
	cleanup_fd(&machine->control);
	free(machine->folder);
	free(machine);
}

/* The last lines of a file, cut from its last TAIL_SIZE bytes. */
static char *file_tail(const char *path, unsigned count)
{
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	CLEANUP(cleanup_free) char *text = calloc(1, TAIL_SIZE + 1);
	struct stat st;
	char *start;
	ssize_t length;

	if (!text || fd < 0 || fstat(fd, &st) < 0)
		return NULL;
	length = pread(fd, text, TAIL_SIZE, st.st_size > TAIL_SIZE ? st.st_size - TAIL_SIZE : 0);
	while (length > 0 && strchr("\r\n", text[length - 1]))
		text[--length] = '\0';
	if (length <= 0)
		return NULL;
	for (start = text + length; start > text; start--) {
		if (start[-1] == '\n' && !--count)
			break;
	}
	for (char *c = start; *c; c++) {
		if ((unsigned char)*c < ' ' && *c != '\n')
			*c = ' ';
	}
	return text_format("%s", start);
}

char *console_tail(const char *folder, unsigned count)
{
	CLEANUP(cleanup_free) char *path = text_format("%s/serial.log", folder);

	return file_tail(path, count);
}

bool machine_has_ended(struct machine *machine, struct deadline deadline)
{
	CLEANUP(cleanup_free) char *path = text_format("%s/qemu.log", machine->folder);
	CLEANUP(cleanup_free) char *message = NULL;
	char how[64];
	int status;

	if (*machine->ended)
		return true;
	if (process_wait(&machine->process, deadline, &status) < 0)
		return false;
	message = status ? file_tail(path, 1) : NULL;
	if (message && strstr(message, ": warning: "))
		free(TAKE(message)); /* it is not the cause */
	snprintf(machine->ended, sizeof(machine->ended), "QEMU has ended: %s%s%.240s",
			process_status(status, how), message ? ": " : "", message ? message : "");
	return true;
}

/* The line of the console that names the cause: the init's, the kernel's, or the last one. */
static char *console_cause(const char *folder)
{
	static const char *const marks[] = { "vfcert init", "Kernel panic" };
	CLEANUP(cleanup_free) char *text = console_tail(folder, CAUSE_LINES);

	for (size_t i = 0; text && i < sizeof(marks) / sizeof(*marks); i++) {
		const char *found = strstr(text, marks[i]);

		if (found)
			return text_format("%.*s", (int)strcspn(found, "\n"), found);
	}
	return console_tail(folder, 1);
}

void machine_explain(struct machine *machine, struct err *err)
{
	CLEANUP(cleanup_free) char *last = console_cause(machine->folder);
	bool ended = machine_has_ended(machine, deadline_in(ENDING_MS));

	err_set(err, ended ? EPIPE : ETIMEDOUT, "%s%s%.160s",
			ended ? machine->ended : "the machine does not answer in time",
			last ? "; its console: " : "", last ? last : "");
}

static int execute(struct machine *machine, const char *command, struct record *arguments,
		struct err *err)
{
	struct err cause = { 0 };
	int rc = qmp_execute(
			machine->qmp, command, arguments, deadline_in(QMP_TIME_MS), NULL, &cause);

	return judge(machine, rc, &cause, err);
}

/* The default bandwidth limit spares the guest, but the guest is stopped. */
static int prepare_migration(struct machine *machine, struct err *err)
{
	struct record *capabilities = record_object(), *list = record_array();
	struct record *events = record_object(), *parameters = record_object();
	int rc;

	record_put_str(events, "capability", "events");
	record_put_bool(events, "state", true);
	record_add(list, events);
	record_put(capabilities, "capabilities", list);
	record_put_int(parameters, "max-bandwidth", INT64_C(1) << 40);
	rc = execute(machine, "migrate-set-capabilities", capabilities, err);
	if (rc < 0) {
		record_free(parameters);
		return rc;
	}
	return execute(machine, "migrate-set-parameters", parameters, err);
}

/* QEMU keeps running after it has failed to write a state, and exits if it cannot read one. */
static int explain_failure(struct machine *machine, const char *command, struct err *err)
{
	CLEANUP(cleanup_record) struct record *reply = NULL;
	const char *why;

	qmp_execute(machine->qmp, "query-migrate", NULL, deadline_in(QMP_TIME_MS), &reply, NULL);
	why = record_str(reply, "error-desc", NULL);
	if (!why && machine_has_ended(machine, deadline_in(ENDING_MS)))
		why = machine->ended;
	return err_set(err, EIO, "QEMU's %s fails: %s", command, why ? why : "it does not say why");
}

/* Starts COMMAND for the file and waits until it is finished. */
static int migrate(struct machine *machine, const char *command, const char *path, struct err *err)
{
	struct deadline deadline = deadline_in(STATE_TIME_MS);
	struct record *arguments;
	int rc = prepare_migration(machine, err);

	if (rc < 0)
		return rc;
	arguments = record_object();
	record_put_strf(arguments, "uri", "file:%s", path);
	rc = execute(machine, command, arguments, err);
	while (!rc) {
		CLEANUP(cleanup_record) struct record *data = NULL;
		struct err cause = { 0 };
		const char *status;

		rc = qmp_wait(machine->qmp, "MIGRATION", deadline, &data, &cause);
		status = record_str(data, "status", "");
		if (!rc && !strcmp(status, "completed"))
			return 0;
		if (!rc && !strcmp(status, "failed"))
			return explain_failure(machine, command, err);
		rc = judge(machine, rc, &cause, err);
	}
	return rc;
}

int machine_reconnect(struct machine *machine, struct err *err)
{
	int fd = connect_to(machine, "control", err);

	if (fd < 0)
		return fd;
	machine->control = fd;
	return 0;
}

int machine_allow_restart(struct machine *machine, bool allowed, struct err *err)
{
	struct record *arguments = record_object();

	record_put_str(arguments, "reboot", allowed ? "reset" : "shutdown");
	return execute(machine, "set-action", arguments, err);
}

int machine_restart(struct machine *machine, struct err *err)
{
	return execute(machine, "system_reset", NULL, err);
}

int machine_restarted(struct machine *machine, struct deadline deadline, struct err *err)
{
	CLEANUP(cleanup_record) struct record *data = NULL;
	struct err cause = { 0 };
	int rc = qmp_wait(machine->qmp, "RESET", deadline, &data, &cause);

	return judge(machine, rc, &cause, err);
}

int machine_save(struct machine *machine, const char *path, struct err *err)
{
	int rc = execute(machine, "stop", NULL, err);

	return rc < 0 ? rc : migrate(machine, "migrate", path, err);
}

int machine_restore(struct machine *machine, const char *path, struct err *err)
{
	int rc = migrate(machine, "migrate-incoming", path, err);

	return rc < 0 ? rc : machine_continue(machine, err);
}

/* QEMU reports that a state is written shortly before it accepts "cont". */
int machine_continue(struct machine *machine, struct err *err)
{
	struct deadline deadline = deadline_in(QMP_TIME_MS);
	struct pollfd nothing = { .fd = -1 };

	for (;;) {
		CLEANUP(cleanup_record) struct record *reply = NULL;
		struct err cause = { 0 };
		int rc = qmp_execute(machine->qmp, "query-status", NULL, deadline, &reply, &cause);

		if (rc < 0)
			return judge(machine, rc, &cause, err);
		if (strcmp(record_str(reply, "status", ""), "finish-migrate"))
			return execute(machine, "cont", NULL, err);
		if (!deadline_left(deadline))
			return err_set(err, ETIMEDOUT, "QEMU does not finish its migration");
		rc = signals_poll(&nothing, 1, deadline_in(1), err);
		if (rc == -EINTR)
			return rc;
	}
}
