/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "checks/guest/course.h"
#include "netdev/netdev.h"
#include "sriov/vfs.h"

/* What the host has of a VF after vm1 has given it back. */

static enum verdict guest_lost_it(struct check_run *run, void *subject)
{
	struct course *course = subject;
	struct tenant *red = &course->tenants.red;
	struct guest_interface list[GUEST_INTERFACES];
	size_t count;

	if (guest_interfaces(red->guest, list, &count, &run->err) < 0)
		return check_broken(run, "vm1 does not list its interfaces");
	evidence_int(run, "interfaces", (int64_t)count, NULL);
	evidence_by_guest(run);
	evidence_int(run, "detach", (int64_t)(course->detach_s * 1000), "ms");
	return count == course->nics_before
			? VERDICT_PASS
			: check_fail(run, "vm1 still has %zu interfaces", count);
}

static enum verdict vf_is_back(struct check_run *run, void *subject)
{
	(void)run;
	return tenants_vf_is_back(
			&((struct course *)subject)->tenants, 0, "when vfctl detach has ended");
}

/* The VLAN, its priority and the MAC of before, as the wire shows them. */
static enum verdict vf_sends_as_before(struct check_run *run, void *subject)
{
	struct tenants *tenants = &((struct course *)subject)->tenants;
	struct dut *dut = tenants->dut;
	struct endpoint *vf = NULL;
	struct received received;
	char netdev[IFNAMSIZ];
	uint64_t token;
	struct bdf bdf;

	if (vf_find(dut->host, dut->pf, 0, &bdf, &run->err) < 0 ||
			function_wait_netdev(dut->host, bdf, 5000, netdev, sizeof(netdev),
					&run->err) < 0 ||
			netdev_set_up(dut->host, netdev, true, &run->err) < 0 ||
			endpoint_open(dut->host, dut->home_netns, dut->home_netns, netdev, &vf,
					&run->err) < 0)
		return check_broken(run, "the host cannot use VF 0");
	{
		struct burst burst = { .to = endpoint_mac(tenants->traffic.partner),
			.from = endpoint_mac(vf) };
		struct deadline deadline = dut_deadline(dut, 4000);
		int rc;

		dut_inject_faults(dut);
		/* Until the carrier of the VF is there, frames are lost. */
		do {
			rc = endpoint_send(vf, &burst, &token, &run->err);
			received = endpoint_receive(tenants->traffic.partner, token, BURST_FRAMES,
					dut_deadline(dut, 200));
		} while (!rc && !received.frames && deadline_left(deadline));
	}
	endpoint_close(vf);
	netdev_set_up(dut->host, netdev, false, NULL);
	evidence_text(run, "on the wire", "%u of %d frames, vlan %u priority %u", received.frames,
			BURST_FRAMES, received.tags ? received.outer.vlan : 0,
			received.outer.priority);
	if (!received.frames)
		return check_fail(run, "nothing that the host sends through VF 0 reaches the wire");
	if (!received.tags || received.outer.vlan != tenants->before[0].vlan ||
			received.outer.priority != tenants->before[0].qos)
		return check_fail(run,
				"frames have VLAN %u priority %u, and had VLAN %u priority %u "
				"before",
				received.tags ? received.outer.vlan : 0, received.outer.priority,
				tenants->before[0].vlan, tenants->before[0].qos);
	return VERDICT_PASS;
}

static enum verdict neighbour_keeps(struct check_run *run, void *subject)
{
	struct tenants *tenants = &((struct course *)subject)->tenants;

	(void)run;
	return tenant_is_connected(tenants, &tenants->blue, "while vm1 lost its VF");
}

char *course_xml(struct check_run *run, const char *vm)
{
	const char *const argv[] = { "virsh", "-q", "dumpxml", vm, NULL };
	struct call call = { 0 };

	if (program_call(run, argv, &call) < 0 || call.status) {
		call_end(&call);
		return NULL;
	}
	return call.output;
}

static enum verdict xml_as_before(struct check_run *run, void *subject)
{
	struct course *course = subject;
	CLEANUP(cleanup_free) char *now = course_xml(run, "vm1");

	if (!now || !course->xml_before)
		return check_broken(run, "the description of vm1 cannot be read");
	return strcmp(now, course->xml_before)
			? check_fail(run, "libvirt describes vm1 otherwise than before the attach")
			: VERDICT_PASS;
}

static enum verdict no_traces(struct check_run *run, void *subject)
{
	static const char *const folders[] = { "run/libvirt/hostdevmgr", "run/vfctl/reservations",
		"var/lib/vfctl/vnics" };
	const struct host *host = run->dut->host;

	(void)subject;
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		char **names = NULL;
		size_t count = 0, of_vm2 = 1;

		if (!host_exists(host, folders[i]))
			continue;
		if (host_names(host, folders[i], &names, &count, &run->err) < 0)
			return check_broken(run, "/%s cannot be read", folders[i]);
		host_names_free(names, count);
		evidence_int(run, folders[i], (int64_t)count, "files");
		if (count > of_vm2)
			return check_fail(run, "/%s has %zu files, and only vm2 has a VF",
					folders[i], count);
	}
	return VERDICT_PASS;
}

static enum verdict released_to_second(struct check_run *run, void *subject)
{
	struct tenants *tenants = &((struct course *)subject)->tenants;
	struct tenant *blue = &tenants->blue;
	enum verdict verdict;

	if (tenant_detach(tenants, blue) < 0)
		return check_fail(run, "vm2 does not give its VF back");
	blue->vf = 0;
	if (tenant_attach(tenants, blue) < 0)
		return check_fail(run, "the VF of vm1 cannot be given to vm2");
	verdict = tenant_is_connected(tenants, blue, "with the VF that vm1 had");
	if (verdict != VERDICT_PASS)
		return verdict;
	if (tenant_detach(tenants, blue) < 0)
		return check_fail(run, "vm2 does not give back the VF that vm1 had");
	return tenants_vf_is_back(tenants, 0, "when vm2 has given it back");
}

static enum verdict back_to_first(struct check_run *run, void *subject)
{
	struct tenants *tenants = &((struct course *)subject)->tenants;
	struct tenant *red = &tenants->red;
	enum verdict verdict;

	if (tenant_attach(tenants, red) < 0)
		return check_fail(run, "the VF cannot be given to vm1 again");
	verdict = tenant_is_connected(tenants, red, "with its former VF");
	if (tenant_detach(tenants, red) < 0)
		return check_fail(run, "vm1 does not give its VF back again");
	return verdict;
}

static enum verdict profile_is_free(struct check_run *run, void *subject)
{
	static const char *const args[] = { "profile", "remove", "red", NULL };
	CLEANUP(call_end) struct call call = { 0 };

	(void)subject;
	if (manager_call(run, args, &call) < 0)
		return check_broken(run, "vfctl profile cannot be called");
	return call.status ? check_fail(run, "the manager still uses the profile: %.200s",
					     call_last(&call))
			   : VERDICT_PASS;
}

const struct statement course_after_detach[] = {
	{ "guest.interface-gone", guest_lost_it },
	{ "guest.restores-all", vf_is_back },
	{ "guest.vf-sends-as-before", vf_sends_as_before },
	{ "guest.neighbour-undisturbed", neighbour_keeps },
	{ "guest.xml-as-before", xml_as_before },
	{ "guest.no-traces", no_traces },
	{ "guest.released-to-second", released_to_second },
	{ "guest.back-to-first", back_to_first },
	{ "guest.profile-free", profile_is_free },
};

const size_t course_after_detach_count = sizeof(course_after_detach) / sizeof(*course_after_detach);
