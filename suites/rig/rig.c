/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/digest.h"
#include "base/file.h"
#include "rig/rig_kind.h"

#define PROGRAM_LIMIT (256 << 20) /* bytes of vfsuite */

/* The seam: each kind of rig is a file of its own (emulated.c, local.c). */

int rig_check(const struct rig_options *options, struct err *err)
{
	if (options->kind == RIG_LOCAL)
		return rig_check_local(options, err);
	return rig_check_emulated(options, err);
}

/* Which program has run is the controller's to say: it brought it. */
static int put_program(struct rig *rig, const char *tools_dir, struct err *err)
{
	CLEANUP(cleanup_free) char *path = file_path("%s/vfsuite", tools_dir);
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
	int rc = options->kind == RIG_LOCAL ? rig_up_local(options, &fresh, err)
					    : rig_up_emulated(options, &fresh, err);

	if (!rc)
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
	for (size_t i = 0; i < record_length(rig->actions); i++) {
		if (!strcmp(record_text(record_at(rig->actions, i)), action))
			return rig->methods->act(rig, action, arguments, err);
	}
	return err_set(err, ENOTSUP, "this rig has no action '%.64s'", action);
}

bool rig_action_reboots(const char *action)
{
	return !strcmp(action, "reboot") || !strcmp(action, "reset") ||
			!strcmp(action, "power-cut") || !strcmp(action, "reslot");
}

int rig_reboot_wait(struct rig *rig, struct record **boot, struct err *err)
{
	int rc = rig->methods->reboot_wait(rig, boot, err);

	err_prefix(err, "the machine does not come back: ");
	return rc;
}

char *rig_console_tail(const struct rig *rig)
{
	return rig->methods->console ? rig->methods->console(rig) : NULL;
}

int rig_lend(struct rig *rig, struct err *err)
{
	if (!rig->methods->lend)
		return err_set(err, ENOTSUP, "only an emulated rig can be lent");
	return rig->methods->lend(rig, err);
}

int rig_wait(struct rig *rig, struct err *err)
{
	if (!rig->methods->wait)
		return err_set(err, ENOTSUP, "only an emulated rig can be waited for");
	return rig->methods->wait(rig, err);
}

const char *rig_folder(const struct rig *rig)
{
	return rig->methods->folder ? rig->methods->folder(rig) : NULL;
}

int rig_down(struct rig *rig, struct err *err)
{
	(void)err;
	if (rig)
		rig->methods->end(rig);
	return 0;
}

void cleanup_rig(struct rig **rig)
{
	rig_down(*rig, NULL);
}
