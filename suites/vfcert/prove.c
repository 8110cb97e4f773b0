/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "proof/defect.h"
#include "proof/defect_run.h"
#include "proof/proof.h"
#include "proof/proof_run.h"
#include "reports/certificate/proof_summary.h"
#include "reports/results/quirks.h"
#include "run/output.h"
#include "run/supervisor.h"
#include "run/workers.h"
#include "vfcert/call.h"
#include "vfcert/lists.h"
#include "vfcert/setup.h"

/*
 * vfcert prove: runs the checks on a sound rig, then on rigs that are broken on purpose. Each defect gets a
 * new rig, so that it cannot affect another one.
 */

#define DEFAULT_FOLDER "vfcert-proof"

struct prove {
	const struct verb_call *call;
	struct rig_setup setup;
	const char *folder;
	char *command;
	struct defects defects;
	struct quirks *quirks;
	unsigned jobs;
	struct record *proof;
};

static void cleanup_prove(struct prove *prove)
{
	cleanup_setup(&prove->setup);
	cleanup_defects(&prove->defects);
	quirks_free(prove->quirks);
	record_free(prove->proof);
	free(prove->command);
}

static int read_call(struct prove *prove, struct err *err)
{
	const struct verb_call *call = prove->call;
	CLEANUP(cleanup_free) char *quirks = data_path("fixtures/quirks");
	CLEANUP(cleanup_free) char *defects = data_path("fixtures/defects");
	const char *other = call_value(call, "defects");
	/* Rigs wait half of the time. */
	int rc = workers_wanted(call_value(call, "jobs"), 2, WORKERS_LIMIT, &prove->jobs, err);

	if (rc < 0)
		return rc;
	prove->folder = call_value(call, "output") ? call_value(call, "output") : DEFAULT_FOLDER;
	prove->command = call_command(call);
	rc = defects_load(other ? other : defects, call->args, call->count, &prove->defects, err);
	if (rc < 0)
		return rc;
	if (!call->count)
		defects_drop_slow(&prove->defects);
	rc = quirks_load(quirks, &prove->quirks, err);
	return rc < 0 ? rc : setup_from_call(call, &prove->setup, err);
}

/* Reports wrong names in defects at once, if vfsuite can list its checks here. */
static int check_defects(const struct prove *prove, struct err *err)
{
	CLEANUP(cleanup_record) struct record *listing = NULL;
	const struct record *declared;

	if (vfsuite_list(prove->setup.tools_dir, &listing, NULL) < 0)
		return 0;
	declared = record_get(listing, "checks");
	for (size_t i = 0; i < prove->defects.count; i++) {
		const struct defect *defect = prove->defects.list[i];
		CLEANUP(cleanup_record) struct record *ids = NULL;
		CLEANUP(cleanup_defect_selection) struct defect_selection chosen = { 0 };
		struct defects one = { &prove->defects.list[i], 1 };
		int rc = defect_validate(defect, declared, err);

		defect_selection_all(&one, &chosen);
		if (!rc)
			rc = select_checks(&chosen.selection, declared, &ids, err);
		if (rc < 0) {
			err_prefix(err, "%s: ", defect->file->file);
			return rc;
		}
	}
	return 0;
}

/* What is not as the command line has it. */
static void report_elsewhere(const struct proof_run *run)
{
	const char *topology = rig_option(run->options, "topology");
	size_t count = proof_run_elsewhere(run);

	if (topology && count)
		fprintf(stderr,
				"vfcert prove: %zu of %zu defects name a topology of their own, and "
				"are tried there, not on %s\n",
				count, run->defects->count, topology);
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
	CLEANUP(cleanup_free) char *path = text_format("%s/" OUTPUT_PROOF, prove->folder);
	int rc = record_save_canonical(AT_FDCWD, path, prove->proof, err);

	return rc < 0 ? rc
		      : output_write_printed(prove->folder, "proof.md", proof_markdown,
					prove->proof, err);
}

static int prove_here(void *argument)
{
	struct verb_call *call = argument;
	CLEANUP(cleanup_prove) struct prove prove = { .call = call };
	struct err err = { 0 }, late = { 0 };
	int rc = read_call(&prove, &err);
	struct proof_run run = { &prove.setup.options, prove.quirks, prove.command, prove.folder,
		&prove.defects, prove.jobs, call_has(call, "whole") };

	if (!rc)
		rc = check_defects(&prove, &err);
	if (!rc)
		rc = proof_run_check(&run, &err);
	if (!rc)
		rc = output_claim(prove.folder, &err);
	if (rc < 0)
		return call_failed(call, &err);
	report_elsewhere(&run);
	/* If this program is killed, an earlier proof must not be mistaken for this one. */
	prove.proof = proof_run_begin(&run);
	if (write_proof(&prove, &err) < 0)
		return call_failed(call, &err);
	record_free(TAKE(prove.proof));
	rc = proof_run_execute(&run, &prove.proof, &err);
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
	return proof_holds(prove.proof) ? EXIT_GOOD : EXIT_FAILED;
}

static int prove_verb(struct verb_call *call)
{
	return supervisor_run(prove_here, call);
}

static const struct flag prove_flags[] = {
	{ "defects", 'd', "DIR", "Folder of the defects (default: vfcert's own)" },
	{ "output", 'o', "DIR", "Folder for the proof (" DEFAULT_FOLDER ")" },
	{ "jobs", 'j', "N", "Rigs at a time (default: two for each processor)" },
	{ "whole", 0, NULL, "On each rig run whole suites, not only their quick checks" },
	{ "json", 0, NULL, "Print the proof as JSON instead of the matrix" },
	TOOLS_FLAG,
	{ 0 },
};

const struct verb prove_verbs[] = {
	{ .name = "prove",
			.args = "[DEFECT...]",
			.summary = "Prove that the checks detect rigs that are broken on purpose",
			.details = "Runs the checks on a sound rig and on a rig for each defect, and "
				   "prints the detection matrix: which check caught, missed, or "
				   "falsely reported a defect. Without arguments these are all defects "
				   "but the slow ones. A broken rig runs the checks that its defect "
				   "names and the quick checks of their suites. The folder gets "
				   "proof.json, proof.md, and the results of each rig.\n\n"
				   "A defect whose file names a topology is tried on that one, and "
				   "compared with a sound rig of it. All others are tried on that "
				   "of --topology.\n\n"
				   "Exit status: 0 no defect is missed and there is no false alarm; "
				   "1 otherwise; 2 bad usage or a bad defect file; 3 a rig could "
				   "not be used, or the proof was interrupted.",
			.flags = prove_flags,
			.more_flags = rig_flags_default,
			.run = prove_verb },
	{ 0 },
};
