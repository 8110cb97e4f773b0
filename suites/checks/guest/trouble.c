/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "checks/guest/tenants.h"
#include "checks/suites.h"
#include "host/host_file.h"
#include "sriov/vfs.h"

/* Attach and detach where something is in the way. Whatever happens, the VF is the guest's or as before. */

enum { ROUNDS = 5, MANY_ROUNDS = 100 };

static enum verdict open_failed(struct check_run *run)
{
	return check_broken(run, "the host of the guests cannot be set up");
}

/* An attach must fail with WORDS, and change nothing. */
static enum verdict attach_refused(struct tenants *tenants, const char *words)
{
	struct check_run *run = tenants->run;
	CLEANUP(call_end) struct call call = { 0 };

	if (tenant_call_attach(tenants, &tenants->red, &call) < 0)
		return check_broken(run, "vfctl attach cannot be called");
	evidence_text(run, "attach", "status %d: %.200s", call.status, call_last(&call));
	if (!call.status) {
		memcpy(tenants->red.nic.name, "?", 2); /* to be taken back */
		return check_fail(run, "the attach succeeds");
	}
	if (!strstr(call.output, words))
		return check_fail(run, "the attach does not say \"%s\": %.200s", words,
				call_last(&call));
	return tenants_vf_is_back(tenants, 0, "after the refused attach");
}

static enum verdict host_use_refused(struct check_run *run)
{
	CLEANUP(tenants_close) struct tenants tenants = { 0 };
	char netdev[IFNAMSIZ];
	enum verdict verdict;
	struct bdf bdf;

	if (tenants_open(run, &tenants) < 0)
		return open_failed(run);
	if (vf_find(run->dut->host, run->dut->pf, 0, &bdf, &run->err) < 0 ||
			function_wait_netdev(run->dut->host, bdf, 5000, netdev, sizeof(netdev),
					&run->err) < 0 ||
			netdev_set_up(run->dut->host, netdev, true, &run->err) < 0)
		return check_broken(run, "the host cannot use VF 0");
	verdict = attach_refused(&tenants, netdev);
	netdev_set_up(run->dut->host, netdev, false, NULL);
	return verdict;
}

static enum verdict allowlist_holds(struct check_run *run)
{
	static const char text[] = "[Match]\nPath=%s\n\n[Allow]\nAll=no\nNetworks=blue\n";
	CLEANUP(tenants_close) struct tenants tenants = { 0 };
	CLEANUP(cleanup_free) char *allow = NULL;
	char bdf[BDF_TEXT];

	if (tenants_open(run, &tenants) < 0)
		return open_failed(run);
	allow = text_format(text, bdf_format(run->dut->pf, bdf));
	if (host_folder_create(run->dut->host, "etc/vfctl/allow", &run->err) < 0 ||
			host_file_write(run->dut->host, "etc/vfctl/allow/card.allow", allow,
					strlen(allow), &run->err) < 0)
		return check_broken(run, "the allowlist cannot be written");
	return attach_refused(&tenants, "may not carry red");
}

static enum verdict pf_down_refused(struct check_run *run)
{
	CLEANUP(tenants_close) struct tenants tenants = { 0 };
	enum verdict verdict;

	if (tenants_open(run, &tenants) < 0)
		return open_failed(run);
	if (netdev_set_up(run->dut->host, run->dut->pf_netdev, false, &run->err) < 0)
		return check_broken(run, "the PF cannot be set down");
	verdict = attach_refused(&tenants, "ip link set");
	netdev_set_up(run->dut->host, run->dut->pf_netdev, true, NULL);
	return verdict;
}

static enum verdict taken_mac_refused(struct check_run *run)
{
	CLEANUP(tenants_close) struct tenants tenants = { 0 };
	struct mac mac;
	enum verdict verdict;

	if (tenants_open(run, &tenants) < 0)
		return open_failed(run);
	if (tenant_attach(&tenants, &tenants.blue) < 0)
		return check_fail(run, "vm2 does not get its VF");
	mac = tenants.red.mac;
	tenants.red.mac = tenants.blue.mac;
	verdict = attach_refused(&tenants, "nic1 of VM vm2");
	tenants.red.mac = mac;
	return verdict;
}

enum { FILLER_VF = 3 };

/* Fills the card's table of VLANs through the VLANs of a VF, as another tenant can: then libvirt cannot put
 * the VF into one. */
static int fill_vlan_table(struct tenants *tenants, char filler[IFNAMSIZ])
{
	static const struct vf_settings free_vlan = { .given = VF_VLAN };
	const char *const add[] = { "sh", "-c",
		"for i in $(seq 1001 1032); do echo \"link add link $1 name full$i type vlan id $i\"; "
		"done >/tmp/full; ip -force -batch /tmp/full 2>/dev/null; true",
		"sh", filler, NULL };
	struct dut *dut = tenants->dut;
	struct err *err = &tenants->run->err;
	struct bdf bdf;
	int rc = vf_change_settings(dut->host, dut->pf, FILLER_VF, &free_vlan, err);

	if (!rc)
		rc = vf_find(dut->host, dut->pf, FILLER_VF, &bdf, err);
	if (!rc)
		rc = function_wait_netdev(dut->host, bdf, 5000, filler, IFNAMSIZ, err);
	if (!rc)
		rc = netdev_set_up(dut->host, filler, true, err);
	return rc ? rc : tenants_run(tenants, add);
}

static void empty_vlan_table(struct tenants *tenants, const char *filler)
{
	static const char *const drop[] = { "sh", "-c",
		"for i in $(seq 1001 1032); do echo \"link del full$i\"; done >/tmp/full; "
		"ip -force -batch /tmp/full 2>/dev/null; rm /tmp/full",
		NULL };

	tenants_run(tenants, drop);
	netdev_set_up(tenants->dut->host, filler, false, NULL);
}

static enum verdict failed_attach_is_clean(struct check_run *run)
{
	CLEANUP(tenants_close) struct tenants tenants = { 0 };
	CLEANUP(call_end) struct call attach = { 0 };
	char filler[IFNAMSIZ] = "";
	enum verdict verdict;

	if (tenants_open(run, &tenants) < 0)
		return open_failed(run);
	if (fill_vlan_table(&tenants, filler) < 0 ||
			tenant_call_attach(&tenants, &tenants.red, &attach) < 0)
		return check_broken(run, "the card's table of VLANs cannot be filled");
	evidence_text(run, "attach", "status %d: %.200s", attach.status, call_last(&attach));
	if (!attach.status) {
		memcpy(tenants.red.nic.name, "?", 2);
		verdict = check_skip(run, "the card has room for more VLANs than were added");
	} else {
		verdict = tenants_vf_is_back(
				&tenants, 0, "after an attach that failed at the VLAN");
	}
	empty_vlan_table(&tenants, filler);
	return verdict;
}

static enum verdict guest_without_driver(struct check_run *run)
{
	CLEANUP(tenants_close) struct tenants tenants = { 0 };
	CLEANUP(call_end) struct call attach = { 0 };
	struct tenant *red = &tenants.red;
	struct err gone = { 0 };

	if (tenants_open(run, &tenants) < 0)
		return open_failed(run);
	/* A module that nothing needed yet is not there. */
	guest_unload(red->guest, "igbvf", &gone);
	if (tenant_call_attach(&tenants, red, &attach) < 0)
		return check_broken(run, "vfctl attach cannot be called");
	if (attach.status)
		return check_fail(run, "vfctl attach ends with %d: %.200s", attach.status,
				call_last(&attach));
	memcpy(red->nic.name, "?", 2);
	if (tenant_detach(&tenants, red) < 0)
		return check_fail(run, "a guest without a driver does not give its VF back");
	if (guest_load(red->guest, "igbvf", &run->err) < 0)
		return check_broken(run, "vm1 cannot load its driver");
	return tenants_vf_is_back(&tenants, 0, "after a detach from a guest without a driver");
}

/* While the PF has another name, a dummy has its own: the interface of a VF would take it. */
static int rename_pf(struct tenants *tenants, const char *other)
{
	const char *name = tenants->dut->pf_netdev;
	const char *const rename[] = { "ip", "link", "set", name, "name", other, NULL };
	const char *const keep[] = { "ip", "link", "add", name, "type", "dummy", NULL };
	int rc = tenants_run(tenants, rename);

	return rc ? rc : tenants_run(tenants, keep);
}

static int rename_pf_back(struct tenants *tenants, const char *other)
{
	const char *name = tenants->dut->pf_netdev;
	const char *const drop[] = { "ip", "link", "del", name, NULL };
	const char *const rename[] = { "ip", "link", "set", other, "name", name, NULL };
	int rc = tenants_run(tenants, drop);

	return rc ? rc : tenants_run(tenants, rename);
}

static enum verdict renamed_pf(struct check_run *run)
{
	CLEANUP(tenants_close) struct tenants tenants = { 0 };
	int rc;

	if (tenants_open(run, &tenants) < 0)
		return open_failed(run);
	if (tenant_attach(&tenants, &tenants.red) < 0)
		return check_fail(run, "vm1 does not get its VF");
	if (rename_pf(&tenants, "renamed0") < 0)
		return check_broken(run, "the PF cannot be renamed");
	rc = tenant_detach(&tenants, &tenants.red);
	if (rename_pf_back(&tenants, "renamed0") < 0)
		return check_broken(run, "the PF cannot be renamed back");
	if (rc < 0)
		return check_fail(run, "after the PF was renamed, vm1 does not give its VF back");
	return tenants_vf_is_back(&tenants, 0, "after a detach from a renamed PF");
}

/* By another program, which does not ask the manager. */
static enum verdict foreign_attach_seen(struct check_run *run)
{
	static const char xml[] =
			"<interface type='hostdev' managed='yes'><mac address='%s'/>"
			"<alias name='ua-foreign'/><source><address type='pci' domain='%u' bus='%u' "
			"slot='%u' function='%u'/></source><vlan><tag id='10'/></vlan></interface>";
	static const char *const argv[] = { "virsh", "-q", "attach-device", "vm1",
		"/run/vfcert-foreign.xml", NULL };
	static const char *const detach[] = { "detach", "vm1", "foreign", "--timeout", "30", NULL };
	CLEANUP(tenants_close) struct tenants tenants = { 0 };
	CLEANUP(call_end) struct call attach = { 0 }, gone = { 0 };
	CLEANUP(cleanup_free) char *text = NULL;
	char mac[MAC_TEXT];
	struct bdf bdf;

	if (tenants_open(run, &tenants) < 0)
		return open_failed(run);
	if (vf_find(run->dut->host, run->dut->pf, 1, &bdf, &run->err) < 0)
		return check_broken(run, "VF 1 cannot be found");
	text = text_format(xml, mac_format(tenants.red.mac, mac), bdf.domain, bdf.bus, bdf.device,
			bdf.function);
	if (host_file_write(run->dut->host, "run/vfcert-foreign.xml", text, strlen(text),
			    &run->err) < 0 ||
			tenants_run(&tenants, argv) < 0)
		return check_broken(run, "virsh cannot plug VF 1 into vm1");
	if (tenant_call_attach(&tenants, &tenants.blue, &attach) < 0 ||
			manager_call(run, detach, &gone) < 0)
		return check_broken(run, "vfctl cannot be called");
	evidence_text(run, "attach of the same VF", "status %d: %.200s", attach.status,
			call_last(&attach));
	evidence_text(run, "detach", "status %d: %.200s", gone.status, call_last(&gone));
	if (!attach.status)
		return check_fail(run, "the manager gave vm2 the VF that virsh had given to vm1");
	if (!strstr(attach.output, "vm1"))
		return check_fail(run, "the manager does not say that vm1 has the VF: %.200s",
				call_last(&attach));
	if (gone.status)
		return check_fail(run, "the manager cannot take the VF from vm1: %.200s",
				call_last(&gone));
	return VERDICT_PASS;
}

/* Neither names a VF. */
static enum verdict two_at_once(struct check_run *run)
{
	static const char *const argv[] = { "sh", "-c",
		"vfctl attach vm1 --profile red --json >/run/vfcert-1 2>&1 & one=$!\n"
		"vfctl attach vm2 --profile blue --json >/run/vfcert-2 2>&1; two=$?\n"
		"wait $one && [ $two = 0 ] || { cat /run/vfcert-1 /run/vfcert-2; exit 1; }\n"
		"cat /run/vfcert-1 /run/vfcert-2 | grep '\"index\"' | sort -u | wc -l\n"
		"vfctl detach vm1 nic1 >/dev/null && vfctl detach vm2 nic1 >/dev/null",
		NULL };
	CLEANUP(tenants_close) struct tenants tenants = { 0 };
	CLEANUP(call_end) struct call call = { 0 };

	if (tenants_open(run, &tenants) < 0)
		return open_failed(run);
	if (program_call(run, argv, &call) < 0)
		return check_broken(run, "two attaches cannot be called");
	evidence_text(run, "different VFs", "%.200s", call_last(&call));
	if (call.status)
		return check_fail(run, "two attaches at once end with %d: %.200s", call.status,
				call_last(&call));
	if (strcmp(call_last(&call), "2") != 0)
		return check_fail(run, "two attaches at once gave %s VF to two guests",
				call_last(&call));
	return VERDICT_PASS;
}

static enum verdict hot_plug(struct check_run *run, unsigned rounds)
{
	CLEANUP(tenants_close) struct tenants tenants = { 0 };
	int64_t attach_us = 0, detach_us = 0, began_us;
	enum verdict verdict = VERDICT_PASS;

	if (tenants_open(run, &tenants) < 0)
		return open_failed(run);
	for (unsigned i = 1; verdict == VERDICT_PASS && i <= rounds; i++) {
		began_us = clock_us();
		if (tenant_attach(&tenants, &tenants.red) < 0)
			return check_fail(run, "round %u: vm1 does not get its VF", i);
		attach_us += clock_us() - began_us;
		verdict = tenant_is_connected(&tenants, &tenants.red, "in one of many rounds");
		began_us = clock_us();
		if (tenant_detach(&tenants, &tenants.red) < 0)
			return check_fail(run, "round %u: vm1 does not give its VF back", i);
		detach_us += clock_us() - began_us;
	}
	evidence_int(run, "attach until the guest has a carrier, mean", attach_us / rounds / 1000,
			"ms");
	evidence_int(run, "detach until the VF is back, mean", detach_us / rounds / 1000, "ms");
	return verdict == VERDICT_PASS ? tenants_vf_is_back(&tenants, 0, "after all rounds")
				       : verdict;
}

static enum verdict hot_plug_rounds(struct check_run *run)
{
	return hot_plug(run, ROUNDS);
}

static enum verdict hot_plug_many(struct check_run *run)
{
	return hot_plug(run, MANY_ROUNDS);
}

#define TROUBLE(name, says, because, seconds, function)                                    \
	{                                                                                  \
		.id = "guest." name, .title = says, .why = because,                        \
		.needs = NEED_GUESTS | NEED_WIRE | NEED_VF_SETTINGS, .timeout_s = seconds, \
		.fn = function                                                             \
	}

const struct check suite_guest_trouble[] = {
	TROUBLE("host-use-refused", "A VF whose interface the host uses is given to no guest",
			"The host loses a network that it stands on.", 20, host_use_refused),
	TROUBLE("allowlist-holds", "A card gives no VF for a network that it may not carry",
			"Guests reach networks through cards that are not cabled for them.", 20,
			allowlist_holds),
	TROUBLE("pf-down-refused", "No VF of a card that is down is given, and the reason is said",
			"libvirt fails with words that name no cure, or the VF is dead in the guest.",
			20, pf_down_refused),
	TROUBLE("taken-mac-refused", "No two guests get one MAC",
			"Both lose their traffic to each other.", 30, taken_mac_refused),
	TROUBLE("failed-attach-clean",
			"After an attach that failed at the VLAN the VF is as before",
			"libvirt leaves 02:00:00:00:00:00 as its MAC.", 40, failed_attach_is_clean),
	TROUBLE("without-driver", "A guest without a driver for the VF gives it back",
			"The VF is lost until the guest ends.", 30, guest_without_driver),
	TROUBLE("renamed-pf", "A VF is restored although the PF was renamed meanwhile",
			"libvirt looks for its state by the PF's name, and restores nothing.", 30,
			renamed_pf),
	TROUBLE("foreign-attach-seen", "A VF that another program has given to a guest is not free",
			"Two guests get one VF.", 30, foreign_attach_seen),
	TROUBLE("two-at-once", "Two attaches at once give two VFs", "Both guests fail, at best.",
			40, two_at_once),
	TROUBLE("hot-plug-rounds", "Attach and detach work several times in a row",
			"What one round leaves breaks a later one.", 60, hot_plug_rounds),
	{ 0 },
};

const struct check suite_stress_guest[] = {
	{ .id = "stress.hot-plug",
			.title = "Attach and detach work 100 times in a row",
			.why = "What a round leaves adds up.",
			.needs = NEED_GUESTS | NEED_WIRE | NEED_VF_SETTINGS,
			.slow = true,
			.timeout_s = 600,
			.fn = hot_plug_many },
	{ 0 },
};
