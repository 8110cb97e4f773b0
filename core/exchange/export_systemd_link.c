/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/mac.h"
#include "exchange/export_internal.h"

/* systemd.link(5), version 251 or newer. */

static void link_match(const struct desired *desired, const struct pf *pf, FILE *out,
		struct string_set *left)
{
	const struct pf_selector *selector = &desired->selector;
	bool pattern = selector->by_name && (strchr(selector->name, '[') || *selector->name == '!');
	char text[MAC_TEXT];

	fputs("[Match]\n", out);
	if (selector->by_device || selector->by_port)
		export_left(left,
				"Device= and Port=: systemd does not know them; Path= stands for them");
	if (pattern)
		export_left(left, "Name=%s: systemd takes it for a pattern; Path= stands for it",
				selector->name);
	if (selector->by_path || selector->by_device || selector->by_port || pattern)
		fprintf(out, "Path=pci-%s\n", bdf_format(pf->function.bdf, text));
	if (selector->by_mac)
		fprintf(out, "PermanentMACAddress=%s\n", mac_format(selector->mac, text));
	if (selector->by_name && !pattern)
		fprintf(out, "OriginalName=%s\n", selector->name);
}

/* Returns the settings of the VF that systemd can set. */
static unsigned known_settings(const struct desired_vf *vf)
{
	const struct vf_setting *setting;
	unsigned known = 0;

	for (unsigned bit = 1; (setting = vf_setting_of(bit)); bit <<= 1) {
		if (!setting->no_systemd && (bit != VF_VLAN || vf->settings.vlan))
			known |= vf->settings.given & bit;
	}
	return known;
}

static void link_vf(const struct desired_vf *vf, FILE *out, struct string_set *left)
{
	const struct vf_setting *setting;
	unsigned known = known_settings(vf);

	if (known)
		fprintf(out, "\n[SR-IOV]\nVirtualFunction=%u\n", vf->index);
	for (unsigned bit = 1; (setting = vf_setting_of(bit)); bit <<= 1) {
		if (known & bit)
			vf_setting_print(setting, &vf->settings, out);
		else if (vf->settings.given & bit)
			export_left(left, "%s",
					setting->no_systemd ? setting->no_systemd
							    : "VLANId=0: systemd cannot take a "
							      "VLAN away, only set one");
	}
	if (*vf->driver)
		export_left(left, "Driver=: systemd binds no drivers; driverctl does");
}

static bool has_settings(const struct desired *desired)
{
	for (size_t i = 0; i < desired->vf_count; i++) {
		if (known_settings(&desired->vfs[i]))
			return true;
	}
	return false;
}

static int print_link(
		const struct export *export, FILE *out, struct string_set *left, struct err *err)
{
	const struct desired *desired = export->desired;

	if (!desired->count_given && !has_settings(desired))
		return err_set(err, EINVAL, "%s says nothing about VFs that systemd has a word for",
				desired->file);
	link_match(desired, export->pf, out, left);
	fputs("\n[Link]\n", out);
	if (desired->count_given)
		fprintf(out, "SR-IOVVirtualFunctions=%u\n", desired->count);
	else
		export_left(left,
				"SR-IOVVirtualFunctions= is not given: systemd makes as many VFs as "
				"the sections need, if there are fewer");
	if (desired->mtu)
		fprintf(out, "MTUBytes=%u\n", desired->mtu);
	if (desired->autoprobe_given && !desired->autoprobe)
		export_left(left,
				"Autoprobe=no: systemd lets drivers probe, before the VFs' settings too");
	for (size_t i = 0; i < desired->vf_count; i++)
		link_vf(&desired->vfs[i], out, left);
	return 0;
}

const struct export_format export_systemd_link = {
	.name = "systemd-link",
	.help = "a .link file of systemd, version 251 or newer",
	.print = print_link,
};
