/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "apply/card_change.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "sriov/count.h"
#include "sriov/pf.h"
#include "sriov/vfs.h"

static void add_words(struct err *err, const char *words)
{
	size_t used = strlen(err->msg);

	snprintf(err->msg + used, sizeof(err->msg) - used, "; %s", words);
}

/* Puts back what differs from BEFORE, and says in ERR what is there now. */
static void put_back(const struct host *host, const struct pf *before, struct err *err)
{
	struct bdf bdf = before->function.bdf;
	struct pf now = { .function.bdf = bdf };
	bool gone;
	char words[120];

	if (pf_fill_counts(host, &now, NULL) < 0) {
		add_words(err, "the card cannot be read any longer");
		return;
	}
	gone = now.num_vfs != before->num_vfs;
	if (!gone && now.autoprobe == before->autoprobe)
		return;
	if (now.autoprobe != before->autoprobe)
		vfs_set_autoprobe(host, bdf, before->autoprobe, NULL);
	if (gone)
		vfs_set_count(host, bdf, before->num_vfs, NULL);
	if (pf_fill_counts(host, &now, NULL) < 0 || now.num_vfs != before->num_vfs ||
			now.autoprobe != before->autoprobe)
		snprintf(words, sizeof(words),
				"what was changed cannot be put back: %u VF%s and autoprobe %s are left",
				now.num_vfs, text_plural(now.num_vfs),
				now.autoprobe ? "on" : "off");
	else if (gone && before->num_vfs)
		snprintf(words, sizeof(words), "%u VF%s there again, without their settings",
				before->num_vfs, before->num_vfs == 1 ? " is" : "s are");
	else
		snprintf(words, sizeof(words), "everything is as it was");
	add_words(err, words);
}

int card_change(const struct host *host, struct bdf bdf, const struct card_change *change,
		struct err *err)
{
	struct pf before = { .function.bdf = bdf };
	struct err cause = { 0 };
	int rc = pf_fill_counts(host, &before, err);

	if (rc < 0)
		return rc;
	/* Autoprobe first: it decides what happens to new VFs. */
	if (change->autoprobe_given)
		rc = vfs_set_autoprobe(host, bdf, change->autoprobe, &cause);
	if (!rc && change->vfs_given)
		rc = count_set_despite(host, bdf, change->vfs, change->despite_holder, &cause);
	if (rc < 0) {
		put_back(host, &before, &cause);
		*err = cause;
	}
	return rc;
}
