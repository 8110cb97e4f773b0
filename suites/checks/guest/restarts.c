/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <poll.h>
#include <string.h>

#include "base/cleanup.h"
#include "checks/guest/interruption.h"
#include "checks/suites.h"

/* Guests, libvirt's daemon, QEMU and the manager end in the middle, and start again. */

enum { BOOT_MS = 30000, LOOK_MS = 500 };

static enum verdict open_failed(struct check_run *run)
{
	return check_broken(run, "the host of the guests cannot be set up");
}

static enum verdict open_with_vf(struct check_run *run, struct tenants *tenants)
{
	if (tenants_open(run, tenants) < 0)
		return open_failed(run);
	return tenant_attach(tenants, &tenants->red) < 0
			? check_fail(run, "vm1 does not get its VF")
			: VERDICT_PASS;
}

/* --- The guest boots -------------------------------------------------------------------------- */

/* A boot ends the agent's jobs, and only that does. What is asked before is lost with the old system. */
static int await_boot(struct tenants *tenants, unsigned job)
{
	struct tenant *red = &tenants->red;
	struct deadline deadline = dut_deadline(tenants->dut, BOOT_MS);
	struct err err;

	do {
		struct guest_heard heard;
		int rc;

		err = (struct err){ 0 };
		guest_close(TAKE(red->guest));
		rc = guest_open(tenants->dut, red->vm, &red->guest, &err);
		if (!rc)
			rc = guest_heard(red->guest, job, &heard, &err);
		if (rc == -EREMOTEIO)
			return 0;
		poll(NULL, 0, LOOK_MS);
	} while (deadline_left(deadline));
	return err_set(&tenants->run->err, ETIMEDOUT, "vm1 does not boot: %s",
			err.code ? err.msg : "it runs as before");
}

static enum verdict survives_reboot(struct check_run *run)
{
	CLEANUP(tenants_close) struct tenants tenants = { 0 };
	enum verdict verdict = open_with_vf(run, &tenants);
	struct tenant *red = &tenants.red;
	const struct vf_settings want = tenant_settings(red);
	int64_t began_us = clock_us();
	unsigned job;
	char text[300];

	if (verdict != VERDICT_PASS)
		return verdict;
	if (guest_listen(red->guest, red->nic.name, tenants_mark(&tenants), &job, &run->err) < 0 ||
			guest_end(red->guest, "reboot", &run->err) < 0)
		return check_broken(run, "vm1 cannot be told to boot");
	if (await_boot(&tenants, job) < 0)
		return check_fail(run, "vm1 does not come back with its VF");
	evidence_int(run, "reboot until the agent answers", (clock_us() - began_us) / 1000, "ms");
	if (tenant_await_nic(&tenants, red) < 0)
		return check_fail(run, "after the boot vm1 has no VF");
	if (tenants_compare(&tenants, red->vf, &want, text, sizeof(text)) < 0)
		return check_broken(run, "the settings of the VF cannot be read");
	if (*text)
		return check_fail(run, "after the boot %s", text);
	verdict = tenant_is_connected(&tenants, red, "after the boot");
	if (verdict == VERDICT_PASS && tenant_detach(&tenants, red) < 0)
		return check_fail(run, "after the boot vm1 does not give its VF back");
	return verdict == VERDICT_PASS ? tenants_vf_is_back(&tenants, red->vf, "after the boot")
				       : verdict;
}

/* --- libvirt's daemon ends -------------------------------------------------------------------- */

static enum verdict survives_daemon(struct check_run *run)
{
	CLEANUP(tenants_close) struct tenants tenants = { 0 };
	enum verdict verdict = open_with_vf(run, &tenants);

	if (verdict != VERDICT_PASS)
		return verdict;
	if (daemon_kill(&tenants) < 0)
		return check_broken(run, "libvirt's daemon cannot be killed and started");
	verdict = tenant_is_connected(&tenants, &tenants.red, "after the daemon was killed");
	if (verdict == VERDICT_PASS && tenant_detach(&tenants, &tenants.red) < 0)
		return check_fail(
				run, "after the daemon was killed, vm1 does not give its VF back");
	return verdict == VERDICT_PASS ? tenants_vf_is_back(&tenants, tenants.red.vf,
							 "after the daemon was killed")
				       : verdict;
}

/* --- In the middle of an attach or a detach --------------------------------------------------- */

/* The guest starts again without the VF, which the manager then finds free. */
static enum verdict give_up(struct tenants *tenants, enum verdict verdict)
{
	static const char *const restore[] = { "restore", NULL };
	CLEANUP(call_end) struct call call = { 0 };

	tenant_take_nic(tenants, &tenants->red);
	manager_call(tenants->run, restore, &call);
	return verdict;
}

/* What is killed, in which verb of vfctl, at which moments. */
static const struct killing {
	const char *check, *verb;
	enum victim victim;
	enum moment moments[3];
	size_t count;
} killings[] = {
	{ "restarts.daemon-killed-attach", "attach", VICTIM_DAEMON,
			{ MOMENT_RESERVED, MOMENT_UNBOUND }, 2 },
	{ "restarts.daemon-killed-plugging", "attach", VICTIM_DAEMON, { MOMENT_OPENED }, 1 },
	{ "restarts.daemon-killed-detach", "detach", VICTIM_DAEMON,
			{ MOMENT_RELEASING, MOMENT_CLOSED }, 2 },
	{ "restarts.manager-killed-attach", "attach", VICTIM_MANAGER,
			{ MOMENT_RESERVED, MOMENT_UNBOUND, MOMENT_OPENED }, 3 },
	{ "restarts.manager-killed-detach", "detach", VICTIM_MANAGER,
			{ MOMENT_RELEASING, MOMENT_CLOSED }, 2 },
	{ "restarts.machine-killed-attach", "attach", VICTIM_MACHINE, { MOMENT_OPENED }, 1 },
};

static enum verdict kill_once(
		struct tenants *tenants, const struct killing *killing, enum moment moment)
{
	struct check_run *run = tenants->run;
	CLEANUP(interruption_end)
	struct interruption interruption = { .tenants = tenants,
		.victim = killing->victim,
		.moment = moment,
		.manager = PROCESS_NONE,
		.output = -1 };

	if (!strcmp(killing->verb, "detach") && tenant_attach(tenants, &tenants->red) < 0)
		return check_fail(run, "vm1 does not get its VF");
	memcpy(tenants->red.nic.name, "?", 2); /* to be taken back */
	if (interrupt(&interruption, killing->verb) < 0)
		return check_broken(run, "vfctl %s cannot be interrupted", killing->verb);
	return interruption_judge(&interruption);
}

static enum verdict killed_in_the_middle(struct check_run *run)
{
	CLEANUP(tenants_close) struct tenants tenants = { 0 };
	const struct killing *killing = killings;
	enum verdict verdict = VERDICT_PASS;

	while (strcmp(killing->check, run->check->id) != 0)
		killing++;
	if (tenants_open(run, &tenants) < 0)
		return open_failed(run);
	for (size_t i = 0; verdict == VERDICT_PASS && i < killing->count; i++)
		verdict = kill_once(&tenants, killing, killing->moments[i]);
	return verdict == VERDICT_PASS ? verdict : give_up(&tenants, verdict);
}

#define RESTART(name, says, because, seconds, function)                                    \
	{                                                                                  \
		.id = "restarts." name, .title = says, .why = because, .slow = true,       \
		.needs = NEED_GUESTS | NEED_WIRE | NEED_VF_SETTINGS, .timeout_s = seconds, \
		.fn = function                                                             \
	}

const struct check suite_restarts[] = {
	RESTART("reboot-keeps-vf", "A guest that boots again has its VF as before",
			"Each update of the guest's kernel costs it its network.", 120,
			survives_reboot),
	RESTART("daemon-killed-plugged", "A VF outlives the end of libvirt's daemon",
			"A crash of the daemon, or an update of it, costs all guests their network.",
			60, survives_daemon),
	RESTART("daemon-killed-attach",
			"An attach in which libvirt's daemon ends is done, or as if it never was",
			"The VF belongs to nobody, or to a guest of which libvirt does not know.",
			240, killed_in_the_middle),
	RESTART("daemon-killed-plugging",
			"A VF that QEMU has from a daemon that ended is the guest's, or as before",
			"The guest has a NIC of which libvirt does not know, and nobody can take it.",
			240, killed_in_the_middle),
	RESTART("daemon-killed-detach",
			"A detach in which libvirt's daemon ends is done, or as if it never was",
			"The VF keeps MAC and VLAN of the guest that had it.", 240,
			killed_in_the_middle),
	RESTART("manager-killed-attach",
			"What a manager that was killed in an attach has begun, the next one ends",
			"The VF has settings of a guest that does not have it.", 240,
			killed_in_the_middle),
	RESTART("manager-killed-detach",
			"What a manager that was killed in a detach has begun, the next one ends",
			"The VF keeps trust and rates of the guest that had it.", 240,
			killed_in_the_middle),
	RESTART("machine-killed-attach", "After the end of QEMU in an attach the VF is as before",
			"A guest that crashes takes a VF from the pool.", 240,
			killed_in_the_middle),
	{ 0 },
};
