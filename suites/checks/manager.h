/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHECKS_MANAGER_H
#define CHECKS_MANAGER_H

#include "check.h"
#include "host/netlink.h"
#include "observe/dut.h"

/*
 * The manager as its users meet it: policy files and the program vfctl, which is found in PATH. What
 * it has done is looked at past it, in netlink and config space.
 */

enum { INTENT_VFS = 3, CALL_MS = 20000 };

/* What a policy file wants of the PF under test. */
struct intent {
	unsigned vf_count;
	uint32_t mtu;
	struct vf_settings vf[INTENT_VFS];
};

/* Two of them that differ in every setting of every VF and in the MTU. */
struct intent intent_of(const struct dut *dut, unsigned which);

/* The policy file, which matches the card by its permanent MAC; for the caller to free. */
char *intent_text(struct check_run *run, const struct intent *intent);

/* How the card differs from it: count, MTU, each setting of each VF; "" where it does not. */
int intent_compare(struct check_run *run, const struct intent *intent, char *text, size_t size);

#define POLICY_FOLDER "etc/vfctl"
#define STORE_FOLDER  "var/lib/vfctl"
#define POLICY_FILE   POLICY_FOLDER "/50-persistence.conf"

/* Writes the policy file of INTENT. */
int manager_install(struct check_run *run, const struct intent *intent);

/* What a call of vfctl said (both streams) and how it ended. */
struct call {
	int status; /* its exit status, 128 + the signal where it was killed */
	char *output;
};

/* Calls vfctl with ARGS, which end with NULL; 0 where it ran, however it ended. */
int manager_call(struct check_run *run, const char *const args[], struct call *call);
void call_end(struct call *call);

/* The same with any program, ARGV as execvp() takes it. */
int program_call(struct check_run *run, const char *const argv[], struct call *call);

/* The last line of what was said, for a reason. */
const char *call_last(const struct call *call);

/* Calls that must end with 0: VERDICT_PASS, or the verdict. */
enum verdict manager_apply(struct check_run *run);
enum verdict manager_clean(struct check_run *run); /* vfctl status */

/* The card is as INTENT wants it; WHEN is for the reason. */
enum verdict manager_holds(struct check_run *run, const struct intent *intent, const char *when);

/* Policy files, what the manager remembers, and VFs are gone, and the MTU is MTU again. Whatever a
 * check did, it ends with this. */
int manager_forget(struct check_run *run, uint32_t mtu);

/* What the manager said when it restored at boot, "" where it said nothing; for the caller to free. */
char *manager_restore_said(struct check_run *run);

/* Evidence: how the machine came up, and what the manager said when it restored at boot. */
void manager_note_restore(struct check_run *run);

/* The MTU of the PF. */
uint32_t pf_mtu(const struct dut *dut);

#endif
