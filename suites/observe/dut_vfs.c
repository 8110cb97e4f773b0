/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/random.h"
#include "netdev/netdev.h"
#include "netdev/netns.h"
#include "observe/carrier.h"
#include "observe/vf_paths.h"
#include "sriov/vfs.h"

/*
 * Sets up VFs. The admin MACs are set before any driver probes, because a VF's driver takes the MAC
 * from the PF only then, and makes one up if there is no admin MAC.
 */

enum {
	NETDEV_MS = 5000,  /* from the driver's bind to its interface */
	CARRIER_MS = 5000, /* from up to carrier */
};

void dut_vf_name(const struct dut *dut, unsigned vf, char name[IFNAMSIZ])
{
	snprintf(name, IFNAMSIZ, "vf%u", dut->vfs[vf].number);
}

/* Reads VF's interface; the caller frees NETDEV. */
static int read_vf(const struct dut *dut, unsigned vf, struct netdev *netdev, struct err *err)
{
	char name[IFNAMSIZ];
	int rc = netns_enter(dut->vf_netns, err);

	if (rc < 0)
		return rc;
	dut_vf_name(dut, vf, name);
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
	dut_vf_name(dut, vf, name);
	rc = netdev_set_mac(dut->host, name, mac, err);
	return netns_enter(dut->home_netns, err) < 0 ? -EIO : rc;
}

/* Sets VF's interface up, and does not wait for its carrier. */
static int set_up(struct dut *dut, unsigned vf, struct err *err)
{
	char name[IFNAMSIZ];
	int rc = netns_enter(dut->vf_netns, err);

	if (rc < 0)
		return rc;
	dut_vf_name(dut, vf, name);
	rc = netdev_set_up(dut->host, name, true, err);
	return netns_enter(dut->home_netns, err) < 0 ? -EIO : rc;
}

/* Waits until the VFs FROM to TO have their carriers, which they get at the same time. */
static int await_carriers(struct dut *dut, unsigned from, unsigned to, struct err *err)
{
	int64_t began_us = clock_us();
	char name[IFNAMSIZ];
	int rc = netns_enter(dut->vf_netns, err);

	for (unsigned i = from; !rc && i < to; i++) {
		dut_vf_name(dut, i, name);
		rc = carrier_wait(dut, name, true, CARRIER_MS, err);
	}
	host_waited(dut->host, began_us);
	return netns_enter(dut->home_netns, err) < 0 ? -EIO : rc;
}

/* Moves VF's interface, once it is there, into the VFs' namespace, unless that has it. */
static int move_to_netns(struct dut *dut, unsigned vf, struct deadline deadline, struct err *err)
{
	char found[IFNAMSIZ], name[IFNAMSIZ];
	int index, rc;

	dut_vf_name(dut, vf, name);
	if (dut_vf_index(dut, vf, &index, NULL) == 0)
		return 0;
	rc = function_wait_netdev(dut->host, dut->vfs[vf].bdf, deadline_left(deadline), found,
			sizeof(found), err);
	return rc ? rc : netdev_move(dut->host, found, dut->vf_netns, name, err);
}

int dut_bring_up(struct dut *dut, unsigned vf, struct err *err)
{
	int rc = move_to_netns(dut, vf, dut_deadline(dut, NETDEV_MS), err);

	return rc ? rc : set_up(dut, vf, err);
}

static int settle(struct dut *dut, unsigned from, unsigned to, struct err *err)
{
	int rc = 0;

	for (unsigned i = from; !rc && i < to; i++)
		rc = dut_bring_up(dut, i, err);
	return rc || from == to ? rc : await_carriers(dut, from, to, err);
}

int dut_settle_vfs(struct dut *dut, struct err *err)
{
	return settle(dut, 0, dut->vf_count, err);
}

int dut_rebind_vf(struct dut *dut, unsigned vf, struct err *err)
{
	int rc = function_unbind(dut->host, dut->vfs[vf].bdf, err);

	if (!rc)
		rc = function_bind(dut->host, dut->vfs[vf].bdf, NULL, err);
	return rc ? rc : settle(dut, vf, vf + 1, err);
}

int dut_reset_vf(struct dut *dut, unsigned vf, struct err *err)
{
	int rc = function_unbind(dut->host, dut->vfs[vf].bdf, err);

	if (!rc)
		rc = function_reset(dut->host, dut->vfs[vf].bdf, err);
	return rc ? rc : dut_rebind_vf(dut, vf, err);
}

int dut_set_vf(const struct dut *dut, unsigned vf, const struct vf_settings *settings,
		struct err *err)
{
	return netdev_set_vf(dut->host, dut->pf_netdev, dut->vfs[vf].number, settings, err);
}

int dut_read_vf(const struct dut *dut, unsigned vf, struct vf_settings *settings, struct err *err)
{
	unsigned number = dut->vfs[vf].number;
	struct netdev pf = { 0 };
	int rc = netdev_read(dut->host, dut->pf_netdev, &pf, err);

	if (!rc && number >= pf.vf_count)
		rc = err_set(err, ENODATA, "%s reports nothing of VF %u", dut->pf_netdev, number);
	if (!rc)
		*settings = pf.vfs[number];
	netdev_free(&pf);
	return rc;
}

void dut_forget_vfs(struct dut *dut)
{
	dut->made = dut->listed = dut->vf_count = 0;
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

unsigned dut_vfs_to_list(const struct dut *dut)
{
	unsigned most = dut->vfs_limit && dut->vfs_limit < DUT_VFS ? dut->vfs_limit : DUT_VFS;

	return dut->total_vfs < most ? dut->total_vfs : most;
}

const struct dut_vf *dut_failing_vf(const struct dut *dut)
{
	for (unsigned i = 0; i < dut->listed; i++) {
		if (dut->vfs[i].fails)
			return &dut->vfs[i];
	}
	return NULL;
}

/* The numbers of the VFs that are looked at: the first ones, or what the seed deals. */
static int list_numbers(struct dut *dut, unsigned count, struct err *err)
{
	CLEANUP(cleanup_free) unsigned *numbers = calloc(dut->total_vfs, sizeof(*numbers));
	uint64_t state = dut->seed;

	if (!numbers)
		return err_set(err, ENOMEM, "no memory for %u VFs", dut->total_vfs);
	for (unsigned i = 0; i < dut->total_vfs; i++)
		numbers[i] = i;
	for (unsigned i = 0; i < count; i++) {
		unsigned left = dut->total_vfs - i;
		unsigned from = i + (dut->deals ? (unsigned)(random_next(&state) % left) : 0);
		unsigned number = numbers[from];

		numbers[from] = numbers[i];
		dut->vfs[i] = (struct dut_vf){ .number = number };
	}
	return 0;
}

/* Makes all VFs, without drivers, and lists those that are looked at. Sets their admin MACs if the PF's
 * driver can. */
static int make_vfs(struct dut *dut, struct err *err)
{
	unsigned count = dut_vfs_to_list(dut);
	int rc = vfs_set_autoprobe(dut->host, dut->pf, false, err);
	bool has_settings;

	if (!rc)
		rc = list_numbers(dut, count, err);
	if (!rc)
		rc = vfs_set_count(dut->host, dut->pf, dut->total_vfs, err);
	if (!rc)
		dut->made = dut->total_vfs;
	has_settings = !rc && dut_has_vf_settings(dut);
	for (unsigned i = 0; !rc && i < count; i++) {
		struct dut_vf *vf = &dut->vfs[i];
		struct vf_settings settings = { .given = VF_MAC,
			.mac = dut_test_mac(dut, vf->number) };

		vf->mac = settings.mac;
		rc = vf_find(dut->host, dut->pf, vf->number, &vf->bdf, err);
		if (!rc && has_settings)
			rc = vf_change_settings(dut->host, dut->pf, vf->number, &settings, err);
	}
	/* Without autoprobe the kernel would not probe a VF even on request. */
	if (!rc)
		rc = vfs_set_autoprobe(dut->host, dut->pf, true, err);
	if (!rc)
		dut->listed = count;
	return rc;
}

static int take_away(struct dut *dut, struct err *err)
{
	/* Closing the namespace's last descriptor would move the interfaces back some time
	 * later. So unbind the drivers first, which removes the interfaces. */
	for (unsigned i = 0; i < dut->listed; i++) {
		int rc = function_unbind(dut->host, dut->vfs[i].bdf, err);

		if (rc < 0)
			return rc;
	}
	dut_forget_vfs(dut);
	return vfs_set_count(dut->host, dut->pf, 0, err);
}

static bool is_ready(const struct dut_vf *vf)
{
	return vf->set_up && !vf->fails;
}

/* Reads the MACs that the VFs chose, if the PF's driver cannot set them. */
static int take_macs(struct dut *dut, unsigned from, unsigned to, struct err *err)
{
	int rc = 0;

	if (dut_has_vf_settings(dut))
		return 0;
	for (unsigned i = from; !rc && i < to; i++) {
		if (is_ready(&dut->vfs[i]))
			rc = dut_vf_mac(dut, i, &dut->vfs[i].mac, err);
	}
	return rc;
}

int dut_adopt_vfs(struct dut *dut, struct err *err)
{
	struct netdev pf = { 0 };
	int rc = netdev_read(dut->host, dut->pf_netdev, &pf, err);

	if (!rc && pf.vf_count > DUT_VFS)
		rc = err_set(err, ERANGE, "there are %zu VFs, and vfsuite handles at most %d",
				(size_t)pf.vf_count, DUT_VFS);
	for (unsigned i = 0; !rc && i < pf.vf_count; i++) {
		dut->vfs[i] = (struct dut_vf){ .number = i, .mac = pf.vfs[i].mac, .set_up = true };
		rc = vf_find(dut->host, dut->pf, i, &dut->vfs[i].bdf, err);
	}
	if (!rc)
		rc = netns_new(dut->host, &dut->vf_netns, err);
	if (!rc)
		dut->made = dut->listed = dut->vf_count = pf.vf_count;
	netdev_free(&pf);
	return rc ? rc : dut_settle_vfs(dut, err);
}

/* The VFs that work come first, in the order in which they were dealt. */
static void set_failing_aside(struct dut *dut)
{
	struct dut_vf kept[DUT_VFS];
	unsigned count = 0;

	for (int fails = 0; fails <= 1; fails++) {
		for (unsigned i = 0; i < dut->listed; i++) {
			if (!!dut->vfs[i].fails == fails)
				kept[count++] = dut->vfs[i];
		}
	}
	memcpy(dut->vfs, kept, count * sizeof(*kept));
}

static void count_ready(struct dut *dut)
{
	dut->vf_count = 0;
	while (dut->vf_count < dut->listed && is_ready(&dut->vfs[dut->vf_count]))
		dut->vf_count++;
}

void dut_deal(struct dut *dut, bool deals, uint64_t seed)
{
	uint64_t state = seed;
	bool again = dut->made && deals && seed != dut->seed;

	dut->deals = deals;
	dut->seed = seed;
	for (unsigned i = 0; again && i < dut->listed; i++) {
		unsigned from = i + (unsigned)(random_next(&state) % (dut->listed - i));
		struct dut_vf vf = dut->vfs[from];

		dut->vfs[from] = dut->vfs[i];
		dut->vfs[i] = vf;
	}
	if (again)
		set_failing_aside(dut);
	count_ready(dut);
}

/* Gives the VFs FROM to COUNT their drivers. All are probed before the first interface is awaited. */
static void give_drivers(struct dut *dut, unsigned from, unsigned count)
{
	struct deadline deadline;

	for (unsigned i = from; i < count; i++) {
		if (!dut->vfs[i].set_up)
			function_probe(dut->host, dut->vfs[i].bdf, NULL);
	}
	deadline = dut_deadline(dut, NETDEV_MS);
	for (unsigned i = from; i < count; i++) {
		if (dut->vfs[i].set_up)
			continue;
		dut->vfs[i].set_up = true;
		if (move_to_netns(dut, i, deadline, NULL) < 0 || set_up(dut, i, NULL) < 0)
			dut->vfs[i].fails = vf_path_checks[VF_DRIVER];
	}
}

/* Sets up the first COUNT VFs of the list that are not. A VF that does not come up is one that fails. */
static int set_up_next(struct dut *dut, unsigned count, struct err *err)
{
	unsigned from = dut->vf_count;
	int rc;

	give_drivers(dut, from, count);
	rc = take_macs(dut, from, count, err);
	if (!rc)
		rc = vf_paths_try(dut, (struct vf_range){ from, count }, VF_DRIVER,
				dut->deals ? VF_USABLE : VF_RECEIVES, NULL, err);
	if (dut->deals)
		set_failing_aside(dut);
	count_ready(dut);
	return rc;
}

static bool is_set_up(const struct dut *dut, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (!dut->vfs[i].set_up)
			return false;
	}
	return true;
}

int dut_setup_vfs(struct dut *dut, unsigned count, struct err *err)
{
	int rc = 0;

	if (count > dut_vfs_to_list(dut))
		return err_set(err, ERANGE,
				"cannot set up %u VFs: the card offers %u, and %u of them are "
				"looked at",
				count, dut->total_vfs, dut_vfs_to_list(dut));
	if (!count)
		return dut->made ? take_away(dut, err) : 0;
	if (count <= dut->vf_count)
		return dut_settle_vfs(dut, err);
	if (!dut->made) {
		rc = netns_new(dut->host, &dut->vf_netns, err);
		if (!rc)
			rc = make_vfs(dut, err);
		if (!dut->made)
			dut_forget_vfs(dut);
	}
	while (!rc && !is_set_up(dut, count))
		rc = set_up_next(dut, count, err);
	if (!rc && dut->deals && !dut->vf_count && is_set_up(dut, dut->listed))
		dut->none_works = dut->vfs[0].fails;
	return rc;
}
