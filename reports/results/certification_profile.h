/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_RESULTS_CERTIFICATION_PROFILE_H
#define REPORTS_RESULTS_CERTIFICATION_PROFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "data/digest.h"
#include "data/record.h"

/*
 * Which checks belong to which capability of a card, which of them are mandatory, and which
 * capabilities a certificate must have: suites/profiles/README.md.
 */
struct capability {
	const char *id, *title;
	const char *checks;       /* patterns.h */
	struct record *mandatory; /* array of ids */
	bool required;
};

struct certification_profile {
	const char *id, *title;
	struct capability *list; /* in the order of the file */
	size_t count;
	const char *unassigned;   /* patterns of the checks that belong to no capability */
	char digest[DIGEST_TEXT]; /* `sha256sum capabilities.ini NAME.ini | sha256sum` */
	struct cert_profile_files *files;
};

/* NAME is that of a file in FOLDER without its .ini; NULL is "default". -EINVAL with
 * FILE:LINE:COLUMN if the file has an error, and if there is no such profile. The caller frees the
 * result. */
int cert_profile_load(const char *folder, const char *name, struct certification_profile **profile,
		struct err *err);
void cert_profile_free(struct certification_profile *profile);
void cleanup_cert_profile(struct certification_profile **profile);

/* The capability of a check, or NULL. The profile caches it. */
const struct capability *cert_profile_capability(
		const struct certification_profile *profile, const char *check);

/* The capabilities as records: {"id","title","checks","mandatory":[ids],"required"}. */
struct record *cert_profile_capabilities(const struct certification_profile *profile);

#endif
