/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "base/cleanup.h"
#include "netdev/netdev.h"
#include "netdev/netns.h"
#include "observe/carrier.h"
#include "observe/dut.h"
#include "sriov/vfs.h"

/*
 * Sets up VFs. The admin MACs are set before any driver probes, because a VF's driver takes the MAC
 * from the PF only then, and makes one up if there is no admin MAC.
 */

enum {
	NETDEV_MS = 5000,  /* from the driver's bind to its interface */
	CARRIER_MS = 5000, /* from up to carrier */
};

/* Sets NAME up in the VFs' namespace and waits for its carrier. */
static int bring_up(struct dut *dut, const char *name, struct err *err)
{
	int64_t began_us;
	int rc = netns_enter(dut->vf_netns, err);

	if (rc < 0)
		return rc;
	rc = netdev_set_up(dut->host, name, true, err);
	began_us = clock_us();
	if (!rc)
		rc = carrier_wait(dut, name, true, CARRIER_MS, err);
	host_waited(dut->host, began_us);
	if (netns_enter(dut->home_netns, err) < 0)
		return -EIO;
	return rc;
}

static void vf_name(unsigned vf, char name[IFNAMSIZ])
{
	snprintf(name, IFNAMSIZ, "vf%u", vf);
}

/* Reads VF's interface; the caller frees NETDEV. */
static int read_vf(const struct dut *dut, unsigned vf, struct netdev *netdev, struct err *err)
{
	char name[IFNAMSIZ];
	int rc = netns_enter(dut->vf_netns, err);

	if (rc < 0)
		return rc;
	vf_name(vf, name);
	rc = netdev_read(dut->host, name, netdev, err);
	return netns_enter(dut->home_netns, err) < 0 ? -EIO : rc;
}

int dut_vf_mac(const struct dut *dut, unsigned vf, struct mac *mac, struct err *err)
{
	struct netdev netdev = { 0 };
	int rc = read_vf(dut, vf, &netdev, err);

	*mac = netdev.mac;
	netdev_free(&netdev);
	return rc;
}

int dut_vf_index(const struct dut *dut, unsigned vf, int *index, struct err *err)
{
	struct netdev netdev = { 0 };
	int rc = read_vf(dut, vf, &netdev, err);

	*index = netdev.index;
	netdev_free(&netdev);
	return rc;
}

int dut_change_vf_mac(const struct dut *dut, unsigned vf, struct mac mac, struct err *err)
{
	char name[IFNAMSIZ];
	int rc = netns_enter(dut->vf_netns, err);

	if (rc < 0)
		return rc;
	vf_name(vf, name);
	rc = netdev_set_mac(dut->host, name, mac, err);
	return netns_enter(dut->home_netns, err) < 0 ? -EIO : rc;
}

static int move_to_netns(struct dut *dut, unsigned vf, struct err *err)
{
	char found[IFNAMSIZ], name[IFNAMSIZ];
	int index, rc;

	vf_name(vf, name);
	if (dut_vf_index(dut, vf, &index, NULL) < 0) {
		rc = function_wait_netdev(dut->host, dut->vfs[vf].bdf,
				(int)(NETDEV_MS * dut->scale), found, sizeof(found), err);
		if (rc < 0)
			return rc;
		rc = netdev_move(dut->host, found, dut->vf_netns, name, err);
		if (rc < 0)
			return rc;
	}
	return bring_up(dut, name, err);
}

int dut_settle_vfs(struct dut *dut, struct err *err)
{
	for (unsigned i = 0; i < dut->vf_count; i++) {
		int rc = move_to_netns(dut, i, err);

		if (rc < 0)
			return rc;
	}
	return 0;
}

int dut_rebind_vf(struct dut *dut, unsigned vf, struct err *err)
{
	int rc = function_unbind(dut->host, dut->vfs[vf].bdf, err);

	if (!rc)
		rc = function_bind(dut->host, dut->vfs[vf].bdf, NULL, err);
	return rc ? rc : move_to_netns(dut, vf, err);
}

int dut_reset_vf(struct dut *dut, unsigned vf, struct err *err)
{
	int rc = function_unbind(dut->host, dut->vfs[vf].bdf, err);

	if (!rc)
		rc = function_reset(dut->host, dut->vfs[vf].bdf, err);
	return rc ? rc : dut_rebind_vf(dut, vf, err);
}

void dut_forget_vfs(struct dut *dut)
{
	dut->vf_count = 0;
	cleanup_fd(&dut->vf_netns);
	dut->vf_netns = -1;
}

bool dut_has_vf_settings(const struct dut *dut)
{
	struct netdev pf = { 0 };
	bool has = netdev_read(dut->host, dut->pf_netdev, &pf, NULL) == 0 && pf.vf_count;

	netdev_free(&pf);
	return has;
}

/* Creates VFs without drivers; sets their admin MACs if the PF's driver can. */
static int make_vfs(struct dut *dut, unsigned count, struct err *err)
{
	int rc = vfs_set_autoprobe(dut->host, dut->pf, false, err);
	bool has_policy;

	if (!rc)
		rc = vfs_set_count(dut->host, dut->pf, count, err);
	has_policy = !rc && dut_has_vf_settings(dut);
	for (unsigned i = 0; !rc && i < count; i++) {
		struct vf_settings settings = { .given = VF_MAC, .mac = dut_test_mac(dut, i) };

		dut->vfs[i].mac = settings.mac;
		rc = vf_find(dut->host, dut->pf, i, &dut->vfs[i].bdf, err);
		if (!rc && has_policy)
			rc = vf_change_settings(dut->host, dut->pf, i, &settings, err);
	}
	return rc;
}

static int take_away(struct dut *dut, struct err *err)
{
	/* Closing the namespace's last descriptor would move the interfaces back some time
	 * later. So unbind the drivers first, which removes the interfaces. */
	for (unsigned i = 0; i < dut->vf_count; i++) {
		int rc = function_unbind(dut->host, dut->vfs[i].bdf, err);

		if (rc < 0)
			return rc;
	}
	dut_forget_vfs(dut);
	return vfs_set_count(dut->host, dut->pf, 0, err);
}

/* Reads the MACs that the VFs chose, if the PF's driver cannot set them. */
static int take_macs(struct dut *dut, struct err *err)
{
	int rc = 0;

	for (unsigned i = 0; !rc && i < dut->vf_count; i++)
		rc = dut_vf_mac(dut, i, &dut->vfs[i].mac, err);
	return rc;
}

int dut_adopt_vfs(struct dut *dut, struct err *err)
{
	struct netdev pf = { 0 };
	int rc = netdev_read(dut->host, dut->pf_netdev, &pf, err);

	if (!rc && pf.vf_count > DUT_VFS)
		rc = err_set(err, ERANGE, "there are %u VFs, and vfsuite handles at most %d",
				pf.vf_count, DUT_VFS);
	for (unsigned i = 0; !rc && i < pf.vf_count; i++) {
		dut->vfs[i].mac = pf.vfs[i].mac;
		rc = vf_find(dut->host, dut->pf, i, &dut->vfs[i].bdf, err);
	}
	if (!rc)
		rc = netns_new(dut->host, &dut->vf_netns, err);
	if (!rc)
		dut->vf_count = pf.vf_count;
	netdev_free(&pf);
	return rc ? rc : dut_settle_vfs(dut, err);
}

int dut_setup_vfs(struct dut *dut, unsigned count, struct err *err)
{
	int rc;

	if (count > DUT_VFS || count > dut->total_vfs)
		return err_set(err, ERANGE,
				"cannot set up %u VFs: the card offers %u, vfsuite handles at most "
				"%d",
				count, dut->total_vfs, DUT_VFS);
	if (!count && !dut->vf_count)
		return 0;
	if (!count)
		return take_away(dut, err);
	if (count <= dut->vf_count)
		return dut_settle_vfs(dut, err);
	rc = dut->vf_count ? take_away(dut, err) : 0;
	if (!rc)
		rc = netns_new(dut->host, &dut->vf_netns, err);
	if (!rc)
		rc = make_vfs(dut, count, err);
	dut->vf_count = rc ? 0 : count;
	/* Without autoprobe the kernel would not probe a VF even on request. */
	if (!rc)
		rc = vfs_set_autoprobe(dut->host, dut->pf, true, err);
	for (unsigned i = 0; !rc && i < count; i++)
		rc = function_bind(dut->host, dut->vfs[i].bdf, NULL, err);
	if (!rc)
		rc = dut_settle_vfs(dut, err);
	return rc || dut_has_vf_settings(dut) ? rc : take_macs(dut, err);
}
