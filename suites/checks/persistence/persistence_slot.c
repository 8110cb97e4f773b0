/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "checks/persistence/persistence.h"
#include "host/host_file.h"
#include "observe/facts.h"

/*
 * The rig moves the card to another slot, and with a second boot back. The first time the policy
 * file matches the card by its permanent MAC address, the second time by vendor, device and port. A
 * policy file for the slot that the card left remains.
 */

#define LEFT_NAME "40-left-slot.conf"
#define LEFT_FILE POLICY_FOLDER "/" LEFT_NAME

static int write_policy(struct check_run *run, const char *path, const char *text)
{
	return host_file_write(run->dut->host, path, text, strlen(text), &run->err);
}

/* The boot in the other slot is always cold; the one after it may start from the snapshot. */
static enum verdict cross(struct check_run *run)
{
	struct record *arguments = record_object();

	record_put_str(arguments, "boot", "snapshot");
	return check_cross(run, "reslot", arguments);
}

/* Writes the policy file for the slot just before the card leaves, since two files for one card are
 * an error. */
static int leave_behind(struct check_run *run)
{
	CLEANUP(cleanup_free) char *text = NULL;
	char slot[BDF_TEXT];

	bdf_format(run->dut->pf, slot);
	record_put_str(run->memory, "slot", slot);
	text = text_format("[Match]\nPath=%s\n\n[PF]\nSR-IOVVirtualFunctions=1\n", slot);
	return write_policy(run, LEFT_FILE, text);
}

static enum verdict leave(struct check_run *run)
{
	struct intent intent = intent_of(run->dut, 0);
	enum verdict verdict = persistence_begin(run);

	if (verdict == VERDICT_PASS)
		verdict = manager_holds(run, &intent, "before the boot");
	if (verdict == VERDICT_PASS && leave_behind(run) < 0)
		verdict = check_broken(run, "the policy file of the slot cannot be written");
	return verdict == VERDICT_PASS ? cross(run) : persistence_end(run, verdict);
}

/* The restore must name the file of the empty slot and the slot, and apply the card's own
 * policy. */
static enum verdict leftover_is_named(struct check_run *run, void *subject)
{
	CLEANUP(cleanup_free) char *said = manager_restore_said(run);
	const char *slot = record_str(run->memory, "slot", "?");
	char *line = strstr(said, LEFT_NAME);

	if (!line)
		return check_fail(run, "the restore at boot does not name " LEFT_NAME);
	line[strcspn(line, "\n")] = '\0';
	evidence_text(run, "said", "%.300s", line);
	if (!strstr(line, slot))
		return check_fail(run, "the restore at boot does not report that nothing is at %s",
				slot);
	return manager_holds(run, subject, "in another slot");
}

/* Writes the same policy, which now matches by vendor, device and port. */
static int install_by_device(struct check_run *run)
{
	struct intent intent = intent_of(run->dut, 0);
	CLEANUP(cleanup_free) char *by_mac = intent_text(run, &intent);
	CLEANUP(cleanup_free) char *text = NULL;
	const char *rest = by_mac ? strstr(by_mac, "\n\n[PF]") : NULL;
	struct function_ids ids;

	if (!rest || function_ids_read(run->dut, run->dut->pf, &ids, &run->err) < 0)
		return -EIO;
	text = text_format("[Match]\nDevice=%04x:%04x\nPort=%u%s", ids.vendor, ids.device,
			run->dut->pf.function, rest);
	return write_policy(run, POLICY_FILE, text);
}

/* Keeps the verdict so far until the card is back in its own slot. */
static enum verdict boot_back(struct check_run *run, enum verdict verdict)
{
	record_put_int(run->memory, "verdict", verdict);
	record_put_str(run->memory, "reason", run->reason);
	record_put_bool(run->memory, "back", true);
	run->err = (struct err){ 0 };
	record_put_bool(run->memory, "by device", install_by_device(run) == 0);
	return cross(run);
}

static enum verdict after_boot_there(struct check_run *run)
{
	static const struct statement named[] = {
		{ "persistence.path-after-reslot", leftover_is_named },
	};
	struct intent intent = intent_of(run->dut, 0);
	char slot[BDF_TEXT];
	enum verdict verdict;

	bdf_format(run->dut->pf, slot);
	evidence_text(run, "address", "%s, and in the other slot %s",
			record_str(run->memory, "slot", "?"), slot);
	session_try(run, named, 1, &intent);
	host_file_remove(run->dut->host, LEFT_FILE, NULL);
	verdict = persistence_after_boot(run, persistence_after_reslot, PERSISTENCE_STATEMENTS);
	if (!strcmp(slot, record_str(run->memory, "slot", "")))
		verdict = check_broken(run, "the rig has not moved the card");
	return boot_back(run, verdict);
}

static enum verdict by_device(struct check_run *run, void *subject)
{
	const struct boot_result *result = subject;
	enum verdict verdict;

	/* The earlier file, which matches the MAC address, would restore the VFs as well. */
	if (!record_bool(run->memory, "by device", false))
		return check_broken(run, "the policy by device could not be written");
	verdict = manager_holds(run, &result->intent, "back in its own slot");
	return verdict == VERDICT_PASS ? persistence_vlan_kept(run, subject) : verdict;
}

static enum verdict after_boot(struct check_run *run)
{
	static const struct statement back[] = {
		{ "persistence.device-after-reslot", by_device },
	};
	enum verdict former, verdict;

	if (!record_bool(run->memory, "back", false))
		return after_boot_there(run);
	verdict = persistence_after_boot(run, back, 1);
	former = (enum verdict)record_int(run->memory, "verdict", VERDICT_BROKEN);
	if (former == VERDICT_PASS)
		return verdict;
	snprintf(run->reason, sizeof(run->reason), "%s", record_str(run->memory, "reason", ""));
	return former;
}

/* Its id is the rig's action. */
const struct check step_reslot = {
	.id = "reslot", .timeout_s = 20, .fn = leave, .after = after_boot
};
