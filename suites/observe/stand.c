/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "base/cleanup.h"
#include "host/netlink.h"
#include "host/netns.h"
#include "observe/bench.h"
#include "observe/carrier.h"
#include "sriov/vfs.h"

/*
 * VFs that stand. The order matters: the admin MACs are set before any driver probes, because a VF
 * takes its MAC from the PF at that moment only, and with no admin MAC makes one up.
 */

enum {
	NETDEV_MS = 5000,  /* from the driver's bind to its interface */
	CARRIER_MS = 5000, /* from up to carrier */
};

/* On the stage: NAME goes up and gets its carrier. The caller is back home afterwards. */
static int bring_up(struct bench *bench, const char *name, struct err *err)
{
	int64_t began_us;
	int rc = netns_enter(bench->stage_ns, err);

	if (rc < 0)
		return rc;
	rc = netdev_set_up(bench->host, name, true, err);
	began_us = clock_us();
	if (!rc && !carrier_becomes(bench, name, true, CARRIER_MS))
		rc = err_set(err, ETIMEDOUT, "%s has no carrier after %d ms", name, CARRIER_MS);
	host_waited(bench->host, began_us);
	if (netns_enter(bench->home_ns, err) < 0)
		return -EIO;
	return rc;
}

static void stage_name(unsigned vf, char name[IFNAMSIZ])
{
	snprintf(name, IFNAMSIZ, "vf%u", vf);
}

/* What VF's interface on the stage is; NETDEV is the caller's to free. */
static int read_staged(
		const struct bench *bench, unsigned vf, struct netdev *netdev, struct err *err)
{
	char name[IFNAMSIZ];
	int rc = netns_enter(bench->stage_ns, err);

	if (rc < 0)
		return rc;
	stage_name(vf, name);
	rc = netdev_read(bench->host, name, netdev, err);
	return netns_enter(bench->home_ns, err) < 0 ? -EIO : rc;
}

int bench_staged_mac(const struct bench *bench, unsigned vf, struct mac *mac, struct err *err)
{
	struct netdev netdev = { 0 };
	int rc = read_staged(bench, vf, &netdev, err);

	*mac = netdev.mac;
	netdev_free(&netdev);
	return rc;
}

int bench_staged_index(const struct bench *bench, unsigned vf, int *index, struct err *err)
{
	struct netdev netdev = { 0 };
	int rc = read_staged(bench, vf, &netdev, err);

	*index = netdev.index;
	netdev_free(&netdev);
	return rc;
}

int bench_change_mac(const struct bench *bench, unsigned vf, struct mac mac, struct err *err)
{
	char name[IFNAMSIZ];
	int rc = netns_enter(bench->stage_ns, err);

	if (rc < 0)
		return rc;
	stage_name(vf, name);
	rc = netdev_set_mac(bench->host, name, mac, err);
	return netns_enter(bench->home_ns, err) < 0 ? -EIO : rc;
}

static int put_on_stage(struct bench *bench, unsigned vf, struct err *err)
{
	char found[IFNAMSIZ], name[IFNAMSIZ];
	int index, rc;

	stage_name(vf, name);
	if (bench_staged_index(bench, vf, &index, NULL) < 0) {
		rc = function_wait_netdev(bench->host, bench->vfs[vf].bdf,
				(int)(NETDEV_MS * bench->scale), found, sizeof(found), err);
		if (rc < 0)
			return rc;
		rc = netdev_move(bench->host, found, bench->stage_ns, name, err);
		if (rc < 0)
			return rc;
	}
	return bring_up(bench, name, err);
}

int bench_settle(struct bench *bench, struct err *err)
{
	for (unsigned i = 0; i < bench->vf_count; i++) {
		int rc = put_on_stage(bench, i, err);

		if (rc < 0)
			return rc;
	}
	return 0;
}

int bench_rebind(struct bench *bench, unsigned vf, struct err *err)
{
	int rc = function_unbind(bench->host, bench->vfs[vf].bdf, err);

	if (!rc)
		rc = function_bind(bench->host, bench->vfs[vf].bdf, NULL, err);
	return rc ? rc : put_on_stage(bench, vf, err);
}

int bench_reset(struct bench *bench, unsigned vf, struct err *err)
{
	int rc = function_unbind(bench->host, bench->vfs[vf].bdf, err);

	if (!rc)
		rc = function_reset(bench->host, bench->vfs[vf].bdf, err);
	return rc ? rc : bench_rebind(bench, vf, err);
}

void bench_forget(struct bench *bench)
{
	bench->vf_count = 0;
	cleanup_fd(&bench->stage_ns);
	bench->stage_ns = -1;
}

bool bench_has_policy(const struct bench *bench)
{
	struct netdev pf = { 0 };
	bool has = netdev_read(bench->host, bench->pf_netdev, &pf, NULL) == 0 && pf.vf_count;

	netdev_free(&pf);
	return has;
}

/* VFs without drivers, each with its admin MAC where the PF's driver has such a setting. */
static int make_vfs(struct bench *bench, unsigned count, struct err *err)
{
	int rc = vfs_set_autoprobe(bench->host, bench->pf, false, err);
	bool has_policy;

	if (!rc)
		rc = vfs_set_count(bench->host, bench->pf, count, err);
	has_policy = !rc && bench_has_policy(bench);
	for (unsigned i = 0; !rc && i < count; i++) {
		struct vf_policy policy = { .settings = VF_MAC, .mac = bench_mac(bench, i) };

		bench->vfs[i].mac = policy.mac;
		rc = vf_find(bench->host, bench->pf, i, &bench->vfs[i].bdf, err);
		if (!rc && has_policy)
			rc = vf_set_policy(bench->host, bench->pf, i, &policy, err);
	}
	return rc;
}

static int take_away(struct bench *bench, struct err *err)
{
	/* With the last descriptor of the stage gone the interfaces would come home by and by;
	 * the functions go first instead, and their interfaces with them. */
	for (unsigned i = 0; i < bench->vf_count; i++) {
		int rc = function_unbind(bench->host, bench->vfs[i].bdf, err);

		if (rc < 0)
			return rc;
	}
	bench_forget(bench);
	return vfs_set_count(bench->host, bench->pf, 0, err);
}

/* Without a setting for it a VF has a MAC of its own. */
static int take_macs(struct bench *bench, struct err *err)
{
	int rc = 0;

	for (unsigned i = 0; !rc && i < bench->vf_count; i++)
		rc = bench_staged_mac(bench, i, &bench->vfs[i].mac, err);
	return rc;
}

int bench_adopt(struct bench *bench, struct err *err)
{
	struct netdev pf = { 0 };
	int rc = netdev_read(bench->host, bench->pf_netdev, &pf, err);

	if (!rc && pf.vf_count > BENCH_VFS)
		rc = err_set(err, ERANGE, "%u VFs are there, the bench has room for %d",
				pf.vf_count, BENCH_VFS);
	for (unsigned i = 0; !rc && i < pf.vf_count; i++) {
		bench->vfs[i].mac = pf.vfs[i].mac;
		rc = vf_find(bench->host, bench->pf, i, &bench->vfs[i].bdf, err);
	}
	if (!rc)
		rc = netns_new(bench->host, &bench->stage_ns, err);
	if (!rc)
		bench->vf_count = pf.vf_count;
	netdev_free(&pf);
	return rc ? rc : bench_settle(bench, err);
}

int bench_stand(struct bench *bench, unsigned count, struct err *err)
{
	int rc;

	if (count > BENCH_VFS || count > bench->total_vfs)
		return err_set(err, ERANGE,
				"%u VFs cannot stand: the card offers %u, the bench has room for "
				"%d",
				count, bench->total_vfs, BENCH_VFS);
	if (!count && !bench->vf_count)
		return 0;
	if (!count)
		return take_away(bench, err);
	if (count <= bench->vf_count)
		return bench_settle(bench, err);
	rc = bench->vf_count ? take_away(bench, err) : 0;
	if (!rc)
		rc = netns_new(bench->host, &bench->stage_ns, err);
	if (!rc)
		rc = make_vfs(bench, count, err);
	bench->vf_count = rc ? 0 : count;
	/* Without autoprobe the kernel would not probe a VF on request either. */
	if (!rc)
		rc = vfs_set_autoprobe(bench->host, bench->pf, true, err);
	for (unsigned i = 0; !rc && i < count; i++)
		rc = function_bind(bench->host, bench->vfs[i].bdf, NULL, err);
	if (!rc)
		rc = bench_settle(bench, err);
	return rc || bench_has_policy(bench) ? rc : take_macs(bench, err);
}
