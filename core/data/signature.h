/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DATA_SIGNATURE_H
#define DATA_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "data/digest.h"

/*
 * Keys and signatures: ECDSA on the curve P-256 over SHA-256, with the signature in DER, and
 * Ed25519. A private key includes its public key. Any other type of key is refused.
 */
struct key;

enum key_type {
	KEY_P256,
	KEY_ED25519,
};

int key_generate(enum key_type type, struct key **key, struct err *err);
void key_free(struct key *key);
void cleanup_key(struct key **key);

enum key_type key_type(const struct key *key);

/* SHA-256 of the public key as SubjectPublicKeyInfo in DER: "openssl pkey -pubin -outform der |
 * sha256sum". */
void key_id(const struct key *key, char id[DIGEST_TEXT]);

/* Return PEM for the caller to free: PKCS 8, encrypted if PASSPHRASE is not NULL, and
 * SubjectPublicKeyInfo. */
char *key_print_private(const struct key *key, const char *passphrase);
char *key_print_public(const struct key *key);

/* SOURCE names the text in errors. PASSPHRASE may be NULL; -EACCES: it is wrong or missing. */
int key_parse_private(const char *source, const char *pem, const char *passphrase, struct key **key,
		struct err *err);
int key_parse_public(const char *source, const char *pem, struct key **key, struct err *err);

/* Returns a new signature for the caller to free. KEY is a private key. */
int key_sign(const struct key *key, const void *data, size_t length, unsigned char **signature,
		size_t *size, struct err *err);

bool key_verifies(const struct key *key, const void *data, size_t length,
		const unsigned char *signature, size_t size);

#endif
