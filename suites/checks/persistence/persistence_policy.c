/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "checks/persistence/persistence.h"
#include "host/host_file.h"
#include "sriov/inventory.h"

/* One policy file has errors: the others must be restored as if it did not exist. */

#define OTHER_NAME "40-other.conf"
#define OTHER_FILE POLICY_FOLDER "/" OTHER_NAME
#define OTHER_CARD "[Match]\nPermanentMACAddress=52:54:00:00:00:01\n\n"
#define DROP_INS   POLICY_FILE ".d"

enum { DROPPED_RATE = 250 }; /* Mbit/s */

static int write_policy(struct check_run *run, const char *path, const char *text)
{
	return host_file_write(run->dut->host, path, text, strlen(text), &run->err);
}

/* Adds a policy file with TEXT for another card. NULL: a file that not even root can read, a
 * link to itself. */
static enum verdict beside(struct check_run *run, const char *text)
{
	struct intent intent = intent_of(run->dut, 0);
	enum verdict verdict = persistence_begin(run);
	int rc = 0;

	if (verdict != VERDICT_PASS)
		return persistence_end(run, verdict);
	if (text)
		rc = write_policy(run, OTHER_FILE, text);
	else
		rc = host_link_create(run->dut->host, OTHER_FILE, OTHER_NAME, &run->err);
	verdict = rc < 0 ? check_broken(run, "the other policy cannot be written")
			 : persistence_restores(run, &intent, OTHER_NAME, true);
	return persistence_end(run, verdict);
}

enum verdict persistence_policy_unreadable(struct check_run *run)
{
	return beside(run, NULL);
}

enum verdict persistence_policy_bad(struct check_run *run)
{
	return beside(run, OTHER_CARD "[PF]\nSR-IOVVirtualFunctions=many\n");
}

enum verdict persistence_card_absent(struct check_run *run)
{
	return beside(run, OTHER_CARD "[PF]\nSR-IOVVirtualFunctions=1\n");
}

/* Writes a drop-in with errors between two good ones. */
static int write_drop_ins(struct check_run *run)
{
	int rc = host_folder_create(run->dut->host, DROP_INS, &run->err);

	if (!rc)
		rc = write_policy(run, DROP_INS "/10-rate.conf",
				"[SR-IOV]\nVirtualFunction=1\nMaxRate=250\n");
	if (!rc)
		rc = write_policy(run, DROP_INS "/20-bad.conf", "[PF]\nMTUBytes=huge\n");
	if (!rc)
		rc = write_policy(run, DROP_INS "/30-rate.conf",
				"[SR-IOV]\nVirtualFunction=2\nMaxRate=250\n");
	return rc;
}

/* vfctl apply, which an administrator calls, must change nothing if a file has errors. */
static enum verdict apply_refuses(struct check_run *run, const struct intent *intent)
{
	static const char *const args[] = { "apply", NULL };
	CLEANUP(call_end) struct call call = { 0 };

	if (manager_call(run, args, &call) < 0)
		return check_broken(run, "vfctl apply cannot be called");
	evidence_text(run, "vfctl apply", "status %d: %.300s", call.status, call.output);
	if (call.status != 2 || !strstr(call.output, "20-bad.conf:2:10"))
		return check_fail(run, "vfctl apply accepts a bad drop-in: it ends with %d: %.200s",
				call.status, call_last(&call));
	return manager_holds(run, intent, "after vfctl apply");
}

enum verdict persistence_bad_drop_in(struct check_run *run)
{
	struct intent before = intent_of(run->dut, 0), intent = before;
	enum verdict verdict = persistence_begin(run);

	intent.vf[1].max_rate = intent.vf[2].max_rate = DROPPED_RATE;
	if (verdict == VERDICT_PASS && write_drop_ins(run) < 0)
		verdict = check_broken(run, "the drop-ins cannot be written");
	if (verdict == VERDICT_PASS)
		verdict = apply_refuses(run, &before);
	if (verdict == VERDICT_PASS)
		verdict = persistence_restores(run, &intent, "20-bad.conf:2:10", true);
	return persistence_end(run, verdict);
}

/* Finds the first card with SR-IOV other than the one under test. */
static bool find_other(struct check_run *run, struct bdf *other)
{
	CLEANUP(cleanup_inventory) struct inventory inventory = { 0 };

	if (inventory_read(run->dut->host, INVENTORY_COUNTS, &inventory, &run->err) < 0)
		return false;
	for (size_t i = 0; i < inventory.count; i++) {
		*other = inventory.pfs[i].function.bdf;
		if (!bdf_equal(*other, run->dut->pf))
			return true;
	}
	return false;
}

/* The policy of the other card demands more VFs than it has. */
enum verdict persistence_one_of_two(struct check_run *run)
{
	CLEANUP(cleanup_free) char *text = NULL;
	char name[BDF_TEXT];
	struct bdf other;

	if (!find_other(run, &other))
		return check_skip(run, "there is only one card with SR-IOV");
	text = text_format("[Match]\nPath=%s\n\n[PF]\nSR-IOVVirtualFunctions=65535\n",
			bdf_format(other, name));
	evidence_text(run, "the card that fails", "%s", name);
	return beside(run, text);
}
