/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checks/provision/vf_count_sweep.h"

#include "base/cleanup.h"
#include "observe/facts.h"
#include "sriov/lease.h"
#include "sriov/vfs.h"

enum {
	BOUND_MS = 5000,       /* until the kernel has bound the drivers of new VFs */
	UNBOUND_HOLD_MS = 200, /* how long VFs that must stay without a driver are watched */
	EACH_UP_TO = 8,        /* above it, numbers double */
};

struct mac vf_count_sweep_mac(const struct dut *dut)
{
	return dut_test_mac(dut, 40);
}

const struct record *vf_count_sweep_item(const struct check_run *run, size_t index)
{
	return record_get(record_at(run->observed, index), "value");
}

static struct record *vf_counts_to_record(const struct vf_counts *counts)
{
	struct record *record = record_object();

	record_put_int(record, "reported", counts->reported);
	record_put_int(record, "links", counts->links);
	record_put_int(record, "on_bus", counts->on_bus);
	record_put_int(record, "in_config", counts->in_config);
	record_put_int(record, "bound", counts->bound);
	return record;
}

struct bound_watch {
	struct check_run *run;
	struct vf_counts counts;
	unsigned awaited; /* VFs with a driver */
	bool failed;
};

static bool as_awaited(void *argument)
{
	struct bound_watch *watch = argument;

	watch->failed = vf_counts_read(watch->run->dut, &watch->counts, &watch->run->err) < 0;
	return watch->failed || watch->counts.bound == watch->awaited;
}

static bool otherwise(void *argument)
{
	const struct bound_watch *watch = argument;

	return !as_awaited(argument) || watch->failed;
}

/* Records the counts once all VFs are bound; without autoprobe, after the time that binding
 * could take. */
static int note_made(struct check_run *run, struct record *item, unsigned count, bool autoprobe)
{
	struct bound_watch watch = { .run = run, .awaited = autoprobe ? count : 0 };

	if (autoprobe)
		clock_poll(as_awaited, &watch, dut_deadline(run->dut, BOUND_MS), 20);
	else
		clock_poll(otherwise, &watch, deadline_in(count == 1 ? UNBOUND_HOLD_MS : 0), 20);
	if (watch.failed)
		return -EIO;
	record_put(item, "made", vf_counts_to_record(&watch.counts));
	return 0;
}

/* Records what the PF reports about the new VF 0. With the first number of VFs, sets settings
 * that the next VF 0 must not inherit. */
static int note_policy(struct check_run *run, struct record *item, bool first)
{
	struct dut *dut = run->dut;
	struct vf_settings settings = { .given = VF_MAC | VF_VLAN,
		.mac = vf_count_sweep_mac(dut),
		.vlan = VF_COUNT_SWEEP_VLAN,
		.proto = 0x8100 };
	struct netdev pf = { 0 };
	char text[MAC_TEXT];
	int rc = netdev_read(dut->host, dut->pf_netdev, &pf, &run->err);

	if (rc < 0)
		return rc;
	if (pf.vf_count) {
		record_put_str(item, "mac", mac_format(pf.vfs[0].mac, text));
		record_put_int(item, "vlan", pf.vfs[0].vlan);
	}
	if (first && pf.vf_count)
		rc = vf_change_settings(dut->host, dut->pf, 0, &settings, &run->err);
	netdev_free(&pf);
	return rc;
}

static int note_removed(struct check_run *run, struct record *item)
{
	struct err err = { 0 };
	struct vf_counts counts;

	record_put_null(item, "kept");
	if (vfs_set_count(run->dut->host, run->dut->pf, 0, &err) < 0)
		record_put_str(item, "kept", err.msg);
	if (vf_counts_read(run->dut, &counts, &run->err) < 0)
		return -EIO;
	record_put(item, "removed", vf_counts_to_record(&counts));
	return 0;
}

/* Makes and removes COUNT VFs, and records both. */
static int visit(struct check_run *run, unsigned count, bool autoprobe)
{
	struct dut *dut = run->dut;
	struct record *evidence = record_object(), *item = record_object();
	int64_t start = clock_ms();
	struct err err = { 0 };
	int rc;

	record_put_str(evidence, "name", "number of VFs");
	record_put(evidence, "value", item);
	record_add(run->evidence, evidence);
	record_put_int(item, "asked", count);
	record_put_bool(item, "autoprobe", autoprobe);
	record_put_null(item, "refused");
	/* If this fails, the counts show it. */
	vfs_set_autoprobe(dut->host, dut->pf, autoprobe, NULL);
	if (vfs_set_count(dut->host, dut->pf, count, &err) < 0)
		record_put_str(item, "refused", err.msg);
	rc = note_made(run, item, count, autoprobe);
	if (!rc)
		rc = note_policy(run, item, count == 1);
	if (!rc)
		rc = note_removed(run, item);
	record_put_int(item, "ms", clock_ms() - start);
	return rc;
}

static unsigned next_count(unsigned count, unsigned total)
{
	unsigned next = count < EACH_UP_TO ? count + 1 : 2 * count;

	return count < total && next > total ? total : next;
}

static enum verdict sweep_vf_counts(struct check_run *run)
{
	CLEANUP(cleanup_lease) struct lease *lease = NULL;
	unsigned total = run->dut->total_vfs;

	if (lease_begin(run->dut->host, run->dut->pf, &lease, &run->err) < 0)
		return check_broken(run, "cannot prepare the PF");
	for (unsigned count = 1; count <= total; count = next_count(count, total)) {
		if (visit(run, count, count == total) < 0)
			return check_broken(run, "%u VFs cannot be examined", count);
	}
	return total ? VERDICT_PASS : check_broken(run, "the driver offers no VFs");
}

const struct check step_vf_count_sweep = {
	.id = "provision.sweep",
	.title = "Each number of VFs is made and removed",
	.timeout_s = 120,
	.fn = sweep_vf_counts,
};
