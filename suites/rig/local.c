/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bdf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/process.h"
#include "base/text.h"
#include "rig/rig_kind.h"

/*
 * This host as a rig: vfsuite is a child on a socket pair, and shares this program's standard error. It
 * changes only the PF that the user has named, and restores it before it ends.
 */

#define HELLO_TIME_MS 10000
/* Removing many VFs takes long, and a killed vfsuite would leave them. */
#define QUIT_TIME_MS 120000
#define GRACE_MS     120000

struct local {
	struct rig rig;
	struct process process;
};

static void local_down(struct rig *rig)
{
	struct local *local = (struct local *)rig;

	if (local->rig.channel && local->process.pid) {
		struct record *request = record_object();

		record_put_str(request, "op", "quit");
		channel_ask(rig->channel, request, deadline_in(QUIT_TIME_MS), NULL, NULL);
	}
	channel_free(rig->channel); /* this ends vfsuite if it still runs */
	if (local->process.pid)
		process_wait(&local->process, deadline_in(GRACE_MS), NULL);
	process_end(&local->process, GRACE_MS);
	record_free(rig->identity);
	record_free(rig->actions);
	free(local);
}

static void explain(void *argument, struct err *err)
{
	struct local *local = argument;
	char how[64];
	int status;

	if (process_wait(&local->process, deadline_in(500), &status) == 0)
		err_set(err, EPIPE, "vfsuite has ended: %s", process_status(status, how));
}

/* In a guest the card may be emulated, whatever its ids say. */
static bool is_virtual_host(void)
{
	static const char *const vendors[] = { "QEMU", "Bochs", "Xen", "VMware", "innotek", "KVM",
		"Parallels", "Amazon EC2", "Google", NULL };
	CLEANUP(cleanup_free) char *vendor = NULL;
	CLEANUP(cleanup_free) char *cpu = NULL;

	file_read(AT_FDCWD, "/sys/class/dmi/id/sys_vendor", 256, &vendor, NULL, NULL);
	for (size_t i = 0; vendor && vendors[i]; i++) {
		if (strstr(vendor, vendors[i]))
			return true;
	}
	/* Microsoft is the vendor of laptops and of guests, which differ in the processor's flags. */
	file_read(AT_FDCWD, "/proc/cpuinfo", 16u << 20, &cpu, NULL, NULL);
	return cpu && strstr(cpu, " hypervisor");
}

static int start(struct local *local, const struct rig_options *options, struct err *err)
{
	CLEANUP(cleanup_free) char *program = text_format("%s/vfsuite", options->tools_dir);
	const char *const argv[] = { program, "--serve", NULL };
	int pair[2], rc;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(err, "cannot make a channel to vfsuite");
	rc = process_start(argv, (struct process_streams){ pair[1], pair[1], STDERR_FILENO },
			&local->process, err);
	close(pair[1]);
	local->rig.channel = channel_new(pair[0], pair[0]);
	channel_explain(local->rig.channel, explain, local);
	return rc;
}

static struct record *identify(const struct rig_options *options)
{
	struct record *identity = record_object();

	record_put_str(identity, "kind", "local");
	record_put_null(identity, "topology");
	record_put_null(identity, "accelerator");
	record_put_null(identity, "qemu");
	record_put_null(identity, "machine");
	record_put_null(identity, "image");
	record_put_bool(identity, "snapshot", false);
	record_put_str(identity, "pf", rig_option(options, "safe-to-break"));
	record_put_str(identity, "partner", rig_option(options, "partner"));
	record_put_real(identity, "scale", 1.0);
	record_put_str(identity, "origin", is_virtual_host() ? "emulated" : "silicon");
	return identity;
}

static int local_check(const struct rig_options *options, struct err *err)
{
	const char *pf = rig_option(options, "safe-to-break");
	struct bdf bdf;

	if (!pf)
		return err_set(err, EINVAL,
				"the checks remove the card's VFs and settings: name the PF that may "
				"be broken with --safe-to-break BDF (vfctl list shows them)");
	if (bdf_parse(pf, &bdf) < 0)
		return err_set(err, EINVAL,
				"--safe-to-break needs a PCI address like 0000:01:00.0, not '%s'",
				pf);
	if (geteuid() != 0)
		return err_set(err, EPERM, "the local rig needs root: its card is reconfigured");
	return 0;
}

static int local_up(const struct rig_options *options, struct rig **rig, struct err *err)
{
	struct local *local;
	int rc = local_check(options, err);

	if (rc < 0)
		return rc;
	local = calloc(1, sizeof(*local));
	if (!local)
		abort();
	local->process = PROCESS_NONE;
	local->rig.identity = identify(options);
	local->rig.actions = record_array();
	rc = start(local, options, err);
	if (!rc)
		rc = channel_hello(local->rig.channel, deadline_in(HELLO_TIME_MS), err);
	if (rc < 0)
		local_down(&local->rig);
	else
		*rig = &local->rig;
	return rc;
}

/* Guests on a real host are not the suites' own. */
static const char *const *lacks(const struct rig_options *options)
{
	static const char *const all[] = { "guests", "peer", NULL };

	(void)options;
	return all;
}

static const struct flag flags[] = {
	{ "safe-to-break", 0, "BDF", "Local rig: the PF whose VFs and settings may be lost" },
	{ "partner", 0, "INTERFACE", "Local rig: the port cabled to the PF" },
	{ 0 },
};

const struct rig_kind rig_local = {
	.name = "local",
	.help = "this host, and of it only the named PF",
	.flags = flags,
	.lacks = lacks,
	.check = local_check,
	.up = local_up,
	.down = local_down,
};
