/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VFCERT_KEYS_H
#define VFCERT_KEYS_H

#include "base/signature.h"
#include "base/verb.h"

/* Keys on the command line: files in PEM. */

/* The private key of --key, with the passphrase of --passphrase-file where it is named. A file that
 * others may read is -EACCES. */
int keys_load_private(const struct verb_call *call, struct key **key, struct err *err);

/* The trusted public keys, of all --key. */
struct keyring {
	struct key **keys;
	size_t count;
};
int keys_load_public(const struct verb_call *call, struct keyring *ring, struct err *err);
void cleanup_keyring(struct keyring *ring);

#define PASSPHRASE_FLAG                                                                            \
	{                                                                                          \
		"passphrase-file", 0, "FILE",                                                      \
				"The passphrase of the private key is the first line of this file" \
	}

#endif
