/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/mac.h"
#include "exchange/export_internal.h"

/* systemd.link(5), version 251 or newer. */

static void link_match(const struct desired *desired, const struct pf *pf, FILE *out,
		struct string_set *left)
{
	const struct pf_selector *selector = &desired->selector;
	char text[MAC_TEXT];

	fputs("[Match]\n", out);
	if (selector->by_device || selector->by_port)
		export_left(left,
				"Device= and Port=: systemd does not know them; Path= stands for them");
	if (selector->by_path || selector->by_device || selector->by_port)
		fprintf(out, "Path=pci-%s\n", bdf_format(pf->function.bdf, text));
	if (selector->by_mac)
		fprintf(out, "PermanentMACAddress=%s\n", mac_format(selector->mac, text));
	if (selector->by_name)
		fprintf(out, "OriginalName=%s\n", selector->name);
}

static void link_vf(const struct desired_vf *vf, FILE *out, struct string_set *left)
{
	const struct vf_setting *setting;

	fprintf(out, "\n[SR-IOV]\nVirtualFunction=%u\n", vf->index);
	for (unsigned bit = 1; (setting = vf_setting_of(bit)); bit <<= 1) {
		if (!(vf->settings.given & bit))
			continue;
		if (setting->no_systemd)
			export_left(left, "%s", setting->no_systemd);
		else if (bit == VF_VLAN && !vf->settings.vlan)
			export_left(left,
					"VLANId=0: systemd cannot take a VLAN away, only set one");
		else
			vf_setting_print(setting, &vf->settings, out);
	}
	if (*vf->driver)
		export_left(left, "Driver=: systemd binds no drivers; driverctl does");
}

static void print_link(const struct export *export, FILE *out, struct string_set *left)
{
	const struct desired *desired = export->desired;

	link_match(desired, export->pf, out, left);
	fputs("\n[Link]\n", out);
	if (desired->count_given)
		fprintf(out, "SR-IOVVirtualFunctions=%u\n", desired->count);
	if (desired->mtu)
		fprintf(out, "MTUBytes=%u\n", desired->mtu);
	if (desired->autoprobe_given && !desired->autoprobe)
		export_left(left,
				"Autoprobe=no: systemd lets drivers probe, before the VFs' settings too");
	for (size_t i = 0; i < desired->vf_count; i++)
		link_vf(&desired->vfs[i], out, left);
}

const struct export_format export_systemd_link = {
	.name = "systemd-link",
	.help = "a .link file of systemd, version 251 or newer",
	.print = print_link,
};
