/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/signals.h"
#include "command/verb.h"

/* Each is in its own file. */
extern const struct verb run_verbs[], prove_verbs[], list_verbs[], report_verbs[], matrix_verbs[],
		diff_verbs[], key_verbs[], sign_verbs[], verify_verbs[], cache_verbs[], lab_verbs[];

static const struct verb *const groups[] = { run_verbs, prove_verbs, list_verbs, report_verbs,
	matrix_verbs, diff_verbs, key_verbs, sign_verbs, verify_verbs, cache_verbs, lab_verbs,
	NULL };

static const struct program vfcert = {
	.name = "vfcert",
	.summary = "certify SR-IOV network cards",
	.details = "Runs the suites on a rig, which is a machine with the card and a link partner: "
		   "emulated in QEMU, or this host. If the card, its firmware, its driver or the "
		   "kernel does not do what it claims, a check fails and shows the evidence.",
	.groups = groups,
};

int main(int argc, char **argv)
{
	int status;

	signals_block();
	status = program_main(&vfcert, argc, argv);
	signals_die();
	return status;
}
