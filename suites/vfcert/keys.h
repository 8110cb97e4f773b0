/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VFCERT_KEYS_H
#define VFCERT_KEYS_H

#include "command/verb.h"
#include "data/signature.h"

/* The keys of a command line, PEM files. */

/* Loads the private key of --key, with the passphrase from --passphrase-file if given. -EACCES
 * if others may read the file. */
int keys_load_private(const struct verb_call *call, struct key **key, struct err *err);

/* The trusted public keys, of all --key. */
struct keyring {
	struct key **keys;
	size_t count;
};
int keys_load_public(const struct verb_call *call, struct keyring *ring, struct err *err);
void cleanup_keyring(struct keyring *ring);

#define PASSPHRASE_FLAG                                                                      \
	{                                                                                    \
		"passphrase-file", 0, "FILE",                                                \
				"File whose first line is the passphrase of the private key" \
	}

#endif
