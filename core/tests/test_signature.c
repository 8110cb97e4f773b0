/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "data/signature.h"

#include <stdlib.h>

#include "tests/assert.h"

struct held {
	struct key *key, *other;
	unsigned char *signature;
	size_t size;
	char *pem;
	struct err err;
};

static int setup(void **state)
{
	*state = calloc(1, sizeof(struct held));
	return 0;
}

static int teardown(void **state)
{
	struct held *held = *state;

	key_free(held->key);
	key_free(held->other);
	free(held->signature);
	free(held->pem);
	free(held);
	return 0;
}

static void try_type(struct held *held, enum key_type type)
{
	static const char words[] = "a certificate";
	char id[DIGEST_TEXT], other_id[DIGEST_TEXT];
	char *pem;

	assert_int_equal(key_generate(type, &held->key, NULL), 0);
	assert_int_equal(key_type(held->key), type);
	assert_int_equal(key_sign(held->key, words, sizeof(words), &held->signature, &held->size,
					 NULL),
			0);
	pem = key_print_public(held->key);
	assert_int_equal(key_parse_public("p", pem, &held->other, NULL), 0);
	free(pem);
	key_id(held->key, id);
	key_id(held->other, other_id);
	assert_string_equal(id, other_id);
	assert_true(key_verifies(held->other, words, sizeof(words), held->signature, held->size));
	assert_false(key_verifies(
			held->other, words, sizeof(words) - 1, held->signature, held->size));
	for (size_t i = 0; i < held->size; i++) {
		held->signature[i] ^= 1;
		assert_false(key_verifies(
				held->other, words, sizeof(words), held->signature, held->size));
		held->signature[i] ^= 1;
	}
}

static void p256_signs(void **state)
{
	try_type(*state, KEY_P256);
}

static void ed25519_signs(void **state)
{
	try_type(*state, KEY_ED25519);
}

static void another_key_does_not_verify(void **state)
{
	struct held *held = *state;

	assert_int_equal(key_generate(KEY_P256, &held->key, NULL), 0);
	assert_int_equal(key_generate(KEY_P256, &held->other, NULL), 0);
	assert_int_equal(key_sign(held->key, "x", 1, &held->signature, &held->size, NULL), 0);
	assert_false(key_verifies(held->other, "x", 1, held->signature, held->size));
}

static void a_passphrase_keeps_the_private_key(void **state)
{
	struct held *held = *state;
	struct err none = { 0 };

	assert_int_equal(key_generate(KEY_ED25519, &held->key, NULL), 0);
	held->pem = key_print_private(held->key, "open sesame");
	assert_int_equal(key_parse_private("k", held->pem, NULL, &held->other, &none), -EACCES);
	assert_says(none.msg, "k: the key is encrypted, and there is no passphrase");
	assert_int_equal(key_parse_private("k", held->pem, "open", &held->other, &held->err),
			-EACCES);
	assert_says(held->err.msg, "the passphrase is wrong");
	assert_null(held->other);
	assert_int_equal(key_parse_private("k", held->pem, "open sesame", &held->other, NULL), 0);
}

static void what_is_no_such_key_is_refused(void **state)
{
	/* A key on P-384: openssl ecparam -name secp384r1 -genkey -noout | openssl pkey -pubout */
	static const char p384[] =
			"-----BEGIN PUBLIC KEY-----\n"
			"MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEft0VUCzzPdje6M5FmB2TzlNxID0sPl1L\n"
			"otZcs5rAmRDnIzKxlr1tzbCLTL+a+5PtsIyi6FKu10HO5HSs+V9Q3SpHARo+rl+W\n"
			"aRVVHL5wFurfd1G4yhIctLHHFuD1+ape\n"
			"-----END PUBLIC KEY-----\n";
	struct held *held = *state;
	struct err other = { 0 };

	assert_int_equal(key_parse_public("p", "hello", &held->key, &held->err), -EINVAL);
	assert_says(held->err.msg, "p: is not a public key in PEM");
	assert_int_equal(key_parse_public("p", p384, &held->key, &other), -EINVAL);
	assert_says(other.msg, "neither ECDSA P-256 nor Ed25519");
	assert_int_equal(key_generate(KEY_P256, &held->other, NULL), 0);
	held->pem = key_print_public(held->other);
	assert_int_equal(key_parse_private("p", held->pem, NULL, &held->key, NULL), -EINVAL);
	assert_null(held->key);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(p256_signs),
		CASE(ed25519_signs),
		CASE(another_key_does_not_verify),
		CASE(a_passphrase_keeps_the_private_key),
		CASE(what_is_no_such_key_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
