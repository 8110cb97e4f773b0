/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VM_START_H
#define VM_START_H

#include "vm/nic_plan.h"

/*
 * Starts a virtual machine with its NICs: those that are asked for, each as attach would choose it,
 * and the VFs that an earlier attach has put into its configuration, so that their settings hold,
 * too.
 */

struct start_request {
	const char *vm;   /* name or UUID of a machine that libvirt knows; or NULL: */
	const char *file; /* XML of a machine that is gone when it ends; its name in errors, */
	const char *text; /* and what it contains */
	const struct nic_request *nics;
	size_t nic_count;
	int wait_s; /* for the lock */
};

struct start {
	struct domain_status vm;
	int wait_s;
	struct catalog catalog;
	struct domain domain;
	struct promises promises;
	size_t nic_count;
	struct nic_plan *nics; /* those that the machine has first */

	/* Of a machine from a file; else NULL and 0. */
	char *xml;      /* with its UUID */
	bool new_uuid;  /* the file has none */
	unsigned ports; /* that are added so that NICs can be plugged in later */
};

enum { START_NICS_MOST = 64 };

/* Decides all that can be decided without a change. No two NICs get the same VF; if there is a
 * choice by which all get one, it is found. The caller frees START in any case. */
int start_plan(const struct host *host, struct hypervisor *hypervisor,
		const struct start_request *request, struct start *start, struct err *err);

/* Assigns VFs to NICs again after candidates were dropped. */
int start_assign(const struct host *host, struct start *start, struct err *err);

/* The steps of the plan, a line each. */
void start_steps(const struct start *start, struct diagnostics *steps);

/* The XML of a machine from a file, with its NICs, for the caller to free. */
int start_xml(struct start *start, char **xml, struct err *err);

/*
 * Carries the plan out. Where another takes a VF first, it goes on with other VFs. It ends with the
 * machine running and all NICs set, verified and recorded, or with everything as it was: the
 * machine stopped, the VFs given back, the configuration without the new NICs. -ETIMEDOUT,
 * -ECONNRESET: libvirt does not answer, and what it will do is not known: VFs stay reserved until
 * that is seen. NOTES says what else happened.
 */
int start_run(const struct host *host, struct hypervisor **hypervisor, struct start *start,
		struct diagnostics *notes, struct err *err);

void cleanup_start(struct start *start);

#endif
