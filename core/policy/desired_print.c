/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "netdev/vf_settings.h"
#include "policy/desired.h"

/* Prints a policy file, with one section for each range of VFs with the same settings. */

static void print_match(const struct pf_selector *selector, FILE *out)
{
	char text[BDF_TEXT + MAC_TEXT];

	fputs("[Match]\n", out);
	if (selector->by_path)
		fprintf(out, "Path=%s\n", bdf_format(selector->path, text));
	if (selector->by_mac)
		fprintf(out, "PermanentMACAddress=%s\n", mac_format(selector->mac, text));
	if (selector->by_device)
		fprintf(out, "Device=%04x:%04x\n", selector->vendor, selector->device);
	if (selector->by_port)
		fprintf(out, "Port=%u\n", selector->port);
	if (selector->by_name)
		fprintf(out, "Name=%s\n", selector->name);
}

static void print_pf(const struct desired *desired, FILE *out)
{
	if (!desired->count_given && !desired->autoprobe_given && !desired->mtu)
		return;
	fputs("\n[PF]\n", out);
	if (desired->count_given)
		fprintf(out, "SR-IOVVirtualFunctions=%u\n", desired->count);
	if (desired->autoprobe_given)
		fprintf(out, "Autoprobe=%s\n", desired->autoprobe ? "yes" : "no");
	if (desired->mtu)
		fprintf(out, "MTUBytes=%u\n", desired->mtu);
}

static void print_vf(const struct desired_vf *vf, FILE *out)
{
	const struct vf_setting *setting;

	for (unsigned bit = 1; (setting = vf_setting_of(bit)); bit <<= 1) {
		if (vf->settings.given & bit)
			vf_setting_print(setting, &vf->settings, out);
	}
	if (*vf->driver)
		fprintf(out, "Driver=%s\n", vf->driver);
}

/* Two VFs never share a MAC or GUID, so a VF with one has a section of its own. */
static bool is_same(const struct desired_vf *a, const struct desired_vf *b)
{
	return b->index == a->index + 1 && a->settings.given == b->settings.given &&
			!(a->settings.given & (VF_MAC | VF_GUIDS)) &&
			!vf_settings_difference(&a->settings, &b->settings) &&
			!strcmp(a->driver, b->driver);
}

char *desired_print(const struct desired *desired)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		abort();
	print_match(&desired->selector, out);
	print_pf(desired, out);
	for (size_t i = 0; i < desired->vf_count; i++) {
		const struct desired_vf *first = &desired->vfs[i];

		if (!first->settings.given && !*first->driver)
			continue;
		while (i + 1 < desired->vf_count && is_same(&desired->vfs[i], &desired->vfs[i + 1]))
			i++;
		fprintf(out, "\n[SR-IOV]\nVirtualFunction=%u", first->index);
		if (desired->vfs[i].index != first->index)
			fprintf(out, "-%u", desired->vfs[i].index);
		fputc('\n', out);
		print_vf(first, out);
	}
	if (fclose(out) != 0)
		abort();
	return text;
}
