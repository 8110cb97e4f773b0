/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checks/every_vf/every_vf_step.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "observe/facts.h"
#include "sriov/vfs.h"

/* What is seen of one VF. */
struct look {
	struct vf_paths paths, after_reset;
	struct vectors vectors;
	unsigned raised;  /* vectors, while frames passed */
	struct err reset; /* code 0: it was reset */
	bool no_vlan;     /* the PF refused it a port VLAN */
};

/* VFs whose driver is there are tried again, whatever was found when they were set up. */
static void forgive(struct dut *dut)
{
	for (unsigned i = 0; i < dut->listed; i++) {
		if (dut->vfs[i].fails != vf_path_checks[VF_DRIVER])
			dut->vfs[i].fails = NULL;
	}
}

static void read_vectors(const struct dut *dut, struct look looks[])
{
	for (unsigned i = 0; i < dut->listed; i++)
		vectors_read(dut, dut->vfs[i].bdf, &looks[i].vectors, NULL);
}

/* Counts the vectors that have been raised since read_vectors(). */
static void compare_vectors(const struct dut *dut, struct look looks[])
{
	for (unsigned i = 0; i < dut->listed; i++) {
		struct vectors now = { 0 };

		vectors_read(dut, dut->vfs[i].bdf, &now, NULL);
		for (unsigned k = 0; k < now.count && k < looks[i].vectors.count; k++)
			looks[i].raised += now.raised[k] > looks[i].vectors.raised[k];
	}
}

static int try_paths(struct dut *dut, struct look looks[], struct vf_paths seen[],
		enum vf_path first, enum vf_path end, struct err *err)
{
	int rc;

	/* Without its carrier a VF is not tried at all. */
	for (unsigned i = 0; i < dut->listed; i++) {
		seen[i] = looks[i].paths;
		if (looks[i].no_vlan)
			seen[i].frames[VF_CARRIER] = 0;
	}
	rc = vf_paths_try(dut, (struct vf_range){ 0, dut->listed }, first, end, seen, err);
	for (unsigned i = 0; i < dut->listed; i++) {
		if (!looks[i].no_vlan)
			looks[i].paths = seen[i];
	}
	return rc;
}

/* Gives each VF a port VLAN of its own, or takes it away. */
static void set_vlans(struct dut *dut, bool on, struct look looks[])
{
	for (unsigned i = 0; i < dut->listed; i++) {
		struct vf_settings settings = { .given = VF_VLAN,
			.vlan = on ? vf_paths_vlan(dut, i) : 0,
			.proto = on ? 0x8100 : 0 };
		int rc = vf_change_settings(
				dut->host, dut->pf, dut->vfs[i].number, &settings, NULL);

		if (on)
			looks[i].no_vlan = rc < 0;
	}
}

static void reset_vf(const struct dut *dut, const struct dut_vf *vf, struct err *err)
{
	char methods[64] = "";

	function_read(dut->host, vf->bdf, "reset_method", methods, sizeof(methods), NULL);
	if (vf->fails)
		err_set(err, ENODEV, "%s fails", vf->fails);
	else if (!strstr(methods, "flr"))
		err_set(err, EOPNOTSUPP, "the kernel offers no function-level reset");
	else if (function_unbind(dut->host, vf->bdf, err) == 0)
		function_reset(dut->host, vf->bdf, err);
	function_probe(dut->host, vf->bdf, err);
}

/* Resets the VFs that work, all of them before the first frame passes again. */
static void reset_vfs(struct dut *dut, struct look looks[])
{
	for (unsigned i = 0; i < dut->listed; i++)
		reset_vf(dut, &dut->vfs[i], &looks[i].reset);
	for (unsigned i = 0; i < dut->listed; i++) {
		if (!dut->vfs[i].fails)
			dut_bring_up(dut, i, &looks[i].reset);
	}
}

static int try_after_reset(
		struct dut *dut, struct look looks[], struct vf_paths seen[], struct err *err)
{
	int rc;

	memset(seen, 0, dut->listed * sizeof(*seen));
	reset_vfs(dut, looks);
	rc = vf_paths_try(dut, (struct vf_range){ 0, dut->listed }, VF_DRIVER, VF_RECEIVES_FULL,
			seen, err);
	for (unsigned i = 0; i < dut->listed; i++)
		looks[i].after_reset = seen[i];
	return rc;
}

static struct record *look_to_record(const struct look *look, unsigned number)
{
	struct record *item = record_object(), *frames = record_array(), *after;

	record_put_int(item, "vf", number);
	record_put_int(item, "tried", look->paths.tried);
	for (enum vf_path path = 0; path < VF_PATHS; path++)
		record_add_int(frames, look->paths.frames[path]);
	record_put(item, "frames", frames);
	record_put_int(item, "foreign", look->paths.foreign);
	record_put_int(item, "retried", look->paths.retried);
	record_put_int(item, "wrong_tags", look->paths.wrong_tags);
	record_put_int(item, "vectors", look->vectors.count);
	record_put_int(item, "raised", look->raised);
	record_put_str(item, "reset", look->reset.code ? look->reset.msg : NULL);
	if (!look->reset.code) {
		after = record_array();
		record_add_int(after, look->after_reset.frames[VF_RECEIVES]);
		record_add_int(after, look->after_reset.frames[VF_SENDS]);
		record_put(item, "after_reset", after);
	}
	return item;
}

/* The VF of the list that has the lowest number above LAST, or -1. */
static int next_by_number(const struct dut *dut, int last)
{
	int next = -1;

	for (unsigned i = 0; i < dut->listed; i++) {
		int number = (int)dut->vfs[i].number;

		if (number > last && (next < 0 || number < (int)dut->vfs[next].number))
			next = (int)i;
	}
	return next;
}

static void record_looks(struct check_run *run, const struct look looks[])
{
	const struct dut *dut = run->dut;
	unsigned retried = 0;

	for (unsigned i = 0; i < dut->listed; i++)
		retried += looks[i].paths.retried;
	evidence_text(run, "VFs looked at", "%u of %u", dut->listed, dut->total_vfs);
	evidence_int(run, "bursts that needed a second try", retried, NULL);
	for (int i, last = -1; (i = next_by_number(dut, last)) >= 0;) {
		struct record *evidence = record_object();

		last = (int)dut->vfs[i].number;
		record_put_str(evidence, "name", "VF");
		record_put(evidence, "value", look_to_record(&looks[i], dut->vfs[i].number));
		record_add(run->evidence, evidence);
	}
}

static enum verdict look_at_all(struct check_run *run)
{
	struct dut *dut = run->dut;
	CLEANUP(cleanup_free) struct look *looks = calloc(dut->listed + 1, sizeof(*looks));
	CLEANUP(cleanup_free) struct vf_paths *seen = calloc(dut->listed + 1, sizeof(*seen));
	bool has_settings = dut_has_vf_settings(dut);
	int rc;

	if (!looks || !seen || !dut->listed)
		return check_broken(run, "there is no VF to look at");
	forgive(dut);
	read_vectors(dut, looks);
	rc = try_paths(dut, looks, seen, VF_DRIVER, VF_CARRIES, &run->err);
	compare_vectors(dut, looks);
	if (!rc && has_settings) {
		set_vlans(dut, true, looks);
		rc = try_paths(dut, looks, seen, VF_CARRIES, VF_PATHS, &run->err);
		set_vlans(dut, false, looks);
	}
	if (!rc)
		rc = try_after_reset(dut, looks, seen, &run->err);
	record_looks(run, looks);
	return rc ? check_broken(run, "the VFs cannot be looked at") : VERDICT_PASS;
}

const struct check step_every_vf = {
	.id = "every-vf.look",
	.title = "All VFs are looked at",
	.timeout_s = 120,
	.fn = look_at_all,
};

const struct record *every_vf_item(const struct check_run *run, size_t index)
{
	for (size_t i = 0; i < record_length(run->observed); i++) {
		const struct record *item = record_get(record_at(run->observed, i), "value");

		if (record_get(item, "vf") && index-- == 0)
			return item;
	}
	return NULL;
}
