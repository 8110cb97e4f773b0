/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RIG_RIG_KIND_H
#define RIG_RIG_KIND_H

#include "rig/rig.h"

/* What one kind of rig can do. */
struct rig_methods {
	void (*end)(struct rig *rig); /* the machine and what was made for it; frees the rig */
	char *(*console)(const struct rig *rig);       /* NULL: has none */
	int (*lend)(struct rig *rig, struct err *err); /* NULL: cannot */
	int (*wait)(struct rig *rig, struct err *err); /* NULL: cannot */
	const char *(*folder)(const struct rig *rig);  /* NULL: has none */
	int (*act)(struct rig *rig, const char *action, const struct record *arguments,
			struct err *err); /* NULL: cannot do anything */
	int (*reboot_wait)(struct rig *rig, struct record **boot,
			struct err *err); /* NULL: has no action that reboots */
};

/* The common part, at the beginning of each kind's own. */
struct rig {
	const struct rig_methods *methods;
	struct channel *channel;
	struct record *identity, *actions;
};

int rig_check_emulated(const struct rig_options *options, struct err *err);
int rig_check_local(const struct rig_options *options, struct err *err);
int rig_up_emulated(const struct rig_options *options, struct rig **rig, struct err *err);
int rig_up_local(const struct rig_options *options, struct rig **rig, struct err *err);

#endif
