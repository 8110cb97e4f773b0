/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vm/edit.h"

#include <stdio.h>

#include "apply/lock.h"
#include "base/cleanup.h"
#include "cli/machine.h"

/* The verb that changes NICs of virtual machines. */

static int print_edited(const struct verb_call *call, const struct edit *edit)
{
	struct record *record;

	if (call_has(call, "json")) {
		record = vm_record(&edit->vm);
		nic_put(record, &edit->nic);
		record_put_bool(record, "interrupted", edit_interrupts(edit));
		return call_print(call, "vfctl-vm-edit/1", "vnic", record);
	}
	nic_print(&edit->nic, &edit->vm);
	printf("profile %s, %s\n", edit->nic.vnic.profile,
			!(edit->sides & DOMAIN_LIVE)            ? "from the next start"
					: edit_interrupts(edit) ? "after an unplug and a plug"
								: "without an interruption");
	return call_printed(call);
}

static int run_vm_edit(struct verb_call *call)
{
	CLEANUP(cleanup_host) struct host *host = NULL;
	CLEANUP(cleanup_hypervisor) struct hypervisor *hypervisor = NULL;
	CLEANUP(cleanup_edit) struct edit edit = { 0 };
	CLEANUP(cleanup_diagnostics) struct diagnostics notes = { 0 };
	struct edit_request request = { .vm = call->args[0],
		.nic = call->args[1],
		.profile = call_value(call, "profile"),
		.mac = call_value(call, "mac"),
		.vf = call_value(call, "vf"),
		.sides = call_sides(call),
		.limit_s = LIMIT_S,
		.wait_s = LOCK_WAIT_S };
	struct err err = { 0 };
	int rc = call_limits(call, &request.limit_s, &request.wait_s, &err);

	if (!rc)
		rc = call_machines(call, &host, &hypervisor, &err);
	if (!rc)
		rc = edit_plan(host, hypervisor, &request, &edit, &err);
	if (!rc && call_has(call, "plan")) {
		edit_steps(&edit, &notes);
		return steps_print(call, "vfctl-vm-edit-plan/1", &notes);
	}
	if (!rc)
		rc = edit_run(host, &hypervisor, &edit, &notes, &err);
	notes_print(&notes, "");
	return rc < 0 ? call_failed(call, &err) : print_edited(call, &edit);
}

static const struct flag flags_edit[] = {
	{ "profile", 0, "NAME",
			"Another vNIC profile (vfctl profile list), and with it another network" },
	{ "mac", 0, "MAC", "Another MAC" },
	{ "vf", 0, "VF", "This VF (eth0/3, 0000:01:10.6), or one of this card (eth0)" },
	{ "timeout", 0, "S",
			"Wait at most S seconds for the guest to release the NIC, 60 if not given" },
	FLAGS_SIDES,
	FLAG_PLAN,
	FLAG_WAIT,
	{ 0 },
};

const struct verb verbs_edit[] = {
	{ "vm edit", "VM NIC", "Change the profile, MAC or VF of a virtual machine's NIC",
			"Without a flag the NIC becomes what its profile and network say by now.\n\nWhat differs "
			"only in rates, trust or spoof check is set on the VF while the guest uses it, and a NIC "
			"on a bridge moves to the bridge of another network: the guest keeps its interface. All "
			"else takes an unplug and a plug: the NIC comes again under its name, with its MAC unless "
			"you give another, in the same place in the guest, and with its place in the boot order; a "
			"failover pair goes on with its standby where that can stay. --plan says which of these it "
			"is, and what the guest will notice.\n\nWhat cannot be is refused before anything changes. "
			"If a step fails, or the guest does not release the NIC, it is as it was. The running "
			"machine and its configuration are changed, wherever the NIC is.",
			flags_edit, run_vm_edit },
	{ 0 },
};
