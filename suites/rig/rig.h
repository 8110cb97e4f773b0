/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RIG_RIG_H
#define RIG_RIG_H

#include <stdbool.h>

#include "base/ini.h"
#include "base/record.h"
#include "rig/channel.h"

/*
 * A rig: a machine under test with its card, and the link partner on the other end of the wire.
 * Between rig_up() and rig_down() a vfsuite runs on it and answers on the channel.
 */
struct rig;

enum rig_kind {
	RIG_EMULATED, /* a machine in QEMU, from a topology file */
	RIG_LOCAL,    /* this host, and only the named PF on it */
};

/* Ways in which a rig is broken on purpose; zero for a sound one. */
struct rig_flaws {
	bool without_restore;   /* at boot nothing restores the VFs */
	const char *after_boot; /* a shell command on the machine that has restored them, or NULL */
	bool state_lost;        /* after a power cut the state disk is empty */
};

/* What they point to has to live as long as the rig. */
struct rig_options {
	enum rig_kind kind;

	const char *data_dir;  /* holds fixtures/ and vmimages/ */
	const char *tools_dir; /* holds the vfctl and vfsuite to test */
	const char *cache_dir; /* of images and snapshots */
	const char *run_dir;   /* a private folder is made in it; short, since sockets lie there */
	const char *qemu;      /* this machine's own QEMU, a path; NULL: it has none */

	/* Emulated: the topology's name or file (NULL: "igb"), and files laid over it (defects);
	 * sections other than those of a topology are not looked at. */
	const char *topology;
	const struct ini *const *overlays;
	size_t overlay_count;

	/* Emulated: the beginning of a version ("6.12"), or the file of a kernel and, unless it has
	 * none, the folder of its modules; NULL: the image's usual one. */
	const char *kernel, *modules;
	/* Emulated: the beginning of a version; NULL: this machine's own where it has what the
	 * topology needs, else the newest. Others than this machine's are built. */
	const char *qemu_version;

	bool cold; /* boot, and neither use nor make a snapshot */
	struct rig_flaws flaws;

	/* Emulated: the machine's folder, to be made; NULL: a private one in run_dir. */
	const char *folder;

	/* Local: the PF (BDF) that may be broken, and its partner's interface or NULL. */
	const char *safe_to_break, *partner;

	/* Told what takes time: "booting the image (no snapshot yet)". May be NULL. */
	void (*progress)(void *argument, const char *what);
	void *progress_argument;
};

/* What can be told of the options without bringing anything up. */
int rig_check(const struct rig_options *options, struct err *err);

int rig_up(const struct rig_options *options, struct rig **rig, struct err *err);

struct channel *rig_channel(struct rig *rig);

/* What the controller knows of the rig: {"kind","topology","accelerator","qemu","machine","image",
 * "snapshot":bool,"pf","partner","scale","origin":"emulated" or "silicon","vfsuite":SHA-256 of the
 * program}, for an emulated rig "title"
 * too. It lives as long as the rig; after the action "reslot" pf is another. pf, partner and scale are those for the request "run". */
const struct record *rig_identity(const struct rig *rig);

/* What the rig can do when a check asks for it: names of actions (suites/protocol.md), an empty array
 * where it can do nothing. It lives as long as the rig. */
const struct record *rig_actions(const struct rig *rig);

/* Does one of them. ARGUMENTS come from the machine under test. */
int rig_act(struct rig *rig, const char *action, const struct record *arguments, struct err *err);

/* Actions that end the machine's present life: reboot, reset, power-cut, reslot. After rig_act() has begun
 * it ("reboot" waits for the machine to reboot itself), rig_reboot_wait() waits for the next one, until a
 * new vfsuite answers on rig_channel(), which is another one then. BOOT tells how the machine came
 * up: {"boot":"cold" or "snapshot","boot_s":R}, the caller's. */
bool rig_action_reboots(const char *action);
int rig_reboot_wait(struct rig *rig, struct record **boot, struct err *err);

/* The last lines of the machine's console, for a report of what went wrong; for the caller to
 * free, NULL where there is no console. */
char *rig_console_tail(const struct rig *rig);

/* Emulated, for people at the machine (vfcert lab): ends vfsuite and the channel. From then on the
 * image's init (vmimages/README.md) listens on the socket "control" in the rig's folder, and the
 * machine's terminal is the socket "console". */
int rig_lend(struct rig *rig, struct err *err);
const char *rig_folder(const struct rig *rig);

/* Waits for the end of a lent machine: 0, or -EINTR. */
int rig_wait(struct rig *rig, struct err *err);

/* Ends the machine, or the local vfsuite, and removes what was made for it. */
int rig_down(struct rig *rig, struct err *err);
void cleanup_rig(struct rig **rig);

#endif
