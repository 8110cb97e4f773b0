/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_MACHINE_H
#define CLI_MACHINE_H

#include "cli/cli.h"
#include "vm/nic_plan.h"

/* What the verbs that change virtual machines share. */

enum { LIMIT_S = 60 }; /* for a guest to release a NIC */

#define FLAG_PLAN                                       \
	{                                               \
		"plan", 0, NULL, "Print the steps only" \
	}

#define FLAGS_SIDES                                                                       \
	{ "live", 0, NULL, "In the running machine" },                                    \
	{                                                                                 \
		"config", 0, NULL, "In the configuration, from which it starts next time" \
	}

/* The sides of a machine that the flags name (enum domain_side), 0 for none of them. */
unsigned call_sides(const struct verb_call *call);

/* Reads the value of a flag, if it is given. -EINVAL: it is not from MIN to MAX. */
int call_take_number(const struct verb_call *call, const char *flag, uint64_t min, uint64_t max,
		int *number, struct err *err);

/* Reads --timeout and --wait, which keep their values if they are not given. */
int call_limits(const struct verb_call *call, int *limit_s, int *wait_s, struct err *err);

/* Opens the host and its libvirt. A recorded tree is refused before anything else, unless the verb
 * only plans. */
int call_machines(const struct verb_call *call, struct host **host, struct hypervisor **hypervisor,
		struct err *err);

/* Prints a plan and returns the exit status. */
int steps_print(const struct verb_call *call, const char *schema, const struct diagnostics *steps);

/* One NIC, for people, and its members in JSON. */
void nic_print(const struct nic_plan *nic, const struct domain_status *vm);
void nic_put(struct record *record, const struct nic_plan *nic);

/* An object with the name and the UUID. */
struct record *vm_record(const struct domain_status *vm);

#endif
