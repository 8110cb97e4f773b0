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
#include "cli/machine.h"
#include "vm/attach.h"
#include "vm/detach.h"
#include "vm/start.h"

/* The verbs that plug NICs into virtual machines, and start machines with NICs. */

/* --- attach ---------------------------------------------------------------------------------- */

static int print_attached(const struct verb_call *call, const struct attach *attach)
{
	struct record *record;

	if (!call_has(call, "json")) {
		nic_print(&attach->nic, &attach->vm);
		return call_printed(call);
	}
	record = vm_record(&attach->vm);
	nic_put(record, &attach->nic);
	record_put_str(record, "pool", call_value(call, "pool"));
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
		.pool = call_value(call, "pool"),
		.device = call_value(call, "device"),
		.portgroup = call_value(call, "portgroup"),
		.nic = call_value(call, "nic"),
		.mac = call_value(call, "mac"),
		.vf = call_value(call, "vf"),
		.sides = call_sides(call),
		.wait_s = LOCK_WAIT_S };
	struct err err = { 0 };
	int boot = 0, vlan = 0, rc;

	if (!request.profile + !request.pool + !request.device != 2)
		return call_misused(call,
				"give one of --profile, --pool and --device: vfctl profile list "
				"shows all profiles");
	if ((request.portgroup && !request.pool) || (call_has(call, "vlan") && !request.device) ||
			(request.vf && request.device))
		return call_misused(call,
				"--portgroup is for --pool, --vlan for --device, and --vf for the "
				"others");
	rc = call_take_number(call, "boot", 1, 1000, &boot, &err);
	if (!rc)
		rc = call_take_number(call, "vlan", 0, 4094, &vlan, &err);
	request.boot = (unsigned)boot;
	request.vlan = (unsigned)vlan;
	if (!rc)
		rc = call_take_number(call, "wait", 0, 86400, &request.wait_s, &err);
	if (!rc)
		rc = call_machines(call, &host, &hypervisor, &err);
	if (!rc)
		rc = attach_plan(host, hypervisor, &request, &attach, &err);
	if (!rc && call_has(call, "plan")) {
		attach_steps(&attach, &notes);
		return steps_print(call, "vfctl-attach-plan/1", &notes);
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
		.sides = call_sides(call),
		.limit_s = LIMIT_S,
		.wait_s = LOCK_WAIT_S };
	struct detach detach = { 0 };
	struct err err = { 0 };
	int rc = call_limits(call, &request.limit_s, &request.wait_s, &err);

	if (!rc)
		rc = call_machines(call, &host, &hypervisor, &err);
	if (!rc)
		rc = detach_plan(host, hypervisor, &request, &detach, &err);
	if (!rc && call_has(call, "plan")) {
		detach_steps(&detach, &notes);
		return steps_print(call, "vfctl-detach-plan/1", &notes);
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
			nic_print(&start->nics[i], &start->vm);
		return call_printed(call);
	}
	record = vm_record(&start->vm);
	nics = record_array();
	for (size_t i = 0; i < start->nic_count; i++) {
		struct record *nic = record_object();

		nic_put(nic, &start->nics[i]);
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
	int rc = call_take_number(call, "wait", 0, 86400, &request.wait_s, &err);

	if (!rc)
		rc = read_nics(call, &nics, &err);
	request.nics = nics.list;
	request.nic_count = nics.count;
	if (!rc)
		rc = read_machine(call->args[0], &text, &request, &err);
	if (!rc)
		rc = call_machines(call, &host, &hypervisor, &err);
	if (!rc)
		rc = start_plan(host, hypervisor, &request, &start, &err);
	if (!rc && call_has(call, "plan")) {
		start_steps(&start, &notes);
		return steps_print(call, "vfctl-vm-start-plan/1", &notes);
	}
	if (!rc)
		rc = start_run(host, &hypervisor, &start, &notes, &err);
	notes_print(&notes, "");
	return rc < 0 ? call_failed(call, &err) : print_started(call, &start);
}

static const struct flag flags_attach[] = {
	{ "profile", 0, "NAME", "The vNIC profile (vfctl profile list)" },
	{ "pool", 0, "NAME", "A VF of this pool of libvirt (virsh net-list), with its VLAN" },
	{ "portgroup", 0, "NAME", "The port group of the pool, its default one if not given" },
	{ "device", 0, "VF", "This VF (eth0/3, 0000:01:10.6), without a profile" },
	{ "vlan", 0, "N", "The VLAN of --device, none if not given" },
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
	{ "attach", "VM", "Plug a NIC into a virtual machine: by profile, pool or device",
			"A profile with passthrough gives a VF of a card that may carry the profile's network: "
			"one that nobody holds and that is alone in its IOMMU group, of the card with the most "
			"of them. The VF gets the MAC, the network's VLAN, and the profile's rates and trust, "
			"with the spoof check on. Any other profile gives a NIC on the network's bridge; one "
			"with failover gives both.\n\n--pool gives a VF of a network of libvirt with <forward "
			"mode='hostdev'>, in the VLAN of its port group. vfctl chooses the VF and holds it, since "
			"libvirt's own choice looks at the machines of this one pool alone, and may fall on a VF "
			"that another holds. --device gives the VF that you name. Neither has a profile: the spoof "
			"check is on, trust off, no rate set, and the NIC is for the running machine.\n\nWithout --live and --config, a running machine gets the "
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
