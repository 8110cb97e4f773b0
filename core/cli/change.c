/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/if_ether.h>
#include <stdio.h>
#include <string.h>

#include "apply/card_change.h"
#include "base/cleanup.h"
#include "base/number.h"
#include "base/table.h"
#include "base/text.h"
#include "cli/cli.h"
#include "managers/other_manager.h"
#include "netdev/vf_settings.h"
#include "sriov/eswitch.h"
#include "sriov/holder.h"
#include "sriov/pf.h"
#include "sriov/refusal.h"
#include "sriov/vfs.h"

/*
 * The verbs that change a card. Before the first change they check the whole command line, also
 * against what the card offers.
 */

static int parse_switch(const struct verb_call *call, const char *flag, bool *value, bool *given,
		struct err *err)
{
	const char *text = call_value(call, flag);

	*given = text != NULL;
	if (!text)
		return 0;
	*value = !strcmp(text, "on");
	if (!*value && strcmp(text, "off") != 0)
		return err_set(err, EINVAL, "--%s takes on or off, not '%s'", flag, text);
	return 0;
}

static int parse_count(const char *text, const struct pf *pf, uint64_t *count, struct err *err)
{
	char name[64];

	if (!number_parse(text, 0, pf->total_vfs, count))
		return 0;
	return refuse(err, REFUSAL_VF_COUNT_OUT_OF_RANGE, "%s offers 0 to %u VF%s, not '%s'",
			pf_name(&pf->function, name, sizeof(name)), pf->total_vfs,
			text_plural(pf->total_vfs), text);
}

static int print_set(const struct verb_call *call, const struct host *host, struct bdf bdf)
{
	CLEANUP(cleanup_pf) struct pf pf = { 0 };
	struct err err = { 0 };
	char text[BDF_TEXT], name[64];

	if (pf_read(host, bdf_format(bdf, text), &pf, &err) < 0)
		return call_failed(call, &err);
	if (call_has(call, "json"))
		return call_print(call, "vfctl-set/1", "pf", pf_to_record(&pf));
	printf("%s: %u of %u VF%s, autoprobe %s\n", pf_name(&pf.function, name, sizeof(name)),
			pf.num_vfs, pf.total_vfs, text_plural(pf.total_vfs),
			pf.autoprobe ? "on" : "off");
	return call_printed(call);
}

/* Refuses a card that another manager's files configure: each would undo what the other does. */
static int check_other_managers(const struct verb_call *call, const struct host *host,
		struct bdf bdf, struct err *err)
{
	CLEANUP(cleanup_pf) struct pf pf = { .function.bdf = bdf };
	CLEANUP(cleanup_diagnostics) struct diagnostics managers = { 0 };
	CLEANUP(cleanup_diagnostics) struct diagnostics notes = { 0 };
	char name[NAME_ROOM];
	int rc = pf_fill_state(host, &pf, err);

	if (rc < 0)
		return rc;
	other_managers_find(host, &pf, &managers, &notes);
	notes_print(&notes, "");
	if (!managers.count)
		return 0;
	if (call_has(call, "despite-owner")) {
		notes_print(&managers, ", and may undo this");
		return 0;
	}
	return err_set(err, EEXIST,
			"%s: %.240s%s: remove the card from it, or give --despite-owner",
			pf_name(&pf.function, name, sizeof(name)), managers.lines[0],
			managers.count > 1 ? " (and others)" : "");
}

static int run_set(struct verb_call *call)
{
	CLEANUP(cleanup_host) struct host *host = NULL;
	CLEANUP(cleanup_pf) struct pf pf = { 0 };
	CLEANUP(cleanup_fd) int lock = -1;
	const char *vfs = call_value(call, "vfs");
	struct card_change change = { .vfs_given = vfs != NULL };
	struct err err = { 0 };
	uint64_t count = 0;

	if (parse_switch(call, "autoprobe", &change.autoprobe, &change.autoprobe_given, &err) < 0)
		return call_failed(call, &err);
	if (!vfs && !change.autoprobe_given)
		return call_misused(call, "nothing to set: give --vfs N or --autoprobe on|off");
	if (call_host(call, &host, &err) < 0 || call_lock(call, host, &lock, &err) < 0 ||
			pf_find(host, call->args[0], &pf.function.bdf, &err) < 0 ||
			pf_fill_counts(host, &pf, &err) < 0 ||
			(vfs && parse_count(vfs, &pf, &count, &err) < 0) ||
			check_other_managers(call, host, pf.function.bdf, &err) < 0)
		return call_failed(call, &err);
	change.vfs = (unsigned)count;
	change.despite_holder = call_value(call, "despite-holder");
	if (card_change(host, pf.function.bdf, &change, &err) < 0)
		return call_failed(call, &err);
	return print_set(call, host, pf.function.bdf);
}

/* One value, if its option is given. */
static int take_value(const struct verb_call *call, const struct vf_value *value,
		struct vf_settings *change, struct err *err)
{
	const char *option = value->option->name, *text = call_value(call, option);
	char takes[64];
	struct mac mac;

	if (!text)
		return 0;
	if (!vf_value_parse(value, VF_IN_OPTIONS, text, change)) {
		change->given |= value->bit;
		return 0;
	}
	if (value->kind == VF_VALUE_MAC && !mac_parse(text, &mac))
		return err_set(err, EINVAL,
				"--%s takes the address of one station; %s is for a group", option,
				text);
	return err_set(err, EINVAL, "--%s takes %s, not '%s'", option,
			vf_value_takes(value, VF_IN_OPTIONS, takes, sizeof(takes)), text);
}

/* The kernel takes VLAN, priority and protocol in one request. What is not given keeps its
 * value; without a VLAN there is no priority and no protocol. */
static int complete_vlan(const struct verb_call *call, struct vf_settings *change, struct err *err)
{
	if (!(change->given & VF_VLAN))
		return 0;
	if (!change->vlan && !call_has(call, "qos"))
		change->qos = 0;
	if (!change->proto)
		change->proto = ETH_P_8021Q;
	if (!change->vlan && (change->qos || call_has(call, "proto")))
		return err_set(err, EINVAL, "--qos and --proto need a VLAN: give --vlan 1 to 4094");
	return 0;
}

static int check_rates(const struct vf_settings *change, struct err *err)
{
	if (!(change->given & VF_RATE) || !change->max_rate || change->min_rate <= change->max_rate)
		return 0;
	return err_set(err, EINVAL, "--min-rate %u is above --max-rate %u", change->min_rate,
			change->max_rate);
}

/* The settings that the options give. A setting with several values takes those that are not
 * given from NOW. */
static int take_settings(const struct verb_call *call, const struct vf_settings *now,
		struct vf_settings *change, struct err *err)
{
	const struct vf_value *value;
	int rc = 0;

	*change = *now;
	change->given = 0;
	for (unsigned i = 0; !rc && (value = vf_value_at(i)); i++)
		rc = take_value(call, value, change, err);
	if (!rc)
		rc = complete_vlan(call, change, err);
	return rc < 0 ? rc : check_rates(change, err);
}

static int find_vf(const struct pf *pf, const char *text, size_t *at, struct err *err)
{
	uint64_t index;
	char name[64];

	pf_name(&pf->function, name, sizeof(name));
	if (!pf->vf_count)
		return err_set(err, EINVAL, "%s has no VFs: vfctl set makes them", name);
	if (number_parse(text, 0, UINT32_MAX, &index) < 0)
		index = UINT64_MAX;
	for (*at = 0; *at < pf->vf_count; ++*at) {
		if (pf->vfs[*at].index == index)
			return 0;
	}
	return err_set(err, ERANGE, "%s has VFs 0 to %u, not '%s'", name,
			pf->vfs[pf->vf_count - 1].index, text);
}

static int print_vf(const struct verb_call *call, const struct vf *vf)
{
	if (call_has(call, "json"))
		return call_print(call, "vfctl-vf/1", "vf", vf_to_record(vf));
	vf_print(vf);
	return call_printed(call);
}

static bool changes_vf(const struct verb_call *call)
{
	const struct vf_value *value;

	for (unsigned i = 0; (value = vf_value_at(i)); i++) {
		if (call_has(call, value->option->name))
			return true;
	}
	return false;
}

static int check_free(
		const struct pf *pf, const struct vf *vf, const char *despite, struct err *err)
{
	char why[240], name[NAME_ROOM];

	if (holder_yields(&vf->holder, despite))
		return 0;
	return refuse(err, REFUSAL_VFS_IN_USE, "%s: VF %u is held: %s",
			pf_name(&pf->function, name, sizeof(name)), vf->index,
			holder_text(&vf->holder, why, sizeof(why)));
}

static int run_vf(struct verb_call *call)
{
	CLEANUP(cleanup_fd) int lock = -1;
	CLEANUP(cleanup_host) struct host *host = NULL;
	CLEANUP(cleanup_pf) struct pf pf = { 0 };
	CLEANUP(cleanup_pf) struct pf after = { 0 };
	struct vf_settings change = { 0 };
	struct err err = { 0 };
	size_t at;

	if (call_host(call, &host, &err) < 0 ||
			(changes_vf(call) && call_lock(call, host, &lock, &err) < 0) ||
			pf_read(host, call->args[0], &pf, &err) < 0 ||
			find_vf(&pf, call->args[1], &at, &err) < 0 ||
			pf_require_settings(&pf, &err) < 0 ||
			take_settings(call, &pf.vfs[at].settings, &change, &err) < 0 ||
			pf_check_link_layer(&pf, pf.vfs[at].index, change.given, &err) < 0 ||
			eswitch_check(host, &pf, pf.vfs[at].index, &change, &err) < 0)
		return call_failed(call, &err);
	if (!change.given)
		return print_vf(call, &pf.vfs[at]);
	if (check_other_managers(call, host, pf.function.bdf, &err) < 0 ||
			check_free(&pf, &pf.vfs[at], call_value(call, "despite-holder"), &err) <
					0 ||
			vf_change_settings(host, pf.function.bdf, pf.vfs[at].index, &change, &err) <
					0 ||
			pf_read(host, call->args[0], &after, &err) < 0 ||
			find_vf(&after, call->args[1], &at, &err) < 0)
		return call_failed(call, &err);
	return print_vf(call, &after.vfs[at]);
}

static const struct flag flags_set[] = {
	{ "vfs", 0, "N", "Have N virtual functions" },
	{ "autoprobe", 0, "on|off", "Whether the kernel binds drivers to new VFs" },
	FLAG_DESPITE_OWNER,
	FLAG_DESPITE_HOLDER,
	FLAG_WAIT,
	{ 0 },
};

/* An option for each value of a setting. */
static const struct flag *flags_vf(size_t index)
{
	static const struct flag others[] = { FLAG_DESPITE_OWNER, FLAG_DESPITE_HOLDER, FLAG_WAIT,
		{ 0 } };
	const struct vf_value *value = vf_value_at((unsigned)index);

	if (value)
		return value->option;
	return index && vf_value_at((unsigned)index - 1) ? others : NULL;
}

const struct verb verbs_change[] = {
	{ "set", "PF", "Set the number of VFs of a card",
			"To change from one number to another removes all VFs and creates them again, without "
			"their settings. It is all or nothing: if a step fails, vfctl restores the number and "
			"autoprobe. It refuses while anything holds one of the VFs (a guest, an interface that "
			"is up, a bridge).",
			flags_set, run_set },
	{ "vf", "PF N", "Show VF number N of a card, or change its settings",
			"Settings take effect at once, except a MAC and GUIDs, which a running VF sees when its "
			"driver is bound again. vfctl reads everything back. It does not change a VF that "
			"anything holds (a guest, an interface that is up, a bridge).",
			NULL, run_vf, flags_vf },
	{ 0 },
};
