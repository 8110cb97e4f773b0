/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/certificate/certificate.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/cleanup.h"
#include "reports/certificate/certificate_internal.h"
#include "reports/certificate/dsse.h"
#include "reports/certificate/proof_summary.h"
#include "reports/results/capability.h"

/* Makes statements. certificate_validate.c reads them. */

static struct record *digest_record(const char *digest)
{
	struct record *set = record_object();

	record_put_str(set, "sha256", digest);
	return set;
}

/* Adds a resource descriptor; adds none if there is no digest. */
static void describe(struct record *list, const char *name, const char *digest)
{
	struct record *descriptor;

	if (!digest || !*digest)
		return;
	descriptor = record_object();
	record_put_str(descriptor, "name", name);
	record_put(descriptor, "digest", digest_record(digest));
	record_add(list, descriptor);
}

static struct record *configuration(
		const struct certificate_files *files, const struct certification_profile *profile)
{
	const struct record *run = record_get(files->results.record, "run");
	const struct record *suite = record_get(run, "suite");
	struct record *list = record_array();

	describe(list, "vfsuite", record_str(suite, "program", NULL));
	describe(list, "checks", record_str(suite, "checks", NULL));
	describe(list, "quirks", record_str(run, "quirks", NULL));
	describe(list, "profile", profile->digest);
	describe(list, files->proof.name, files->proof.digest);
	return list;
}

static void put_tests(struct record *predicate, const struct results_reader *reader)
{
	static const char *const names[] = { "passedTests", "warnedTests", "failedTests" };
	static const int list_of[VERDICTS] = { [VERDICT_PASS] = 0,
		[VERDICT_KNOWN] = 1,
		[VERDICT_FAIL] = 2,
		[VERDICT_CHANGED] = 2,
		[VERDICT_SKIP] = -1,
		[VERDICT_BROKEN] = -1 };
	struct record *lists[] = { record_array(), record_array(), record_array() };

	for (size_t i = 0; i < reader_length(reader); i++) {
		int list = list_of[reader_verdict(reader, i)];

		if (list >= 0)
			record_add_str(lists[list], reader_id(reader, i));
	}
	record_put_str(predicate, "result",
			record_length(lists[2])                   ? "FAILED"
					: record_length(lists[1]) ? "WARNED"
								  : "PASSED");
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		record_put(predicate, names[i], lists[i]);
}

static struct record *capabilities(
		const struct certification_profile *profile, struct results_reader *reader)
{
	static const char *const parts[] = { "id", "title", "state", "cause", "reason", "required",
		"quirks" };
	CLEANUP(cleanup_record) struct record *all = capability_assess(profile, reader);
	struct record *list = record_array();

	for (size_t i = 0; i < record_length(all); i++) {
		struct record *entry = record_object();

		for (size_t k = 0; k < sizeof(parts) / sizeof(*parts); k++)
			record_put(entry, parts[k],
					record_copy(record_get(record_at(all, i), parts[k])));
		record_add(list, entry);
	}
	return list;
}

static void put_serial(struct record *part)
{
	uint64_t random[2];

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		abort();
	record_put_strf(part, "serial", "%016llx%016llx", (unsigned long long)random[0],
			(unsigned long long)random[1]);
}

static struct record *part_of(const struct certificate_files *files, struct results_reader *reader,
		const struct certification_profile *profile, time_t issued, unsigned days)
{
	const struct record *rig = record_get(files->identity.record, "rig");
	struct record *part = record_object();
	char text[TIMESTAMP_SIZE];

	record_put_str(part, "schema", CERTIFICATE_SCHEMA);
	put_serial(part);
	record_put_str(part, "issued", timestamp_format(issued, text));
	record_put_str(part, "expires",
			timestamp_format(issued + (time_t)days * 24 * 60 * 60, text));
	record_put_str(part, "profile", profile->id);
	record_put_str(part, "origin", record_str(rig, "origin", NULL));
	record_put(part, "identity", record_copy(files->identity.record));
	record_put(part, "capabilities", capabilities(profile, reader));
	if (files->proof.record)
		record_put(part, "proof", proof_summary(files->proof.record));
	else
		record_put_null(part, "proof");
	return part;
}

int certificate_build(const struct certificate_files *files,
		const struct certification_profile *profile, time_t issued, unsigned days,
		struct record **statement, struct rejection *rejection)
{
	CLEANUP(cleanup_reader)
	struct results_reader *reader = reader_from_record(files->results.record);
	struct record *fresh, *subjects, *predicate;
	int rc = certificate_files_validate(files, profile, rejection);

	if (rc < 0)
		return rc;
	subjects = record_array();
	describe(subjects, files->identity.name, files->identity.digest);
	describe(subjects, files->results.name, files->results.digest);
	predicate = record_object();
	record_put(predicate, "configuration", configuration(files, profile));
	put_tests(predicate, reader);
	record_put(predicate, "certificate", part_of(files, reader, profile, issued, days));
	fresh = record_object();
	record_put_str(fresh, "_type", STATEMENT_TYPE);
	record_put(fresh, "subject", subjects);
	record_put_str(fresh, "predicateType", PREDICATE_TYPE);
	record_put(fresh, "predicate", predicate);
	*statement = fresh;
	return 0;
}
