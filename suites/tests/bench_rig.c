/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "rig/qemu.h"
#include "tests/rig_place.h"

/*
 * Measures the time until vfsuite answers on a rig, and the bare boot of the same kernel in the
 * same QEMU up to the first program of the initramfs. The runs alternate, so that a busy machine
 * slows all of them.
 *
 * The targets are 2 s from a snapshot and 5 s for a cold boot with TCG on 2 cores, where the bare
 * boot takes REFERENCE_S of processor time. They are compared as ratios to the bare boot. SLACK is
 * for the disk and the additional threads of a rig, which a busy machine slows more than a bare
 * boot. The seconds are printed too.
 */

#define RUNS        3
#define REFERENCE_S 3.3
#define SLACK       1.5
#define BARE_MS     120000

struct times {
	double bare[RUNS], snapshot[RUNS], cold[RUNS];
};

static int by_value(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static double median(double times[RUNS])
{
	qsort(times, RUNS, sizeof(*times), by_value);
	return times[RUNS / 2];
}

static double since(int64_t start_us)
{
	return (double)(clock_us() - start_us) / 1e6;
}

static int time_rig(struct rig_place *place, bool cold, double *seconds, bool *kvm, struct err *err)
{
	CLEANUP(cleanup_rig) struct rig *rig = NULL;
	int64_t start_us = clock_us();
	int rc;

	rig_options_set(&place->options, "cold", cold ? "" : NULL);
	rc = rig_up(&place->options, &rig, err);
	*seconds = since(start_us);
	if (rc < 0)
		return rc;
	*kvm = !strcmp(record_str(rig_identity(rig), "accelerator", ""), "kvm");
	if (record_bool(rig_identity(rig), "snapshot", false) == cold)
		return err_set(err, EPROTO, "the rig came up from %s",
				cold ? "a snapshot" : "cold");
	return 0;
}

static int time_all(struct rig_place *place, struct times *times, struct err *err)
{
	CLEANUP(cleanup_rig) struct rig *first = NULL;
	bool kvm = false;
	int rc = rig_up(&place->options, &first, err); /* also saves the snapshot */

	rig_down(TAKE(first));
	for (int i = 0; !rc && i < RUNS; i++) {
		int64_t start_us;

		rc = time_rig(place, true, &times->cold[i], &kvm, err);
		if (!rc)
			rc = time_rig(place, false, &times->snapshot[i], &kvm, err);
		start_us = clock_us();
		if (!rc)
			rc = qemu_boot_bare(place->qemu, kvm ? "kvm" : "tcg,thread=multi",
					place->kernel, place->run, deadline_in(BARE_MS), err);
		times->bare[i] = since(start_us);
	}
	return rc;
}

/* Returns whether the ratio is within the bound. */
static bool judge(const char *what, double seconds, double bare, double target)
{
	double ratio = seconds / bare, bound = target / REFERENCE_S * SLACK;

	printf("%-28s %6.2f s  %5.2f x bare boot (bound %.2f)\n", what, seconds, ratio, bound);
	return ratio <= bound;
}

int main(void)
{
	CLEANUP(rig_place_free) struct rig_place place;
	struct err err = { 0 };
	struct times times;
	double bare;
	bool good;
	int rc = rig_place_init(&place, SOURCE_DIR, BUILD_DIR, &err);

	signal(SIGPIPE, SIG_IGN);
	if (!rc)
		rc = time_all(&place, &times, &err);
	if (rc < 0) {
		fprintf(stderr, "bench_rig: %s\n", err.msg);
		return 1;
	}
	bare = median(times.bare);
	printf("medians of %d\n", RUNS);
	printf("%-28s %6.2f s\n", "bare kernel boot", bare);
	good = judge("rig up from a snapshot", median(times.snapshot), bare, 2.0);
	good = judge("rig up from cold", median(times.cold), bare, 5.0) && good;
	return good ? 0 : 1;
}
