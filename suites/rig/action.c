/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rig/action.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "rig/move_card.h"

#define ACT_TIME_MS 10000

struct actor {
	struct qmp *qmp;
	const struct topology *topology;
	const struct record *arguments;
};

static int execute(const struct actor *actor, const char *command, struct record *arguments,
		struct record **reply, struct err *err)
{
	return qmp_execute(actor->qmp, command, arguments, deadline_in(ACT_TIME_MS), reply, err);
}

/* Sets the link of the backend, which the card's link follows. If only the card's link were down, QEMU
 * would hold frames for it until it is up again. */
static int set_link(const struct actor *actor, bool up, struct err *err)
{
	struct record *arguments = record_object();

	record_put_str(arguments, "name",
			topology_item_get(topology_pf(actor->topology), "netdev"));
	record_put_bool(arguments, "up", up);
	return execute(actor, "set_link", arguments, NULL, err);
}

static int link_down(const struct actor *actor, struct err *err)
{
	return set_link(actor, false, err);
}

static int link_up(const struct actor *actor, struct err *err)
{
	return set_link(actor, true, err);
}

/* Removes the card and its VFs at once, as pulling it out does; device_del would ask the guest first. The
 * slot reports nothing. */
static int unplug_pf(const struct actor *actor, struct err *err)
{
	struct record *arguments = record_object();

	record_put_strf(arguments, "path", "/machine/peripheral/%s", actor->topology->pf);
	record_put_str(arguments, "property", "realized");
	record_put_bool(arguments, "value", false);
	return execute(actor, "qom-set", arguments, NULL, err);
}

/* The port that the PF is plugged into; NULL: the root bus. */
static const char *port_of(const struct topology *topology)
{
	const char *bus = topology_item_get(topology_pf(topology), "bus");

	for (size_t i = 0; bus && i < topology->device_count; i++) {
		if (!strcmp(topology->devices[i].id, bus))
			return bus;
	}
	return NULL;
}

/* The monitor's command line contains only numbers and the topology's ids, nothing from the machine. */
static int inject_error(const struct actor *actor, struct err *err)
{
	const char *at = record_str(actor->arguments, "at", "");
	int64_t status = record_int(actor->arguments, "status", 0);
	bool correctable = record_bool(actor->arguments, "correctable", false);
	const char *device = !strcmp(at, "pf") ? actor->topology->pf
			: !strcmp(at, "port")  ? port_of(actor->topology)
					       : NULL;
	CLEANUP(cleanup_record) struct record *reply = NULL;
	struct record *arguments;
	const char *text;
	int rc;

	if (!device || status <= 0 || status > UINT32_MAX || (status & (status - 1)))
		return err_set(err, EINVAL, "aer-inject wants at: pf or port, and status: one bit");
	arguments = record_object();
	record_put_strf(arguments, "command-line", "pcie_aer_inject_error %s%s 0x%llx",
			correctable ? "-c " : "", device, (unsigned long long)status);
	rc = execute(actor, "human-monitor-command", arguments, &reply, err);
	if (rc < 0)
		return rc;
	text = record_text(reply);
	if (!text || strncmp(text, "OK ", 3))
		return err_set(err, EREMOTEIO, "QEMU does not inject the error: %.*s",
				text ? (int)strcspn(text, "\r\n") : 0, text ? text : "");
	return 0;
}

static const struct {
	const char *name;
	int (*act)(const struct actor *actor, struct err *err);
} actions[] = {
	{ "link-down", link_down },
	{ "link-up", link_up },
	{ "aer-inject", inject_error },
	{ "unplug-pf", unplug_pf },
};

struct record *action_list(const struct topology *topology)
{
	struct record *list = record_array();

	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++) {
		bool link = actions[i].act == link_down || actions[i].act == link_up;

		if ((link && !topology_item_get(topology_pf(topology), "netdev")) ||
				(actions[i].act == inject_error && !port_of(topology)))
			continue;
		record_add_str(list, actions[i].name);
	}
	record_add_str(list, "reboot");
	record_add_str(list, "reset");
	record_add_str(list, "power-cut");
	if (card_can_move(topology))
		record_add_str(list, "reslot");
	return list;
}

int action_do(struct qmp *qmp, const struct topology *topology, const char *action,
		const struct record *arguments, struct err *err)
{
	const struct actor actor = { qmp, topology, arguments };

	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++) {
		if (!strcmp(actions[i].name, action))
			return actions[i].act(&actor, err);
	}
	return err_set(err, EINVAL, "no action '%.64s'", action);
}
