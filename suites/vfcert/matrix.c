/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/table.h"
#include "base/text.h"
#include "data/base64.h"
#include "reports/certificate/certificate.h"
#include "reports/page/page.h"
#include "reports/results/capability.h"
#include "reports/results/collection.h"
#include "run/output.h"
#include "vfcert/call.h"
#include "vfcert/certificate_print.h"
#include "vfcert/setup.h"

/* vfcert matrix: many runs on one page. */

struct matrix {
	struct certification_profile *profile;
	struct collection collection;
	struct page_row *rows;
	struct record **owned; /* certificates and proofs of the rows */
	char **links;
};

static void cleanup_matrix(struct matrix *matrix)
{
	for (size_t i = 0; matrix->rows && i < matrix->collection.count; i++) {
		record_free(matrix->owned[2 * i]);
		record_free(matrix->owned[2 * i + 1]);
		free(matrix->links[i]);
	}
	free(matrix->rows);
	free(matrix->owned);
	free(matrix->links);
	collection_free(&matrix->collection);
	cert_profile_free(matrix->profile);
}

/* PATH as a link from a page in the folder FROM; both are absolute. Characters that have a meaning in a
 * URL become %XX. */
static char *link_to(const char *from, const char *path)
{
	size_t common = 0, length = 0;
	char *link = NULL;
	FILE *out;

	for (size_t i = 0; from[i] == path[i] || !from[i]; i++) {
		if ((!from[i] || from[i] == '/') && (!path[i] || path[i] == '/'))
			common = i;
		if (!from[i] || !path[i])
			break;
	}
	out = open_memstream(&link, &length);
	if (!out)
		abort();
	for (const char *c = from + common; *c; c++) {
		if (*c == '/' && c[1])
			fputs("../", out);
	}
	path += common + (path[common] == '/');
	fputs(*path ? "" : ".", out);
	for (; *path; path++) {
		if (strchr("/-._~", *path) || (*path >= '0' && *path <= '9') ||
				(*path >= 'A' && *path <= 'Z') || (*path >= 'a' && *path <= 'z'))
			fputc(*path, out);
		else
			fprintf(out, "%%%02X", (unsigned char)*path);
	}
	fclose(out);
	return link;
}

/* Returns the statement in the envelope, without verifying the signature. */
static struct record *statement_of(const struct record *envelope)
{
	CLEANUP(cleanup_free) unsigned char *payload = NULL;
	struct record *statement = NULL;
	size_t length;

	if (base64_parse(record_str(envelope, "payload", ""), &payload, &length) == 0)
		record_parse("payload", (const char *)payload, length, &statement, NULL);
	return statement;
}

static bool is_expired(const char *expires)
{
	char today[TIMESTAMP_SIZE];

	return expires && strcmp(expires, timestamp_format(time(NULL), today)) < 0;
}

static void put_command(struct record *certificate, const char *path)
{
	CLEANUP(cleanup_free) char *command = NULL;
	size_t length;
	FILE *out = open_memstream(&command, &length);

	if (!out)
		abort();
	fputs("vfcert verify ", out);
	call_print_word(path, out);
	fputs(" --key KEY.pub", out);
	fclose(out);
	record_put_str(certificate, "verify", command);
}

/* Returns the claims of the envelope; only "vfcert verify" verifies them. */
static struct record *certificate_in(const char *folder, const char *link, const struct record *row)
{
	CLEANUP(cleanup_free) char *path = text_format("%s/" CERTIFICATE_FILE, folder);
	CLEANUP(cleanup_record) struct record *envelope = NULL, *statement = NULL;
	const struct record *part, *signature;
	struct record *certificate;

	if (record_load(AT_FDCWD, path, &envelope, NULL) < 0)
		return NULL;
	statement = statement_of(envelope);
	part = record_get(record_get(statement, "predicate"), "certificate");
	signature = record_at(record_get(envelope, "signatures"), 0);
	certificate = record_object();
	record_put_strf(certificate, "file", "%s/" CERTIFICATE_FILE, link);
	record_put_str(certificate, "keyid", record_str(signature, "keyid", "not named"));
	record_put_str(certificate, "issued", record_str(part, "issued", NULL));
	record_put_str(certificate, "expires", record_str(part, "expires", NULL));
	put_command(certificate, path);
	if (capability_drift(record_get(part, "identity"), row))
		record_put_str(certificate, "doubt", "stale");
	else if (is_expired(record_str(part, "expires", NULL)))
		record_put_str(certificate, "doubt", "expired");
	return certificate;
}

static struct record *proof_in(const char *folder)
{
	CLEANUP(cleanup_free) char *path = text_format("%s/" OUTPUT_PROOF, folder);
	struct record *proof = NULL;

	record_load(AT_FDCWD, path, &proof, NULL);
	return proof;
}

static int fill_rows(struct matrix *matrix, const char *output, struct err *err)
{
	size_t count = matrix->collection.count;
	CLEANUP(cleanup_free) char *copy = text_format("%s", output);
	char from[PATH_MAX], to[PATH_MAX];

	matrix->rows = calloc(count + 1, sizeof(*matrix->rows));
	matrix->owned = calloc(2 * count + 1, sizeof(*matrix->owned));
	matrix->links = calloc(count + 1, sizeof(*matrix->links));
	if (!matrix->rows || !matrix->owned || !matrix->links)
		return err_set(err, ENOMEM, "no memory for %zu runs", count);
	if (!realpath(dirname(copy), from))
		return err_sys(err, "cannot write to the folder of %s", output);
	for (size_t i = 0; i < count; i++) {
		const struct collected *run = &matrix->collection.runs[i];

		if (!realpath(run->folder, to))
			return err_sys(err, "cannot find %s any more", run->folder);
		matrix->links[i] = link_to(from, to);
		matrix->rows[i] = (struct page_row){ .row = run->row,
			.results = run->results,
			.reader = run->reader,
			.link = matrix->links[i],
			.superseded = run->superseded };
		if (run->superseded)
			continue;
		matrix->rows[i].certificate = matrix->owned[2 * i] =
				certificate_in(run->folder, matrix->links[i], run->row);
		matrix->rows[i].proof = matrix->owned[2 * i + 1] = proof_in(run->folder);
	}
	return 0;
}

static int write_page(struct matrix *matrix, const char *output, struct err *err)
{
	CLEANUP(cleanup_file_draft) struct file_draft draft = FILE_DRAFT_NONE;
	struct page page = { matrix->profile, matrix->rows, matrix->collection.count,
		record_members(matrix->collection.left_out) };
	int rc = file_draft_open(AT_FDCWD, output, &draft, err);

	if (!rc)
		rc = page_print(&page, draft.out, err);
	return rc < 0 ? rc : file_draft_commit(&draft, err);
}

static void print_json(const struct matrix *matrix)
{
	CLEANUP(cleanup_record) struct record *whole = record_object();
	CLEANUP(cleanup_free) char *text = NULL;
	struct record *rows = record_array();

	for (size_t i = 0; i < matrix->collection.count; i++) {
		const struct collected *run = &matrix->collection.runs[i];
		struct record *row = record_copy(run->row);

		record_put_str(row, "folder", run->folder);
		record_put_bool(row, "former", run->superseded);
		record_add(rows, row);
	}
	record_put_str(whole, "schema", "vfcert-matrix/1");
	record_put_str(whole, "profile", matrix->profile->id);
	record_put(whole, "capabilities", cert_profile_capabilities(matrix->profile));
	record_put(whole, "rows", rows);
	record_put(whole, "left_out", record_copy(matrix->collection.left_out));
	text = record_print_pretty(whole);
	puts(text);
}

static void print_table(const struct matrix *matrix)
{
	static const char *const headings[] = { "CARD", "KERNEL", "QEMU", "CERTIFIED", "QUIRKS",
		"FAILED", "OTHERS", "FOLDER" };
	CLEANUP(cleanup_table) struct table *table = table_new(8, headings);

	for (size_t i = 0; i < matrix->collection.count; i++) {
		const struct collected *run = &matrix->collection.runs[i];
		const struct record *capabilities = record_get(run->row, "capabilities");
		const struct record *card = record_get(run->row, "card");
		size_t counts[CAPABILITY_STATES] = { 0 }, total = record_length(capabilities);

		if (run->superseded)
			continue;
		for (size_t k = 0; k < total; k++)
			counts[capability_state(record_at(capabilities, k))]++;
		table_cell(table, "%s:%s", record_str(card, "vendor", "?"),
				record_str(card, "device", "?"));
		table_cell(table, "%s",
				record_str(record_get(run->row, "software"), "kernel", "?"));
		table_cell(table, "%s", record_str(record_get(run->row, "rig"), "qemu", "-"));
		table_cell(table, "%zu", counts[CAPABILITY_CERTIFIED]);
		table_cell(table, "%zu", counts[CAPABILITY_QUIRKS]);
		table_cell(table, "%zu", counts[CAPABILITY_FAILED]);
		table_cell(table, "%zu",
				total - counts[CAPABILITY_CERTIFIED] - counts[CAPABILITY_QUIRKS] -
						counts[CAPABILITY_FAILED]);
		table_cell(table, "%s", run->folder);
	}
	table_print(table, stdout);
}

/* Reports the files that were left out; the matrix contains the others. */
static int complain(const struct verb_call *call, const struct record *left_out)
{
	const struct record *why;
	const char *file;
	struct err err;

	for (void *at = record_first(left_out); record_next(left_out, &at, &file, &why);) {
		err = (struct err){ 0 };
		err_set(&err, EINVAL, "left out: %s: %s", file, record_text(why));
		call_failed(call, &err);
	}
	return record_members(left_out) ? EXIT_FAILED : EXIT_GOOD;
}

static int matrix_verb(struct verb_call *call)
{
	CLEANUP(cleanup_matrix) struct matrix matrix = { 0 };
	CLEANUP(cleanup_free) char *profiles = data_path("suites/profiles");
	const char *output = call_value(call, "output");
	struct err err = { 0 };
	int rc = cert_profile_load(profiles, call_value(call, "profile"), &matrix.profile, &err);

	if (!rc)
		rc = collection_load((const char *const *)call->args, call->count, matrix.profile,
				&matrix.collection, &err);
	if (!rc && output)
		rc = fill_rows(&matrix, output, &err);
	if (!rc && output)
		rc = write_page(&matrix, output, &err);
	if (rc < 0)
		return call_failed(call, &err);
	if (call_has(call, "json"))
		print_json(&matrix);
	else if (!output)
		print_table(&matrix);
	if (output)
		fprintf(stderr, "%s: %zu runs, %zu of them new\n", output, matrix.collection.count,
				matrix.collection.read);
	return complain(call, matrix.collection.left_out);
}

static const struct flag matrix_flags[] = {
	{ "output", 'o', "FILE", "Write the page to this file" },
	{ "profile", 'p', "NAME", "The profile whose capabilities are the columns (default)" },
	{ "json", 0, NULL, "Print the rows as JSON" },
	{ 0 },
};

const struct verb matrix_verbs[] = {
	{ .name = "matrix",
			.args = "DIR...",
			.summary = "Put many runs on one page: cards, capabilities, kernels, firmware",
			.details = "Each results.json in the folders and below them is a row. Of runs of "
				   "the same card, kernel, driver, firmware, QEMU and topology the last "
				   "one counts; the others are its history. The page is one file that "
				   "needs no network and no scripts.\n\n"
				   "Each DIR gets an index, .vfcert-index.json, so that the next time "
				   "only new runs are read. You may delete it.\n\n"
				   "Files that cannot be read are reported and left out; then the exit "
				   "status is 1.",
			.flags = matrix_flags,
			.run = matrix_verb },
	{ 0 },
};
