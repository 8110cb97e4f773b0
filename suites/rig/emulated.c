/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "rig/action.h"
#include "rig/folder.h"
#include "rig/image.h"
#include "rig/interrupt.h"
#include "rig/rig_kind.h"
#include "rig/snapshot.h"

/*
 * The emulated rig: a topology in QEMU with the hypervisor image. It comes up from a snapshot where
 * there is one, else it boots, and the snapshot is taken the moment the image is ready: nothing has
 * created VFs by then. Either way the init is then told to start vfsuite from the tools disk, which
 * is not part of the snapshot.
 *
 * A snapshot that does not come to life is removed and the machine booted, once.
 */

#define SCALE_KVM     1.0
#define SCALE_TCG     4.0
#define BOOT_TIME_MS  30000 /* times the scale */
#define HELLO_TIME_MS 10000 /* times the scale */
#define TAIL_LINES    15
#define RUN_PLACE     "RUN" /* for the folders in a command line that is compared */
#define IMAGE_PLACE   "IMAGE"

struct emulated {
	struct rig rig;
	struct topology *topology;
	struct qemu qemu;
	char *image;
	struct folder folder;
	struct machine *machine;
	struct snapshot_key key;
	double scale;
	bool restored;
};

/* Ends the machine, so that another can be started. */
static void stop_machine(struct emulated *rig)
{
	channel_free(TAKE(rig->rig.channel));
	machine_end(TAKE(rig->machine));
}

static void emulated_end(struct rig *common)
{
	struct emulated *rig = (struct emulated *)common;

	stop_machine(rig);
	folder_remove(&rig->folder);
	topology_free(rig->topology);
	record_free(rig->rig.identity);
	record_free(rig->rig.actions);
	free(rig->image);
	free(rig);
}

static void cleanup_emulated(struct emulated **rig)
{
	if (*rig)
		emulated_end(&(*rig)->rig);
}

static char *emulated_console(const struct rig *common)
{
	return console_tail(((const struct emulated *)common)->folder.path, TAIL_LINES);
}

static const char *emulated_folder(const struct rig *common)
{
	return ((const struct emulated *)common)->folder.path;
}

static int emulated_lend(struct rig *common, struct err *err)
{
	struct emulated *rig = (struct emulated *)common;
	struct deadline deadline = deadline_in((int64_t)(HELLO_TIME_MS * rig->scale));
	struct record *request = record_object();
	int rc;

	record_put_str(request, "op", "quit");
	rc = channel_ask(common->channel, request, deadline, NULL, err);
	if (!rc)
		rc = channel_hear(common->channel, "exited", deadline, err);
	if (!rc)
		channel_free(TAKE(common->channel));
	return rc;
}

static int emulated_wait(struct rig *common, struct err *err)
{
	struct emulated *rig = (struct emulated *)common;
	struct pollfd polled = { .fd = rig->machine->process.fd, .events = POLLIN };
	int rc;

	do {
		rc = interrupt_poll(&polled, 1, deadline_in(INT32_MAX), err);
	} while (rc == -ETIMEDOUT);
	return rc < 0 ? rc : 0;
}

static int emulated_act(struct rig *common, const char *action, const struct record *arguments,
		struct err *err)
{
	struct emulated *rig = (struct emulated *)common;

	return action_do(rig->machine->qmp, rig->topology, action, arguments, err);
}

static const struct rig_methods emulated_methods = {
	.act = emulated_act,
	.end = emulated_end,
	.console = emulated_console,
	.lend = emulated_lend,
	.wait = emulated_wait,
	.folder = emulated_folder,
};

static void explain(void *argument, struct err *err)
{
	machine_explain(argument, err);
}

static int start_machine(struct emulated *rig, const struct rig_options *options, bool incoming,
		struct err *err)
{
	CLEANUP(words_free) struct words command = { .list = NULL };
	int rc;

	qemu_command(&command, options->qemu, rig->topology, rig->qemu.kvm, rig->image,
			rig->folder.path);
	if (incoming) {
		words_add(&command, "-incoming");
		words_add(&command, "defer");
	}
	rc = machine_start(&command, rig->folder.path, &rig->machine, err);
	if (rc < 0)
		return rc;
	rig->rig.channel = channel_new(rig->machine->control, rig->machine->control);
	rig->machine->control = -1;
	channel_explain(rig->rig.channel, explain, rig->machine);
	return 0;
}

/* The clock of a restored machine stands at the time of its snapshot, so the init sets it. */
static int start_vfsuite(struct emulated *rig, struct err *err)
{
	CLEANUP(cleanup_free) char *line = file_path("start %lld", (long long)time(NULL));
	int rc = channel_tell(rig->rig.channel, line, err);

	if (!rc)
		rc = rig_hello(&rig->rig, deadline_in((int64_t)(HELLO_TIME_MS * rig->scale)), err);
	return rc;
}

/* A snapshot costs a run nothing but time: without it the run goes on. */
static int take_snapshot(struct emulated *rig, const struct rig_options *options, struct err *err)
{
	struct err cause = { 0 };
	int rc = snapshot_save(rig->machine, options->cache_dir, &rig->key,
			rig->topology->memory_mib, &cause);

	if (rc == -EINTR || (rc < 0 && machine_has_ended(rig->machine, deadline_in(0))))
		return err_set(err, cause.code, "%s", cause.msg);
	if (rc < 0)
		rig_progress(options, "no snapshot: %s", cause.msg);
	return machine_continue(rig->machine, err);
}

static int boot(struct emulated *rig, const struct rig_options *options, struct err *err)
{
	int64_t time_ms = (int64_t)(BOOT_TIME_MS * rig->scale);
	int rc = start_machine(rig, options, false, err);

	if (!rc)
		rc = channel_hear(rig->rig.channel, "ready", deadline_in(time_ms), err);
	if (rc < 0)
		err_prefix(err, "booting the image: ");
	if (!rc && !options->cold)
		rc = take_snapshot(rig, options, err);
	return rc < 0 ? rc : start_vfsuite(rig, err);
}

/* -ESTALE: the snapshot did not come to life. */
static int restore(struct emulated *rig, const struct rig_options *options, const char *state,
		struct err *err)
{
	struct err cause = { 0 };
	int rc = start_machine(rig, options, true, err);

	if (rc < 0)
		return rc;
	rc = machine_restore(rig->machine, state, &cause);
	if (rc < 0 && rc != -EINTR)
		return err_set(err, ESTALE, "%s", cause.msg);
	if (!rc)
		rc = start_vfsuite(rig, &cause);
	rig->restored = !rc;
	if (!rc)
		return 0;
	/* Silence may be the snapshot's fault. An init that speaks is alive, and says the cause. */
	if (rc == -ETIMEDOUT || machine_has_ended(rig->machine, deadline_in(0)))
		rc = -ESTALE;
	return err_set(err, -rc, "%s", cause.msg);
}

static int bring_up(struct emulated *rig, const struct rig_options *options, struct err *err)
{
	CLEANUP(cleanup_free) char *state = NULL;
	CLEANUP(cleanup_fd) int lock = -1;
	struct err cause = { 0 };
	int rc;

	if (options->cold)
		return boot(rig, options, err);
	if (snapshot_find(options->cache_dir, &rig->key, &state, &lock) < 0) {
		rig_progress(options, "booting the image (no snapshot of this rig yet)");
		return boot(rig, options, err);
	}
	rc = restore(rig, options, state, &cause);
	if (rc != -ESTALE) {
		*err = rc < 0 ? cause : *err;
		return rc;
	}
	rig_progress(options, "booting the image: its snapshot is of no use (%s)", cause.msg);
	stop_machine(rig);
	cleanup_fd(&lock);
	lock = -1;
	snapshot_remove(options->cache_dir, &rig->key);
	return boot(rig, options, err);
}

/* The same machine in another folder is the same machine. Under KVM the processor is the host's,
 * and a state does not fit another one. */
static int make_key(struct emulated *rig, struct err *err)
{
	CLEANUP(words_free) struct words command = { .list = NULL };
	CLEANUP(cleanup_free) char *cpu = NULL;
	const char *model, *flags;
	int rc;

	qemu_command(&command, "qemu", rig->topology, rig->qemu.kvm, IMAGE_PLACE, RUN_PLACE);
	if (rig->qemu.kvm) {
		rc = file_read(AT_FDCWD, "/proc/cpuinfo", 16u << 20, &cpu, NULL, err);
		if (rc < 0)
			return rc;
		model = strstr(cpu, "model name");
		flags = strstr(cpu, "flags");
		words_add(&command, "%.*s", model ? (int)strcspn(model, "\n") : 0, model);
		words_add(&command, "%.*s", flags ? (int)strcspn(flags, "\n") : 0, flags);
	}
	snapshot_key(&rig->qemu, rig->image, &command, &rig->key);
	return 0;
}

static void describe(struct emulated *rig)
{
	struct record *identity = rig->rig.identity = record_object();
	const char *image = strrchr(rig->image, '/');

	record_put_str(identity, "kind", "emulated");
	record_put_str(identity, "topology", rig->topology->id);
	record_put_str(identity, "title", rig->topology->title);
	record_put_str(identity, "accelerator", rig->qemu.kvm ? "kvm" : "tcg");
	record_put_str(identity, "qemu", rig->qemu.version);
	record_put_str(identity, "machine", rig->topology->machine.properties[0].value);
	record_put_str(identity, "image", image ? image + 1 : rig->image);
	record_put_bool(identity, "snapshot", rig->restored);
	record_put_str(identity, "pf", rig->topology->pf_address);
	record_put_str(identity, "partner", rig->topology->partner_mac);
	record_put_real(identity, "scale", rig->scale);
	record_put_str(identity, "origin", "emulated");
}

static int load_topology(
		const struct rig_options *options, struct topology **topology, struct err *err)
{
	CLEANUP(cleanup_free)
	char *topologies = file_path("%s/fixtures/topologies", options->data_dir);

	return topology_load(topologies, options->topology ? options->topology : "igb",
			options->overlays, options->overlay_count, topology, err);
}

int rig_check_emulated(const struct rig_options *options, struct err *err)
{
	struct topology *topology = NULL;
	int rc = load_topology(options, &topology, err);

	topology_free(topology);
	return rc;
}

static int prepare(struct emulated *rig, const struct rig_options *options, struct err *err)
{
	CLEANUP(cleanup_free) char *tools = NULL;
	int rc = load_topology(options, &rig->topology, err);

	if (!rc)
		rc = qemu_inspect(options, &rig->qemu, err);
	if (!rc)
		rc = image_find(options, &rig->image, err);
	if (!rc)
		rc = qemu_try_kvm(options, rig->image, &rig->qemu, err);
	if (rc < 0)
		return rc;
	rig_progress(options, "%s: %s", rig->qemu.kvm ? "KVM" : "no KVM, so QEMU translates (TCG)",
			rig->qemu.reason);
	rig->scale = rig->qemu.kvm ? SCALE_KVM : SCALE_TCG;
	rc = make_key(rig, err);
	if (!rc)
		rc = folder_make(options->run_dir, options->folder, &rig->folder, err);
	if (rc < 0)
		return rc;
	tools = file_path("%s/tools.erofs", rig->folder.path);
	return image_pack_tools(options, tools, err);
}

int rig_up_emulated(const struct rig_options *options, struct rig **rig, struct err *err)
{
	CLEANUP(cleanup_emulated) struct emulated *fresh = calloc(1, sizeof(*fresh));
	int rc;

	if (!fresh)
		abort();
	fresh->rig.methods = &emulated_methods;
	fresh->folder = FOLDER_NONE;
	rc = prepare(fresh, options, err);
	if (!rc)
		rc = bring_up(fresh, options, err);
	if (rc < 0)
		return rc;
	describe(fresh);
	fresh->rig.actions = action_list(fresh->topology);
	*rig = &TAKE(fresh)->rig;
	return 0;
}
