/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "check.h"

/* A check asks the rig through the process that started it, line by line. That one answers always,
 * or ends this process. */

enum { ANSWER_LIMIT = 4096 };

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

int check_ask_rig(struct check_run *run, const char *action, struct record *arguments)
{
	CLEANUP(cleanup_record) struct record *asked = record_object();
	CLEANUP(cleanup_record) struct record *answer = NULL;
	CLEANUP(cleanup_free) char *text = NULL;
	CLEANUP(cleanup_free) char *line = NULL;
	char heard[ANSWER_LIMIT];
	size_t length;
	int rc;

	record_put_str(asked, "action", action);
	record_put(asked, "arguments", arguments ? arguments : record_object());
	text = record_print(asked);
	line = file_path("%s\n", text);
	rc = file_write_all(run->rig_fd, line, strlen(line));
	if (!rc)
		rc = read_answer(run->rig_fd, heard, &length);
	if (!rc)
		rc = record_parse("the rig's answer", heard, length, &answer, &run->err);
	if (rc < 0)
		return err_set(&run->err, -rc, "the rig does not answer to %s", action);
	if (record_bool(answer, "ok", false))
		return 0;
	return err_set(&run->err, EREMOTEIO, "the rig cannot do %s: %s", action,
			record_str(answer, "error", "it does not say why"));
}
