/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "vm/edit.h"

/* The plan of an edit in words. */

bool edit_interrupts(const struct edit *edit)
{
	return edit->leaves_bridge || (edit->leaves_vf && !edit->has_bridge);
}

static void setting_steps(const struct edit *edit, struct diagnostics *steps)
{
	const struct plug *plug = &edit->nic.plugs[edit->nic.plug_count - 1];
	const struct vf_settings *was = &edit->vf.plan.plugs[0].settings;
	unsigned differ = vf_settings_difference(&plug->settings, was);

	for (const struct vf_setting *setting = vf_setting_table; setting->name; setting++) {
		char is[80], before[80];

		if (was->given & differ & setting->bit)
			diagnostic_add(steps, "%s: %s %s, was %s", plug->vf.name, setting->name,
					vf_setting_text(setting, &plug->settings, is, sizeof(is)),
					vf_setting_text(setting, was, before, sizeof(before)));
	}
}

static void unplug_steps(const struct edit *edit, struct diagnostics *steps)
{
	if (edit->leaves_vf)
		diagnostic_add(steps,
				"unplug from VM %s: %s, which stays reserved for the way back",
				edit->vm.name, edit->vf.plan.plugs[0].vf.name);
	if (edit->leaves_bridge)
		diagnostic_add(steps, "unplug from VM %s: %s, on %s", edit->vm.name,
				edit->bridge.alias, edit->bridge.wanted.bridge);
}

static void say_what_the_guest_notices(const struct edit *edit, struct diagnostics *steps)
{
	if (!(edit->sides & DOMAIN_LIVE))
		diagnostic_add(steps, "the guest has it from its next start");
	else if (edit_interrupts(edit))
		diagnostic_add(steps,
				"the guest loses the interface for some seconds, and finds it again in "
				"the same place%s",
				strcmp(edit->before.mac, edit->nic.vnic.mac) ? ", with another MAC"
									     : "");
	else if (edit->leaves_vf)
		diagnostic_add(steps, "the guest goes on with the standby meanwhile");
	else if (edit->moves)
		diagnostic_add(steps, "the guest keeps its interface, and is in another network");
	else if (edit->nic.plugs[edit->nic.plug_count - 1].stays)
		diagnostic_add(steps, "the guest notices nothing of it");
	else
		diagnostic_add(steps, "the guest finds a further interface");
}

void edit_steps(const struct edit *edit, struct diagnostics *steps)
{
	bool plugs = edit->sides & DOMAIN_LIVE && !edit->nic.plugs[edit->nic.plug_count - 1].stays;

	unplug_steps(edit, steps);
	if (edit->moves)
		diagnostic_add(steps, "move %s of VM %s from %s to %s", edit->bridge.alias,
				edit->vm.name, edit->bridge.wanted.bridge,
				edit->nic.plugs[0].wanted.bridge);
	if (edit->sets)
		setting_steps(edit, steps);
	if (plugs)
		nic_plan_steps(&edit->nic, "plug into", &edit->vm, steps);
	if (plugs || edit->sets)
		diagnostic_add(steps, "verify that the NIC is as asked for");
	if (edit->configures)
		diagnostic_add(steps, "change the configuration of VM %s", edit->vm.name);
	if (strcmp(edit->before.profile, edit->nic.vnic.profile) != 0)
		diagnostic_add(steps, "the profile of %s of VM %s is %s, and was %s",
				edit->nic.vnic.nic, edit->vm.name, edit->nic.vnic.profile,
				edit->before.profile);
	say_what_the_guest_notices(edit, steps);
}
