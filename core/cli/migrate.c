/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "migrate/migrate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apply/lock.h"
#include "base/cleanup.h"
#include "base/signals.h"
#include "base/table.h"
#include "base/text.h"
#include "cli/machine.h"
#include "migrate/receive.h"

/* The verbs of a live migration, at the source and at the target. */

enum { COPY_S = 900, SILENCE_S = 120, SSH_WORDS = 32 };

#define SSH "ssh -o BatchMode=yes"

/* --- What people see ------------------------------------------------------------------------- */

struct view {
	const struct verb_call *call;
	bool in_line; /* the line of the progress is not ended */
};

static void end_line(struct view *view)
{
	if (view->in_line)
		putchar('\n');
	view->in_line = false;
}

static void show_progress(struct view *view, const struct migration_progress *progress)
{
	if (!isatty(STDOUT_FILENO))
		return;
	printf("\r  %" PRIu64 " of %" PRIu64 " MiB are left  ", progress->remaining >> 20,
			progress->total >> 20);
	fflush(stdout);
	view->in_line = true;
}

static void tell(
		void *argument, enum migrate_phase phase, const struct migration_progress *progress)
{
	static const char *const words[MIGRATE_PHASES] = { "ask both hosts whether it can move",
		"reserve on the target", "unplug the VFs", "copy", "plug VFs in on the target" };
	struct view *view = argument;

	if (call_has(view->call, "json") || call_has(view->call, "plan"))
		return;
	if (progress) {
		show_progress(view, progress);
		return;
	}
	end_line(view);
	puts(words[phase]);
	fflush(stdout);
}

static void print_result(const struct migrate *migrate)
{
	printf("VM %s runs on %s\n", migrate->vm.name, migrate->request.target);
	for (size_t i = 0; i < migrate->nics.count; i++) {
		const struct moving_nic *nic = &migrate->nics.list[i];

		printf("%s of VM %s: ", nic->nic, migrate->vm.name);
		text_print_safe(*nic->vf ? nic->vf : nic->bridge, stdout);
		putchar('\n');
	}
	for (int phase = 0; phase < MIGRATE_PHASES; phase++)
		printf("  %-8s %6" PRId64 " ms\n", migrate_phase_name((enum migrate_phase)phase),
				migrate->ms[phase]);
	if (migrate->downtime_ms >= 0)
		printf("  %-8s %6" PRId64 " ms, as libvirt reports it\n", "downtime",
				migrate->downtime_ms);
}

static struct record *nics_record(const struct migrate *migrate)
{
	struct record *array = record_array();

	for (size_t i = 0; i < migrate->nics.count; i++) {
		const struct moving_nic *nic = &migrate->nics.list[i];
		struct record *record = record_object();

		record_put_str(record, "nic", nic->nic);
		record_put_str(record, "profile", nic->profile);
		record_put_str(record, "mac", nic->mac);
		record_put_str(record, "vf", *nic->vf ? nic->vf : NULL);
		record_put_str(record, "bridge", *nic->bridge ? nic->bridge : NULL);
		record_add(array, record);
	}
	return array;
}

static struct record *result_record(const struct migrate *migrate, const struct err *err)
{
	struct record *record = vm_record(&migrate->vm), *phases = record_array();

	record_put_str(record, "target", migrate->request.target);
	record_put(record, "nics", nics_record(migrate));
	for (int phase = 0; phase < MIGRATE_PHASES; phase++) {
		struct record *one = record_object();

		record_put_str(one, "name", migrate_phase_name((enum migrate_phase)phase));
		record_put_int(one, "ms", migrate->ms[phase]);
		record_add(phases, one);
	}
	record_put(record, "phases", phases);
	record_put_null(record, "downtime_ms");
	if (migrate->downtime_ms >= 0)
		record_put_int(record, "downtime_ms", migrate->downtime_ms);
	record_put_str(record, "refusal", err->refusal);
	record_put_str(record, "message", err->code ? err->msg : NULL);
	return record;
}

/* A machine that has moved, and lacks a VF there, is a result and a failure. */
static int print_moved(const struct verb_call *call, const struct migrate *migrate, struct err *err)
{
	bool json = call_has(call, "json");
	int status, printed;

	if (!json)
		print_result(migrate);
	printed = json ? call_print(call, "vfctl-migrate/1", "migration",
					 result_record(migrate, err))
		       : call_printed(call);
	if (!err->code)
		return printed;
	if (json)
		err->refusal = NULL;
	status = call_failed(call, err);
	return printed == EXIT_GOOD ? status : printed;
}

/* --- migrate --------------------------------------------------------------------------------- */

/* TEXT is split in place. */
static int split_words(char *text, const char *words[SSH_WORDS + 1], struct err *err)
{
	size_t count = 0;
	char *word;

	while ((word = strsep(&text, " "))) {
		if (!*word)
			continue;
		if (count == SSH_WORDS)
			return err_set(err, EINVAL, "--ssh has more than %d words", SSH_WORDS);
		words[count++] = word;
	}
	words[count] = NULL;
	return count ? 0 : err_set(err, EINVAL, "--ssh has no word");
}

static int read_request(const struct verb_call *call, struct migrate_request *request, char **ssh,
		const char *words[SSH_WORDS + 1], struct err *err)
{
	const char *given = call_value(call, "ssh");
	int rc = call_limits(call, &request->limit_s, &request->wait_s, err);

	*ssh = text_format("%s", given ? given : SSH);
	if (!rc)
		rc = split_words(*ssh, words, err);
	request->vm = call->args[0];
	request->target = call->args[1];
	request->ssh = words;
	request->uri = call_value(call, "uri");
	request->data_uri = call_value(call, "migrate-uri");
	return rc;
}

static int run_migrate(struct verb_call *call)
{
	CLEANUP(cleanup_free) char *ssh = NULL;
	CLEANUP(cleanup_host) struct host *host = NULL;
	CLEANUP(cleanup_hypervisor) struct hypervisor *hypervisor = NULL;
	CLEANUP(cleanup_diagnostics) struct diagnostics notes = { 0 };
	CLEANUP(cleanup_migrate) struct migrate migrate = { .peer = PEER_NONE };
	struct view view = { .call = call };
	struct migrate_request request = { .limit_s = COPY_S,
		.guest_s = LIMIT_S,
		.wait_s = LOCK_WAIT_S,
		.tell = tell,
		.argument = &view };
	const char *words[SSH_WORDS + 1];
	struct err err = { 0 };
	int rc = read_request(call, &request, &ssh, words, &err);

	signals_block();
	if (!rc)
		rc = call_machines(call, &host, &hypervisor, &err);
	if (!rc)
		rc = migrate_plan(host, hypervisor, &request, &migrate, &notes, &err);
	if (!rc && call_has(call, "plan")) {
		migrate_steps(&migrate, &notes);
		return steps_print(call, "vfctl-migrate-plan/1", &notes);
	}
	if (!rc)
		rc = migrate_run(&hypervisor, &migrate, &notes, &err);
	end_line(&view);
	notes_print(&notes, "");
	return rc < 0 && !migrate.arrived ? call_failed(call, &err)
					  : print_moved(call, &migrate, &err);
}

/* --- vm receive ------------------------------------------------------------------------------ */

static int run_vm_receive(struct verb_call *call)
{
	CLEANUP(cleanup_host) struct host *host = NULL;
	CLEANUP(cleanup_hypervisor) struct hypervisor *hypervisor = NULL;
	CLEANUP(cleanup_diagnostics) struct diagnostics notes = { 0 };
	struct receive receive = { .hypervisor = &hypervisor,
		.in = STDIN_FILENO,
		.out = STDOUT_FILENO,
		.silence_s = SILENCE_S,
		.wait_s = LOCK_WAIT_S };
	struct err err = { 0 };
	int rc = call_take_number(call, "silence", 1, 86400, &receive.silence_s, &err);

	if (!rc)
		rc = call_take_number(call, "wait", 0, 86400, &receive.wait_s, &err);
	signals_block();
	if (!rc)
		rc = call_machines(call, &host, &hypervisor, &err);
	receive.host = host;
	if (!rc)
		rc = receive_run(&receive, &notes, &err);
	notes_print(&notes, "");
	return rc < 0 ? call_failed(call, &err) : EXIT_GOOD;
}

static const struct flag flags_migrate[] = {
	{ "uri", 0, "URI", "libvirt's daemon of HOST, qemu+ssh://HOST/system if not given" },
	{ "migrate-uri", 0, "URI",
			"Where QEMU there receives the memory (tcp://ADDRESS:PORT), libvirt's choice "
			"if not given" },
	{ "ssh", 0, "COMMAND",
			"The command, split into words, that takes a host and a command and runs it there; "
			"'" SSH "' if not given" },
	{ "timeout", 0, "S", "Cancel it if it does not end within S seconds, 900 if not given" },
	FLAG_PLAN,
	FLAG_WAIT,
	{ 0 },
};

static const struct flag flags_receive[] = {
	{ "silence", 0, "S", "Give all back after S seconds without a request, 120 if not given" },
	FLAG_WAIT,
	{ 0 },
};

const struct verb verbs_migrate[] = {
	{ "migrate", "VM HOST", "Move a running machine with its VFs to another host",
			"Each VF of the machine is half of a failover pair: its profile has failover. vfctl "
			"reserves a VF on HOST for each, unplugs the VFs here, so that the guest goes on with "
			"the standbys, lets libvirt copy the machine, and plugs the reserved VFs in. HOST has "
			"vfctl and the same profiles and networks; vfctl there is reached by ssh, and libvirt, "
			"too.\n\nWhat cannot be is refused before anything moves. If a step fails, or ctrl-C "
			"comes, before the machine runs on HOST, it runs here with its VFs as before. "
			"After that it runs there, and if a VF cannot be plugged in, on the standby: vfctl "
			"vm upgrade on HOST gives it one.\n\nMemory is copied before the machine is handed "
			"over (pre-copy), never after: while a post-copy migration runs, neither host has all "
			"of the memory, so a failure of either ends the guest, and nothing could be as it was. "
			"A guest that writes faster than the network copies is therefore not moved within the "
			"time, and stays here.",
			flags_migrate, run_migrate },
	{ "vm receive", "", "Take part in a migration to this host (vfctl migrate starts it)",
			"Reads requests on standard input, a line of JSON each, and answers each with a line. "
			"When the input ends, or after an error or silence, it gives back what it holds "
			"for the machine.",
			flags_receive, run_vm_receive },
	{ 0 },
};
