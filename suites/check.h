/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SUITES_CHECK_H
#define SUITES_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "data/record.h"
#include "reports/results/verdict.h"

/*
 * A check is one statement about a rig that can be true or false: one entry in a const table, one
 * function. vfsuite runs it in a child process with a deadline. Around it vfsuite watches the
 * kernel log and compares the state of PF and VFs, which the check must leave as it found it.
 *
 * A check that crosses a boot of the machine has two functions. The first ends by asking for the
 * boot (check_cross()). The second runs after the boot; it finds what the first has put into
 * "memory", and may ask for another boot. It must remove the VFs that the boot restored.
 *
 * Where several checks judge one costly observation, the observation is a step: a check that is in
 * no table. It runs once per run, before the first check that judges it; all of them get its
 * evidence.
 */

/* What a check needs. If a need is unmet, the check is skipped, and the result names the need. */
enum need {
	NEED_WIRE = 1 << 0,        /* a link partner */
	NEED_FLR = 1 << 1,         /* VFs that the kernel can reset by FLR */
	NEED_IOMMU = 1 << 2,       /* VFs with an IOMMU group */
	NEED_VF_NET = 1 << 3,      /* VFs with a network driver */
	NEED_VF_SETTINGS = 1 << 4, /* a PF driver with per-VF MAC and VLAN */
	NEED_VFIO = 1 << 5,        /* vfio-pci */
	NEED_CONFIG = 1 << 6,      /* extended config space that can be read */
	NEED_SYSTEMD = 1 << 7,     /* systemd as the machine's init */
	NEED_GUESTS = 1 << 8,      /* guests that run on the machine under test */
	NEED_PEER = 1 << 9,        /* a second machine (checks/peer.h) */

	/* Actions that the rig must offer. */
	NEED_RIG_LINK = 1 << 16,   /* cut the PF's wire and mend it */
	NEED_RIG_AER = 1 << 17,    /* inject PCIe errors */
	NEED_RIG_UNPLUG = 1 << 18, /* remove the card */
	NEED_RIG_BOOT = 1 << 19,   /* reboot, reset and cut the power of the machine */
	NEED_RIG_SLOT = 1 << 20,   /* move the card to another slot */
};

enum { CHECK_TEXT = 400 }; /* bytes of a text about a check, with its end */

struct dut; /* suites/observe/dut.h: the card and its link partner */
struct check;

struct check_run {
	struct dut *dut;
	const struct check *check;     /* the running check: several checks may share a function */
	const struct record *observed; /* the evidence of the check's step, or NULL */
	struct record *evidence;       /* an array; the check adds to it */
	struct record *memory;         /* an object: what a check keeps across boots */
	const char *boot;              /* how the machine came up: "cold", "snapshot"; or NULL */
	struct err err;                /* for what a step reports */
	char reason[CHECK_TEXT];
	bool unsupported;      /* of a skip: check_unsupported() */
	const char *stands_on; /* of a skip: check_needs() */
	const char *lost_path; /* the check that states a path on which a fence was lost, or NULL */
	int rig_fd;            /* for check_ask_rig() */
};

struct check {
	const char *id; /* "vlan.egress-tagged": the suite, a dot, the statement */
	const char *title;
	const char *why; /* what goes wrong for users if the statement is false */
	unsigned needs;  /* enum need */
	unsigned vfs;    /* VFs that are set up, with drivers bound; 0: the check makes its own */
	bool every_vf;   /* all VFs that are looked at are set up, also those that do not work */
	bool slow;       /* runs only if its suite or its id is requested */
	const struct check *step; /* observes what this check judges; NULL: the check does */
	bool removes_vfs;         /* runs after all checks that need VFs */
	bool causes_iommu_faults; /* an IOMMU fault during any other check fails it */
	bool destroys_rig;        /* runs after all other checks */
	unsigned timeout_s;       /* on silicon or KVM; scaled under TCG */
	const char *unbreakable;  /* why no defect can make it fail on an emulated rig, or NULL */
	enum verdict (*fn)(struct check_run *run);
	enum verdict (*after)(struct check_run *run); /* runs after a boot; or NULL */
};

/* Set the reason and return the verdict. If run->err is set, its message follows the reason. */
enum verdict check_fail(struct check_run *run, const char *format, ...)
		__attribute__((format(printf, 2, 3)));
enum verdict check_broken(struct check_run *run, const char *format, ...)
		__attribute__((format(printf, 2, 3))); /* if a path was lost, as check_needs() */
enum verdict check_skip(struct check_run *run, const char *format, ...)
		__attribute__((format(printf, 2, 3)));

/* A skip because the check cannot judge without what the check ID states, and that fails here: "needs
 * ID, which fails: ...". */
enum verdict check_needs(struct check_run *run, const char *id, const char *format, ...)
		__attribute__((format(printf, 3, 4)));

/* A skip on any rig: the card or its driver lacks the feature that the check is about. */
enum verdict check_unsupported(struct check_run *run, const char *format, ...)
		__attribute__((format(printf, 2, 3)));

/* The number of the check's VF. In the texts that a check gives here, and in the names of its evidence,
 * "VF 0" stands for the check's first VF, and the reader sees its number. */
unsigned check_vf(const struct check_run *run, unsigned vf);
void check_name_vfs(const struct check_run *run, const char *text, char named[CHECK_TEXT]);

/* Asks the rig for an action of suites/protocol.md, with ARGUMENTS (taken, may be NULL), and waits
 * until it is done. The check must declare the need for that action. Returns 0, or -errno with the
 * rig's message in run->err. */
int check_ask_rig(struct check_run *run, const char *action, struct record *arguments);

/* Boots the machine by "reboot", "reset", "power-cut" or "reslot"; the check continues in its
 * second function. Returns only on failure, with the check's verdict. */
enum verdict check_cross(struct check_run *run, const char *action, struct record *arguments);

/* The measured facts behind the verdict. UNIT may be NULL. */
void evidence_int(struct check_run *run, const char *name, int64_t value, const char *unit);
void evidence_text(struct check_run *run, const char *name, const char *format, ...)
		__attribute__((format(printf, 3, 4)));

/* Marks the last piece of evidence as what only a guest reports. */
void evidence_by_guest(struct check_run *run);

/* The suites in their order; the last has no name. */
struct suite {
	const char *name, *title;
	/* Each ends with a check without an id; the list ends with NULL. */
	const struct check *tables[8];
};
extern const struct suite suites[];

#endif
