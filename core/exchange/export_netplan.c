/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/mac.h"
#include "exchange/export_internal.h"
#include "policy/vf_name.h"

/*
 * netplan(5). It identifies the card and its VFs by their interfaces. It sets a VF's address on the
 * VF's interface, and its VLAN through the card, by a definition with the renderer sriov.
 */

static void leave_match(const struct pf_selector *selector, struct string_set *left)
{
	if (selector->by_path || selector->by_device || selector->by_port)
		export_left(left,
				"Path=, Device= and Port=: netplan does not know them; %s stands for "
				"them",
				selector->by_mac ? "the address on the card"
						 : "the name of the card's interface");
	if (selector->by_mac && selector->by_name)
		export_left(left, "Name=: the address on the card stands for it");
}

static void print_pf(const struct export *export, FILE *out)
{
	const struct desired *desired = export->desired;
	char mac[MAC_TEXT];

	fputs("network:\n  version: 2\n  ethernets:\n    ", out);
	export_quote(export->pf->function.netdev, out);
	fputs(":\n", out);
	if (desired->selector.by_mac) {
		fprintf(out, "      match:\n        macaddress: \"%s\"\n      set-name: ",
				mac_format(desired->selector.mac, mac));
		export_quote(export->pf->function.netdev, out);
		fputc('\n', out);
	}
	if (desired->mtu)
		fprintf(out, "      mtu: %u\n", desired->mtu);
	fprintf(out, "      virtual-function-count: %u\n", desired->count);
}

static const char *vf_netdev(const struct pf *pf, unsigned index)
{
	for (size_t i = 0; i < pf->vf_count; i++) {
		if (pf->vfs[i].index == index)
			return pf->vfs[i].function.netdev;
	}
	return "";
}

/* Finds the name of the interface of the VF, or the name that udev would give it. False: the
 * name would be too long, or a file cannot hold it. */
static bool vf_name(const struct pf *pf, unsigned index, char name[IFNAMSIZ])
{
	const char *known = vf_netdev(pf, index), *netdev = pf->function.netdev;

	if (*known)
		snprintf(name, IFNAMSIZ, "%s", known);
	else if (snprintf(name, IFNAMSIZ, "%.*sv%u", (int)vf_name_stem(netdev), netdev, index) >=
			IFNAMSIZ)
		return false;
	return export_can_quote(name);
}

static void leave_settings(const struct desired_vf *vf, struct string_set *left)
{
	const struct vf_settings *settings = &vf->settings;
	const struct vf_setting *setting;

	for (unsigned bit = 1; (setting = vf_setting_of(bit)); bit <<= 1) {
		if ((settings->given & bit) && bit != VF_MAC && bit != VF_VLAN)
			export_left(left, "%s=: netplan does not know it", setting->values->key);
	}
	if ((settings->given & VF_VLAN) && !settings->vlan)
		export_left(left, "VLANId=0: netplan cannot take a VLAN away, only set one");
	for (const struct vf_value *value = vf_setting_of(VF_VLAN)->values + 1; value->key;
			value++) {
		if ((settings->given & VF_VLAN) && !value->is_implied(settings))
			export_left(left, "%s=: netplan does not know it", value->key);
	}
	if (*vf->driver)
		export_left(left, "Driver=: netplan binds no drivers; driverctl does");
}

static bool has_vlan(const struct desired_vf *vf)
{
	return (vf->settings.given & VF_VLAN) && vf->settings.vlan;
}

/* Whether netplan has anything to set for the VF. */
static bool is_defined(const struct export *export, const struct desired_vf *vf)
{
	char name[IFNAMSIZ];

	return ((vf->settings.given & VF_MAC) || has_vlan(vf)) &&
			vf_name(export->pf, vf->index, name);
}

static void print_vf(const struct export *export, const struct desired_vf *vf, FILE *out)
{
	char name[IFNAMSIZ], mac[MAC_TEXT];

	vf_name(export->pf, vf->index, name);
	fputs("    ", out);
	export_quote(name, out);
	fputs(":\n      link: ", out);
	export_quote(export->pf->function.netdev, out);
	fputc('\n', out);
	if (vf->settings.given & VF_MAC)
		fprintf(out, "      macaddress: \"%s\"\n", mac_format(vf->settings.mac, mac));
}

static void print_vlan(const struct export *export, const struct desired_vf *vf, FILE *out)
{
	char name[IFNAMSIZ];

	vf_name(export->pf, vf->index, name);
	fprintf(out, "    \"vlan-of-vf-%u\":\n      id: %u\n      renderer: sriov\n      link: ",
			vf->index, vf->settings.vlan);
	export_quote(name, out);
	fputc('\n', out);
}

static void leave_vf(
		const struct export *export, const struct desired_vf *vf, struct string_set *left)
{
	bool wanted = (vf->settings.given & VF_MAC) || has_vlan(vf);

	leave_settings(vf, left);
	if (!wanted)
		return;
	if (!is_defined(export, vf)) {
		export_left(left, "VF %u: its interface has no name that netplan could know",
				vf->index);
		return;
	}
	if (!*vf_netdev(export->pf, vf->index))
		export_left(left,
				"netplan knows VFs by their interfaces, and not all of them exist: their "
				"names here are those that udev gives");
	if (vf->settings.given & VF_MAC)
		export_left(left,
				"MACAddress=: netplan sets it on the VF's interface, and not through the "
				"card");
}

static void print_vfs(const struct export *export, FILE *out)
{
	const struct desired *desired = export->desired;
	bool any = false;

	for (size_t i = 0; i < desired->vf_count; i++) {
		if (is_defined(export, &desired->vfs[i]))
			print_vf(export, &desired->vfs[i], out);
	}
	for (size_t i = 0; i < desired->vf_count; i++) {
		const struct desired_vf *vf = &desired->vfs[i];

		if (!is_defined(export, vf) || !has_vlan(vf))
			continue;
		fputs(any ? "" : "  vlans:\n", out);
		print_vlan(export, vf, out);
		any = true;
	}
}

static int print_network(
		const struct export *export, FILE *out, struct string_set *left, struct err *err)
{
	const struct desired *desired = export->desired;
	char address[BDF_TEXT];

	if (!*export->pf->function.netdev)
		return err_set(err, EINVAL,
				"%s has no interface here, and netplan knows cards by their interfaces",
				bdf_format(export->pf->function.bdf, address));
	if (!export_can_quote(export->pf->function.netdev))
		return err_set(err, EINVAL,
				"the name of the card's interface cannot be written: it is "
				"not UTF-8, or has control characters or {{");
	if (!desired->count_given)
		return err_set(err, EINVAL,
				"%s gives no SR-IOVVirtualFunctions=, without which netplan sets "
				"nothing of VFs",
				desired->file);
	leave_match(&desired->selector, left);
	print_pf(export, out);
	print_vfs(export, out);
	for (size_t i = 0; i < desired->vf_count; i++)
		leave_vf(export, &desired->vfs[i], left);
	if (desired->autoprobe_given && !desired->autoprobe)
		export_left(left, "Autoprobe=no: netplan lets drivers probe");
	return 0;
}

const struct export_format export_netplan = {
	.name = "netplan",
	.help = "a file of netplan",
	.print = print_network,
};
