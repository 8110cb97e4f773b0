/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/process.h"
#include "base/text.h"
#include "check.h"
#include "observe/dut.h"

/* A check asks the rig through the vfsuite process that started it, one line per message. That
 * process always answers, or kills the check. */

enum { ANSWER_LIMIT = 4096, REBOOT_MS = 5000 };

static int read_answer(int fd, char answer[ANSWER_LIMIT], size_t *length)
{
	for (*length = 0; *length < ANSWER_LIMIT; (*length)++) {
		if (read(fd, answer + *length, 1) != 1)
			return -EPIPE;
		if (answer[*length] == '\n')
			return 0;
	}
	return -EMSGSIZE;
}

/* Takes FIELDS. */
static int ask(struct check_run *run, const char *action, struct record *fields)
{
	CLEANUP(cleanup_record) struct record *request = fields;
	CLEANUP(cleanup_record) struct record *answer = NULL;
	CLEANUP(cleanup_free) char *text = NULL;
	CLEANUP(cleanup_free) char *line = NULL;
	char reply[ANSWER_LIMIT];
	size_t length;
	int rc;

	record_put_str(request, "action", action);
	text = record_print(request);
	line = text_format("%s\n", text);
	rc = file_write_all(run->rig_fd, line, strlen(line));
	if (!rc)
		rc = read_answer(run->rig_fd, reply, &length);
	if (!rc)
		rc = record_parse("the rig's answer", reply, length, &answer, &run->err);
	if (rc < 0)
		return err_set(&run->err, -rc, "the rig does not answer to %s", action);
	if (record_bool(answer, "ok", false))
		return 0;
	return err_set(&run->err, EREMOTEIO, "the rig cannot do %s: %s", action,
			record_str(answer, "error", "it gives no reason"));
}

int check_ask_rig(struct check_run *run, const char *action, struct record *arguments)
{
	struct record *fields = record_object();

	record_put(fields, "arguments", arguments ? arguments : record_object());
	return ask(run, action, fields);
}

/* Reboots in an orderly way: systemd stops services, or at least written data reaches the disks. */
static void reboot_machine(struct check_run *run)
{
	static const char *const argv[] = { "systemctl", "reboot", NULL };

	if (host_exists(run->dut->host, "run/systemd/system")) {
		process_run(argv, dut_deadline(run->dut, REBOOT_MS), NULL, &run->err);
		return;
	}
	sync();
	if (reboot(RB_AUTOBOOT) < 0)
		err_sys(&run->err, "cannot reboot the machine");
}

enum verdict check_cross(struct check_run *run, const char *action, struct record *arguments)
{
	struct record *fields = record_object();

	record_put(fields, "arguments", arguments ? arguments : record_object());
	record_put(fields, "memory", record_copy(run->memory));
	record_put(fields, "evidence", record_copy(run->evidence));
	if (ask(run, action, fields) == 0)
		reboot_machine(run);
	while (!run->err.code)
		pause();
	return check_broken(run, "the machine does not go down");
}
