/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/process.h"
#include "base/text.h"
#include "netdev/netdev.h"
#include "observe/carrier.h"
#include "observe/facts.h"
#include "sriov/vfs.h"
#include "vfsuite/task.h"

/*
 * Compares the state of PF and VFs after a check with the state before, and restores it. If that
 * fails, it reports each difference ("MTU 1400, was 1500"), and no other check runs on that card.
 *
 * A process of the check that hangs in the kernel may hold any lock, and any process that needs
 * that lock hangs, too. Then vfsuite only reads the state, in a child that may hang as well.
 */

enum {
	LOOK_MS = 2000,
	LINK_MS = 6000,     /* until the PF has its carrier again: negotiation takes seconds */
	STATE_LIMIT = 4096, /* bytes of text: less than a pipe holds */
};

static void put_on_one_line(char *text)
{
	for (char *c = text; c && *c; c++)
		*c = *c == '\n' ? ';' : *c;
}

/* "eth0 (0000:01:00.0)" */
static char *name_of(const struct dut *dut)
{
	char bdf[BDF_TEXT];

	return text_format("%s (%s)", dut->pf_netdev, bdf_format(dut->pf, bdf));
}

/* Returns the differences on one line, or why they cannot be read. The caller frees the text. */
static char *differences(struct lease *lease)
{
	char *text = NULL;
	struct err err = { 0 };

	if (lease_differences(lease, &text, &err) < 0)
		return text_format("its state cannot be read: %s", err.msg);
	put_on_one_line(text);
	return text;
}

/* Does the same in a child. Returns NULL if that takes longer than LOOK_MS. */
static char *differences_by_child(const struct task *task)
{
	struct process child = PROCESS_NONE;
	char text[STATE_LIMIT] = "";
	ssize_t length = -1;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return NULL;
	child.pid = fork();
	if (child.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		snprintf(text, sizeof(text), "%s", differences(task->lease));
		_exit(file_write_all(fds[1], text, strlen(text)) < 0);
	}
	close(fds[1]);
	if (child.pid > 0) {
		child = process_of(child.pid);
		if (process_wait(&child, dut_deadline(task->dut, LOOK_MS), NULL) == 0)
			length = read(fds[0], text, sizeof(text) - 1);
		else
			kill(child.pid, SIGKILL);
		cleanup_fd(&child.fd);
	}
	close(fds[0]);
	return length < 0 ? NULL : text_format("%.*s", (int)length, text);
}

static void report_stuck(const struct task *task, struct leftover *leftover)
{
	CLEANUP(cleanup_free) char *name = name_of(task->dut);
	CLEANUP(cleanup_free) char *found = task->lease ? differences_by_child(task) : NULL;
	const char *state = found;

	if (!task->lease)
		state = "its state is unknown, since the check removes VFs";
	else if (!found)
		state = "its state is unknown, since reading it hangs too";
	else if (!*found)
		state = "it shows no difference";
	leftover->stuck = true;
	leftover->dirty = text_format("%s hangs in the kernel, so %s must be left alone: %s",
			task->check->id, name, state);
}

/* Rebinds the VFs' drivers, which is quicker than waiting until they notice the PF's state. */
static int revive(const struct task *task, struct err *err)
{
	struct dut *dut = task->dut;
	int rc = 0;

	if (task->had_carrier && !carrier_becomes(dut, dut->pf_netdev, true, LINK_MS))
		return err_set(err, ETIMEDOUT, "%s no longer has a carrier", dut->pf_netdev);
	for (unsigned i = 0; !rc && i < dut->vf_count; i++)
		rc = dut_rebind_vf(dut, i, err);
	return rc;
}

/* Restores the state; if that fails, sets leftover->dirty. */
static void put_back(struct task *task, struct leftover *leftover)
{
	CLEANUP(cleanup_free) char *name = name_of(task->dut);
	CLEANUP(cleanup_free) char *found = NULL;
	CLEANUP(cleanup_record) struct record *record = lease_to_record(task->lease);
	struct err err = { 0 };

	if (lease_restore(task->dut->host, record, &err) == 0 && revive(task, &err) == 0)
		return;
	found = differences(task->lease);
	leftover->dirty = text_format("after %s %s cannot be restored: %s%s%s", task->check->id,
			name, found, *found ? "; " : "", err.msg);
}

static void judge_kept(struct task *task, struct check_result *result, struct leftover *leftover)
{
	CLEANUP(cleanup_free) char *found = NULL;
	CLEANUP(cleanup_free) char *left = NULL;
	struct err err = { 0 };
	bool settled = dut_settle_vfs(task->dut, &err) == 0;

	found = differences(task->lease);
	if (settled && !*found && !task->was_cut)
		return;
	left = text_format("left behind: %s%s%s", task->was_cut ? "the wire was cut" : "",
			task->was_cut && *found ? ";" : "", *found || settled ? found : err.msg);
	task_trouble(result, left);
	put_back(task, leftover);
}

static int take_all_away(struct dut *dut, struct err *err)
{
	if (dut_setup_vfs(dut, 0, NULL) == 0)
		return 0;
	dut_forget_vfs(dut);
	return vfs_set_count(dut->host, dut->pf, 0, err);
}

/* A check that removes the VFs leaves the PF without any, as the run's lease found it. If the
 * check did not end normally, VFs may be left. */
static void judge_cleared(
		struct task *task, const struct check_result *result, struct leftover *leftover)
{
	struct dut *dut = task->dut;
	struct vf_counts counts;
	struct err err = { 0 };

	if (result->verdict == VERDICT_BROKEN && take_all_away(dut, &err) < 0) {
		CLEANUP(cleanup_free) char *name = name_of(dut);

		leftover->dirty = text_format("after %s the VFs of %s cannot be removed: %s",
				task->check->id, name, err.msg);
	}
	if (vf_counts_read(dut, &counts, NULL) == 0 && !counts.on_bus)
		dut_forget_vfs(dut);
}

void state_note(struct task *task)
{
	task->had_carrier = carrier_is_there(task->dut, task->dut->pf_netdev);
}

void state_judge(struct task *task, bool stuck, struct check_result *result,
		struct leftover *leftover)
{
	if (stuck)
		report_stuck(task, leftover);
	else if (task->check->destroys_rig)
		dut_forget_vfs(task->dut);
	else if (task->check->removes_vfs)
		judge_cleared(task, result, leftover);
	else
		judge_kept(task, result, leftover);
	lease_drop(TAKE(task->lease));
}
