/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vm/upgrade.h"

#include <stdio.h>

#include "apply/lock.h"
#include "base/cleanup.h"
#include "base/table.h"
#include "cli/machine.h"
#include "vm/edit.h"

/* The verb that gives VFs to NICs that run without one. */

static void print_reason(const struct upgrade_nic *nic)
{
	printf("%s of VM %s: no VF: ", nic->plan.vnic.nic, nic->vm->status.name);
	text_print_safe(nic->err.msg, stdout);
	printf(nic->err.refusal ? " [%s]\n" : "\n", nic->err.refusal);
}

static struct record *nic_record(const struct upgrade_nic *nic)
{
	struct record *record = vm_record(&nic->vm->status);

	record_put_bool(record, "upgraded", nic->done);
	if (nic->done) {
		nic_put(record, &nic->plan);
		return record;
	}
	record_put_str(record, "nic", nic->plan.vnic.nic);
	record_put_str(record, "profile", nic->plan.vnic.profile);
	record_put_str(record, "refusal", nic->err.refusal);
	record_put_str(record, "message", nic->err.msg);
	return record;
}

/* One NIC without its VF is a failure. */
static int print_upgraded(const struct verb_call *call, const struct upgrade *upgrade)
{
	struct record *list = call_has(call, "json") ? record_array() : NULL;
	int status = EXIT_GOOD, printed;

	for (size_t i = 0; i < upgrade->nic_count; i++) {
		const struct upgrade_nic *nic = upgrade->nics[i];

		if (!nic->done)
			status = err_status(&nic->err);
		if (list)
			record_add(list, nic_record(nic));
		else if (nic->done)
			nic_print(&nic->plan, &nic->vm->status);
		else
			print_reason(nic);
	}
	if (!upgrade->nic_count && !list)
		puts("no NIC of a running machine lacks its VF");
	printed = list ? call_print(call, "vfctl-vm-upgrade/1", "nics", list) : call_printed(call);
	return printed == EXIT_GOOD ? status : printed;
}

static int run_vm_upgrade(struct verb_call *call)
{
	CLEANUP(cleanup_host) struct host *host = NULL;
	CLEANUP(cleanup_hypervisor) struct hypervisor *hypervisor = NULL;
	CLEANUP(cleanup_upgrade) struct upgrade upgrade = { 0 };
	CLEANUP(cleanup_diagnostics) struct diagnostics notes = { 0 };
	struct upgrade_request request = {
		.vm = call->count ? call->args[0] : NULL, .limit_s = LIMIT_S, .wait_s = LOCK_WAIT_S
	};
	struct edit_request of = { .vm = request.vm };
	struct err err = { 0 };
	int rc = call_limits(call, &request.limit_s, &request.wait_s, &err);

	of.limit_s = request.limit_s;
	of.wait_s = request.wait_s;
	if (!rc)
		rc = call_machines(call, &host, &hypervisor, &err);
	if (!rc && !call_has(call, "plan"))
		edits_complete(host, &hypervisor, &of, &notes);
	if (!rc)
		rc = upgrade_plan(host, hypervisor, &request, &upgrade, &err);
	if (!rc && call_has(call, "plan")) {
		upgrade_steps(&upgrade, &notes);
		return steps_print(call, "vfctl-vm-upgrade-plan/1", &notes);
	}
	if (!rc)
		upgrade_run(host, &hypervisor, &upgrade, &notes);
	notes_print(&notes, "");
	return rc < 0 ? call_failed(call, &err) : print_upgraded(call, &upgrade);
}

static const struct flag flags_upgrade[] = {
	{ "timeout", 0, "S",
			"Wait at most S seconds for a guest to release a NIC, 60 if not given" },
	FLAG_PLAN,
	FLAG_WAIT,
	{ 0 },
};

const struct verb verbs_upgrade[] = {
	{ "vm upgrade", "[VM]", "Give VFs to NICs of running machines that run without one",
			"A NIC runs without a VF although its profile has passthrough where none was free when "
			"it was plugged in (a profile with fallback), or where the VF half of a failover pair is "
			"missing. Beside a standby the VF is plugged in, and the traffic never stops. A NIC on "
			"the bridge is unplugged first, which the guest has to permit, and comes again as a VF "
			"with the same name and MAC; if that fails, it comes back on the bridge.\n\nThe "
			"configuration is changed, too, where it has the NIC in the same form. For each NIC "
			"vfctl says which VF it has, or why none can be given.\n\nBefore that, what a vm edit "
			"that was killed has left is completed.",
			flags_upgrade, run_vm_upgrade },
	{ 0 },
};
