/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef APPLY_PROVISION_H
#define APPLY_PROVISION_H

#include "apply/apply.h"
#include "policy/select_pf.h"

/* How apply and restore deal with one card. */
struct provision {
	bool despite_owner; /* another program's files are for the card too, and that is fine */
	bool unattended;    /* at boot: nobody looks whether it is the right card */
	bool aside;         /* damaged files are renamed, rather than passed by */
};

/*
 * What is to be done, and whether it may be: -EEXIST where another program's files are for the card
 * too (an earlier store_save() may have said that this is fine), -ENODEV where, unattended, another
 * card is at the address than the one of last time, and the errors of plan_make(). NOTES gets what
 * people should know besides. PLAN is the caller's in any case.
 */
int provision_plan(const struct host *host, const struct selection *selection,
		struct provision *provision, struct plan *plan, struct diagnostics *notes,
		struct err *err);

/* Does it, and remembers it. NOTES as above. */
int provision_apply(const struct host *host, const struct plan *plan,
		const struct provision *provision, const struct apply_watch *watch,
		struct diagnostics *notes, struct err *err);

/* Where the card of a file without one may be: "; the card of last time is at 0000:02:00.0 now". */
void provision_explain_absence(const struct host *host, const struct desired *desired,
		struct err *err, struct diagnostics *notes);

/* Forgets the cards that no file of MATCHES is for, and says so. */
void provision_forget_others(const struct host *host, const struct selections *selections,
		struct diagnostics *notes);

#endif
