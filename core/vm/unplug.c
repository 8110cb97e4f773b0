/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vm/unplug.h"

#include <string.h>

#include "base/cleanup.h"
#include "vm/vm_read.h"

/*
 * The request to unplug returns before anything has happened. What the machine has is seen in the XML alone:
 * events are lost while the daemon is away, and say only when to look. A guest may overlook a request
 * while it boots (OpenStack nova bug 1882521), so the request is repeated; QEMU before 5.2 refuses the second
 * one while the first is pending, and then forgets the first (RHBZ 1878659).
 */

enum { ATTEMPT_MS = 15000, LOOK_MS = 1000, REOPEN_MS = 500 };

enum outcome { STILL_THERE, GONE, REFUSED };

struct unplugging {
	const struct unplug *unplug;
	enum domain_side side;
	struct deadline limit;
	struct diagnostics *notes;
};

struct opening {
	const struct unplug *unplug;
	int rc;
	struct err err;
};

static bool is_open(void *argument)
{
	struct opening *opening = argument;
	const struct unplug *unplug = opening->unplug;

	opening->err = (struct err){ 0 };
	opening->rc = hypervisor_open(unplug->host, unplug->hypervisor, &opening->err);
	return !opening->rc;
}

/* The daemon may be starting. */
static int open_again(const struct unplugging *unplugging, struct err *err)
{
	struct opening opening = { .unplug = unplugging->unplug };

	hypervisor_close(TAKE(*unplugging->unplug->hypervisor));
	diagnostic_add(unplugging->notes, "the connection to libvirt's daemon was lost");
	if (clock_poll(is_open, &opening, unplugging->limit, REOPEN_MS))
		return 0;
	return err_pass(err, &opening.err, "%s", opening.err.msg);
}

/* Whether the XML still has the device: 0 and *GONE, or -errno. */
static int look(const struct unplugging *unplugging, bool *gone, struct err *err)
{
	const struct unplug *unplug = unplugging->unplug;
	CLEANUP(cleanup_domain) struct domain domain = { 0 };
	struct domain_status now;
	int rc = hypervisor_find(*unplug->hypervisor, unplug->vm->uuid, &now, err);

	*gone = rc == -ENODEV ||
			(!rc && unplugging->side == DOMAIN_LIVE && now.state == DOMAIN_STOPPED);
	if (*gone || rc < 0)
		return *gone ? 0 : rc;
	rc = vm_read(*unplug->hypervisor, unplug->vm, unplugging->side, &domain, err);
	*gone = !rc && !domain_nic_with_alias(&domain, unplug->alias);
	return rc;
}

/* Waits for an event that concerns the device. */
static enum outcome wait_for_event(const struct unplugging *unplugging)
{
	const struct unplug *unplug = unplugging->unplug;
	int left_ms = deadline_left(unplugging->limit);
	struct deadline until = deadline_in(left_ms < LOOK_MS ? left_ms : LOOK_MS);
	struct hypervisor_event event;

	while (!hypervisor_next_event(*unplug->hypervisor, until, &event)) {
		if (event.kind == EVENT_CONNECTION_LOST)
			return STILL_THERE;
		if (strcmp(event.uuid, unplug->vm->uuid) != 0)
			continue;
		if (event.kind == EVENT_DOMAIN_STOPPED)
			return GONE;
		if (strcmp(event.alias, unplug->alias) != 0)
			continue;
		if (event.kind == EVENT_DEVICE_REMOVED)
			return GONE;
		if (event.kind == EVENT_REMOVAL_REFUSED)
			return REFUSED;
	}
	return STILL_THERE;
}

/* One attempt: events, and a look at the XML every second. */
static int wait_until_gone(
		const struct unplugging *unplugging, enum outcome *outcome, struct err *err)
{
	struct deadline attempt = deadline_in(ATTEMPT_MS);
	int rc;

	*outcome = STILL_THERE;
	while (*outcome == STILL_THERE && deadline_left(attempt) &&
			deadline_left(unplugging->limit)) {
		struct err cause = { 0 };
		bool gone;

		*outcome = wait_for_event(unplugging);
		if (*outcome == REFUSED)
			return 0;
		rc = look(unplugging, &gone, &cause);
		if (rc == -ECONNRESET)
			rc = open_again(unplugging, &cause);
		else if (!rc)
			*outcome = gone ? GONE : STILL_THERE;
		if (rc < 0)
			return err_pass(err, &cause, "%s", cause.msg);
	}
	return 0;
}

/* 0: the request was made, or is not necessary. */
static int ask(const struct unplugging *unplugging, struct err *err)
{
	const struct unplug *unplug = unplugging->unplug;
	struct err cause = { 0 };
	int rc = hypervisor_detach(*unplug->hypervisor, unplug->vm->uuid, unplug->alias,
			unplugging->side, &cause);

	if (rc == -EALREADY || rc == -ENODEV)
		return 0;
	if (rc == -ECONNRESET)
		return open_again(unplugging, err);
	return rc ? err_pass(err, &cause, "%s", cause.msg) : 0;
}

static int unplug_live(const struct unplugging *unplugging, struct err *err)
{
	const struct unplug *unplug = unplugging->unplug;
	enum outcome outcome = STILL_THERE;
	struct err cause = { 0 };
	bool gone = false;
	int rc = look(unplugging, &gone, err);

	if (rc < 0 || gone)
		return rc;
	for (unsigned attempt = 1;
			!rc && outcome == STILL_THERE && deadline_left(unplugging->limit);
			attempt++) {
		if (attempt > 1)
			diagnostic_add(unplugging->notes,
					"VM %s did not react: asked for the %u. time",
					unplug->vm->name, attempt);
		rc = ask(unplugging, &cause);
		if (!rc)
			rc = wait_until_gone(unplugging, &outcome, &cause);
	}
	/* An error of libvirt about a device that is gone is none. */
	if (rc < 0 && !look(unplugging, &gone, NULL) && gone)
		return 0;
	if (rc < 0)
		return err_pass(err, &cause, "%s", cause.msg);
	if (outcome == REFUSED)
		return err_set(err, EPERM, "the guest of VM %s refuses to release %s",
				unplug->vm->name, unplug->alias);
	if (outcome == STILL_THERE)
		return err_set(err, ETIMEDOUT,
				"the guest of VM %s does not release %s: its system does not run, or "
				"handles no hot plug (look at its console; shutting it down "
				"releases it)",
				unplug->vm->name, unplug->alias);
	return 0;
}

static int unplug_config(const struct unplugging *unplugging, struct err *err)
{
	struct err cause = { 0 };
	bool gone = false;
	int rc = look(unplugging, &gone, err);

	if (rc < 0 || gone)
		return rc;
	rc = ask(unplugging, &cause);
	if (!rc)
		rc = look(unplugging, &gone, &cause);
	if (rc < 0)
		return err_pass(err, &cause, "%s", cause.msg);
	return gone ? 0
		    : err_set(err, EREMOTEIO,
				      "libvirt reports success, and the configuration of "
				      "VM %s still has %s",
				      unplugging->unplug->vm->name, unplugging->unplug->alias);
}

int unplug_run(const struct unplug *unplug, struct deadline limit, struct diagnostics *notes,
		struct err *err)
{
	struct unplugging unplugging = { unplug, DOMAIN_CONFIG, limit, notes };
	int rc = unplug->sides & DOMAIN_CONFIG ? unplug_config(&unplugging, err) : 0;

	unplugging.side = DOMAIN_LIVE;
	return rc || !(unplug->sides & DOMAIN_LIVE) ? rc : unplug_live(&unplugging, err);
}
