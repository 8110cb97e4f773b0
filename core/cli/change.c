/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/if_ether.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/table.h"
#include "cli/cli.h"
#include "host/vf_settings.h"
#include "policy/other_manager.h"
#include "sriov/holder.h"
#include "sriov/pf.h"
#include "sriov/refusal.h"
#include "sriov/vfs.h"

/*
 * The verbs that change. All of the command line is understood, and held against what the card
 * offers, before the first change.
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
	return refuse(err, REFUSAL_VF_COUNT_OUT_OF_RANGE, "%s offers 0 to %u VFs, not '%s'",
			pf_name(&pf->function, name, sizeof(name)), pf->total_vfs, text);
}

static int print_set(const struct verb_call *call, const struct host *host, struct bdf bdf)
{
	CLEANUP(cleanup_pf) struct pf pf = { 0 };
	struct err err = { 0 };
	char text[BDF_TEXT], name[64];

	if (pf_read(host, bdf_format(bdf, text), &pf, &err) < 0)
		return call_failed(call, &err);
	if (call_has(call, "json"))
		return call_print(call, "vfctl-set/1", "pf", pf_record(&pf));
	printf("%s: %u of %u VFs, autoprobe %s\n", pf_name(&pf.function, name, sizeof(name)),
			pf.num_vfs, pf.total_vfs, pf.autoprobe ? "on" : "off");
	return call_printed(call);
}

/* Whoever changes a card by hand is told what will undo it. */
static void print_other_managers(const struct host *host, struct bdf bdf)
{
	CLEANUP(cleanup_pf) struct pf pf = { .function.bdf = bdf };
	CLEANUP(cleanup_diagnostics) struct diagnostics managers = { 0 };

	if (pf_fill_state(host, &pf, NULL) < 0)
		return;
	other_managers_find(host, &pf, &managers);
	for (size_t i = 0; i < managers.count; i++) {
		fputs("note: ", stderr);
		text_print_safe(managers.lines[i], stderr);
		fputs(", and may undo this\n", stderr);
	}
}

static int run_set(struct verb_call *call)
{
	CLEANUP(cleanup_host) struct host *host = NULL;
	CLEANUP(cleanup_pf) struct pf pf = { 0 };
	CLEANUP(cleanup_fd) int lock = -1;
	const char *vfs = call_value(call, "vfs");
	bool autoprobe, autoprobe_given;
	struct err err = { 0 };
	uint64_t count;

	if (parse_switch(call, "autoprobe", &autoprobe, &autoprobe_given, &err) < 0)
		return call_failed(call, &err);
	if (!vfs && !autoprobe_given)
		return call_misused(call, "nothing to set: give --vfs N or --autoprobe on|off");
	if (call_host(call, &host, &err) < 0 || call_lock(call, host, &lock, &err) < 0 ||
			pf_find(host, call->args[0], &pf.function.bdf, &err) < 0 ||
			pf_fill_counts(host, &pf, &err) < 0 ||
			(vfs && parse_count(vfs, &pf, &count, &err) < 0))
		return call_failed(call, &err);
	print_other_managers(host, pf.function.bdf);
	/* First autoprobe, which new VFs are made by. */
	if (autoprobe_given && vfs_set_autoprobe(host, pf.function.bdf, autoprobe, &err) < 0)
		return call_failed(call, &err);
	if (vfs && vfs_set_count(host, pf.function.bdf, (unsigned)count, &err) < 0)
		return call_failed(call, &err);
	return print_set(call, host, pf.function.bdf);
}

/* A number for --FLAG; untouched where it is not given. */
static int parse_number(const struct verb_call *call, const char *flag, uint64_t max,
		uint64_t *value, struct err *err)
{
	const char *text = call_value(call, flag);

	if (!text || !number_parse(text, 0, max, value))
		return 0;
	return err_set(err, EINVAL, "--%s takes a number from 0 to %llu, not '%s'", flag,
			(unsigned long long)max, text);
}

static int parse_mac(const struct verb_call *call, struct vf_settings *change, struct err *err)
{
	const char *text = call_value(call, "mac");

	if (!text)
		return 0;
	if (mac_parse(text, &change->mac) < 0)
		return err_set(err, EINVAL,
				"--mac takes an address such as 52:54:00:12:34:56, not '%s'", text);
	if (mac_is_multicast(change->mac))
		return err_set(err, EINVAL,
				"--mac takes the address of one station; %s is for a group", text);
	change->given |= VF_MAC;
	return 0;
}

/* The kernel takes VLAN, priority and protocol at once: what is not given stays as it is, negated goes
 * with the VLAN. */
static int parse_vlan(const struct verb_call *call, const struct vf_settings *now,
		struct vf_settings *change, struct err *err)
{
	const char *proto = call_value(call, "proto");
	uint64_t vlan = now->vlan, qos = now->qos;
	int rc;

	if (!call_has(call, "vlan") && !call_has(call, "qos") && !proto)
		return 0;
	rc = parse_number(call, "vlan", 4094, &vlan, err);
	if (!vlan)
		qos = 0;
	if (!rc)
		rc = parse_number(call, "qos", 7, &qos, err);
	if (rc < 0)
		return rc;
	change->proto = now->proto ? now->proto : ETH_P_8021Q;
	if (proto && vf_proto_parse(proto, &change->proto) < 0)
		return err_set(err, EINVAL, "--proto takes 802.1Q or 802.1ad, not '%s'", proto);
	if (!vlan && (qos || proto))
		return err_set(err, EINVAL, "--qos and --proto need a VLAN: give --vlan 1 to 4094");
	change->vlan = (uint16_t)vlan;
	change->qos = (uint8_t)qos;
	change->given |= VF_VLAN;
	return 0;
}

static int parse_rates(const struct verb_call *call, const struct vf_settings *now,
		struct vf_settings *change, struct err *err)
{
	uint64_t min = now->min_rate, max = now->max_rate;
	int rc;

	if (!call_has(call, "min-rate") && !call_has(call, "max-rate"))
		return 0;
	rc = parse_number(call, "min-rate", UINT32_MAX, &min, err);
	if (!rc)
		rc = parse_number(call, "max-rate", UINT32_MAX, &max, err);
	if (rc < 0)
		return rc;
	if (max && min > max)
		return err_set(err, EINVAL, "--min-rate %llu is above --max-rate %llu",
				(unsigned long long)min, (unsigned long long)max);
	change->min_rate = (uint32_t)min;
	change->max_rate = (uint32_t)max;
	change->given |= VF_RATE;
	return 0;
}

static int parse_rest(const struct verb_call *call, struct vf_settings *change, struct err *err)
{
	const char *link = call_value(call, "link");
	bool given;
	int rc = parse_switch(call, "spoofchk", &change->spoofchk, &given, err);

	change->given |= given ? VF_SPOOFCHK : 0;
	if (!rc)
		rc = parse_switch(call, "trust", &change->trust, &given, err);
	change->given |= !rc && given ? VF_TRUST : 0;
	if (rc < 0 || !link)
		return rc;
	if (vf_link_parse(link, &change->link) < 0)
		return err_set(err, EINVAL, "--link takes auto, enable or disable, not '%s'", link);
	change->given |= VF_LINK;
	return 0;
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
		return call_print(call, "vfctl-vf/1", "vf", vf_record(vf));
	vf_print(vf);
	return call_printed(call);
}

static bool changes_vf(const struct verb_call *call)
{
	static const char *const flags[] = { "mac", "vlan", "qos", "proto", "spoofchk", "trust",
		"min-rate", "max-rate", "link" };

	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		if (call_has(call, flags[i]))
			return true;
	}
	return false;
}

static int check_free(const struct pf *pf, const struct vf *vf, struct err *err)
{
	char why[240], name[NAME_ROOM];

	if (vf->holder.kind == HOLDER_NONE)
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
			parse_mac(call, &change, &err) < 0 ||
			parse_vlan(call, &pf.vfs[at].settings, &change, &err) < 0 ||
			parse_rates(call, &pf.vfs[at].settings, &change, &err) < 0 ||
			parse_rest(call, &change, &err) < 0)
		return call_failed(call, &err);
	if (!change.given)
		return print_vf(call, &pf.vfs[at]);
	print_other_managers(host, pf.function.bdf);
	if (check_free(&pf, &pf.vfs[at], &err) < 0 ||
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
	FLAG_WAIT,
	{ 0 },
};

static const struct flag flags_vf[] = {
	{ "mac", 0, "MAC", "Its address; 00:00:00:00:00:00: the VF chooses" },
	{ "vlan", 0, "N", "Its port VLAN, 1 to 4094; 0: none" },
	{ "qos", 0, "N", "Priority of the port VLAN, 0 to 7" },
	{ "proto", 0, "P", "Protocol of the port VLAN, 802.1Q or 802.1ad" },
	{ "spoofchk", 0, "on|off", "Drop what it sends from other addresses" },
	{ "trust", 0, "on|off", "Let it change its address and go promiscuous" },
	{ "min-rate", 0, "N", "Mbit/s that it is sure of, 0: none" },
	{ "max-rate", 0, "N", "Mbit/s that it may send at most, 0: no limit" },
	{ "link", 0, "STATE", "Its link: auto (as the card's), enable, or disable" },
	FLAG_WAIT,
	{ 0 },
};

const struct verb verbs_change[] = {
	{ "set", "PF", "Set the number of VFs of a card",
			"From one number to another all VFs go and come anew, which loses their "
			"settings. While anything holds one of them (a guest, an interface that is "
			"up, a bridge) the number is not changed.",
			flags_set, run_set },
	{ "vf", "PF N", "Show VF number N of a card, or change its settings",
			"Settings take effect at once, except a MAC, which a running VF sees when "
			"its driver is bound anew. Everything is read back. A VF that anything "
			"holds (a guest, an interface that is up, a bridge) is not changed.",
			flags_vf, run_vf },
	{ 0 },
};
