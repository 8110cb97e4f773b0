/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/machine.h"

#include <stdio.h>

#include "apply/lock.h"
#include "base/cleanup.h"
#include "base/number.h"
#include "base/table.h"
#include "vm/edit_mark.h"

int call_take_number(const struct verb_call *call, const char *flag, uint64_t min, uint64_t max,
		int *number, struct err *err)
{
	const char *text = call_value(call, flag);
	uint64_t value;

	if (!text)
		return 0;
	if (number_parse(text, min, max, &value) < 0)
		return err_set(err, EINVAL, "--%s takes a number from %llu to %llu, not '%s'", flag,
				(unsigned long long)min, (unsigned long long)max, text);
	*number = (int)value;
	return 0;
}

int call_limits(const struct verb_call *call, int *limit_s, int *wait_s, struct err *err)
{
	int rc = call_take_number(call, "timeout", 1, 86400, limit_s, err);

	return rc ? rc : call_take_number(call, "wait", 0, 86400, wait_s, err);
}

unsigned call_sides(const struct verb_call *call)
{
	return (call_has(call, "live") ? DOMAIN_LIVE : 0) |
			(call_has(call, "config") ? DOMAIN_CONFIG : 0);
}

/* Refuses a recorded tree before anything else does. */
static int check_changes(const struct verb_call *call, const struct host *host, struct err *err)
{
	CLEANUP(cleanup_fd) int lock = -1;

	return call_has(call, "plan") ? 0 : call_lock(call, host, &lock, err);
}

/* The next verb does it, if another is at work now. */
static void settle_machines(const struct verb_call *call, const struct host *host,
		struct hypervisor *hypervisor)
{
	CLEANUP(cleanup_diagnostics) struct diagnostics notes = { 0 };
	CLEANUP(cleanup_fd) int lock = -1;

	if (lock_take(host, call->verb->name, 0, &lock, NULL) < 0)
		return;
	vnics_settle(host, hypervisor);
	edit_marks_settle(host, hypervisor, &notes);
	notes_print(&notes, "");
}

int call_machines(const struct verb_call *call, struct host **host, struct hypervisor **hypervisor,
		struct err *err)
{
	int rc = call_host(call, host, err);

	if (!rc)
		rc = check_changes(call, *host, err);
	if (!rc)
		rc = hypervisor_open(*host, hypervisor, err);
	if (!rc && !call_has(call, "plan"))
		settle_machines(call, *host, *hypervisor);
	return rc;
}

int steps_print(const struct verb_call *call, const char *schema, const struct diagnostics *steps)
{
	struct record *list = record_array();

	for (size_t i = 0; i < steps->count; i++) {
		record_add_str(list, steps->lines[i]);
		if (call_has(call, "json"))
			continue;
		text_print_safe(steps->lines[i], stdout);
		putchar('\n');
	}
	if (call_has(call, "json"))
		return call_print(call, schema, "steps", list);
	record_free(list);
	return call_printed(call);
}

void nic_print(const struct nic_plan *nic, const struct domain_status *vm)
{
	for (size_t i = 0; i < nic->plug_count; i++) {
		const struct plug *plug = &nic->plugs[i];
		bool is_vf = plug->wanted.kind == NIC_HOSTDEV;

		printf("%s of VM %s: %s%s, MAC %s\n", nic->vnic.nic, vm->name,
				is_vf ? plug->vf.name : "bridge ", is_vf ? "" : plug->wanted.bridge,
				nic->vnic.mac);
	}
}

void nic_put(struct record *record, const struct nic_plan *nic)
{
	record_put_str(record, "nic", nic->vnic.nic);
	record_put_str(record, "profile", *nic->vnic.profile ? nic->vnic.profile : NULL);
	record_put_str(record, "mac", nic->vnic.mac);
	record_put_bool(record, "fell_back", nic->fell_back);
	for (size_t i = 0; i < nic->plug_count; i++) {
		const struct plug *plug = &nic->plugs[i];
		char text[BDF_TEXT];

		if (plug->wanted.kind == NIC_HOSTDEV) {
			record_put_str(record, "pf", bdf_format(plug->vf.pf, text));
			record_put_int(record, "index", plug->vf.index);
			record_put_str(record, "vf", bdf_format(plug->vf.vf, text));
		} else {
			record_put_str(record, "bridge", plug->wanted.bridge);
		}
	}
}

struct record *vm_record(const struct domain_status *vm)
{
	struct record *record = record_object();

	record_put_str(record, "vm", vm->name);
	record_put_str(record, "uuid", vm->uuid);
	return record;
}
