/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef APPLY_APPLY_SESSION_H
#define APPLY_APPLY_SESSION_H

#include "apply/apply.h"
#include "policy/select_pf.h"

/* How apply and restore treat one card. */
struct apply_session {
	const char *despite_holder; /* as of struct plan */
	bool despite_owner;         /* go on although another program's files manage the card too */
	bool unattended;            /* at boot, when nobody checks that it is the right card */
	bool rename_damaged;        /* rename damaged files of the store; else only report them */
};

/*
 * Plans the changes of one card. -EEXIST if another program's files manage it too and neither SESSION
 * nor the last store_save() permits that; -ENODEV if, unattended, another card than last time is at
 * its address; and the errors of plan_make(). NOTES gets remarks for the user. The caller frees PLAN
 * in any case.
 */
int apply_session_plan(const struct host *host, const struct selection *selection,
		struct apply_session *session, struct plan *plan, struct diagnostics *notes,
		struct err *err);

/* Applies the plan and stores that it was applied. NOTES as above. */
int apply_session_run(const struct host *host, const struct plan *plan,
		const struct apply_session *session, const struct apply_watch *watch,
		struct diagnostics *notes, struct err *err);

/* Appends to ERR where the card of a file that selects none may be now: "; the card of last time is
 * here as 0000:02:00.0". */
void apply_session_explain_absence(const struct host *host, const struct desired *desired,
		struct err *err, struct diagnostics *notes);

/* Removes from the store, and reports in NOTES, the cards that no file selects any longer. */
void apply_session_forget_others(const struct host *host, const struct selections *selections,
		struct diagnostics *notes);

#endif
