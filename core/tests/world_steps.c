/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/world_steps.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "host/admin_file.h"

struct world_steps steps;

bool step(void)
{
	unsigned now = __atomic_add_fetch(&steps.done, 1, __ATOMIC_SEQ_CST);

	if (now == steps.dies_at && steps.die)
		steps.die();
	if (now == steps.dies_at)
		kill(getpid(), SIGKILL);
	if (now == steps.signal_at)
		kill(getpid(), SIGTERM);
	return now == steps.fails_at;
}

/* Settings that are refused together are tried one by one. */
static int step_of_kernel(void)
{
	static bool again;
	bool fails = step() || again;

	again = fails && !again;
	return fails ? EIO : 0;
}

static struct fake_answer step_of_attach(struct fake_domain *domain, const char *xml)
{
	if (step())
		return (struct fake_answer){ 1, "internal error: cannot plug" };
	return world_plug(domain, xml);
}

static struct fake_answer step_of_detach(
		struct fake_domain *domain, const char *alias, bool *removed)
{
	if (step())
		return (struct fake_answer){ 1, "internal error: cannot unplug" };
	return world_unplug(domain, alias, removed);
}

static struct fake_answer step_of_change(struct fake_domain *domain, const char *xml)
{
	(void)domain;
	(void)xml;
	return step() ? (struct fake_answer){ 1, "internal error: cannot change" }
		      : (struct fake_answer){ 0 };
}

int __real_admin_file_write(
		const struct host *host, const char *path, const char *text, struct err *err);
int __wrap_admin_file_write(
		const struct host *host, const char *path, const char *text, struct err *err);

int __wrap_admin_file_write(
		const struct host *host, const char *path, const char *text, struct err *err)
{
	if (step())
		return err_set(err, ENOSPC, "cannot write %s", path);
	return __real_admin_file_write(host, path, text, err);
}

int __real_admin_file_remove(const struct host *host, const char *path, struct err *err);
int __wrap_admin_file_remove(const struct host *host, const char *path, struct err *err);

int __wrap_admin_file_remove(const struct host *host, const char *path, struct err *err)
{
	step();
	return __real_admin_file_remove(host, path, err);
}

int __wrap_fsync(int fd);

/* No test loses its power. */
int __wrap_fsync(int fd)
{
	(void)fd;
	return 0;
}

void steps_begin(void)
{
	memset(&steps, 0, sizeof(steps));
	world.kernel->before_change = step_of_kernel;
	world.libvirt->attach = step_of_attach;
	world.libvirt->detach = step_of_detach;
	world.libvirt->update = world.libvirt->define = step_of_change;
}
