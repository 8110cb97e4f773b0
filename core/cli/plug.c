/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apply/lock.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/number.h"
#include "base/table.h"
#include "base/text.h"
#include "cli/cli.h"
#include "vm/attach.h"
#include "vm/detach.h"
#include "vm/start.h"

/* The verbs that plug NICs into virtual machines, and start machines with NICs. */

enum { LIMIT_S = 60 };

static int take_number(const struct verb_call *call, const char *flag, uint64_t min, uint64_t max,
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

static unsigned sides_of(const struct verb_call *call)
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

static int open_host(const struct verb_call *call, struct host **host,
		struct hypervisor **hypervisor, struct err *err)
{
	int rc = call_host(call, host, err);

	if (!rc)
		rc = check_changes(call, *host, err);
	return rc ? rc : hypervisor_open(*host, hypervisor, err);
}

static int print_steps(
		const struct verb_call *call, const char *schema, const struct diagnostics *steps)
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

/* --- attach ---------------------------------------------------------------------------------- */

/* One NIC, for people. */
static void print_nic(const struct nic_plan *nic, const struct domain_status *vm)
{
	for (size_t i = 0; i < nic->plug_count; i++) {
		const struct plug *plug = &nic->plugs[i];
		bool is_vf = plug->wanted.kind == NIC_HOSTDEV;

		printf("%s of VM %s: %s%s, MAC %s\n", nic->vnic.nic, vm->name,
				is_vf ? plug->vf.name : "bridge ", is_vf ? "" : plug->wanted.bridge,
				nic->vnic.mac);
	}
}

static void put_nic(struct record *record, const struct nic_plan *nic)
{
	record_put_str(record, "nic", nic->vnic.nic);
	record_put_str(record, "profile", nic->vnic.profile);
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

static struct record *record_of_vm(const struct domain_status *vm)
{
	struct record *record = record_object();

	record_put_str(record, "vm", vm->name);
	record_put_str(record, "uuid", vm->uuid);
	return record;
}

static int print_attached(const struct verb_call *call, const struct attach *attach)
{
	struct record *record;

	if (!call_has(call, "json")) {
		print_nic(&attach->nic, &attach->vm);
		return call_printed(call);
	}
	record = record_of_vm(&attach->vm);
	put_nic(record, &attach->nic);
	return call_print(call, "vfctl-attach/1", "vnic", record);
}

static int run_attach(struct verb_call *call)
{
	CLEANUP(cleanup_host) struct host *host = NULL;
	CLEANUP(cleanup_hypervisor) struct hypervisor *hypervisor = NULL;
	CLEANUP(cleanup_attach) struct attach attach = { 0 };
	CLEANUP(cleanup_diagnostics) struct diagnostics notes = { 0 };
	struct attach_request request = { .vm = call->args[0],
		.profile = call_value(call, "profile"),
		.nic = call_value(call, "nic"),
		.mac = call_value(call, "mac"),
		.vf = call_value(call, "vf"),
		.sides = sides_of(call),
		.wait_s = LOCK_WAIT_S };
	struct err err = { 0 };
	int boot = 0, rc;

	if (!request.profile)
		return call_misused(call, "give --profile: vfctl profile list shows all");
	rc = take_number(call, "boot", 1, 1000, &boot, &err);
	request.boot = (unsigned)boot;
	if (!rc)
		rc = take_number(call, "wait", 0, 86400, &request.wait_s, &err);
	if (!rc)
		rc = open_host(call, &host, &hypervisor, &err);
	if (!rc)
		rc = attach_plan(host, hypervisor, &request, &attach, &err);
	if (!rc && call_has(call, "plan")) {
		attach_steps(&attach, &notes);
		return print_steps(call, "vfctl-attach-plan/1", &notes);
	}
	if (!rc)
		rc = attach_run(host, &hypervisor, &attach, &notes, &err);
	notes_print(&notes, "");
	return rc < 0 ? call_failed(call, &err) : print_attached(call, &attach);
}

/* --- detach ---------------------------------------------------------------------------------- */

static int print_detached(const struct verb_call *call, const struct detach *detach)
{
	struct record *record;
	char text[BDF_TEXT];

	if (!call_has(call, "json")) {
		printf("%s of VM %s is gone%s%s%s\n", detach->nic, detach->vm.name,
				detach->has_vf ? "; " : "",
				detach->has_vf ? bdf_format(detach->vf, text) : "",
				!detach->has_vf                    ? ""
						: detach->reserved ? " is as it was before"
								   : " is free");
		return call_printed(call);
	}
	record = record_object();
	record_put_str(record, "vm", detach->vm.name);
	record_put_str(record, "nic", detach->nic);
	if (detach->has_vf)
		record_put_str(record, "vf", bdf_format(detach->vf, text));
	return call_print(call, "vfctl-detach/1", "vnic", record);
}

static int run_detach(struct verb_call *call)
{
	CLEANUP(cleanup_host) struct host *host = NULL;
	CLEANUP(cleanup_hypervisor) struct hypervisor *hypervisor = NULL;
	CLEANUP(cleanup_diagnostics) struct diagnostics notes = { 0 };
	struct detach_request request = { .vm = call->args[0],
		.nic = call->args[1],
		.sides = sides_of(call),
		.limit_s = LIMIT_S,
		.wait_s = LOCK_WAIT_S };
	struct detach detach = { 0 };
	struct err err = { 0 };
	int rc = take_number(call, "timeout", 1, 86400, &request.limit_s, &err);

	if (!rc)
		rc = take_number(call, "wait", 0, 86400, &request.wait_s, &err);
	if (!rc)
		rc = open_host(call, &host, &hypervisor, &err);
	if (!rc)
		rc = detach_plan(host, hypervisor, &request, &detach, &err);
	if (!rc && call_has(call, "plan")) {
		detach_steps(&detach, &notes);
		return print_steps(call, "vfctl-detach-plan/1", &notes);
	}
	if (!rc)
		rc = detach_run(host, &hypervisor, &detach, &notes, &err);
	notes_print(&notes, "");
	return rc < 0 ? call_failed(call, &err) : print_detached(call, &detach);
}

/* --- start ----------------------------------------------------------------------------------- */

enum { XML_LIMIT = 4 << 20 };

static bool is_file(const char *name)
{
	size_t length = strlen(name);

	return strchr(name, '/') || (length > 4 && !strcmp(name + length - 4, ".xml"));
}

/* What --nic asks for: PROFILE or NAME=PROFILE. */
struct wanted_nics {
	size_t count;
	char *texts[START_NICS_MOST];
	struct nic_request list[START_NICS_MOST];
};

static void cleanup_wanted_nics(struct wanted_nics *nics)
{
	for (size_t i = 0; i < nics->count; i++)
		free(nics->texts[i]);
}

static int read_nics(const struct verb_call *call, struct wanted_nics *nics, struct err *err)
{
	const char *value;

	while ((value = call_value_at(call, "nic", nics->count))) {
		char *text, *profile;

		if (nics->count == START_NICS_MOST)
			return err_set(err, EINVAL, "--nic can be given %d times", START_NICS_MOST);
		text = nics->texts[nics->count] = text_format("%s", value);
		profile = strchr(text, '=');
		if (profile)
			*profile++ = '\0';
		nics->list[nics->count++] =
				(struct nic_request){ .profile = profile ? profile : text,
					.nic = profile ? text : NULL };
	}
	return 0;
}

static int read_machine(
		const char *name, char **text, struct start_request *request, struct err *err)
{
	size_t length;
	int rc;

	if (!is_file(name)) {
		request->vm = name;
		return 0;
	}
	rc = file_read(AT_FDCWD, name, XML_LIMIT, text, &length, err);
	if (!rc)
		rc = file_check_text(name, *text, length, err);
	request->file = name;
	request->text = *text;
	return rc;
}

static int print_started(const struct verb_call *call, const struct start *start)
{
	struct record *record, *nics;

	if (!call_has(call, "json")) {
		printf("VM %s runs\n", start->vm.name);
		for (size_t i = 0; i < start->nic_count; i++)
			print_nic(&start->nics[i], &start->vm);
		return call_printed(call);
	}
	record = record_of_vm(&start->vm);
	nics = record_array();
	for (size_t i = 0; i < start->nic_count; i++) {
		struct record *nic = record_object();

		put_nic(nic, &start->nics[i]);
		record_add(nics, nic);
	}
	record_put(record, "nics", nics);
	return call_print(call, "vfctl-vm-start/1", "vm", record);
}

static int run_vm_start(struct verb_call *call)
{
	CLEANUP(cleanup_free) char *text = NULL;
	CLEANUP(cleanup_host) struct host *host = NULL;
	CLEANUP(cleanup_hypervisor) struct hypervisor *hypervisor = NULL;
	CLEANUP(cleanup_wanted_nics) struct wanted_nics nics = { 0 };
	CLEANUP(cleanup_start) struct start start = { 0 };
	CLEANUP(cleanup_diagnostics) struct diagnostics notes = { 0 };
	struct start_request request = { .wait_s = LOCK_WAIT_S };
	struct err err = { 0 };
	int rc = take_number(call, "wait", 0, 86400, &request.wait_s, &err);

	if (!rc)
		rc = read_nics(call, &nics, &err);
	request.nics = nics.list;
	request.nic_count = nics.count;
	if (!rc)
		rc = read_machine(call->args[0], &text, &request, &err);
	if (!rc)
		rc = open_host(call, &host, &hypervisor, &err);
	if (!rc)
		rc = start_plan(host, hypervisor, &request, &start, &err);
	if (!rc && call_has(call, "plan")) {
		start_steps(&start, &notes);
		return print_steps(call, "vfctl-vm-start-plan/1", &notes);
	}
	if (!rc)
		rc = start_run(host, &hypervisor, &start, &notes, &err);
	notes_print(&notes, "");
	return rc < 0 ? call_failed(call, &err) : print_started(call, &start);
}

#define FLAGS_SIDES                                                                       \
	{ "live", 0, NULL, "In the running machine" },                                    \
	{                                                                                 \
		"config", 0, NULL, "In the configuration, from which it starts next time" \
	}

#define FLAG_PLAN                                       \
	{                                               \
		"plan", 0, NULL, "Print the steps only" \
	}

static const struct flag flags_attach[] = {
	{ "profile", 0, "NAME", "The vNIC profile (vfctl profile list)" },
	{ "nic", 0, "NAME", "Name of the NIC, the first free one of nic1, nic2, ... if not given" },
	{ "mac", 0, "MAC", "Its MAC, a new one if not given" },
	{ "vf", 0, "VF", "This VF (eth0/3, 0000:01:10.6), or one of this card (eth0)" },
	{ "boot", 0, "N", "Place in the order in which the machine tries to boot, from 1" },
	FLAGS_SIDES,
	FLAG_PLAN,
	FLAG_WAIT,
	{ 0 },
};

static const struct flag flags_detach[] = {
	{ "timeout", 0, "S", "Wait at most S seconds for the guest, 60 if not given" },
	FLAGS_SIDES,
	FLAG_PLAN,
	FLAG_WAIT,
	{ 0 },
};

static const struct flag flags_start[] = {
	{ "nic", 0, "[NAME=]PROFILE",
			"Add a NIC as the vNIC profile says; can be given several times" },
	FLAG_PLAN,
	FLAG_WAIT,
	{ 0 },
};

const struct verb verbs_plug[] = {
	{ "vm start", "VM|FILE", "Start a virtual machine with its NICs",
			"VM is a stopped machine of libvirt; FILE (with a slash, or ending in .xml) is the XML of one "
			"that is gone when it ends. Each --nic gets what attach would give it, and VFs are chosen "
			"together: if there is a choice by which every NIC gets one, it is found. The VFs "
			"that the machine has in its configuration by an earlier attach are set and verified, "
			"too.\n\nNICs of --nic become part of the machine's configuration; nothing else in it "
			"changes. A machine from FILE on PCI Express (q35) gets root ports, so that as many NICs as "
			"have a VF, and one, can be plugged in while it runs.\n\nIt is all or nothing: if a step "
			"fails, vfctl ends the machine and undoes those before.",
			flags_start, run_vm_start },
	{ "attach", "VM", "Plug a NIC into a virtual machine, as a vNIC profile says",
			"A profile with passthrough gives a VF of a card that may carry the profile's network: "
			"one that nobody holds and that is alone in its IOMMU group, of the card with the most "
			"of them. The VF gets the MAC, the network's VLAN, and the profile's rates and trust, "
			"with the spoof check on. Any other profile gives a NIC on the network's bridge; one "
			"with failover gives both.\n\nWithout --live and --config, a running machine gets the "
			"NIC until it ends, and a stopped one in its configuration. It is all or nothing: if a "
			"step fails, vfctl undoes those before.",
			flags_attach, run_attach },
	{ "detach", "VM NIC", "Take a NIC from a virtual machine",
			"The guest has to release it. It is done when the VF is back: bound to the driver that "
			"it had before, with all the settings that it had before, and read back. The NIC is "
			"given by its name, its alias in libvirt, its MAC, or the address of its device.\n\nIf "
			"the guest does not react until the time is over, it keeps the NIC.",
			flags_detach, run_detach },
	{ 0 },
};
