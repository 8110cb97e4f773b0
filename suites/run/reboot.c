/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/reboot.h"

#include <string.h>

#include "base/cleanup.h"
#include "run/request.h"

/* Only for "reboot" the machine reboots itself, so only then a check waits for an answer. */
static int begin(const struct run *run, const struct record *event, const char *action, int64_t id,
		struct err *err)
{
	CLEANUP(cleanup_record) struct record *done = record_object();
	CLEANUP(cleanup_free) char *text = NULL;
	int rc = rig_act(run->rig, action, record_get(event, "arguments"), err);

	if (rc < 0 || strcmp(action, "reboot"))
		return rc;
	record_put_int(done, "id", id);
	record_put_str(done, "op", "rig-done");
	record_put_bool(done, "ok", true);
	text = record_print(done);
	return channel_send_line(rig_channel(run->rig), text, err);
}

int reboot_resume(const struct run *run, const struct record *event, const struct record *ids,
		int64_t *id, struct err *err)
{
	const char *action = record_str(event, "action", "");
	struct record *resume = NULL, *request;
	int rc;

	if (record_type(record_get(event, "kept")) != RECORD_OBJECT)
		return err_set(err, EPROTO, "vfsuite asks for a %s and keeps nothing", action);
	rc = begin(run, event, action, *id, err);
	if (!rc)
		rc = rig_reboot_wait(run->rig, &resume, err);
	if (!rc)
		rc = request_hello(run, err);
	if (rc < 0) {
		record_free(resume);
		return rc;
	}
	record_put(resume, "kept", record_copy(record_get(event, "kept")));
	request = request_run(run, ids);
	record_put(request, "checks", record_copy(ids)); /* in their original order */
	record_put(request, "resume", resume);
	return channel_send(rig_channel(run->rig), request, id, err);
}
