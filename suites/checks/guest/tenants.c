/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checks/guest/tenants.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/name.h"
#include "base/process.h"
#include "base/text.h"
#include "host/host_file.h"
#include "netdev/port.h"
#include "sriov/vfs.h"

enum {
	FIRST_TENANT_MAC = 60, /* numbers for dut_test_mac() */
	FIRST_VF_MAC = 70,
	LINK_MS = 5000,
	NIC_MS = 5000,    /* until the guest's driver has bound */
	AGENT_MS = 30000, /* until a guest has booted */
	RUN_MS = 20000,
};

/* --- The host -------------------------------------------------------------------------------- */

int tenants_write(struct tenants *tenants, const char *path, const char *text)
{
	return host_file_write(tenants->dut->host, path, text, strlen(text), &tenants->run->err);
}

static int write_catalog(struct tenants *tenants)
{
	static const struct {
		const char *path, *text;
	} files[] = {
		{ "etc/vfctl/networks/red.network", "[Network]\nVM=yes\nVLANId=10\n" },
		{ "etc/vfctl/networks/blue.network", "[Network]\nVM=yes\nVLANId=20\n" },
		{ "etc/vfctl/profiles/red.profile",
				"[Profile]\nNetwork=red\nPassthrough=yes\nMaxRate=400\n" },
		{ "etc/vfctl/profiles/blue.profile",
				"[Profile]\nNetwork=blue\nPassthrough=yes\nMaxRate=400\n" },
	};
	const struct host *host = tenants->dut->host;
	struct err *err = &tenants->run->err;
	int rc = host_folder_create(host, "etc/vfctl/networks", err);

	if (!rc)
		rc = host_folder_create(host, "etc/vfctl/profiles", err);
	for (size_t i = 0; !rc && i < sizeof(files) / sizeof(*files); i++)
		rc = tenants_write(tenants, files[i].path, files[i].text);
	return rc;
}

static int set_up_vfs(struct tenants *tenants)
{
	struct dut *dut = tenants->dut;
	struct err *err = &tenants->run->err;
	int rc = vfs_set_count(dut->host, dut->pf, TENANT_VFS, err);

	if (!rc)
		rc = pf_wait_carrier(
				dut->host, dut->pf, deadline_left(dut_deadline(dut, LINK_MS)), err);
	for (unsigned i = 0; !rc && i < TENANT_VFS; i++) {
		tenants->before[i] = (struct vf_settings){
			.given = VF_MAC | VF_VLAN | VF_SPOOFCHK | VF_TRUST | VF_RATE,
			.mac = dut_test_mac(dut, FIRST_VF_MAC + i),
			.vlan = (uint16_t)(50 + i),
			.qos = (uint8_t)(3 + i),
			.proto = 0x8100,
			.spoofchk = false,
			.trust = true,
			.max_rate = 300 + 10 * i,
		};
		rc = vf_change_settings(dut->host, dut->pf, i, &tenants->before[i], err);
	}
	return rc;
}

int tenants_open(struct check_run *run, struct tenants *tenants)
{
	struct dut *dut = run->dut;
	int rc;

	*tenants = (struct tenants){ .run = run,
		.dut = dut,
		.mtu = pf_mtu(dut),
		.red = { "vm1", "red", 0, RED_VLAN, dut_test_mac(dut, FIRST_TENANT_MAC), "nic1" },
		.blue = { "vm2", "blue", 1, BLUE_VLAN, dut_test_mac(dut, FIRST_TENANT_MAC + 1),
				"nic1" } };
	rc = manager_forget(run, tenants->mtu);
	if (!rc)
		rc = write_catalog(tenants);
	if (!rc)
		rc = set_up_vfs(tenants);
	if (!rc)
		rc = traffic_open(run, NULL, 0, &tenants->traffic);
	if (!rc)
		rc = guest_open(dut, tenants->red.vm, &tenants->red.guest, &run->err);
	if (!rc)
		rc = guest_open(dut, tenants->blue.vm, &tenants->blue.guest, &run->err);
	return rc;
}

int tenants_run(struct tenants *tenants, const char *const argv[])
{
	CLEANUP(call_end) struct call call = { 0 };
	int rc = program_call(tenants->run, argv, &call);

	if (rc < 0 || !call.status)
		return rc;
	return err_set(&tenants->run->err, EPROTO, "%s %s ends with %d: %.200s", argv[0],
			argv[1] ? argv[1] : "", call.status, call_last(&call));
}

/* --- Attach and detach ----------------------------------------------------------------------- */

int tenant_call_attach(struct tenants *tenants, const struct tenant *tenant, struct call *call)
{
	CLEANUP(cleanup_free)
	char *vf = text_format("%s/%u", tenants->dut->pf_netdev, tenant->vf);
	char mac[MAC_TEXT];
	const char *const args[] = { "attach", tenant->vm, "--profile", tenant->profile, "--nic",
		tenant->label, "--mac", mac_format(tenant->mac, mac),
		tenant->vf == ANY_VF ? NULL : "--vf", vf, NULL };

	return manager_call(tenants->run, args, call);
}

int tenant_await_nic(struct tenants *tenants, struct tenant *tenant)
{
	struct err *err = &tenants->run->err;
	int rc = guest_await_mac(tenant->guest, tenant->mac, true, NIC_MS, &tenant->nic, err);
	struct deadline deadline = dut_deadline(tenants->dut, NIC_MS);

	if (!rc)
		rc = guest_set_up(tenant->guest, tenant->nic.name, true, err);
	while (!rc && !tenant->nic.carrier && deadline_left(deadline))
		rc = guest_find_mac(tenant->guest, tenant->mac, &tenant->nic, err);
	if (!rc && !tenant->nic.carrier)
		rc = err_set(err, ENOLINK, "%s of %s has no carrier", tenant->nic.name, tenant->vm);
	return rc;
}

int tenant_attach(struct tenants *tenants, struct tenant *tenant)
{
	CLEANUP(call_end) struct call call = { 0 };
	int rc = tenant_call_attach(tenants, tenant, &call);

	if (!rc && call.status)
		rc = err_set(&tenants->run->err, EPROTO, "vfctl attach ends with %d: %.200s",
				call.status, call_last(&call));
	return rc ? rc : tenant_await_nic(tenants, tenant);
}

static int tenant_call_detach(struct tenants *tenants, const struct tenant *tenant, int timeout_s,
		struct call *call)
{
	char seconds[16];
	const char *const args[] = { "detach", tenant->vm, tenant->label, "--timeout", seconds,
		NULL };

	snprintf(seconds, sizeof(seconds), "%d", timeout_s);
	return manager_call(tenants->run, args, call);
}

int tenant_detach(struct tenants *tenants, struct tenant *tenant)
{
	CLEANUP(call_end) struct call call = { 0 };
	int rc = tenant_call_detach(tenants, tenant, 60, &call);

	if (rc < 0)
		return rc;
	if (call.status)
		return err_set(&tenants->run->err, EPROTO, "vfctl detach ends with %d: %.200s",
				call.status, call_last(&call));
	tenant->nic = (struct guest_interface){ .mtu = 0 };
	return 0;
}

static int tenant_restart(struct tenants *tenants, struct tenant *tenant)
{
	const char *const destroy[] = { "virsh", "-q", "destroy", tenant->vm, NULL };
	const char *const start[] = { "virsh", "-q", "start", tenant->vm, NULL };
	struct err ignored = { 0 };
	int rc;

	guest_close(tenant->guest);
	tenant->guest = NULL;
	tenant->nic = (struct guest_interface){ .mtu = 0 };
	process_run(destroy, dut_deadline(tenants->dut, RUN_MS), NULL, &ignored);
	rc = tenants_run(tenants, start);
	return rc ? rc
		  : guest_await(tenants->dut, tenant->vm, AGENT_MS, &tenant->guest,
				    &tenants->run->err);
}

/* A guest that does not give its VF back is restarted without it. */
void tenant_take_nic(struct tenants *tenants, struct tenant *tenant)
{
	CLEANUP(call_end) struct call call = { 0 };

	if (*tenant->nic.name &&
			(tenant_call_detach(tenants, tenant, 10, &call) < 0 || call.status))
		tenant_restart(tenants, tenant);
	tenant->nic = (struct guest_interface){ .mtu = 0 };
}

static void end_tenant(struct tenants *tenants, struct tenant *tenant)
{
	tenant_take_nic(tenants, tenant);
	guest_close(tenant->guest);
	tenant->guest = NULL;
}

/* vfsuite compares the state afterwards, so nothing that fails here is lost. */
void tenants_close(struct tenants *tenants)
{
	if (!tenants->run)
		return;
	end_tenant(tenants, &tenants->red);
	end_tenant(tenants, &tenants->blue);
	traffic_close(&tenants->traffic);
	manager_forget(tenants->run, tenants->mtu);
}

/* --- The VF on the host ---------------------------------------------------------------------- */

static int tenants_settings(struct tenants *tenants, unsigned vf, struct vf_settings *settings)
{
	struct netdev pf = { 0 };
	int rc = netdev_read(tenants->dut->host, tenants->dut->pf_netdev, &pf, &tenants->run->err);

	if (!rc && vf < pf.vf_count)
		*settings = pf.vfs[vf];
	else if (!rc)
		rc = err_set(&tenants->run->err, ENODEV, "%s reports no VF %u",
				tenants->dut->pf_netdev, vf);
	netdev_free(&pf);
	return rc;
}

int tenants_compare(struct tenants *tenants, unsigned vf, const struct vf_settings *want,
		char *text, size_t size)
{
	struct vf_settings now;
	int rc = tenants_settings(tenants, vf, &now);
	unsigned differ = rc ? 0 : vf_settings_difference(want, &now);
	size_t used = 0;

	*text = '\0';
	for (const struct vf_setting *setting = vf_setting_table; setting->name && used < size;
			setting++) {
		char is[80], wanted[80];

		if (differ & setting->bit)
			used += (size_t)snprintf(text + used, size - used, "%s%s is %s, not %s",
					used ? "; " : "", setting->name,
					vf_setting_text(setting, &now, is, sizeof(is)),
					vf_setting_text(setting, want, wanted, sizeof(wanted)));
	}
	return rc;
}

int tenants_find_vf(struct tenants *tenants, struct tenant *tenant)
{
	char mac[MAC_TEXT];

	for (unsigned vf = 0; vf < TENANT_VFS; vf++) {
		struct vf_settings now;
		int rc = tenants_settings(tenants, vf, &now);

		if (rc < 0)
			return rc;
		if (mac_equal(now.mac, tenant->mac)) {
			tenant->vf = vf;
			return 0;
		}
	}
	return err_set(&tenants->run->err, ENOENT, "no VF has the MAC %s",
			mac_format(tenant->mac, mac));
}

struct vf_settings tenant_settings(const struct tenant *tenant)
{
	return (struct vf_settings){ .given = VF_MAC | VF_VLAN | VF_SPOOFCHK | VF_TRUST | VF_RATE,
		.mac = tenant->mac,
		.vlan = tenant->vlan,
		.proto = 0x8100,
		.spoofchk = true,
		.max_rate = TENANT_RATE };
}

enum verdict tenants_vf_is_back(struct tenants *tenants, unsigned vf, const char *when)
{
	struct check_run *run = tenants->run;
	const struct dut *dut = tenants->dut;
	char driver[NAME_ROOM] = "", netdev[IFNAMSIZ] = "", text[300], group[NAME_ROOM] = "";
	CLEANUP(cleanup_fd) int fd = -1;
	CLEANUP(cleanup_free) char *path = NULL;
	struct bdf bdf;

	if (vf_find(dut->host, dut->pf, vf, &bdf, &run->err) < 0 ||
			tenants_compare(tenants, vf, &tenants->before[vf], text, sizeof(text)) < 0)
		return check_broken(run, "VF %u cannot be read", vf);
	function_link(dut->host, bdf, "driver", driver, sizeof(driver));
	function_netdev(dut->host, bdf, netdev, sizeof(netdev));
	evidence_text(run, "driver", "%s", *driver ? driver : "none");
	if (*text)
		return check_fail(run, "%s: VF %u: %s", when, vf, text);
	if (strcmp(driver, "igbvf") != 0)
		return check_fail(run, "%s: VF %u has the driver %s, and had igbvf", when, vf,
				*driver ? driver : "none");
	if (!*netdev)
		return check_fail(run, "%s: VF %u has no interface", when, vf);
	/* A group can be opened by one process at a time. */
	function_link(dut->host, bdf, "iommu_group", group, sizeof(group));
	path = text_format("dev/vfio/%s", group);
	fd = host_open_file(dut->host, path, O_RDWR);
	if (fd == -EBUSY)
		return check_fail(run, "%s: a process still has VF %u open", when, vf);
	return VERDICT_PASS;
}
