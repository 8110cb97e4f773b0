/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SUITES_CHECK_H
#define SUITES_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/record.h"
#include "reports/results/verdict.h"

/*
 * A check is one statement about a rig that can be true or false: one entry in a const table, one
 * function. It runs in a child process of its own with a deadline. Around it the kernel log is
 * watched and the state of PF and VFs is compared; it leaves both as it found them.
 *
 * A check that crosses a boot of the machine is two functions: the first ends by asking for it
 * (check_cross()), the second goes on on the machine that has come up, knows what the first has put
 * into "memory", and may cross again. What the boot restored stands, and is for the check to take
 * away.
 *
 * Where many statements are about one costly observation, it is a step: a check that is in no table,
 * runs once per run before the first that judges it, and whose evidence they all get.
 */

/* What a check cannot do without. An unmet need is a skip that names it. */
enum need {
	NEED_WIRE = 1 << 0,        /* a link partner */
	NEED_FLR = 1 << 1,         /* VFs that the kernel can reset by FLR */
	NEED_IOMMU = 1 << 2,       /* VFs with an IOMMU group */
	NEED_VF_NET = 1 << 3,      /* VFs with a network driver */
	NEED_VF_SETTINGS = 1 << 4, /* a PF driver with per-VF MAC and VLAN */
	NEED_VFIO = 1 << 5,        /* vfio-pci */
	NEED_CONFIG = 1 << 6,      /* extended config space that can be read */
	NEED_SYSTEMD = 1 << 7,     /* systemd as the machine's init */

	/* What the rig has to do when it is asked. */
	NEED_RIG_LINK = 1 << 16,   /* cut the PF's wire and mend it */
	NEED_RIG_AER = 1 << 17,    /* inject PCIe errors */
	NEED_RIG_UNPLUG = 1 << 18, /* take the card out */
	NEED_RIG_BOOT = 1 << 19,   /* reboot, reset and cut the power of the machine */
	NEED_RIG_SLOT = 1 << 20,   /* put the card into another slot */
};

struct dut; /* suites/observe/dut.h: the card and its link partner */
struct check;

struct check_run {
	struct dut *dut;
	const struct check *check;     /* this one: a function may serve several */
	const struct record *observed; /* the evidence of the check's step, or NULL */
	struct record *evidence;       /* an array; the check adds to it */
	struct record *memory;         /* an object: what a check keeps across boots */
	const char *boot;              /* how the machine came up: "cold", "snapshot"; or NULL */
	struct err err;                /* for what a step reports */
	char reason[400];
	bool unsupported; /* a skip: check_unsupported() */
	int rig_fd;       /* for check_ask_rig() */
};

struct check {
	const char *id; /* "vlan.egress-tagged": the suite, a dot, the statement */
	const char *title;
	const char *why; /* what goes wrong for users where the statement is false */
	unsigned needs;  /* enum need */
	unsigned vfs;    /* VFs that stand ready with drivers bound; 0: the check makes its own */
	bool slow;       /* runs only where its suite or its id is asked for */
	const struct check *step; /* observes what this check judges; NULL: the check itself */
	bool removes_vfs;         /* runs after all checks that need VFs */
	bool causes_iommu_faults; /* an IOMMU fault during any other check fails it */
	bool destroys_rig;        /* runs after all other checks */
	unsigned timeout_s;       /* on silicon or KVM; scaled under TCG */
	const char *unbreakable;  /* why no defect can make it fail on an emulated rig, or NULL */
	enum verdict (*fn)(struct check_run *run);
	enum verdict (*after)(struct check_run *run); /* what follows a boot, or NULL */
};

/* Each says why and gives its verdict. Where a step has reported into run->err, its message follows
 * the reason. */
enum verdict check_fail(struct check_run *run, const char *format, ...)
		__attribute__((format(printf, 2, 3)));
enum verdict check_broken(struct check_run *run, const char *format, ...)
		__attribute__((format(printf, 2, 3)));
enum verdict check_skip(struct check_run *run, const char *format, ...)
		__attribute__((format(printf, 2, 3)));

/* A skip that no other rig would spare: the card or its driver does not have what the check is about. */
enum verdict check_unsupported(struct check_run *run, const char *format, ...)
		__attribute__((format(printf, 2, 3)));

/* Asks the rig to do something, and waits until it is done: an action of suites/protocol.md and its
 * arguments (taken, may be NULL). The check has the need that stands for it. Returns 0 or -errno with
 * the rig's words in run->err. */
int check_ask_rig(struct check_run *run, const char *action, struct record *arguments);

/* Ends the machine's life by "reboot", "reset", "power-cut" or "reslot". The check goes on in its second
 * function; here this returns, if it does, only the verdict of its failure. */
enum verdict check_cross(struct check_run *run, const char *action, struct record *arguments);

/* Measured facts behind the verdict. UNIT may be NULL. */
void evidence_int(struct check_run *run, const char *name, int64_t value, const char *unit);
void evidence_text(struct check_run *run, const char *name, const char *format, ...)
		__attribute__((format(printf, 3, 4)));

/* The suites in their order; the last has no name. */
struct suite {
	const char *name, *title;
	/* Each ends with a check without an id; the list ends with NULL. */
	const struct check *tables[4];
};
extern const struct suite suites[];

#endif
