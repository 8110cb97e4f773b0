/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checks/guest/pool.h"

#include <string.h>

#include "base/cleanup.h"

/* VFs of a pool of libvirt, beside one that libvirt itself has given to vm2. */

enum { POOL_MAC = 69 }; /* a number for dut_test_mac() */

#define POOL "vfcert-pool"

static struct tenants *tenants_of(void *subject)
{
	return subject;
}

static int run_script(struct tenants *tenants, const char *script)
{
	struct tenant *blue = &tenants->blue;
	char mac[MAC_TEXT];
	const char *const argv[] = { "sh", "-c", script, "sh", tenants->dut->pf_netdev,
		mac_format(blue->mac, mac), NULL };

	return tenants_run(tenants, argv);
}

int pool_open(struct tenants *tenants)
{
	static const char script[] =
			"printf '%s' \"<network><name>" POOL "</name><forward mode='hostdev' "
			"managed='yes'><pf dev='$1'/></forward><vlan><tag id='10'/></vlan></network>\" "
			">/run/pool.xml\n"
			"printf '%s' \"<interface type='network'><mac address='$2'/><source "
			"network='" POOL
			"'/><alias name='ua-pool'/></interface>\" >/run/pool-nic.xml\n"
			"virsh -q net-create /run/pool.xml && "
			"virsh -q attach-device vm2 /run/pool-nic.xml --live";

	tenants->blue.vlan = RED_VLAN;
	memcpy(tenants->blue.nic.name, "?", 2); /* to be taken back */
	tenants->blue.label = "ua-pool";
	return run_script(tenants, script);
}

void pool_close(struct tenants *tenants)
{
	if (tenants->run)
		run_script(tenants,
				"virsh -q net-destroy " POOL " 2>/dev/null; rm -f /run/pool.xml "
				"/run/pool-nic.xml");
}

/* Not the VF that libvirt has given to vm2. */
static enum verdict pool_gives_vf(struct check_run *run, void *subject)
{
	struct tenants *tenants = tenants_of(subject);
	struct tenant *red = &tenants->red;
	char mac[MAC_TEXT];
	const char *const args[] = { "attach", "vm1", "--pool", POOL, "--nic", "nic1", "--mac", mac,
		NULL };
	CLEANUP(call_end) struct call call = { 0 };

	red->mac = dut_test_mac(run->dut, POOL_MAC);
	mac_format(red->mac, mac);
	if (manager_call(run, args, &call) < 0)
		return check_broken(run, "vfctl attach cannot be called");
	evidence_text(run, "attach", "status %d: %.200s", call.status, call_last(&call));
	if (call.status)
		return check_fail(run, "vfctl attach --pool ends with %d: %.200s", call.status,
				call_last(&call));
	memcpy(red->nic.name, "?", 2); /* to be taken back */
	if (tenant_await_nic(tenants, red) < 0)
		return check_fail(run, "vm1 does not get its NIC");
	return tenant_is_connected(tenants, red, "with a VF of a pool");
}

static enum verdict pool_leaves_others(struct check_run *run, void *subject)
{
	struct tenants *tenants = tenants_of(subject);

	if (tenants_find_vf(tenants, &tenants->red) < 0 ||
			tenants_find_vf(tenants, &tenants->blue) < 0)
		return check_fail(run, "a guest has lost the VF of the pool");
	evidence_text(run, "VFs", "vm1 has %u, and vm2 %u by libvirt", tenants->red.vf,
			tenants->blue.vf);
	if (tenants->red.vf == tenants->blue.vf)
		return check_fail(run, "both guests have VF %u", tenants->red.vf);
	if (tenant_await_nic(tenants, &tenants->blue) < 0)
		return check_fail(run, "vm2 has lost the NIC that libvirt gave it");
	return tenant_is_connected(tenants, &tenants->blue, "with libvirt's VF of the pool");
}

static enum verdict pool_gets_back(struct check_run *run, void *subject)
{
	struct tenants *tenants = tenants_of(subject);

	if (tenant_detach(tenants, &tenants->red) < 0)
		return check_fail(run, "vm1 does not give its NIC back");
	return tenants_vf_is_back(
			tenants, tenants->red.vf, "after the VF of a pool was given back");
}

const struct statement pool_statements[] = {
	{ "guest.pool-connected", pool_gives_vf },
	{ "guest.pool-others-kept", pool_leaves_others },
	{ "guest.pool-detached", pool_gets_back },
};

const size_t pool_statement_count = sizeof(pool_statements) / sizeof(*pool_statements);
