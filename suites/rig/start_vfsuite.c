/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rig/start_vfsuite.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "data/base64.h"

#define HELLO_TIME_MS    10000 /* times the scale */
#define AT_START_TIME_MS 60000 /* times the scale */

/* A command as one word of the request. */
static char *word_of(const char *command)
{
	return command ? base64_print(command, strlen(command)) : text_format("-");
}

/* The init sets the clock, which stopped with the snapshot. */
static int send_start(
		struct channel *channel, const struct boot_defect *boot_defect, struct err *err)
{
	CLEANUP(cleanup_free) char *at_start = word_of(boot_defect->at_start);
	CLEANUP(cleanup_free) char *after_boot = word_of(boot_defect->after_boot);
	CLEANUP(cleanup_free)
	char *line = text_format("start %lld %s %s %s", (long long)time(NULL),
			boot_defect->without_restore ? "without-restore" : "restore", at_start,
			after_boot);

	return channel_send_line(channel, line, err);
}

static int await_at_start(
		struct channel *channel, const char *command, double scale, struct err *err)
{
	struct deadline deadline = deadline_in((int64_t)(AT_START_TIME_MS * scale));
	struct err cause = { 0 };
	int rc = channel_await_event(channel, "at-start", deadline, &cause);

	if (rc >= 0)
		return 0;
	if (rc == -EINTR)
		return err_pass(err, &cause, "%s", cause.msg);
	return err_set(err, rc == -ETIMEDOUT ? ECANCELED : -rc,
			"starting vfsuite after the defect's AtStart=%.160s: %s", command,
			cause.msg);
}

int start_peer(struct channel *channel, double scale, struct err *err)
{
	CLEANUP(cleanup_free) char *line = text_format("join %lld", (long long)time(NULL));
	int rc = channel_send_line(channel, line, err);

	return rc ? rc
		  : channel_await_event(channel, "joined",
				    deadline_in((int64_t)(HELLO_TIME_MS * scale)), err);
}

int start_vfsuite(struct channel *channel, const struct boot_defect *boot_defect, double scale,
		struct err *err)
{
	int rc = send_start(channel, boot_defect, err);

	if (!rc && boot_defect->at_start)
		rc = await_at_start(channel, boot_defect->at_start, scale, err);
	if (!rc)
		rc = channel_hello(channel, deadline_in((int64_t)(HELLO_TIME_MS * scale)), err);
	return rc;
}
