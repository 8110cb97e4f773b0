/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "apply/drift.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apply/plan.h"
#include "apply/reset_detect.h"
#include "netdev/vf_settings.h"

/*
 * Compares what the kernel and the functions report with the policy file. This does not show what
 * the card does with its settings: see core/policy/desired.md.
 */

void drifts_add(struct drifts *drifts, int vf, const char *setting, const char *want,
		const char *found)
{
	struct drift *added;

	drifts->items = reallocarray(drifts->items, drifts->count + 1, sizeof(*added));
	if (!drifts->items)
		abort();
	added = &drifts->items[drifts->count++];
	added->vf = vf;
	snprintf(added->setting, sizeof(added->setting), "%s", setting);
	snprintf(added->want, sizeof(added->want), "%s", want);
	snprintf(added->found, sizeof(added->found), "%s", found);
}

static void compare_number(
		struct drifts *drifts, const char *setting, unsigned want, unsigned found)
{
	char texts[2][16];

	drifts->settings++;
	snprintf(texts[0], sizeof(texts[0]), "%u", want);
	snprintf(texts[1], sizeof(texts[1]), "%u", found);
	if (want != found)
		drifts_add(drifts, -1, setting, texts[0], texts[1]);
}

static void compare_card(const struct host *host, const struct desired *desired,
		const struct pf *pf, struct drifts *drifts)
{
	if (pf_was_reset(host, pf))
		drifts_add(drifts, -1, "registers", "its driver's", "reset");
	if (desired->count_given)
		compare_number(drifts, "VFs", desired->count, pf->num_vfs);
	if (desired->mtu)
		compare_number(drifts, "MTU", desired->mtu, pf->net.mtu);
	if (desired->autoprobe_given) {
		drifts->settings++;
		if (desired->autoprobe != pf->autoprobe)
			drifts_add(drifts, -1, "autoprobe", desired->autoprobe ? "on" : "off",
					pf->autoprobe ? "on" : "off");
	}
	if (pf->num_vfs && pf->net.index) {
		drifts->settings++;
		if (!pf->net.up)
			drifts_add(drifts, -1, "interface", "up", "down");
	}
}

static void compare_settings(
		const struct desired_vf *want, const struct vf *vf, struct drifts *drifts)
{
	unsigned lacking = vf_settings_lacking(&want->settings, &vf->settings);
	unsigned differ = vf_settings_difference(&want->settings, &vf->settings) & ~lacking;
	char texts[2][64];

	for (const struct vf_setting *setting = vf_setting_table; setting->name; setting++) {
		drifts->settings += (want->settings.given & ~lacking & setting->bit) != 0;
		if (!(differ & setting->bit))
			continue;
		vf_setting_text(setting, &want->settings, texts[0], sizeof(texts[0]));
		vf_setting_text(setting, &vf->settings, texts[1], sizeof(texts[1]));
		drifts_add(drifts, (int)vf->index, setting->name, texts[0],
				vf->settings.given & setting->bit ? texts[1] : "not reported");
	}
}

static void compare_vf(const struct host *host, const struct desired_vf *want, const struct vf *vf,
		struct drifts *drifts)
{
	const char *driver = vf->function.driver;
	char texts[2][MAC_TEXT];
	struct mac own;

	compare_settings(want, vf, drifts);
	if (*want->driver) {
		drifts->settings++;
		if (strcmp(want->driver, driver) != 0)
			drifts_add(drifts, (int)vf->index, "driver", want->driver,
					*driver ? driver : "none");
	}
	if (want->settings.given & VF_MAC && vf_interface_mac(host, vf, &own)) {
		drifts->settings++;
		if (!mac_equal(own, want->settings.mac))
			drifts_add(drifts, (int)vf->index, "address in use",
					mac_format(want->settings.mac, texts[0]),
					mac_format(own, texts[1]));
	}
}

void drift_find(const struct host *host, const struct desired *desired, const struct pf *pf,
		struct drifts *drifts)
{
	*drifts = (struct drifts){ 0 };
	compare_card(host, desired, pf, drifts);
	if (*pf->net.vfs_unread && desired->vf_count) {
		drifts_add(drifts, -1, "settings of VFs", "readable", pf->net.vfs_unread);
		return;
	}
	for (size_t i = 0; i < desired->vf_count; i++) {
		const struct desired_vf *want = &desired->vfs[i];
		const struct vf *found = NULL;

		for (size_t k = 0; k < pf->vf_count && !found; k++) {
			if (pf->vfs[k].index == want->index)
				found = &pf->vfs[k];
		}
		if (found)
			compare_vf(host, want, found, drifts);
		else
			drifts_add(drifts, (int)want->index, "VF", "there", "not there");
	}
}

void drift_note_lacking(const struct desired *desired, const char *name, const struct netdev *net,
		struct diagnostics *notes)
{
	for (const struct vf_setting *setting = vf_setting_table; setting->name; setting++) {
		unsigned count = 0;

		for (size_t i = 0; i < desired->vf_count; i++) {
			const struct desired_vf *vf = &desired->vfs[i];

			count += vf->index < net->vf_count &&
					vf_settings_lacking(&vf->settings, &net->vfs[vf->index]) &
							setting->bit;
		}
		if (count)
			diagnostic_add(notes,
					"%s: the driver does not offer %s (%s), wanted of %u "
					"VFs: it is left as it is",
					name, setting->name, setting->values->key, count);
	}
}

const char *drift_text(const struct drift *drift, char *text, size_t size)
{
	char where[16] = "";

	if (drift->vf >= 0)
		snprintf(where, sizeof(where), "VF %d: ", drift->vf);
	snprintf(text, size, "%s%s is %s, not %s", where, drift->setting, drift->found,
			drift->want);
	return text;
}

void drifts_free(struct drifts *drifts)
{
	free(drifts->items);
	*drifts = (struct drifts){ 0 };
}

void cleanup_drifts(struct drifts *drifts)
{
	drifts_free(drifts);
}
