/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/tests/certifiable.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/results/results_reader.h"

static struct record *parsed(const char *text)
{
	struct record *record = NULL;

	if (record_parse("certifiable", text, strlen(text), &record, NULL) < 0)
		abort();
	return record;
}

struct record *certifiable_identity(void)
{
	return parsed("{\"card\":{\"model\":\"Intel Corporation 82576\",\"vendor\":\"8086\","
		      "\"device\":\"10c9\"},\"software\":{\"kernel\":\"6.12.95\",\"driver\":\"igb\","
		      "\"driver_version\":\"6.12.95\",\"firmware\":\"2.1.0\"},\"platform\":{"
		      "\"iommu\":\"dmar0\",\"iommu_mode\":\"DMA\"},\"config_digest\":"
		      "\"6ed57f044a2c75f2bf9de7d5b55fcc1cee0017f550cb659613984bc277fdfd8f\","
		      "\"config_bytes\":4096,\"rig\":{\"kind\":\"emulated\",\"origin\":\"emulated\"}}");
}

#define SUITE                                                                              \
	"\"suite\":{\"program\":"                                                          \
	"\"b0841ca7fc889f57ec8b3500ac6f8f29219b6803e60105a9918022bf1f18f20f\",\"checks\":" \
	"\"ac0e75914c493346fcb466d395a01e555a402c2c507fb2e95f9caf56ee514a84\"}"

static void add(struct record *results, const char *id, enum verdict verdict)
{
	char suite[64], title[128];

	snprintf(suite, sizeof(suite), "%.*s", (int)strcspn(id, "."), id);
	snprintf(title, sizeof(title), "Statement %s", id);
	results_add(results,
			&(struct check_result){ .id = id,
					.suite = suite,
					.title = title,
					.verdict = verdict,
					.reason = verdict == VERDICT_PASS ? NULL
									  : "seen on the wire",
					.quirk = verdict == VERDICT_KNOWN
							? "qemu-igb-mac-anti-spoof"
							: NULL,
					.origin = "emulated",
					.duration_s = 0.25 });
}

struct record *certifiable_check(struct record *results, const char *id)
{
	struct record *checks = record_edit(results, "checks");

	for (size_t i = 0; i < record_length(checks); i++) {
		if (!strcmp(record_str(record_at(checks, i), "id", ""), id))
			return record_edit_at(checks, i);
	}
	abort();
}

struct record *certifiable_results(const struct certification_profile *profile)
{
	struct record *results = results_new(
			parsed("{\"started\":\"2026-06-01T00:00:00Z\",\"complete\":true,\"why\":null,"
			       "\"quirks\":"
			       "\"0a45455e848307985a97b03b8ba987e30fe73c70b14c98bb31c08c7a6036c12f\"," SUITE
			       "}"),
			certifiable_identity());

	for (size_t i = 0; i < profile->count; i++) {
		const struct record *mandatory = profile->list[i].mandatory;

		for (size_t k = 0; profile->list[i].required && k < record_length(mandatory); k++)
			add(results, record_text(record_at(mandatory, k)), VERDICT_PASS);
	}
	add(results, "rate.enforced", VERDICT_FAIL);
	add(results, "spoof.vlan", VERDICT_KNOWN);
	return results;
}

void certifiable_summarize(struct record *results)
{
	struct results_reader *reader = reader_from_record(results);

	for (int i = 0; i < VERDICTS; i++)
		record_put_int(record_edit(results, "summary"), verdict_words[i],
				(int64_t)reader_count(reader, (enum verdict)i));
	reader_free(reader);
}

struct record *certifiable_proof(void)
{
	return parsed("{\"schema\":\"vfcert-proof/1\",\"run\":{\"started\":\"2026-06-01T01:00:00Z\","
		      "\"complete\":true}," SUITE
		      ",\"sound\":{\"failures\":[],\"others\":[{\"topology\":\"guests\","
		      "\"failures\":[]}]},\"defects\":[{\"id\":"
		      "\"a\",\"null\":false,\"expected\":[\"ready.link-up\",\"ready.ari\"],"
		      "\"caught\":[\"ready.link-up\",\"ready.ari\"],\"missed\":[],\"false_alarms\":[],"
		      "\"broken\":[],\"error\":null},{\"id\":\"b\",\"topology\":\"guests\",\"null\":false,\"expected\":["
		      "\"ready.link-up\"],\"caught\":[\"ready.link-up\"],\"missed\":[],"
		      "\"false_alarms\":[],\"broken\":[],\"error\":null},{\"id\":\"null-a\",\"null\":"
		      "true,\"expected\":[],\"caught\":[],\"missed\":[],\"false_alarms\":[],"
		      "\"broken\":[],\"error\":null}]}");
}
