/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "rig/emulated.h"
#include "rig/image.h"
#include "rig/start_vfsuite.h"

/*
 * An emulated machine starts from a snapshot if there is one. Otherwise it boots, and the snapshot
 * is taken as soon as the image is ready, before anything creates VFs. Then the init is told to
 * start vfsuite from the tools disk; neither this disk nor the state disk is part of the snapshot.
 *
 * If a snapshot cannot be started, it is removed, and the machine boots, once.
 *
 * After a power cut the snapshot can replace a boot: it is the state of a machine that has booted
 * but has not read its state disk.
 */

#define BOOT_TIME_MS   30000 /* times the scale */
#define DAEMON_TIME_MS 15000 /* times the scale, more for libvirt's daemon */
#define GUEST_TIME_MS  60000 /* times the scale, more for each guest */

void emulated_stop(struct emulated *rig)
{
	channel_free(TAKE(rig->rig.channel));
	machine_end(TAKE(rig->machine));
}

static void explain(void *argument, struct err *err)
{
	machine_explain(argument, err);
}

static void open_channel(struct emulated *rig)
{
	rig->rig.channel = channel_new(rig->machine->control, rig->machine->control);
	rig->machine->control = -1;
	channel_explain(rig->rig.channel, explain, rig->machine);
}

static int start_machine(struct emulated *rig, bool incoming, struct err *err)
{
	CLEANUP(argv_free) struct argv command = { .list = NULL };
	int rc;

	qemu_command(&command, rig->qemu.program, rig->topology, rig->qemu.kvm, &rig->image,
			rig->folder.path);
	if (incoming) {
		argv_add(&command, "-incoming");
		argv_add(&command, "defer");
	}
	rc = machine_start(&command, rig->folder.path, &rig->machine, err);
	if (rc < 0)
		return rc;
	open_channel(rig);
	return 0;
}

static int start_suite(struct emulated *rig, struct err *err)
{
	if (rig->is_peer)
		return start_peer(rig->rig.channel, rig->scale, err);
	return start_vfsuite(rig->rig.channel, &rig->options.boot_defect, rig->scale, err);
}

/* A run continues without a snapshot. */
static int take_snapshot(struct emulated *rig, struct err *err)
{
	struct err cause = { 0 };
	int rc = snapshot_save(rig->machine, rig->options.cache_dir, &rig->key,
			rig->topology->memory_mib, &cause);

	if (rc == -EINTR || (rc < 0 && machine_has_ended(rig->machine, deadline_in(0))))
		return err_pass(err, &cause, "%s", cause.msg);
	if (rc < 0)
		rig_progress(&rig->options, "no snapshot: %s", cause.msg);
	return machine_continue(rig->machine, err);
}

static struct deadline boot_deadline(const struct emulated *rig)
{
	int64_t time_ms = BOOT_TIME_MS + (int64_t)rig->topology->guests * GUEST_TIME_MS +
			(rig->topology->hosts_guests ? DAEMON_TIME_MS : 0);

	return deadline_in((int64_t)((double)time_ms * rig->scale));
}

static int boot_cold(struct emulated *rig, bool keep, struct err *err)
{
	int rc = start_machine(rig, false, err);

	if (!rc)
		rc = channel_await_event(rig->rig.channel, "ready", boot_deadline(rig), err);
	if (rc < 0)
		err_prefix(err, "booting the image: ");
	if (!rc && keep)
		rc = take_snapshot(rig, err);
	return rc < 0 ? rc : start_suite(rig, err);
}

/* -ESTALE: the snapshot does not start. */
static int boot_from_snapshot(struct emulated *rig, const char *state, struct err *err)
{
	struct err cause = { 0 };
	int rc = start_machine(rig, true, err);

	if (rc < 0)
		return rc;
	rc = machine_restore(rig->machine, state, &cause);
	if (rc < 0 && rc != -EINTR)
		return err_set(err, ESTALE, "%s", cause.msg);
	if (!rc)
		rc = start_suite(rig, &cause);
	rig->restored = !rc;
	if (!rc)
		return 0;
	/* The snapshot may be the cause of silence. An init that answers is not silent, and
	 * names its cause. */
	if (rc == -ETIMEDOUT || machine_has_ended(rig->machine, deadline_in(0)))
		rc = -ESTALE;
	return err_set(err, -rc, "%s", cause.msg);
}

int emulated_boot(struct emulated *rig, struct err *err)
{
	CLEANUP(cleanup_free) char *state = NULL;
	CLEANUP(cleanup_fd) int lock = -1;
	struct err cause = { 0 };
	int rc;

	if (rig->cold)
		return boot_cold(rig, false, err);
	if (snapshot_find(rig->options.cache_dir, &rig->key, &state, &lock) < 0) {
		rig_progress(&rig->options, "booting the image (no snapshot of this rig yet)");
		return boot_cold(rig, !rig->cold, err);
	}
	rc = boot_from_snapshot(rig, state, &cause);
	if (rc != -ESTALE) {
		*err = rc < 0 ? cause : *err;
		return rc;
	}
	rig_progress(&rig->options, "booting the image: its snapshot does not start (%s)",
			cause.msg);
	emulated_stop(rig);
	cleanup_fd(&lock);
	lock = -1;
	snapshot_remove(rig->options.cache_dir, &rig->key);
	return boot_cold(rig, !rig->cold, err);
}

int emulated_make_state(struct emulated *rig, bool first, struct err *err)
{
	CLEANUP(cleanup_free) char *state = text_format("%s/state.ext4", rig->folder.path);

	if (!first && !rig->options.boot_defect.state_lost)
		return 0;
	return image_make_state(rig->options.data_dir, state, err);
}

int emulated_reboot_begin(struct emulated *rig, const char *action, const struct record *arguments,
		struct err *err)
{
	int rc = 0;

	rig->next_boot = NEXT_BOOT_RESTART;
	if (!strcmp(action, "reslot")) {
		card_move(&rig->card, rig->topology);
		record_put_str(rig->rig.identity, "pf", card_pf(&rig->card, rig->topology));
	}
	if (!strcmp(action, "power-cut") || !strcmp(action, "reslot")) {
		/* The snapshot shows the machine with the card in its own slot. */
		bool cold = rig->cold || rig->card.devices ||
				!strcmp(record_str(arguments, "boot", ""), "cold");

		rig->next_boot = cold ? NEXT_BOOT_COLD : NEXT_BOOT_SNAPSHOT;
		emulated_stop(rig);
		return 0;
	}
	rc = machine_allow_restart(rig->machine, true, err);
	return rc < 0 || strcmp(action, "reset") ? rc : machine_restart(rig->machine, err);
}

/* The guest restarts in the same QEMU. A new connection drops what it sent before the restart. */
static int wait_for_restart(struct emulated *rig, struct err *err)
{
	struct deadline deadline = boot_deadline(rig);
	int rc = machine_restarted(rig->machine, deadline, err);

	if (rc < 0)
		return rc;
	channel_free(TAKE(rig->rig.channel));
	rc = machine_reconnect(rig->machine, err);
	if (rc < 0)
		return rc;
	open_channel(rig);
	rc = channel_await_event(rig->rig.channel, "ready", deadline, err);
	if (!rc)
		rc = machine_allow_restart(rig->machine, false, err);
	return rc ? rc : start_suite(rig, err);
}

/* Without a snapshot the boot is a cold one. */
static int power_on(struct emulated *rig, struct err *err)
{
	CLEANUP(cleanup_free) char *state = NULL;
	CLEANUP(cleanup_fd) int lock = -1;
	int rc = emulated_make_state(rig, false, err);

	if (rc < 0)
		return rc;
	if (rig->next_boot == NEXT_BOOT_SNAPSHOT &&
			snapshot_find(rig->options.cache_dir, &rig->key, &state, &lock) == 0)
		return boot_from_snapshot(rig, state, err);
	rig->next_boot = NEXT_BOOT_COLD;
	return boot_cold(rig, false, err);
}

int emulated_reboot_wait(struct emulated *rig, struct record **boot, struct err *err)
{
	int64_t began_ms = clock_ms();
	int rc = rig->next_boot == NEXT_BOOT_RESTART ? wait_for_restart(rig, err)
						     : power_on(rig, err);

	if (rc < 0)
		return rc;
	*boot = record_object();
	record_put_str(*boot, "boot", rig->next_boot == NEXT_BOOT_SNAPSHOT ? "snapshot" : "cold");
	record_put_real(*boot, "boot_s", (double)(clock_ms() - began_ms) / 1000);
	return 0;
}
