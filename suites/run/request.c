/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/request.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/cleanup.h"

#define ANSWER_MS 20000 /* at scale 1 */

static struct record *new_request(const char *op)
{
	struct record *request = record_object();

	record_put_str(request, "op", op);
	return request;
}

static struct deadline answer_deadline(const struct run *run)
{
	return deadline_in((int64_t)(ANSWER_MS * record_real(rig_identity(run->rig), "scale", 1)));
}

static int ask(const struct run *run, struct record *request, struct record **answer,
		const char *what, struct err *err)
{
	int rc = channel_ask(rig_channel(run->rig), request, answer_deadline(run), answer, err);

	if (rc < 0)
		err_prefix(err, "cannot ask vfsuite %s: ", what);
	return rc;
}

int request_hello(const struct run *run, struct err *err)
{
	return channel_hello(rig_channel(run->rig), answer_deadline(run), err);
}

int request_checks(const struct run *run, struct record **declared, struct err *err)
{
	CLEANUP(cleanup_record) struct record *answer = NULL;
	int rc = ask(run, new_request("checks"), &answer, "for its checks", err);

	if (!rc)
		rc = select_validate(record_get(answer, "checks"), err);
	if (!rc)
		*declared = record_copy(record_get(answer, "checks"));
	return rc;
}

/* The salt of the unit's hashes. The machine under test cannot provide one: its random numbers may come
 * from a snapshot. */
static void put_salt(struct record *request)
{
	uint64_t random[2];
	char salt[33];

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return;
	snprintf(salt, sizeof(salt), "%016llx%016llx", (unsigned long long)random[0],
			(unsigned long long)random[1]);
	record_put_str(request, "salt", salt);
}

int request_identity(const struct run *run, struct record *results, struct err *err)
{
	static const char *const parts[] = { "card", "software", "platform", "unit",
		"config_digest", "config_bytes" };
	CLEANUP(cleanup_record) struct record *answer = NULL;
	struct record *request = new_request("identify"), *identity;
	const struct record *reported;
	int rc;

	if (run->identity) {
		record_free(request);
		record_put(results, "identity", record_copy(run->identity));
		return 0;
	}
	record_put_str(request, "pf", record_str(rig_identity(run->rig), "pf", NULL));
	put_salt(request);
	rc = ask(run, request, &answer, "what the card is", err);
	if (rc < 0)
		return rc;
	reported = record_get(answer, "identity");
	if (record_type(reported) != RECORD_OBJECT)
		return err_set(err, EPROTO, "vfsuite does not identify the card");
	identity = record_object();
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (record_get(reported, parts[i]))
			record_put(identity, parts[i], record_copy(record_get(reported, parts[i])));
	}
	record_put(identity, "rig", record_copy(rig_identity(run->rig)));
	record_put(results, "identity", identity);
	return 0;
}

static struct record *copy_or_empty(const struct record *array)
{
	return array ? record_copy(array) : record_array();
}

struct record *request_run(const struct run *run, const struct record *ids)
{
	static const char *const after[] = { "restore", "keep", "leave" };
	const struct record *rig = rig_identity(run->rig);
	struct record *request = new_request("run");

	record_put_str(request, "pf", record_str(rig, "pf", NULL));
	record_put_str(request, "partner", record_str(rig, "partner", NULL));
	record_put(request, "checks",
			run->shuffle ? select_shuffle(ids, (uint64_t)run->seed) : record_copy(ids));
	record_put_str(request, "after", after[run->after]);
	record_put_int(request, "seed", run->seed);
	record_put_bool(request, "deal", run->deals);
	record_put_int(request, "vfs", run->vfs_limit);
	record_put_real(request, "scale", record_real(rig, "scale", 1));
	record_put(request, "actions", record_copy(rig_actions(run->rig)));
	record_put(request, "pretend", copy_or_empty(run->pretended));
	record_put(request, "registers", copy_or_empty(run->registers));
	record_put(request, "config", copy_or_empty(run->config));
	record_put(request, "functions", copy_or_empty(run->functions));
	return request;
}
