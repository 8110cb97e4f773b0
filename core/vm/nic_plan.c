/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vm/nic_plan.h"

#include <linux/if_ether.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "catalog/catalog_store.h"
#include "sriov/refusal.h"

#define ALIAS_PREFIX   "ua-"
#define STANDBY_SUFFIX "-standby"

static int find_profile(const struct nic_planning *planning, const char *name, struct nic_plan *nic,
		struct err *err)
{
	nic->profile = catalog_vnic_profile(planning->catalog, name);
	if (!nic->profile)
		return catalog_missing(&vnic_profile_kind, name, err);
	nic->network = catalog_network(planning->catalog, nic->profile->network);
	return 0;
}

/* --- The NIC's name and MAC ------------------------------------------------------------------ */

static bool has_nic(const struct domain *domain, const char *nic)
{
	CLEANUP(cleanup_free) char *alias = text_format(ALIAS_PREFIX "%s", nic);

	return domain_nic_with_alias(domain, alias) != NULL;
}

static bool name_fits(const char *nic)
{
	return name_is_valid(nic) && strlen(nic) <= NIC_MOST && !strchr(nic, '.');
}

static bool is_taken(const struct nic_planning *planning, const char *nic)
{
	for (size_t i = 0; i < planning->before_count; i++) {
		if (!strcmp(planning->before[i].vnic.nic, nic))
			return true;
	}
	return has_nic(planning->domain, nic);
}

static int choose_name(const struct nic_planning *planning, const char *nic,
		char chosen[NIC_MOST + 1], struct err *err)
{
	if (nic && !name_fits(nic))
		return err_set(err, EINVAL,
				"a NIC has a name of up to %d letters, digits, '_' and '-', not '%s'",
				NIC_MOST, nic);
	if (nic && is_taken(planning, nic))
		return refuse(err, REFUSAL_NIC_EXISTS,
				"VM %s has a NIC %s: vfctl vm show %s shows all of them",
				planning->vm->name, nic, planning->vm->name);
	snprintf(chosen, NIC_MOST + 1, "%s", nic ? nic : "nic1");
	for (unsigned i = 2; !nic && is_taken(planning, chosen); i++)
		snprintf(chosen, NIC_MOST + 1, "nic%u", i);
	return 0;
}

/* The NIC of the machine or of the catalog that has the MAC, or ""; for the caller to free. */
static char *owner_of(const struct nic_planning *planning, const struct vnic *of, struct mac mac)
{
	const struct definitions *vnics = &planning->catalog->vnics;
	char text[NIC_NAME_ROOM];
	struct mac other;

	for (size_t i = 0; i < planning->domain->nic_count; i++) {
		const struct domain_nic *nic = &planning->domain->nics[i];

		if (nic->has_mac && mac_equal(nic->mac, mac))
			return text_format("%s of VM %s",
					domain_nic_name(planning->domain, nic, text),
					planning->domain->name);
	}
	for (size_t i = 0; i < planning->before_count; i++) {
		const struct vnic *vnic = &planning->before[i].vnic;

		if (!mac_parse(vnic->mac, &other) && mac_equal(other, mac))
			return text_format("%s of VM %s", vnic->nic, vnic->vm);
	}
	for (size_t i = 0; i < vnics->count; i++) {
		const struct vnic *vnic = definition_at(vnics, i);

		if (!mac_parse(vnic->mac, &other) && mac_equal(other, mac) &&
				strcmp(vnic->head.name, of->head.name) != 0)
			return text_format("%s of VM %s", vnic->nic, vnic->vm);
	}
	return text_format("%s", "");
}

/* 52:54:00 is what QEMU's machines use. */
static int new_mac(const struct nic_planning *planning, const struct vnic *of, struct mac *mac,
		struct err *err)
{
	enum { TRIES = 100 };

	for (unsigned i = 0; i < TRIES; i++) {
		CLEANUP(cleanup_free) char *owner = NULL;

		*mac = (struct mac){ { 0x52, 0x54, 0x00 } };
		if (getrandom(&mac->octet[3], 3, 0) != 3)
			return err_sys(err, "cannot get random bytes");
		owner = owner_of(planning, of, *mac);
		if (!*owner)
			return 0;
	}
	return err_set(err, EADDRINUSE, "found no free MAC in %d tries", TRIES);
}

static int choose_mac(const struct nic_planning *planning, const char *text, struct vnic *vnic,
		struct err *err)
{
	const struct vnic *before = definition_find(&planning->catalog->vnics, vnic->head.name);
	struct mac mac;
	CLEANUP(cleanup_free) char *owner = NULL;
	int rc = 0;

	if (!text && before && *before->mac)
		text = before->mac;
	if (text && (mac_parse(text, &mac) < 0 || mac_is_zero(mac) || mac_is_multicast(mac)))
		return err_set(err, EINVAL, "--mac takes the address of one station, not '%s'",
				text);
	if (!text)
		rc = new_mac(planning, vnic, &mac, err);
	if (rc < 0)
		return rc;
	owner = owner_of(planning, vnic, mac);
	if (*owner)
		return refuse(err, REFUSAL_MAC_IN_USE, "%s is the MAC of %s: give another",
				text ? text : "it", owner);
	mac_format(mac, vnic->mac);
	return 0;
}

static void begin_vnic(const struct nic_planning *planning, const char *name, struct nic_plan *nic)
{
	CLEANUP(cleanup_free) char *id = vnic_name(planning->vm->uuid, name);
	struct vnic *vnic = &nic->vnic;

	definition_init(&vnic_kind, vnic, id);
	snprintf(vnic->vm, sizeof(vnic->vm), "%.99s", planning->vm->name);
	snprintf(vnic->nic, sizeof(vnic->nic), "%s", name);
	memcpy(vnic->profile, nic->profile->head.name, sizeof(vnic->profile));
	vnic->passthrough = nic->profile->passthrough;
	vnic->linked = true;
	vnic->plugged = planning->live;
}

static int refuse_without_vf(const struct nic_plan *nic, struct err *err)
{
	CLEANUP(cleanup_free) char *all = text_format("%s", "");

	for (size_t i = 0; i < nic->candidates.reasons.count; i++) {
		char *more = text_format(
				"%s%s%s", all, *all ? "; " : "", nic->candidates.reasons.lines[i]);

		free(all);
		all = more;
	}
	return refuse(err, REFUSAL_NO_SUITABLE_VF, "no VF for network %s: %.300s",
			nic->network->head.name, all);
}

static int find_vfs(const struct nic_planning *planning, struct vf_wish wish, struct nic_plan *nic,
		struct err *err)
{
	wish.network = nic->network;
	wish.promises = planning->promises->list;
	wish.promise_count = planning->promises->count;
	return vf_candidates_find(planning->host, planning->catalog, &wish, &nic->candidates, err);
}

/* The VFs of a NIC that is to have one. */
static int find_some_vfs(const struct nic_planning *planning, const struct nic_request *request,
		const struct bdf *own, struct nic_plan *nic, struct err *err)
{
	struct vf_wish wish = { .only = request->vf, .own = own };
	int rc = 0;

	if (request->given) {
		wish.among = request->given->among;
		wish.among_count = request->given->among_count;
	}
	if (nic->profile->passthrough)
		rc = find_vfs(planning, wish, nic, err);

	if (!rc && nic->profile->passthrough && !nic->candidates.count && !nic->profile->fallback)
		return refuse_without_vf(nic, err);
	return rc;
}

int nic_plan_begin(const struct nic_planning *planning, const struct nic_request *request,
		struct nic_plan *nic, struct err *err)
{
	char name[NIC_MOST + 1];
	int rc = 0;

	if (request->given) {
		nic->profile = request->given->profile;
		nic->network = request->given->network;
	} else {
		rc = find_profile(planning, request->profile, nic, err);
	}
	if (!rc)
		rc = choose_name(planning, request->nic, name, err);
	if (rc < 0)
		return rc;
	begin_vnic(planning, name, nic);
	nic->boot = request->boot;
	rc = choose_mac(planning, request->mac, &nic->vnic, err);
	return rc ? rc : find_some_vfs(planning, request, NULL, nic, err);
}

static bool is_mac(const char *text, const char *of)
{
	struct mac mac, other;

	return !text || (!mac_parse(text, &mac) && !mac_parse(of, &other) && mac_equal(mac, other));
}

int nic_plan_change(const struct nic_planning *planning, const struct vnic *vnic,
		const struct nic_request *request, const struct bdf *own, struct nic_plan *nic,
		struct err *err)
{
	int rc = find_profile(
			planning, request->profile ? request->profile : vnic->profile, nic, err);

	if (rc < 0)
		return rc;
	begin_vnic(planning, vnic->nic, nic);
	snprintf(nic->vnic.mac, sizeof(nic->vnic.mac), "%s", vnic->mac);
	nic->boot = request->boot;
	if (!is_mac(request->mac, vnic->mac))
		rc = choose_mac(planning, request->mac, &nic->vnic, err);
	return rc ? rc : find_some_vfs(planning, request, own, nic, err);
}

/* --- The devices ----------------------------------------------------------------------------- */

static struct plug *add_plug(struct nic_plan *nic, const char *suffix)
{
	struct plug *plug = &nic->plugs[nic->plug_count++];

	*plug = (struct plug){ .nic = nic->vnic.nic };
	snprintf(plug->alias, sizeof(plug->alias), ALIAS_PREFIX "%.*s%s", NIC_MOST, nic->vnic.nic,
			suffix);
	plug->wanted = (struct nic_wanted){ .alias = plug->alias };
	mac_parse(nic->vnic.mac, &plug->wanted.mac);
	return plug;
}

int nic_check_bridge(const struct host *host, const struct network *network, struct err *err)
{
	CLEANUP(cleanup_free)
	char *folder = text_format("sys/class/net/%s/bridge", network->bridge);

	if (!*network->bridge)
		return refuse(err, REFUSAL_NETWORK_HAS_NO_BRIDGE,
				"network %s has no bridge on this host: set Bridge= there",
				network->head.name);
	if (!host_exists(host, folder))
		return refuse(err, REFUSAL_NETWORK_HAS_NO_BRIDGE,
				"the bridge %s of network %s is not there", network->bridge,
				network->head.name);
	return 0;
}

static int add_bridge(const struct nic_planning *planning, struct nic_plan *nic,
		const struct network *network, const char *suffix, struct err *err)
{
	int rc = nic_check_bridge(planning->host, network, err);
	struct plug *plug;

	if (rc < 0)
		return rc;
	plug = add_plug(nic, suffix);
	plug->wanted.kind = NIC_BRIDGE;
	plug->wanted.bridge = network->bridge;
	plug->wanted.mtu = network->mtu;
	return 0;
}

/* What the guest's VF is set to. Whatever else the card has stays as it is. */
static struct vf_settings settings_of(const struct nic_plan *nic, struct mac mac)
{
	const struct vnic_profile *profile = nic->profile;

	return (struct vf_settings){
		.given = VF_MAC | VF_VLAN | VF_SPOOFCHK | VF_TRUST | VF_RATE,
		.mac = mac,
		.vlan = (uint16_t)nic->network->vlan,
		.proto = nic->network->vlan ? ETH_P_8021Q : 0,
		.spoofchk = true,
		.trust = profile->trust,
		.min_rate = profile->min_rate,
		.max_rate = profile->max_rate,
	};
}

/* PERSISTENT is the alias of its standby, or NULL. */
static void add_vf(struct nic_plan *nic, const struct vf_candidate *vf, const char *persistent)
{
	struct plug *plug = add_plug(nic, "");

	plug->wanted.kind = NIC_HOSTDEV;
	plug->wanted.vlan = (uint16_t)nic->network->vlan;
	plug->settings = settings_of(nic, plug->wanted.mac);
	if (persistent) {
		plug->wanted.teaming = TEAMING_TRANSIENT;
		snprintf(plug->persistent, sizeof(plug->persistent), "%s", persistent);
		plug->wanted.persistent = plug->persistent;
	}
	plug_take_vf(plug, vf);
}

void plug_take_vf(struct plug *plug, const struct vf_candidate *vf)
{
	plug->vf = *vf;
	plug->wanted.host = vf->vf;
}

void plug_take_place(struct plug *plug, const struct nic_wanted *of)
{
	plug->wanted.has_guest = of->has_guest;
	plug->wanted.guest = of->guest;
}

int nic_plan_devices(const struct nic_planning *planning, struct nic_plan *nic,
		const struct vf_candidate *vf, struct err *err)
{
	const struct vnic_profile *standby =
			catalog_vnic_profile(planning->catalog, nic->profile->failover);
	int rc = 0;

	nic->plug_count = 0;
	nic->fell_back = nic->profile->passthrough && !vf;
	if (!vf)
		rc = add_bridge(planning, nic, nic->network, "", err);
	else if (standby)
		rc = add_bridge(planning, nic, catalog_network(planning->catalog, standby->network),
				STANDBY_SUFFIX, err);
	if (!rc && vf && standby)
		nic->plugs[0].wanted.teaming = TEAMING_PERSISTENT;
	if (!rc && vf)
		add_vf(nic, vf, standby ? nic->plugs[0].alias : NULL);
	if (!rc)
		nic->plugs[0].wanted.boot = nic->boot;
	return rc;
}

int nic_plan_keep(const struct nic_planning *planning, const struct domain_nic *of,
		const struct vnic *vnic, struct nic_plan *nic, struct err *err)
{
	struct vf_candidate vf;
	int rc = find_profile(planning, vnic->profile, nic, err);

	if (!rc)
		rc = vf_candidate_of(planning->host, of->host, &vf, err);
	if (rc < 0)
		return rc;
	definition_copy(&vnic_kind, vnic, &nic->vnic);
	if (of->has_mac)
		mac_format(of->mac, nic->vnic.mac);
	nic->is_kept = true;
	add_vf(nic, &vf, NULL);
	return 0;
}

int nic_plan_resume(const struct nic_planning *planning, const struct vnic *vnic, const char *only,
		struct nic_plan *nic, struct err *err)
{
	int rc;

	definition_copy(&vnic_kind, vnic, &nic->vnic);
	rc = find_profile(planning, vnic->profile, nic, err);
	if (!rc)
		rc = find_vfs(planning, (struct vf_wish){ .only = only }, nic, err);
	return rc || nic->candidates.count ? rc : refuse_without_vf(nic, err);
}

void nic_plan_half(struct nic_plan *nic, const struct vf_candidate *vf, const char *alias)
{
	nic->plug_count = 0;
	add_vf(nic, vf, alias);
}

void plug_describe(const struct domain_nic *of, const char *nic, struct plug *plug)
{
	*plug = (struct plug){ .nic = nic };
	snprintf(plug->alias, sizeof(plug->alias), "%s", of->alias ? of->alias : "");
	snprintf(plug->persistent, sizeof(plug->persistent), "%s",
			of->persistent ? of->persistent : "");
	snprintf(plug->bridge, sizeof(plug->bridge), "%s", of->bridge ? of->bridge : "");
	plug->wanted = (struct nic_wanted){ .kind = of->kind,
		.alias = plug->alias,
		.mac = of->mac,
		.host = of->host,
		.bridge = plug->bridge,
		.vlan = of->vlan_count ? of->vlans[0].id : 0,
		.teaming = of->teaming,
		.persistent = of->persistent ? plug->persistent : NULL,
		.boot = of->boot,
		.has_guest = of->has_guest,
		.guest = of->guest,
		.mtu = of->mtu,
		.link = of->link };
}

void nic_plan_as_is(const struct domain_nic *of, const struct vnic *vnic, struct nic_plan *nic)
{
	definition_copy(&vnic_kind, vnic, &nic->vnic);
	plug_describe(of, nic->vnic.nic, &nic->plugs[nic->plug_count++]);
}

void nic_aliases(const char *nic, char alias[ALIAS_ROOM], char standby[ALIAS_ROOM])
{
	snprintf(alias, ALIAS_ROOM, ALIAS_PREFIX "%.*s", NIC_MOST, nic);
	snprintf(standby, ALIAS_ROOM, ALIAS_PREFIX "%.*s" STANDBY_SUFFIX, NIC_MOST, nic);
}

int nic_check_slots(const struct domain *domain, size_t needed, struct err *err)
{
	const struct domain_slots *slots = &domain->slots;
	bool has_ports = slots->kind == SLOTS_PORTS;

	if (slots->kind == SLOTS_UNKNOWN || slots->spare >= needed)
		return 0;
	return refuse(err, REFUSAL_NO_SPARE_SLOT,
			"VM %s has %u of %u %s free, and this needs %zu: shut it down, and give it "
			"more%s",
			domain->name, slots->spare, slots->total,
			has_ports ? "root ports" : "PCI slots", needed,
			has_ports ? " (<controller type='pci' model='pcie-root-port'/>)" : "");
}

/* --- The plan in words ----------------------------------------------------------------------- */

static void vf_steps(const struct nic_plan *nic, const struct domain_status *vm,
		const struct plug *plug, struct diagnostics *steps)
{
	diagnostic_add(steps, "reserve %s for %s of VM %s", plug->vf.name, nic->vnic.nic, vm->name);
	for (const struct vf_setting *setting = vf_setting_table; setting->name; setting++) {
		char text[80];

		if (plug->settings.given & setting->bit)
			diagnostic_add(steps, "%s: %s %s", plug->vf.name, setting->name,
					vf_setting_text(setting, &plug->settings, text,
							sizeof(text)));
	}
}

void nic_plan_steps(const struct nic_plan *nic, const char *to, const struct domain_status *vm,
		struct diagnostics *steps)
{
	char mac[MAC_TEXT];

	if (nic->fell_back)
		diagnostic_add(steps, "no VF can be given: the bridge %s takes its place",
				nic->network->bridge);
	for (size_t i = 0; i < nic->plug_count; i++) {
		const struct plug *plug = &nic->plugs[i];
		bool is_vf = plug->wanted.kind == NIC_HOSTDEV;

		if (plug->stays)
			continue;
		if (is_vf)
			vf_steps(nic, vm, plug, steps);
		if (!nic->is_kept)
			diagnostic_add(steps, "%s VM %s: %s as %s, MAC %s", to, vm->name,
					is_vf ? plug->vf.name : plug->wanted.bridge, plug->alias,
					mac_format(plug->wanted.mac, mac));
	}
}

void nic_plan_free(struct nic_plan *nic)
{
	cleanup_vf_candidates(&nic->candidates);
	definition_free(&vnic_kind, &nic->vnic);
}
