/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "reports/quirks.h"
#include "reports/results.h"
#include "rig/interrupt.h"
#include "vfcert/call.h"
#include "vfcert/conduct.h"
#include "vfcert/defect.h"
#include "vfcert/lists.h"
#include "vfcert/output.h"
#include "vfcert/progress.h"
#include "vfcert/proof.h"
#include "vfcert/vfcert.h"

/*
 * vfcert prove: the checks on a sound rig, then on one rig after the other that is broken on
 * purpose. Every rig is a fresh one: a defect must not outlive its row.
 */

#define DEFAULT_FOLDER "vfcert-proof"
#define NAMES_LIMIT    256

struct prove {
	const struct verb_call *call;
	struct rig_setup setup;
	const char *folder;
	char *command;
	struct defects defects;
	struct quirks *quirks;
	struct record *sound, *proof;
};

static void cleanup_prove(struct prove *prove)
{
	cleanup_setup(&prove->setup);
	cleanup_defects(&prove->defects);
	quirks_free(prove->quirks);
	record_free(prove->sound);
	record_free(prove->proof);
	free(prove->command);
}

static int read_call(struct prove *prove, struct err *err)
{
	const struct verb_call *call = prove->call;
	CLEANUP(cleanup_free) char *quirks = file_path("%s/fixtures/quirks", data_dir());
	CLEANUP(cleanup_free) char *defects = file_path("%s/fixtures/defects", data_dir());
	const char *other = call_value(call, "defects");
	int rc;

	prove->folder = call_value(call, "output") ? call_value(call, "output") : DEFAULT_FOLDER;
	prove->command = call_command(call);
	rc = defects_load(other ? other : defects, call->args, call->count, &prove->defects, err);
	if (!rc)
		rc = quirks_load(quirks, &prove->quirks, err);
	return rc < 0 ? rc : setup_from_call(call, &prove->setup, err);
}

/* What a rig runs: the names belong to the defects. */
struct wanted {
	const char *suites[NAMES_LIMIT], *checks[NAMES_LIMIT];
	struct selection selection;
};

static size_t add_names(const struct record *list, const char *names[NAMES_LIMIT], size_t count)
{
	for (size_t i = 0; i < record_length(list) && count < NAMES_LIMIT; i++)
		names[count++] = record_text(record_at(list, i));
	return count;
}

static void want(struct wanted *wanted, const struct defect *defect)
{
	struct selection *selection = &wanted->selection;

	selection->suites = wanted->suites;
	selection->suite_count = add_names(defect->suites, wanted->suites, selection->suite_count);
	selection->checks = wanted->checks;
	selection->check_count = add_names(defect->checks, wanted->checks, selection->check_count);
}

/* Where the checks can be listed without a rig, a wrong name in a defect is told at once. */
static int check_defects(const struct prove *prove, struct err *err)
{
	CLEANUP(cleanup_record) struct record *listing = NULL;
	const struct record *declared;

	if (lists_ask(prove->setup.tools_dir, &listing, NULL) < 0)
		return 0;
	declared = record_get(listing, "checks");
	for (size_t i = 0; i < prove->defects.count; i++) {
		const struct defect *defect = prove->defects.list[i];
		CLEANUP(cleanup_record) struct record *ids = NULL;
		struct wanted wanted = { 0 };
		int rc = defect_validate(defect, declared, err);

		want(&wanted, defect);
		if (!rc)
			rc = select_checks(&wanted.selection, declared, &ids, err);
		if (rc < 0) {
			err_prefix(err, "%s: ", defect->file->file);
			return rc;
		}
	}
	return 0;
}

/* A defect that changes the machine makes a machine of its own; a snapshot of it would lie in the
 * cache for nothing. */
static bool changes_machine(const struct defect *defect)
{
	for (size_t i = 0; i < defect->file->count; i++) {
		const char *kind = defect->file->sections[i].kind;

		if (strcmp(kind, "Defect") && strcmp(kind, "Register"))
			return true;
	}
	return false;
}

/* Runs the suites on a rig with the defect (NULL: sound). The results tell how it went; they are
 * kept in a file each. */
static struct record *run_on(struct prove *prove, const struct defect *defect)
{
	CLEANUP(cleanup_rig) struct rig *rig = NULL;
	const char *name = defect ? defect->id : "sound";
	struct rig_options options = prove->setup.options;
	const struct ini *overlay = defect ? defect->file : NULL;
	struct record *results = conduct_begin(prove->command, 1);
	struct progress progress = progress_begin(name);
	struct conduct conduct = {
		.seed = 1, .quirks = prove->quirks, .events = progress_events(&progress)
	};
	CLEANUP(cleanup_free) char *file = file_path("results-%s.json", name);
	CLEANUP(cleanup_free) char *path = file_path("%s/%s", prove->folder, file);
	int64_t began_ms = clock_ms();
	struct err err = { 0 };
	struct wanted wanted = { 0 };

	for (size_t i = 0; i < prove->defects.count; i++) {
		if (!defect || defect == prove->defects.list[i])
			want(&wanted, prove->defects.list[i]);
	}
	options.overlays = &overlay;
	options.overlay_count = defect != NULL;
	options.cold = options.cold || (defect && changes_machine(defect));
	conduct.selection = wanted.selection;
	conduct.registers = defect ? defect->registers : NULL;
	if (rig_up(&options, &rig, &err) < 0) {
		conduct_failed(results, &err);
		return results;
	}
	record_put_real(results_run(results), "rig_up_s", (double)(clock_ms() - began_ms) / 1000);
	conduct.channel = rig_channel(rig);
	conduct.rig = rig_identity(rig);
	conduct_run(&conduct, results, &err);
	progress_clear(&progress);
	record_save(AT_FDCWD, path, results, NULL);
	return results;
}

static struct record *begin_record(const struct prove *prove)
{
	struct record *begun = conduct_begin(prove->command, 1), *run;

	run = record_copy(record_get(begun, "run"));
	record_free(begun);
	return run;
}

/* Ends at the first signal, and where the sound rig cannot be used. */
static int try_defects(struct prove *prove, struct err *err)
{
	struct record *run;
	int64_t began_ms = clock_ms();
	int rc = 0;

	prove->sound = run_on(prove, NULL);
	record_free(prove->proof);
	prove->proof = proof_begin(begin_record(prove), prove->sound);
	run = (struct record *)record_get(prove->proof, "run");
	if (!record_bool(results_run(prove->sound), "complete", false))
		rc = err_set(err, EIO, "the rig without a defect: %s",
				record_str(results_run(prove->sound), "why", ""));
	for (size_t i = 0; !rc && i < prove->defects.count; i++) {
		CLEANUP(cleanup_record)
		struct record *results = run_on(prove, prove->defects.list[i]);

		proof_add(prove->proof, prove->defects.list[i], prove->sound, results);
		if (interrupt_signal())
			rc = err_set(err, EINTR, "interrupted");
	}
	proof_finish(prove->proof, prove->sound);
	record_put_real(run, "duration_s", (double)(clock_ms() - began_ms) / 1000);
	record_put_bool(run, "complete", rc == 0);
	record_put_str(run, "why", rc < 0 ? err->msg : NULL);
	return rc;
}

static bool has_errors(const struct record *proof)
{
	const struct record *defects = record_get(proof, "defects");

	for (size_t i = 0; i < record_length(defects); i++) {
		if (record_str(record_at(defects, i), "error", NULL))
			return true;
	}
	return false;
}

static int write_proof(const struct prove *prove, struct err *err)
{
	CLEANUP(cleanup_free) char *path = file_path("%s/" OUTPUT_PROOF, prove->folder);
	int rc = record_save(AT_FDCWD, path, prove->proof, err);

	return rc < 0 ? rc
		      : output_write_printed(prove->folder, "proof.md", proof_markdown,
					prove->proof, err);
}

static int prove_verb(struct verb_call *call)
{
	CLEANUP(cleanup_prove) struct prove prove = { .call = call };
	struct err err = { 0 }, late = { 0 };
	int rc = read_call(&prove, &err);

	if (!rc)
		rc = check_defects(&prove, &err);
	if (!rc)
		rc = output_claim(prove.folder, &err);
	if (rc < 0)
		return call_failed(call, &err);
	/* Whatever ends this program leaves no former proof that reads like this one's. */
	prove.proof = proof_begin(begin_record(&prove), NULL);
	if (write_proof(&prove, &err) < 0)
		return call_failed(call, &err);
	rc = try_defects(&prove, &err);
	if (write_proof(&prove, &late) < 0)
		return call_failed(call, &late);
	if (call_has(call, "json")) {
		CLEANUP(cleanup_free) char *text = record_print_pretty(prove.proof);

		puts(text);
	} else {
		proof_print(prove.proof, stdout);
	}
	fprintf(stderr, "proof: %s (%s/proof.md)\n", prove.folder, prove.folder);
	if (rc < 0)
		call_failed(call, &err);
	if (rc < 0 || has_errors(prove.proof))
		return EXIT_UNUSABLE;
	return proof_good(prove.proof) ? EXIT_GOOD : EXIT_FAILED;
}

static const struct flag prove_flags[] = {
	{ "defects", 'd', "DIR", "Folder of the defects (default: vfcert's own)" },
	{ "output", 'o', "DIR", "Folder for the proof (" DEFAULT_FOLDER ")" },
	{ "json", 0, NULL, "Print the proof as JSON instead of the matrix" },
	{ "topology", 't', "NAME", "Topology of the emulated rig, a name or a file (igb)" },
	EMULATED_FLAGS,
	{ 0 },
};

const struct verb prove_verbs[] = {
	{ .name = "prove",
			.args = "[DEFECT...]",
			.summary = "Prove that the checks catch rigs that are broken on purpose",
			.details = "Runs the checks on a sound rig and on one rig for each defect, "
				   "all of "
				   "them or those that are named, and prints the detection matrix: "
				   "what was "
				   "caught, missed, and falsely alarmed. proof.json and proof.md "
				   "are left in "
				   "the folder, with the results of each rig.\n\n"
				   "Exit status: 0 nothing is missed and there is no false alarm; "
				   "1 "
				   "otherwise; 2 bad usage or a bad defect file; 3 a rig could not "
				   "be used, or "
				   "the proof was interrupted.",
			.flags = prove_flags,
			.run = prove_verb },
	{ 0 },
};
