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

struct channel *question_channel(const struct conduct *conduct)
{
	return conduct->actor ? rig_channel(conduct->actor) : conduct->channel;
}

static struct deadline answer_deadline(const struct conduct *conduct)
{
	return deadline_in((int64_t)(ANSWER_MS * record_real(conduct->rig, "scale", 1)));
}

static int ask(const struct conduct *conduct, struct record *asked, struct record **answer,
		const char *what, struct err *err)
{
	int rc = channel_ask(
			question_channel(conduct), asked, answer_deadline(conduct), answer, err);

	if (rc < 0)
		err_prefix(err, "cannot ask vfsuite %s: ", what);
	return rc;
}

/* An answer of a former vfsuite must not be taken for this one's. */
int question_greet(const struct conduct *conduct, struct err *err)
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
	rc = ask(conduct, hello, &answer, "whether it is there", err);
	if (rc < 0)
		return rc;
	if (strcmp(record_str(answer, "nonce", ""), nonce))
		return err_set(err, EPROTO, "vfsuite answered another question than was asked");
	return 0;
}

int question_checks(const struct conduct *conduct, struct record **declared, struct err *err)
{
	CLEANUP(cleanup_record) struct record *answer = NULL;
	int rc = ask(conduct, request("checks"), &answer, "for its checks", err);

	if (!rc)
		rc = select_validate(record_get(answer, "checks"), err);
	if (!rc)
		*declared = record_copy(record_get(answer, "checks"));
	return rc;
}

int question_identity(const struct conduct *conduct, struct record *results, struct err *err)
{
	static const char *const parts[] = { "card", "software", "platform", "unit",
		"config_digest", "config_bytes" };
	CLEANUP(cleanup_record) struct record *answer = NULL;
	struct record *question = request("identify"), *identity;
	const struct record *heard;
	int rc;

	if (conduct->identity) {
		record_free(question);
		record_put(results, "identity", record_copy(conduct->identity));
		return 0;
	}
	record_put_str(question, "pf", record_str(conduct->rig, "pf", NULL));
	suite_put_salt(question);
	rc = ask(conduct, question, &answer, "what the card is", err);
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
	record_put(identity, "rig", record_copy(conduct->rig));
	record_put(results, "identity", identity);
	return 0;
}

struct record *question_run(const struct conduct *conduct, const struct record *ids)
{
	static const char *const after[] = { "restore", "keep", "leave" };
	struct record *asked = request("run");

	record_put_str(asked, "pf", record_str(conduct->rig, "pf", NULL));
	record_put_str(asked, "partner", record_str(conduct->rig, "partner", NULL));
	record_put(asked, "checks",
			conduct->shuffle ? select_shuffle(ids, (uint64_t)conduct->seed)
					 : record_copy(ids));
	record_put_str(asked, "after", after[conduct->after]);
	record_put_int(asked, "seed", conduct->seed);
	record_put_real(asked, "scale", record_real(conduct->rig, "scale", 1));
	record_put(asked, "actions",
			conduct->actor ? record_copy(rig_actions(conduct->actor)) : record_array());
	record_put(asked, "pretend",
			conduct->pretended ? record_copy(conduct->pretended) : record_array());
	record_put(asked, "registers",
			conduct->registers ? record_copy(conduct->registers) : record_array());
	record_put(asked, "config",
			conduct->config ? record_copy(conduct->config) : record_array());
	record_put(asked, "functions",
			conduct->functions ? record_copy(conduct->functions) : record_array());
	return asked;
}
