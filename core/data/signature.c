/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "data/signature.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* A struct key is an EVP_PKEY. */

#define CURVE "prime256v1" /* what OpenSSL calls P-256 */

static EVP_PKEY *pkey_of(const struct key *key)
{
	return (EVP_PKEY *)(uintptr_t)key;
}

static void cleanup_bio(BIO **bio)
{
	BIO_free(*bio);
}

static void cleanup_md(EVP_MD_CTX **context)
{
	EVP_MD_CTX_free(*context);
}

/* Ends the message with the library's first error. */
static int complain(struct err *err, int code, const char *what)
{
	unsigned long cause = ERR_get_error();
	const char *reason = ERR_reason_error_string(cause);

	ERR_clear_error();
	return err_set(err, code, "%s%s%s", what, reason ? ": " : "", reason ? reason : "");
}

int key_generate(enum key_type type, struct key **key, struct err *err)
{
	EVP_PKEY *fresh = type == KEY_P256 ? EVP_EC_gen(CURVE)
					   : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");

	if (!fresh)
		return complain(err, EIO, "cannot make a key");
	*key = (struct key *)fresh;
	return 0;
}

void key_free(struct key *key)
{
	EVP_PKEY_free(pkey_of(key));
}

void cleanup_key(struct key **key)
{
	key_free(*key);
}

enum key_type key_type(const struct key *key)
{
	return EVP_PKEY_is_a(pkey_of(key), "EC") ? KEY_P256 : KEY_ED25519;
}

static bool is_of_a_type(const EVP_PKEY *pkey)
{
	char curve[32] = "";

	if (EVP_PKEY_is_a(pkey, "ED25519"))
		return true;
	return EVP_PKEY_is_a(pkey, "EC") &&
			EVP_PKEY_get_group_name(pkey, curve, sizeof(curve), NULL) == 1 &&
			!strcmp(curve, CURVE);
}

void key_id(const struct key *key, char id[DIGEST_TEXT])
{
	unsigned char *der = NULL;
	int length = i2d_PUBKEY(pkey_of(key), &der);

	if (length <= 0)
		abort();
	digest_bytes(der, (size_t)length, id);
	OPENSSL_free(der);
}

static char *text_of(BIO *bio)
{
	char *data, *text;
	long length = BIO_get_mem_data(bio, &data);

	text = strndup(data, (size_t)length);
	if (!text)
		abort();
	return text;
}

char *key_print_private(const struct key *key, const char *passphrase)
{
	CLEANUP(cleanup_bio) BIO *bio = BIO_new(BIO_s_mem());
	const EVP_CIPHER *cipher = passphrase ? EVP_aes_256_cbc() : NULL;

	if (!bio ||
			PEM_write_bio_PKCS8PrivateKey(bio, pkey_of(key), cipher, passphrase,
					passphrase ? (int)strlen(passphrase) : 0, NULL, NULL) != 1)
		abort();
	return text_of(bio);
}

char *key_print_public(const struct key *key)
{
	CLEANUP(cleanup_bio) BIO *bio = BIO_new(BIO_s_mem());

	if (!bio || PEM_write_bio_PUBKEY(bio, pkey_of(key)) != 1)
		abort();
	return text_of(bio);
}

/* Without this callback the library prompts on the terminal. */
static int give_passphrase(char *room, int size, int writing, void *passphrase)
{
	int length = passphrase ? (int)strlen(passphrase) : -1;

	(void)writing;
	if (length > size)
		return -1;
	if (length > 0)
		memcpy(room, passphrase, (size_t)length);
	return length;
}

static int take(EVP_PKEY *pkey, const char *source, struct key **key, struct err *err)
{
	if (!is_of_a_type(pkey)) {
		EVP_PKEY_free(pkey);
		return err_set(err, EINVAL, "%s: the key is neither ECDSA P-256 nor Ed25519",
				source);
	}
	*key = (struct key *)pkey;
	return 0;
}

int key_parse_private(const char *source, const char *pem, const char *passphrase, struct key **key,
		struct err *err)
{
	CLEANUP(cleanup_bio) BIO *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *pkey;

	if (!bio)
		abort();
	pkey = PEM_read_bio_PrivateKey(bio, NULL, give_passphrase, (void *)(uintptr_t)passphrase);
	if (pkey)
		return take(pkey, source, key, err);
	ERR_clear_error();
	if (strstr(pem, "ENCRYPTED"))
		return err_set(err, EACCES, "%s: the key is encrypted, and %s (--passphrase-file)",
				source,
				passphrase ? "the passphrase is wrong" : "there is no passphrase");
	return err_set(err, EINVAL, "%s: is not a private key in PEM", source);
}

int key_parse_public(const char *source, const char *pem, struct key **key, struct err *err)
{
	CLEANUP(cleanup_bio) BIO *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *pkey;

	if (!bio)
		abort();
	pkey = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	if (pkey)
		return take(pkey, source, key, err);
	ERR_clear_error();
	return err_set(err, EINVAL, "%s: is not a public key in PEM", source);
}

static const EVP_MD *hash_of(const struct key *key)
{
	return key_type(key) == KEY_P256 ? EVP_sha256() : NULL;
}

int key_sign(const struct key *key, const void *data, size_t length, unsigned char **signature,
		size_t *size, struct err *err)
{
	CLEANUP(cleanup_md) EVP_MD_CTX *context = EVP_MD_CTX_new();
	CLEANUP(cleanup_free) unsigned char *fresh = NULL;

	if (!context)
		abort();
	if (EVP_DigestSignInit(context, NULL, hash_of(key), NULL, pkey_of(key)) != 1 ||
			EVP_DigestSign(context, NULL, size, data, length) != 1)
		return complain(err, EIO, "cannot sign");
	fresh = malloc(*size);
	if (!fresh)
		abort();
	if (EVP_DigestSign(context, fresh, size, data, length) != 1)
		return complain(err, EIO, "cannot sign");
	*signature = TAKE(fresh);
	return 0;
}

bool key_verifies(const struct key *key, const void *data, size_t length,
		const unsigned char *signature, size_t size)
{
	CLEANUP(cleanup_md) EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool good;

	if (!context)
		abort();
	good = EVP_DigestVerifyInit(context, NULL, hash_of(key), NULL, pkey_of(key)) == 1 &&
			EVP_DigestVerify(context, signature, size, data, length) == 1;
	ERR_clear_error();
	return good;
}
