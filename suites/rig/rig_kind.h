/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RIG_RIG_KIND_H
#define RIG_RIG_KIND_H

#include "rig/rig.h"

/*
 * A kind of rig: a file with an entry of this type, and a line in rig_kind.c. The options of the command
 * line, the help, the manual page and the completions come from the entries.
 *
 * The methods take the rig that up() made; those after down() may be NULL.
 */
struct rig_kind {
	const char *name;   /* of --rig */
	const char *target; /* "HOST" in --rig ssh:HOST; NULL: takes none */
	const char *help;
	const struct flag *flags; /* the options of this kind alone; the last has no name */
	bool many;                /* several rigs of the kind can be up at the same time */

	/* For rig_lacks(). */
	const char *const *(*lacks)(const struct rig_options *options);

	/* For rig_check() and rig_up(). up() sets channel, identity and actions. */
	int (*check)(const struct rig_options *options, struct err *err);
	int (*up)(const struct rig_options *options, struct rig **rig, struct err *err);
	/* Ends the machine or vfsuite, removes what was made for it, and frees the rig. */
	void (*down)(struct rig *rig);

	/* For the actions that the rig lists; reboot_wait() for those that reboot. */
	int (*act)(struct rig *rig, const char *action, const struct record *arguments,
			struct err *err);
	int (*reboot_wait)(struct rig *rig, struct record **boot, struct err *err);

	char *(*console_tail)(const struct rig *rig);
	int (*lend_console)(struct rig *rig, struct err *err);
	int (*wait)(struct rig *rig, struct err *err);
	const char *(*folder)(const struct rig *rig);
};

/* The common part, at the beginning of each kind's own struct. */
struct rig {
	const struct rig_kind *kind;
	struct channel *channel;
	struct record *identity, *actions;
};

/* All kinds, the default first; ends with NULL. */
extern const struct rig_kind *const rig_kinds[];

/* The kind with that name, or NULL. */
const struct rig_kind *rig_kind_find(const char *name);

/* Whether the kind has the option. */
bool rig_kind_has_option(const struct rig_kind *kind, const char *name);

#endif
