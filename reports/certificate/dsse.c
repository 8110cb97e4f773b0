/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/certificate/dsse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "data/base64.h"

/* Returns the pre-authentication encoding; the caller frees it. */
static char *encode(const char *type, const void *body, size_t length, size_t *size)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, size);

	if (!out)
		abort();
	fprintf(out, "DSSEv1 %zu %s %zu ", strlen(type), type, length);
	fwrite(body, 1, length, out);
	if (fclose(out))
		abort();
	return text;
}

int dsse_seal(const struct key *key, const char *type, const void *body, size_t length,
		struct record **envelope, struct err *err)
{
	size_t size, signature_size;
	CLEANUP(cleanup_free) char *encoded = encode(type, body, length, &size);
	CLEANUP(cleanup_free) char *payload = base64_print(body, length);
	CLEANUP(cleanup_free) unsigned char *signature = NULL;
	CLEANUP(cleanup_free) char *text = NULL;
	struct record *signatures, *entry;
	char id[DIGEST_TEXT];
	int rc = key_sign(key, encoded, size, &signature, &signature_size, err);

	if (rc < 0)
		return rc;
	text = base64_print(signature, signature_size);
	key_id(key, id);
	entry = record_object();
	record_put_str(entry, "keyid", id);
	record_put_str(entry, "sig", text);
	signatures = record_array();
	record_add(signatures, entry);
	*envelope = record_object();
	record_put_str(*envelope, "payload", payload);
	record_put_str(*envelope, "payloadType", type);
	record_put(*envelope, "signatures", signatures);
	return 0;
}

/* keyid is not authenticated: it only selects one of the trusted keys. */
static const struct key *find_key(struct key *const keys[], size_t count, const char *wanted)
{
	char id[DIGEST_TEXT];

	for (size_t i = 0; i < count; i++) {
		key_id(keys[i], id);
		if (!strcmp(id, wanted))
			return keys[i];
	}
	return NULL;
}

static int verify(const struct record *envelope, const char *type, const struct key *key,
		char **body, size_t *size, struct rejection *rejection)
{
	const struct record *entry = record_at(record_get(envelope, "signatures"), 0);
	CLEANUP(cleanup_free) unsigned char *signature = NULL;
	CLEANUP(cleanup_free) unsigned char *bytes = NULL;
	CLEANUP(cleanup_free) char *encoded = NULL;
	size_t signature_size, encoded_size;

	if (base64_parse(record_str(envelope, "payload", "-"), &bytes, size) < 0 ||
			base64_parse(record_str(entry, "sig", "-"), &signature, &signature_size) <
					0)
		return reject(rejection, "unreadable", "payload or signature are not base64");
	encoded = encode(type, bytes, *size, &encoded_size);
	if (!key_verifies(key, encoded, encoded_size, signature, signature_size))
		return reject(rejection, "signature",
				"the signature does not fit: something was changed, or another key "
				"signed");
	*body = (char *)TAKE(bytes);
	return 0;
}

int dsse_open(const char *text, size_t length, const char *type, struct key *const keys[],
		size_t count, char **body, size_t *size, const struct key **key,
		struct rejection *rejection)
{
	CLEANUP(cleanup_record) struct record *envelope = NULL;
	const struct record *signatures;
	const struct key *signer;
	const char *has, *id;
	int rc = rejection_parse("the envelope", text, length, &envelope, rejection);

	if (rc < 0)
		return rc;
	has = record_str(envelope, "payloadType", NULL);
	signatures = record_get(envelope, "signatures");
	id = record_str(record_at(signatures, 0), "keyid", NULL);
	if (!has || !id || record_length(signatures) != 1)
		return reject(rejection, "unreadable",
				"the envelope needs payloadType, payload, and one signature with its "
				"keyid");
	if (strcmp(has, type))
		return reject(rejection, "payload-type", "the payload is '%.100s', not %s", has,
				type);
	signer = find_key(keys, count, id);
	if (!signer)
		return reject(rejection, "unknown-key",
				"the key %.64s is none of those that are trusted", id);
	if (key)
		*key = signer;
	return verify(envelope, type, signer, body, size, rejection);
}

/* https://github.com/sigstore/protobuf-specs, sigstore_bundle.proto. It uses no transparency
 * log. cosign 2.5 ignores a signature whose keyid does not have cosign's own form, so the signature
 * has no keyid here; cosign does not look at the hint if a key is named. */
struct record *dsse_bundle(const struct record *envelope)
{
	const struct record *entry = record_at(record_get(envelope, "signatures"), 0);
	struct record *bundle = record_object(), *material = record_object();
	struct record *key = record_object(), *inside = record_copy(envelope);
	struct record *signature = record_object(), *signatures = record_array();

	record_put_str(key, "hint", record_str(entry, "keyid", ""));
	record_put(material, "publicKey", key);
	record_put(material, "tlogEntries", record_array());
	record_put_str(signature, "sig", record_str(entry, "sig", ""));
	record_add(signatures, signature);
	record_put(inside, "signatures", signatures);
	record_put_str(bundle, "mediaType", "application/vnd.dev.sigstore.bundle.v0.3+json");
	record_put(bundle, "verificationMaterial", material);
	record_put(bundle, "dsseEnvelope", inside);
	return bundle;
}
