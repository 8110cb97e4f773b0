/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/if_ether.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/vf_settings.h"
#include "policy/desired.h"

/* A policy file from what is wanted: one section for each run of VFs that want the same. */

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

static void print_settings(const struct desired_vf *vf, FILE *out)
{
	static const char *const links[] = { "auto", "yes", "no" };
	const struct vf_settings *settings = &vf->settings;
	char text[MAC_TEXT];

	if (settings->given & VF_MAC)
		fprintf(out, "MACAddress=%s\n", mac_format(settings->mac, text));
	if (settings->given & VF_VLAN) {
		fprintf(out, "VLANId=%u\n", settings->vlan);
		if (settings->qos)
			fprintf(out, "QualityOfService=%u\n", settings->qos);
		if (settings->vlan && settings->proto == ETH_P_8021AD)
			fprintf(out, "VLANProtocol=802.1ad\n");
	}
	if (settings->given & VF_SPOOFCHK)
		fprintf(out, "MACSpoofCheck=%s\n", settings->spoofchk ? "yes" : "no");
	if (settings->given & VF_TRUST)
		fprintf(out, "Trust=%s\n", settings->trust ? "yes" : "no");
	if (settings->given & VF_LINK)
		fprintf(out, "LinkState=%s\n", links[settings->link]);
	if (settings->given & VF_RATE)
		fprintf(out, "MinRate=%u\nMaxRate=%u\n", settings->min_rate, settings->max_rate);
	if (*vf->driver)
		fprintf(out, "Driver=%s\n", vf->driver);
}

/* An address is one VF's. */
static bool is_same(const struct desired_vf *a, const struct desired_vf *b)
{
	return b->index == a->index + 1 && a->settings.given == b->settings.given &&
			!(a->settings.given & VF_MAC) &&
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
		print_settings(first, out);
	}
	if (fclose(out) != 0)
		abort();
	return text;
}
