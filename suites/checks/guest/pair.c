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
	PACE_US = 10000,
	STREAM_FRAMES = 6000,
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
	int output; /* its, in memory */
	bool with_vf;
	uint64_t from_guest, to_guest; /* marks */
	unsigned stream, listener;     /* jobs */
	int64_t last_us;               /* of a frame on the wire */
};

/* One frame to the guest, and those that come from it. */
static int exchange(struct crossing_over *over)
{
	struct tenants *tenants = &over->pair->tenants;
	struct endpoint *wire = tenants->traffic.partner;
	struct passage *passage = over->passage;
	struct burst burst = burst_to(&tenants->red);
	unsigned arrived;
	int64_t now_us;
	int rc;

	burst.from = endpoint_mac(wire);
	rc = endpoint_flood(wire, &burst, 1, &over->to_guest, &tenants->run->err);
	if (rc > 0)
		passage->to_guest++;
	arrived = endpoint_receive(
			wire, over->from_guest, passage->arrived + 1, deadline_in(PACE_US / 1000))
				  .frames;
	now_us = clock_us();
	if ((now_us - over->last_us) / 1000 > passage->silence_ms)
		passage->silence_ms = (now_us - over->last_us) / 1000;
	if (arrived > passage->arrived)
		over->last_us = now_us;
	passage->arrived = arrived;
	return rc < 0 ? rc : 0;
}

/* Until the guest is as it shall be, the program has ended, and further frames have got through. */
static int pass(struct crossing_over *over)
{
	struct pair *pair = over->pair;
	struct deadline deadline = dut_deadline(pair->tenants.dut, PASSAGE_MS);
	struct deadline look = deadline_in(LOOK_MS);
	int64_t began_us = clock_us();
	unsigned from = 0;
	int rc = 0, status = 0;

	while (!rc && deadline_left(deadline)) {
		rc = exchange(over);
		if (from && over->passage->arrived >= from + AFTER_FRAMES)
			break;
		if (rc < 0 || from || deadline_left(look))
			continue;
		look = deadline_in(LOOK_MS);
		if (over->process.pid)
			process_wait(&over->process, deadline_in(0), &status);
		if (status)
			break;
		rc = pair_look(pair);
		if (!rc && !over->process.pid && is_settled(pair, over->with_vf)) {
			over->passage->took_ms = (clock_us() - began_us) / 1000;
			from = over->passage->arrived + 1;
		}
	}
	over->passage->failed = status != 0;
	over->passage->settled = !status && from && over->passage->arrived >= from + AFTER_FRAMES;
	return rc;
}

static int start(struct crossing_over *over, const char *const argv[])
{
	struct tenants *tenants = &over->pair->tenants;
	struct guest_frames frames = frames_to_wire(tenants);
	struct tenant *red = &tenants->red;
	struct err *err = &tenants->run->err;
	int rc;

	over->from_guest = frames.mark = tenants_mark(tenants);
	over->to_guest = tenants_mark(tenants);
	frames.frames = STREAM_FRAMES;
	frames.every_us = PACE_US;
	rc = guest_listen(red->guest, red->nic.name, over->to_guest, &over->listener, err);
	if (!rc)
		rc = guest_stream(red->guest, red->nic.name, &frames, &over->stream, err);
	over->last_us = clock_us();
	for (unsigned i = 0; !rc && i < AFTER_FRAMES; i++)
		rc = exchange(over);
	if (rc < 0)
		return rc;
	over->output = memfd_create("output", MFD_CLOEXEC);
	return process_start(argv, (struct process_streams){ -1, over->output, over->output },
			&over->process, err);
}

static int end(struct crossing_over *over)
{
	struct tenants *tenants = &over->pair->tenants;
	struct guest *guest = tenants->red.guest;
	struct err *err = &tenants->run->err;
	struct guest_heard heard = { 0 };
	struct guest_sent sent = { 0 };
	int rc = over->stream ? guest_sent(guest, over->stream, &sent, err) : 0;

	if (over->stream)
		guest_stop(guest, over->stream, NULL);
	if (!rc && over->listener)
		rc = guest_heard(guest, over->listener, &heard, err);
	if (over->listener)
		guest_stop(guest, over->listener, NULL);
	process_end(&over->process, 0);
	if (over->output >= 0 &&
			pread(over->output, over->passage->said, sizeof(over->passage->said) - 1,
					0) < 0)
		rc = err_sys(err, "the output cannot be read");
	cleanup_fd(&over->output);
	over->passage->sent = (unsigned)sent.sent;
	over->passage->heard = (unsigned)heard.frames;
	over->passage->deaf_ms = heard.longest_gap_ms;
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
