/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_MATCH_H
#define POLICY_MATCH_H

#include "policy/desired.h"

/* A policy file and the card that it is for. */
struct matched {
	const struct desired *desired;
	struct pf pf;   /* as pf_fill_state() fills it, with its holders */
	struct err err; /* why there is no card: ENODEV: none; ENOTUNIQ: several, or one that another
			 * file is for too; EINVAL: the file is broken */
};

struct matches {
	size_t count; /* of the set */
	struct matched *items;
};

/* The cards of all files of the set. */
int match_all(const struct host *host, const struct desired_set *set, struct matches *matches,
		struct err *err);
void matches_free(struct matches *matches);
void cleanup_matches(struct matches *matches);

/* Whether the card is one that is meant. */
bool match_is(const struct host *host, const struct card_match *match, const struct function *pf);

/* "Path=0000:01:00.0 Port=1" */
const char *match_text(const struct card_match *match, char *text, size_t size);

/* The address that the card's interface was made with, whatever it has now. -ENOENT: none. */
int match_permanent_mac(const struct host *host, const struct function *pf, struct mac *mac);

#endif
