/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/if_ether.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "catalog/catalog_store.h"
#include "sriov/pf.h"
#include "sriov/refusal.h"
#include "vm/attach.h"
#include "vm/vm_read.h"

/* The decisions of an attach. */

#define ALIAS_PREFIX   "ua-"
#define STANDBY_SUFFIX "-standby"

/* What is known of the machine while the plan is made. */
struct planning {
	const struct host *host;
	const struct attach_request *request;
	struct attach *attach;
	struct domain domain;
	struct promises promises;
};

static void end_planning(struct planning *planning)
{
	domain_free(&planning->domain);
	promises_free(&planning->promises);
}

static int choose_sides(struct planning *planning, struct err *err)
{
	const struct domain_status *vm = &planning->attach->vm;
	unsigned sides = planning->request->sides;

	if (!sides)
		sides = vm->state == DOMAIN_STOPPED ? DOMAIN_CONFIG : DOMAIN_LIVE;
	if (sides & DOMAIN_LIVE && vm->state == DOMAIN_STOPPED)
		return refuse(err, REFUSAL_VM_NOT_RUNNING,
				"VM %s does not run: start it, or give --config", vm->name);
	if (sides & DOMAIN_CONFIG && !vm->persistent)
		return refuse(err, REFUSAL_VM_TRANSIENT,
				"VM %s has no configuration that outlives its run: give --live",
				vm->name);
	planning->attach->sides = sides;
	return 0;
}

static int find_profile(struct planning *planning, struct err *err)
{
	struct attach *attach = planning->attach;
	int rc = catalog_open(planning->host, &attach->catalog, err);

	if (rc < 0)
		return rc;
	attach->profile = catalog_vnic_profile(&attach->catalog, planning->request->profile);
	if (!attach->profile)
		return catalog_missing(&vnic_profile_kind, planning->request->profile, err);
	attach->network = catalog_network(&attach->catalog, attach->profile->network);
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

static int choose_name(struct planning *planning, char chosen[NIC_MOST + 1], struct err *err)
{
	const char *nic = planning->request->nic;

	if (nic && !name_fits(nic))
		return err_set(err, EINVAL,
				"a NIC has a name of up to %d letters, digits, '_' and '-', not '%s'",
				NIC_MOST, nic);
	if (nic && has_nic(&planning->domain, nic))
		return refuse(err, REFUSAL_NIC_EXISTS,
				"VM %s has a NIC %s: vfctl vm show %s shows all of them",
				planning->attach->vm.name, nic, planning->attach->vm.name);
	snprintf(chosen, NIC_MOST + 1, "%s", nic ? nic : "nic1");
	for (unsigned i = 2; !nic && has_nic(&planning->domain, chosen); i++)
		snprintf(chosen, NIC_MOST + 1, "nic%u", i);
	return 0;
}

/* The NIC of the machine or of the catalog that has the MAC, or ""; for the caller to free. */
static char *owner_of(const struct planning *planning, struct mac mac)
{
	const struct definitions *vnics = &planning->attach->catalog.vnics;
	char text[NIC_NAME_ROOM];
	struct mac other;

	for (size_t i = 0; i < planning->domain.nic_count; i++) {
		const struct domain_nic *nic = &planning->domain.nics[i];

		if (nic->has_mac && mac_equal(nic->mac, mac))
			return text_format("%s of VM %s",
					domain_nic_name(&planning->domain, nic, text),
					planning->domain.name);
	}
	for (size_t i = 0; i < vnics->count; i++) {
		const struct vnic *vnic = definition_at(vnics, i);

		if (!mac_parse(vnic->mac, &other) && mac_equal(other, mac) &&
				strcmp(vnic->head.name, planning->attach->vnic.head.name) != 0)
			return text_format("%s of VM %s", vnic->nic, vnic->vm);
	}
	return text_format("%s", "");
}

/* 52:54:00 is what QEMU's machines use. */
static int new_mac(const struct planning *planning, struct mac *mac, struct err *err)
{
	enum { TRIES = 100 };

	for (unsigned i = 0; i < TRIES; i++) {
		CLEANUP(cleanup_free) char *owner = NULL;

		*mac = (struct mac){ { 0x52, 0x54, 0x00 } };
		if (getrandom(&mac->octet[3], 3, 0) != 3)
			return err_sys(err, "cannot get random bytes");
		owner = owner_of(planning, *mac);
		if (!*owner)
			return 0;
	}
	return err_set(err, EADDRINUSE, "found no free MAC in %d tries", TRIES);
}

static int choose_mac(struct planning *planning, struct mac *mac, struct err *err)
{
	struct vnic *vnic = &planning->attach->vnic;
	const struct vnic *before =
			definition_find(&planning->attach->catalog.vnics, vnic->head.name);
	const char *text = planning->request->mac;
	CLEANUP(cleanup_free) char *owner = NULL;
	int rc = 0;

	if (!text && before && *before->mac)
		text = before->mac;
	if (text && (mac_parse(text, mac) < 0 || mac_is_zero(*mac) || mac_is_multicast(*mac)))
		return err_set(err, EINVAL, "--mac takes the address of one station, not '%s'",
				text);
	if (!text)
		rc = new_mac(planning, mac, err);
	if (rc < 0)
		return rc;
	owner = owner_of(planning, *mac);
	if (*owner)
		return refuse(err, REFUSAL_MAC_IN_USE, "%s is the MAC of %s: give another",
				text ? text : "it", owner);
	mac_format(*mac, vnic->mac);
	return 0;
}

/* --- The devices ----------------------------------------------------------------------------- */

static int check_slots(const struct planning *planning, struct err *err)
{
	const struct domain_slots *slots = &planning->domain.slots;
	const struct attach *attach = planning->attach;

	if (!(attach->sides & DOMAIN_LIVE) || slots->kind == SLOTS_UNKNOWN ||
			slots->spare >= attach->plug_count)
		return 0;
	return refuse(err, REFUSAL_NO_SPARE_SLOT,
			"VM %s has %u of %u %s free, and this needs %zu: shut it down, and give it "
			"more%s",
			attach->vm.name, slots->spare, slots->total,
			slots->kind == SLOTS_PORTS ? "root ports" : "PCI slots", attach->plug_count,
			slots->kind == SLOTS_PORTS ? " (<controller type='pci' "
						     "model='pcie-root-port'/>)"
						   : "");
}

static struct plug *add_plug(struct attach *attach, struct mac mac, const char *suffix)
{
	struct plug *plug = &attach->plugs[attach->plug_count++];

	snprintf(plug->alias, sizeof(plug->alias), ALIAS_PREFIX "%.*s%s", NIC_MOST,
			attach->vnic.nic, suffix);
	plug->wanted = (struct nic_wanted){ .alias = plug->alias, .mac = mac };
	return plug;
}

static int add_bridge(struct planning *planning, const struct network *network, struct mac mac,
		const char *suffix, struct err *err)
{
	CLEANUP(cleanup_free)
	char *folder = text_format("sys/class/net/%s/bridge", network->bridge);
	struct plug *plug;

	if (!*network->bridge)
		return refuse(err, REFUSAL_NETWORK_HAS_NO_BRIDGE,
				"network %s has no bridge on this host: set Bridge= there",
				network->head.name);
	if (!host_exists(planning->host, folder))
		return refuse(err, REFUSAL_NETWORK_HAS_NO_BRIDGE,
				"the bridge %s of network %s is not there", network->bridge,
				network->head.name);
	plug = add_plug(planning->attach, mac, suffix);
	plug->wanted.kind = NIC_BRIDGE;
	plug->wanted.bridge = network->bridge;
	plug->wanted.mtu = network->mtu;
	return 0;
}

/* What the guest's VF is set to. Whatever else the card has stays as it is. */
static struct vf_settings settings_of(const struct attach *attach, struct mac mac)
{
	const struct vnic_profile *profile = attach->profile;

	return (struct vf_settings){
		.given = VF_MAC | VF_VLAN | VF_SPOOFCHK | VF_TRUST | VF_RATE,
		.mac = mac,
		.vlan = (uint16_t)attach->network->vlan,
		.proto = attach->network->vlan ? ETH_P_8021Q : 0,
		.spoofchk = true,
		.trust = profile->trust,
		.min_rate = profile->min_rate,
		.max_rate = profile->max_rate,
	};
}

static void add_vf(struct attach *attach, struct mac mac)
{
	struct plug *plug = add_plug(attach, mac, "");

	plug->wanted.kind = NIC_HOSTDEV;
	plug->wanted.vlan = (uint16_t)attach->network->vlan;
	plug->settings = settings_of(attach, mac);
	if (attach->plug_count > 1) {
		attach->plugs[0].wanted.teaming = TEAMING_PERSISTENT;
		plug->wanted.teaming = TEAMING_TRANSIENT;
		snprintf(plug->persistent, sizeof(plug->persistent), "%s", attach->plugs[0].alias);
		plug->wanted.persistent = plug->persistent;
	}
	plug_take_vf(plug, &attach->candidates.list[0]);
}

void plug_take_vf(struct plug *plug, const struct vf_candidate *vf)
{
	plug->vf = *vf;
	plug->wanted.host = vf->vf;
}

static int refuse_without_vf(const struct attach *attach, struct err *err)
{
	CLEANUP(cleanup_free) char *all = text_format("%s", "");

	for (size_t i = 0; i < attach->candidates.reasons.count; i++) {
		char *more = text_format("%s%s%s", all, *all ? "; " : "",
				attach->candidates.reasons.lines[i]);

		free(all);
		all = more;
	}
	return refuse(err, REFUSAL_NO_SUITABLE_VF, "no VF for network %s: %.300s",
			attach->network->head.name, all);
}

static int choose_devices(struct planning *planning, struct mac mac, struct err *err)
{
	struct attach *attach = planning->attach;
	const struct vnic_profile *profile = attach->profile;
	const struct vnic_profile *standby =
			catalog_vnic_profile(&attach->catalog, profile->failover);
	int rc = 0;

	attach->vnic.passthrough = profile->passthrough;
	if (!profile->passthrough)
		return add_bridge(planning, attach->network, mac, "", err);
	rc = vf_candidates_find(planning->host, &attach->catalog, attach->network,
			planning->promises.list, planning->promises.count, planning->request->vf,
			&attach->candidates, err);
	if (rc < 0)
		return rc;
	attach->fell_back = !attach->candidates.count && profile->fallback;
	if (!attach->candidates.count && !attach->fell_back)
		return refuse_without_vf(attach, err);
	if (attach->fell_back)
		return add_bridge(planning, attach->network, mac, "", err);
	if (standby)
		rc = add_bridge(planning, catalog_network(&attach->catalog, standby->network), mac,
				STANDBY_SUFFIX, err);
	if (!rc)
		add_vf(attach, mac);
	return rc;
}

static void begin_vnic(struct attach *attach, const char *nic)
{
	CLEANUP(cleanup_free) char *name = vnic_name(attach->vm.uuid, nic);
	struct vnic *vnic = &attach->vnic;

	definition_init(&vnic_kind, vnic, name);
	snprintf(vnic->vm, sizeof(vnic->vm), "%.99s", attach->vm.name);
	snprintf(vnic->nic, sizeof(vnic->nic), "%s", nic);
	memcpy(vnic->profile, attach->profile->head.name, sizeof(vnic->profile));
	vnic->linked = true;
	vnic->plugged = attach->sides & DOMAIN_LIVE;
}

int attach_plan(const struct host *host, struct hypervisor *hypervisor,
		const struct attach_request *request, struct attach *attach, struct err *err)
{
	CLEANUP(end_planning)
	struct planning planning = { .host = host, .request = request, .attach = attach };
	char nic[NIC_MOST + 1];
	struct mac mac;
	int rc = hypervisor_find(hypervisor, request->vm, &attach->vm, err);

	attach->wait_s = request->wait_s;
	if (!rc)
		rc = find_profile(&planning, err);
	if (!rc)
		rc = choose_sides(&planning, err);
	if (!rc)
		rc = vm_read(hypervisor, &attach->vm,
				attach->sides & DOMAIN_LIVE ? DOMAIN_LIVE : DOMAIN_CONFIG,
				&planning.domain, err);
	if (!rc)
		rc = promises_read(hypervisor, &planning.promises, err);
	if (!rc)
		rc = choose_name(&planning, nic, err);
	if (rc < 0)
		return rc;
	begin_vnic(attach, nic);
	rc = choose_mac(&planning, &mac, err);
	if (!rc)
		rc = choose_devices(&planning, mac, err);
	for (size_t i = 0; !rc && i < attach->plug_count; i++)
		attach->plugs[i].wanted.boot = i ? 0 : request->boot;
	return rc ? rc : check_slots(&planning, err);
}

/* --- The plan in words ----------------------------------------------------------------------- */

static void vf_steps(
		const struct attach *attach, const struct plug *plug, struct diagnostics *steps)
{
	diagnostic_add(steps, "reserve %s for %s of VM %s", plug->vf.name, attach->vnic.nic,
			attach->vm.name);
	for (const struct vf_setting *setting = vf_setting_table; setting->name; setting++) {
		char text[80];

		if (plug->settings.given & setting->bit)
			diagnostic_add(steps, "%s: %s %s", plug->vf.name, setting->name,
					vf_setting_text(setting, &plug->settings, text,
							sizeof(text)));
	}
}

void attach_steps(const struct attach *attach, struct diagnostics *steps)
{
	char mac[MAC_TEXT];

	if (attach->fell_back)
		diagnostic_add(steps, "no VF can be given: the bridge %s takes its place",
				attach->network->bridge);
	for (size_t i = 0; i < attach->plug_count; i++) {
		const struct plug *plug = &attach->plugs[i];

		if (plug->wanted.kind == NIC_HOSTDEV)
			vf_steps(attach, plug, steps);
		diagnostic_add(steps, "%s VM %s: %s as %s, MAC %s",
				attach->sides & DOMAIN_LIVE ? "plug into"
							    : "add to the configuration of",
				attach->vm.name,
				plug->wanted.kind == NIC_HOSTDEV ? plug->vf.name
								 : plug->wanted.bridge,
				plug->alias, mac_format(plug->wanted.mac, mac));
	}
	diagnostic_add(steps, "verify that %s has it%s",
			attach->sides & DOMAIN_LIVE ? "QEMU" : "it",
			attach->profile->passthrough && !attach->fell_back
					? ", and that its settings hold"
					: "");
}

void cleanup_attach(struct attach *attach)
{
	catalog_free(&attach->catalog);
	cleanup_vf_candidates(&attach->candidates);
	definition_free(&vnic_kind, &attach->vnic);
}
