/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "reports/certificate/certificate.h"
#include "reports/certificate/proof_summary.h"
#include "reports/certificate/revocation.h"
#include "reports/results/capability.h"
#include "reports/results/results_reader.h"
#include "tests/fuzz.h"

/* A certificate says what its signer wants. The key may be trusted while the signer's tools are
 * not, so any content must be validated without harm, and a rejection has a name and a reason. The
 * same record serves as a statement, results, a proof, and a list of revocations. */

static void validate_results(
		const struct certification_profile *profile, const struct record *record)
{
	CLEANUP(cleanup_reader) struct results_reader *reader = reader_from_record(record);
	CLEANUP(cleanup_record) struct record *capabilities = capability_assess(profile, reader);
	struct rejection rejection = { 0 };

	if (results_validate(record, NULL) < 0)
		return;
	if (record_length(capabilities) != profile->count)
		abort();
	if (certificate_validate_capabilities(capabilities, &rejection) < 0 && !*rejection.why)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct certification_profile *profile;
	CLEANUP(cleanup_record) struct record *record = NULL;
	struct rejection rejection = { 0 }, revoked = { 0 };

	if (!profile && cert_profile_load(PROFILES_DIR, NULL, &profile, NULL) < 0)
		abort();
	if (record_parse("f", (const char *)data, size, &record, NULL) < 0)
		return 0;
	if (certificate_validate(record, profile, 1780272000, &rejection) < 0 &&
			(!*rejection.name || !*rejection.why))
		abort();
	revocation_validate(record, record, &revoked);
	record_free(proof_summary(record));
	proof_holds(record);
	validate_results(profile, record);
	return 0;
}
