/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>

#include "base/cleanup.h"
#include "base/name.h"
#include "base/text.h"
#include "checks/guest/course.h"
#include "checks/suites.h"
#include "drivers/drivers.h"
#include "sriov/vfs.h"

/* What guest and host have of VFs that are plugged in; the course of all events. */

static struct tenants *tenants_of(void *subject)
{
	return &((struct course *)subject)->tenants;
}

/* --- While both guests have a VF -------------------------------------------------------------- */

static enum verdict driven_by_guest(struct check_run *run, void *subject)
{
	struct tenants *tenants = tenants_of(subject);
	const struct guest_interface *nic = &tenants->red.nic;
	char mac[MAC_TEXT];

	evidence_int(run, "attach until the guest has a carrier",
			(int64_t)(((struct course *)subject)->attach_s * 1000), "ms");
	evidence_text(run, "interface", "%s, %s, driver %s", nic->name, mac_format(nic->mac, mac),
			nic->driver);
	evidence_by_guest(run);
	if (!*nic->driver)
		return check_fail(run, "no driver of vm1 drives the VF");
	return nic->carrier ? VERDICT_PASS : check_fail(run, "the interface of vm1 has no carrier");
}

static enum verdict has_one_more(struct check_run *run, void *subject)
{
	struct course *course = subject;
	struct guest_interface list[GUEST_INTERFACES];
	size_t count;

	if (guest_interfaces(course->tenants.red.guest, list, &count, &run->err) < 0)
		return check_broken(run, "vm1 does not list its interfaces");
	evidence_int(run, "interfaces", (int64_t)count, NULL);
	evidence_by_guest(run);
	if (count != course->nics_before + 1)
		return check_fail(run, "vm1 has %zu interfaces, and had %u", count,
				course->nics_before);
	return VERDICT_PASS;
}

static enum verdict settings_hold(struct check_run *run, void *subject)
{
	struct tenants *tenants = tenants_of(subject);
	const struct tenant *both[] = { &tenants->red, &tenants->blue };
	char text[300];

	for (size_t i = 0; i < 2; i++) {
		const struct vf_settings want = tenant_settings(both[i]);

		if (tenants_compare(tenants, both[i]->vf, &want, text, sizeof(text)) < 0)
			return check_broken(
					run, "the settings of VF %u cannot be read", both[i]->vf);
		if (*text)
			return check_fail(run, "VF %u of %s: %s", both[i]->vf, both[i]->vm, text);
	}
	return VERDICT_PASS;
}

static enum verdict others_untouched(struct check_run *run, void *subject)
{
	struct tenants *tenants = tenants_of(subject);
	char text[300];

	for (unsigned vf = 2; vf < TENANT_VFS; vf++) {
		if (tenants_compare(tenants, vf, &tenants->before[vf], text, sizeof(text)) < 0)
			return check_broken(run, "the settings of VF %u cannot be read", vf);
		if (*text)
			return check_fail(run, "VF %u, which no guest has: %s", vf, text);
	}
	return VERDICT_PASS;
}

static enum verdict on_vfio(struct check_run *run, void *subject)
{
	struct tenants *tenants = tenants_of(subject);
	const struct dut *dut = tenants->dut;
	char driver[NAME_ROOM] = "", group[NAME_ROOM] = "";
	CLEANUP(cleanup_free) char *path = NULL;
	CLEANUP(cleanup_fd) int fd = -1;
	struct bdf bdf;

	if (vf_find(dut->host, dut->pf, tenants->red.vf, &bdf, &run->err) < 0)
		return check_broken(run, "VF %u cannot be found", tenants->red.vf);
	function_link(dut->host, bdf, "driver", driver, sizeof(driver));
	function_link(dut->host, bdf, "iommu_group", group, sizeof(group));
	path = text_format("dev/vfio/%s", group);
	fd = host_open_file(dut->host, path, O_RDWR);
	evidence_text(run, "driver", "%s", *driver ? driver : "none");
	evidence_text(run, "its group", "%s", fd == -EBUSY ? "is open" : "is not open");
	if (driver_handover(driver) != HANDOVER_VFIO)
		return check_fail(
				run, "the VF of vm1 has the driver %s", *driver ? driver : "none");
	return fd == -EBUSY ? VERDICT_PASS : check_fail(run, "no process has the VF of vm1 open");
}

/* The request is refused because the VF is in use, and nothing changes. */
static enum verdict refused_in_use(struct check_run *run, struct tenants *tenants,
		const char *const args[], const char *what)
{
	CLEANUP(call_end) struct call call = { 0 };
	const struct vf_settings want = tenant_settings(&tenants->red);
	char text[300];

	if (manager_call(run, args, &call) < 0)
		return check_broken(run, "vfctl %s cannot be called", args[0]);
	evidence_text(run, what, "status %d: %.200s", call.status, call_last(&call));
	if (!call.status)
		return check_fail(run, "vfctl %s succeeds: %s", args[0], what);
	if (!strstr(call.output, "vm1"))
		return check_fail(run, "vfctl %s does not name vm1: %.200s", args[0],
				call_last(&call));
	if (tenants_compare(tenants, tenants->red.vf, &want, text, sizeof(text)) < 0)
		return check_broken(run, "the settings of the VF cannot be read");
	return *text ? check_fail(run, "after it was refused, %s", text) : VERDICT_PASS;
}

static enum verdict count_refused(struct check_run *run, void *subject)
{
	struct tenants *tenants = tenants_of(subject);
	const char *const args[] = { "set", tenants->dut->pf_netdev, "--vfs", "2", NULL };

	return refused_in_use(run, tenants, args, "another number of VFs");
}

static enum verdict settings_refused(struct check_run *run, void *subject)
{
	struct tenants *tenants = tenants_of(subject);
	const char *const args[] = { "vf", tenants->dut->pf_netdev, "0", "--vlan", "77", NULL };

	return refused_in_use(run, tenants, args, "another VLAN");
}

static enum verdict second_guest_refused(struct check_run *run, void *subject)
{
	struct tenants *tenants = tenants_of(subject);
	CLEANUP(cleanup_free) char *vf = text_format("%s/0", tenants->dut->pf_netdev);
	const char *const args[] = { "attach", "vm2", "--profile", "blue", "--vf", vf, NULL };

	return refused_in_use(run, tenants, args, "the same VF for vm2");
}

static enum verdict shown_by_name(struct check_run *run, void *subject)
{
	struct tenants *tenants = tenants_of(subject);
	const char *const args[] = { "show", tenants->dut->pf_netdev, NULL };
	CLEANUP(call_end) struct call call = { 0 };

	if (manager_call(run, args, &call) < 0 || call.status)
		return check_broken(run, "vfctl show cannot be called");
	if (!strstr(call.output, "vm1/nic1") || !strstr(call.output, "vm2/nic1"))
		return check_fail(run, "vfctl show does not say which NICs have the VFs");
	return VERDICT_PASS;
}

/* VFIO pins all memory of the guest. */
static enum verdict memory_can_be_locked(struct check_run *run, void *subject)
{
	static const char *const argv[] = { "sh", "-c",
		"p=$(pidof -s qemu-system-x86_64) && grep '^Max locked memory' /proc/$p/limits && "
		"grep '^VmPin\\|^VmLck' /proc/$p/status",
		NULL };
	CLEANUP(call_end) struct call call = { 0 };
	const char *limit;

	(void)subject;
	if (program_call(run, argv, &call) < 0 || call.status)
		return check_broken(run, "the limits of QEMU cannot be read");
	limit = strstr(call.output, "memory");
	limit = limit ? limit + strlen("memory") : "";
	evidence_text(run, "limit of locked memory", "%.60s", limit + strspn(limit, " "));
	if (strtoull(limit, NULL, 10) < 160ull << 20 && !strstr(limit, "unlimited"))
		return check_fail(run, "QEMU may lock less memory than the guest has");
	return VERDICT_PASS;
}

static enum verdict survives_pause(struct check_run *run, void *subject)
{
	struct tenants *tenants = tenants_of(subject);
	const char *const suspend[] = { "virsh", "-q", "suspend", "vm1", NULL };
	const char *const resume[] = { "virsh", "-q", "resume", "vm1", NULL };

	if (tenants_run(tenants, suspend) < 0 || tenants_run(tenants, resume) < 0)
		return check_broken(run, "vm1 cannot be paused");
	return tenant_is_connected(tenants, &tenants->red, "after a pause");
}

static enum verdict save_refused(struct check_run *run, void *subject)
{
	struct tenants *tenants = tenants_of(subject);
	static const char *const argv[] = { "virsh", "-q", "save", "vm1", "/run/vm1.saved", NULL };
	CLEANUP(call_end) struct call call = { 0 };

	if (program_call(run, argv, &call) < 0)
		return check_broken(run, "virsh cannot be called");
	evidence_text(run, "save", "status %d: %.200s", call.status, call_last(&call));
	if (!call.status)
		return check_fail(run,
				"a guest with a VF was saved, and a VF has state that "
				"cannot be saved");
	return tenant_is_connected(tenants, &tenants->red, "after the save was refused");
}

static enum verdict driver_comes_back(struct check_run *run, void *subject)
{
	struct tenants *tenants = tenants_of(subject);

	if (guest_unload(tenants->red.guest, "igbvf", &run->err) < 0 ||
			guest_load(tenants->red.guest, "igbvf", &run->err) < 0)
		return check_broken(run, "vm1 cannot reload its driver");
	if (tenant_await_nic(tenants, &tenants->red) < 0)
		return check_fail(run, "the driver of vm1 does not find its VF again");
	return tenant_is_connected(tenants, &tenants->red, "after the driver was reloaded");
}

static enum verdict mac_cannot_be_changed(struct check_run *run, void *subject)
{
	struct tenants *tenants = tenants_of(subject);
	const struct vf_settings want = tenant_settings(&tenants->red);
	struct mac other = tenants->blue.mac;
	struct err refused = { 0 };
	char text[300];

	other.octet[5] ^= 0x40;
	guest_set_mac(tenants->red.guest, tenants->red.nic.name, other, &refused);
	evidence_text(run, "in the guest", "%s", refused.code ? refused.msg : "accepted");
	evidence_by_guest(run);
	if (!refused.code)
		guest_set_mac(tenants->red.guest, tenants->red.nic.name, tenants->red.mac, NULL);
	if (tenants_compare(tenants, 0, &want, text, sizeof(text)) < 0)
		return check_broken(run, "the settings of VF 0 cannot be read");
	if (*text)
		return check_fail(run, "the guest changed what the host had set: %s", text);
	return tenant_is_connected(tenants, &tenants->red, "after an attempt to change the MAC");
}

static const struct statement while_plugged[] = {
	{ "guest.driven", driven_by_guest },
	{ "guest.one-interface-more", has_one_more },
	{ "guest.settings-hold", settings_hold },
	{ "guest.other-vfs-untouched", others_untouched },
	{ "guest.vfio-bound", on_vfio },
	{ "guest.count-refused", count_refused },
	{ "guest.settings-refused", settings_refused },
	{ "guest.second-guest-refused", second_guest_refused },
	{ "guest.shown-by-name", shown_by_name },
	{ "guest.memory-lockable", memory_can_be_locked },
	{ "guest.confined", qemu_is_confined },
	{ "guest.survives-pause", survives_pause },
	{ "guest.save-refused", save_refused },
	{ "guest.driver-reloaded", driver_comes_back },
	{ "guest.mac-fixed", mac_cannot_be_changed },
};

/* --- The course --------------------------------------------------------------------------------- */

static void course_end(struct course *course)
{
	tenants_close(&course->tenants);
	free(course->xml_before);
}

static enum verdict run_course(struct check_run *run)
{
	CLEANUP(course_end) struct course course = { .xml_before = NULL };
	struct tenants *tenants = &course.tenants;
	struct guest_interface list[GUEST_INTERFACES];
	int64_t began_us;
	size_t count;

	if (tenants_open(run, tenants) < 0)
		return check_broken(run, "the host of the guests cannot be set up");
	course.xml_before = course_xml(run, "vm1");
	if (guest_interfaces(tenants->red.guest, list, &count, &run->err) < 0)
		return check_broken(run, "vm1 does not list its interfaces");
	course.nics_before = (unsigned)count;
	began_us = clock_us();
	if (tenant_attach(tenants, &tenants->red) < 0)
		return check_fail(run, "vm1 does not get its VF");
	course.attach_s = (double)(clock_us() - began_us) / 1e6;
	if (tenant_attach(tenants, &tenants->blue) < 0)
		return check_fail(run, "vm2 does not get its VF");
	session_try(run, course_frames, course_frames_count, &course);
	session_try(run, while_plugged, sizeof(while_plugged) / sizeof(*while_plugged), &course);
	began_us = clock_us();
	if (tenant_detach(tenants, &tenants->red) < 0)
		return check_fail(run, "vm1 does not give its VF back");
	course.detach_s = (double)(clock_us() - began_us) / 1e6;
	session_try(run, course_after_detach, course_after_detach_count, &course);
	return VERDICT_PASS;
}

static const struct check course_of_guests = {
	.id = "guest.course",
	.needs = NEED_GUESTS | NEED_WIRE | NEED_VF_SETTINGS,
	.timeout_s = 120,
	.fn = run_course,
};

#define STATEMENT(name, says, because)                                                          \
	{                                                                                       \
		.id = "guest." name, .title = says, .why = because,                             \
		.needs = NEED_GUESTS | NEED_WIRE | NEED_VF_SETTINGS, .step = &course_of_guests, \
		.timeout_s = 5, .fn = session_verdict                                           \
	}

const struct check suite_guest_plug[] = {
	STATEMENT("driven", "The guest's own driver drives the VF, with carrier",
			"A VF that the guest's driver does not take is no NIC."),
	STATEMENT("one-interface-more", "A plugged VF is one interface more in the guest",
			"The guest configures the wrong interface."),
	STATEMENT("leaves-tagged", "What a guest sends is in its network's VLAN on the wire",
			"The guest is in no network, or in that of others."),
	STATEMENT("arrives-untagged", "What the wire sends in its VLAN reaches the guest untagged",
			"The guest receives nothing, or must know a VLAN that is not its affair."),
	STATEMENT("untagged-stays-out", "A guest hears no untagged frames of the wire",
			"It hears the network of the host."),
	STATEMENT("foreign-vlan-stays-out", "A guest hears nothing of another tenant's VLAN",
			"Tenants read each other's traffic."),
	STATEMENT("foreign-mac-stays-out", "A guest hears no unicast to others of its VLAN",
			"Members of a network read each other's traffic."),
	STATEMENT("broadcast-arrives", "Broadcasts of its VLAN reach the guest",
			"The guest finds no neighbours (ARP)."),
	STATEMENT("spoofed-mac-dropped", "A guest cannot send under another's MAC",
			"It takes over the traffic of another guest."),
	STATEMENT("own-tag-contained", "A guest cannot leave its VLAN by a tag of its own",
			"It reaches the networks of other tenants."),
	STATEMENT("tenants-apart",
			"Guests in different networks do not hear each other on the card",
			"The card's own switch connects what the VLANs separate."),
	STATEMENT("full-frames", "Frames of full size pass in both directions",
			"Small packets work, and transfers hang."),
	STATEMENT("settings-hold",
			"MAC, VLAN, rate, spoof check and trust are those of the profile",
			"libvirt sets MAC and VLAN alone; the rest is the manager's."),
	STATEMENT("other-vfs-untouched", "Plugging changes no other VF",
			"Another tenant loses its VLAN or its MAC."),
	STATEMENT("vfio-bound", "A plugged VF is bound to VFIO, and a process has it open",
			"The host still drives what the guest drives."),
	STATEMENT("count-refused", "The number of VFs cannot be changed under a guest",
			"The guest loses its VF, and QEMU hangs."),
	STATEMENT("settings-refused", "The settings of a guest's VF cannot be changed by accident",
			"The guest is moved to another network."),
	STATEMENT("second-guest-refused", "No second guest gets a VF that one has",
			"Both fail, at best."),
	STATEMENT("shown-by-name", "The manager says which NIC of which guest has a VF",
			"An administrator cannot find out whom a change would hit."),
	STATEMENT("memory-lockable", "QEMU may lock all memory of a guest with a VF",
			"VFIO cannot map the guest's memory: the plug fails under load."),
	{ .id = "guest.confined",
			.title = "QEMU with a VF has a user of its own and is confined by AppArmor",
			.why = "Who breaks out of a guest has the host.",
			.needs = NEED_GUESTS | NEED_WIRE | NEED_VF_SETTINGS | NEED_SYSTEMD,
			.step = &course_of_guests,
			.timeout_s = 5,
			.fn = session_verdict },
	STATEMENT("survives-pause", "The VF works after the guest was paused",
			"A backup or a snapshot costs the guest its network."),
	STATEMENT("save-refused", "A guest with a VF is not saved, and keeps its VF",
			"It wakes up with a VF without state."),
	STATEMENT("driver-reloaded", "The VF works after the guest reloaded its driver",
			"An update of the guest's kernel costs it its network."),
	STATEMENT("mac-fixed", "A guest cannot change the MAC that the host has set",
			"It takes the address of another guest."),
	STATEMENT("interface-gone", "After a detach the guest has the interface no longer",
			"The guest uses a VF that another may have by now."),
	STATEMENT("restores-all",
			"A detach puts back driver and all settings of the VF, and nobody has it open",
			"libvirt puts back MAC and VLAN id alone: priority, trust, rate and spoof check of the "
			"last tenant stay."),
	STATEMENT("vf-sends-as-before", "After a detach the host sends through the VF as before",
			"The VF looks as before, and its frames have another VLAN or priority."),
	STATEMENT("neighbour-undisturbed", "Plugging and unplugging one guest disturbs no other",
			"Each change costs other tenants frames."),
	STATEMENT("xml-as-before", "After a detach libvirt describes the guest as before",
			"What remains is started, saved and migrated with it."),
	STATEMENT("no-traces", "A detach leaves no file of the attach",
			"The next VF of that number gets settings of a former one."),
	STATEMENT("released-to-second", "A VF that one guest has released works at once in another",
			"The pool of VFs shrinks with each use."),
	STATEMENT("back-to-first", "A guest can have its former VF again",
			"The pool of VFs shrinks with each use."),
	STATEMENT("profile-free", "After the last detach the profile is in use no longer",
			"It can never be changed again."),
	{ 0 },
};
