/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checks/migration/hosts.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

/* The scripts have the PF's name in $1. The PF of the second host is its first interface. */
#define PEER_PF "eth0"

/* A new number of VFs costs the PF its link, and without it igb takes no rate. The drivers come last, so that
 * their interfaces have the MACs. */
static const char make_vfs[] =
		"set -e; d=/sys/class/net/$1/device; echo 0 >$d/sriov_drivers_autoprobe\n"
		"echo 4 >$d/sriov_numvfs; echo 1 >$d/sriov_drivers_autoprobe\n"
		"polls=600; until [ \"$(cat $d/net/$1/carrier)\" = 1 ]; do\n"
		"polls=$((polls - 1)); [ $polls -gt 0 ] || { echo \"$1 has no carrier\"; exit 1; }\n"
		"busybox usleep 50000; done\n"
		"for i in 0 1 2 3; do ip link set $1 vf $i mac 02:00:00:00:77:0$i vlan 6$i qos $i\n"
		"ip link set $1 vf $i trust on spoofchk off max_tx_rate 35$i\n"
		"f=$(readlink $d/virtfn$i); echo ${f##*/} >/sys/bus/pci/drivers_probe; done\n";

/* What a failed migration left there, too. */
static const char clear[] =
		"for vm in $(virsh -q list --all --name); do virsh -q destroy $vm; virsh -q undefine $vm; "
		"done >/dev/null 2>&1\n"
		"echo 0 >/sys/class/net/$1/device/sriov_numvfs; ip link set $1 up\n"
		"rm -rf /etc/vfctl/* /var/lib/vfctl/* /run/vfctl\n";

static const char copy_catalog[] = "busybox tar -C /etc/vfctl -c networks profiles | "
				   "ssh -o BatchMode=yes " PEER " busybox tar -C /etc/vfctl -x";

static const char list_traces[] =
		"ip link show dev $1 | grep '^ *vf '\n"
		"for f in /sys/class/net/$1/device/virtfn*; do d=$(readlink $f/driver)\n"
		"echo \"${f##*/} driven by ${d##*/}\"; done\n"
		"for f in /run/vfctl/reservations/* /var/lib/vfctl/vnics/*; do\n"
		"[ ! -e $f ] || echo \"file $f\"; done\n"
		"virsh -q list --all | sed 's/^ *[-0-9]*  */machine /; s/  */ /g'\n"
		"for f in /sys/class/net/vfcert-*/brif/*; do f=${f#/sys/class/net/}\n"
		"echo \"port ${f%%[0-9]}\"; done | sed 's/[0-9]*$//'\n";

static int here(struct hosts *hosts, const char *script)
{
	struct tenants *tenants = &hosts->pair.tenants;
	const char *const argv[] = { "sh", "-c", script, "sh", tenants->dut->pf_netdev, NULL };

	return tenants_run(tenants, argv);
}

static int call_there(struct hosts *hosts, const char *script, struct call *call)
{
	CLEANUP(cleanup_free) char *whole = text_format("set -- " PEER_PF "\n%s", script);

	return peer_call(hosts->pair.tenants.run, whole, call);
}

int hosts_there(struct hosts *hosts, const char *script)
{
	CLEANUP(call_end) struct call call = { 0 };
	int rc = call_there(hosts, script, &call);

	if (rc < 0 || !call.status)
		return rc;
	return err_set(&hosts->pair.tenants.run->err, EPROTO,
			"a script on " PEER " ends with %d: %.200s", call.status, call_last(&call));
}

/* --- Both hosts ------------------------------------------------------------------------------- */

int hosts_open(struct check_run *run, struct hosts *hosts)
{
	struct tenants *tenants = &hosts->pair.tenants;
	int rc = tenants_open(run, tenants);

	tenants->red.profile = "pair";
	if (!rc)
		rc = bridges_open(tenants);
	if (!rc)
		rc = peer_open(run);
	if (!rc)
		rc = hosts_there(hosts, clear);
	if (!rc)
		rc = hosts_there(hosts, make_vfs);
	if (!rc)
		rc = hosts_there(hosts, bridges_make);
	if (!rc)
		rc = here(hosts, copy_catalog);
	if (!rc && !(hosts->bare = hosts_traces(hosts, true)))
		rc = -EPROTO;
	return rc;
}

int hosts_plug(struct hosts *hosts)
{
	int rc = pair_attach(&hosts->pair);

	if (rc < 0)
		return rc;
	hosts->here = hosts_traces(hosts, false);
	hosts->there = hosts_traces(hosts, true);
	return hosts->here && hosts->there ? 0 : -EPROTO;
}

/* A machine that is lost starts again where it was. */
static void take_vm_home(struct hosts *hosts)
{
	struct tenants *tenants = &hosts->pair.tenants;
	static const char script[] =
			"[ \"$(virsh -q domstate vm1 2>/dev/null)\" = running ] || {\n"
			"virsh -q define /run/vfcert-guests/vm1.xml && virsh -q start vm1; }";

	here(hosts, script);
	guest_close(tenants->red.guest);
	tenants->red.guest = NULL;
	guest_await(tenants->dut, tenants->red.vm, 30000, &tenants->red.guest, &tenants->run->err);
}

void hosts_close(struct hosts *hosts)
{
	struct tenants *tenants = &hosts->pair.tenants;

	if (!tenants->run)
		return;
	hosts_there(hosts, clear);
	hosts_there(hosts, bridges_drop);
	peer_close(tenants->run);
	take_vm_home(hosts);
	tenants_close(tenants);
	bridges_close(tenants);
	free(hosts->here);
	free(hosts->there);
	free(hosts->bare);
}

int hosts_find_guest(struct hosts *hosts, bool peer)
{
	struct tenants *tenants = &hosts->pair.tenants;
	struct tenant *red = &tenants->red;

	guest_close(red->guest);
	red->guest = NULL;
	return peer ? peer_guest(tenants->run, red->vm, &red->guest)
		    : guest_open(tenants->dut, red->vm, &red->guest, &tenants->run->err);
}

/* --- Traces ----------------------------------------------------------------------------------- */

char *hosts_traces(struct hosts *hosts, bool peer)
{
	struct check_run *run = hosts->pair.tenants.run;
	const char *const argv[] = { "sh", "-c", list_traces, "sh", run->dut->pf_netdev, NULL };
	struct call call = { 0 };
	int rc = peer ? call_there(hosts, list_traces, &call) : program_call(run, argv, &call);

	if (!rc && call.status)
		rc = err_set(&run->err, EPROTO, "the traces cannot be listed: %.200s",
				call_last(&call));
	/* Both hosts always have VFs: without them nothing was seen. */
	if (!rc && !strstr(call.output, "vf 0 "))
		rc = err_set(&run->err, EPROTO, "the traces name no VF");
	if (rc < 0)
		call_end(&call);
	return call.output;
}

/* The first line of A that B has not, for the caller to free, or NULL. */
static char *first_missing(const char *a, const char *b)
{
	CLEANUP(cleanup_free) char *copy = text_format("%s", a);
	char *rest = copy, *line;

	while ((line = strsep(&rest, "\n"))) {
		size_t length = strlen(line);
		const char *at = b;

		while (length && (at = strstr(at, line)) &&
				!((at == b || at[-1] == '\n') &&
						(!at[length] || at[length] == '\n')))
			at += length;
		if (length && !at)
			return text_format("%s", line + strspn(line, " "));
	}
	return NULL;
}

enum verdict host_is_as_before(struct hosts *hosts, bool peer, const char *before, const char *when)
{
	struct check_run *run = hosts->pair.tenants.run;
	const char *host = peer ? PEER : "host1";
	CLEANUP(cleanup_free) char *now = hosts_traces(hosts, peer);
	CLEANUP(cleanup_free) char *lost = now ? first_missing(before, now) : NULL;
	CLEANUP(cleanup_free) char *new = now ? first_missing(now, before) : NULL;

	if (!now)
		return check_broken(run, "%s cannot be looked at", host);
	evidence_text(run, host, "%s", lost || new ? "changed" : "as before");
	if (lost)
		return check_fail(run, "%s: %s no longer has: %s", when, host, lost);
	return new ? check_fail(run, "%s: %s has by now: %s", when, host, new) : VERDICT_PASS;
}

enum verdict hosts_are_as_before(struct hosts *hosts, const char *when)
{
	enum verdict verdict = host_is_as_before(hosts, false, hosts->here, when);

	return verdict == VERDICT_PASS ? host_is_as_before(hosts, true, hosts->there, when)
				       : verdict;
}

/* --- Migrations ------------------------------------------------------------------------------- */

int hosts_migrate(
		struct hosts *hosts, const char *host, const char *const more[], struct call *call)
{
	const char *args[8] = { "migrate", "vm1", host };

	for (size_t i = 0; more && more[i] && i < 4; i++)
		args[3 + i] = more[i];
	return manager_call(hosts->pair.tenants.run, args, call);
}
