/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef APPLY_CARD_CHANGE_H
#define APPLY_CARD_CHANGE_H

#include "host/host.h"

/* A change of one card that a user asks for. */
struct card_change {
	bool vfs_given, autoprobe_given;
	unsigned vfs;
	bool autoprobe;
	const char *despite_holder; /* whose VFs are taken all the same: holder_word(), or NULL */
};

/* Makes the whole change, or none of it: if a step fails, restores the number of VFs and
 * autoprobe, and the message says what the card is then. VFs that had to be removed lose their
 * settings. The errors of vfs_set_count(). */
int card_change(const struct host *host, struct bdf pf, const struct card_change *change,
		struct err *err);

#endif
