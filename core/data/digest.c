/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "data/digest.h"

#include <endian.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A struct digest is an EVP_MD_CTX. */

static EVP_MD_CTX *context_of(struct digest *digest)
{
	return (EVP_MD_CTX *)digest;
}

struct digest *digest_begin(void)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	if (!context || EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1)
		abort();
	return (struct digest *)context;
}

void digest_add(struct digest *digest, const void *data, size_t length)
{
	/* In a fixed byte order, so that the digest is the same on all machines. */
	uint64_t size = htole64(length);

	if (EVP_DigestUpdate(context_of(digest), &size, sizeof(size)) != 1 ||
			EVP_DigestUpdate(context_of(digest), data, length) != 1)
		abort();
}

void digest_add_str(struct digest *digest, const char *text)
{
	digest_add(digest, text, strlen(text));
}

void digest_add_file(struct digest *digest, const char *name, const void *data, size_t length)
{
	char sum[DIGEST_TEXT];

	digest_bytes(data, length, sum);
	if (EVP_DigestUpdate(context_of(digest), sum, DIGEST_TEXT - 1) != 1 ||
			EVP_DigestUpdate(context_of(digest), "  ", 2) != 1 ||
			EVP_DigestUpdate(context_of(digest), name, strlen(name)) != 1 ||
			EVP_DigestUpdate(context_of(digest), "\n", 1) != 1)
		abort();
}

static void print_sum(const unsigned char *sum, unsigned length, char text[DIGEST_TEXT])
{
	for (unsigned i = 0; i < length && 2 * i + 2 < DIGEST_TEXT; i++)
		snprintf(text + 2 * (size_t)i, 3, "%02x", sum[i]);
}

void digest_end(struct digest *digest, char text[DIGEST_TEXT])
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned length;

	if (EVP_DigestFinal_ex(context_of(digest), sum, &length) != 1)
		abort();
	print_sum(sum, length, text);
	EVP_MD_CTX_free(context_of(digest));
}

void digest_bytes(const void *data, size_t length, char text[DIGEST_TEXT])
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned size;

	if (EVP_Digest(data, length, sum, &size, EVP_sha256(), NULL) != 1)
		abort();
	print_sum(sum, size, text);
}
