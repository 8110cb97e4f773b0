/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RIG_RIG_H
#define RIG_RIG_H

#include <stdbool.h>

#include "command/verb.h"
#include "data/ini.h"
#include "data/record.h"
#include "rig/channel.h"

/*
 * A rig: a machine under test with its card, and the link partner on the other end of the wire.
 * Between rig_up() and rig_down() a vfsuite runs on it and answers on the channel.
 */
struct rig;
struct rig_kind; /* rig/rig_kind.h */

/* Ways in which the boots of a rig are broken on purpose; zero for a sound rig. */
struct boot_defect {
	const char *at_start;   /* a shell command before vfsuite starts, on each boot, or NULL */
	bool without_restore;   /* at boot nothing restores the VFs */
	const char *after_boot; /* a shell command on the machine after VFs are restored, or NULL */
	bool state_lost;        /* after a power cut the state disk is empty */
};

enum { RIG_VALUES_LIMIT = 24 };

/* The strings must live as long as the rig. */
struct rig_options {
	const struct rig_kind *kind;
	const char *target; /* what follows the kind and a colon in --rig, or NULL */

	/* The options of the kind; rig_option() and rig_options_set(). */
	struct {
		const char *name, *value;
	} values[RIG_VALUES_LIMIT];
	size_t value_count;

	const char *data_dir;  /* holds fixtures/ and vmimages/ */
	const char *tools_dir; /* holds the vfctl and vfsuite to test */
	const char *cache_dir; /* of images and snapshots */
	const char *run_dir;   /* holds private folders with sockets, so its path must be short */
	const char *qemu;      /* the path of this machine's own QEMU; NULL: it has none */

	/* The rig's private folder; NULL: a new one in run_dir, with a generated name. */
	const char *folder;

	/* Files laid over an emulated rig's topology; they come from defects. Sections other
	 * than those of a topology are ignored. */
	const struct ini *const *overlays;
	size_t overlay_count;
	struct boot_defect boot_defect;

	/* Called before steps that take time: "booting the image (no snapshot yet)". May be
	 * NULL. */
	void (*progress)(void *argument, const char *what);
	void *progress_argument;
};

/* The value of an option of the rig's kind, "" for one that takes none; NULL: not given. */
const char *rig_option(const struct rig_options *options, const char *name);

/* Sets an option; NULL unsets it. */
void rig_options_set(struct rig_options *options, const char *name, const char *value);

/* Sets kind, target and the options of the kind from the command line. -EINVAL for an option of
 * another kind. */
int rig_options_read(const struct verb_call *call, struct rig_options *options, struct err *err);

/* The flags --rig and those of all kinds; those of the default kind alone. For struct verb's
 * more_flags. */
const struct flag *rig_flags(size_t index);
const struct flag *rig_flags_default(size_t index);

/* Checks the options as far as possible without bringing anything up. */
int rig_check(const struct rig_options *options, struct err *err);

/* The needs of checks that no rig with these options meets: "guests", "peer"; the last is NULL. */
const char *const *rig_lacks(const struct rig_options *options);

int rig_up(const struct rig_options *options, struct rig **rig, struct err *err);

struct channel *rig_channel(struct rig *rig);

/* What the controller knows about the rig:
 * {"kind","topology","accelerator","qemu","machine","image",
 * "snapshot":bool,"pf","partner","scale","origin":"emulated" or "silicon","vfsuite":SHA-256 of the
 * program}, and "title" for an emulated one. pf, partner and scale are for the request "run"; the
 * action "reslot" changes pf. It lives as long as the rig. */
const struct record *rig_identity(const struct rig *rig);

/* The names of the actions that checks can ask the rig for (suites/protocol.md), an array. It lives as
 * long as the rig. */
const struct record *rig_actions(const struct rig *rig);

/* Carries out one of them. ARGUMENTS come from the machine under test. */
int rig_act(struct rig *rig, const char *action, const struct record *arguments, struct err *err);

/* Some actions reboot the machine: reboot, reset, power-cut, reslot. After rig_act() has started
 * one (for "reboot" the machine must then reboot itself), rig_reboot_wait() waits until a new
 * vfsuite answers, on another rig_channel(). BOOT becomes {"boot":"cold" or "snapshot","boot_s":R},
 * which the caller frees. */
bool rig_action_reboots(const char *action);
int rig_reboot_wait(struct rig *rig, struct record **boot, struct err *err);

/* The last lines of the machine's console, which the caller frees; NULL if it has none. */
char *rig_console_tail(const struct rig *rig);

/* For people at the machine (vfcert lab): ends vfsuite and the channel. After that the image's
 * init (vmimages/README.md) listens on the socket "control" in the rig's folder, and the machine's
 * terminal is the socket "console". -ENOTSUP if the rig has no console. */
int rig_lend_console(struct rig *rig, struct err *err);
const char *rig_folder(const struct rig *rig);

/* Waits until such a machine ends: 0, or -EINTR. */
int rig_wait(struct rig *rig, struct err *err);

/* Ends the machine, or the local vfsuite, and removes what was made for it. RIG may be NULL. */
void rig_down(struct rig *rig);
void cleanup_rig(struct rig **rig);

#endif
