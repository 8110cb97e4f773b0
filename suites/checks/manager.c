/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checks/manager.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/process.h"
#include "base/text.h"
#include "host/host_file.h"
#include "observe/durable.h"
#include "observe/facts.h"
#include "sriov/vfs.h"

enum { ARGS_MOST = 12, OUTPUT_LIMIT = 1 << 20, FIRST_MAC = 200 };

struct intent intent_of(const struct dut *dut, unsigned which)
{
	static const struct intent intents[2] = {
		{ INTENT_VFS, 1600,
				{ { .vlan = 10, .qos = 5, .spoofchk = true, .max_rate = 200 },
						{ .vlan = 20, .qos = 1, .trust = true },
						{ .spoofchk = true, .max_rate = 300 } } },
		{ INTENT_VFS, 1700,
				{ { .vlan = 30, .qos = 2, .trust = true, .max_rate = 100 },
						{ .spoofchk = true, .max_rate = 400 },
						{ .vlan = 40, .qos = 7, .trust = true } } },
	};
	struct intent intent = intents[which % 2];

	for (unsigned i = 0; i < INTENT_VFS; i++) {
		intent.vf[i].given = VF_MAC | VF_VLAN | VF_SPOOFCHK | VF_TRUST | VF_RATE;
		intent.vf[i].mac = dut_test_mac(dut, FIRST_MAC + INTENT_VFS * (which % 2) + i);
		intent.vf[i].proto = intent.vf[i].vlan ? 0x8100 : 0;
	}
	return intent;
}

char *intent_text(struct check_run *run, const struct intent *intent)
{
	struct netdev pf = { 0 };
	char *text, *more, mac[MAC_TEXT];

	if (netdev_read(run->dut->host, run->dut->pf_netdev, &pf, &run->err) < 0)
		return NULL;
	text = text_format("[Match]\nPermanentMACAddress=%s\n\n[PF]\nSR-IOVVirtualFunctions=%u\n"
			   "MTUBytes=%u\n",
			mac_format(pf.mac, mac), intent->vf_count, intent->mtu);
	netdev_free(&pf);
	for (unsigned i = 0; i < intent->vf_count; i++) {
		const struct vf_settings *vf = &intent->vf[i];

		more = text_format("%s\n[SR-IOV]\nVirtualFunction=%u\nMACAddress=%s\nVLANId=%u\n"
				   "QualityOfService=%u\nMACSpoofCheck=%s\nTrust=%s\nMaxRate=%u\n",
				text, i, mac_format(vf->mac, mac), vf->vlan, vf->qos,
				vf->spoofchk ? "yes" : "no", vf->trust ? "yes" : "no",
				vf->max_rate);
		free(text);
		text = more;
	}
	return text;
}

struct differences {
	char *text;
	size_t size;
};

static void __attribute__((format(printf, 2, 3)))
differ(struct differences *differences, const char *format, ...)
{
	size_t used = strlen(differences->text);
	va_list args;

	if (used + 2 < differences->size && used) {
		strcat(differences->text, "; ");
		used += 2;
	}
	va_start(args, format);
	vsnprintf(differences->text + used, differences->size - used, format, args);
	va_end(args);
}

static void compare_vf(struct differences *differences, unsigned index,
		const struct vf_settings *is, const struct vf_settings *expected)
{
	char mac[MAC_TEXT], other[MAC_TEXT];

	if (!mac_equal(is->mac, expected->mac))
		differ(differences, "VF %u has MAC %s, not %s", index, mac_format(is->mac, mac),
				mac_format(expected->mac, other));
	if (is->vlan != expected->vlan)
		differ(differences, "VF %u has VLAN %u, not %u", index, is->vlan, expected->vlan);
	if (is->qos != expected->qos)
		differ(differences, "VF %u has priority %u, not %u", index, is->qos, expected->qos);
	if (is->spoofchk != expected->spoofchk)
		differ(differences, "VF %u has its spoof check %s", index,
				is->spoofchk ? "on" : "off");
	if (is->trust != expected->trust)
		differ(differences, "VF %u is %s", index, is->trust ? "trusted" : "not trusted");
	if (is->max_rate != expected->max_rate || is->min_rate != expected->min_rate)
		differ(differences, "VF %u has rates %u to %u, not %u to %u", index, is->min_rate,
				is->max_rate, expected->min_rate, expected->max_rate);
}

int intent_compare(struct check_run *run, const struct intent *intent, char *text, size_t size)
{
	struct differences differences = { text, size };
	struct netdev pf = { 0 };
	struct vf_counts counts;
	int rc = vf_counts_read(run->dut, &counts, &run->err);

	text[0] = '\0';
	if (!rc)
		rc = netdev_read(run->dut->host, run->dut->pf_netdev, &pf, &run->err);
	if (rc < 0)
		return rc;
	if (counts.in_config != intent->vf_count || counts.on_bus != intent->vf_count)
		differ(&differences, "%u VFs by config space and %u on the bus, not %u",
				counts.in_config, counts.on_bus, intent->vf_count);
	if (pf.mtu != intent->mtu)
		differ(&differences, "MTU %u, not %u", pf.mtu, intent->mtu);
	for (unsigned i = 0; i < intent->vf_count && i < pf.vf_count; i++)
		compare_vf(&differences, i, &pf.vfs[i], &intent->vf[i]);
	netdev_free(&pf);
	return 0;
}

int manager_install(struct check_run *run, const struct intent *intent)
{
	CLEANUP(cleanup_free) char *text = intent_text(run, intent);

	if (!text)
		return -EIO;
	return host_file_write(run->dut->host, POLICY_FILE, text, strlen(text), &run->err);
}

static int status_of(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Calls the program with fault injection: some of its system calls do not reach the kernel. */
static int call_in_vain(struct check_run *run, const char *const argv[], struct call *call)
{
	CLEANUP(durable_end) struct durable durable = DURABLE_NONE;
	int rc = durable_run(run->dut->host, argv, DURABLE_WHOLE, run->dut->injection.pretend,
			&durable, &run->err);

	call->status = status_of(durable.status);
	call->output = TAKE(durable.output);
	return rc;
}

int program_call(struct check_run *run, const char *const argv[], struct call *call)
{
	CLEANUP(cleanup_process) struct process process = PROCESS_NONE;
	CLEANUP(cleanup_fd) int output = memfd_create("output", MFD_CLOEXEC);
	int status = 0, rc;

	*call = (struct call){ .status = -1 };
	if (record_length(run->dut->injection.pretend))
		return call_in_vain(run, argv, call);
	if (output < 0)
		return err_sys(&run->err, "cannot keep the output of %s", argv[0]);
	rc = process_start(
			argv, (struct process_streams){ -1, output, output }, &process, &run->err);
	if (rc < 0)
		return rc;
	rc = process_wait(&process, dut_deadline(run->dut, CALL_MS), &status);
	if (rc < 0)
		return err_set(&run->err, -rc, "%s does not end", argv[0]);
	call->status = status_of(status);
	lseek(output, 0, SEEK_SET);
	return file_read_fd(output, argv[0], OUTPUT_LIMIT, &call->output, NULL, &run->err);
}

int manager_call(struct check_run *run, const char *const args[], struct call *call)
{
	const char *argv[ARGS_MOST + 2] = { "vfctl" };

	for (size_t i = 0; args[i] && i < ARGS_MOST; i++)
		argv[i + 1] = args[i];
	return program_call(run, argv, call);
}

void call_end(struct call *call)
{
	free(call->output);
	call->output = NULL;
}

const char *call_last(const struct call *call)
{
	char *text = call->output, *last;
	size_t length = text ? strlen(text) : 0;

	while (length && text[length - 1] == '\n')
		text[--length] = '\0';
	last = length ? strrchr(text, '\n') : NULL;
	return last ? last + 1 : length ? text : "it printed nothing";
}

static enum verdict must_succeed(struct check_run *run, const char *verb)
{
	const char *const args[] = { verb, NULL };
	CLEANUP(call_end) struct call call = { 0 };

	if (manager_call(run, args, &call) < 0)
		return check_broken(run, "vfctl %s cannot be called", verb);
	if (call.status)
		return check_fail(run, "vfctl %s ends with %d: %.200s", verb, call.status,
				call_last(&call));
	return VERDICT_PASS;
}

enum verdict manager_apply(struct check_run *run)
{
	return must_succeed(run, "apply");
}

enum verdict manager_clean(struct check_run *run)
{
	return must_succeed(run, "status");
}

enum verdict manager_holds(struct check_run *run, const struct intent *intent, const char *when)
{
	char text[300];

	if (intent_compare(run, intent, text, sizeof(text)) < 0)
		return check_broken(run, "the card cannot be read %s", when);
	return *text ? check_fail(run, "%s: %s", when, text) : VERDICT_PASS;
}

uint32_t pf_mtu(const struct dut *dut)
{
	struct netdev pf = { 0 };
	uint32_t mtu = netdev_read(dut->host, dut->pf_netdev, &pf, NULL) < 0 ? 0 : pf.mtu;

	netdev_free(&pf);
	return mtu;
}

/* Keeps the folder itself, which may be a mount point. */
static int empty_folder(const struct host *host, const char *folder, struct err *err)
{
	char **names = NULL;
	size_t count = 0;
	int rc = host_names(host, folder, &names, &count, err);

	for (size_t i = 0; !rc && i < count; i++) {
		CLEANUP(cleanup_free) char *path = text_format("%s/%s", folder, names[i]);

		rc = host_tree_remove(host, path, err);
	}
	host_names_free(names, count);
	return rc == -ENOENT ? 0 : rc;
}

int manager_forget(struct check_run *run, uint32_t mtu)
{
	static const char *const folders[] = { POLICY_FOLDER, STORE_FOLDER, "run/vfctl" };
	struct dut *dut = run->dut;
	int rc = dut->made ? dut_setup_vfs(dut, 0, &run->err)
			   : vfs_set_count(dut->host, dut->pf, 0, &run->err);

	for (size_t i = 0; !rc && i < sizeof(folders) / sizeof(*folders); i++) {
		struct err err = { 0 };

		rc = empty_folder(dut->host, folders[i], &err);
		if (rc == -ENOENT)
			rc = 0;
		else if (rc < 0)
			err_pass(&run->err, &err, "%s", err.msg);
	}
	if (!rc && mtu && pf_mtu(dut) != mtu)
		rc = netdev_set_mtu(dut->host, dut->pf_netdev, mtu, &run->err);
	return rc ? rc : netdev_set_up(dut->host, dut->pf_netdev, true, &run->err);
}

/* The end of the output, which has the cause: evidence has room for a few lines only. */
static const char *end_of(const char *said)
{
	enum { ROOM = 320 };
	size_t length = strlen(said);

	return length > ROOM ? said + length - ROOM : said;
}

char *manager_restore_said(struct check_run *run)
{
	static const char *const journal[] = { "journalctl", "-b", "-o", "cat", "-u",
		"vfctl-restore*", NULL };
	const struct host *host = run->dut->host;
	char *said = NULL;

	if (host_exists(host, "run/systemd/system"))
		process_run(journal, dut_deadline(run->dut, CALL_MS), &said, NULL);
	else
		host_file_read(host, "run/vfcert-restore.log", OUTPUT_LIMIT, &said, NULL, NULL);
	return said ? said : text_format("%s", "");
}

void manager_note_restore(struct check_run *run)
{
	CLEANUP(cleanup_free) char *said = manager_restore_said(run);
	char status[16] = "unknown";

	evidence_text(run, "boot", "%s", run->boot ? run->boot : "unknown");
	host_read(run->dut->host, "run/vfcert-restore.status", status, sizeof(status), NULL);
	evidence_text(run, "restore at boot", "status %s: %s", status, end_of(said));
}
