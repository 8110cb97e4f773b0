/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/certificate/revocation.h"

#include <string.h>

#include "base/cleanup.h"
#include "reports/certificate/certificate.h"
#include "reports/certificate/dsse.h"

#define SCHEMA "vfcert-revocations/1"

struct record *revocation_new(void)
{
	struct record *list = record_object();

	record_put_str(list, "schema", SCHEMA);
	record_put_null(list, "issued");
	record_put(list, "revoked", record_array());
	return list;
}

static const struct record *find(const struct record *list, const char *serial)
{
	const struct record *revoked = record_get(list, "revoked");

	for (size_t i = 0; i < record_length(revoked); i++) {
		if (!strcmp(record_str(record_at(revoked, i), "serial", ""), serial))
			return record_at(revoked, i);
	}
	return NULL;
}

void revocation_add(struct record *list, const char *serial, const char *reason, time_t now)
{
	char text[TIMESTAMP_SIZE];
	struct record *entry;

	record_put_str(list, "issued", timestamp_format(now, text));
	if (find(list, serial))
		return;
	entry = record_object();
	record_put_str(entry, "serial", serial);
	record_put_str(entry, "revoked", text);
	record_put_str(entry, "reason", reason);
	record_add(record_edit(list, "revoked"), entry);
}

int revocation_open(const char *text, size_t length, struct key *const keys[], size_t count,
		struct record **list, struct rejection *rejection)
{
	CLEANUP(cleanup_record) struct record *fresh = NULL;
	CLEANUP(cleanup_free) char *body = NULL;
	size_t size;
	int rc = dsse_open(
			text, length, REVOCATION_TYPE, keys, count, &body, &size, NULL, rejection);

	if (!rc)
		rc = rejection_parse("the list of revocations", body, size, &fresh, rejection);
	if (!rc &&
			(strcmp(record_str(fresh, "schema", ""), SCHEMA) ||
					record_type(record_get(fresh, "revoked")) != RECORD_ARRAY))
		rc = reject(rejection, "unreadable", "the list of revocations is not " SCHEMA);
	if (!rc)
		*list = TAKE(fresh);
	return rc;
}

int revocation_validate(const struct record *list, const struct record *statement,
		struct rejection *rejection)
{
	const struct record *entry =
			find(list, record_str(certificate_part(statement), "serial", ""));

	if (!entry)
		return 0;
	return reject(rejection, "revoked", "it was revoked on %s: %s",
			record_str(entry, "revoked", "?"),
			record_str(entry, "reason", "no reason is given"));
}
