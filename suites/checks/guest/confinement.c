/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "checks/guest/course.h"

/*
 * How libvirt runs the guests. A distribution's packages give QEMU a user of its own, and AppArmor a profile for
 * each guest, which has to let the VF in and nothing else out.
 */

#define PID_FILE "run/libvirt/qemu/vm1.pid"

enum { CONFINED_ROOM = 120 };

struct qemu_process {
	long pid;
	unsigned long user;
	char label[CONFINED_ROOM], cgroup[CONFINED_ROOM];
};

static void read_first_line(
		const struct host *host, const char *format, long pid, char text[CONFINED_ROOM])
{
	CLEANUP(cleanup_free) char *path = text_format(format, pid);

	*text = '\0';
	host_read(host, path, text, CONFINED_ROOM, NULL);
	text[strcspn(text, "\n")] = '\0';
}

static int read_qemu(struct check_run *run, struct qemu_process *qemu)
{
	const struct host *host = run->dut->host;
	CLEANUP(cleanup_free) char *path = NULL;
	char text[2000] = "";
	const char *user;
	int rc = host_read(host, PID_FILE, text, sizeof(text), &run->err);

	if (rc < 0)
		return rc;
	qemu->pid = strtol(text, NULL, 10);
	read_first_line(host, "proc/%ld/attr/current", qemu->pid, qemu->label);
	read_first_line(host, "proc/%ld/cgroup", qemu->pid, qemu->cgroup);
	path = text_format("proc/%ld/status", qemu->pid);
	rc = host_read(host, path, text, sizeof(text), &run->err);
	user = rc < 0 ? NULL : strstr(text, "\nUid:");
	if (!user)
		return err_set(&run->err, EPROTO, "/%s names no user", path);
	qemu->user = strtoul(user + strlen("\nUid:"), NULL, 10);
	return 0;
}

enum verdict qemu_is_confined(struct check_run *run, void *subject)
{
	struct tenants *tenants = &((struct course *)subject)->tenants;
	struct qemu_process qemu = { 0 };
	char init[CONFINED_ROOM];

	if (read_qemu(run, &qemu) < 0)
		return check_broken(run, "the process of vm1 cannot be read");
	read_first_line(run->dut->host, "proc/%ld/comm", 1, init);
	evidence_text(run, "init", "%s", init);
	evidence_int(run, "user of QEMU", (int64_t)qemu.user, NULL);
	evidence_text(run, "AppArmor", "%s", *qemu.label ? qemu.label : "no label");
	evidence_text(run, "cgroup", "%s", qemu.cgroup);
	if (!qemu.user)
		return check_fail(run, "QEMU of %s runs as root", tenants->red.vm);
	if (strncmp(qemu.label, "libvirt-", strlen("libvirt-")) != 0 ||
			!strstr(qemu.label, "(enforce)"))
		return check_fail(run, "AppArmor does not confine QEMU of %s: it is %s",
				tenants->red.vm, *qemu.label ? qemu.label : "without a label");
	return tenant_is_connected(tenants, &tenants->red, "under AppArmor");
}
