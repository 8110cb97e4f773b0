/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checks/guest/pair.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/process.h"

enum {
	JOIN_MS = 8000, /* until the guest's driver has bound, and the carrier is there */
	PASSAGE_MS = 15000,
	LOOK_MS = 200,
	AFTER_MS = 5000,
	AFTER_FRAMES = 20, /* that must get through once the passage is over */
};

/* --- What the guest has ----------------------------------------------------------------------- */

int pair_look(struct pair *pair)
{
	struct tenant *red = &pair->tenants.red;
	struct guest_interface list[GUEST_INTERFACES], none = { .mtu = 0 };
	size_t count;
	int rc = guest_interfaces(red->guest, list, &count, &pair->tenants.run->err);

	if (rc < 0)
		return rc;
	pair->master = pair->primary = pair->standby = none;
	for (size_t i = 0; i < count; i++) {
		if (list[i].failover == FAILOVER_MASTER)
			pair->master = list[i];
		else if (list[i].failover == FAILOVER_PRIMARY)
			pair->primary = list[i];
		else if (list[i].failover == FAILOVER_STANDBY)
			pair->standby = list[i];
	}
	if (*pair->master.name)
		red->nic = pair->master;
	return 0;
}

static bool is_settled(const struct pair *pair, bool with_vf)
{
	return pair->master.carrier && (with_vf ? pair->primary.carrier : !*pair->primary.name);
}

int pair_await(struct pair *pair, bool with_vf)
{
	struct tenants *tenants = &pair->tenants;
	struct deadline deadline = dut_deadline(tenants->dut, JOIN_MS);
	int rc;

	do {
		rc = pair_look(pair);
		if (!rc && *pair->master.name && !pair->master.up)
			rc = guest_set_up(tenants->red.guest, pair->master.name, true,
					&tenants->run->err);
	} while (!rc && !is_settled(pair, with_vf) && deadline_left(deadline));
	if (rc < 0 || is_settled(pair, with_vf))
		return rc;
	return err_set(&tenants->run->err, ETIMEDOUT, "vm1 has %s%s",
			*pair->master.name ? "" : "no interface that joins the halves and ",
			!with_vf                              ? "still the VF"
					: *pair->primary.name ? "a VF without carrier"
							      : "no VF as one of them");
}

int pair_attach(struct pair *pair)
{
	struct tenants *tenants = &pair->tenants;
	CLEANUP(call_end) struct call call = { 0 };
	int rc = tenant_call_attach(tenants, &tenants->red, &call);

	if (!rc && call.status)
		rc = err_set(&tenants->run->err, EPROTO, "vfctl attach ends with %d: %.200s",
				call.status, call_last(&call));
	if (!rc)
		memcpy(tenants->red.nic.name, "?", 2); /* to be taken back */
	pair->joined = !rc && !pair_await(pair, true);
	return rc;
}

/* --- Passages --------------------------------------------------------------------------------- */

struct crossing_over {
	struct pair *pair;
	struct passage *passage;
	struct process process;
	int output; /* of the program */
	bool with_vf;
};

/* Until the guest is as it shall be, the program has ended, and further frames have got through. */
static int pass(struct crossing_over *over)
{
	struct pair *pair = over->pair;
	struct passage *passage = over->passage;
	struct deadline deadline = dut_deadline(pair->tenants.dut, PASSAGE_MS);
	struct deadline look = deadline_in(LOOK_MS);
	int64_t began_us = clock_us();
	int rc = 0, status = 0;

	while (!rc && !status && deadline_left(deadline)) {
		rc = stream_step(&passage->stream);
		if (rc < 0 || deadline_left(look))
			continue;
		look = deadline_in(LOOK_MS);
		if (over->process.pid)
			process_wait(&over->process, deadline_in(0), &status);
		rc = pair_look(pair);
		if (rc || over->process.pid || status || !is_settled(pair, over->with_vf))
			continue;
		passage->took_ms = (clock_us() - began_us) / 1000;
		rc = stream_await(&passage->stream, AFTER_FRAMES, AFTER_MS);
		passage->settled = !rc;
		return rc == -ETIMEDOUT ? 0 : rc;
	}
	passage->failed = status != 0;
	return rc;
}

static int start(struct crossing_over *over, const char *const argv[])
{
	struct tenants *tenants = &over->pair->tenants;
	int rc = stream_begin(tenants, &tenants->red, &over->passage->stream);

	if (rc < 0)
		return rc;
	over->output = memfd_create("output", MFD_CLOEXEC);
	return process_start(argv, (struct process_streams){ -1, over->output, over->output },
			&over->process, &tenants->run->err);
}

static int end(struct crossing_over *over)
{
	struct passage *passage = over->passage;
	int rc = stream_end(&passage->stream);

	process_end(&over->process, 0);
	if (over->output >= 0 &&
			pread(over->output, passage->said, sizeof(passage->said) - 1, 0) < 0)
		rc = err_sys(&over->pair->tenants.run->err, "the output cannot be read");
	cleanup_fd(&over->output);
	return rc;
}

static int cross_over(
		struct pair *pair, struct passage *passage, bool with_vf, const char *const argv[])
{
	struct crossing_over over = { .pair = pair,
		.passage = passage,
		.process = PROCESS_NONE,
		.output = -1,
		.with_vf = with_vf };
	int rc = start(&over, argv), ended;

	if (!rc)
		rc = pass(&over);
	ended = end(&over);
	return rc ? rc : ended;
}

int pair_unplug_vf(struct pair *pair)
{
	static const char *const argv[] = { "virsh", "-q", "detach-device-alias", "vm1", "ua-nic1",
		NULL };

	return cross_over(pair, &pair->away, false, argv);
}

int pair_plug_vf(struct pair *pair)
{
	static const char *const argv[] = { "vfctl", "vm", "upgrade", "vm1", NULL };

	return cross_over(pair, &pair->back, true, argv);
}
