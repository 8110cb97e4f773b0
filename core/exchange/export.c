/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "exchange/export.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "policy/select_pf.h"
#include "sriov/pf.h"

void desired_of_pf(const struct host *host, const struct pf *pf, struct desired *desired)
{
	*desired = (struct desired){ .file = file_path("now"),
		.count_given = true,
		.count = pf->num_vfs,
		.autoprobe_given = true,
		.autoprobe = pf->autoprobe,
		.mtu = pf->net.mtu,
		.vf_count = pf->vf_count };
	desired->selector.by_mac = !pf_permanent_mac(host, &pf->function, &desired->selector.mac);
	desired->selector.by_path = !desired->selector.by_mac;
	desired->selector.path = pf->function.bdf;
	desired->vfs = calloc(pf->vf_count + 1, sizeof(*desired->vfs));
	if (!desired->vfs)
		abort();
	for (size_t i = 0; i < pf->vf_count; i++) {
		desired->vfs[i].index = pf->vfs[i].index;
		desired->vfs[i].settings = pf->vfs[i].settings;
		/* What is as it is anyway is not wanted by anybody. */
		vf_settings_drop_unset(&desired->vfs[i].settings);
	}
}

static void leave(struct string_set *left, const char *format, ...)
		__attribute__((format(printf, 2, 3)));

static void leave(struct string_set *left, const char *format, ...)
{
	CLEANUP(cleanup_free) char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		abort();
	va_end(args);
	string_set_add(left, text);
}

static void link_match(const struct desired *desired, const struct pf *pf, FILE *out,
		struct string_set *left)
{
	const struct pf_selector *selector = &desired->selector;
	char text[MAC_TEXT];

	fputs("[Match]\n", out);
	if (selector->by_device || selector->by_port)
		leave(left, "Device= and Port=: systemd does not know them; Path= stands for them");
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
			leave(left, "%s", setting->no_systemd);
		else if (bit == VF_VLAN && !vf->settings.vlan)
			leave(left, "VLANId=0: systemd cannot take a VLAN away, only set one");
		else
			vf_setting_print(setting, &vf->settings, out);
	}
	if (*vf->driver)
		leave(left, "Driver=: systemd binds no drivers; driverctl does");
}

char *export_systemd_link(
		const struct desired *desired, const struct pf *pf, struct string_set *left)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		abort();
	link_match(desired, pf, out, left);
	fputs("\n[Link]\n", out);
	if (desired->count_given)
		fprintf(out, "SR-IOVVirtualFunctions=%u\n", desired->count);
	if (desired->mtu)
		fprintf(out, "MTUBytes=%u\n", desired->mtu);
	if (desired->autoprobe_given && !desired->autoprobe)
		leave(left, "Autoprobe=no: systemd lets drivers probe, before the VFs' settings too");
	for (size_t i = 0; i < desired->vf_count; i++)
		link_vf(&desired->vfs[i], out, left);
	if (fclose(out) != 0)
		abort();
	return text;
}

/* Text in XML 1.0, which has no way to say most control characters. */
static void print_escaped(const char *text, FILE *out)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		case '\'':
			fputs("&apos;", out);
			break;
		default:
			fputc((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text, out);
		}
	}
}

/* A card without an interface is told by its VFs. */
static void print_pool(const struct pf *pf, FILE *out)
{
	if (*pf->function.netdev) {
		fputs("    <pf dev='", out);
		print_escaped(pf->function.netdev, out);
		fputs("'/>\n", out);
		return;
	}
	for (size_t i = 0; i < pf->vf_count; i++) {
		struct bdf bdf = pf->vfs[i].function.bdf;

		fprintf(out,
				"    <address type='pci' domain='0x%04x' bus='0x%02x' slot='0x%02x' "
				"function='0x%x'/>\n",
				bdf.domain, bdf.bus, bdf.device, bdf.function);
	}
}

static void leave_settings(const struct desired *desired, struct string_set *left)
{
	leave(left, "SR-IOVVirtualFunctions=: libvirt makes no VFs; vfctl or systemd does");
	for (size_t i = 0; i < desired->vf_count; i++) {
		unsigned settings = desired->vfs[i].settings.given;

		if (settings & (VF_MAC | VF_VLAN))
			leave(left,
					"MACAddress= and VLANId= of VFs: libvirt sets them from each "
					"guest's interface, and puts them back after");
		if (settings & ~(unsigned)(VF_MAC | VF_VLAN))
			leave(left,
					"other settings of VFs: libvirt leaves them as they are, "
					"or the guest's XML says them");
		if (*desired->vfs[i].driver)
			leave(left, "Driver=: with managed='yes' libvirt binds vfio-pci itself");
	}
}

char *export_libvirt_network(const struct desired *desired, const struct pf *pf,
		const struct network *network, bool managed, struct string_set *left)
{
	char *text = NULL, card[64];
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		abort();
	fputs("<network>\n  <name>", out);
	if (network)
		print_escaped(network->head.name, out);
	else if (*pf->function.netdev)
		print_escaped(pf->function.netdev, out);
	else
		print_escaped(bdf_format(pf->function.bdf, card), out);
	fprintf(out, "</name>\n  <forward mode='hostdev' managed='%s'>\n", managed ? "yes" : "no");
	print_pool(pf, out);
	fputs("  </forward>\n", out);
	if (network && network->vlan)
		fprintf(out, "  <vlan>\n    <tag id='%u'/>\n  </vlan>\n", network->vlan);
	fputs("</network>\n", out);
	if (fclose(out) != 0)
		abort();
	leave_settings(desired, left);
	if (network && network->mtu)
		leave(left, "MTUBytes=%u of the network: libvirt sets no MTU on VFs; the guest does",
				network->mtu);
	return text;
}
