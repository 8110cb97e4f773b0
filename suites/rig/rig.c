/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "data/digest.h"
#include "rig/rig_kind.h"

#define PROGRAM_LIMIT (256 << 20) /* bytes of vfsuite */

const char *const *rig_lacks(const struct rig_options *options)
{
	return options->kind->lacks(options);
}

int rig_check(const struct rig_options *options, struct err *err)
{
	return options->kind->check(options, err);
}

/* The controller provides the program, so it need not ask the machine which one it runs. */
static int put_program(struct rig *rig, const char *tools_dir, struct err *err)
{
	CLEANUP(cleanup_free) char *path = text_format("%s/vfsuite", tools_dir);
	CLEANUP(cleanup_free) char *bytes = NULL;
	char digest[DIGEST_TEXT];
	size_t length;
	int rc = file_read(AT_FDCWD, path, PROGRAM_LIMIT, &bytes, &length, err);

	if (rc < 0)
		return rc;
	digest_bytes(bytes, length, digest);
	record_put_str(rig->identity, "vfsuite", digest);
	return 0;
}

int rig_up(const struct rig_options *options, struct rig **rig, struct err *err)
{
	CLEANUP(cleanup_rig) struct rig *fresh = NULL;
	int rc = options->kind->up(options, &fresh, err);

	if (rc < 0)
		return rc;
	fresh->kind = options->kind;
	rc = put_program(fresh, options->tools_dir, err);
	if (!rc)
		*rig = TAKE(fresh);
	return rc;
}

struct channel *rig_channel(struct rig *rig)
{
	return rig->channel;
}

const struct record *rig_identity(const struct rig *rig)
{
	return rig->identity;
}

const struct record *rig_actions(const struct rig *rig)
{
	return rig->actions;
}

int rig_act(struct rig *rig, const char *action, const struct record *arguments, struct err *err)
{
	if (!record_has_text(rig->actions, action))
		return err_set(err, ENOTSUP, "this rig has no action '%.64s'", action);
	return rig->kind->act(rig, action, arguments, err);
}

bool rig_action_reboots(const char *action)
{
	return !strcmp(action, "reboot") || !strcmp(action, "reset") ||
			!strcmp(action, "power-cut") || !strcmp(action, "reslot");
}

int rig_reboot_wait(struct rig *rig, struct record **boot, struct err *err)
{
	int rc = rig->kind->reboot_wait(rig, boot, err);

	err_prefix(err, "the machine does not come back: ");
	return rc;
}

char *rig_console_tail(const struct rig *rig)
{
	return rig->kind->console_tail ? rig->kind->console_tail(rig) : NULL;
}

int rig_lend_console(struct rig *rig, struct err *err)
{
	if (!rig->kind->lend_console)
		return err_set(err, ENOTSUP, "the %s rig has no console", rig->kind->name);
	return rig->kind->lend_console(rig, err);
}

int rig_wait(struct rig *rig, struct err *err)
{
	if (!rig->kind->wait)
		return err_set(err, ENOTSUP, "the %s rig has no machine to wait for",
				rig->kind->name);
	return rig->kind->wait(rig, err);
}

const char *rig_folder(const struct rig *rig)
{
	return rig->kind->folder ? rig->kind->folder(rig) : NULL;
}

void rig_down(struct rig *rig)
{
	if (rig)
		rig->kind->down(rig);
}

void cleanup_rig(struct rig **rig)
{
	rig_down(*rig);
}
