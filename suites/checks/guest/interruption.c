/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checks/guest/interruption.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/name.h"
#include "host/device_users.h"
#include "sriov/reservation.h"
#include "sriov/vfs.h"

enum {
	MOMENT_MS = 20000,
	LOOK_MS = 2,
	END_MS = 20000,
	ANSWER_MS = 10000,
	ANSWER_EVERY_MS = 300,
	OUTPUT_LIMIT = 65536,
	/* libvirt may be at it for that long after a manager was killed; not scaled in the manager. */
	SETTLE_MS = 60000,
	SETTLE_EVERY_MS = 2000,
};

/* --- The moment ------------------------------------------------------------------------------- */

static bool has_stage(const struct interruption *interruption, enum reservation_stage stage)
{
	struct reservation now;

	return !reservation_read(interruption->tenants->dut->host, interruption->vf, &now, NULL) &&
			now.stage == stage;
}

static bool is_bound(const struct interruption *interruption)
{
	char driver[NAME_ROOM] = "";

	function_link(interruption->tenants->dut->host, interruption->vf, "driver", driver,
			sizeof(driver));
	return !strcmp(driver, "igbvf");
}

static bool is_open(const struct interruption *interruption)
{
	const struct host *host = interruption->tenants->dut->host;
	struct device_users users = { 0 };
	bool open;

	device_users_read(host, &users);
	open = device_user_of(host, &users, interruption->vf) != NULL;
	device_users_free(&users);
	return open;
}

static bool has_come(const struct interruption *interruption)
{
	switch (interruption->moment) {
	case MOMENT_RESERVED:
		return has_stage(interruption, RESERVATION_PLUGGING);
	case MOMENT_UNBOUND:
		return !is_bound(interruption);
	case MOMENT_OPENED:
		return is_open(interruption);
	case MOMENT_RELEASING:
		return has_stage(interruption, RESERVATION_UNPLUGGING);
	case MOMENT_CLOSED:
		return !is_open(interruption);
	}
	return false;
}

static const char *moment_name(enum moment moment)
{
	static const char *const names[] = { [MOMENT_RESERVED] = "when the VF was reserved",
		[MOMENT_UNBOUND] = "when its driver was taken",
		[MOMENT_OPENED] = "when QEMU had it open",
		[MOMENT_RELEASING] = "when the guest was asked for it",
		[MOMENT_CLOSED] = "when QEMU had closed it" };

	return names[moment];
}

/* --- The victim ------------------------------------------------------------------------------- */

static const struct {
	const char *name, *pid_file;
} victims[] = {
	[VICTIM_MANAGER] = { "vfctl" },
	[VICTIM_DAEMON] = { "libvirtd", "run/libvirtd.pid" },
	[VICTIM_MACHINE] = { "QEMU", "run/libvirt/qemu/vm1.pid" },
};

static int find_pid(struct tenants *tenants, enum victim victim, pid_t *pid)
{
	char text[32] = "";
	int rc = host_read(tenants->dut->host, victims[victim].pid_file, text, sizeof(text),
			&tenants->run->err);

	*pid = (pid_t)strtol(text, NULL, 10);
	if (!rc && *pid <= 1)
		rc = err_set(&tenants->run->err, EPROTO, "/%s has no PID",
				victims[victim].pid_file);
	return rc;
}

static bool answers(struct tenants *tenants)
{
	const char *const argv[] = { "virsh", "-q", "list", NULL };
	CLEANUP(call_end) struct call call = { 0 };

	return program_call(tenants->run, argv, &call) == 0 && !call.status;
}

/* Starts it if nothing else does, and waits until it answers. */
static int daemon_start(struct tenants *tenants)
{
	/* systemd does it itself. */
	static const char *const start[] = { "sh", "-c",
		"[ -d /run/systemd/system ] || setsid /run/vfcert-guests/disk/vfguest reap "
		"libvirtd --daemon </dev/null >/dev/null 2>&1 &",
		NULL };
	struct deadline deadline = dut_deadline(tenants->dut, ANSWER_MS);
	int rc = tenants_run(tenants, start);

	while (!rc && !answers(tenants)) {
		if (!deadline_left(deadline))
			return err_set(&tenants->run->err, ETIMEDOUT,
					"libvirt's daemon does not answer after its end");
		poll(NULL, 0, ANSWER_EVERY_MS);
	}
	return rc;
}

int daemon_kill(struct tenants *tenants)
{
	pid_t pid;
	int rc = find_pid(tenants, VICTIM_DAEMON, &pid);

	if (!rc && kill(pid, SIGKILL) < 0)
		rc = err_sys(&tenants->run->err, "libvirtd cannot be killed");
	return rc ? rc : daemon_start(tenants);
}

/* --- The interruption ------------------------------------------------------------------------- */

static int start(struct interruption *interruption, const char *verb)
{
	struct tenants *tenants = interruption->tenants;
	const struct tenant *red = &tenants->red;
	char mac[MAC_TEXT], vf[IFNAMSIZ + 4];
	const char *const attach[] = { "vfctl", "attach", red->vm, "--profile", red->profile,
		"--nic", red->label, "--mac", mac_format(red->mac, mac), "--vf", vf, NULL };
	const char *const detach[] = { "vfctl", "detach", red->vm, red->label, "--timeout", "10",
		NULL };
	int rc = vf_find(tenants->dut->host, tenants->dut->pf, red->vf, &interruption->vf,
			&tenants->run->err);

	snprintf(vf, sizeof(vf), "%s/%u", tenants->dut->pf_netdev, red->vf);
	interruption->manager = PROCESS_NONE;
	interruption->output = memfd_create("output", MFD_CLOEXEC);
	if (!rc && interruption->victim != VICTIM_MANAGER)
		rc = find_pid(tenants, interruption->victim, &interruption->pid);
	if (!rc)
		rc = process_start(!strcmp(verb, "attach") ? attach : detach,
				(struct process_streams){
						-1, interruption->output, interruption->output },
				&interruption->manager, &tenants->run->err);
	if (!rc && interruption->victim == VICTIM_MANAGER)
		interruption->pid = interruption->manager.pid;
	return rc;
}

/* How the manager has ended, if it has. */
static int wait_for_end(struct interruption *interruption, struct deadline deadline)
{
	int status = 0;
	int rc = process_wait(&interruption->manager, deadline, &status);

	if (rc < 0)
		return rc;
	interruption->call.status =
			WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	lseek(interruption->output, 0, SEEK_SET);
	return file_read_fd(interruption->output, "vfctl", OUTPUT_LIMIT, &interruption->call.output,
			NULL, &interruption->tenants->run->err);
}

static int strike(struct interruption *interruption)
{
	struct tenants *tenants = interruption->tenants;
	struct deadline deadline = dut_deadline(tenants->dut, MOMENT_MS);
	int64_t began_ms = clock_ms();

	while (!has_come(interruption)) {
		if (!wait_for_end(interruption, deadline_in(LOOK_MS)))
			return err_set(&tenants->run->err, EPROTO,
					"vfctl ended with %d before the moment came: %.200s",
					interruption->call.status, call_last(&interruption->call));
		if (!deadline_left(deadline))
			return err_set(&tenants->run->err, ETIMEDOUT, "the moment did not come");
	}
	interruption->into_ms = clock_ms() - began_ms;
	if (kill(interruption->pid, SIGKILL) < 0)
		return err_sys(&tenants->run->err, "%s cannot be killed",
				victims[interruption->victim].name);
	interruption->struck = true;
	return 0;
}

int interrupt(struct interruption *interruption, const char *verb)
{
	struct tenants *tenants = interruption->tenants;
	int rc = start(interruption, verb);

	if (!rc)
		rc = strike(interruption);
	if (!rc && interruption->victim == VICTIM_DAEMON)
		rc = daemon_start(tenants);
	if (!rc && wait_for_end(interruption, dut_deadline(tenants->dut, END_MS)) < 0)
		rc = err_set(&tenants->run->err, ETIMEDOUT, "vfctl %s does not end", verb);
	if (!rc)
		evidence_text(tenants->run, moment_name(interruption->moment),
				"%s killed %d ms after the start; vfctl %s: status %d, %.200s",
				victims[interruption->victim].name, (int)interruption->into_ms,
				verb, interruption->call.status, call_last(&interruption->call));
	return rc;
}

void interruption_end(struct interruption *interruption)
{
	process_end(&interruption->manager, 0);
	cleanup_fd(&interruption->output);
	call_end(&interruption->call);
}

/* --- What comes of it ------------------------------------------------------------------------- */

/* Each verb that changes something cleans up first. It must not take for lost what may still be going on. */
static int settle(struct interruption *interruption)
{
	static const char *const args[] = { "restore", NULL };
	struct tenants *tenants = interruption->tenants;
	struct deadline deadline = dut_deadline(tenants->dut, SETTLE_MS);
	int64_t began_ms = clock_ms();

	for (;;) {
		CLEANUP(call_end) struct call call = { 0 };
		struct reservation now;
		int rc = manager_call(tenants->run, args, &call);

		if (rc < 0)
			return rc;
		rc = reservation_read(tenants->dut->host, interruption->vf, &now, NULL);
		if (rc == -ENOENT || (!rc && now.stage == RESERVATION_PLUGGED))
			break;
		if (!deadline_left(deadline))
			return err_set(&tenants->run->err, ETIMEDOUT,
					"the VF is still reserved: %.200s", call_last(&call));
		poll(NULL, 0, SETTLE_EVERY_MS);
	}
	evidence_int(tenants->run, "cleaned up after", clock_ms() - began_ms, "ms");
	return 0;
}

/* Whether libvirt says that vm1 has the NIC; -1 if it says nothing. */
static int is_described(struct tenants *tenants)
{
	static const char *const argv[] = { "sh", "-c",
		"virsh -q dumpxml vm1 >/run/vfcert-vm1.xml "
		"|| exit 2; ! grep -q ua-nic1 /run/vfcert-vm1.xml",
		NULL };
	CLEANUP(call_end) struct call call = { 0 };

	if (program_call(tenants->run, argv, &call) < 0 || call.status > 1)
		return -1;
	return call.status;
}

static enum verdict judge_new(struct interruption *interruption)
{
	struct tenants *tenants = interruption->tenants;
	struct check_run *run = tenants->run;
	const struct vf_settings want = tenant_settings(&tenants->red);
	enum verdict verdict;
	char text[300];

	if (tenant_await_nic(tenants, &tenants->red) < 0)
		return check_fail(run, "%s: libvirt says that vm1 has the VF, and it has not",
				moment_name(interruption->moment));
	if (tenants_compare(tenants, tenants->red.vf, &want, text, sizeof(text)) < 0)
		return check_broken(run, "the settings of the VF cannot be read");
	if (*text)
		return check_fail(run, "%s: vm1 has the VF, and %s",
				moment_name(interruption->moment), text);
	verdict = tenant_is_connected(tenants, &tenants->red, moment_name(interruption->moment));
	if (verdict == VERDICT_PASS && tenant_detach(tenants, &tenants->red) < 0)
		verdict = check_fail(run, "%s: vm1 does not give the VF back afterwards",
				moment_name(interruption->moment));
	return verdict;
}

enum verdict interruption_judge(struct interruption *interruption)
{
	struct tenants *tenants = interruption->tenants;
	struct check_run *run = tenants->run;
	bool machine_ended = interruption->victim == VICTIM_MACHINE;
	enum verdict verdict = VERDICT_PASS;
	int described;

	memcpy(tenants->red.nic.name, "?", 2); /* to be taken back */
	if (settle(interruption) < 0)
		return check_fail(run, "%s: the manager does not clean up",
				moment_name(interruption->moment));
	described = machine_ended ? 0 : is_described(tenants);
	if (described < 0)
		return check_broken(run, "libvirt does not describe vm1");
	evidence_text(run, "ends with", "%s",
			described ? "the VF in the guest" : "the VF as before");
	if (!described && !machine_ended && is_open(interruption))
		return check_fail(run, "%s: vm1 has the VF, and libvirt does not know it",
				moment_name(interruption->moment));
	if (described)
		verdict = judge_new(interruption);
	if (verdict == VERDICT_PASS)
		verdict = tenants_vf_is_back(
				tenants, tenants->red.vf, moment_name(interruption->moment));
	if (verdict == VERDICT_PASS && !machine_ended)
		tenants->red.nic = (struct guest_interface){ .mtu = 0 };
	return verdict;
}
