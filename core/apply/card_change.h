/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef APPLY_CARD_CHANGE_H
#define APPLY_CARD_CHANGE_H

#include "host/host.h"

/* What is asked of one card by hand. */
struct card_change {
	bool vfs_given, autoprobe_given;
	unsigned vfs;
	bool autoprobe;
	const char *despite_holder; /* whose VFs are taken all the same: holder_word(), or NULL */
};

/* Makes all of the change, or none: where a step fails, the number of VFs and autoprobe are put
 * back, and the message says what is there then. VFs that had to go lose their settings. The
 * errors of vfs_set_count(). */
int card_change(const struct host *host, struct bdf pf, const struct card_change *change,
		struct err *err);

#endif
