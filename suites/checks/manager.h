/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHECKS_MANAGER_H
#define CHECKS_MANAGER_H

#include "check.h"
#include "netdev/netdev.h"
#include "observe/dut.h"

/*
 * The manager as its users see it: policy files, and the program vfctl, which is found in PATH.
 * Checks observe its effects without it, in netlink and config space.
 */

enum { INTENT_VFS = 3, CALL_MS = 20000 };

/* What a policy file demands of the PF under test. */
struct intent {
	unsigned vf_count;
	uint32_t mtu;
	struct vf_settings vf[INTENT_VFS];
};

/* Two intents that differ in every setting of every VF and in the MTU; WHICH is 0 or 1. */
struct intent intent_of(const struct dut *dut, unsigned which);

/* The content of the policy file, which matches the card by its permanent MAC; the caller frees
 * it. */
char *intent_text(struct check_run *run, const struct intent *intent);

/* Writes to TEXT how the card differs from INTENT in count, MTU, and each setting of each VF; ""
 * if it does not. */
int intent_compare(struct check_run *run, const struct intent *intent, char *text, size_t size);

#define POLICY_FOLDER "etc/vfctl"
#define STORE_FOLDER  "var/lib/vfctl"
#define POLICY_FILE   POLICY_FOLDER "/50-persistence.conf"

/* Writes the policy file of INTENT. */
int manager_install(struct check_run *run, const struct intent *intent);

/* The output of a call of vfctl (both streams) and its status. */
struct call {
	int status; /* its exit status, or 128 + the signal that killed it */
	char *output;
};

/* Calls vfctl with ARGS, which end with NULL. Returns 0 if it ran, whatever its exit status. */
int manager_call(struct check_run *run, const char *const args[], struct call *call);
void call_end(struct call *call);

/* Does the same with any program, with ARGV as for execvp(). */
int program_call(struct check_run *run, const char *const argv[], struct call *call);

/* The last line of the output, for use in a reason. */
const char *call_last(const struct call *call);

/* Call vfctl apply or status; pass if it exits with 0. */
enum verdict manager_apply(struct check_run *run);
enum verdict manager_clean(struct check_run *run); /* vfctl status */

/* Passes if the card matches INTENT; WHEN is for the reason. */
enum verdict manager_holds(struct check_run *run, const struct intent *intent, const char *when);

/* Removes policy files, the manager's stored state, and VFs, and sets the PF's MTU. Each check
 * of the manager ends with this. */
int manager_forget(struct check_run *run, uint32_t mtu);

/* The output of the manager's restore at boot, or ""; the caller frees it. */
char *manager_restore_said(struct check_run *run);

/* Records as evidence how the machine booted, and the output of the manager's restore. */
void manager_note_restore(struct check_run *run);

uint32_t pf_mtu(const struct dut *dut);

#endif
