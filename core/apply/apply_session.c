/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "apply/apply_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apply/drift.h"
#include "apply/link_loss_log.h"
#include "apply/store.h"
#include "base/cleanup.h"
#include "managers/other_manager.h"
#include "sriov/pf.h"

static int check_other_managers(const struct host *host, const struct pf *pf,
		const struct apply_session *session, struct diagnostics *notes, struct err *err)
{
	CLEANUP(cleanup_diagnostics) struct diagnostics managers = { 0 };
	char name[NAME_ROOM];

	other_managers_find(host, pf, &managers, notes);
	if (!managers.count)
		return 0;
	pf_name(&pf->function, name, sizeof(name));
	for (size_t i = 0; i < managers.count && session->despite_owner; i++)
		diagnostic_add(notes, "%s: %s, and that is overridden", name, managers.lines[i]);
	if (session->despite_owner)
		return 0;
	return err_set(err, EEXIST,
			"%s: %.240s%s: remove the card from it, or run vfctl apply --despite-owner",
			name, managers.lines[0], managers.count > 1 ? " (and others)" : "");
}

static int check_same_card(const struct host *host, const struct selection *selection,
		const struct applied *applied, bool unattended, struct diagnostics *notes,
		struct err *err)
{
	char name[NAME_ROOM], texts[2][MAC_TEXT];
	struct mac mac;

	if (!applied->has_mac || pf_permanent_mac(host, &selection->pf.function, &mac) < 0 ||
			mac_equal(mac, applied->mac) || selection->desired->selector.by_mac)
		return 0;
	pf_name(&selection->pf.function, name, sizeof(name));
	mac_format(applied->mac, texts[0]);
	mac_format(mac, texts[1]);
	if (unattended)
		return err_set(err, ENODEV,
				"%s: is another card than last time (%s then, %s now): vfctl apply if "
				"%s is for it",
				name, texts[0], texts[1], selection->desired->file);
	diagnostic_add(notes, "%s: is another card than last time: %s then, %s now", name, texts[0],
			texts[1]);
	return 0;
}

int apply_session_plan(const struct host *host, const struct selection *selection,
		struct apply_session *session, struct plan *plan, struct diagnostics *notes,
		struct err *err)
{
	struct applied applied;
	int rc = 0;

	*plan = (struct plan){ 0 };
	if (selection->err.code)
		return err_pass(err, &selection->err, "%s", selection->err.msg);
	if (!store_load(host, selection->pf.function.bdf, session->rename_damaged, &applied,
			    notes)) {
		session->despite_owner |= applied.despite_owner;
		rc = check_same_card(host, selection, &applied, session->unattended, notes, err);
	}
	if (!rc)
		rc = check_other_managers(host, &selection->pf, session, notes, err);
	if (!rc)
		rc = plan_make(host, selection->desired, &selection->pf, session->despite_holder,
				plan, err);
	if (!rc && !plan_makes_vfs(plan))
		drift_note_lacking(selection->desired, plan->name, &selection->pf.net, notes);
	return rc;
}

int apply_session_run(const struct host *host, const struct plan *plan,
		const struct apply_session *session, const struct apply_watch *watch,
		struct diagnostics *notes, struct err *err)
{
	CLEANUP(cleanup_pf) struct pf now = { .function.bdf = plan->pf };
	struct err cause = { 0 };
	int rc = store_begin(host, plan->pf, plan->autoprobe, err);

	if (rc < 0)
		return rc;
	rc = apply_plan(host, plan, watch, err);
	if (rc < 0) {
		/* If the rollback failed, the next apply must see the interruption. */
		if (!pf_fill_counts(host, &now, NULL) && now.autoprobe == plan->autoprobe)
			store_end(host, plan->pf, NULL);
		return rc;
	}
	rc = store_end(host, plan->pf, &cause);
	if (!rc)
		rc = pf_fill_counts(host, &now, &cause);
	if (!rc && *now.function.netdev)
		rc = netdev_read(host, now.function.netdev, &now.net, &cause);
	if (!rc)
		rc = store_save(host, plan->desired, &now, session->despite_owner, &cause);
	if (rc < 0)
		return err_pass(err, &cause, "%s: everything was applied, but cannot be stored: %s",
				plan->name, cause.msg);
	if (plan_makes_vfs(plan))
		drift_note_lacking(plan->desired, plan->name, &now.net, notes);
	link_loss_log_begin(host, &now);
	return 0;
}

/* Finds the card that FILE was applied to last, if it is at another address now. */
static bool find_moved(const struct host *host, const char *file, struct bdf was, struct pf *pf,
		struct diagnostics *notes)
{
	CLEANUP(cleanup_inventory) struct inventory inventory = { 0 };
	struct applied applied;
	struct mac mac;

	if (store_load(host, was, false, &applied, notes) < 0 || strcmp(applied.file, file) != 0 ||
			!applied.has_mac ||
			inventory_read(host, INVENTORY_COUNTS, &inventory, NULL) < 0)
		return false;
	for (size_t i = 0; i < inventory.count; i++) {
		if (pf_permanent_mac(host, &inventory.pfs[i].function, &mac) < 0 ||
				!mac_equal(mac, applied.mac))
			continue;
		*pf = (struct pf){ .function = inventory.pfs[i].function };
		return true;
	}
	return false;
}

void apply_session_explain_absence(const struct host *host, const struct desired *desired,
		struct err *err, struct diagnostics *notes)
{
	struct bdf *list;
	size_t count = store_list(host, &list);
	char name[NAME_ROOM];
	struct pf pf;

	for (size_t i = 0; i < count; i++) {
		if (!find_moved(host, desired->file, list[i], &pf, notes))
			continue;
		snprintf(err->msg + strlen(err->msg), sizeof(err->msg) - strlen(err->msg),
				"; the card of last time is here as %s",
				pf_name(&pf.function, name, sizeof(name)));
		break;
	}
	free(list);
}

void apply_session_forget_others(const struct host *host, const struct selections *selections,
		struct diagnostics *notes)
{
	struct bdf *list;
	size_t count = store_list(host, &list);
	char text[BDF_TEXT];

	for (size_t i = 0; i < count; i++) {
		bool selected = false;
		struct err err = { 0 };

		for (size_t k = 0; k < selections->count; k++) {
			const struct selection *selection = &selections->items[k];

			/* A file without a card may belong to any card that is missing. */
			selected |= selection->err.code ||
					bdf_equal(selection->pf.function.bdf, list[i]);
		}
		if (selected)
			continue;
		if (store_forget(host, list[i], &err) < 0)
			diagnostic_add(notes, "%s", err.msg);
		else
			diagnostic_add(notes,
					"%s: no policy file selects it any longer; its VFs stay as "
					"they are",
					bdf_format(list[i], text));
	}
	free(list);
}
