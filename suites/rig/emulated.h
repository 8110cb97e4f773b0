/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RIG_EMULATED_H
#define RIG_EMULATED_H

#include "rig/folder.h"
#include "rig/image.h"
#include "rig/rig_kind.h"
#include "rig/slot.h"
#include "rig/snapshot.h"

/* An emulated rig, between what makes it (emulated.c) and the lives of its machine (life.c). */
struct emulated {
	struct rig rig;
	struct rig_options options;
	struct topology *topology;
	struct slot slot;
	struct qemu qemu;
	struct image image;
	struct folder folder;
	struct machine *machine;
	struct snapshot_key key;
	double scale;
	bool cold;     /* no snapshot is made or used */
	bool restored; /* the first life began from a snapshot */
	enum { NEXT_BOOT_RESTART, NEXT_BOOT_COLD, NEXT_BOOT_SNAPSHOT } next_boot;
};

/* The first life, until vfsuite answers; and the end of any. */
int life_begin(struct emulated *rig, struct err *err);
void life_end(struct emulated *rig);

/* The state disk of the first life, or what a flaw of the rig makes of it before a later one. */
int life_prepare_state(struct emulated *rig, bool first, struct err *err);

/* Ends the present life by ACTION ("reboot" waits for the guest to do it), and waits for the next,
 * in another slot after "reslot", until a new vfsuite answers. BOOT: {"boot":"cold" or "snapshot","boot_s":R}. */
int life_leave(struct emulated *rig, const char *action, const struct record *arguments,
		struct err *err);
int life_return(struct emulated *rig, struct record **boot, struct err *err);

#endif
