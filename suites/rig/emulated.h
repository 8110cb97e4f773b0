/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RIG_EMULATED_H
#define RIG_EMULATED_H

#include "rig/folder.h"
#include "rig/image.h"
#include "rig/move_card.h"
#include "rig/rig_kind.h"
#include "rig/snapshot.h"

/* An emulated rig, shared by emulated.c, which builds it, and boot.c, which boots its machine. */
struct emulated {
	struct rig rig;
	struct rig_options options;
	struct topology *topology;
	struct moved_card card;
	struct qemu qemu;
	struct image image;
	struct folder folder;
	struct machine *machine;
	struct emulated *peer; /* the second machine, which has no vfsuite; NULL: none */
	bool is_peer;
	struct snapshot_key key;
	double scale;
	bool cold;     /* neither use nor make a snapshot */
	bool restored; /* the first boot was from a snapshot */
	enum { NEXT_BOOT_RESTART, NEXT_BOOT_COLD, NEXT_BOOT_SNAPSHOT } next_boot;
};

/* Loads the topology that the options name, with overlays on it. */
int emulated_load(const struct rig_options *options, const struct ini *const *overlays,
		size_t overlay_count, struct topology **topology, struct err *err);

/* Finds or makes all that the machine of rig->topology starts from. */
int emulated_prepare(struct emulated *rig, struct err *err);

/* Brings up the second machine of a topology that has one, in a folder within that of the first. The
 * first connects to it, so it comes later. */
int peer_up(struct emulated *rig, struct err *err);

/* Boots the machine for the first time and waits until vfsuite answers. */
int emulated_boot(struct emulated *rig, struct err *err);

/* Ends the machine and closes the channel. */
void emulated_stop(struct emulated *rig);

/* Makes the state disk, for the first boot or if the rig loses it before a later one. */
int emulated_make_state(struct emulated *rig, bool first, struct err *err);

/* Starts ACTION, one of those that reboot; for "reboot" the guest itself must then reboot. After
 * "reslot" the card is in another slot. */
int emulated_reboot_begin(struct emulated *rig, const char *action, const struct record *arguments,
		struct err *err);

/* Waits until a new vfsuite answers. BOOT becomes {"boot":"cold" or "snapshot","boot_s":R}. */
int emulated_reboot_wait(struct emulated *rig, struct record **boot, struct err *err);

#endif
