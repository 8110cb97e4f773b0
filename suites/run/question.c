/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/question.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "run/suite.h"

/* What vfsuite is asked before the run, and for the run. */

#define ANSWER_MS 20000 /* for a question, at scale 1 */

static struct record *request(const char *op)
{
	struct record *asked = record_object();

	record_put_str(asked, "op", op);
	return asked;
}

struct channel *question_channel(const struct run *run)
{
	return run->actor ? rig_channel(run->actor) : run->channel;
}

static struct deadline answer_deadline(const struct run *run)
{
	return deadline_in((int64_t)(ANSWER_MS * record_real(run->rig, "scale", 1)));
}

static int ask(const struct run *run, struct record *asked, struct record **answer,
		const char *what, struct err *err)
{
	int rc = channel_ask(question_channel(run), asked, answer_deadline(run), answer, err);

	if (rc < 0)
		err_prefix(err, "cannot ask vfsuite %s: ", what);
	return rc;
}

/* An answer of a former vfsuite must not be taken for this one's. */
int question_greet(const struct run *run, struct err *err)
{
	CLEANUP(cleanup_record) struct record *answer = NULL;
	struct record *hello = request("hello");
	uint64_t random = 0;
	char nonce[17];
	int rc;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		random = (uint64_t)clock_us();
	snprintf(nonce, sizeof(nonce), "%016llx", (unsigned long long)random);
	record_put_str(hello, "nonce", nonce);
	rc = ask(run, hello, &answer, "whether it is there", err);
	if (rc < 0)
		return rc;
	if (strcmp(record_str(answer, "nonce", ""), nonce))
		return err_set(err, EPROTO, "vfsuite answered another question than was asked");
	return 0;
}

int question_checks(const struct run *run, struct record **declared, struct err *err)
{
	CLEANUP(cleanup_record) struct record *answer = NULL;
	int rc = ask(run, request("checks"), &answer, "for its checks", err);

	if (!rc)
		rc = select_validate(record_get(answer, "checks"), err);
	if (!rc)
		*declared = record_copy(record_get(answer, "checks"));
	return rc;
}

int question_identity(const struct run *run, struct record *results, struct err *err)
{
	static const char *const parts[] = { "card", "software", "platform", "unit",
		"config_digest", "config_bytes" };
	CLEANUP(cleanup_record) struct record *answer = NULL;
	struct record *question = request("identify"), *identity;
	const struct record *heard;
	int rc;

	if (run->identity) {
		record_free(question);
		record_put(results, "identity", record_copy(run->identity));
		return 0;
	}
	record_put_str(question, "pf", record_str(run->rig, "pf", NULL));
	suite_put_salt(question);
	rc = ask(run, question, &answer, "what the card is", err);
	if (rc < 0)
		return rc;
	heard = record_get(answer, "identity");
	if (record_type(heard) != RECORD_OBJECT)
		return err_set(err, EPROTO, "vfsuite does not say what the card is");
	identity = record_object();
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (record_get(heard, parts[i]))
			record_put(identity, parts[i], record_copy(record_get(heard, parts[i])));
	}
	record_put(identity, "rig", record_copy(run->rig));
	record_put(results, "identity", identity);
	return 0;
}

struct record *question_run(const struct run *run, const struct record *ids)
{
	static const char *const after[] = { "restore", "keep", "leave" };
	struct record *asked = request("run");

	record_put_str(asked, "pf", record_str(run->rig, "pf", NULL));
	record_put_str(asked, "partner", record_str(run->rig, "partner", NULL));
	record_put(asked, "checks",
			run->shuffle ? select_shuffle(ids, (uint64_t)run->seed) : record_copy(ids));
	record_put_str(asked, "after", after[run->after]);
	record_put_int(asked, "seed", run->seed);
	record_put_real(asked, "scale", record_real(run->rig, "scale", 1));
	record_put(asked, "actions",
			run->actor ? record_copy(rig_actions(run->actor)) : record_array());
	record_put(asked, "pretend", run->pretended ? record_copy(run->pretended) : record_array());
	record_put(asked, "registers",
			run->registers ? record_copy(run->registers) : record_array());
	record_put(asked, "config", run->config ? record_copy(run->config) : record_array());
	record_put(asked, "functions",
			run->functions ? record_copy(run->functions) : record_array());
	return asked;
}
